//! Throughput of matching, and whether hostile input costs more than ordinary input.
#![allow(missing_docs)] // the macro below makes a public function

use std::hint::black_box;
use std::net::IpAddr;
use std::sync::Arc;

use bro_matching::automaton::{Automaton, Dfa, Expression, DEFAULT_CACHE_LIMIT};
use bro_matching::signature::{
    parse, Chunk, FlowMatcher, FlowStatus, MimeMatcher, NoEval, NoNames, PacketFacts, SignatureMatcher,
    SignatureSet,
};
use bro_matching::{Flags, Pattern, PatternSet};
use criterion::{criterion_group, criterion_main, Criterion, Throughput};

/// Printable text that looks like protocol data, `length` bytes.
fn text(length: usize) -> Vec<u8> {
    b"GET /index.html?user=somebody&id=42 HTTP/1.1\r\nHost: www.example.com\r\nAccept: text/html, */*\r\n"
        .iter()
        .copied()
        .cycle()
        .take(length)
        .collect()
}

/// `count` signatures that search the whole payload.
fn signatures(count: usize) -> SignatureMatcher {
    let text: String = (0..count)
        .map(|number| {
            format!(
                "signature s{number} {{ ip-proto == tcp payload /.*(attack{number}|exploit[a-f]{{4}}{number}x)/s \
                 event \"found\" }}\n"
            )
        })
        .collect();
    let signatures = parse("bench.sig", text.as_bytes()).unwrap_or_else(|errors| panic!("{}", errors[0]));
    SignatureMatcher::new(Arc::new(SignatureSet::compile(signatures, &mut NoNames).unwrap()))
}

fn facts(is_orig: bool) -> PacketFacts<'static> {
    PacketFacts {
        is_orig,
        source: IpAddr::from([10, 0, 0, 1]),
        destination: IpAddr::from([10, 0, 0, 2]),
        source_port: 40_000,
        destination_port: 80,
        protocol: 6,
        ip_header: &[],
        transport_header: &[],
    }
}

/// One connection: both directions begun, one piece of data each.
fn connection(matcher: &mut SignatureMatcher, originator: &[u8], responder: &[u8]) -> usize {
    let mut out = Vec::new();
    let mut flow = FlowMatcher::default();
    let status = FlowStatus { established: true };
    for (is_orig, data) in [(true, originator), (false, responder)] {
        flow.begin(matcher, &facts(is_orig), status, &mut NoEval, &mut out);
        let chunk = Chunk {
            data,
            is_orig,
            begin: true,
            end: false,
        };
        flow.stream(matcher, chunk, status, &mut NoEval, &mut out);
    }
    out.len()
}

fn scanning(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("signatures");
    let data = text(1024);
    group.throughput(Throughput::Bytes(2 * data.len() as u64));
    for count in [1, 500] {
        let mut matcher = signatures(count);
        group.bench_function(format!("{count}, first KiB of both directions"), |bencher| {
            bencher.iter(|| connection(&mut matcher, black_box(&data), black_box(&data)))
        });
    }
    group.finish();

    let mut group = criterion.benchmark_group("connection");
    let set = "signature a { ip-proto == tcp payload /^SSH-/ enable \"ssh\" }\n\
               signature b { ip-proto == tcp payload /^\\x16\\x03/ tcp-state originator enable \"ssl\" }\n\
               signature c { ip-proto == tcp dst-port == 25 payload /^EHLO/ enable \"smtp\" }";
    let signatures = parse("bench.sig", set.as_bytes()).unwrap();
    let mut matcher =
        SignatureMatcher::new(Arc::new(SignatureSet::compile(signatures, &mut NoNames).unwrap()));
    group.bench_function("that matches nothing", |bencher| {
        bencher.iter(|| {
            connection(
                &mut matcher,
                black_box(b"GET / HTTP/1.0"),
                black_box(b"HTTP/1.0 200 OK"),
            )
        })
    });
    group.finish();
}

fn hostile(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("hostile");
    let length = 64 << 10;
    group.throughput(Throughput::Bytes(length as u64));
    // A backtracking matcher takes exponential time for the first and cubic time for the second on such data.
    for expression in ["(a|aa)+$", ".*a.*a.*a.*[^a]x"] {
        let automaton =
            Automaton::forward([&Expression::parse(expression.as_bytes(), Flags::default()).unwrap()])
                .unwrap();
        let mut dfa = Dfa::new(&automaton, DEFAULT_CACHE_LIMIT);
        for (name, data) in [("ordinary", text(length)), ("blowing up", vec![b'a'; length])] {
            group.bench_function(format!("{expression}, {name} data"), |bencher| {
                bencher.iter(|| {
                    let start = dfa.start(&automaton, false, true);
                    dfa.run(&automaton, start, black_box(&data))
                })
            });
        }
    }
    // Data made to need a new state for every byte, in a table too small for all of them.
    let automaton =
        Automaton::forward([&Expression::parse(b".*a[ab]{14}c", Flags::default()).unwrap()]).unwrap();
    let mut dfa = Dfa::new(&automaton, 256 << 10);
    let mut random = 1u32;
    let data: Vec<u8> = (0..length)
        .map(|_| {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            b'a' + (random >> 31) as u8
        })
        .collect();
    group.bench_function("a new state for each byte", |bencher| {
        bencher.iter(|| {
            let start = dfa.start(&automaton, true, true);
            dfa.run(&automaton, start, black_box(&data))
        })
    });
    group.finish();
}

fn patterns(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("pattern");
    let pattern = |text: &str| Pattern::new(text, Flags::default()).unwrap();
    let short = b"www.some-host.example.com";
    let address = pattern("([0-9]{1,3}\\.){3}[0-9]{1,3}");
    group.bench_function("exact, short string", |bencher| {
        bencher.iter(|| address.exact(black_box(short)))
    });
    let host = pattern("\\.example\\.(com|org)$");
    group.bench_function("embedded, short string", |bencher| {
        bencher.iter(|| host.embedded(black_box(short)))
    });
    let data = text(64 << 10);
    group.throughput(Throughput::Bytes(data.len() as u64));
    for (name, text) in [
        ("fixed", "nowhere"),
        ("with a prefix", "nowhere[0-9]"),
        ("general", "[a-z]+[0-9]{3}"),
    ] {
        let pattern = pattern(text);
        group.bench_function(format!("embedded, 64 KiB, {name}"), |bencher| {
            bencher.iter(|| pattern.embedded(black_box(&data)))
        });
    }
    let words = pattern("[a-zA-Z]+");
    group.bench_function("find_all words, 64 KiB", |bencher| {
        bencher.iter(|| words.find_all(black_box(&data)).len())
    });
    group.finish();

    let mut group = criterion.benchmark_group("pattern set");
    let patterns: Vec<Pattern> = (0..500)
        .map(|number| pattern(&format!("host{number}\\..*\\.example")))
        .collect();
    let set = PatternSet::new(&patterns).unwrap();
    group.bench_function("exact, 500 patterns", |bencher| {
        bencher.iter(|| set.exact(black_box(b"host321.in.some.domain.example")))
    });
    group.finish();
}

fn files(criterion: &mut Criterion) {
    let text: String = (0..200)
        .map(|number| {
            format!("signature f{number} {{ file-magic /\\x7f?TYPE{number}\\x00/ file-mime \"x/{number}\", {number} }}\n")
        })
        .collect();
    let signatures = parse("bench.sig", text.as_bytes()).unwrap();
    let matcher = MimeMatcher::compile(&signatures).unwrap();
    criterion.bench_function("file type, 200 signatures", |bencher| {
        bencher.iter(|| matcher.best(black_box(b"TYPE123\x00 and so on"), false).is_some())
    });
}

criterion_group!(benches, scanning, hostile, patterns, files);
criterion_main!(benches);
