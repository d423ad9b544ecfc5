//! What decoding costs on the ordinary path.
#![allow(missing_docs)] // criterion_group! makes a public function

use std::hint::black_box;
use std::net::Ipv4Addr;

use bro_decode::link::{self, Link, NetworkPayload};
use bro_decode::net::fragments::{FragmentTable, Limits};
use bro_decode::net::ip;
use bro_decode::transport::{checksum, tcp, udp};
use bro_decode::tunnel::vxlan;
use bro_decode::Snap;
use criterion::{criterion_group, criterion_main, Criterion};

fn ipv4(protocol: u8, flags: [u8; 2], payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x45, 0, 0, 0, 0, 1, flags[0], flags[1], 64, protocol, 0, 0];
    packet.extend(Ipv4Addr::new(10, 0, 0, 1).octets());
    packet.extend(Ipv4Addr::new(10, 0, 0, 2).octets());
    packet.extend(payload);
    let length = u16::try_from(packet.len()).expect("length").to_be_bytes();
    packet[2..4].copy_from_slice(&length);
    packet
}

fn ipv6(next: u8, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x60, 0, 0, 0, 0, 0, next, 64];
    packet.extend([1; 32]);
    packet.extend(payload);
    let length = u16::try_from(payload.len()).expect("length").to_be_bytes();
    packet[4..6].copy_from_slice(&length);
    packet
}

fn ethernet(kind: [u8; 2], packet: &[u8]) -> Vec<u8> {
    let mut frame = vec![2; 12];
    frame.extend(kind);
    frame.extend(packet);
    frame
}

fn segment(payload: usize) -> Vec<u8> {
    let mut segment = vec![
        0x12, 0x34, 0, 80, 0, 0, 0, 1, 0, 0, 0, 2, 0x80, 0x18, 1, 0, 0, 0, 0, 0,
    ];
    segment.extend([1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2]);
    segment.extend(vec![0xaa; payload]);
    segment
}

fn tcp_path(frame: &[u8]) -> usize {
    let frame = link::decode(Link::Ethernet, Snap::whole(frame)).expect("frame");
    let (NetworkPayload::Ipv4(packet) | NetworkPayload::Ipv6(packet)) = frame.payload else {
        return 0;
    };
    let view = ip::parse(packet).expect("packet");
    let segment = tcp::parse(view.payload).expect("segment");
    segment.payload.wire_len() + segment.flags as usize
}

fn decoding(criterion: &mut Criterion) {
    let plain = ethernet([8, 0], &ipv4(6, [0x40, 0], &segment(1448)));
    criterion.bench_function("Ethernet, IPv4, TCP", |b| b.iter(|| tcp_path(black_box(&plain))));
    let six = ethernet([0x86, 0xdd], &ipv6(6, &segment(1428)));
    criterion.bench_function("Ethernet, IPv6, TCP", |b| b.iter(|| tcp_path(black_box(&six))));
    let tagged = ethernet(
        [0x81, 0],
        &[&[0, 7, 8, 0][..], &ipv4(6, [0x40, 0], &segment(1444))].concat(),
    );
    criterion.bench_function("Ethernet, VLAN, IPv4, TCP", |b| {
        b.iter(|| tcp_path(black_box(&tagged)))
    });

    let mut datagram = vec![0x12, 0x34, 0x12, 0xb5, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 1, 0];
    datagram.extend(&plain);
    let length = u16::try_from(datagram.len()).expect("length").to_be_bytes();
    datagram[4..6].copy_from_slice(&length);
    let outer = ethernet([8, 0], &ipv4(17, [0x40, 0], &datagram));
    criterion.bench_function("Ethernet, IPv4, UDP, VXLAN, Ethernet, IPv4, TCP", |b| {
        b.iter(|| {
            let frame = link::decode(Link::Ethernet, Snap::whole(black_box(&outer))).expect("frame");
            let NetworkPayload::Ipv4(packet) = frame.payload else {
                return 0;
            };
            let view = ip::parse(packet).expect("packet");
            let datagram = udp::parse(view.payload).expect("datagram");
            let inner = vxlan::decapsulate(datagram.payload)
                .expect("VXLAN")
                .inner
                .expect("inner");
            tcp_path(inner.payload.data())
        })
    });
    criterion.bench_function("TCP options", |b| {
        let options = [2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 3, 3, 7];
        b.iter(|| {
            let options = bro_decode::transport::tcp_options::TcpOptions::new(black_box(&options));
            options
                .flatten()
                .filter(|o| o.value() != bro_decode::transport::tcp_options::Value::Other)
                .count()
        })
    });
}

fn checksums(criterion: &mut Criterion) {
    let packet = ipv4(6, [0x40, 0], &segment(1448));
    let view = ip::parse(Snap::whole(&packet)).expect("packet");
    criterion.bench_function("checksum of 1,480 bytes", |b| {
        b.iter(|| checksum::verify(black_box(&view)))
    });
}

fn fragments(criterion: &mut Criterion) {
    let first = ipv4(17, [0x20, 0], &[1; 1480]);
    let last = ipv4(17, [0, 185], &[2; 500]);
    let (first, last) = (ip::parse(Snap::whole(&first)), ip::parse(Snap::whole(&last)));
    let (first, last) = (first.expect("packet"), last.expect("packet"));
    criterion.bench_function("a datagram of two fragments", |b| {
        let mut table = FragmentTable::new(Limits::default());
        let mut weirds = Vec::new();
        b.iter(|| {
            table.insert(0.0, black_box(&first), &mut weirds);
            table
                .insert(0.0, black_box(&last), &mut weirds)
                .expect("complete")
        })
    });
}

criterion_group!(benches, decoding, checksums, fragments);
criterion_main!(benches);
