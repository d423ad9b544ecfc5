//! Tests of reading captures that are built here, byte by byte.

use super::*;
use crate::packet::Timestamp;
use crate::source::Next;
use flate2::{write::GzEncoder, Compression};
use proptest::prelude::*;
use std::io::{Cursor, Write};

type Owned = (i64, Vec<u8>, u32, u32, u32);

/// Reads all packets with buffers of the given size: what was delivered, and the error that came then.
fn read(data: &[u8], buffer: usize) -> (Vec<Owned>, Option<CaptureError>) {
    let source = CaptureFile::with_buffer("test", Box::new(Cursor::new(data.to_vec())), buffer);
    drain(source)
}

fn drain(mut source: CaptureFile) -> (Vec<Owned>, Option<CaptureError>) {
    let mut all = Vec::new();
    loop {
        match source.next_packet() {
            Ok(Next::Packet(p)) => all.push((
                p.ts.nanos(),
                p.captured.to_vec(),
                p.original_len,
                p.link_type.0,
                p.interface,
            )),
            Ok(Next::Pending) => {}
            Ok(Next::End) => return (all, None),
            Err(error) => {
                assert!(source.packet().is_none());
                assert_eq!(source.next_packet().unwrap(), Next::End, "an error is told once");
                return (all, Some(error));
            }
        }
    }
}

fn good(data: &[u8]) -> Vec<Owned> {
    let (packets, error) = read(data, 4096);
    assert!(error.is_none(), "{error:?}");
    packets
}

fn bad(data: &[u8]) -> (usize, String) {
    let (packets, error) = read(data, 4096);
    (packets.len(), error.expect("an error").to_string())
}

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// Writes numbers in a byte order.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Order {
    Little,
    Big,
}

impl Order {
    fn short(self, n: u16) -> [u8; 2] {
        if self == Order::Big {
            n.to_be_bytes()
        } else {
            n.to_le_bytes()
        }
    }
    fn long(self, n: u32) -> [u8; 4] {
        if self == Order::Big {
            n.to_be_bytes()
        } else {
            n.to_le_bytes()
        }
    }
    fn longs(self, list: &[u32]) -> Vec<u8> {
        list.iter().flat_map(|n| self.long(*n)).collect()
    }

    fn pcap(self, magic: u32, version: (u16, u16), snaplen: u32, link_type: u32) -> Vec<u8> {
        let versions = [self.short(version.0), self.short(version.1)].concat();
        [
            self.long(magic).to_vec(),
            versions,
            self.longs(&[0, 0, snaplen, link_type]),
        ]
        .concat()
    }
    fn record(self, sec: u32, fraction: u32, data: &[u8], original: u32) -> Vec<u8> {
        [
            self.longs(&[sec, fraction, data.len() as u32, original]),
            data.to_vec(),
        ]
        .concat()
    }

    /// A block of pcapng.
    fn block(self, kind: u32, body: &[u8]) -> Vec<u8> {
        let mut body = body.to_vec();
        body.resize(body.len().div_ceil(4) * 4, 0);
        let length = body.len() as u32 + 12;
        [self.longs(&[kind, length]), body, self.long(length).to_vec()].concat()
    }
    fn section(self) -> Vec<u8> {
        let body = [
            self.long(0x1a2b_3c4d).to_vec(),
            self.short(1).to_vec(),
            self.short(0).to_vec(),
            self.longs(&[u32::MAX, u32::MAX]),
        ];
        self.block(0x0a0d_0d0a, &body.concat())
    }
    fn option(self, code: u16, value: &[u8]) -> Vec<u8> {
        let mut padded = value.to_vec();
        padded.resize(value.len().div_ceil(4) * 4, 0);
        [
            self.short(code).to_vec(),
            self.short(value.len() as u16).to_vec(),
            padded,
        ]
        .concat()
    }
    fn interface(self, link_type: u16, snaplen: u32, options: &[u8]) -> Vec<u8> {
        let head = [
            self.short(link_type).to_vec(),
            self.short(0).to_vec(),
            self.long(snaplen).to_vec(),
        ]
        .concat();
        self.block(1, &[&head, options].concat())
    }
    fn enhanced(self, id: u32, time: u64, data: &[u8], original: u32) -> Vec<u8> {
        let head = self.longs(&[id, (time >> 32) as u32, time as u32, data.len() as u32, original]);
        let mut padded = data.to_vec();
        padded.resize(data.len().div_ceil(4) * 4, 0);
        // Followed by an option, which is not part of the packet.
        self.block(
            6,
            &[head, padded, self.option(1, b"comment"), self.option(0, b"")].concat(),
        )
    }
}

const ORDERS: [Order; 2] = [Order::Little, Order::Big];

#[test]
fn classic_files_of_both_byte_orders_and_resolutions() {
    for order in ORDERS {
        for (magic, nanos, resolution) in [
            (0xa1b2_c3d4, 7_000, Resolution::Micro),
            (0xa1b2_3c4d, 7, Resolution::Nano),
        ] {
            let file = [
                order.pcap(magic, (2, 4), 65535, 1),
                order.record(5, 7, b"first", 5),
                order.record(6, 0, b"", 60),
                order.record(7, 0, b"third packet", 1500),
            ]
            .concat();
            let expected = [
                (5_000_000_000 + nanos, b"first".to_vec(), 5, 1, 0),
                (6_000_000_000, vec![], 60, 1, 0),
                (7_000_000_000, b"third packet".to_vec(), 1500, 1, 0),
            ];
            assert_eq!(good(&file), expected);
            assert_eq!(good(&gzip(&file)), expected);
            let mut source = CaptureFile::from_reader("x", Box::new(Cursor::new(file)));
            assert_eq!(source.link_type(), None);
            assert_eq!(source.advance().unwrap(), Step::Packet);
            assert_eq!(
                (source.link_type(), source.resolution()),
                (Some(LinkType::ETHERNET), resolution)
            );
        }
    }
}

#[test]
fn patched_records_have_a_longer_header() {
    for order in ORDERS {
        let mut file = order.pcap(0xa1b2_cd34, (2, 4), 65535, 1);
        for data in [b"one", b"two"] {
            file.extend(order.longs(&[1, 2, 3, 3, 99, 0x0008_0100]));
            file.extend(data);
        }
        let packets = good(&file);
        assert_eq!(packets.len(), 2);
        assert_eq!(packets[1].1, b"two");
    }
}

#[test]
fn old_versions_order_the_lengths_differently() {
    let record =
        |first: u32, second: u32| [Order::Little.longs(&[1, 0, first, second]), b"abc".to_vec()].concat();
    let file = |minor| Order::Little.pcap(0xa1b2_c3d4, (2, minor), 65535, 1);
    for (minor, records) in [
        (2, vec![record(9, 3)]),
        (3, vec![record(9, 3), record(3, 9)]),
        (4, vec![record(3, 9)]),
    ] {
        for packet in good(&[file(minor), records.concat()].concat()) {
            assert_eq!((packet.1.as_slice(), packet.2), (&b"abc"[..], 9), "2.{minor}");
        }
    }
    let (_, error) = bad(&Order::Little.pcap(0xa1b2_c3d4, (2, 5), 65535, 1));
    assert_eq!(
        error,
        "test: pcap files of version 2.5 cannot be read, only 2.0 to 2.4"
    );
    assert!(bad(&Order::Big.pcap(0xa1b2_c3d4, (1, 4), 65535, 1))
        .1
        .contains("version 1.4"));
}

#[test]
fn link_types_of_files_become_those_of_the_interface() {
    // 0x24000000: frames have a check sequence of 4 bytes.
    for (number, expected) in [(101, 12), (12, 12), (113, 113), (1 | 0x2400_0000, 1)] {
        let file = [
            Order::Big.pcap(0xa1b2_c3d4, (2, 4), 65535, number),
            Order::Big.record(1, 1, b"x", 1),
        ]
        .concat();
        assert_eq!(good(&file)[0].3, expected);
    }
}

#[test]
fn a_record_longer_than_the_snapshot_length_is_cut_to_it() {
    let order = Order::Little;
    let file = [
        order.pcap(0xa1b2_c3d4, (2, 4), 4, 1),
        order.record(1, 0, b"abcdef", 6),
        order.record(2, 0, b"gh", 2),
    ];
    let packets = good(&file.concat());
    assert_eq!((packets[0].1.as_slice(), packets[0].2), (&b"abcd"[..], 6));
    assert_eq!(packets[1].1, b"gh");
    // No snapshot length, or an absurd one, is none.
    for snaplen in [0, u32::MAX] {
        let long = vec![1; 200_000];
        let file = [
            order.pcap(0xa1b2_c3d4, (2, 4), snaplen, 1),
            order.record(1, 0, &long, 200_000),
        ];
        assert_eq!(good(&file.concat())[0].1.len(), 200_000);
    }
}

#[test]
fn what_is_no_capture_is_told() {
    assert!(
        bad(b"").1.contains("not a packet capture: the file is empty"),
        "{}",
        bad(b"").1
    );
    assert!(bad(b"\xd4\xc3").1.contains("only 2 bytes"));
    assert!(bad(b"\xd4\xc3\xb2\xa1\x02\0\x04\0").1.contains("only 8 bytes"));
    assert!(bad(b"#!/bin/sh\n")
        .1
        .contains("starts with the bytes 23 21 2f 62"));
    assert!(bad(b"snoop\0\0\0\0\0\0\x02").1.contains("snoop"));
    assert!(bad(b"\x28\xb5\x2f\xfd....").1.contains("zstd -dc"));
    assert!(bad(&gzip(b"")).1.contains("the file is empty"));
}

#[test]
fn packets_before_damage_are_delivered() {
    let order = Order::Little;
    let file = [
        order.pcap(0xa1b2_c3d4, (2, 4), 65535, 1),
        order.record(1, 0, b"first", 5),
        order.record(2, 0, b"second", 6),
    ]
    .concat();
    let cut = |n: usize| bad(&file[..file.len() - n]);
    assert_eq!(
        cut(1),
        (
            1,
            "test: cut off at byte 45: packet 2 has 6 bytes, only 5 are there".into()
        )
    );
    let header = "test: cut off at byte 45: the record header of packet 2 has 16 bytes, only 15 are there";
    assert_eq!(cut(7), (1, header.into()));
    let mut long = file.clone();
    long.extend(order.longs(&[3, 0, 262_145, 262_145]));
    let (n, error) = bad(&long);
    assert_eq!(n, 2);
    assert!(
        error.starts_with("test: damaged at byte 67: packet 3 would have 262145 captured bytes"),
        "{error}"
    );
    // Of gzip data without an end, what can be unpacked is read.
    let packed = gzip(&file);
    let (n, error) = bad(&packed[..packed.len() - 4]);
    assert_eq!(
        (n, error.as_str()),
        (
            2,
            "test: cut off at byte 67: the gzip data has no end (of the decompressed data)"
        )
    );
}

#[test]
fn pcapng_with_sections_interfaces_and_all_packet_blocks() {
    let (little, big) = (Order::Little, Order::Big);
    let nano = [
        little.option(2, b"eth0"),
        little.option(9, &[9]),
        little.option(0, b""),
    ]
    .concat();
    let offset = [big.option(14, &100i64.to_be_bytes()), big.option(9, &[0x80 | 10])].concat();
    let old = [
        little.short(1).to_vec(),
        little.short(3).to_vec(),
        little.longs(&[0, 2_000_000, 3, 30]),
        b"old".to_vec(),
    ];
    let file = [
        little.section(),
        little.interface(1, 65535, &[]),
        little.interface(101, 65535, &nano),
        little.enhanced(0, 1_000_000, b"micro", 50),
        little.block(0x0000_0bad, &[7; 5000]),
        little.enhanced(1, 1_000_000_001, b"nano!", 5),
        little.block(2, &old.concat()),
        big.section(),
        big.interface(113, 4, &offset),
        big.enhanced(0, 1024, b"binary", 6),
        big.block(3, &[&big.long(9)[..], b"simp"].concat()),
    ]
    .concat();
    let expected = [
        (1_000_000_000, b"micro".to_vec(), 50, 1, 0),
        (1_000_000_001, b"nano!".to_vec(), 5, 12, 1),
        (2_000_000, b"old".to_vec(), 30, 12, 1),
        (101_000_000_000, b"binary".to_vec(), 6, 113, 2),
        (101_000_000_000, b"simp".to_vec(), 9, 113, 2),
    ];
    // The obsolete block names interface 1, which counts nanoseconds.
    for buffer in [16, 23, 64, 1000, 100_000] {
        let (packets, error) = read(&file, buffer);
        assert!(error.is_none(), "{error:?}");
        assert_eq!(packets, expected);
        assert_eq!(read(&gzip(&file), buffer).0, expected);
    }
    let mut source = CaptureFile::from_reader("x", Box::new(Cursor::new(file)));
    while source.advance().unwrap() != Step::End {}
    assert_eq!(
        (source.resolution(), source.link_type()),
        (Resolution::Nano, Some(LinkType::LINUX_SLL))
    );
}

#[test]
fn damaged_pcapng_is_told() {
    let order = Order::Big;
    let start = [
        order.section(),
        order.interface(1, 0, &[]),
        order.enhanced(0, 0, b"good", 4),
    ]
    .concat();
    let with = |rest: &[u8]| bad(&[&start[..], rest].concat());
    let at = format!("damaged at byte {}", start.len());

    let (n, error) = with(&order.enhanced(1, 0, b"x", 1));
    assert_eq!(n, 1);
    assert!(
        error.contains(&at) && error.contains("interface 1, but 1 interfaces"),
        "{error}"
    );

    let mut trailer = order.block(99, b"abcd");
    *trailer.last_mut().unwrap() += 4;
    assert!(
        with(&trailer)
            .1
            .contains("16 bytes before its body and of 20 after"),
        "{:?}",
        with(&trailer)
    );
    let mut trailer = order.enhanced(0, 0, b"abcd", 4);
    *trailer.last_mut().unwrap() += 4;
    assert!(with(&trailer).1.contains(&at));

    let huge = order.longs(&[6, 0, 0, 0, 5000, 5000]);
    assert!(
        with(&order.block(6, &huge[4..]))
            .1
            .contains("5000 captured bytes"),
        "{:?}",
        with(&order.block(6, &huge))
    );
    assert!(with(&order.block(6, b"abcd")).1.contains("too short"));
    assert!(with(&order.longs(&[6, 0xfff0_0000, 0]))
        .1
        .contains("more than the limit"));
    assert!(with(&order.longs(&[99, 8, 8]))
        .1
        .contains("less than the possible 12"));
    assert!(with(&order.longs(&[99, 13, 8])).1.contains("multiple of 4"));
    assert!(with(&order.longs(&[0x0a0d_0d0a, 28, 7]))
        .1
        .contains("byte-order magic"));
    assert!(with(&order.interface(1, 0, &order.option(9, &[100])))
        .1
        .contains("10^-100"));
    assert!(with(&order.interface(1, 0, &[0, 2, 0xff, 0xff]))
        .1
        .contains("longer than its block"));
    let mut version = order.section();
    version[13] = 2;
    assert!(with(&version).1.contains("version 2.0"));

    let (n, error) = with(&order.enhanced(0, 0, b"x", 1)[..20]);
    assert!(
        n == 1 && error.contains("cut off") && error.contains("only 20 are there"),
        "{error}"
    );
    assert!(with(&order.block(99, &[0; 100])[..50])
        .1
        .contains("lacks its last 62"));
    assert!(with(b"abc").1.contains("only 3 are there"));
    // A second section forgets the interfaces of the first.
    assert!(with(&[order.section(), order.enhanced(0, 0, b"x", 1)].concat())
        .1
        .contains("0 interfaces"));
}

#[test]
fn interfaces_are_limited() {
    let order = Order::Little;
    let file = [order.section(), order.interface(1, 0, &[]).repeat(65_537)].concat();
    assert!(bad(&file).1.contains("more than 65536 interfaces"));
}

#[test]
fn files_on_disk_small_and_large() {
    let order = Order::Little;
    let dir = tempfile::tempdir().unwrap();
    // The large ones are read by a thread; records lie across the borders of its buffers.
    for count in [3u32, 9_000] {
        let mut file = order.pcap(0xa1b2_c3d4, (2, 4), 65535, 1);
        for n in 0..count {
            let data: Vec<u8> = (0..n * 7 % 1_400).map(|i| (i + n) as u8).collect();
            file.extend(order.record(n, n, &data, n));
        }
        for packed in [false, true] {
            let path = dir.path().join("x.pcap");
            let data = if packed { gzip(&file) } else { file.clone() };
            std::fs::write(&path, &data).unwrap();
            let mut source = CaptureFile::open(&path).unwrap();
            assert_eq!(source.link_type(), Some(LinkType::ETHERNET));
            for n in 0..count {
                let Next::Packet(packet) = source.next_packet().unwrap() else {
                    panic!("packet {n} is missing")
                };
                assert_eq!(packet.ts, Timestamp::from_seconds_micros(n, n));
                let expected = (0..n * 7 % 1_400).map(|i| (i + n) as u8);
                assert!(packet.captured.iter().copied().eq(expected), "packet {n}");
            }
            assert_eq!(source.next_packet().unwrap(), Next::End);
            let total = Some(data.len() as u64);
            assert_eq!(
                source.progress(),
                Some(Progress {
                    read: data.len() as u64,
                    total
                })
            );
            assert_eq!(source.statistics().received, u64::from(count));

            // Cut in the middle: nearly half of it is read, then there is an error.
            std::fs::write(&path, &data[..data.len() / 2]).unwrap();
            let (packets, error) = drain(CaptureFile::open(&path).unwrap());
            assert!(matches!(error, Some(CaptureError::Truncated { .. })), "{error:?}");
            assert!(
                packets.len() < count as usize && (count < 10 || packets.len() > 3_000),
                "{}",
                packets.len()
            );
        }
    }
}

#[test]
fn a_source_can_be_dropped_in_the_middle() {
    let order = Order::Little;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.pcap");
    let file = [
        order.pcap(0xa1b2_c3d4, (2, 4), 0, 1),
        order.record(1, 1, &[1; 60_000], 60_000).repeat(300),
    ]
    .concat();
    std::fs::write(&path, file).unwrap();
    for _ in 0..20 {
        let mut source = CaptureFile::open(&path).unwrap();
        assert_eq!(source.advance().unwrap(), Step::Packet);
    }
}

#[test]
fn open_errors_name_the_file() {
    let error = |path: &str| CaptureFile::open(path).map(drop).unwrap_err().to_string();
    assert!(error("/nonexistent/x.pcap").starts_with("/nonexistent/x.pcap: cannot open: "));
    assert!(error("/").contains("it is a directory"));
    let empty = tempfile::NamedTempFile::new().unwrap();
    assert!(error(empty.path().to_str().unwrap()).contains("the file is empty"));
}

/// A pipe that gives a few bytes at a time and then waits for the test.
struct SlowPipe(std::sync::mpsc::Receiver<Vec<u8>>);

impl Read for SlowPipe {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self.0.recv() {
            Ok(bytes) => {
                buf[..bytes.len()].copy_from_slice(&bytes);
                Ok(bytes.len())
            }
            Err(_) => Ok(0),
        }
    }
}

#[test]
fn a_pipe_delivers_what_is_there_and_says_when_there_is_nothing() {
    let order = Order::Little;
    let (tx, rx) = std::sync::mpsc::channel();
    let mut source = CaptureFile::from_pipe("pipe", Box::new(SlowPipe(rx))).unwrap();
    assert_eq!(source.next_packet().unwrap(), Next::Pending);
    assert_eq!(source.link_type(), None);
    let file = [
        order.pcap(0xa1b2_c3d4, (2, 4), 0, 1),
        order.record(1, 0, b"abc", 3),
    ]
    .concat();
    let await_packet = |source: &mut CaptureFile, expected: &[u8]| loop {
        match source.next_packet().unwrap() {
            Next::Packet(packet) => break assert_eq!(packet.captured, expected),
            Next::Pending => {}
            Next::End => panic!("the pipe is open"),
        }
    };
    for byte in &file {
        tx.send(vec![*byte]).unwrap();
    }
    await_packet(&mut source, b"abc");
    assert_eq!(source.next_packet().unwrap(), Next::Pending);
    tx.send(order.record(2, 0, b"defg", 4)).unwrap();
    await_packet(&mut source, b"defg");
    drop(tx);
    loop {
        match source.next_packet().unwrap() {
            Next::Pending => {}
            Next::End => break,
            Next::Packet(_) => panic!("there are two packets"),
        }
    }
    assert_eq!(source.progress().unwrap().total, None);
}

proptest! {
    /// The size of the buffers makes no difference, for either format, plain or packed, whole or cut.
    #[test]
    fn buffers_make_no_difference(
        packets in prop::collection::vec((0u32..1000, prop::collection::vec(any::<u8>(), 0..200)), 0..12),
        buffer in 16usize..300,
        cut in 0usize..100,
        big in any::<bool>(),
        pcapng in any::<bool>(),
    ) {
        let order = if big { Order::Big } else { Order::Little };
        let mut file = if pcapng {
            [order.section(), order.interface(1, 0, &[])].concat()
        } else {
            order.pcap(0xa1b2_c3d4, (2, 4), 65535, 1)
        };
        for (sec, data) in &packets {
            file.extend(if pcapng {
                order.enhanced(0, u64::from(*sec) * 1_000_000, data, data.len() as u32)
            } else {
                order.record(*sec, 0, data, data.len() as u32)
            });
        }
        let expected: Vec<Owned> = packets
            .iter()
            .map(|(sec, data)| (i64::from(*sec) * 1_000_000_000, data.clone(), data.len() as u32, 1, 0))
            .collect();
        let (all, error) = read(&file, buffer);
        prop_assert!(error.is_none());
        prop_assert_eq!(&all, &expected);
        prop_assert_eq!(&read(&gzip(&file), buffer).0, &expected);

        file.truncate(file.len() - cut.min(file.len()));
        let (small, small_error) = read(&file, buffer);
        let (large, large_error) = read(&file, 1 << 20);
        prop_assert_eq!(small, large);
        prop_assert_eq!(small_error.map(|e| e.to_string()), large_error.map(|e| e.to_string()));
    }

    /// A damaged byte anywhere never makes a panic, and packets before it are the same.
    #[test]
    fn damage_anywhere(at in 24usize..900, value in any::<u8>(), pcapng in any::<bool>(), buffer in 16usize..200) {
        let order = Order::Little;
        let mut file = if pcapng {
            [order.section(), order.interface(1, 0, &[]), order.enhanced(0, 5, &[9; 30], 30).repeat(10)].concat()
        } else {
            [order.pcap(0xa1b2_c3d4, (2, 4), 0, 1), order.record(1, 1, &[9; 70], 70).repeat(10)].concat()
        };
        let (before, _) = read(&file, 4096);
        let at = at % file.len();
        file[at] = value;
        let (after, _) = read(&file, buffer);
        let record = file.len() / 10;
        let unharmed = (at.saturating_sub(120) / record).min(after.len());
        prop_assert_eq!(&after[..unharmed], &before[..unharmed]);
    }
}
