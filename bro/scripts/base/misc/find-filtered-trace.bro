##! Tells when a capture file seems to have nothing of TCP but the packets that open and close connections.  The content
##! was left out when it was made, so analyzers find nothing in it.

@load base/frameworks/packet-filter
@load base/frameworks/reporter

module FilteredTraceDetection;

export {
	## Whether to look for it.
	global enable: bool = T &redef;
}

# Connections whose content is missing.
global without_content = 0;

# Whether to look for it in what is read.
function should_detect(): bool
	{
	return enable && reading_traces();
	}

event zeek_init()
	{
	if ( ! should_detect() )
		disable_event_group("filtered-trace");
	}

event connection_state_remove(c: connection) &group="filtered-trace"
	{
	if ( ! is_tcp_port(c$id$resp_p) )
		return;

	# Some content is enough to know that it was not left out.
	if ( /[dD]/ in c$history )
		{
		without_content = 0;
		disable_event_group("filtered-trace");
		}
	# Sequence numbers tell of bytes that no packet had.
	else if ( c$orig$size > 0 || c$resp$size > 0 )
		++without_content;
	}

event zeek_done() &priority=-100
	{
	# What a filter of this program leaves out the capture may have.
	local all_packets = PacketFilter::current_filter == "" ||
	                    PacketFilter::current_filter == PacketFilter::default_capture_filter;

	if ( without_content > 0 && all_packets && should_detect() )
		Reporter::warning(fmt("the capture file has only the packets that open and close connections of TCP; the content of %d connections was left out when it was made, so nothing in it can be analyzed",
		                      without_content));
	}
