use std::io::Write;

use bro_events::Transport;
use bro_session::analyzer::{Forwarded, TreeChange};
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use flate2::Compression;
use proptest::prelude::*;

use super::ZIP;
use crate::support::harness::Harness;

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// What was passed on of a side.
fn forwarded(harness: &Harness, of: bool) -> Vec<u8> {
    let mut all = Vec::new();
    for change in &harness.changes {
        if let TreeChange::Forward(Forwarded::Stream(is_orig, data)) = change {
            if *is_orig == of {
                all.extend_from_slice(data);
            }
        }
    }
    all
}

fn harness() -> Harness {
    Harness::new(&ZIP, 4000, Transport::Tcp)
}

#[test]
fn every_format_is_told_by_its_first_bytes() {
    let text = b"some text, and some text again".repeat(20);
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
    zlib.write_all(&text).unwrap();
    let mut raw = DeflateEncoder::new(Vec::new(), Compression::best());
    raw.write_all(&text).unwrap();
    for packed in [gzip(&text), zlib.finish().unwrap(), raw.finish().unwrap()] {
        for cuts in [&[packed.len()][..], &[1], &[3, 1]] {
            let mut h = harness();
            h.stream_cut(true, &packed, cuts);
            h.stream_cut(false, &packed, cuts);
            assert_eq!(
                (forwarded(&h, true), forwarded(&h, false)),
                (text.clone(), text.clone())
            );
            assert!(h.violations().is_empty());
        }
    }
}

#[test]
fn what_is_no_compressed_data_is_a_violation_and_ends_the_side() {
    let mut h = harness();
    h.stream(true, b"\xff\xff plain text");
    h.stream(true, &gzip(b"late"));
    h.stream(false, &gzip(b"fine"));
    assert_eq!(h.violations().len(), 1);
    assert_eq!(
        (forwarded(&h, true), forwarded(&h, false)),
        (Vec::new(), b"fine".to_vec())
    );
}

#[test]
fn a_bomb_is_given_up() {
    let mut h = harness();
    let mut packed = gzip(&vec![0; 80 << 20]);
    for _ in 0..2 {
        packed = gzip(&packed);
    }
    h.stream(true, &packed); // one layer is undone, which gives little
    assert!(h.violations().is_empty());
    let mut h = harness();
    h.stream(true, &gzip(&vec![0; 200 << 20]));
    assert_eq!(
        h.violations(),
        ["data grows beyond all measure when it is decompressed"]
    );
    assert!(forwarded(&h, true).len() < 130 << 20);
}

#[test]
fn a_hole_ends_a_side() {
    let mut h = harness();
    let packed = gzip(&b"abc".repeat(1000));
    h.stream(true, &packed[..10]);
    h.gap(true, 10, 5);
    h.stream(true, &packed[15..]);
    assert!(h.violations().is_empty());
    h.finish();
}

proptest! {
    #[test]
    fn nothing_makes_it_fail(data: Vec<u8>, cut in 1usize..9, gzip_header: bool) {
        let mut h = harness();
        let mut all = if gzip_header { vec![0x1f, 0x8b, 8, 0] } else { Vec::new() };
        all.extend(data);
        h.stream_cut(true, &all, &[cut]);
        h.finish();
        prop_assert!(h.violations().len() <= 1);
    }
}
