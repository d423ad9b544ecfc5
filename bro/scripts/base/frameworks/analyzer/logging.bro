##! The log of analyzers that failed: analyzer.log.

@load base/frameworks/logging

module Analyzer;

export {
	## An analyzer that had been confirmed on a connection reported a violation and was taken off it.
	##
	## ts: when.
	##
	## atype: the analyzer's tag.
	##
	## info: what it reported.
	global analyzer_failed: event(ts: time, atype: AllAnalyzers::Tag, info: AnalyzerViolationInfo);
}

module Analyzer::Logging;

export {
	redef enum Log::ID += {
		## The log of failures of analyzers.
		LOG
	};

	## Decides which rows go into that log.
	global log_policy: Log::PolicyHook;

	## A row of analyzer.log.
	type Info: record {
		## When the analyzer failed.
		ts: time &log;
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
		## Its transport.
		proto: transport_proto &log &optional;
		## What the analyzer did not understand.
		failure_reason: string &log;
		## The data that it is about, or its beginning.
		failure_data: string &log &optional;
	} &redef;

	## Bytes of the data that are logged.  0: all.
	option failure_data_max_size: count = 40;

	## Raised with every row of analyzer.log.
	global log_analyzer: event(rec: Info);
}

event zeek_init() &priority=5
	{
	Log::create_stream(LOG, Log::Stream($columns=Info, $ev=log_analyzer, $path="analyzer", $policy=log_policy));
	}

# Logs that an analyzer failed.
function log_analyzer_failure(ts: time, atype: AllAnalyzers::Tag, info: AnalyzerViolationInfo)
	{
	local rec = Info($ts=ts, $analyzer_kind=Analyzer::kind(atype), $analyzer_name=Analyzer::name(atype),
	                 $failure_reason=info$reason);

	if ( info?$c )
		{
		rec$id = info$c$id;
		rec$uid = info$c$uid;
		rec$proto = get_port_transport_proto(info$c$id$orig_p);
		}

	if ( info?$f )
		rec$fuid = info$f$id;

	if ( info?$data && info$data != "" )
		{
		if ( failure_data_max_size > 0 )
			rec$failure_data = info$data[0:failure_data_max_size];
		else
			rec$failure_data = info$data;
		}

	Log::write(LOG, rec);
	}

event Analyzer::analyzer_failed(ts: time, atype: AllAnalyzers::Tag, info: AnalyzerViolationInfo) &priority=5
	{
	log_analyzer_failure(ts, atype, info);
	}

# Analyzers of packets and files are not taken off anything, so each of their violations is a failure.
event analyzer_violation_info(atype: AllAnalyzers::Tag, info: AnalyzerViolationInfo) &priority=5
	{
	if ( ! is_protocol_analyzer(atype) )
		log_analyzer_failure(network_time(), atype, info);
	}

module GLOBAL;

export {
	## The same as :bro:see:`Analyzer::analyzer_failed`, under the name that a script outside of every module may know it by.
	##
	## ts: when.
	##
	## atype: the analyzer's tag.
	##
	## info: what it reported.
	global analyzer_failed: event(ts: time, atype: AllAnalyzers::Tag, info: AnalyzerViolationInfo);
}

event Analyzer::analyzer_failed(ts: time, atype: AllAnalyzers::Tag, info: AnalyzerViolationInfo)
	{
	event analyzer_failed(ts, atype, info);
	}
