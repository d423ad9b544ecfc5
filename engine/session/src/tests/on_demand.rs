//! What is only there for those who ask for it.

use super::*;
use crate::flow::scope_of;

#[test]
fn connections_tell_of_themselves_at_intervals() {
    let mut bench = Bench::with(|options| options.status_update_interval = 2.0);
    bench.handshake();
    for _ in 0..70 {
        bench.wait(0.1);
    }
    assert_eq!(bench.count("connection_status_update"), 3);
    let mut bench = Bench::new();
    bench.handshake().wait(100.0);
    assert_eq!(bench.count("connection_status_update"), 0);
}

#[test]
fn the_options_of_the_latest_header_are_kept_if_asked_for() {
    let mut bench = Bench::new();
    let mut segment = orig("S", 100, 0, b"");
    segment.options = vec![2, 4, 5, 0xb4, 1, 0, 4, 2];
    bench.tcp(std::slice::from_ref(&segment));
    assert_eq!(bench.sessions.tcp_options(true), []);
    bench.sessions.keep_tcp_options();
    bench.tcp(&[segment]);
    let before_end = vec![(2, vec![5, 0xb4]), (1, vec![])];
    assert_eq!(bench.sessions.tcp_options(true), before_end);
    let all = [before_end, vec![(0, vec![]), (4, vec![])]].concat();
    assert_eq!(bench.sessions.tcp_options(false), all);
    bench.udp(true, b"x");
    assert_eq!(bench.sessions.tcp_options(false), []);
}

#[test]
fn options_that_make_no_sense_end_the_list() {
    let mut bench = Bench::new();
    bench.sessions.keep_tcp_options();
    let mut segment = orig("S", 100, 0, b"");
    segment.options = vec![1, 0, 2, 9];
    bench.tcp(&[segment]);
    assert_eq!(bench.sessions.tcp_options(false), [(1, vec![]), (0, vec![])]);
}

#[test]
fn a_confirmed_flow_tells_that_it_is_over() {
    let mut bench = Bench::new();
    bench.udp(true, b"x").finish();
    assert_eq!(bench.count("udp_session_done"), 0);
}

#[test]
fn ways_of_packets_are_checked() {
    use crate::Sessions;
    for (parent, number, child) in [
        ("ETHERNET", 0x88b5, "IP"),
        ("IP", 253, "TCP"),
        ("IP", 254, "ETHERNET"),
        ("UDP", 4790, "VXLAN"),
        ("ROOT", 147, "ETHERNET"),
    ] {
        assert!(Sessions::can_route(parent, number, child), "{parent} {child}");
    }
    for (parent, number, child) in [
        ("ETHERNET", 0x88b5, "TCP"),
        ("IP", 256, "TCP"),
        ("UDP", 70_000, "VXLAN"),
        ("UDP", 80, "IP"),
        ("NONE", 1, "IP"),
        ("ETHERNET", u64::MAX, "IP"),
    ] {
        assert!(!Sessions::can_route(parent, number, child), "{parent} {child}");
    }
}

#[test]
fn an_ip_protocol_is_directed_to_a_transport() {
    let mut bench = Bench::new();
    assert!(bench.sessions.route("IP", 253, "UDP"));
    bench.ip(&ipv4(ORIG.0, RESP.0, 253, &udp(true, b"x"))).finish();
    let conn = bench.conn();
    assert_eq!((conn.id.transport, conn.id.ip_proto), (Transport::Udp, 253));
    // What is not known goes where the site wants it.
    let mut bench = Bench::new();
    assert!(bench.sessions.route_by_default("IP", "IGMP"));
    bench.ip(&ipv4(ORIG.0, RESP.0, 253, b"x")).handshake();
    assert_eq!(bench.conn().id.transport, Transport::Tcp);
}

#[test]
fn a_packet_directed_into_itself_ends() {
    let mut bench = Bench::new();
    assert!(bench.sessions.route("IP", u64::from(TCP), "IP"));
    let mut packet = ipv4(ORIG.0, RESP.0, TCP, b"");
    for _ in 0..20 {
        packet = ipv4(ORIG.0, RESP.0, TCP, &packet);
    }
    bench.ip(&packet);
    assert!(bench.weirds().contains(&"exceeded_tunnel_max_depth"));
}

#[test]
fn connections_are_found_within_their_vlans() {
    let mut bench = Bench::new();
    bench.handshake();
    let flow = bench.conn().id;
    assert!(bench.sessions.find(&flow, 0).is_some());
    assert!(bench.sessions.find(&flow, scope_of(Some(7), None)).is_none());
}
