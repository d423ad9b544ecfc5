//! What real kernels do, and a monitor must cope with.

use super::net::*;

/// A connection with two subflows.
fn two(flags: u8) -> (Net, Flow, Flow) {
    let (mut net, mut one, mut other) = (Net::new(), flow(1), flow(2));
    net.open(&mut one, flags);
    net.join(&mut other, 2);
    (net, one, other)
}

/// Everything is closed in order: the lengths of what the sides have sent.
fn close(net: &mut Net, flows: &mut [&mut Flow], lens: [u64; 2]) {
    for flow in flows.iter_mut() {
        net.data_fin(flow, true, lens[0]);
        net.data_fin(flow, false, lens[1]);
        net.ack(flow, true, lens[1] + 1);
        net.ack(flow, false, lens[0] + 1);
    }
    for flow in flows.iter_mut() {
        net.fins(flow);
    }
}

#[test]
fn one_stream_over_two_paths() {
    let (mut net, mut one, mut other) = two(1);
    net.send(&mut one, true, 0, b"evil ");
    net.send(&mut other, true, 5, b"stuff");
    net.send(&mut other, false, 0, b"got ");
    net.send(&mut one, false, 4, b"it");
    close(&mut net, &mut [&mut one, &mut other], [10, 6]);
    assert_eq!(
        (net.stream(true), net.stream(false)),
        ("evil stuff".into(), "got it".into())
    );
    assert_eq!(
        (net.contents(true), net.contents(false)),
        ("evil stuff".into(), "got it".into())
    );
    let ends: Vec<_> = net
        .analyzed()
        .into_iter()
        .filter(|line| line.starts_with("end"))
        .collect();
    assert_eq!(ends, ["end false", "end true"], "once for both subflows");
    assert_eq!(net.finish(), "1 1 1 0 10 6 0 0 0 0 finished");
    assert_eq!(net.told("mptcp_subflow_closed").len(), 2);
}

#[test]
fn identical_data_again_on_another_subflow_is_no_conflict() {
    let (mut net, mut one, mut other) = two(1);
    net.send(&mut one, true, 0, b"hello world");
    net.send(&mut other, true, 0, b"hello");
    net.ack(&mut one, false, 11);
    net.send(&mut other, true, 5, b" world");
    close(&mut net, &mut [&mut one, &mut other], [11, 0]);
    assert_eq!(net.contents(true), "hello world");
    assert!(net.told("mptcp_inconsistency").is_empty());
    assert_eq!(net.finish(), "1 1 1 0 11 0 0 0 11 0 finished");
}

#[test]
fn the_same_numbers_with_other_bytes_are_a_conflict() {
    let (mut net, mut one, mut other) = two(1);
    net.send(&mut one, true, 0, b"good text");
    net.send(&mut other, true, 5, b"evil");
    assert_eq!(net.contents(true), "good text");
    let uids: Vec<String> = net
        .bench
        .conns()
        .iter()
        .map(|conn| conn.uid.to_string())
        .collect();
    let expected = format!(
        "mptcp_inconsistency T 5 \"text\" \"evil\" {:?} {:?}",
        uids[0], uids[1]
    );
    assert_eq!(net.told("mptcp_inconsistency"), [expected]);
    assert_eq!(net.finish(), "1 1 1 0 9 0 0 0 0 4 open");
}

#[test]
fn one_mapping_spans_segments_and_comes_with_each() {
    let (mut net, mut one, _) = two(1);
    let map = Map::new(0, 1, 9);
    for part in [b"abc", b"def", b"ghi"] {
        net.send_mapped(&mut one, true, map, part);
    }
    // The next one comes with its first segment only.
    net.send_mapped(&mut one, true, Map::new(9, 10, 6), b"jkl");
    net.segment(&mut one, true, "A", &dss(true, Some((0, false)), None), b"mno");
    assert_eq!(net.stream(true), "abcdefghijklmno");
}

#[test]
fn capable_with_data_stands_for_a_mapping() {
    for with_sum in [false, true] {
        let (mut net, mut one) = (Net::new(), flow(1));
        let flags = if with_sum { 0x81 } else { 0x01 };
        net.open_until_third(&mut one, flags);
        let sum = Map::new(0, 1, 5)
            .summed(true, b"hello")
            .sum
            .unwrap_or(0)
            .to_be_bytes();
        let keys = [CLIENT.to_be_bytes(), SERVER.to_be_bytes()];
        let len = 5u16.to_be_bytes();
        let mut rest: Vec<&[u8]> = vec![&keys[0], &keys[1], &len];
        if with_sum {
            rest.push(&sum);
        }
        net.segment(&mut one, true, "A", &capable(flags, &rest), b"hello");
        net.send_summed(&mut one, true, 5, b" you", b" you");
        assert_eq!(net.stream(true), "hello you", "checksum: {with_sum}");
        assert_eq!(net.finish(), "1 0 0 0 9 0 0 0 0 0 open");
    }
}

#[test]
fn numbers_of_64_and_32_bits() {
    let (mut net, mut one, mut other) = two(1);
    net.send(&mut one, true, 0, b"abcd");
    let ack = dss(false, Some((4, false)), None);
    net.segment(&mut one, false, "A", &ack, b"");
    let ssn = other.next[0].wrapping_sub(START[0]);
    net.send_mapped(
        &mut other,
        true,
        Map {
            long: false,
            ..Map::new(4, ssn, 4)
        },
        b"efgh",
    );
    // Bytes on a path that is not seen; the short acknowledgement tells.
    net.send(&mut one, true, 10, b"kl");
    net.segment(&mut other, false, "A", &dss(false, Some((12, false)), None), b"");
    assert_eq!(net.contents(true), "abcdefgh##kl");
    assert_eq!(net.finish(), "1 1 1 0 8 0 2 0 0 0 open");
}

#[test]
fn data_before_its_mapping() {
    let (mut net, mut one, _) = two(1);
    net.segment(&mut one, true, "A", &dss(true, Some((0, false)), None), b"first ");
    assert_eq!(net.stream(true), "");
    net.send_mapped(&mut one, true, Map::new(0, 1, 12), b"second");
    assert_eq!(net.stream(true), "first second");
}

#[test]
fn a_path_that_is_not_seen_leaves_gaps() {
    let (mut net, mut one, _) = two(1);
    net.send(&mut one, true, 0, b"abc");
    net.send(&mut one, true, 6, b"ghi");
    assert_eq!(net.contents(true), "abc", "the rest may come");
    net.ack(&mut one, false, 9);
    assert_eq!(net.contents(true), "abc###ghi");
    net.send(&mut one, true, 12, b"mno");
    assert!(net.analyzed().contains(&"gap true 3 3".to_owned()));
    net.data_fin(&mut one, true, 1 << 29);
    net.data_fin(&mut one, true, 17);
    net.ack(&mut one, false, 18);
    // At the end what is missing is missing for good.
    assert_eq!(net.finish(), "1 1 1 0 3 0 8 0 0 0 open");
    assert_eq!(net.contents(true), "abc###ghi###mno##");
}

#[test]
fn segments_that_tcp_holds_are_no_gap() {
    let (mut net, mut one, mut other) = two(1);
    // A segment of the second path was not captured, and the next one was; the receiver has both, and says so on the
    // first path before the second.
    net.send(&mut one, true, 0, b"abc");
    other.next[0] = other.next[0].wrapping_add(3);
    net.send(&mut other, true, 6, b"ghi");
    net.ack(&mut one, false, 9);
    assert_eq!(net.contents(true), "abc");
    net.ack(&mut other, false, 9);
    assert_eq!(net.contents(true), "abc###ghi");
}

#[test]
fn data_fin_comes_alone_on_all_subflows() {
    let (mut net, mut one, mut other) = two(1);
    net.send(&mut one, true, 0, b"bye");
    for flow in [&mut one, &mut other] {
        net.data_fin(flow, true, 3);
    }
    net.data_fin(&mut other, false, 0);
    net.data_fin(&mut one, false, 0);
    assert_eq!(
        net.analyzed(),
        ["stream true bye"],
        "its receiver has not taken it yet"
    );
    net.ack(&mut one, false, 4);
    net.ack(&mut other, true, 1);
    assert_eq!(net.analyzed(), ["stream true bye", "end true", "end false"]);
    // A reset of a subflow after everything arrived is no failure.
    net.fins(&mut one);
    net.segment(&mut other, true, "R", &[], b"");
    assert_eq!(net.finish(), "1 1 1 0 3 0 0 0 0 0 finished");
}

#[test]
fn data_fin_in_the_mapping_of_data() {
    let (mut net, mut one, _) = two(1);
    let map = Map {
        fin: true,
        ..Map::new(0, 1, 4)
    };
    net.send_mapped(&mut one, true, map, b"bye");
    net.ack(&mut one, false, 4);
    assert_eq!(net.analyzed(), ["stream true bye", "end true"]);
    assert_eq!(net.contents(true), "bye");
}

#[test]
fn a_data_fin_that_data_goes_beyond_is_none() {
    let (mut net, mut one, mut other) = two(1);
    net.data_fin(&mut other, true, 5);
    net.send(&mut one, true, 0, b"evil stuff");
    assert_eq!(net.stream(true), "evil stuff");
    net.data_fin(&mut other, true, 10);
    net.ack(&mut other, false, 11);
    // What comes behind the end is not taken.
    net.send(&mut one, true, 10, b"more");
    assert_eq!(net.analyzed(), ["stream true evil stuff", "end true"]);
    assert!(net.bench.weirds().contains(&"mptcp_data_after_end"));
}

#[test]
fn what_has_become_tcp_has_no_options() {
    let (mut net, mut one) = (Net::new(), flow(1));
    net.open_until_third(&mut one, 1);
    net.segment(&mut one, true, "A", &[], b"");
    net.segment(&mut one, true, "A", &[], b"evil ");
    net.segment(&mut one, false, "A", &[], b"");
    net.data_fin(&mut one, true, 5);
    net.send(&mut one, true, 70, b"stuff");
    assert_eq!(net.stream(true), "evil stuff");
}

#[test]
fn a_join_refused_after_its_hmac() {
    let (mut net, mut one, mut other) = (Net::new(), flow(1), flow(2));
    net.open(&mut one, 1);
    net.join_until_fourth(&mut other, 2);
    net.segment(&mut other, false, "RA", &tcp_rst(2), b"");
    assert_eq!(net.told("mptcp_join_refused").len(), 1);
    assert!(net.told("mptcp_subflow_joined").is_empty());
    net.send(&mut one, true, 0, b"go on");
    close(&mut net, &mut [&mut one], [5, 0]);
    assert_eq!(net.finish(), "1 0 0 1 5 0 0 0 0 0 finished");
}

#[test]
fn an_offer_that_is_not_taken_is_tcp() {
    let (mut net, mut one) = (Net::new(), flow(1));
    one.next = START;
    net.segment(&mut one, true, "S", &capable(1, &[]), b"");
    net.segment(&mut one, false, "SA", &[], b"");
    net.segment(&mut one, true, "A", &[], b"");
    net.segment(&mut one, true, "A", &[], b"plain");
    assert_eq!(net.told("mptcp_rejected"), ["mptcp_rejected 1"]);
    assert_eq!(net.stream(true), "plain");
    net.bench.finish();
    assert_eq!(net.bench.count("mptcp_finished"), 0);
    assert!(net.told("mptcp_subflow").is_empty());
}

#[test]
fn fallback_is_silent_at_the_beginning() {
    // The third packet comes without the option, and so does everything behind it.
    let (mut net, mut one) = (Net::new(), flow(1));
    net.open_until_third(&mut one, 1);
    net.segment(&mut one, true, "A", &[], b"");
    net.segment(&mut one, true, "A", &[], b"GET /");
    net.segment(&mut one, false, "A", &[], b"200");
    net.segment(&mut one, true, "A", &[], b" more");
    net.segment(&mut one, false, "A", &[], b"");
    assert_eq!(
        (net.stream(true), net.stream(false)),
        ("GET / more".into(), "200".into())
    );
    assert_eq!(net.told("mptcp_fallback"), ["mptcp_fallback \"no_mapping\""]);
    net.segment(&mut one, true, "FA", &[], b"");
    net.segment(&mut one, false, "FA", &[], b"");
    net.segment(&mut one, true, "A", &[], b"");
    let ends: Vec<_> = net
        .analyzed()
        .into_iter()
        .filter(|line| line.starts_with("end"))
        .collect();
    assert_eq!(ends, ["end true", "end false"]);
    assert_eq!(net.finish(), "1 0 0 0 10 3 0 0 0 0 fallback");
}

#[test]
fn fallback_is_silent_in_mid_connection() {
    let (mut net, mut one) = (Net::new(), flow(1));
    net.open(&mut one, 1);
    net.send(&mut one, true, 0, b"mapped ");
    net.ack(&mut one, false, 7);
    net.segment(&mut one, true, "A", &[], b"and ");
    assert_eq!(net.stream(true), "mapped ");
    net.segment(&mut one, false, "A", &[], b"");
    net.segment(&mut one, true, "A", &[], b"not");
    net.segment(&mut one, false, "A", &[], b"yes");
    assert_eq!(
        (net.stream(true), net.stream(false)),
        ("mapped and not".into(), "yes".into())
    );
    assert_eq!(net.finish(), "1 0 0 0 14 3 0 0 0 0 fallback");
}

#[test]
fn data_again_is_new_to_a_receiver_that_has_gone_back_to_tcp() {
    // Seen from the sender, whose options a middlebox takes away on the way.
    let (mut net, mut one) = (Net::new(), flow(1));
    net.open(&mut one, 1);
    net.send(&mut one, true, 0, b"once ");
    net.segment(&mut one, false, "A", &[], b"");
    net.send(&mut one, true, 5, b"more ");
    net.segment(&mut one, false, "A", &[], b"");
    net.send(&mut one, true, 5, b"more ");
    net.send(&mut one, true, 10, b"end");
    assert_eq!(net.stream(true), "once more more end");
    assert_eq!(net.finish(), "1 0 0 0 18 0 0 0 0 0 fallback");
    // While it speaks MPTCP it is not.
    let (mut net, mut one) = (Net::new(), flow(1));
    net.open(&mut one, 1);
    net.send(&mut one, true, 0, b"once ");
    net.segment(&mut one, false, "A", &[], b"");
    net.ack(&mut one, false, 5);
    net.send(&mut one, true, 0, b"once ");
    net.send(&mut one, true, 5, b"only");
    assert_eq!(net.stream(true), "once only");
}

#[test]
fn subflows_share_a_window() {
    let (mut net, mut one, _) = two(1);
    for _ in 0..3 {
        net.send(&mut one, true, 0, b"abc");
    }
    assert!(!net.bench.weirds().contains(&"window_recision"));
}

#[test]
fn fallback_without_acknowledgements_is_found_at_the_end() {
    let (mut net, mut one) = (Net::new(), flow(1));
    net.open(&mut one, 1);
    net.segment(&mut one, true, "A", &[], b"one way");
    assert_eq!(net.finish(), "1 0 0 0 7 0 0 0 0 0 fallback");
    assert_eq!(net.contents(true), "one way");
}

#[test]
fn with_two_subflows_there_is_no_fallback() {
    let (mut net, mut one, mut other) = two(1);
    net.send(&mut one, true, 0, b"good");
    net.segment(&mut other, true, "A", &[], b"bare");
    net.segment(&mut other, false, "RA", &tcp_rst(6), b"");
    net.segment(&mut one, false, "RA", &tcp_rst(6), b"");
    assert_eq!(net.stream(true), "good");
    assert_eq!(net.finish(), "1 1 1 0 4 0 0 0 0 0 reset");
    assert!(net.told("mptcp_fallback").is_empty());
}

#[test]
fn a_wrong_checksum_on_the_only_path_ends_in_fallback() {
    let (mut net, mut one) = (Net::new(), flow(1));
    net.open(&mut one, 0x81);
    net.send_summed(&mut one, true, 0, b"right ", b"right ");
    net.send_summed(&mut one, true, 6, b"good", b"evil");
    assert_eq!(net.stream(true), "right ");
    assert_eq!(net.told("mptcp_wrong_checksum").len(), 1);
    net.segment(&mut one, false, "A", &fail(false, 6), b"");
    assert_eq!(net.stream(true), "right evil", "its receiver takes it");
    // The sender says so with an infinite mapping, and then nothing.
    net.send_mapped(
        &mut one,
        true,
        Map {
            sum: Some(0),
            ..Map::new(6, 7, 0)
        },
        b" and",
    );
    net.segment(&mut one, true, "A", &[], b" more");
    net.segment(&mut one, false, "A", &[], b"answer");
    assert_eq!(
        (net.stream(true), net.stream(false)),
        ("right evil and more".into(), "answer".into())
    );
    assert_eq!(net.told("mptcp_fallback"), ["mptcp_fallback \"checksum\""]);
    assert_eq!(net.finish(), "1 0 0 0 19 6 0 0 0 0 fallback");
}

#[test]
fn an_infinite_mapping_tells_where_mp_fail_was_not_seen() {
    let (mut net, mut one) = (Net::new(), flow(1));
    net.open(&mut one, 0x81);
    net.send_summed(&mut one, true, 0, b"good", b"evil");
    net.send_mapped(
        &mut one,
        true,
        Map {
            sum: Some(0),
            ..Map::new(0, 1, 0)
        },
        b" and",
    );
    assert_eq!(net.stream(true), "evil and");
    assert_eq!(
        net.told("mptcp_fallback"),
        ["mptcp_fallback \"infinite_mapping\""]
    );
}

#[test]
fn a_wrong_checksum_on_one_of_two_paths_leaves_the_right_copy() {
    let (mut net, mut one, mut other) = two(0x81);
    net.send_summed(&mut one, true, 0, b"right", b"wrong");
    net.segment(&mut one, false, "RA", &fail(false, 0), b"");
    net.send_summed(&mut other, true, 0, b"right", b"right");
    net.send_summed(&mut other, true, 5, b" on", b" on");
    assert_eq!(net.stream(true), "right on");
    assert_eq!(net.told("mptcp_wrong_checksum").len(), 1);
    assert_eq!(net.told("mptcp_inconsistency").len(), 1);
    close(&mut net, &mut [&mut other], [8, 0]);
    assert_eq!(net.finish(), "1 1 1 0 8 0 0 0 0 5 finished");
}

#[test]
fn an_agreed_checksum_must_be_there() {
    let (mut net, mut one, mut other) = two(0x81);
    net.send(&mut one, true, 0, b"none");
    net.send_summed(&mut other, true, 0, b"some", b"some");
    assert_eq!(net.stream(true), "some");
    assert!(net.bench.weirds().contains(&"mptcp_checksum_missing"));
    // Where it was not agreed upon, it means nothing.
    let (mut net, mut one, _) = two(1);
    net.send_summed(&mut one, true, 0, b"good", b"evil");
    assert_eq!(net.stream(true), "evil");
}

#[test]
fn fast_close_rides_on_a_reset_of_every_subflow() {
    let (mut net, mut one, mut other) = two(1);
    net.send(&mut one, true, 0, b"half");
    for flow in [&mut one, &mut other] {
        net.segment(flow, true, "RA", &fast_close(SERVER), b"");
    }
    for flow in [&mut one, &mut other] {
        net.segment(flow, false, "R", &[], b"");
    }
    assert_eq!(net.finish(), "1 1 1 0 4 0 0 0 0 0 fastclose");
}

#[test]
fn a_fast_close_with_another_key_is_none() {
    let (mut net, mut one, mut other) = two(1);
    net.segment(&mut one, true, "A", &fast_close(CLIENT), b"");
    net.send(&mut other, true, 0, b"on");
    close(&mut net, &mut [&mut one, &mut other], [2, 0]);
    assert_eq!(net.finish(), "1 1 1 0 2 0 0 0 0 0 finished");
}

#[test]
fn a_subflow_is_reset_while_others_live() {
    let (mut net, mut one, mut other) = two(1);
    net.send(&mut one, true, 0, b"begun ");
    net.segment(&mut one, false, "RA", &tcp_rst(1), b"");
    assert_eq!(net.told("mptcp_subflow_closed").len(), 1);
    // TCP forgets it soon; the analyzers that sit on it live on.
    net.bench.wait(60.0);
    net.send(&mut other, true, 6, b"and done");
    close(&mut net, &mut [&mut other], [14, 0]);
    assert_eq!(net.stream(true), "begun and done");
    assert_eq!(net.bench.count("connection_state_remove"), 0);
    net.bench.wait(60.0);
    assert_eq!(
        net.bench.count("connection_state_remove"),
        2,
        "the first goes with the last"
    );
    assert_eq!(net.finish(), "1 1 1 0 14 0 0 0 0 0 finished");
}

#[test]
fn the_first_subflow_rests_while_others_work() {
    let (mut net, mut one, mut other) = two(1);
    net.send(&mut one, true, 0, b"begun ");
    for i in 0..6 {
        net.bench.wait(200.0);
        net.send(&mut other, true, 6 + i, b".");
    }
    assert_eq!(net.bench.count("connection_timeout"), 0);
    // It was not forgotten: it is still itself.
    net.send(&mut one, true, 12, b" done");
    assert_eq!(net.stream(true), "begun ...... done");
    assert_eq!(net.bench.sessions.current_connections(), 2);
    net.bench.wait(1000.0);
    assert_eq!(
        net.bench.sessions.current_connections(),
        0,
        "in the end nobody works"
    );
    assert!(net.bench.sessions.mptcp.is_empty());
}

#[test]
fn the_ports_of_the_first_subflow_are_used_again_while_others_live() {
    let (mut net, mut one, mut other) = two(1);
    net.send(&mut one, true, 0, b"evil ");
    net.segment(&mut one, true, "R", &[], b"");
    let mut again = Flow {
        next: [777, 888],
        ..one
    };
    net.segment(&mut again, true, "S", &[], b"");
    net.segment(&mut again, false, "SA", &[], b"");
    net.segment(&mut again, true, "A", &[], b"something else");
    net.send(&mut other, true, 5, b"stuff");
    assert_eq!(net.contents(true), "evil stuff");
    assert_eq!(net.stream(true), "evil something elsestuff", "of two connections");
    net.bench.finish();
    assert_eq!(net.bench.count("connection_state_remove"), 3);
    assert!(net.bench.sessions.mptcp.is_empty());
}

#[test]
fn a_priority_without_an_address_is_about_its_own_subflow() {
    let (mut net, mut one, _) = two(1);
    net.segment(&mut one, true, "A", &[30, 3, 0x51], b"");
    assert_eq!(net.told("mp_prio"), ["mp_prio 3 1 0 T"]);
    assert!(net.told("mp_error").is_empty());
}

#[test]
fn a_join_that_was_stripped_is_a_connection_of_its_own() {
    let (mut net, mut one, mut other) = (Net::new(), flow(1), flow(2));
    net.open(&mut one, 1);
    // The option is gone from the SYN, or from the answer.
    other.next = START;
    net.segment(&mut other, true, "S", &[], b"");
    net.segment(&mut other, false, "SA", &[], b"");
    net.segment(
        &mut other,
        true,
        "A",
        &dss(true, None, Some(Map::new(0, 1, 5))),
        b"plain",
    );
    let mut third = Flow {
        next: START,
        ..flow(3)
    };
    net.segment(&mut third, true, "S", &Net::join_syn(3), b"");
    net.segment(&mut third, false, "SA", &[], b"");
    net.segment(&mut third, true, "A", &[], b" text");
    assert_eq!(net.stream(true), "plain text");
    assert_eq!(net.contents(true), "");
    assert_eq!(
        net.told("mptcp_subflow").len(),
        2,
        "the answer to the third has told"
    );
    assert_eq!(net.finish(), "1 0 0 0 0 0 0 0 0 0 open");
}

#[test]
fn who_does_not_know_the_keys_has_no_say() {
    let (mut net, mut one, mut other) = (Net::new(), flow(1), flow(2));
    net.open(&mut one, 1);
    net.join_until_fourth(&mut other, 2);
    let mut thief = Flow {
        next: START,
        ..flow(3)
    };
    net.segment(&mut thief, true, "S", &Net::join_syn(3), b"");
    let answer = [&[30, 16, 0x10, 3][..], &[9; 12]].concat();
    net.segment(&mut thief, false, "SA", &answer, b"");
    net.segment(&mut thief, true, "A", &Net::join_ack(), b"");
    net.send(&mut thief, true, 0, b"evil");
    net.send(&mut one, true, 0, b"good");
    assert_eq!(net.stream(true), "good");
    assert!(net.told("mptcp_inconsistency").is_empty());
    assert!(!net.told("mptcp_wrong_hmac").is_empty());
}

#[test]
fn joins_without_their_handshake_are_known_by_address_and_number() {
    let (mut net, mut one, mut other) = (Net::new(), flow(1), flow(2));
    net.open(&mut one, 1);
    // The server announces its second address; the client's second one is new.
    let announce = [&[30, 8, 0x34, 2][..], &other.dst.0.octets()].concat();
    net.segment(&mut one, false, "A", &announce, b"");
    net.send(&mut one, true, 0, b"evil ");
    other.next = START.map(|start| start.wrapping_add(1));
    net.send(&mut other, true, 5, b"stuff");
    net.ack(&mut other, false, 10);
    assert_eq!(net.stream(true), "evil stuff");
    assert_eq!(net.finish(), "1 0 0 0 10 0 0 0 0 0 open");
    // Somebody else's numbers are not near, and somebody else's address is none of it.
    let (mut net, mut one, mut other) = (Net::new(), flow(1), flow(2));
    net.open(&mut one, 1);
    net.segment(&mut one, false, "A", &announce, b"");
    other.next = START.map(|start| start.wrapping_add(1));
    net.send(&mut other, true, 1 << 40, b"stuff");
    let mut third = flow(3);
    net.send(&mut third, true, 5, b"other");
    assert_eq!(net.told("mptcp_subflow").len(), 3);
    net.bench.finish();
    assert_eq!(super::ends(&net.bench.recorder).len(), 3);
}

#[test]
fn a_connection_whose_beginning_was_not_seen() {
    let (mut net, mut one, mut other) = (Net::new(), flow(1), flow(2));
    let start = 1 << 33;
    // In the middle of a mapping that began 100 bytes before.
    one.next = START.map(|start| start.wrapping_add(7001));
    let map = Map::new(start - 100, 6901, 104);
    net.send_mapped(&mut one, true, map, b"evil");
    net.send_mapped(&mut one, true, Map::new(start + 4, 7005, 1), b" ");
    let announce = [&[30, 8, 0x34, 2][..], &other.dst.0.octets()].concat();
    net.segment(&mut one, false, "A", &announce, b"");
    net.send(&mut other, true, start + 5, b"stuff");
    assert_eq!(net.contents(true), "evil stuff");
    assert_eq!(net.finish(), "- 0 0 0 10 0 0 0 0 0 open");
}

#[test]
fn two_paths_of_which_no_beginning_was_seen() {
    let (mut net, mut one, mut other) = (Net::new(), flow(1), flow(2));
    let start = 1 << 33;
    net.send(&mut one, true, start, b"evil ");
    net.send(&mut other, true, start + 5, b"stuff");
    assert_eq!(net.contents(true), "evil stuff");
    assert_eq!(net.finish(), "- 0 0 0 10 0 0 0 0 0 open");
    // The place of what comes first is not known until the next segment.
    let (mut net, mut one, mut other) = (Net::new(), flow(1), flow(2));
    one.next = START.map(|start| start.wrapping_add(801));
    let map = Map::new(start, 801, 8);
    net.send_mapped(&mut one, true, map, b"evil ");
    net.send(&mut other, true, start + 8, b"stuff");
    net.send_mapped(&mut one, true, map, b"bad");
    assert_eq!(net.told("mptcp_subflow").len(), 2);
    net.bench.finish();
    assert_eq!(super::ends(&net.bench.recorder).len(), 1);
}

#[test]
fn bytes_whose_place_is_not_known_yet_are_no_gap() {
    let (mut net, mut one, mut other) = (Net::new(), flow(1), flow(2));
    net.open(&mut one, 1);
    let announce = [&[30, 8, 0x34, 2][..], &other.dst.0.octets()].concat();
    net.segment(&mut one, false, "A", &announce, b"");
    net.send(&mut one, true, 0, b"begun ");
    other.next = START.map(|start| start.wrapping_add(801));
    let map = Map::new(6, 801, 8);
    net.send_mapped(&mut other, true, map, b"evil ");
    net.ack(&mut other, false, 11);
    assert_eq!(net.contents(true), "begun ", "it may begin at 801 to 804");
    net.send_mapped(&mut other, true, map, b"bad");
    assert_eq!(net.contents(true), "begun evil bad");
}

#[test]
fn an_acknowledged_data_fin_is_no_missing_byte() {
    let (mut net, mut one) = (Net::new(), flow(1));
    net.open(&mut one, 1);
    // Of the server nothing is seen but that its data and its DATA_FIN were acknowledged.
    net.ack(&mut one, true, 500);
    net.ack(&mut one, true, 501);
    assert_eq!(net.finish(), "1 0 0 0 0 0 0 500 0 0 open");
}

#[test]
fn what_is_only_acknowledged_is_missed() {
    // One direction is not seen, and its key neither.
    let (mut net, mut one) = (Net::new(), flow(1));
    net.open_until_third(&mut one, 1);
    for acked in [100, 700, 2100, 2101] {
        net.ack(&mut one, false, acked);
    }
    net.send(&mut one, false, 0, b"answer");
    assert_eq!(net.finish(), "1 0 0 0 0 6 2000 0 0 0 open");
}

#[test]
fn the_third_packet_alone_tells_the_keys() {
    let (mut net, mut one, mut other) = (Net::new(), flow(1), flow(2));
    let keys = [CLIENT.to_be_bytes(), SERVER.to_be_bytes()];
    net.segment(&mut one, true, "A", &capable(1, &[&keys[0], &keys[1]]), b"");
    net.send(&mut one, true, 0, b"evil ");
    net.join(&mut other, 2);
    net.send(&mut other, true, 5, b"stuff");
    assert_eq!(net.contents(true), "evil stuff");
    assert_eq!(net.finish(), "1 1 1 0 10 0 0 0 0 0 open");
}

#[test]
fn a_join_after_a_plain_syn_means_nothing() {
    for late in [[0, 1, 0], [0, 0, 1]] {
        let (mut net, mut one, mut other) = (Net::new(), flow(1), flow(2));
        net.open(&mut one, 1);
        let answer = [&[30, 16, 0x10, 2][..], &[9; 12]].concat();
        let ack = Net::join_ack();
        let option = |at: usize, option: &[u8]| {
            if late[at] == 1 {
                option.to_vec()
            } else {
                Vec::new()
            }
        };
        other.next = START;
        net.segment(&mut other, true, "S", &[], b"");
        net.segment(&mut other, false, "SA", &option(1, &answer), b"");
        net.segment(&mut other, true, "A", &option(2, &ack), b"");
        net.send(&mut other, true, 7, b"evil ");
        net.send(&mut other, true, 0, b"stuff");
        assert_eq!(net.stream(true), "evil stuff");
        assert_eq!(net.told("mptcp_subflow").len(), 1);
    }
}

#[test]
fn options_on_a_connection_that_is_none_mean_nothing() {
    let (mut net, mut one) = (Net::new(), flow(1));
    one.next = START;
    net.segment(&mut one, true, "S", &[], b"");
    net.segment(&mut one, false, "SA", &[], b"");
    // Its receiver ignores them, and takes the bytes as they come.
    net.segment(
        &mut one,
        true,
        "A",
        &dss(true, None, Some(Map::new(5, 1, 5))),
        b"evil ",
    );
    net.segment(
        &mut one,
        true,
        "A",
        &dss(true, None, Some(Map::new(0, 6, 5))),
        b"stuff",
    );
    assert_eq!(net.stream(true), "evil stuff");
    net.bench.finish();
    assert_eq!(net.bench.count("mptcp_subflow"), 0);
}

#[test]
fn data_in_the_syn_comes_first() {
    let (mut net, mut one) = (Net::new(), flow(1));
    one.next = START;
    net.segment(&mut one, true, "S", &capable(1, &[]), b"early ");
    net.segment(&mut one, false, "SA", &capable(1, &[&SERVER.to_be_bytes()]), b"");
    let keys = [CLIENT.to_be_bytes(), SERVER.to_be_bytes()];
    net.segment(&mut one, true, "A", &capable(1, &[&keys[0], &keys[1]]), b"");
    net.send(&mut one, true, 6, b"bird");
    assert_eq!(net.stream(true), "early bird");
    // Where the offer is not taken it is TCP's.
    let (mut net, mut one) = (Net::new(), flow(1));
    one.next = START;
    net.segment(&mut one, true, "S", &capable(1, &[]), b"early ");
    net.segment(&mut one, false, "SA", &[], b"");
    net.segment(&mut one, true, "A", &[], b"bird");
    assert_eq!(net.stream(true), "early bird");
}

#[test]
fn what_a_tcp_connection_tells_is_not_told_of_subflows() {
    let (mut net, mut one, mut other) = two(1);
    net.send(&mut other, true, 0, b"abc");
    net.fins(&mut other);
    net.send(&mut one, true, 3, b"def");
    assert_eq!(net.analyzed(), ["stream true abc", "stream true def"]);
    assert_eq!(net.bench.count("connection_finished"), 1);
}
