# Analyzers by port, by signature, expected, and taken away.
event zeek_init()
	{
	print Analyzer::name(Analyzer::ANALYZER_HTTP), Analyzer::get_tag("DNS"), Analyzer::has_tag("none"), 53/udp in Analyzer::registered_ports(Analyzer::ANALYZER_DNS);
	}
event new_connection(c: connection)
	{
	if ( c$id$resp_p == 8123/tcp )
		Analyzer::schedule_analyzer(192.0.2.10, 192.0.2.80, 8123/tcp, Analyzer::ANALYZER_HTTP, 5min);
	}
event scheduled_analyzer_applied(c: connection, a: Analyzer::Tag) { print "expected", c$id$resp_p, a; }
event analyzer_confirmation_info(atype: AllAnalyzers::Tag, info: AnalyzerConfirmationInfo)
	{
	print "confirmed", atype, info$c$id$resp_p;
	if ( info$c$id$resp_p == 8123/tcp )
		print "taken away", disable_analyzer(info$c$id, info$aid, T, T);
	}
hook Analyzer::disabling_analyzer(c: connection, atype: AllAnalyzers::Tag, aid: count) { print "asked", atype, c$id$resp_p; }
event http_request(c: connection, method: string, original_URI: string, unescaped_URI: string, version: string) { print "request", c$id$resp_p, original_URI; }
event connection_state_remove(c: connection) { if ( |c$service| > 0 ) print c$id$resp_p, c$service; }
