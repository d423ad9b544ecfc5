//! What a packet costs from its first byte to its events: sessions with all analyzers, and policy that keeps nothing.
//!
//! `cargo bench -p bro-analyzers`; each figure is for the packets of one round, their number is in its name.
// The macros of criterion make functions without documentation.
#![allow(missing_docs)]

use std::net::Ipv4Addr;
use std::sync::Arc;

use bro_capture::{LinkType, Packet, Timestamp};
use bro_events::{Command, Discard, NoFiles, Transport};
use bro_matching::signature::{parse, NoNames, SignatureSet};
use bro_session::analyzer::AnalyzerRegistry;
use bro_session::{Options, Sessions};
use criterion::{criterion_group, criterion_main, Criterion, Throughput};

const CLIENT: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 10);
const SERVER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 80);
const FIN: u8 = 1;
const SYN: u8 = 2;
const ACK: u8 = 16;

/// An Ethernet frame with an IPv4 packet; checksums are not filled in.
fn frame(src: Ipv4Addr, dst: Ipv4Addr, protocol: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0, 0x45, 0];
    out.extend((20 + payload.len() as u16).to_be_bytes());
    out.extend([0, 1, 0, 0, 64, protocol, 0, 0]);
    out.extend(src.octets());
    out.extend(dst.octets());
    out.extend(payload);
    out
}

fn udp(src: (Ipv4Addr, u16), dst: (Ipv4Addr, u16), data: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend(src.1.to_be_bytes());
    out.extend(dst.1.to_be_bytes());
    out.extend((8 + data.len() as u16).to_be_bytes());
    out.extend([0, 0]);
    out.extend(data);
    frame(src.0, dst.0, 17, &out)
}

fn tcp(src: (Ipv4Addr, u16), dst: (Ipv4Addr, u16), seq: u32, ack: u32, flags: u8, data: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend(src.1.to_be_bytes());
    out.extend(dst.1.to_be_bytes());
    out.extend(seq.to_be_bytes());
    out.extend(ack.to_be_bytes());
    out.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    out.extend(data);
    frame(src.0, dst.0, 6, &out)
}

/// A connection on which the client sends `request` and the server sends `reply` in segments of 1400 bytes, each
/// acknowledged.
fn exchange(client_port: u16, server_port: u16, request: &[u8], reply: &[u8]) -> Vec<Vec<u8>> {
    let (c, s) = ((CLIENT, client_port), (SERVER, server_port));
    let mut seq = 1 + request.len() as u32;
    let mut packets = vec![
        tcp(c, s, 0, 0, SYN, &[]),
        tcp(s, c, 0, 1, SYN | ACK, &[]),
        tcp(c, s, 1, 1, ACK, &[]),
        tcp(c, s, 1, 1, ACK, request),
    ];
    let mut sent = 1;
    for segment in reply.chunks(1400) {
        packets.push(tcp(s, c, sent, seq, ACK, segment));
        sent += segment.len() as u32;
        packets.push(tcp(c, s, seq, sent, ACK, &[]));
    }
    packets.push(tcp(c, s, seq, sent, FIN | ACK, &[]));
    seq += 1;
    packets.push(tcp(s, c, sent, seq, FIN | ACK, &[]));
    packets.push(tcp(c, s, seq, sent + 1, ACK, &[]));
    packets
}

/// A query for www.example and its answer.
fn lookup(port: u16) -> [Vec<u8>; 2] {
    let question = b"\x03www\x07example\x00\x00\x01\x00\x01";
    let query = [
        &port.to_be_bytes()[..],
        b"\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00",
        question,
    ]
    .concat();
    let answer = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xc0\x00\x02\x50";
    let reply = [
        &port.to_be_bytes()[..],
        b"\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00",
        question,
        answer,
    ]
    .concat();
    [
        udp((CLIENT, port), (SERVER, 53), &query),
        udp((SERVER, 53), (CLIENT, port), &reply),
    ]
}

fn web(port: u16, body: usize) -> Vec<Vec<u8>> {
    let request = b"GET /index.html HTTP/1.1\r\nHost: www.example\r\nUser-Agent: bench\r\n\r\n";
    let mut reply =
        format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {body}\r\n\r\n").into_bytes();
    reply.resize(reply.len() + body, b'x');
    exchange(port, 80, request, &reply)
}

/// Sessions as the default scripts set them up.
fn sessions(signatures: &Arc<SignatureSet>) -> Sessions {
    let options = Options {
        ignore_checksums: true,
        ..Options::default()
    };
    let mut sessions = Sessions::new(AnalyzerRegistry::new(bro_analyzers::ALL), options, [1; 16]);
    sessions.set_signatures(Arc::clone(signatures));
    for (tag, port, transport) in [
        ("Analyzer::ANALYZER_DNS", 53, Transport::Udp),
        ("Analyzer::ANALYZER_HTTP", 80, Transport::Tcp),
    ] {
        let command = Command::RegisterPort {
            tag: tag.into(),
            port,
            transport,
        };
        let _ = sessions.apply(command, &mut Discard::default(), &mut NoFiles);
    }
    sessions
}

fn run(signatures: &Arc<SignatureSet>, packets: &[Vec<u8>], wants_all: bool) -> u64 {
    let mut sessions = sessions(signatures);
    let mut sink = Discard { wants_all, events: 0 };
    for (n, packet) in packets.iter().enumerate() {
        let ts = Timestamp::from_nanos(1_000_000_000 + n as i64 * 1000);
        sessions.advance(ts.seconds(), &mut sink, &mut NoFiles);
        sessions.packet(
            &Packet::new(ts, packet, LinkType::ETHERNET),
            &mut sink,
            &mut NoFiles,
        );
    }
    sessions.finish(&mut sink, &mut NoFiles);
    sink.events
}

fn connections(criterion: &mut Criterion) {
    let parsed = bro_analyzers::ALL.iter().flat_map(|def| {
        parse(def.name, def.signatures.as_bytes()).unwrap_or_else(|errors| panic!("{}", errors[0]))
    });
    let set = SignatureSet::compile(parsed.collect(), &mut NoNames);
    let signatures = Arc::new(set.unwrap_or_else(|errors| panic!("{}", errors[0])));
    let scan: Vec<_> = (1..=10_000u16)
        .map(|port| tcp((CLIENT, 40_000), (SERVER, port), 0, 0, SYN, &[]))
        .collect();
    let names: Vec<_> = (1024..6024).flat_map(lookup).collect();
    let pages: Vec<_> = (1024..1324).flat_map(|port| web(port, 4000)).collect();
    let bulk = exchange(40_000, 9_000, b"send", &vec![b'x'; 7_000_000]);
    let mut group = criterion.benchmark_group("packets");
    group.sample_size(20);
    for (name, packets) in [
        ("scan", &scan),
        ("dns", &names),
        ("http", &pages),
        ("bulk", &bulk),
    ] {
        group.throughput(Throughput::Elements(packets.len() as u64));
        for wants_all in [false, true] {
            let name = format!(
                "{name}, {} packets, {}",
                packets.len(),
                if wants_all { "all events" } else { "no events" }
            );
            group.bench_function(name, |bencher| {
                bencher.iter(|| run(&signatures, packets, wants_all))
            });
        }
    }
    group.finish();
}

criterion_group!(benches, connections);
criterion_main!(benches);
