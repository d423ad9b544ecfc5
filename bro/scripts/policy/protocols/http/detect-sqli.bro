##! Recognizes injection of SQL in URIs of HTTP, and hosts that do it again and again.

@load base/frameworks/notice
@load base/frameworks/sumstats
@load base/protocols/http

module HTTP;

export {
	redef enum Notice::Type += {
		## A host injects SQL.
		SQL_Injection_Attacker,
		## Somebody injects SQL into a server.
		SQL_Injection_Victim,
	};

	redef enum Tags += {
		## The URI looks like an injection of SQL.
		URI_SQLI,
	};

	## Requests that have to be seen.
	const sqli_requests_threshold: double = 50.0 &redef;

	## Within which time.
	const sqli_requests_interval = 5 min &redef;

	## Looks at requests that seem to be injections; ``break`` says this one is none.
	global HTTP::sqli_policy: hook(c: connection, method: string, unescaped_URI: string);

	## URIs that are injections: a value of the query that ends early or is a number, then SQL.
	const match_sql_injection_uri =
		/[\?&][^\x00-\x20\|\+=&]+=[^&]*['"%]([ \/\*\+\x09]|\/\*.*\*\/)*(or|and|having|union|select|order|group|exec|insert|update|delete|drop|waitfor|declare)([ \/\*\+\x09\(]|\/\*.*\*\/)/i
		| /[\?&][^\x00-\x20\|\+=&]+=-?[0-9]*([ \+\x09]|\/\*.*\*\/)+(or|and|having|union([ \+\x09]|\/\*.*\*\/)+(all([ \+\x09]|\/\*.*\*\/)+)?select|order([ \+\x09]|\/\*.*\*\/)+by)([ \+\x09\(]|\/\*.*\*\/)/i
		| /[\?&][^\x00-\x20\|\+=&]+=[^&]*['"][ \+\x09]*(;|--|#|\|\||\/\*)/
		| /[\?&][^\x00-\x20\|\+=&]+=[^&]*(benchmark|sleep|extractvalue|updatexml|concat|char|load_file|information_schema)[ \+\x09]*[\.\(]/i
		&redef;
}

redef record SumStats::Observation += {
	## Unique id of the connection it was made on.
	uid: string &optional;
};

event zeek_init() &priority=3
	{
	# The name of each statistic, the notice for it, and what to say.
	SumStats::create(SumStats::SumStat($name="detect-sqli-attackers", $epoch=sqli_requests_interval,
		$reducers=set(SumStats::Reducer($stream="http.sqli.attacker", $apply=set(SumStats::SUM, SumStats::SAMPLE),
		                                $num_samples=5)),
		$threshold_val(key: SumStats::Key, result: SumStats::Result) = { return result["http.sqli.attacker"]$sum; },
		$threshold=sqli_requests_threshold,
		$threshold_crossed(key: SumStats::Key, result: SumStats::Result) =
			{
			NOTICE(Notice::Info($note=SQL_Injection_Attacker, $src=key$host, $identifier=cat(key$host),
			                    $msg="An SQL injection attacker was discovered!",
			                    $email_body_sections=samples_of(result["http.sqli.attacker"]$samples)));
			}));

	SumStats::create(SumStats::SumStat($name="detect-sqli-victims", $epoch=sqli_requests_interval,
		$reducers=set(SumStats::Reducer($stream="http.sqli.victim", $apply=set(SumStats::SUM, SumStats::SAMPLE),
		                                $num_samples=5)),
		$threshold_val(key: SumStats::Key, result: SumStats::Result) = { return result["http.sqli.victim"]$sum; },
		$threshold=sqli_requests_threshold,
		$threshold_crossed(key: SumStats::Key, result: SumStats::Result) =
			{
			NOTICE(Notice::Info($note=SQL_Injection_Victim, $src=key$host, $identifier=cat(key$host),
			                    $msg="An SQL injection victim was discovered!",
			                    $email_body_sections=samples_of(result["http.sqli.victim"]$samples)));
			}));
	}

# Samples as text for mail.
function samples_of(samples: vector of SumStats::Observation): vector of string
	{
	local text = "Samples:";
	for ( i in samples )
		text += fmt("\n%s%s", samples[i]$str, samples[i]?$uid ? fmt(" (%s)", samples[i]$uid) : "");
	return vector(text);
	}

event http_request(c: connection, method: string, original_URI: string, unescaped_URI: string,
                   version: string) &priority=3
	{
	if ( match_sql_injection_uri !in unescaped_URI || ! hook HTTP::sqli_policy(c, method, unescaped_URI) )
		return;

	add c$http$tags[URI_SQLI];
	SumStats::observe("http.sqli.attacker", SumStats::Key($host=c$id$orig_h),
	                  SumStats::Observation($str=original_URI, $uid=c$uid));
	SumStats::observe("http.sqli.victim", SumStats::Key($host=c$id$resp_h),
	                  SumStats::Observation($str=original_URI, $uid=c$uid));
	}
