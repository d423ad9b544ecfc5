# Single packets, ICMP, tunnels.
event new_packet(c: connection, p: pkt_hdr)
	{
	if ( p?$tcp && p$tcp$flags == 2 )
		print "SYN", p$tcp, get_current_packet()$caplen, get_current_packet_header()$l2$encap;
	}
event raw_packet(p: raw_pkt_hdr) { if ( p$l2$proto == L3_ARP ) print p$l2; }
event arp_request(mac_src: string, mac_dst: string, SPA: addr, SHA: string, TPA: addr, THA: string) { print "who has", TPA, SPA, SHA; }
event arp_reply(mac_src: string, mac_dst: string, SPA: addr, SHA: string, TPA: addr, THA: string) { print "has", SPA, SHA, mac_dst; }
event icmp_echo_request(c: connection, info: icmp_info, id: count, seq: count, payload: string) { print "echo", c$id, info, seq, |payload|; }
event udp_request(u: connection) { print "request", u$id$resp_p; }
event udp_reply(u: connection) { print "reply", u$id$resp_p; }
event vxlan_packet(outer: connection, inner: pkt_hdr, vni: count) { if ( inner?$ip ) print "vxlan", vni, inner$ip$src, inner$ip$ttl; }
event tcp_option(c: connection, is_orig: bool, opt: count, optlen: count) { print "option", opt, optlen; }
event tcp_options(c: connection, is_orig: bool, options: TCP::OptionList)
	{
	for ( i in options )
		if ( options[i]?$mss )
			print "MSS", options[i]$mss;
	}
event connection_state_remove(c: connection) { if ( c?$tunnel ) print c$id$resp_p, c$tunnel[0]$tunnel_type, c$tunnel[0]$cid$resp_p; }
