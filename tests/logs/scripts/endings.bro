# How connections begin and end.
redef tcp_attempt_delay = 1sec;
event new_connection(c: connection) { print network_time(), "new", c$id$resp_p; }
event connection_SYN_packet(c: connection, pkt: SYN_packet) { print "SYN", pkt; }
event connection_attempt(c: connection) { print network_time(), "attempt", c$id$resp_p; }
event connection_established(c: connection) { print network_time(), "established", c$id$resp_p, c$history; }
event connection_first_ACK(c: connection) { print "first ACK", c$id$resp_p; }
event connection_rejected(c: connection) { print network_time(), "rejected", c$id$resp_p; }
event connection_reset(c: connection) { print network_time(), "reset", c$id$resp_p; }
event connection_half_finished(c: connection) { print network_time(), "half finished", c$id$resp_p; }
event connection_finished(c: connection) { print network_time(), "finished", c$id$resp_p; }
event connection_pending(c: connection) { print network_time(), "pending", c$id$resp_p; }
event connection_EOF(c: connection, is_orig: bool) { print "EOF", is_orig; }
event tcp_packet(c: connection, is_orig: bool, flags: string, seq: count, ack: count, len: count, payload: string) { print is_orig, flags, seq, ack, len, payload; }
event connection_state_remove(c: connection) { print "remove", c$id, c$history, c$conn$conn_state, c$duration, c$orig$size, c$resp$size; }
