##! Logs the records of the authority and the additional section of replies as well.

@load base/protocols/dns

module DNS;

redef record DNS::Info += {
	## Records of the authority section.
	auth: set[string] &log &optional;
	## Records of the additional section.
	addl: set[string] &log &optional;
};

hook DNS::do_reply(c: connection, msg: dns_msg, ans: dns_answer, reply: string) &priority=4
	{
	if ( ! c?$dns || ! msg$QR || reply == "" )
		return;

	if ( ans$answer_type == DNS_AUTH )
		{
		if ( ! c$dns?$auth )
			c$dns$auth = set();

		add c$dns$auth[reply];
		}
	else if ( ans$answer_type == DNS_ADDL )
		{
		if ( ! c$dns?$addl )
			c$dns$addl = set();

		add c$dns$addl[reply];
		}
	}
