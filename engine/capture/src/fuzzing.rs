//! The entry point of the fuzz harness.

use std::io::{Cursor, Write};

use crate::file::CaptureFile;
use crate::source::{Next, PacketSource};

/// Most packets read of one input: the input is small, so this is only reached through gzip.
const MAX_PACKETS: usize = 100_000;

/// Reads arbitrary bytes as a capture: as they are, after the magic number of each format, and gzipped.  Must never
/// panic and always end, which is what the harness looks for.
pub fn fuzz(data: &[u8]) {
    // The first byte chooses the size of the buffers, so that records lie across their borders in many ways.
    let Some((&choice, data)) = data.split_first() else {
        return;
    };
    let buffer = 16 + usize::from(choice);
    read(data.to_vec(), buffer);
    for magic in [
        &b"\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\0\0\0\0\0\0\xff\xff\0\0\x01\0\0\0"[..],
        b"\xa1\xb2\x3c\x4d\0\x02\0\x04\0\0\0\0\0\0\0\0\0\0\xff\xff\0\0\0\x01",
        b"\x34\xcd\xb2\xa1\x02\0\x03\0\0\0\0\0\0\0\0\0\x40\0\0\0\x01\0\0\0",
        b"\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a\x01\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\x1c\0\0\0",
        b"\x0a\x0d\x0d\x0a\0\0\0\x1c\x1a\x2b\x3c\x4d\0\x01\0\0\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\x1c",
        b"\x1f\x8b\x08\0\0\0\0\0\0\x03",
    ] {
        read([magic, data].concat(), buffer);
    }
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    if packed.write_all(data).is_ok() {
        if let Ok(packed) = packed.finish() {
            read(packed, buffer);
        }
    }
}

fn read(data: Vec<u8>, buffer: usize) {
    let mut source = CaptureFile::with_buffer("fuzz", Box::new(Cursor::new(data)), buffer);
    let mut bytes = 0u64;
    for _ in 0..MAX_PACKETS {
        match source.next_packet() {
            Ok(Next::Packet(packet)) => bytes += packet.captured.len() as u64,
            Ok(Next::Pending) => {}
            Ok(Next::End) => break,
            Err(error) => {
                // The text has to be made without a panic, too; and after an error there is the end.
                assert!(!error.to_string().is_empty());
                assert!(matches!(source.next_packet(), Ok(Next::End)));
                break;
            }
        }
    }
    assert_eq!(source.statistics().bytes, bytes);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn arbitrary_bytes(data in prop::collection::vec(any::<u8>(), 0..400)) {
            fuzz(&data);
        }

        /// Mostly zeros and small numbers get further into the formats than noise does.
        #[test]
        fn small_numbers(data in prop::collection::vec(prop_oneof![4 => Just(0u8), 3 => 0u8..40, 1 => any::<u8>()], 0..400)) {
            fuzz(&data);
        }
    }
}
