use proptest::prelude::*;

use super::*;
use crate::link::hex;
use crate::net::ip;
use crate::Snap;

const UDP: u8 = 17;
const TCP: u8 = 6;

/// A fragment of an IPv4 datagram; `flags` are those of the fragment word.
fn fragment(id: u16, protocol: u8, flags: u16, offset: usize, payload: &[u8]) -> Vec<u8> {
    let word = flags | (offset / 8) as u16;
    let length = 20 + payload.len();
    let mut bytes = hex(&format!(
        "4500 {length:04x} {id:04x} {word:04x} 40 {protocol:02x} 0000 0a000001 0a000002"
    ));
    bytes.extend(payload);
    bytes
}

fn fragment6(next: u8, more: bool, offset: usize, payload: &[u8]) -> Vec<u8> {
    let length = 16 + payload.len();
    let word = offset as u16 | u16::from(more);
    let mut bytes = hex(&format!(
        "60000000 {length:04x} 3c 40 {}",
        "20010db8000000000000000000000001".repeat(2)
    ));
    bytes.extend(hex(&format!(
        "2c00 0104 00000000 {next:02x}00 {word:04x} 00000007"
    )));
    bytes.extend(payload);
    bytes
}

const MORE: u16 = 0x2000;
const DF: u16 = 0x4000;

#[derive(Default)]
struct Run {
    table: FragmentTable,
    weirds: Vec<Weird>,
}

impl Run {
    fn take(&mut self, now: f64, packet: &[u8]) -> Option<Vec<u8>> {
        let view = ip::parse(Snap::whole(packet)).expect("packet");
        self.table.insert(now, &view, &mut self.weirds)
    }

    fn names(&mut self) -> Vec<&'static str> {
        self.weirds.drain(..).map(|w| w.name).collect()
    }
}

fn payload_of(packet: &[u8]) -> Vec<u8> {
    let view = ip::parse(Snap::whole(packet)).expect("packet");
    assert_eq!(view.fragment, None);
    assert!(view.header_checksum_ok());
    view.payload.data().to_vec()
}

#[test]
fn two_fragments_in_either_order() {
    let (first, last) = (
        fragment(1, UDP, MORE, 0, &[1; 64]),
        fragment(1, UDP, 0, 64, &[2; 5]),
    );
    for packets in [[&first, &last], [&last, &first]] {
        let mut run = Run::default();
        assert_eq!(run.take(0.0, packets[0]), None);
        let packet = run.take(1.0, packets[1]).expect("complete");
        assert_eq!(payload_of(&packet), [vec![1; 64], vec![2; 5]].concat());
        assert!(run.table.is_empty() && run.table.bytes() == 0);
        assert!(run.names().is_empty());
    }
}

#[test]
fn ipv6_loses_its_fragment_header() {
    let mut run = Run::default();
    assert_eq!(run.take(0.0, &fragment6(UDP, false, 64, &[2; 5])), None);
    let packet = run
        .take(0.0, &fragment6(UDP, true, 0, &[1; 64]))
        .expect("complete");
    let view = ip::parse(Snap::whole(&packet)).expect("packet");
    assert_eq!((view.protocol, view.header_len, view.fragment), (UDP, 48, None));
    assert_eq!(view.payload.data().len(), 69);
}

#[test]
fn ipv6_takes_the_protocol_of_the_first() {
    let mut run = Run::default();
    assert_eq!(run.take(0.0, &fragment6(TCP, false, 64, &[2; 5])), None);
    let packet = run
        .take(0.0, &fragment6(UDP, true, 0, &[1; 64]))
        .expect("complete");
    assert_eq!(ip::parse(Snap::whole(&packet)).expect("packet").protocol, UDP);
    assert_eq!(run.names(), ["fragment_protocol_inconsistency"]);
}

#[test]
fn ipv4_protocols_are_kept_apart() {
    let mut run = Run::default();
    assert_eq!(run.take(0.0, &fragment(1, UDP, MORE, 0, &[1; 64])), None);
    assert_eq!(run.take(0.0, &fragment(1, TCP, 0, 64, &[3; 5])), None);
    assert_eq!(run.names(), ["fragment_protocol_inconsistency"]);
    let packet = run
        .take(0.0, &fragment(1, UDP, 0, 64, &[2; 5]))
        .expect("complete");
    assert_eq!(payload_of(&packet)[64..], [2; 5]);
    assert_eq!(run.table.len(), 1);
}

#[test]
fn overlaps() {
    let mut run = Run::default();
    assert_eq!(run.take(0.0, &fragment(1, UDP, MORE, 64, &[1; 64])), None);
    assert_eq!(run.take(0.0, &fragment(1, UDP, MORE, 64, &[1; 64])), None);
    assert_eq!(run.names(), ["fragment_overlap"]);
    // Reaches over the chunk on both sides, with other bytes: those that came first stay.
    assert_eq!(run.take(0.0, &fragment(1, UDP, MORE, 0, &[2; 192])), None);
    assert_eq!(run.names(), ["fragment_inconsistency"]);
    let packet = run.take(0.0, &fragment(1, UDP, 0, 192, &[3])).expect("complete");
    assert_eq!(
        payload_of(&packet),
        [vec![2; 64], vec![1; 64], vec![2; 64], vec![3]].concat()
    );
}

#[test]
fn contradicting_ends() {
    let mut run = Run::default();
    assert_eq!(run.take(0.0, &fragment(1, UDP, 0, 64, &[1; 8])), None);
    for other in [
        fragment(1, UDP, 0, 64, &[1; 9]),
        fragment(1, UDP, 0, 64, &[1; 7]),
        fragment(1, UDP, MORE, 64, &[1; 64]),
    ] {
        assert_eq!(run.take(0.0, &other), None);
        assert_eq!(run.names().last(), Some(&"fragment_size_inconsistency"));
    }
    assert!(run.take(0.0, &fragment(1, UDP, MORE, 0, &[2; 64])).is_some());
    // An end before what has already come.
    assert_eq!(run.take(0.0, &fragment(2, UDP, MORE, 64, &[1; 64])), None);
    assert_eq!(run.take(0.0, &fragment(2, UDP, 0, 64, &[1; 8])), None);
    assert_eq!(run.names(), ["fragment_size_inconsistency"]);
}

#[test]
fn strange_fragments() {
    let mut run = Run::default();
    assert_eq!(run.take(0.0, &fragment(1, UDP, MORE | DF, 0, &[1; 63])), None);
    assert_eq!(run.names(), ["fragment_with_DF", "excessively_small_fragment"]);
    assert_eq!(run.take(0.0, &fragment(2, UDP, 0, 63_992, &[1; 9])), None);
    assert_eq!(run.names(), ["excessively_large_fragment"]);
    assert_eq!(run.table.len(), 2);
    // Longer than a datagram can be: not kept.
    assert_eq!(run.take(0.0, &fragment(3, UDP, 0, 65_512, &[1; 9])), None);
    assert_eq!(run.names(), ["excessively_large_fragment"]);
    let packet = fragment(4, UDP, MORE, 0, &[1; 80]);
    let view = ip::parse(Snap::new(&packet[..90], 100)).expect("packet");
    assert_eq!(run.table.insert(0.0, &view, &mut run.weirds), None);
    assert_eq!(run.names(), ["incompletely_captured_fragment"]);
    assert_eq!(run.table.len(), 2);
    let whole = fragment(5, UDP, 0, 0, &[1; 8]);
    assert_eq!(run.take(0.0, &whole), None);
}

#[test]
fn expiry_counts_from_the_first_fragment() {
    let mut run = Run::default();
    run.take(0.0, &fragment(1, UDP, MORE, 0, &[1; 64]));
    run.take(2.0, &fragment(2, UDP, MORE, 0, &[1; 64]));
    run.take(4.0, &fragment(1, UDP, MORE, 64, &[1; 64]));
    assert_eq!(run.table.expire(4.9, 5.0), 0);
    assert_eq!(run.table.expire(5.0, 5.0), 1);
    assert_eq!(run.take(5.0, &fragment(1, UDP, 0, 128, &[1; 64])), None);
    assert!(run.take(5.0, &fragment(2, UDP, 0, 64, &[1; 64])).is_some());
    assert_eq!(run.table.expire(10.0, 5.0), 1);
    assert!(run.table.is_empty() && run.table.bytes() == 0);
}

#[test]
fn the_oldest_gives_way() {
    let limits = Limits {
        datagrams: 2,
        ..Limits::default()
    };
    let mut run = Run {
        table: FragmentTable::new(limits),
        ..Run::default()
    };
    for id in 1..=3 {
        run.take(id.into(), &fragment(id, UDP, MORE, 0, &[1; 64]));
    }
    assert_eq!(run.names(), ["fragment_reassembly_limit_reached"]);
    assert_eq!(run.table.len(), 2);
    assert!(run.take(4.0, &fragment(2, UDP, 0, 64, &[1; 64])).is_some());
    assert_eq!(run.take(4.0, &fragment(1, UDP, 0, 64, &[1; 64])), None);

    let limits = Limits {
        total_bytes: 2500,
        ..Limits::default()
    };
    let mut run = Run {
        table: FragmentTable::new(limits),
        ..Run::default()
    };
    for id in 1..=3 {
        run.take(id.into(), &fragment(id, UDP, MORE, 0, &[1; 1000]));
        assert!(run.table.bytes() <= 2500);
    }
    assert_eq!(run.table.len(), 2);
}

#[test]
fn a_datagram_has_a_limit() {
    let limits = Limits {
        datagram_bytes: 1000,
        ..Limits::default()
    };
    let mut run = Run {
        table: FragmentTable::new(limits),
        ..Run::default()
    };
    run.take(0.0, &fragment(1, UDP, MORE, 0, &[1; 600]));
    assert!(run.names().is_empty());
    run.take(0.0, &fragment(1, UDP, MORE, 600, &[1; 600]));
    assert_eq!(run.names(), ["fragment_reassembly_limit_reached"]);
    assert!(run.table.bytes() <= 1000);
}

#[test]
fn the_queue_does_not_pile_up() {
    let mut run = Run::default();
    run.take(0.0, &fragment(0, UDP, MORE, 0, &[1; 64]));
    for id in 1..=5000 {
        run.take(1.0, &fragment(id, UDP, MORE, 0, &[1; 64]));
        assert!(run.take(1.0, &fragment(id, UDP, 0, 64, &[1; 64])).is_some());
    }
    assert_eq!(run.table.len(), 1);
    assert!(run.table.began.len() <= 1100);
    assert_eq!(run.table.expire(1000.0, 1.0), 1);
    assert!(run.table.began.is_empty());
}

prop_compose! {
    /// A payload and where to cut it: multiples of eight.
    fn cut_payload()(units in 2usize..200, tail in 1usize..=8)
        (cuts in prop::collection::btree_set(1..units, 1..units.min(20)),
         payload in prop::collection::vec(any::<u8>(), (units - 1) * 8 + tail)) -> (Vec<u8>, Vec<usize>) {
        (payload, cuts.into_iter().map(|unit| unit * 8).collect())
    }
}

proptest! {
    #[test]
    fn any_split_in_any_order_gives_the_datagram(
        (payload, cuts) in cut_payload(),
        seed in any::<u64>(),
        six in any::<bool>(),
    ) {
        let mut starts = vec![0];
        starts.extend(&cuts);
        let mut packets: Vec<Vec<u8>> = Vec::new();
        for (i, &start) in starts.iter().enumerate() {
            let end = starts.get(i + 1).copied().unwrap_or(payload.len());
            let more = end < payload.len();
            let part = &payload[start..end];
            packets.push(if six {
                fragment6(UDP, more, start, part)
            } else {
                fragment(1, UDP, if more { MORE } else { 0 }, start, part)
            });
        }
        // A shuffle by a small generator.
        let mut state = seed | 1;
        for i in (1..packets.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            packets.swap(i, (state >> 33) as usize % (i + 1));
        }
        let mut run = Run::default();
        let count = packets.len();
        for (i, packet) in packets.iter().enumerate() {
            let complete = run.take(0.0, packet);
            prop_assert_eq!(complete.is_some(), i + 1 == count);
            if let Some(packet) = complete {
                prop_assert_eq!(payload_of(&packet), payload.clone());
            }
        }
        prop_assert!(run.table.is_empty());
        prop_assert_eq!(run.table.bytes(), 0);
    }

    #[test]
    fn overlapping_fragments_give_first_come_bytes(
        pieces in prop::collection::vec((0usize..16, 1usize..12, any::<u8>()), 1..20),
    ) {
        // The reference: an array of bytes, filled by whoever comes first.
        let mut reference: Vec<Option<u8>> = vec![None; 16 * 8 + 12 * 8 + 8];
        let mut run = Run::default();
        let mut reach = 0;
        for &(unit, units, byte) in &pieces {
            let (start, end) = (unit * 8, (unit + units) * 8);
            let (mut same, mut other) = (false, false);
            for place in &mut reference[start..end] {
                match *place {
                    None => *place = Some(byte),
                    Some(old) => (same, other) = (same || old == byte, other || old != byte),
                }
            }
            reach = reach.max(end);
            prop_assert_eq!(run.take(0.0, &fragment(1, UDP, MORE, start, &vec![byte; end - start])), None);
            let names = run.names();
            let expected = if other { Some("fragment_inconsistency") } else { same.then_some("fragment_overlap") };
            prop_assert_eq!(names.into_iter().find(|name| *name != "excessively_small_fragment"), expected);
        }
        // Fill the gaps, then end it.
        for unit in 0..reach / 8 {
            if reference[unit * 8].is_none() {
                reference[unit * 8..unit * 8 + 8].fill(Some(0xee));
                prop_assert_eq!(run.take(0.0, &fragment(1, UDP, MORE, unit * 8, &[0xee; 8])), None);
            }
        }
        let packet = run.take(0.0, &fragment(1, UDP, 0, reach, &[0xff])).expect("complete");
        let mut expected: Vec<u8> = reference[..reach].iter().map(|b| b.expect("filled")).collect();
        expected.push(0xff);
        prop_assert_eq!(payload_of(&packet), expected);
    }

    #[test]
    fn arbitrary_fragments_keep_the_books(
        packets in prop::collection::vec((0u16..4, any::<u16>(), 0usize..200, any::<u8>()), 0..60),
    ) {
        let limits = Limits { datagrams: 3, datagram_bytes: 2000, total_bytes: 3000 };
        let mut run = Run { table: FragmentTable::new(limits), ..Run::default() };
        for (i, &(id, word, length, byte)) in packets.iter().enumerate() {
            let mut packet = fragment(id, byte % 3, 0, 0, &vec![byte; length]);
            packet[6..8].copy_from_slice(&(word & 0x3fff).to_be_bytes());
            run.take(i as f64, &packet);
            prop_assert!(run.table.len() <= 3 && run.table.bytes() <= 3000);
        }
        run.table.expire(1e6, 1.0);
        prop_assert!(run.table.is_empty());
        prop_assert_eq!(run.table.bytes(), 0);
    }
}
