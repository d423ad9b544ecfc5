//! What somebody may do so that the monitor sees something else than the receiver gets.

use super::net::*;

/// A connection with two subflows.
fn two(flags: u8) -> (Net, Flow, Flow) {
    let (mut net, mut one, mut other) = (Net::new(), flow(1), flow(2));
    net.open(&mut one, flags);
    net.join(&mut other, 2);
    (net, one, other)
}

#[test]
fn a_data_fin_that_nobody_has_taken_ends_nothing() {
    let (mut net, mut one, mut other) = two(1);
    net.send(&mut one, true, 0, b"evil ");
    net.data_fin(&mut other, true, 5);
    net.send(&mut one, true, 5, b"stuff");
    assert_eq!(net.stream(true), "evil stuff");
}

#[test]
fn options_of_segments_outside_the_window_mean_nothing() {
    let (mut net, mut one, other) = two(1);
    net.ack(&mut one, false, 0);
    let far = one.next[0].wrapping_add(1 << 26);
    let fin = Map {
        fin: true,
        ..Map::new(0, 0, 1)
    };
    net.segment_at(&one, true, "A", far, &dss(true, None, Some(fin)), b"");
    net.segment_at(
        &one,
        true,
        "A",
        far,
        &dss(true, None, Some(Map::new(1000, 1, 10))),
        b"",
    );
    net.segment_at(&one, true, "A", far, &fast_close(SERVER), b"");
    net.segment_at(
        &other,
        true,
        "A",
        other.next[0].wrapping_sub(1000),
        &fast_close(SERVER),
        b"",
    );
    net.send(&mut one, true, 0, b"evil stuff");
    assert_eq!(net.contents(true), "evil stuff");
    assert!(net.bench.weirds().contains(&"mptcp_option_outside_window"));
    assert_eq!(net.finish(), "1 1 1 0 10 0 0 0 0 0 open");
}

#[test]
fn the_client_alone_does_not_make_it_mptcp() {
    // What comes before the answer is not what the server goes by.
    let (mut net, mut one) = (Net::new(), flow(1));
    one.next = START;
    net.segment(&mut one, true, "S", &capable(1, &[]), b"");
    let keys = [CLIENT.to_be_bytes(), SERVER.to_be_bytes()];
    net.segment(&mut one, true, "A", &capable(1, &[&keys[0], &keys[1]]), b"");
    net.segment(&mut one, true, "A", &dss(true, Some((0, true)), None), b"");
    net.segment(&mut one, false, "SA", &[], b"");
    assert_eq!(net.told("mptcp_rejected").len(), 1);
    net.send(&mut one, true, 7, b"evil ");
    net.send(&mut one, true, 0, b"stuff");
    assert_eq!(net.stream(true), "evil stuff");
}

#[test]
fn an_infinite_mapping_means_nothing_with_several_subflows() {
    let (mut net, mut one, mut other) = two(1);
    net.send(&mut one, true, 0, b"evil ");
    net.segment(
        &mut one,
        true,
        "A",
        &dss(true, None, Some(Map::new(5, 6, 0))),
        b"",
    );
    net.send(&mut other, true, 5, b"stuff");
    assert_eq!(net.stream(true), "evil stuff");
    assert!(net.bench.weirds().contains(&"mptcp_infinite_mapping_ignored"));
    assert!(net.told("mptcp_fallback").is_empty());
}

#[test]
fn who_goes_on_with_mptcp_has_not_gone_back_to_tcp() {
    let (mut net, mut one, mut other) = (Net::new(), flow(1), flow(2));
    net.open(&mut one, 1);
    net.segment(&mut one, true, "A", &[], b"evil ");
    net.segment(&mut one, false, "A", &[], b"");
    assert_eq!(net.told("mptcp_fallback").len(), 1);
    net.ack(&mut one, false, 5);
    net.join(&mut other, 2);
    net.send(&mut other, true, 5, b"stuff");
    assert_eq!(net.stream(true), "evil stuff");
    assert!(net.bench.weirds().contains(&"mptcp_fallback_taken_back"));
    assert_eq!(net.finish(), "1 1 1 0 10 0 0 0 0 0 open");
}

#[test]
fn a_join_that_had_to_make_room_is_found_again() {
    let (mut net, mut one, mut other) = (Net::new(), flow(1), flow(2));
    net.open(&mut one, 1);
    net.send(&mut one, true, 0, b"evil ");
    other.next = START;
    net.segment(&mut other, true, "S", &Net::join_syn(2), b"");
    for i in 0..100 {
        let mut flood = flow(3);
        (flood.src.1, flood.next) = (1000 + i, START);
        net.segment(&mut flood, true, "S", &Net::join_syn(3), b"");
    }
    let answer = [&[30, 16, 0x10, 2][..], &[9; 12]].concat();
    net.segment(&mut other, false, "SA", &answer, b"");
    net.segment(&mut other, true, "A", &Net::join_ack(), b"");
    let announce = [&[30, 8, 0x34, 2][..], &other.dst.0.octets()].concat();
    net.segment(&mut one, false, "A", &announce, b"");
    net.send(&mut other, true, 5, b"stuff");
    assert_eq!(net.stream(true), "evil stuff");
    assert!(net.bench.weirds().contains(&"mptcp_too_many_subflows"));
}

#[test]
fn a_join_that_nobody_answers_has_no_say() {
    let (mut net, mut one, mut other) = (Net::new(), flow(1), flow(2));
    net.open(&mut one, 1);
    other.next = START;
    net.segment(&mut other, true, "S", &Net::join_syn(2), b"");
    net.send(&mut other, true, 0, b"chaff");
    net.send(&mut one, true, 0, b"evil stuff");
    assert_eq!(net.stream(true), "evil stuff");
    assert_eq!(net.finish(), "1 0 0 0 10 0 0 0 0 0 open");
    // If the answer was only not seen, it has.
    let (mut net, mut one, mut other) = (Net::new(), flow(1), flow(2));
    net.open(&mut one, 1);
    net.send(&mut one, true, 0, b"evil ");
    other.next = START;
    net.segment(&mut other, true, "S", &Net::join_syn(2), b"");
    net.segment(&mut other, true, "A", &Net::join_ack(), b"");
    net.send(&mut other, true, 5, b"stuff");
    assert_eq!(net.stream(true), "evil ");
    net.ack(&mut other, false, 10);
    assert_eq!(net.stream(true), "evil stuff");
}

#[test]
fn what_the_receiver_acknowledges_it_has_taken() {
    // It has never seen the SYN that asks for checksums.
    let (mut net, mut one) = (Net::new(), flow(1));
    one.next = START;
    net.segment_at(&one, true, "S", START[0], &capable(0x81, &[]), b"");
    net.open(&mut one, 1);
    net.send_summed(&mut one, true, 0, b"good stuff", b"evil stuff");
    assert_eq!(net.stream(true), "");
    net.ack(&mut one, false, 10);
    assert_eq!(net.stream(true), "evil stuff");
}

#[test]
fn a_copy_that_was_refused_does_not_fill_a_hole() {
    let (mut net, mut one, mut other) = two(0x81);
    net.send_summed(&mut other, true, 0, b"right", b"wrong");
    net.segment(&mut other, false, "RA", &fail(false, 0), b"");
    // The right one took a path that is not seen.
    net.ack(&mut one, false, 5);
    assert_eq!(net.contents(true), "#####");
}

#[test]
fn absurd_numbers_move_nothing() {
    let (mut net, mut one) = (Net::new(), flow(1));
    net.open(&mut one, 0x81);
    for offset in [1 << 63, 1 << 62, u64::MAX - 100, 1 << 40] {
        net.send_summed(&mut one, true, offset, b"absurd", b"absurd");
        net.send_summed(&mut one, true, offset, b"absurd", b"wrong!");
    }
    net.send_summed(&mut one, true, 0, b"evil stuff", b"evil stuff");
    net.send_summed(&mut one, true, 1 << 63, b"absurd", b"absurd");
    assert_eq!(net.contents(true), "evil stuff");
    assert!(net.told("mptcp_inconsistency").is_empty());
}

#[test]
fn a_data_fin_far_away_is_no_gap() {
    let (mut net, mut one) = (Net::new(), flow(1));
    net.open(&mut one, 1);
    net.send(&mut one, true, 0, b"all");
    net.data_fin(&mut one, true, 1 << 29);
    assert_eq!(net.finish(), "1 0 0 0 3 0 0 0 0 0 open");
}

#[test]
fn what_gives_way_is_given_back() {
    let mut net = Net::new();
    let mut one = flow(1);
    one.next = START;
    net.segment(&mut one, true, "S", &capable(1, &[]), b"");
    net.segment(&mut one, true, "A", &[], b"waits");
    assert_eq!(net.stream(true), "");
    let all = &mut net.bench.sessions.mptcp;
    assert!(all.held > 0 && all.make_room());
    assert_eq!(all.held, 0);
    // With the next packet, whosever it is.
    net.segment(&mut flow(2), true, "S", &[], b"");
    net.segment(&mut one, true, "A", &[], b" no more");
    assert_eq!(net.stream(true), "waits no more");
}

#[test]
fn numbers_of_32_bits_get_their_upper_half_from_others() {
    let (mut net, mut one) = (Net::new(), flow(1));
    let start = 7 << 33;
    net.send_mapped(
        &mut one,
        true,
        Map {
            long: false,
            ..Map::new(start, 1, 5)
        },
        b"evil ",
    );
    net.send(&mut one, true, start + 5, b"stuff");
    assert_eq!(net.contents(true), "evil stuff");
}
