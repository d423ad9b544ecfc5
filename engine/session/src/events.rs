//! The events and records of the sessions, and their declarations in Bro's syntax.

/// Declarations for policy: each a name and its text, in the order in which they depend on each other.  Besides each
/// other they need `fa_file` and the enums of analyzer tags.
pub const DECLARATIONS: &[(&str, &str)] = &[
    ("session/conn/types", include_str!("conn/types.bro")),
    ("session/options", include_str!("options.bro")),
    ("session/conn/events", include_str!("conn/events.bro")),
    ("session/tcp/events", include_str!("tcp/events.bro")),
    ("session/mptcp/events", include_str!("mptcp/events.bro")),
    ("session/udp/events", include_str!("udp/events.bro")),
    ("session/icmp/events", include_str!("icmp/events.bro")),
    ("session/walk/headers", include_str!("walk/headers.bro")),
    ("session/walk/tunnels", include_str!("walk/tunnels.bro")),
    ("session/walk/events", include_str!("walk/events.bro")),
    ("session/analyzer/events", include_str!("analyzer/events.bro")),
];

bro_events::events! {
    /// The engine has made a connection for a packet that belonged to none.
    NEW_CONNECTION = new_connection(c);
    /// The engine is about to forget a connection: it has ended, timed out, or the input has ended.
    CONNECTION_STATE_REMOVE = connection_state_remove(c);
    /// A TCP connection is given up: half closed, or with a responder that never spoke, it was silent for
    /// `tcp_connection_linger`.
    CONNECTION_TIMEOUT = connection_timeout(c);
    /// A new connection begins between ports of one that the engine still knew.
    CONNECTION_REUSED = connection_reused(c);
    /// Originator and responder of a connection were exchanged, because it turned out who had opened it.
    CONNECTION_FLIPPED = connection_flipped(c);
    /// The IPv6 flow label of a side differs from that of its packet before.
    CONNECTION_FLOW_LABEL_CHANGED = connection_flow_label_changed(c, is_orig, old_label, new_label);
    /// A side has sent as many IP bytes as policy asked to be told of.
    CONN_BYTES_THRESHOLD_CROSSED = conn_bytes_threshold_crossed(c, threshold, is_orig);
    /// A side has sent as many packets as policy asked to be told of.
    CONN_PACKETS_THRESHOLD_CROSSED = conn_packets_threshold_crossed(c, threshold, is_orig);
    /// A connection has lasted as long as policy asked to be told of.
    CONN_DURATION_THRESHOLD_CROSSED = conn_duration_threshold_crossed(c, threshold, is_orig);
    /// A connection has reached a number of packets that is watched for on all, see
    /// `ConnThreshold::generic_packet_thresholds`.
    CONN_GENERIC_PACKET_THRESHOLD_CROSSED = conn_generic_packet_threshold_crossed(c, threshold);
    /// What a side sends cannot be written to the file that policy asked for.
    CONTENTS_FILE_WRITE_FAILURE = contents_file_write_failure(c, is_orig, msg);
    /// A connection was expected, and gets the analyzer it was expected for.
    SCHEDULED_ANALYZER_APPLIED = scheduled_analyzer_applied(c, a);
    /// An analyzer is sure that it parses its own protocol.
    ANALYZER_CONFIRMATION_INFO = analyzer_confirmation_info(atype, info);
    /// An analyzer met data that does not fit its protocol.
    ANALYZER_VIOLATION_INFO = analyzer_violation_info(atype, info);
    /// A signature found the protocol of a connection when its beginning was no longer at hand, so that no analyzer
    /// was added.
    PROTOCOL_LATE_MATCH = protocol_late_match(c, atype);
    /// A signature with the action `event` has matched.
    SIGNATURE_MATCH = signature_match(state, msg, data, end_of_match);
    /// Stream reassembly begins for a new TCP connection.
    NEW_CONNECTION_CONTENTS = new_connection_contents(c);
    /// A SYN was not answered for `tcp_attempt_delay`.
    CONNECTION_ATTEMPT = connection_attempt(c);
    /// The responder has answered a SYN with a SYN-ACK, or such an answer was seen without its SYN; then the
    /// originator is still inactive.
    CONNECTION_ESTABLISHED = connection_established(c);
    /// Both ends of a connection speak whose beginning was not seen.
    PARTIAL_CONNECTION = partial_connection(c);
    /// One end of a connection whose beginning was not seen has closed, and the other did not follow within
    /// `tcp_partial_close_delay`.
    CONNECTION_PARTIAL_CLOSE = connection_partial_close(c);
    /// Both ends have closed in order, and all they sent was processed.
    CONNECTION_FINISHED = connection_finished(c);
    /// One end has closed in order, and of the other nothing was ever seen.
    CONNECTION_HALF_FINISHED = connection_half_finished(c);
    /// A SYN was answered by a RST.
    CONNECTION_REJECTED = connection_rejected(c);
    /// An end of an established connection has sent a RST.
    CONNECTION_RESET = connection_reset(c);
    /// A connection was still open when the input ended.
    CONNECTION_PENDING = connection_pending(c);
    /// A packet with SYN.
    CONNECTION_SYN_PACKET = connection_SYN_packet(c, pkt);
    /// The originator has sent its first packet with ACK.
    CONNECTION_FIRST_ACK = connection_first_ACK(c);
    /// The stream of a side has ended and was processed to its end.
    CONNECTION_EOF = connection_EOF(c, is_orig);
    /// A TCP packet.
    TCP_PACKET = tcp_packet(c, is_orig, flags, seq, ack, len, payload);
    /// An option of a TCP header, by number and length.
    TCP_OPTION = tcp_option(c, is_orig, opt, optlen);
    /// All options of a TCP header.
    TCP_OPTIONS = tcp_options(c, is_orig, options);
    /// A piece of a TCP stream, in order.
    TCP_CONTENTS = tcp_contents(c, is_orig, seq, contents);
    /// The beginning of a side of a TCP stream.
    TCP_BANNER = tcp_banner(c, is_orig, contents, first, certain);
    /// A packet brought nothing new.
    TCP_REXMIT = tcp_rexmit(c, is_orig, seq, len, data_in_flight, window);
    /// A side has sent so many packets with wrong checksums: 10, 100, 1000 and so on.
    TCP_MULTIPLE_CHECKSUM_ERRORS = tcp_multiple_checksum_errors(c, is_orig, threshold);
    /// A side has advertised a window of zero so many times.
    TCP_MULTIPLE_ZERO_WINDOWS = tcp_multiple_zero_windows(c, is_orig, threshold);
    /// A side has retransmitted so many packets.
    TCP_MULTIPLE_RETRANSMISSIONS = tcp_multiple_retransmissions(c, is_orig, threshold);
    /// So many gaps were found in a side's stream.
    TCP_MULTIPLE_GAP = tcp_multiple_gap(c, is_orig, threshold);
    /// The receiver has acknowledged data that was not seen.
    CONTENT_GAP = content_gap(c, is_orig, seq, length);
    /// Data was sent again and was not the same: the first and the second version.
    REXMIT_INCONSISTENCY = rexmit_inconsistency(c, t1, t2, tcp_flags);
    /// A TCP connection ends: counts of what its ends sent.
    CONN_STATS = conn_stats(c, os, rs);
    /// An MPTCP option of whatever subtype.
    MPTCP = mptcp(c, len, subtype, is_orig);
    /// An end offers or accepts MPTCP.
    MP_CAPABLE = mp_capable(c, len, version, flags, sender_key, receiver_key, is_orig);
    /// MP_CAPABLE came with data.
    MP_CAPABLE_DATA = mp_capable_data(c, len, dll, checksum, is_orig);
    /// A subflow is to join an MPTCP connection.
    MP_JOIN = mp_join(c, len, flags, addr_id, rand, token, hmac, is_orig);
    /// A data acknowledgement, a mapping of data, or both.
    MP_DSS = mp_dss(c, len, flags, data_ack, dsn, ssn, dll, checksum, is_orig);
    /// An address is announced, or an announcement confirmed.
    MP_ADD_ADDR = mp_add_addr(c, len, ipver, addr_id, address, portn, is_orig);
    /// An announcement of an address is confirmed (MPTCP version 1).
    MP_ADD_ADDR_ECHO = mp_add_addr_echo(c, len, ipver, addr_id, address, portn, is_orig);
    /// What version 1 of MPTCP adds to the announcement of an address.
    MP_ADD_ADDR_V1 = mp_add_addr_v1(c, len, echo, addr_id, hmac, is_orig);
    /// An address is withdrawn.
    MP_REMOVE_ADDR = mp_remove_addr(c, len, resvd, addr_id, is_orig);
    /// The priority of a subflow changes.
    MP_PRIO = mp_prio(c, len, flags, addr_id, is_orig);
    /// An MPTCP connection ends at once.
    MP_FASTCLOSE = mp_fastclose(c, len, resvd, receiver_key, is_orig);
    /// Data of an MPTCP connection had a wrong checksum, or no mapping.
    MP_FAIL = mp_fail(c, len, resvd, dsn, is_orig);
    /// Why a subflow is reset.
    MP_TCPRST = mp_tcprst(c, len, flags, reason, is_orig);
    /// An MPTCP option of private use.
    MP_EXPERIMENTAL = mp_experimental(c, len, flags, data, is_orig);
    /// An MPTCP option that is wrong.
    MP_ERROR = mp_error(c, len, subtype, is_orig);
    /// An originator offers MPTCP.
    MPTCP_ATTEMPT = mptcp_attempt(c, version);
    /// An offer of MPTCP was not taken.
    MPTCP_REJECTED = mptcp_rejected(c, version);
    /// Both ends have agreed on MPTCP.
    MPTCP_ESTABLISHED = mptcp_established(c, version, orig_token, resp_token);
    /// The third packet of a handshake brings other keys than the first two.
    MPTCP_KEYS_CHANGED = mptcp_keys_changed(c, orig, resp);
    /// A subflow is to join a connection that is not known.
    MPTCP_JOIN_UNKNOWN = mptcp_join_unknown(c, token);
    /// A subflow has joined a connection.
    MPTCP_SUBFLOW_JOINED = mptcp_subflow_joined(c, first, verified);
    /// The HMAC of a join is wrong.
    MPTCP_WRONG_HMAC = mptcp_wrong_hmac(c, first, is_orig);
    /// A subflow was reset before it had joined.
    MPTCP_JOIN_REFUSED = mptcp_join_refused(c, first);
    /// An end of an MPTCP connection announces an address.
    MPTCP_ADDRESS_ADVERTISED = mptcp_address_advertised(c, first, addr_id, address, portn, verified, is_orig);
    /// An end of an MPTCP connection gives the id of one address to another.
    MPTCP_ADDRESS_ID_REUSED = mptcp_address_id_reused(c, first, addr_id, before, address, is_orig);
    /// An end of an MPTCP connection withdraws an address.
    MPTCP_ADDRESS_WITHDRAWN = mptcp_address_withdrawn(c, first, addr_id, is_orig);
    /// An end of an MPTCP connection confirms that the other has announced an address.
    MPTCP_ADDRESS_ECHOED = mptcp_address_echoed(c, first, addr_id, address, portn, is_orig);
    /// A TCP connection is a subflow.
    MPTCP_SUBFLOW = mptcp_subflow(c, first);
    /// A subflow has ended.
    MPTCP_SUBFLOW_CLOSED = mptcp_subflow_closed(c, first, reset, orig_bytes, resp_bytes);
    /// An MPTCP connection goes on as TCP.
    MPTCP_FALLBACK = mptcp_fallback(c, reason);
    /// Bytes of an MPTCP connection, in order.
    MPTCP_CONTENTS = mptcp_contents(c, is_orig, offset, contents);
    /// Bytes of an MPTCP connection were not seen.
    MPTCP_CONTENT_GAP = mptcp_content_gap(c, is_orig, offset, length);
    /// Bytes of an MPTCP connection came again, and were other ones.
    MPTCP_INCONSISTENCY = mptcp_inconsistency(c, is_orig, offset, t1, t2, path1, path2);
    /// The checksum of a mapping is wrong.
    MPTCP_WRONG_CHECKSUM = mptcp_wrong_checksum(c, first, is_orig, offset, length);
    /// An MPTCP connection ends.
    MPTCP_FINISHED = mptcp_finished(c, totals);
    /// An originator's datagram.
    UDP_REQUEST = udp_request(u);
    /// A responder's datagram.
    UDP_REPLY = udp_reply(u);
    /// The payload of a datagram.
    UDP_CONTENTS = udp_contents(u, is_orig, contents);
    /// A side has sent so many datagrams with wrong checksums: 10, 100, 1000 and so on.
    UDP_MULTIPLE_CHECKSUM_ERRORS = udp_multiple_checksum_errors(u, is_orig, threshold);
    /// An ICMP message that has no event of its own.
    ICMP_SENT = icmp_sent(c, info);
    /// The same with its payload.
    ICMP_SENT_PAYLOAD = icmp_sent_payload(c, info, payload);
    /// An echo request.
    ICMP_ECHO_REQUEST = icmp_echo_request(c, info, id, seq, payload);
    /// An echo reply.
    ICMP_ECHO_REPLY = icmp_echo_reply(c, info, id, seq, payload);
    /// An ICMPv6 error message that has no event of its own.
    ICMP_ERROR_MESSAGE = icmp_error_message(c, info, code, context);
    /// A destination cannot be reached.
    ICMP_UNREACHABLE = icmp_unreachable(c, info, code, context);
    /// A packet was too big for a link (ICMPv6).
    ICMP_PACKET_TOO_BIG = icmp_packet_too_big(c, info, code, context);
    /// A packet has travelled too far, or fragments were missing.
    ICMP_TIME_EXCEEDED = icmp_time_exceeded(c, info, code, context);
    /// A header could not be processed.
    ICMP_PARAMETER_PROBLEM = icmp_parameter_problem(c, info, code, context);
    /// A host looks for routers (ICMPv6).
    ICMP_ROUTER_SOLICITATION = icmp_router_solicitation(c, info, options);
    /// A router shows itself (ICMPv6).
    ICMP_ROUTER_ADVERTISEMENT = icmp_router_advertisement(c, info, cur_hop_limit, managed, other, home_agent, pref, proxy, rsv, router_lifetime, reachable_time, retrans_timer, options);
    /// A host asks for the link-layer address of another (ICMPv6).
    ICMP_NEIGHBOR_SOLICITATION = icmp_neighbor_solicitation(c, info, tgt, options);
    /// A host tells its link-layer address (ICMPv6).
    ICMP_NEIGHBOR_ADVERTISEMENT = icmp_neighbor_advertisement(c, info, router, solicited, override, tgt, options);
    /// A router tells of a better one.
    ICMP_REDIRECT = icmp_redirect(c, info, tgt, dest, options);
    /// A packet with its link-layer header, before anything else is done with it.
    RAW_PACKET = raw_packet(p);
    /// A packet in which nothing was found to analyze.
    PACKET_NOT_PROCESSED = packet_not_processed(pkt);
    /// A connection is still there.
    CONNECTION_STATUS_UPDATE = connection_status_update(c);
    /// A UDP flow whose protocol an analyzer knew is over.
    UDP_SESSION_DONE = udp_session_done(u);
    /// A packet of a connection.
    NEW_PACKET = new_packet(c, p);
    /// The payload of a packet of a connection, whatever its transport.
    PACKET_CONTENTS = packet_contents(c, contents);
    /// An IPv6 packet with extension headers.
    IPV6_EXT_HEADERS = ipv6_ext_headers(c, p);
    /// A packet with an ESP header.
    ESP_PACKET = esp_packet(p);
    /// A packet with a Mobile IPv6 header.
    MOBILE_IPV6_MESSAGE = mobile_ipv6_message(p);
    /// An ARP request.
    ARP_REQUEST = arp_request(mac_src, mac_dst, SPA, SHA, TPA, THA);
    /// An ARP reply.
    ARP_REPLY = arp_reply(mac_src, mac_dst, SPA, SHA, TPA, THA);
    /// An ARP message that makes no sense.
    BAD_ARP = bad_arp(SPA, SHA, TPA, THA, explanation);
    /// A packet analyzer does not know the protocol of what it carries.
    UNKNOWN_PROTOCOL = unknown_protocol(analyzer_name, protocol, first_bytes, analyzer_history);
    /// The encapsulation of a connection differs from that of its packet before.
    TUNNEL_CHANGED = tunnel_changed(c, e);
    /// A connection begins inside of a tunnel.
    TUNNELED_CONNECTION = tunneled_connection(c, e);
    /// A packet in a Teredo tunnel.
    TEREDO_PACKET = teredo_packet(outer, inner);
    /// A Teredo packet with authentication.
    TEREDO_AUTHENTICATION = teredo_authentication(outer, inner);
    /// A Teredo packet that tells how its receiver is seen from outside.
    TEREDO_ORIGIN_INDICATION = teredo_origin_indication(outer, inner);
    /// A Teredo packet that only keeps a path open.
    TEREDO_BUBBLE = teredo_bubble(outer, inner);
    /// The first Teredo packet of a flow.
    NEW_TEREDO_STATE = new_teredo_state(c);
    /// A packet in a VXLAN tunnel.
    VXLAN_PACKET = vxlan_packet(outer, inner, vni);
    /// A packet in a Geneve tunnel.
    GENEVE_PACKET = geneve_packet(outer, inner, vni);
    /// The first GTP packet of a flow.
    NEW_GTPV1_STATE = new_gtpv1_state(c);
    /// A GTP message, of whatever type.
    GTPV1_MESSAGE = gtpv1_message(c, hdr);
    /// A GTP message that carries a packet.
    GTPV1_G_PDU_PACKET = gtpv1_g_pdu_packet(outer, inner_gtp, inner_ip);
    /// A request to set up a GTP tunnel.
    GTPV1_CREATE_PDP_CTX_REQUEST = gtpv1_create_pdp_ctx_request(c, hdr, elements);
    /// The answer to it.
    GTPV1_CREATE_PDP_CTX_RESPONSE = gtpv1_create_pdp_ctx_response(c, hdr, elements);
    /// A request to change a GTP tunnel.
    GTPV1_UPDATE_PDP_CTX_REQUEST = gtpv1_update_pdp_ctx_request(c, hdr, elements);
    /// The answer to it.
    GTPV1_UPDATE_PDP_CTX_RESPONSE = gtpv1_update_pdp_ctx_response(c, hdr, elements);
    /// A request to remove a GTP tunnel.
    GTPV1_DELETE_PDP_CTX_REQUEST = gtpv1_delete_pdp_ctx_request(c, hdr, elements);
    /// The answer to it.
    GTPV1_DELETE_PDP_CTX_RESPONSE = gtpv1_delete_pdp_ctx_response(c, hdr, elements);
}

bro_events::records! {
    /// One layer of encapsulation.
    ENCAPSULATING_CONN = "Tunnel::EncapsulatingConn" { cid, tunnel_type, uid };
    /// Counts about one end of a TCP connection, see `conn_stats`.
    ENDPOINT_STATS = "endpoint_stats" {
        num_pkts, num_rxmit, num_rxmit_bytes, num_in_order, num_OO, num_repl, endian_type,
    };
    /// What a TCP connection was to an MPTCP connection.
    MPTCP_SUBFLOW_RECORD = "MPTCP::Subflow" {
        uid, id, join, joined, verified, refused, unseen, reset, orig_bytes, resp_bytes,
    };
    /// An MPTCP connection as it ends.
    MPTCP_TOTALS = "MPTCP::Totals" {
        version, orig_token, resp_token, subflows, joined, verified, refused, orig_bytes, resp_bytes,
        orig_missed, resp_missed, repeated_bytes, conflicting_bytes, addresses, ended,
    };
    /// What a signature knows when it matches.
    SIGNATURE_STATE = "signature_state" { sig_id, conn, is_orig, payload_size };
    /// About an analyzer that is sure of its protocol.
    ANALYZER_CONFIRMATION_INFO_RECORD = "AnalyzerConfirmationInfo" { c, f, aid };
    /// About an analyzer that met data it cannot parse.
    ANALYZER_VIOLATION_INFO_RECORD = "AnalyzerViolationInfo" { reason, c, f, aid, data };
    /// What a SYN says.
    SYN_PACKET = "SYN_packet" { is_orig, DF, ttl, size, win_size, win_scale, MSS, SACK_OK, TSval, TSecr };
    /// A TCP option.
    TCP_OPTION_RECORD = "TCP::Option" {
        kind, length, data, mss, window_scale, sack, send_timestamp, echo_timestamp, rate, ttl_diff,
        qs_nonce,
    };
    /// An ICMP message.
    ICMP_INFO = "icmp_info" { v6, itype, icode, len, ttl };
    /// The packet that an ICMP error message quotes.
    ICMP_CONTEXT = "icmp_context" { id, len, proto, frag_offset, bad_hdr_len, bad_checksum, MF, DF };
    /// A prefix, as routers advertise it.
    ICMP6_ND_PREFIX_INFO = "icmp6_nd_prefix_info" {
        prefix_len, L_flag, A_flag, valid_lifetime, preferred_lifetime, prefix,
    };
    /// An option of neighbor discovery.
    ICMP6_ND_OPTION = "icmp6_nd_option" { otype, len, link_address, prefix, redirect, mtu, payload };
    /// A packet as it was captured.
    PCAP_PACKET = "pcap_packet" { ts_sec, ts_usec, caplen, len, data, link_type };
    /// A link-layer header.
    L2_HDR = "l2_hdr" {
        encap, len, cap_len, src, dst, vlan, vlan_pcp, vlan_dei, inner_vlan, inner_vlan_pcp,
        inner_vlan_dei, eth_type, proto,
    };
    /// An IPv4 header.
    IP4_HDR = "ip4_hdr" { hl, tos, len, id, DF, MF, offset, ttl, p, sum, src, dst };
    /// An option of an IPv6 extension header.
    IP6_OPTION = "ip6_option" { otype, len, data };
    /// A hop-by-hop header.
    IP6_HOPOPTS = "ip6_hopopts" { nxt, len, options };
    /// A destination options header.
    IP6_DSTOPTS = "ip6_dstopts" { nxt, len, options };
    /// A routing header.
    IP6_ROUTING = "ip6_routing" { nxt, len, rtype, segleft, data };
    /// A fragment header.
    IP6_FRAGMENT = "ip6_fragment" { nxt, rsv1, offset, rsv2, more, id };
    /// An authentication header.
    IP6_AH = "ip6_ah" { nxt, len, rsv, spi, seq, data };
    /// A header of an encapsulating security payload.
    IP6_ESP = "ip6_esp" { spi, seq };
    /// Mobile IPv6: binding refresh request.
    IP6_MOBILITY_BRR = "ip6_mobility_brr" { rsv, options };
    /// Mobile IPv6: home test init.
    IP6_MOBILITY_HOTI = "ip6_mobility_hoti" { rsv, cookie, options };
    /// Mobile IPv6: care-of test init.
    IP6_MOBILITY_COTI = "ip6_mobility_coti" { rsv, cookie, options };
    /// Mobile IPv6: home test.
    IP6_MOBILITY_HOT = "ip6_mobility_hot" { nonce_idx, cookie, token, options };
    /// Mobile IPv6: care-of test.
    IP6_MOBILITY_COT = "ip6_mobility_cot" { nonce_idx, cookie, token, options };
    /// Mobile IPv6: binding update.
    IP6_MOBILITY_BU = "ip6_mobility_bu" { seq, a, h, l, k, life, options };
    /// Mobile IPv6: binding acknowledgement.
    IP6_MOBILITY_BACK = "ip6_mobility_back" { status, k, seq, life, options };
    /// Mobile IPv6: binding error.
    IP6_MOBILITY_BE = "ip6_mobility_be" { status, hoa, options };
    /// A Mobile IPv6 message: the field of its type is set.
    IP6_MOBILITY_MSG = "ip6_mobility_msg" { id, brr, hoti, coti, hot, cot, bu, back, be };
    /// A Mobile IPv6 header.
    IP6_MOBILITY_HDR = "ip6_mobility_hdr" { nxt, len, mh_type, rsv, chksum, msg };
    /// An IPv6 extension header: the field of its kind is set.
    IP6_EXT_HDR = "ip6_ext_hdr" { id, hopopts, dstopts, routing, fragment, ah, esp, mobility };
    /// An IPv6 header.
    IP6_HDR = "ip6_hdr" { class, flow, len, hlim, nxt, src, dst, exts };
    /// A TCP header.
    TCP_HDR = "tcp_hdr" { sport, dport, seq, ack, hl, dl, reserved, flags, win };
    /// A UDP header.
    UDP_HDR = "udp_hdr" { sport, dport, ulen };
    /// An ICMP header.
    ICMP_HDR = "icmp_hdr" { icmp_type };
    /// The headers of a packet: those it has are set.
    PKT_HDR = "pkt_hdr" { ip, ip6, tcp, udp, icmp };
    /// The headers of a packet with its link layer.
    RAW_PKT_HDR = "raw_pkt_hdr" { l2, ip, ip6, tcp, udp, icmp };
    /// Authentication of a Teredo packet.
    TEREDO_AUTH = "teredo_auth" { id, value, nonce, confirm };
    /// How a Teredo client is seen from outside.
    TEREDO_ORIGIN = "teredo_origin" { p, a };
    /// The header of a Teredo packet.
    TEREDO_HDR = "teredo_hdr" { auth, origin, hdr };
    /// The header of a GTP message.
    GTPV1_HDR = "gtpv1_hdr" {
        version, pt_flag, rsv, e_flag, s_flag, pn_flag, msg_type, length, teid, seq, n_pdu, next_type,
    };
    /// GTP: the address of a support node.
    GTP_GSN_ADDR = "gtp_gsn_addr" { ip, other };
    /// GTP: the address of a user.
    GTP_END_USER_ADDR = "gtp_end_user_addr" { pdp_type_org, pdp_type_num, pdp_ip, pdp_other_addr };
    /// GTP: a routeing area.
    GTP_RAI = "gtp_rai" { mcc, mnc, lac, rac };
    /// GTP: quality of service.
    GTP_QOS_PROFILE = "gtp_qos_profile" { priority, data };
    /// GTP: an extension of a vendor.
    GTP_PRIVATE_EXTENSION = "gtp_private_extension" { id, value };
    /// GTP: elements of a request to set up a tunnel.
    GTP_CREATE_PDP_CTX_REQUEST_ELEMENTS = "gtp_create_pdp_ctx_request_elements" {
        imsi, rai, recovery, select_mode, data1, cp, nsapi, linked_nsapi, charge_character, trace_ref,
        trace_type, end_user_addr, ap_name, opts, signal_addr, user_addr, msisdn, qos_prof, tft,
        trigger_id, omc_id, ext,
    };
    /// GTP: elements of the answer.
    GTP_CREATE_PDP_CTX_RESPONSE_ELEMENTS = "gtp_create_pdp_ctx_response_elements" {
        cause, reorder_req, recovery, data1, cp, charging_id, end_user_addr, opts, cp_addr, user_addr,
        qos_prof, charge_gateway, ext,
    };
    /// GTP: elements of a request to change a tunnel.
    GTP_UPDATE_PDP_CTX_REQUEST_ELEMENTS = "gtp_update_pdp_ctx_request_elements" {
        imsi, rai, recovery, data1, cp, nsapi, trace_ref, trace_type, cp_addr, user_addr, qos_prof, tft,
        trigger_id, omc_id, ext, end_user_addr,
    };
    /// GTP: elements of the answer.
    GTP_UPDATE_PDP_CTX_RESPONSE_ELEMENTS = "gtp_update_pdp_ctx_response_elements" {
        cause, recovery, data1, cp, charging_id, cp_addr, user_addr, qos_prof, charge_gateway, ext,
    };
    /// GTP: elements of a request to remove a tunnel.
    GTP_DELETE_PDP_CTX_REQUEST_ELEMENTS = "gtp_delete_pdp_ctx_request_elements" {
        teardown_ind, nsapi, ext,
    };
    /// GTP: elements of the answer.
    GTP_DELETE_PDP_CTX_RESPONSE_ELEMENTS = "gtp_delete_pdp_ctx_response_elements" { cause, ext };
    /// An option of a Geneve header.
    GENEVE_OPTION = "PacketAnalyzer::Geneve::Option" { class, critical, typ, data };
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names, each with those of its parameters or fields
    type Named = Vec<(String, Vec<String>)>;

    /// The names of the parameters of each event declared, and of the fields of each record.
    fn declared() -> (Named, Named) {
        let (mut events, mut records) = (Vec::new(), Vec::new());
        for (_, text) in DECLARATIONS {
            let mut module = "GLOBAL".to_owned();
            let mut record: Option<(String, Vec<String>)> = None;
            for line in text.lines().map(str::trim) {
                if let Some(name) = line.strip_prefix("module ") {
                    module = name.trim_end_matches(';').to_owned();
                } else if let Some((name, rest)) = line
                    .strip_prefix("global ")
                    .and_then(|l| l.split_once(": event("))
                {
                    let params = rest.trim_end_matches(");").split(", ");
                    events.push((name.to_owned(), params.map(before_colon).collect()));
                } else if let Some(name) = line
                    .strip_prefix("type ")
                    .and_then(|line| line.strip_suffix(": record {"))
                {
                    let full = if module == "GLOBAL" {
                        name.to_owned()
                    } else {
                        format!("{module}::{name}")
                    };
                    record = Some((full, Vec::new()));
                } else if line == "};" {
                    records.extend(record.take());
                } else if let Some((_, fields)) = &mut record {
                    if !line.is_empty() && !line.starts_with('#') {
                        fields.push(before_colon(line));
                    }
                }
            }
        }
        (events, records)
    }

    fn before_colon(text: &str) -> String {
        text.split(':').next().unwrap_or_default().to_owned()
    }

    #[test]
    fn events_agree_with_their_declarations() {
        let (declared, _) = declared();
        assert_eq!(declared.len(), EVENTS.len());
        for event in EVENTS {
            let found = declared.iter().find(|(name, _)| name == event.name);
            let (_, params) = found.unwrap_or_else(|| panic!("{} is not declared", event.name));
            assert_eq!(params, event.params, "parameters of {}", event.name);
        }
    }

    #[test]
    fn records_agree_with_their_declarations() {
        let (_, declared) = declared();
        for record in RECORDS {
            let found = declared.iter().find(|(name, _)| name == record.name);
            let (_, fields) = found.unwrap_or_else(|| panic!("{} is not declared", record.name));
            assert!(fields.len() >= record.fields.len(), "fields of {}", record.name);
            assert_eq!(
                &fields[..record.fields.len()],
                record.fields,
                "fields of {}",
                record.name
            );
        }
    }

    #[test]
    fn everything_declared_is_documented() {
        for (name, text) in DECLARATIONS {
            let mut documented = false;
            for line in text.lines().map(str::trim) {
                if line.starts_with("global ") || line.starts_with("type ") || line.starts_with("option ") {
                    assert!(documented || line.contains("##<"), "{name}: {line}");
                }
                documented = line.starts_with("##");
            }
        }
    }
}
