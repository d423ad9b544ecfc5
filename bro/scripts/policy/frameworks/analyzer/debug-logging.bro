##! Logs everything that happens to analyzers: confirmations, violations, and those that are taken away.  For finding out
##! why a connection was parsed as it was; ``analyzer.log`` has only the failures of protocols that had been confirmed.

@load base/frameworks/analyzer
@load base/frameworks/logging

module Analyzer::DebugLogging;

export {
	redef enum Log::ID += {
		## The log of what happens to analyzers.
		LOG
	};

	## Decides which rows go into that log.
	global log_policy: Log::PolicyHook;

	## A row of analyzer_debug.log.
	type Info: record {
		## When it happened.
		ts: time &log;
		## What happened: ``confirmation``, ``violation`` or ``disabled``.
		cause: string &log;
		## ``protocol``, ``packet`` or ``file``.
		analyzer_kind: string &log;
		## The analyzer's name, such as ``HTTP``.
		analyzer_name: string &log;
		## Unique id of the connection, if it was one.
		uid: string &log &optional;
		## Unique id of the file, if it was one.
		fuid: string &log &optional;
		## Endpoints of the connection.
		id: conn_id &log &optional;
		## What the analyzer did not understand.
		failure_reason: string &log &optional;
		## The data that it is about, or its beginning.
		failure_data: string &log &optional;
	};

	## Whether anything is logged.
	option enable = T;

	## Whether confirmations are.
	option include_confirmations = T;

	## Whether analyzers that are taken away are.
	option include_disabling = T;

	## Bytes of the data that are logged.  0: none.
	option failure_data_max_size = 40;

	## Analyzers that are left out.
	option ignore_analyzers: set[AllAnalyzers::Tag] = {};

	## Fills the fields about a connection.
	global populate_from_conn: function(rec: Info, c: connection);

	## Fills the fields about a file.
	global populate_from_file: function(rec: Info, f: fa_file);
}

event zeek_init() &priority=5
	{
	Log::create_stream(LOG, Log::Stream($columns=Info, $path="analyzer_debug", $policy=log_policy));
	}

function populate_from_conn(rec: Info, c: connection)
	{
	rec$id = c$id;
	rec$uid = c$uid;
	}

function populate_from_file(rec: Info, f: fa_file)
	{
	rec$fuid = f$id;

	# Which connection, where there is a choice, is not known.
	if ( f?$conns && |f$conns| == 1 )
		for ( _, c in f$conns )
			populate_from_conn(rec, c);
	}

function made(cause: string, atype: AllAnalyzers::Tag): Info
	{
	return Info($ts=network_time(), $cause=cause, $analyzer_kind=Analyzer::kind(atype),
	            $analyzer_name=Analyzer::name(atype));
	}

event analyzer_confirmation_info(atype: AllAnalyzers::Tag, info: AnalyzerConfirmationInfo)
	{
	if ( ! enable || ! include_confirmations || atype in ignore_analyzers )
		return;

	local rec = made("confirmation", atype);
	if ( info?$c )
		populate_from_conn(rec, info$c);
	if ( info?$f )
		populate_from_file(rec, info$f);

	Log::write(LOG, rec);
	}

event analyzer_violation_info(atype: AllAnalyzers::Tag, info: AnalyzerViolationInfo) &priority=6
	{
	if ( ! enable || atype in ignore_analyzers )
		return;

	local rec = made("violation", atype);
	rec$failure_reason = info$reason;
	if ( info?$c )
		populate_from_conn(rec, info$c);
	if ( info?$f )
		populate_from_file(rec, info$f);
	if ( info?$data && failure_data_max_size > 0 )
		rec$failure_data = info$data[0:failure_data_max_size];

	Log::write(LOG, rec);
	}

hook Analyzer::disabling_analyzer(c: connection, atype: AllAnalyzers::Tag, aid: count) &priority=-1000
	{
	if ( ! enable || ! include_disabling || atype in ignore_analyzers )
		return;

	local rec = made("disabled", atype);
	populate_from_conn(rec, c);
	Log::write(LOG, rec);
	}
