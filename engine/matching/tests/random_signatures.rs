//! Random signature files and random connections.

use std::net::IpAddr;
use std::sync::Arc;

use bro_matching::fuzz;
use bro_matching::signature::{
    parse, Chunk, FlowMatcher, FlowStatus, MimeMatcher, NoEval, NoNames, PacketFacts, SignatureMatcher,
    SignatureSet,
};
use bro_matching::{Flags, Pattern};
use proptest::prelude::*;

/// Pieces of the language, to be put together at random.
const PIECES: [&str; 46] = [
    "signature ",
    "a",
    "b ",
    " {",
    "}\n",
    "\n",
    "payload ",
    "/",
    "/i",
    "[",
    "]",
    "(",
    ")",
    "*",
    "\\",
    "^",
    "$",
    "\"",
    "ip-proto ",
    "== ",
    "!= ",
    "tcp",
    ",",
    "-",
    "1",
    "0x",
    "10.0.0.1",
    "[fe80::1]",
    "header ip[",
    ":4]",
    "& ",
    "event ",
    "enable ",
    "file-magic ",
    "file-mime ",
    "requires-signature ",
    "!",
    "tcp-state ",
    "established",
    "# ",
    "payload-size ",
    "eval f",
    "same-ip",
    "dst-port ",
    "{2,3}",
    "\x00\u{e9}",
];

const EXPRESSIONS: [&str; 10] = [
    "a",
    "ab+",
    ".*b",
    "[ab]{2}c",
    "(a|b)*c$",
    ".*(ab|ba).?c",
    "^b",
    "c*",
    "a.c",
    "(?i:A)b",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_a_signature_file_or_errors(text in prop::collection::vec(any::<u8>(), 0..200)) {
        fuzz::fuzz_signature_file(&text);
    }

    #[test]
    fn any_words_are_a_signature_file_or_errors(
        pieces in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..40),
    ) {
        fuzz::fuzz_signature_file(pieces.concat().as_bytes());
    }

    #[test]
    fn any_words_within_a_signature_too(pieces in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..20)) {
        let text = format!("signature a {{ {}\n}}\nsignature b {{ payload /x/ }}", pieces.concat());
        fuzz::fuzz_signature_file(text.as_bytes());
        if let Err(errors) = parse("x", text.as_bytes()) {
            let lines = text.lines().count() as u32;
            prop_assert!(errors.iter().all(|e| e.position.line >= 1 && e.position.line <= lines + 1));
        }
    }

    #[test]
    fn any_bytes_are_a_connection(input in prop::collection::vec(any::<u8>(), 0..300)) {
        fuzz::fuzz_flow(&input);
    }

    #[test]
    fn any_bytes_are_a_pattern_and_data(input in prop::collection::vec(any::<u8>(), 0..60)) {
        fuzz::fuzz_pattern(&input);
    }

    /// Whatever the pieces, a stream's signatures match as their expressions do on the whole.
    #[test]
    fn pieces_of_a_stream_change_nothing(
        expressions in prop::collection::vec(prop::sample::select(EXPRESSIONS.to_vec()), 1..8),
        data in prop::collection::vec(prop::sample::select(b"abc\n".to_vec()), 0..30),
        lengths in prop::collection::vec(0usize..9, 0..6),
    ) {
        let text: String = expressions
            .iter()
            .enumerate()
            .map(|(number, expression)| format!("signature s{number} {{ payload /{expression}/ }}\n"))
            .collect();
        let set = Arc::new(SignatureSet::compile(parse("x", text.as_bytes()).unwrap(), &mut NoNames).unwrap());
        let mut matcher = SignatureMatcher::new(Arc::clone(&set));
        let mut flow = FlowMatcher::default();
        let mut out = Vec::new();
        let status = FlowStatus::default();
        let address: IpAddr = "10.0.0.1".parse().unwrap();
        let facts = PacketFacts {
            is_orig: true,
            source: address,
            destination: address,
            source_port: 1,
            destination_port: 2,
            protocol: 6,
            ip_header: &[],
            transport_header: &[],
        };
        flow.begin(&mut matcher, &facts, status, &mut NoEval, &mut out);
        let mut rest = data.as_slice();
        let mut begin = true;
        for length in lengths {
            let (piece, after) = rest.split_at(length.min(rest.len()));
            rest = after;
            let chunk = Chunk { data: piece, is_orig: true, begin, end: false };
            flow.stream(&mut matcher, chunk, status, &mut NoEval, &mut out);
            begin = false;
        }
        let done_before_end = !begin && flow.payload_done(true);
        let before = out.len();
        let chunk = Chunk { data: rest, is_orig: true, begin, end: true };
        flow.stream(&mut matcher, chunk, status, &mut NoEval, &mut out);
        prop_assert!(!done_before_end || out.len() == before);
        prop_assert!(flow.payload_done(true));
        let mut found: Vec<String> = out.iter().map(|found| set.get(found.signature).unwrap().id.clone()).collect();
        found.sort();
        let mut expected = Vec::new();
        for (number, expression) in expressions.iter().enumerate() {
            let pattern = Pattern::new(expression, Flags::default()).unwrap();
            if pattern.longest_at(&data, 0).is_some() {
                expected.push(format!("s{number}"));
            }
        }
        expected.sort();
        prop_assert_eq!(found, expected);
        let text = text.replace("payload", "file-magic").replace(" }", " file-mime \"a/b\" }");
        let magic = MimeMatcher::compile(&parse("x", text.as_bytes()).unwrap()).unwrap();
        prop_assert_eq!(magic.best(&data, true).is_some(), !expressions.is_empty() && {
            expressions.iter().any(|expression| {
                Pattern::new(expression, Flags::default()).unwrap().longest_at(&data, 0).is_some()
            })
        });
    }
}
