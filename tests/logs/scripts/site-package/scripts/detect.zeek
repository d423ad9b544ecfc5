@load base/frameworks/notice

module Talk;

export {
	redef enum Notice::Type += {
		## A conversation on one of the ports.
		Seen,
	};
}

event connection_state_remove(c: connection)
	{
	if ( c$id$resp_p in Talk::ports )
		NOTICE([$note=Talk::Seen, $conn=c, $msg="a conversation", $identifier=c$uid]);
	}

event analyzer_confirmation_info(atype: AllAnalyzers::Tag, info: AnalyzerConfirmationInfo)
	{
	print "confirmed", atype, info$c$id$resp_p;
	}
