# What is an injection of SQL, and what is not.

@load policy/protocols/http/detect-sqli

event zeek_init()
	{
	local injections = vector("/a?id=1' or '1'='1", "/a?id=1 union all select 1,2", "/a?x=y&id=-1+UNION+SELECT+1",
	                          "/a?q=x'--", "/a?id=1 and 1=1", "/a?n=1;x=sleep(5)", "/a?id=1' or/**/1=1");
	for ( i in injections )
		print HTTP::match_sql_injection_uri in injections[i], injections[i];

	local harmless = vector("/index.html", "/a?q=select+a+song", "/a?name=O'Brien", "/a?text=one or two", "/a?id=5&order=asc");
	for ( j in harmless )
		print HTTP::match_sql_injection_uri in harmless[j], harmless[j];
	}
