##! Timeouts of connections by what they speak: interactive sessions are quiet for long and go on.

module Conn;

export {
	## Timeouts by analyzer, from its confirmation on.
	option analyzer_inactivity_timeouts: table[AllAnalyzers::Tag] of interval = {
		[Analyzer::ANALYZER_SSH] = 1 hr,
		[Analyzer::ANALYZER_FTP] = 1 hr,
	};

	## Timeouts by the responder's port, from the establishing of a TCP connection on.
	option port_inactivity_timeouts: table[port] of interval = {
		[21/tcp] = 1 hr,
		[22/tcp] = 1 hr,
		[23/tcp] = 1 hr,
		[513/tcp] = 1 hr,
	};
}

event analyzer_confirmation_info(atype: AllAnalyzers::Tag, info: AnalyzerConfirmationInfo)
	{
	if ( atype in analyzer_inactivity_timeouts && info?$c )
		set_inactivity_timeout(info$c$id, analyzer_inactivity_timeouts[atype]);
	}

event connection_established(c: connection)
	{
	local p = c$id$resp_p;
	if ( p in port_inactivity_timeouts )
		set_inactivity_timeout(c$id, port_inactivity_timeouts[p]);
	}
