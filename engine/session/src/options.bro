##! What the engine's sessions read: timeouts, limits, and what to deliver.

module GLOBAL;

export {
## How long after an initial SYN the engine looks for the first time whether anything came of it.
const tcp_SYN_timeout = 5 secs &redef;
## How often the engine looks whether a half-closed or one-sided connection has fallen silent.
const tcp_session_timer = 6 secs &redef;
## A half-closed or one-sided connection on which nothing happened for so long is given up.  A connection whose
## endpoints are used again sooner than that causes a weird.
const tcp_connection_linger = 5 secs &redef;
## An initial SYN that was not answered for so long is an unsuccessful attempt.
const tcp_attempt_delay = 5 secs &redef;
## How long a connection that was closed in order is kept, for packets that are late.
const tcp_close_delay = 5 secs &redef;
## How long a connection that was reset is kept.
const tcp_reset_delay = 5 secs &redef;
## When only one side of a connection was seen and it closes, the other is given this long to follow.
const tcp_partial_close_delay = 3 secs &redef;
## Whether a connection may begin with a SYN-ACK whose SYN was not seen.
const tcp_SYN_ack_ok = T &redef;
## Whether a connection may begin in its middle.
const partial_connection_ok = T &redef;
## Bytes a sender may plausibly send before it needs an acknowledgement.  When more was sent and none was seen, the
## engine takes it that the other direction is not visible.  0: never.
const tcp_max_initial_window = 16384 &redef;

## Bytes of the beginning of a TCP stream that :bro:see:`tcp_banner` carries at most.
const tcp_banner_size = 1024 &redef;
## When no acknowledgements are seen: bytes above a hole that are kept before the direction is given up.  0: no limit.
const tcp_max_above_hole_without_any_acks = 16384 &redef;
## Bytes kept that nobody acknowledged, before the direction is given up.  0: no limit.
const tcp_excessive_data_without_further_acks = 10485760 &redef;
## Acknowledged segments that are kept to be compared with retransmissions.
const tcp_max_old_segments = 0 &redef;
## This many FINs or RSTs on one connection are a storm.
const tcp_storm_thresh = 1000 &redef;
## ... if they follow each other within this time.
const tcp_storm_interarrival_thresh = 1 sec &redef;
## A TCP connection without a packet for so long is removed.  0: never.
const tcp_inactivity_timeout = 5 min &redef;
## A UDP flow without a packet for so long is removed.  0: never.
const udp_inactivity_timeout = 1 min &redef;
## An ICMP flow without a packet for so long is removed.  0: never.
const icmp_inactivity_timeout = 1 min &redef;
## A flow of another IP protocol without a packet for so long is removed.  0: never.
const unknown_ip_inactivity_timeout = 1 min &redef;
## A connection that no analyzer looks at is removed after this time.  0: never.
const non_analyzed_lifetime = 0 secs &redef;
## How often :bro:see:`connection_status_update` is raised for each connection.  0: never.
const connection_status_update_interval = 0 secs &redef;
## Bytes of payload that :bro:see:`discarder_check_tcp` and :bro:see:`discarder_check_udp` get.
global discarder_maxlen = 128 &redef;
## Ports that are taken for a server's when a connection's beginning does not tell who opened it.
const likely_server_ports: set[port] &redef;
## How long fragments wait for the rest of their packet.  0: for ever.
const frag_timeout = 5 min &redef;
## Whether packets are taken whatever their checksum; captures made on a host that leaves checksums to its network card
## need it.
const ignore_checksums = F &redef;
## Networks whose packets are taken whatever their checksum.
option ignore_checksums_nets: set[subnet] = set();
## Whether packets and bytes of each connection are counted.
const use_conn_size_analyzer = T &redef;
## Whether :bro:see:`content_gap` is raised for connections whose beginning was not seen.
const report_gaps_for_partial = F &redef;
## Bytes of each direction of a connection that are kept while it is not known what protocol it speaks.
const dpd_buffer_size = 1024 &redef;
## Packets of a connection that are kept for that.
const dpd_max_packets = 100 &redef;
## Whether signatures that find protocols are matched on the beginning of a connection only.
const dpd_match_only_beginning = T &redef;
## Whether to stop matching when a signature matches after the beginning is gone.
const dpd_late_match_stop = F &redef;
## Whether protocols are found by signatures alone, not by port.
const dpd_ignore_ports = F &redef;
## Whether signatures see the first packets of a TCP connection as a stream, not one by one.
const dpd_reassemble_first_packets = T &redef;
## Whether signatures also see the data that was never delivered, when a connection ends.
const tcp_match_undelivered = T &redef;
## Violations that an analyzer may report on a connection; with that many it is removed.
const max_analyzer_violations = 1000 &redef;
## Timers that may fire between two packets; what is due beyond waits for the next packet or a lull.
const max_timer_expires = 300 &redef;
## Raise :bro:see:`tcp_contents` for what every originator sends.
const tcp_content_deliver_all_orig = F &redef;
## Raise :bro:see:`tcp_contents` for what every responder sends.
const tcp_content_deliver_all_resp = F &redef;
## Raise :bro:see:`tcp_contents` for what originators send on connections to these ports.
const tcp_content_delivery_ports_orig: table[port] of bool = {} &redef;
## Raise :bro:see:`tcp_contents` for what responders send on connections to these ports.
const tcp_content_delivery_ports_resp: table[port] of bool = {} &redef;
## Raise :bro:see:`udp_contents` for what every originator sends.
const udp_content_deliver_all_orig = F &redef;
## Raise :bro:see:`udp_contents` for what every responder sends.
const udp_content_deliver_all_resp = F &redef;
## Raise :bro:see:`udp_contents` for what originators send to these ports.
const udp_content_delivery_ports_orig: table[port] of bool = {} &redef;
## Raise :bro:see:`udp_contents` for what responders send to these ports of the originator (or from these ports, see
## :bro:id:`udp_content_delivery_ports_use_resp`).
const udp_content_delivery_ports_resp: table[port] of bool = {} &redef;
## Whether the two tables before are looked up by the responder's port for both directions.
option udp_content_delivery_ports_use_resp = F;
## Raise :bro:see:`udp_contents` for datagrams from or to these ports.
option udp_content_ports: set[port] = set();
}

module Tunnel;

export {
## Encapsulations around one packet that are followed.  0: none.
const max_depth = 4 &redef;
## How often the encapsulation of one connection may change before its content is no longer analyzed.  0: any number.
const max_changes_per_connection = 5 &redef;
## A tunnel directly on IP without a packet for so long is forgotten.
const ip_tunnel_timeout = 1 day &redef;
## Whether Teredo is confirmed only when both sides speak it.
const delay_teredo_confirmation = T &redef;
## Whether GTP is confirmed only when both sides speak it.
const delay_gtp_confirmation = F &redef;
## Whether the checksum of a UDP datagram that carries VXLAN must be right if there is one.
const validate_vxlan_checksums = T &redef;
}

module PacketAnalyzer::TEREDO;

export {
## Ports at which UDP is taken for Teredo.
const teredo_ports: set[port] = { 3544/udp } &redef;
}

module PacketAnalyzer::VXLAN;

export {
## Ports at which UDP is taken for VXLAN.
const vxlan_ports: set[port] = { 4789/udp } &redef;
}

module PacketAnalyzer::Geneve;

export {
## Ports at which UDP is taken for Geneve.
const geneve_ports: set[port] = { 6081/udp } &redef;
}

module PacketAnalyzer::GTPV1;

export {
## Ports at which UDP is taken for GTP version 1.
const gtpv1_ports: set[port] = { 2152/udp, 2123/udp } &redef;
}

module PacketAnalyzer::AYIYA;

export {
## Ports at which UDP is taken for AYIYA.
const ayiya_ports: set[port] = { 5072/udp } &redef;
}

module PacketAnalyzer::GRE;

export {
## Ports at which UDP is taken for GRE.
const gre_ports: set[port] = { 4754/udp } &redef;
}

module ConnThreshold;

export {
## Numbers of packets, both directions together, at which every connection raises
## :bro:see:`conn_generic_packet_threshold_crossed`.
const generic_packet_thresholds: set[count] = {} &redef;
}

module UnknownProtocol;

export {
## Bytes of a packet of an unknown protocol that :bro:see:`unknown_protocol` carries.
const first_bytes_count = 10 &redef;
## Packets of each unknown protocol that are reported before only a sample is.
const sampling_threshold: count = 3 &redef;
## From then on, one packet in this many is reported.
const sampling_rate: count = 100000 &redef;
## How long the count of an unknown protocol is kept.
const sampling_duration = 1 hr &redef;
}
