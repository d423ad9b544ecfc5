##! Queries of DNS watched: long ones, rare domains, many that fail; what becomes of the notices.

module DnsWatch;

export {
	redef enum Notice::Type += { Long_Query, Many_Failures };

	option max_len = 12;
	option failures_threshold = 1.0;

	redef record DNS::Info += {
		is_rare: bool &log &optional;
		query_len: count &log &optional;
	};

	const rare_tlds = set("example", "xyz") &redef;
	global failures: table[addr] of count &default=0 &create_expire=5min;
}

event dns_request(c: connection, msg: dns_msg, query: string, qtype: count, qclass: count)
	{
	print fmt("%s asks for %s (%s), id %d", c$id$orig_h, query, DNS::query_types[qtype], msg$id);

	if ( |query| > max_len )
		NOTICE([$note=Long_Query, $conn=c, $msg=fmt("long query %s", query), $sub=query, $n=|query|,
		        $identifier=cat(c$id$orig_h, query), $suppress_for=1min]);

	local labels = split_string(query, /\./);
	if ( labels[|labels| - 1] in rare_tlds )
		c$dns$is_rare = T;
	c$dns$query_len = |query|;
	}

event dns_TXT_reply(c: connection, msg: dns_msg, ans: dns_answer, strs: string_vec)
	{
	for ( i in strs )
		print "text", i, strs[i];
	}

event dns_query_reply(c: connection, msg: dns_msg, query: string, qtype: count, qclass: count)
	{
	if ( msg$rcode == 3 && ++failures[c$id$orig_h] >= failures_threshold )
		NOTICE([$note=Many_Failures, $src=c$id$orig_h, $msg=fmt("%d failed", failures[c$id$orig_h])]);
	}

hook DNS::log_policy(rec: DNS::Info, id: Log::ID, filter: Log::Filter)
	{
	if ( rec?$qtype_name && rec$qtype_name == "PTR" )
		break;
	}

hook Notice::policy(n: Notice::Info) &priority=5
	{
	if ( n$note == DnsWatch::Many_Failures && n?$src && n$src in 192.0.2.0/24 )
		break;

	if ( n$note == DnsWatch::Long_Query )
		{
		n$suppress_for = 30 secs;
		n$email_body_sections += "asked " + n$sub;
		add n$actions[Notice::ACTION_ALARM];
		}
	}

event Notice::begin_suppression(ts: time, suppress_for: interval, note: Notice::Type, identifier: string)
	{
	print "suppressed", note, suppress_for;
	}
