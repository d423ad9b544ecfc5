//! Conditions about addresses, ports, protocols and octets of headers.

use std::net::IpAddr;

use super::*;

fn header_holds(conditions: &str, change: impl FnOnce(&mut PacketFacts<'static>)) -> bool {
    let mut flow = Flow::tcp(&format!("signature a {{ {conditions} }}"));
    change(&mut flow.facts);
    !flow.begin(flow.facts.is_orig).is_empty()
}

#[test]
fn addresses_compare() {
    let holds = |conditions: &str| header_holds(conditions, |_| {});
    assert!(holds("src-ip == 10.0.0.1"));
    assert!(holds("src-ip == 9.9.9.9, 10.0.0.0/8"));
    assert!(!holds("src-ip == 10.0.0.2"));
    assert!(holds("src-ip != 9.9.9.9, 10.0.0.2"));
    assert!(!holds("src-ip != 9.9.9.9, 10.0.0.1"), "with !=, all must differ");
    assert!(holds("dst-ip > 192.168.1.79"));
    assert!(holds("dst-ip == 192.168.1.1-192.168.1.99"));
    assert!(!holds("dst-ip == [::]/0"));
    assert!(holds("dst-ip != [::]/0"));
    assert!(
        holds("dst-ip == [::ffff:192.168.1.80]"),
        "a mapped address is the one it maps"
    );
    assert!(holds("src-ip == 0.0.0.0/0"));
    assert!(!holds("same-ip"));
    assert!(header_holds("same-ip", |facts| facts.destination = facts.source));
    let v6 = |facts: &mut PacketFacts<'static>| facts.source = "fe80::1".parse::<IpAddr>().unwrap();
    assert!(header_holds("src-ip == [fe80::0]/16", v6));
    assert!(!header_holds("src-ip == [fe80::2]/128", v6));
}

#[test]
fn ports_and_protocols_compare() {
    let holds = |conditions: &str| header_holds(conditions, |_| {});
    assert!(holds("dst-port == 80"));
    assert!(holds("dst-port == 1,79-81"));
    assert!(!holds("dst-port == 81-90"));
    assert!(holds("dst-port < 1024 src-port >= 1024"));
    assert!(holds("dst-port != 25"));
    assert!(holds("dst-port == 1-65535"));
    assert!(holds("dst-port == 80 src-port == 40000"));
    assert!(!holds("dst-port == 80 src-port == 40001"));
    assert!(holds("src-port == 40000"));
    assert!(holds("ip-proto == tcp"));
    assert!(holds("ip-proto == udp, 6"));
    assert!(!holds("ip-proto != tcp"));
    assert!(holds("ip-proto == ip"), "this restricts nothing");
    assert!(!holds("ip-proto == udp"));
    assert!(header_holds("ip-proto == 132", |facts| facts.protocol = 132));
    assert!(!header_holds("ip-proto == tcp", |facts| facts.protocol = 132));
    assert!(header_holds("ip-proto == icmp6", |facts| facts.protocol = 58));
    assert!(!holds("udp-state originator"));
    assert!(holds("tcp-state originator"));
    assert!(!holds("tcp-state responder"));
    assert!(holds("tcp-state stateless"));
}

/// 10.0.0.1 to 192.168.1.80, with options NOP and record route.
const IP: &[u8] = &[
    0x47, 0, 0, 48, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 192, 168, 1, 80, // fixed
    1, 7, 7, 4, 0, 0, 0, 0, // options
    0x1f, 0x90,
];

#[test]
fn header_bytes_compare() {
    let holds = |conditions: &str| {
        header_holds(conditions, |facts| {
            facts.ip_header = IP;
            facts.transport_header = &IP[28..];
        })
    };
    assert!(holds("header ip[16:4] == 1.2.3.4/16, 192.168.99.99/16"));
    assert!(!holds("header ip[16:4] == 192.169.0.0/16"));
    assert!(holds("header ip[16:4] != 192.169.0.0/16"));
    assert!(holds("header ip[0:1] & 0xf0 == 0x40"));
    assert!(holds("header ip[2:2] == 40-50"));
    assert!(holds("header ip[2:2] > 47"));
    assert!(holds("header tcp[0:2] == 8080"));
    assert!(
        !holds("header tcp[1:2] == 0x9000"),
        "what lies beyond the packet compares with nothing"
    );
    assert!(!holds("header tcp[1:2] != 0x9000"));
    assert!(!holds("header udp[0:2] == 8080"));
    assert!(!holds("header ip6[0:1] == 0x47"));
    assert!(holds("ip-options rr"));
    assert!(holds("ip-options lsrr, nop"));
    assert!(!holds("ip-options lsrr, ssrr"));
}

#[test]
fn malformed_options_end_the_list() {
    let with = |options: &'static [u8]| header_holds("ip-options rr", |facts| facts.ip_header = options);
    assert!(!with(&[]));
    assert!(!with(&[0x4f; 19]));
    let mut header = [0u8; 60];
    header[0] = 0x4f;
    header[20] = 68;
    header[21] = 0;
    header[22] = 7;
    assert!(!with(header.to_vec().leak()), "a length of 0 would never end");
    header[21] = 2;
    assert!(with(header.to_vec().leak()));
    header[21] = 200;
    assert!(!with(header.to_vec().leak()));
}

#[test]
fn header_conditions_hold_per_direction() {
    let text = "signature a { dst-port == 80 payload /x/ } signature b { src-port == 80 payload /x/ }";
    let mut flow = Flow::tcp(text);
    assert_eq!(flow.stream(true, b"x"), [">a"]);
    assert_eq!(flow.stream(false, b"x"), ["<b"]);
}
