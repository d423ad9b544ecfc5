##! Events about packets, below connections and of tunnels.

module GLOBAL;

export {
## A function that a site may define to have IP packets discarded: it is called for each of them, fragments included, before
## anything else is done.  Costly.
##
## p: the headers.
##
## Returns: whether to discard the packet.
global discarder_check_ip: function(p: pkt_hdr): bool;

## The same for TCP segments.
##
## p: the headers.
##
## d: the beginning of the payload, :bro:id:`discarder_maxlen` bytes at most.
##
## Returns: whether to discard the packet.
global discarder_check_tcp: function(p: pkt_hdr, d: string): bool;

## The same for UDP datagrams.
##
## p: the headers.
##
## d: the beginning of the payload, :bro:id:`discarder_maxlen` bytes at most.
##
## Returns: whether to discard the packet.
global discarder_check_udp: function(p: pkt_hdr, d: string): bool;

## The same for ICMP messages.
##
## p: the headers.
##
## Returns: whether to discard the packet.
global discarder_check_icmp: function(p: pkt_hdr): bool;

## A packet with its link-layer header, before anything else is done with it. Raised for each packet, which is
## costly.
global raw_packet: event(p: raw_pkt_hdr);

## A packet in which nothing was found to analyze.
global packet_not_processed: event(pkt: pcap_packet);

## A packet of a connection. Raised for each one, which is costly.
global new_packet: event(c: connection, p: pkt_hdr);

## The payload of a packet of a connection, whatever its transport. Costly.
global packet_contents: event(c: connection, contents: string);

## An IPv6 packet with extension headers.
global ipv6_ext_headers: event(c: connection, p: pkt_hdr);

## A packet with an ESP header.
global esp_packet: event(p: pkt_hdr);

## A packet with a Mobile IPv6 header.
global mobile_ipv6_message: event(p: pkt_hdr);

## An ARP request. `SPA` and `SHA` are the sender's protocol and hardware address, `TPA` and `THA` the target's.
global arp_request: event(mac_src: string, mac_dst: string, SPA: addr, SHA: string, TPA: addr, THA: string);

## An ARP reply.
global arp_reply: event(mac_src: string, mac_dst: string, SPA: addr, SHA: string, TPA: addr, THA: string);

## An ARP message that makes no sense.
global bad_arp: event(SPA: addr, SHA: string, TPA: addr, THA: string, explanation: string);

## A packet analyzer does not know the protocol of what it carries. Sampled, see
## :bro:id:`UnknownProtocol::sampling_threshold`.
global unknown_protocol: event(analyzer_name: string, protocol: count, first_bytes: string, analyzer_history: vector of string);

## The encapsulation of a connection differs from that of its packet before.
global tunnel_changed: event(c: connection, e: EncapsulatingConnVector);

## A connection begins inside of a tunnel; raised before :bro:see:`new_connection`.  It spares scripts that only look at
## tunnels the many connections that have none.
global tunneled_connection: event(c: connection, e: EncapsulatingConnVector);

## A packet in a Teredo tunnel.
global teredo_packet: event(outer: connection, inner: teredo_hdr);

## A Teredo packet with authentication.
global teredo_authentication: event(outer: connection, inner: teredo_hdr);

## A Teredo packet that tells how its receiver is seen from outside.
global teredo_origin_indication: event(outer: connection, inner: teredo_hdr);

## A Teredo packet that only keeps a path open.
global teredo_bubble: event(outer: connection, inner: teredo_hdr);

## The first Teredo packet of a flow.
global new_teredo_state: event(c: connection);

## A packet in a VXLAN tunnel.
global vxlan_packet: event(outer: connection, inner: pkt_hdr, vni: count);

## A packet in a Geneve tunnel.
global geneve_packet: event(outer: connection, inner: pkt_hdr, vni: count);

## The first GTP packet of a flow.
global new_gtpv1_state: event(c: connection);

## A GTP message, of whatever type.
global gtpv1_message: event(c: connection, hdr: gtpv1_hdr);

## A GTP message that carries a packet.
global gtpv1_g_pdu_packet: event(outer: connection, inner_gtp: gtpv1_hdr, inner_ip: pkt_hdr);

## A request to set up a GTP tunnel.
global gtpv1_create_pdp_ctx_request: event(c: connection, hdr: gtpv1_hdr, elements: gtp_create_pdp_ctx_request_elements);

## The answer to it.
global gtpv1_create_pdp_ctx_response: event(c: connection, hdr: gtpv1_hdr, elements: gtp_create_pdp_ctx_response_elements);

## A request to change a GTP tunnel.
global gtpv1_update_pdp_ctx_request: event(c: connection, hdr: gtpv1_hdr, elements: gtp_update_pdp_ctx_request_elements);

## The answer to it.
global gtpv1_update_pdp_ctx_response: event(c: connection, hdr: gtpv1_hdr, elements: gtp_update_pdp_ctx_response_elements);

## A request to remove a GTP tunnel.
global gtpv1_delete_pdp_ctx_request: event(c: connection, hdr: gtpv1_hdr, elements: gtp_delete_pdp_ctx_request_elements);

## The answer to it.
global gtpv1_delete_pdp_ctx_response: event(c: connection, hdr: gtpv1_hdr, elements: gtp_delete_pdp_ctx_response_elements);
}
