##! The log of packets whose protocol no packet analyzer knows: unknown_protocols.log.
##!
##! It tells what is on a network that the monitor does not see into.  Of each protocol the first packets are logged, then a
##! sample, see :bro:id:`UnknownProtocol::sampling_threshold`.

@load base/frameworks/logging

module UnknownProtocol;

export {
	redef enum Log::ID += {
		## The log of unknown protocols.
		LOG
	};

	## Decides which rows go into that log.
	global log_policy: Log::PolicyHook;

	## A packet of an unknown protocol.
	type Info: record {
		## When it came.
		ts: time &log;
		## The analyzer that met it.
		analyzer: string &log;
		## The protocol's number as that analyzer numbers them, in hexadecimal digits.
		protocol_id: string &log;
		## The same as a number.
		protocol_id_num: count;
		## The beginning of what the analyzer cannot pass on, in hexadecimal digits.
		first_bytes: string &log;
		## The analyzers that the packet has passed, the outermost first.
		analyzer_history: vector of string &log;
	};
}

event zeek_init() &priority=5
	{
	Log::create_stream(UnknownProtocol::LOG, Log::Stream($columns=Info, $path="unknown_protocols", $policy=log_policy));
	}

event unknown_protocol(analyzer_name: string, protocol: count, first_bytes: string, analyzer_history: string_vec)
	{
	Log::write(UnknownProtocol::LOG, Info($ts=network_time(), $analyzer=analyzer_name, $protocol_id=fmt("0x%x", protocol),
	                                      $protocol_id_num=protocol, $first_bytes=bytestring_to_hexstr(first_bytes),
	                                      $analyzer_history=analyzer_history));
	}
