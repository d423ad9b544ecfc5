##! Adds the packet to analyzer.log in which an analyzer met what it does not understand.

@load base/frameworks/analyzer

module Analyzer::Logging;

export {
	redef record Analyzer::Logging::Info += {
		## The beginning of the packet.
		packet_segment: string &log &optional;
	};

	## Bytes of the packet that are logged; all for a negative number.
	option packet_segment_size: int = 255;
}

redef record connection += {
	## The beginning of the packet of the latest violation.
	packet_segment: string &log &optional;
};

function beginning(): string
	{
	local data = get_current_packet()$data;
	return packet_segment_size < 0 ? data : sub_bytes(data, 0, int_to_count(packet_segment_size));
	}

event analyzer_violation_info(atype: AllAnalyzers::Tag, info: AnalyzerViolationInfo) &priority=10
	{
	if ( info?$c )
		info$c$packet_segment = beginning();
	}

hook Analyzer::Logging::log_policy(rec: Analyzer::Logging::Info, id: Log::ID, filter: Log::Filter)
	{
	if ( id != Analyzer::Logging::LOG )
		return;

	if ( rec?$id && connection_exists(rec$id) )
		{
		local c = lookup_connection(rec$id);
		if ( c?$packet_segment )
			rec$packet_segment = c$packet_segment;
		}
	}
