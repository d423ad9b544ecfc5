//! Entry points for fuzzing: each takes arbitrary bytes and must neither panic nor take more than linear time.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use crate::signature::{
    parse, Chunk, Context, EvalRequest, FlowMatcher, FlowStatus, MimeMatcher, NoNames, PacketFacts,
    SignatureMatcher, SignatureSet,
};
use crate::{Flags, Pattern};

/// An expression up to the first newline, and data to match after it.
pub fn fuzz_pattern(input: &[u8]) {
    let (text, data) = split(input);
    let flags = Flags {
        ignore_case: data.len() % 2 == 1,
        dot_all: data.len() % 3 == 1,
    };
    let Ok(pattern) = Pattern::new(text, flags) else {
        return;
    };
    let exact = pattern.exact(data);
    let found = pattern.find(data, 0);
    assert_eq!(found.is_some(), pattern.embedded(data));
    assert!(!exact || found.is_some());
    for (start, end) in pattern.find_all(data) {
        assert!(start < end && end <= data.len());
    }
    let again = Pattern::new(pattern.printed(), Flags::default());
    assert!(again.map_or(true, |again| again.exact(data) == exact));
}

/// A signature file.
pub fn fuzz_signature_file(input: &[u8]) {
    match parse("input", input) {
        Ok(signatures) => {
            let _ = MimeMatcher::compile(&signatures);
            let _ = SignatureSet::compile(signatures, &mut NoNames);
        }
        Err(errors) => assert!(errors.iter().all(|error| !error.to_string().is_empty())),
    }
}

/// Data of a connection against signatures that use every condition. The first byte of each piece of 2 to 17 bytes
/// says how it is given.
pub fn fuzz_flow(input: &[u8]) {
    const TEXT: &[u8] = br#"
        signature a { payload /.*a.?b$/ event "a" requires-reverse-signature b }
        signature b { payload /[a-c]+\x00/ tcp-state responder eval f event "b" }
        signature c { payload-size > 3 requires-signature !a header ip[16:4] == 10.0.0.0/8 event "c" }
        signature d { http-request /.*x/ http-reply-body /y/ ip-proto == tcp dst-port == 1-200 event "d" }
        signature e { tcp-state established, originator same-ip ip-options rr, ssrr enable "http" }
    "#;
    let Ok(signatures) = parse("builtin", TEXT) else {
        return;
    };
    let Ok(set) = SignatureSet::compile(signatures, &mut NoNames) else {
        return;
    };
    let mut matcher = SignatureMatcher::new(Arc::new(set));
    let mut flow = FlowMatcher::default();
    let mut out = Vec::new();
    let mut rest = input;
    let mut host = |request: &EvalRequest<'_>| request.data.len() % 2 == 0;
    while let Some((&how, after)) = rest.split_first() {
        let (data, after) = after.split_at((1 + usize::from(how >> 4)).min(after.len()));
        rest = after;
        let is_orig = how & 1 == 1;
        let status = FlowStatus {
            established: how & 2 == 2,
        };
        let address = |last: u8| IpAddr::V4(Ipv4Addr::new(10, 0, 0, last & 1));
        let facts = PacketFacts {
            is_orig,
            source: address(how >> 2),
            destination: address(how >> 3),
            source_port: u16::from(how),
            destination_port: u16::from(how) * 2,
            protocol: if how & 4 == 4 { 6 } else { 17 },
            ip_header: data,
            transport_header: data,
        };
        flow.begin(&mut matcher, &facts, status, &mut host, &mut out);
        let chunk = Chunk {
            data,
            is_orig,
            begin: how & 8 == 8,
            end: how & 16 == 16,
        };
        match how >> 1 & 3 {
            0 => flow.packet(&mut matcher, data, is_orig, status, &mut host, &mut out),
            1 => flow.content(
                &mut matcher,
                Context::HttpRequest,
                chunk,
                status,
                &mut host,
                &mut out,
            ),
            _ => flow.stream(&mut matcher, chunk, status, &mut host, &mut out),
        }
    }
    flow.finish(&mut matcher, FlowStatus::default(), &mut host, &mut out);
    let mut reported: Vec<_> = out.iter().map(|found| (found.signature, found.is_orig)).collect();
    reported.sort_unstable();
    let count = reported.len();
    reported.dedup();
    assert_eq!(
        reported.len(),
        count,
        "a signature is reported once per direction"
    );
}

fn split(input: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memchr(b'\n', input) {
        Some(at) => (
            input.get(..at).unwrap_or_default(),
            input.get(at + 1..).unwrap_or_default(),
        ),
        None => (input, &[]),
    }
}
