# Thresholds of bytes, packets and time; hooks at the end of a connection; content by port; content that is not looked at.
redef ConnThreshold::generic_packet_thresholds += { 2, 5 };
redef tcp_content_delivery_ports_orig += { [80/tcp] = T };
redef tcp_content_delivery_ports_resp += { [80/tcp] = T };

hook finished(c: connection) { print "hook", c$history, c$orig$size; }

event connection_established(c: connection) &priority=5
	{
	ConnThreshold::set_bytes_threshold(c, 50, T);
	ConnThreshold::set_bytes_threshold(c, 100, F);
	ConnThreshold::set_packets_threshold(c, 3, T);
	ConnThreshold::set_duration_threshold(c, 100usec);
	Conn::register_removal_hook(c, finished);
	}

event ConnThreshold::bytes_threshold_crossed(c: connection, threshold: count, is_orig: bool)
	{
	print "bytes", threshold, is_orig;
	if ( is_orig )
		ConnThreshold::set_bytes_threshold(c, 2 * threshold, T);
	}

event ConnThreshold::packets_threshold_crossed(c: connection, threshold: count, is_orig: bool) { print "packets", threshold, is_orig; }
event ConnThreshold::duration_threshold_crossed(c: connection, threshold: interval, is_orig: bool) { print "duration", threshold; }
event conn_generic_packet_threshold_crossed(c: connection, threshold: count) { print "generic", threshold, c$id$resp_p; }

event tcp_contents(c: connection, is_orig: bool, seq: count, contents: string) { print "contents", is_orig, seq, |contents|, contents[:15]; }

event http_request(c: connection, method: string, original_URI: string, unescaped_URI: string, version: string)
	{
	print original_URI, lookup_connection(c$id)$uid == c$uid, connection_exists(c$id);
	skip_further_processing(c$id);
	}
