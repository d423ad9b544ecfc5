//! What many flows share, and what each costs.

use super::*;

#[test]
fn a_flow_is_small() {
    assert!(
        std::mem::size_of::<FlowMatcher>() <= 64,
        "{}",
        std::mem::size_of::<FlowMatcher>()
    );
}

#[test]
fn many_signatures_are_matched_in_one_pass() {
    let text: String = (0..500)
        .map(|number| {
            format!("signature s{number} {{ ip-proto == tcp payload /.*(word{number}|w{number}[0-9]x)$/ }}\n")
        })
        .collect();
    let mut flow = Flow::tcp(&text);
    let data = b"nothing to see here, move along, word77 word499";
    assert_eq!(flow.chunk(true, data, true, true), [">s499"]);
    let stats = flow.matcher.stats(Context::Payload).unwrap();
    assert_eq!(stats.scanned, data.len() as u64);
}

#[test]
fn candidates_are_shared() {
    let set = Arc::new(compiled(
        "signature a { dst-port == 80 payload /.*x/ } signature b { payload /.*y/ }",
    ));
    let mut matcher = SignatureMatcher::new(set);
    let mut flows = Vec::new();
    for number in 0..10 {
        let facts = PacketFacts {
            is_orig: true,
            source: CLIENT.parse().unwrap(),
            destination: SERVER.parse().unwrap(),
            source_port: number,
            destination_port: 79 + number % 2,
            protocol: 6,
            ip_header: &[],
            transport_header: &[],
        };
        let mut flow = FlowMatcher::default();
        let mut out = Vec::new();
        flow.begin(&mut matcher, &facts, FlowStatus::default(), &mut NoEval, &mut out);
        let chunk = Chunk {
            data: b"abc",
            is_orig: true,
            begin: true,
            end: false,
        };
        flow.stream(&mut matcher, chunk, FlowStatus::default(), &mut NoEval, &mut out);
        flows.push(flow);
    }
    // The dead state, and one state for each of the two kinds of connection.
    assert_eq!(matcher.stats(Context::Payload).unwrap().states, 3);
}

#[test]
fn everything_can_go_to_another_thread() {
    fn is_send<T: Send>() {}
    fn is_shared<T: Send + Sync>() {}
    is_send::<SignatureMatcher>();
    is_send::<FlowMatcher>();
    is_shared::<SignatureSet>();
    is_shared::<MimeMatcher>();
    is_shared::<crate::Pattern>();
    is_shared::<crate::PatternSet>();
}

#[test]
fn a_flow_of_another_set_is_safe() {
    let long = format!(
        "signature a {{ payload /.*{}x/ }} signature b {{ payload /.*y/ }}",
        "[a-w]{50}"
    );
    let mut flow = Flow::tcp(&long);
    assert_eq!(flow.stream(true, &[b'a'; 30]), NOTHING);
    flow.matcher = SignatureMatcher::new(Arc::new(compiled("signature c { payload /z/ }")));
    assert_eq!(flow.stream(true, b"zy"), NOTHING);
    assert_eq!(flow.stream(false, b"z"), ["<c"]);
}
