use bro_events::{Transport, Value};

use super::*;
use crate::support::harness::Harness;

#[test]
fn pieces_and_holes_are_events() {
    let mut h = Harness::new(&STREAM_EVENT, 9999, Transport::Tcp);
    h.stream(true, b"abc");
    h.gap(true, 3, 5);
    h.stream(false, b"x");
    h.finish();
    assert_eq!(
        h.event_names(),
        ["stream_deliver", "stream_undelivered", "stream_deliver"]
    );
    assert_eq!(
        h.sink.named("stream_undelivered")[0][1..],
        [Value::Bool(true), Value::Count(4), Value::Count(5)]
    );
    assert_eq!(h.confirmations(), 0);
    assert!(h.violations().is_empty());
}
