//! Conversations made by hand, cut in any way, and any bytes at all.

use bro_events::{Transport, Value};
use bro_session::analyzer::OptionStore;
use proptest::prelude::*;

use super::FINGER;
use crate::support::harness::{text, Harness};

fn finger() -> Harness {
    Harness::new(&FINGER, 79, Transport::Tcp)
}

/// The requests seen: whether full, user, host.
fn requests(h: &Harness) -> Vec<(bool, String, String)> {
    let one = |args: &&[Value]| (args[1] == Value::Bool(true), text(&args[2]), text(&args[3]));
    h.sink.named("finger_request").iter().map(one).collect()
}

fn request(full: bool, user: &str, host: &str) -> (bool, String, String) {
    (full, user.into(), host.into())
}

#[test]
fn a_question_and_its_answer() {
    let mut h = finger();
    h.stream(true, b"/W anna@near@far\r\n");
    assert_eq!(h.confirmations(), 1);
    h.stream(false, b"Login: anna\r\nNever log");
    h.stream(false, b"ged in.\n");
    h.finish();
    assert_eq!(requests(&h), [request(true, "anna", "near@far")]);
    let lines: Vec<_> = h.sink.named("finger_reply").iter().map(|a| text(&a[1])).collect();
    assert_eq!(lines, ["Login: anna", "Never logged in."]);
    assert!(h.violations().is_empty() && h.sink.weirds.is_empty());
}

#[test]
fn each_line_is_a_request() {
    let mut h = finger();
    h.stream(true, b"nice\r\nroot\n/W\rlp\r\n");
    assert_eq!(
        requests(&h),
        [
            request(false, "nice", ""),
            request(false, "root", ""),
            request(true, "", ""),
            request(false, "lp", "")
        ]
    );
}

#[test]
fn an_overlong_request_is_told_before_its_line_ends() {
    let mut h = finger();
    h.stream(true, &[b'A'; 1000]);
    assert!(requests(&h).is_empty());
    h.stream(true, &[b'A'; 100]);
    assert_eq!(requests(&h), [request(false, &"A".repeat(1024), "")]);
    h.stream(true, &[b'A'; 5000]);
    h.stream(true, b"\nroot\n");
    assert_eq!(requests(&h)[1..], [request(false, "root", "")]);
    assert!(h.violations().is_empty() && h.sink.weirds.is_empty());
    assert_eq!(h.confirmations(), 1); // by the last
}

#[test]
fn the_limit_is_an_option() {
    let mut options = OptionStore::new();
    options.set("Finger::max_line_length", Value::Count(4));
    let mut h = Harness::with_options(&FINGER, 79, Transport::Tcp, &options);
    h.stream(true, b"abcdef\r\n");
    assert_eq!(requests(&h), [request(false, "abcd", "")]);
}

#[test]
fn an_overlong_reply_is_a_violation() {
    let mut h = finger();
    h.stream(true, b"root\r\n");
    h.stream(false, &[b'B'; 1500]);
    assert_eq!(h.violations().len(), 1);
    assert_eq!(text(&h.sink.named("finger_reply")[0][1]).len(), 1024);
}

#[test]
fn nul_is_told_and_kept() {
    let mut h = finger();
    h.stream(true, b"nice\0root\r\n");
    assert_eq!(requests(&h), [request(false, "nice\0root", "")]);
    assert_eq!(h.sink.weird_names(), ["NUL_in_line"]);
}

#[test]
fn a_request_may_end_with_the_stream() {
    let mut h = finger();
    h.stream(true, b"root");
    h.finish();
    assert_eq!(requests(&h), [request(false, "root", "")]);
    assert_eq!(h.sink.weird_names(), ["partial_finger_request"]);
}

#[test]
fn what_comes_behind_a_hole_begins_with_the_next_line() {
    let mut h = finger();
    h.stream(true, b"ro");
    h.gap(true, 2, 10);
    h.stream(true, b"ot\r\nlp\r\n");
    assert_eq!(requests(&h), [request(false, "lp", "")]);
    assert_eq!(h.sink.weird_names(), ["partial_finger_request"]);
    h.gap(false, 0, 3);
    h.stream(false, b"in: lp\r\nNo Plan.\r\n");
    assert_eq!(h.sink.named("finger_reply").len(), 1);
}

#[test]
fn a_connection_that_goes_leaves_its_half_request() {
    let mut h = finger();
    h.stream(true, b"half");
    h.call(|a, ctx| a.done(ctx));
    assert!(requests(&h).is_empty());
    assert_eq!(h.sink.weird_names(), ["partial_finger_request"]);
}

#[test]
fn roles_may_turn_out_the_other_way_round() {
    let mut h = finger();
    h.stream(false, b"ro");
    h.call(|a, ctx| a.flip_roles(ctx));
    h.stream(true, b"ot\r\n");
    assert_eq!(requests(&h), [request(false, "root", "")]);
}

proptest! {
    /// Where the stream is cut into segments makes no difference.
    #[test]
    fn segmentation_does_not_matter(
        data in "([a-z/W@ \\x00]{0,12}(\r\n|\n|\r)){0,6}[a-z]{0,4}",
        cuts in prop::collection::vec(1usize..7, 1..8),
    ) {
        let (mut whole, mut cut) = (finger(), finger());
        whole.stream(true, data.as_bytes());
        cut.stream_cut(true, data.as_bytes(), &cuts);
        whole.finish();
        cut.finish();
        prop_assert_eq!(requests(&whole), requests(&cut));
        prop_assert_eq!(whole.sink.weird_names(), cut.sink.weird_names());
    }

    /// Whatever comes, events carry no more than was sent, and nothing panics.
    #[test]
    fn any_bytes(
        parts in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 0..300), any::<bool>()), 0..12),
    ) {
        let mut h = finger();
        let mut sent = 0;
        for (is_orig, bytes, gap) in &parts {
            sent += bytes.len();
            h.stream(*is_orig, bytes);
            if *gap {
                h.gap(*is_orig, 0, 1);
            }
        }
        h.finish();
        let told: usize = requests(&h).iter().map(|(_, user, host)| user.chars().count() + host.chars().count()).sum();
        prop_assert!(told <= sent);
    }
}
