//! Whatever comes: the same bytes, and bounded state.

use bro_events::Value;
use proptest::prelude::*;

use super::net::*;
use crate::mptcp::connections::{MAX_CONNECTIONS, MAX_SUBFLOWS};

#[test]
fn offers_without_answer_make_room_for_others() {
    let mut net = Net::new();
    let mut first = flow(0);
    first.src.1 = 1;
    net.open(&mut first, 1);
    let connections = MAX_CONNECTIONS as u32;
    for i in 0..connections + 100 {
        let mut flow = flow((i % 250) as u8 + 1);
        flow.src.1 = 1000 + (i / 250) as u16;
        flow.next = START;
        // All at once, so that time does not take them away.
        net.bench.now -= 0.001;
        net.segment(&mut flow, true, "S", &capable(1, &[]), b"");
    }
    assert!(net.bench.sessions.mptcp.len() <= MAX_CONNECTIONS);
    net.send(&mut first, true, 0, b"still here");
    assert_eq!(net.contents(true), "still here");
    net.bench.wait(100.0);
    assert_eq!(net.bench.sessions.mptcp.len(), 1);
}

#[test]
fn joins_that_lead_nowhere_make_room_for_others() {
    let (mut net, mut one, mut other) = (Net::new(), flow(1), flow(2));
    net.open(&mut one, 1);
    for i in 0..1000 {
        let mut flood = flow(3);
        (flood.src.1, flood.next) = (1000 + i, START);
        net.segment(&mut flood, true, "S", &Net::join_syn(3), b"");
    }
    net.join(&mut other, 2);
    net.send(&mut one, true, 0, b"evil ");
    net.send(&mut other, true, 5, b"stuff");
    assert_eq!(net.contents(true), "evil stuff");
    // Those that have joined do not make room.
    for i in 0..200 {
        let mut more = flow(4);
        more.src.1 = 1000 + i;
        net.join(&mut more, 4);
    }
    assert!(net.told("mptcp_subflow_joined").len() < MAX_SUBFLOWS);
    assert!(net.bench.weirds().contains(&"mptcp_too_many_subflows"));
    assert_eq!(net.bench.sessions.mptcp.len(), 1);
}

#[test]
fn data_far_away_is_not_kept() {
    let (mut net, mut one) = (Net::new(), flow(1));
    net.open(&mut one, 1);
    net.send(&mut one, true, 0, b"here");
    net.send(&mut one, true, 1 << 31, b"there");
    net.send(&mut one, true, 1 << 50, b"nowhere");
    net.send(&mut one, true, u64::MAX - 5, b"before");
    assert_eq!(
        net.bench
            .weirds()
            .iter()
            .filter(|weird| weird.starts_with("mptcp"))
            .count(),
        1
    );
    assert_eq!(net.finish(), "1 0 0 0 4 0 0 0 0 0 open");
}

#[test]
fn what_waits_behind_a_hole_is_limited() {
    let (mut net, mut one) = (Net::new(), flow(1));
    net.open(&mut one, 1);
    let bytes = vec![b'x'; 30_000];
    for i in 0..400 {
        net.send(&mut one, true, 10 + i * 30_000, &bytes);
        let flow = &mut one;
        net.segment(flow, false, "A", &dss(false, Some((0, false)), None), b"");
    }
    assert!(
        net.bench.sessions.mptcp.held < 24 << 20,
        "{}",
        net.bench.sessions.mptcp.held
    );
    assert!(net.bench.weirds().contains(&"mptcp_too_much_waiting"));
    assert!(net.contents(true).starts_with("##########xxx"));
}

#[test]
fn a_first_subflow_that_is_over_is_not_held_by_a_join_that_was_none() {
    let (mut net, mut one, mut other) = (Net::new(), flow(1), flow(2));
    net.open(&mut one, 1);
    net.fins(&mut one);
    net.bench.wait(3.0);
    other.next = START;
    net.segment(&mut other, true, "S", &Net::join_syn(2), b"");
    // The first is forgotten while the join is under way, which then turns out to be a TCP connection.
    net.bench.wait(3.0);
    assert_eq!(net.bench.sessions.current_connections(), 2);
    net.segment(&mut other, false, "SA", &[], b"");
    net.fins(&mut other);
    net.bench.wait(100.0);
    assert_eq!(net.bench.sessions.current_connections(), 0);
    assert!(net.bench.sessions.mptcp.is_empty());
}

/// A step on one of three subflows.
#[derive(Clone, Debug)]
enum Step {
    /// These bytes, cut out of the text
    Send(usize, usize, usize),
    /// The segment before the last of that subflow again
    Again(usize),
    /// An acknowledgement of what was delivered
    Ack(usize),
}

fn steps(len: usize) -> impl Strategy<Value = Vec<Step>> {
    let piece = (0..3usize, 0..len)
        .prop_flat_map(move |(path, from)| (Just(path), Just(from), from + 1..=len.min(from + 40)));
    let step = prop_oneof![
        6 => piece.prop_map(|(path, from, to)| Step::Send(path, from, to)),
        1 => (0..3usize).prop_map(Step::Again),
        1 => (0..3usize).prop_map(Step::Ack),
    ];
    proptest::collection::vec(step, 0..60)
}

/// Runs the steps and then sends what has not been sent yet; `change` makes other bytes of some.
fn run(text: &[u8], steps: &[Step], sums: bool, change: bool) -> (Net, Vec<Flow>) {
    let mut net = Net::new();
    let mut flows: Vec<Flow> = (1..=3).map(flow).collect();
    let flags = if sums { 0x81 } else { 0x01 };
    net.open(&mut flows[0], flags);
    for (i, flow) in flows.iter_mut().enumerate().skip(1) {
        net.join(flow, i as u8);
    }
    // Number, options and bytes of the latest segment of each.
    type Latest = Option<(u32, Vec<u8>, Vec<u8>)>;
    let mut latest: [Latest; 3] = Default::default();
    let end = Step::Send(0, 0, text.len());
    for step in steps.iter().chain([&end]) {
        match *step {
            Step::Send(path, from, to) => {
                let mut bytes = text[from..to].to_vec();
                if change && (from + to) % 5 == 0 {
                    bytes[0] ^= 0x20;
                }
                let flow = &mut flows[path];
                let seq = flow.next[0];
                let mut map = Map::new(from as u64, seq.wrapping_sub(START[0]), bytes.len());
                map.long = from % 3 != 0;
                if sums {
                    map = map.summed(true, &bytes);
                }
                let options = dss(true, None, Some(map));
                net.segment(flow, true, "A", &options, &bytes);
                latest[path] = Some((seq, options, bytes));
            }
            Step::Again(path) => {
                if let Some((seq, options, bytes)) = &latest[path] {
                    net.segment_at(&flows[path], true, "A", *seq, options, bytes);
                }
            }
            Step::Ack(path) => {
                let delivered = net.contents(true).len() as u64;
                net.ack(&mut flows[path], false, delivered);
            }
        }
    }
    (net, flows)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// However a text is sent over three subflows, it is delivered as it was sent.
    #[test]
    fn any_way_gives_the_same_bytes(steps in steps(200), sums: bool) {
        let text: Vec<u8> = (0..200u8).map(|i| b'a' + i % 26).collect();
        let (mut net, _) = run(&text, &steps, sums, false);
        prop_assert_eq!(net.contents(true).into_bytes(), text.clone());
        prop_assert_eq!(net.stream(true).into_bytes(), text);
        prop_assert!(net.told("mptcp_inconsistency").is_empty());
        let totals = net.finish();
        prop_assert!(totals.starts_with("1 2 2 0 200 0 0 0 ") && totals.ends_with(" 0 open"), "{}", totals);
    }

    /// Where copies differ, the first counts, and all that differ are told.
    #[test]
    fn copies_that_differ_are_told(steps in steps(200), sums: bool) {
        let text: Vec<u8> = (0..200u8).map(|i| b'a' + i % 26).collect();
        let (mut net, _) = run(&text, &steps, sums, true);
        let mut expected: Vec<Option<u8>> = vec![None; 200];
        let mut differ = 0;
        let end = Step::Send(0, 0, 200);
        for step in steps.iter().chain([&end]) {
            if let Step::Send(_, from, to) = *step {
                for at in from..to {
                    let changed = at == from && (from + to) % 5 == 0;
                    let byte = if changed { text[at] ^ 0x20 } else { text[at] };
                    let first = *expected[at].get_or_insert(byte);
                    differ += u64::from(first != byte);
                }
            }
        }
        let expected: Vec<u8> = expected.into_iter().flatten().collect();
        let contents = net.contents(true);
        prop_assert_eq!(contents.as_bytes(), &expected);
        let told: u64 = net.bench.recorder.named("mptcp_inconsistency").iter().map(|args| match args {
            [_, _, _, Value::Str(old), Value::Str(new), ..] => old.iter().zip(new).filter(|(a, b)| a != b).count() as u64,
            other => panic!("{other:?}"),
        }).sum();
        prop_assert_eq!(told, differ);
        let conflicting = format!(" {differ} open");
        prop_assert!(net.finish().ends_with(&conflicting));
    }

    /// Nothing panics, and nothing is left.
    #[test]
    fn anything_may_come(steps in proptest::collection::vec((0..12u8, 0..3usize, any::<bool>(), 0..50u64, 0..20usize), 0..120)) {
        let mut net = Net::new();
        let mut flows: Vec<Flow> = (1..=3).map(flow).collect();
        for (kind, path, from_orig, offset, len) in steps {
            let flow = &mut flows[path];
            let bytes = vec![b'x'; len];
            match kind {
                0 => net.open(flow, if offset % 2 == 0 { 1 } else { 0x81 }),
                1 => net.join(flow, path as u8),
                2 => net.segment(flow, from_orig, "A", &[], &bytes),
                3 => net.segment(flow, from_orig, "RA", &fast_close(if from_orig { SERVER } else { CLIENT }), b""),
                4 => net.fins(flow),
                5 => net.data_fin(flow, from_orig, offset),
                6 => net.ack(flow, from_orig, offset),
                7 => net.segment(flow, from_orig, if offset % 2 == 0 { "A" } else { "RA" }, &fail(from_orig, offset), b""),
                8 => net.send_summed(flow, from_orig, offset, b"other", &bytes),
                9 => net.send_mapped(flow, from_orig, Map::new(offset, offset as u32, 0), &bytes),
                10 => { net.bench.wait(offset as f64 * 20.0); }
                _ => net.send(flow, from_orig, offset, &bytes),
            }
        }
        net.bench.finish();
        prop_assert!(net.bench.sessions.mptcp.is_empty());
        prop_assert_eq!(net.bench.sessions.current_connections(), 0);
    }
}
