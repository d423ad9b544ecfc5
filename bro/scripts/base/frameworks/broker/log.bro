##! The log of what happens to peers.

@load ./main

module Broker;

export {
	redef enum Log::ID += { LOG };

	global log_policy: Log::PolicyHook;

	## What a row is about.
	type Type: enum {
		## A peer.
		STATUS,
		## An error.
		ERROR,
		## A message of Broker, by how serious it is.
		CRITICAL_EVENT,
		ERROR_EVENT,
		WARNING_EVENT,
		INFO_EVENT,
		VERBOSE_EVENT,
		DEBUG_EVENT,
	};

	## A row of broker.log.
	type Info: record {
		## When.
		ts: time &log;
		## What the row is about.
		ty: Type &log;
		## What happened.
		ev: string &log;
		## The peer, if it is about one.
		peer: NetworkInfo &log &optional;
		## More about it.
		message: string &log &optional;
	};
}

event zeek_init() &priority=5
	{
	Log::create_stream(Broker::LOG, Log::Stream($columns=Info, $path="broker", $policy=log_policy));
	}

function log_status(ev: string, endpoint: EndpointInfo, msg: string)
	{
	local row = Info($ts=network_time(), $ty=STATUS, $ev=ev, $message=msg);
	if ( endpoint?$network )
		row$peer = endpoint$network;

	Log::write(Broker::LOG, row);
	}

event Broker::peer_added(endpoint: EndpointInfo, msg: string)
	{
	log_status("peer-added", endpoint, msg);
	}

event Broker::peer_removed(endpoint: EndpointInfo, msg: string)
	{
	log_status("peer-removed", endpoint, msg);
	}

event Broker::peer_lost(endpoint: EndpointInfo, msg: string)
	{
	log_status("connection-terminated", endpoint, msg);
	}

event Broker::error(code: ErrorCode, msg: string)
	{
	local name = gsub(gsub(cat(code), /^Broker::/, ""), /_/, "-");
	Log::write(Broker::LOG, Info($ts=network_time(), $ty=ERROR, $ev=to_lower(name), $message=msg));
	}

event Broker::internal_log_event(lvl: LogSeverityLevel, id: string, description: string)
	{
	local types: table[LogSeverityLevel] of Type = {
		[LOG_CRITICAL] = CRITICAL_EVENT,
		[LOG_ERROR] = ERROR_EVENT,
		[LOG_WARNING] = WARNING_EVENT,
		[LOG_INFO] = INFO_EVENT,
		[LOG_VERBOSE] = VERBOSE_EVENT,
		[LOG_DEBUG] = DEBUG_EVENT,
	};
	Log::write(Broker::LOG, Info($ts=network_time(), $ty=types[lvl], $ev=id, $message=description));
	}
