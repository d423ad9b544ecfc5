##! Logs names as they were spelled in the query, along with their lower case.  Resolvers vary the case of letters to
##! make replies harder to forge.

@load base/protocols/dns

module DNS;

redef record DNS::Info += {
	## The name as spelled in the query.
	original_query: string &log &optional;
};

event dns_request(c: connection, msg: dns_msg, query: string, qtype: count, qclass: count, original_query: string)
	{
	if ( c?$dns )
		c$dns$original_query = original_query;
	}
