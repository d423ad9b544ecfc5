use super::*;
use crate::link::hex;

const SRC: &str = "20010db8000000000000000000000001";
const DST: &str = "20010db8000000000000000000000002";
const HOME: &str = "20010db800000000000000000000abcd";
const VIA: &str = "20010db800000000000000000000eeee";

/// A packet with this first next header and what follows, with the payload length that fits.
fn packet(next: &str, rest: &str) -> Vec<u8> {
    let rest = hex(rest);
    let mut bytes = hex(&format!("6ab00123 {:04x} {next} 40 {SRC} {DST}", rest.len()));
    bytes.extend(rest);
    bytes
}

fn view(bytes: &[u8]) -> IpView<'_> {
    parse(Snap::whole(bytes)).expect("packet")
}

fn names(view: &IpView<'_>) -> Vec<&'static str> {
    view.weirds.iter().map(|w| w.name).collect()
}

fn ends(view: &IpView<'_>) -> (String, String) {
    (view.src.to_string(), view.dst.to_string())
}

#[test]
fn fixed_header() {
    let bytes = packet("11", "0102030405060708");
    let view = view(&bytes);
    assert_eq!(
        (view.tos, view.flow_label, view.ttl, view.protocol),
        (0xab, 0x123, 64, 17)
    );
    assert_eq!((view.total_len, view.header_len), (48, 40));
    assert_eq!(view.payload, Snap::whole(&[1, 2, 3, 4, 5, 6, 7, 8]));
    assert_eq!(ends(&view), ("2001:db8::1".into(), "2001:db8::2".into()));
    assert!(view.header_checksum_ok() && view.ipv4().is_none());
}

#[test]
fn options_are_walked_over() {
    let bytes = packet("00", "3c00 0104 00000000 1100 0104 00000000 aa");
    let view = view(&bytes);
    assert_eq!(
        (view.protocol, view.header_len, view.payload),
        (17, 56, Snap::whole(&[0xaa]))
    );
    assert!(view.weirds.is_empty());
}

#[test]
fn home_address() {
    let bytes = packet("3c", &format!("1102 0102 0000 c910 {HOME} aa"));
    let view = view(&bytes);
    assert_eq!(ends(&view), ("2001:db8::abcd".into(), "2001:db8::2".into()));
    assert!(view.weirds.is_empty());
}

#[test]
fn bad_home_addresses() {
    let bytes = packet("3c", &format!("1104 0100 c910 {HOME} c910 {HOME} aa"));
    let two = view(&bytes);
    assert_eq!(names(&two), ["multiple_home_addr_opts"]);
    let endpoints = two.weirds[0].endpoints.expect("hosts");
    assert_eq!(endpoints.0.to_string(), "2001:db8::abcd");

    let bytes = packet("3c", "1100 c903 010203 00 aa");
    let short = view(&bytes);
    assert_eq!(names(&short), ["bad_home_addr_len"]);
    assert_eq!(ends(&short).0, "2001:db8::1");
}

#[test]
fn options_longer_than_their_header() {
    let bytes = packet("3c", "1100 ca90 01020304 aa");
    assert_eq!(names(&view(&bytes)), ["bad_ipv6_dest_opt_len"]);
    let bytes = packet("00", "1100 0190 01020304 aa");
    assert_eq!(names(&view(&bytes)), ["bad_ipv6_hbh_opt_len"]);
}

#[test]
fn weirds_come_before_the_error_about_the_length() {
    let mut bytes = packet("3c", &format!("1104 0100 c910 {HOME} c910 {HOME}"));
    bytes[5] = 36; // four bytes less than the header has
    let fault = parse(Snap::whole(&bytes)).expect_err("short");
    let names: Vec<_> = fault.into_weirds().iter().map(|w| w.name).collect();
    assert_eq!(names, ["multiple_home_addr_opts", "invalid_IP_header_size"]);
}

#[test]
fn source_routes() {
    let bytes = packet("2b", &format!("1104 0002 00000000 {VIA} {HOME} aa"));
    let routed = view(&bytes);
    assert_eq!(ends(&routed).1, "2001:db8::abcd");
    assert_eq!(names(&routed), ["routing0_hdr"]);
    assert_eq!(routed.weirds[0].endpoints.map(|e| e.1), Some(routed.dst));
    assert_eq!(routed.checksum_dst, routed.dst);

    let bytes = packet("2b", &format!("1104 0000 00000000 {VIA} {HOME} aa"));
    let arrived = view(&bytes);
    assert_eq!(ends(&arrived).1, "2001:db8::2");
    assert_eq!(names(&arrived), ["routing0_hdr"]);

    let bytes = packet("2b", "1101 0001 00000000 0000000000000000 aa");
    assert_eq!(names(&view(&bytes)), ["odd_routing0_len", "routing0_hdr"]);
}

#[test]
fn routes_to_a_mobile_node() {
    let bytes = packet("2b", &format!("1102 0201 00000000 {HOME} aa"));
    let home = view(&bytes);
    assert_eq!(ends(&home).1, "2001:db8::abcd");
    assert!(home.weirds.is_empty());
    let bytes = packet("2b", &format!("1104 0201 00000000 {HOME} {HOME} aa"));
    assert_eq!(names(&view(&bytes)), ["bad_routing2_len"]);
}

#[test]
fn segment_routes_only_matter_to_the_checksum() {
    let bytes = packet("2b", &format!("1104 0401 01000000 {HOME} {VIA} aa"));
    let routed = view(&bytes);
    assert_eq!(ends(&routed).1, "2001:db8::2");
    assert_eq!(routed.checksum_dst.to_string(), "2001:db8::abcd");
    assert_eq!(routed.weirds[0].detail.as_deref(), Some("4"));
}

#[test]
fn fragments_end_the_walk() {
    let bytes = packet("3c", "2c00 0104 00000000 1100 0019 12345678 aabb");
    let view = view(&bytes);
    let fragment = view.fragment.expect("fragment");
    assert_eq!(
        (fragment.id, fragment.offset, fragment.more),
        (0x1234_5678, 24, true)
    );
    assert_eq!((fragment.unfragmentable_len, fragment.next_header_at), (48, 40));
    assert_eq!((view.protocol, view.header_len), (17, 56));
    assert_eq!(view.payload, Snap::whole(&[0xaa, 0xbb]));
}

#[test]
fn a_fragment_that_is_the_whole_datagram() {
    let bytes = packet("2c", "1100 0000 12345678 aabb");
    let view = view(&bytes);
    assert_eq!((view.fragment, view.protocol), (None, 17));
    assert_eq!(view.payload, Snap::whole(&[0xaa, 0xbb]));
}

#[test]
fn authentication_is_walked_over_and_encryption_ends_the_walk() {
    let bytes = packet(
        "33",
        "3204 0000 00000001 00000002 0102030405060708 090a0b0c 00000001",
    );
    let view = view(&bytes);
    assert_eq!((view.protocol, view.header_len), (50, 64));
    assert_eq!(view.payload, Snap::whole(&[0, 0, 0, 1]));
}

#[test]
fn jumbograms_and_offloaded_segments() {
    let mut bytes = packet("00", "1100 c204 00010008");
    bytes[4..6].fill(0);
    let jumbo = parse(Snap::new(&bytes, 40 + 65_544)).expect("packet");
    assert_eq!((jumbo.total_len, jumbo.payload.wire_len()), (40 + 65_544, 65_536));

    let mut bytes = packet("06", "0102");
    bytes[4..6].fill(0);
    let offloaded = view(&bytes);
    assert_eq!(
        (offloaded.total_len, offloaded.payload),
        (40, Snap::whole(&[1, 2]))
    );
    assert_eq!(names(&offloaded), ["ip_hdr_len_zero"]);
}

#[test]
fn malformed() {
    let bytes = packet("00", "1101 0104 00000000 0000000000000000");
    for (captured, wire, claimed, name) in [
        (39, 56, 16, "truncated_IP"),
        (44, 56, 16, "internally_truncated_header"),
        (50, 56, 16, "internally_truncated_header"),
        (50, 50, 16, "invalid_IP_header_size"),
        (50, 56, 10, "invalid_IP_header_size"),
        (56, 56, 10, "invalid_IP_header_size"),
        (56, 56, 17, "truncated_IP_len"),
    ] {
        let mut bytes = bytes.clone();
        bytes[5] = claimed;
        let fault = parse(Snap::new(&bytes[..captured], wire)).expect_err(name);
        assert_eq!(fault.name(), name, "{captured} {wire} {claimed}");
    }
}

#[test]
fn too_many_extension_headers() {
    let bytes = packet("3c", &"3c00 0104 00000000".repeat(MAX_EXT_HEADERS + 1));
    assert_eq!(
        parse(Snap::whole(&bytes)).expect_err("too many").name(),
        "excessive_ipv6_ext_headers"
    );
    let few = format!(
        "{} 1100 0104 00000000",
        "3c00 0104 00000000".repeat(MAX_EXT_HEADERS - 1)
    );
    assert_eq!(view(&packet("3c", &few)).protocol, 17);
}
