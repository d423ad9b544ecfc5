##! What a connection speaks: its services come with the confirmations of its analyzers and go with their violations.

module DPD;

export {
	## Analyzers that stay in spite of violations.
	option ignore_violations: set[Analyzer::Tag] = {
		Analyzer::ANALYZER_DCE_RPC,
		Analyzer::ANALYZER_NTLM,
	};

	## Violations do not count once a connection has carried this many bytes.  0: they always do.
	option ignore_violations_after: count = 10240;

	## Whether the services of a connection keep those that failed.  Such a one is then there twice, the second time with
	## a ``-`` in front: ``http,-http``.
	option track_removed_services_in_connection = F;
}

redef record connection += {
	## Analyzers that were confirmed on the connection and failed later.
	failed_analyzers: set[string] &default=set() &ordered;
};

event analyzer_confirmation_info(atype: AllAnalyzers::Tag, info: AnalyzerConfirmationInfo) &priority=10
	{
	if ( info?$c )
		add info$c$service[Analyzer::name(atype)];
	}

event analyzer_violation_info(atype: AllAnalyzers::Tag, info: AnalyzerViolationInfo) &priority=5
	{
	if ( ! info?$c || ! is_protocol_analyzer(atype) || atype in ignore_violations )
		return;

	local c = info$c;
	if ( ignore_violations_after > 0 && c$orig$size + c$resp$size > ignore_violations_after )
		return;

	local name = Analyzer::name(atype);
	local was_confirmed = name in c$service && ("-" + name) !in c$service;

	if ( was_confirmed )
		{
		add c$failed_analyzers[name];
		if ( track_removed_services_in_connection )
			add c$service["-" + name];
		else
			delete c$service[name];
		}

	# Also without a confirmation: an analyzer that does not understand its data has no use for more of it.
	if ( info?$aid )
		disable_analyzer(c$id, info$aid, F);

	if ( was_confirmed )
		event Analyzer::analyzer_failed(network_time(), atype, info);
	}
