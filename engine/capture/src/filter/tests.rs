use super::*;
use crate::file::CaptureFile;
use crate::packet::Timestamp;
use crate::source::Next;
use std::io::Cursor;

/// Tests that need libpcap say so and pass where it is not installed.
macro_rules! need_libpcap {
    () => {
        if !libpcap::is_available() {
            eprintln!("skipped: libpcap is not installed");
            return;
        }
    };
}

/// An Ethernet frame with an IPv4 header and ports.
fn frame(protocol: u8, source_port: u16, target_port: u16) -> Vec<u8> {
    let mut frame = vec![0u8; 14 + 20 + 8];
    frame[12] = 8;
    frame[14] = 0x45;
    frame[23] = protocol;
    frame[34..36].copy_from_slice(&source_port.to_be_bytes());
    frame[36..38].copy_from_slice(&target_port.to_be_bytes());
    frame
}

fn accepts(expression: &str, link_type: LinkType, bytes: &[u8]) -> bool {
    let filter = Filter::compile(expression, link_type, 65535).unwrap();
    filter.accepts(&Packet::new(Timestamp::default(), bytes, link_type))
}

#[test]
fn expressions_are_compiled_and_run() {
    need_libpcap!();
    let (dns, web) = (frame(17, 5000, 53), frame(6, 80, 5000));
    assert!(accepts("udp port 53", LinkType::ETHERNET, &dns));
    assert!(!accepts("udp port 53", LinkType::ETHERNET, &web));
    assert!(accepts("tcp and src port 80", LinkType::ETHERNET, &web));
    assert!(accepts("tcp or udp", LinkType::ETHERNET, &dns));
    assert!(accepts("ip and greater 42", LinkType::ETHERNET, &dns));
    assert!(!accepts("greater 43", LinkType::ETHERNET, &dns));
    // The same packet without its Ethernet header.
    assert!(accepts("udp port 53", LinkType::RAW, &dns[14..]));
    assert!(!accepts("udp port 53", LinkType::ETHERNET, &dns[14..]));
    assert!(!accepts("udp port 53", LinkType::ETHERNET, &dns[..30]));
}

#[test]
fn the_empty_expression_accepts_everything_without_libpcap() {
    assert!(accepts("", LinkType::ETHERNET, b""));
    assert!(accepts(" \t", LinkType(9999), b"x"));
}

#[test]
fn wrong_expressions_are_explained() {
    need_libpcap!();
    let error = Filter::compile("tcp prot 80", LinkType::ETHERNET, 65535).unwrap_err();
    assert!(
        matches!(&error, FilterError::Invalid { message, .. } if message.contains("syntax error")),
        "{error}"
    );
    assert!(
        error
            .to_string()
            .contains("\"tcp prot 80\" is not valid for EN10MB"),
        "{error}"
    );
    let error = Filter::compile("tcp\0", LinkType::ETHERNET, 65535).unwrap_err();
    assert!(error.to_string().contains("zero byte"), "{error}");
    // There are no Ethernet addresses in raw IP.
    assert!(Filter::compile("ether host 1:2:3:4:5:6", LinkType::RAW, 65535).is_err());
}

#[test]
fn the_missing_library_is_explained() {
    let error = FilterError::LibraryMissing {
        expression: "tcp".into(),
        reason: "libpcap.so.1: not found".into(),
    };
    assert!(error.to_string().contains("apt install libpcap0.8"), "{error}");
}

#[test]
fn each_link_type_gets_its_own_program() {
    need_libpcap!();
    let mut filters = FilterSet::new("udp port 53", 65535);
    let dns = frame(17, 5000, 53);
    let raw = Packet::new(Timestamp::default(), &dns[14..], LinkType::RAW);
    let ethernet = Packet::new(Timestamp::default(), &dns, LinkType::ETHERNET);
    for _ in 0..3 {
        assert!(filters.accepts(&raw).unwrap());
        assert!(filters.accepts(&ethernet).unwrap());
    }
    assert_eq!(filters.filters.len(), 2);
    assert!(!filters
        .accepts(&Packet {
            link_type: LinkType::ETHERNET,
            ..raw
        })
        .unwrap());
}

#[test]
fn many_threads_compile_at_once() {
    need_libpcap!();
    std::thread::scope(|scope| {
        for port in 1..9 {
            scope.spawn(move || {
                let expression = format!("udp port {port}");
                for _ in 0..20 {
                    assert!(accepts(&expression, LinkType::ETHERNET, &frame(17, port, 9999)));
                    assert!(!accepts(
                        &expression,
                        LinkType::ETHERNET,
                        &frame(17, port + 100, 9999)
                    ));
                }
            });
        }
    });
}

#[test]
fn a_filtered_source_delivers_what_is_accepted_and_counts() {
    need_libpcap!();
    let mut file = vec![
        0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 1, 0, 0, 0,
    ];
    for n in 0..10u16 {
        let frame = frame(17, 5000, if n % 2 == 0 { 53 } else { 54 });
        let len = (frame.len() as u32).to_le_bytes();
        file.extend([&[n as u8, 0, 0, 0, 0, 0, 0, 0], &len[..], &len[..], &frame[..]].concat());
    }
    let source = CaptureFile::from_reader("test", Box::new(Cursor::new(file)));
    let mut source = FilteredSource::new(source, "port 53").unwrap();
    let mut times = Vec::new();
    while let Next::Packet(packet) = source.next_packet().unwrap() {
        times.push(packet.ts.seconds());
    }
    assert_eq!(times, [0.0, 2.0, 4.0, 6.0, 8.0]);
    let statistics = source.statistics();
    assert_eq!(
        (statistics.received, statistics.filtered, statistics.bytes),
        (5, 5, 5 * 42)
    );
}

#[test]
fn a_further_link_type_may_match_nothing() {
    need_libpcap!();
    let v6 = [&[0x60][..], &[0; 39]].concat();
    let mut filters = FilterSet::new("ip6", 65535);
    assert!(
        filters.prepare(LinkType::IPV4).is_err(),
        "the only one that there is"
    );
    filters.prepare(LinkType::RAW).unwrap();
    let accepts = |filters: &mut FilterSet, link| {
        filters
            .accepts(&Packet::new(Timestamp::default(), &v6, link))
            .unwrap()
    };
    assert!(!accepts(&mut filters, LinkType::IPV4));
    assert!(accepts(&mut filters, LinkType::RAW));
    // Other errors are errors always.
    let mut filters = FilterSet::new("ether host 1:2:3:4:5:6", 65535);
    filters.prepare(LinkType::ETHERNET).unwrap();
    assert!(filters.prepare(LinkType::RAW).is_err());
}
