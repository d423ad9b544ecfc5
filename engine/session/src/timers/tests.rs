use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use proptest::prelude::*;

use super::Wheel;

fn drain(wheel: &mut Wheel<u32>, now: f64) -> Vec<u32> {
    std::iter::from_fn(|| wheel.pop_due(now))
        .map(|(_, item)| item)
        .collect()
}

#[test]
fn fires_in_order_and_not_early() {
    let mut wheel = Wheel::new();
    wheel.set(1000.5, 2);
    wheel.set(1000.25, 1);
    wheel.set(1000.5, 3);
    wheel.set(1000.504, 4);
    wheel.set(5000.0, 5);
    assert!(wheel.is_quiet(1000.0));
    assert_eq!(drain(&mut wheel, 1000.2499), Vec::<u32>::new());
    assert_eq!(drain(&mut wheel, 1000.5), [1, 2, 3]);
    assert_eq!(drain(&mut wheel, 1000.503), Vec::<u32>::new());
    assert_eq!(drain(&mut wheel, 1e6), [4, 5]);
    assert!(wheel.is_empty());
    assert_eq!(wheel.most(), 5);
}

#[test]
fn a_cancelled_timer_is_silent_and_its_handle_harmless() {
    let mut wheel = Wheel::new();
    let first = wheel.set(10.0, 1);
    let second = wheel.set(10.0, 2);
    assert_eq!(wheel.cancel(first), Some(1));
    assert_eq!(wheel.cancel(first), None);
    let reused = wheel.set(11.0, 3);
    assert_eq!(wheel.cancel(first), None, "the entry is used anew");
    assert_eq!(drain(&mut wheel, 20.0), [2, 3]);
    assert_eq!(wheel.cancel(second), None);
    assert_eq!(wheel.cancel(reused), None);
}

#[test]
fn a_timer_can_be_cancelled_while_it_is_due() {
    let mut wheel = Wheel::new();
    wheel.set(1.0, 1);
    let second = wheel.set(1.001, 2);
    assert_eq!(wheel.pop_due(2.0), Some((1.0, 1)));
    assert_eq!(wheel.cancel(second), Some(2));
    assert_eq!(wheel.pop_due(2.0), None);
}

#[test]
fn a_timer_set_while_others_are_due_takes_its_place_among_them() {
    let mut wheel = Wheel::new();
    wheel.set(1.0, 1);
    wheel.set(3.0, 3);
    assert_eq!(wheel.pop_due(5.0), Some((1.0, 1)));
    wheel.set(2.0, 2);
    wheel.set(1.5, 4);
    assert_eq!(drain(&mut wheel, 5.0), [4, 2, 3]);
}

#[test]
fn odd_deadlines_do_no_harm() {
    let mut wheel = Wheel::new();
    wheel.set(f64::NAN, 1);
    wheel.set(-5.0, 2);
    wheel.set(1e300, 3);
    wheel.set(1.7e9, 4);
    assert_eq!(drain(&mut wheel, 1.8e9), [2, 4]);
    assert_eq!(wheel.len(), 2);
    assert_eq!(wheel.pop_due(f64::INFINITY).map(|(_, item)| item), Some(3));
    assert_eq!(wheel.pop_due(f64::INFINITY).map(|(_, item)| item), Some(1));
    assert_eq!(wheel.pop_due(f64::INFINITY), None);
}

#[derive(Clone, Debug)]
enum Step {
    Set(f64),
    Cancel(usize),
    Advance(f64),
    PopOne,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let span = prop_oneof![0.0..0.05f64, 0.0..20.0f64, 0.0..4000.0f64, 0.0..1e7f64];
    let step = prop_oneof![
        4 => span.clone().prop_map(Step::Set),
        1 => any::<usize>().prop_map(Step::Cancel),
        2 => span.prop_map(Step::Advance),
        1 => Just(Step::PopOne),
    ];
    proptest::collection::vec(step, 0..200)
}

proptest! {
    /// The wheel does what a heap of (deadline, order) does.
    #[test]
    fn agrees_with_a_heap(steps in steps(), start in prop_oneof![Just(0.0), Just(1_700_000_000.25f64)]) {
        let mut wheel = Wheel::new();
        let mut heap: BinaryHeap<Reverse<(u64, u32)>> = BinaryHeap::new();
        let mut handles = HashMap::new();
        let mut cancelled = std::collections::HashSet::new();
        let mut now = start;
        let mut count = 0u32;
        for step in steps {
            match step {
                Step::Set(delay) => {
                    let deadline = now + delay;
                    handles.insert(count, wheel.set(deadline, count));
                    // Bits of non-negative floats order as the floats do.
                    heap.push(Reverse((deadline.to_bits(), count)));
                    count += 1;
                }
                Step::Cancel(which) if count > 0 => {
                    let which = which as u32 % count;
                    if wheel.cancel(handles[&which]).is_some() {
                        cancelled.insert(which);
                    }
                }
                Step::Cancel(_) => {}
                Step::Advance(by) => {
                    now += by;
                    loop {
                        let expected = next(&mut heap, &cancelled, now);
                        let found = wheel.pop_due(now).map(|(_, item)| item);
                        prop_assert_eq!(found, expected);
                        if found.is_none() {
                            break;
                        }
                    }
                }
                Step::PopOne => {
                    let expected = next(&mut heap, &cancelled, now);
                    prop_assert_eq!(wheel.pop_due(now).map(|(_, item)| item), expected);
                }
            }
        }
        let left: Vec<u32> = std::iter::from_fn(|| next(&mut heap, &cancelled, f64::MAX)).collect();
        let found: Vec<u32> = std::iter::from_fn(|| wheel.pop_due(f64::INFINITY)).map(|(_, item)| item).collect();
        prop_assert_eq!(found, left);
        prop_assert!(wheel.is_empty());
    }
}

fn next(
    heap: &mut BinaryHeap<Reverse<(u64, u32)>>,
    cancelled: &std::collections::HashSet<u32>,
    now: f64,
) -> Option<u32> {
    while let Some(&Reverse((deadline, item))) = heap.peek() {
        if cancelled.contains(&item) {
            heap.pop();
        } else if f64::from_bits(deadline) <= now {
            heap.pop();
            return Some(item);
        } else {
            return None;
        }
    }
    None
}
