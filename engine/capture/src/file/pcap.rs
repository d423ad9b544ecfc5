//! The classic capture format (draft-ietf-opsawg-pcap): a header of 24 bytes, then records of a header and a packet.

use super::parse::{Fault, Found, Record};
use super::window::{Fill, Window};
use super::MAX_CAPTURED;
use crate::link::LinkType;
use crate::packet::Timestamp;
use crate::source::Resolution;

/// Size of the file header in bytes.
pub(super) const FILE_HEADER: usize = 24;

const MAGIC_MICROS: u32 = 0xa1b2_c3d4;
const MAGIC_NANOS: u32 = 0xa1b2_3c4d;
/// Files of a libpcap with A. Kuznetzov's patches (old Linux distributions): records have 8 bytes more, the interface
/// and the direction.
const MAGIC_PATCHED: u32 = 0xa1b2_cd34;

const RECORD_HEADER: usize = 16;
const PATCHED_RECORD_HEADER: usize = 24;

/// The link type is in the low 26 bits; above are flags about a frame check sequence.
const LINK_TYPE_BITS: u32 = 0x03ff_ffff;

/// How the two lengths of a record are ordered: it differed before version 2.4 of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lengths {
    CapturedFirst,
    OriginalFirst,
    /// Version 2.3 was written both ways: the smaller one is the captured length.
    Either,
}

#[derive(Debug)]
pub(super) struct Pcap {
    big_endian: bool,
    nanos: bool,
    record_header: usize,
    lengths: Lengths,
    /// Longest packet that is delivered whole.
    snaplen: u32,
    link_type: LinkType,
    packets: u64,
}

impl Pcap {
    /// Whether a file that starts with these four bytes is of this format.
    pub fn is_magic(first: [u8; 4]) -> bool {
        Self::kind(first).is_some()
    }

    /// The magic number in the file's byte order, and whether that is big-endian.
    fn kind(first: [u8; 4]) -> Option<(u32, bool)> {
        let known = |magic: &u32| matches!(*magic, MAGIC_MICROS | MAGIC_NANOS | MAGIC_PATCHED);
        let (little, big) = (u32::from_le_bytes(first), u32::from_be_bytes(first));
        Some(little)
            .filter(known)
            .map(|m| (m, false))
            .or(Some(big).filter(known).map(|m| (m, true)))
    }

    /// Reads the file header.
    pub fn new(header: &[u8; FILE_HEADER]) -> Result<Self, Fault> {
        let [a, b, c, d, v1, v2, v3, v4, _, _, _, _, _, _, _, _, s1, s2, s3, s4, l1, l2, l3, l4] = *header;
        let Some((magic, big_endian)) = Self::kind([a, b, c, d]) else {
            return Err(Fault::not_a_capture("the magic number is unknown"));
        };
        let short = |bytes| {
            if big_endian {
                u16::from_be_bytes(bytes)
            } else {
                u16::from_le_bytes(bytes)
            }
        };
        let long = |bytes| {
            if big_endian {
                u32::from_be_bytes(bytes)
            } else {
                u32::from_le_bytes(bytes)
            }
        };
        let lengths = match (short([v1, v2]), short([v3, v4])) {
            (2, 0..=2) => Lengths::OriginalFirst,
            (2, 3) => Lengths::Either,
            // 543.0 is what one system's tcpdump wrote; the layout is that of 2.4.
            (2, 4) | (543, 0) => Lengths::CapturedFirst,
            (major, minor) => {
                return Err(Fault::unsupported(format!(
                    "pcap files of version {major}.{minor} cannot be read, only 2.0 to 2.4"
                )))
            }
        };
        let snaplen = match long([s1, s2, s3, s4]) {
            // Writers that do not know put 0 or an absurd number.
            0 => MAX_CAPTURED,
            n => n.min(MAX_CAPTURED),
        };
        Ok(Self {
            big_endian,
            nanos: magic == MAGIC_NANOS,
            record_header: if magic == MAGIC_PATCHED {
                PATCHED_RECORD_HEADER
            } else {
                RECORD_HEADER
            },
            lengths,
            snaplen,
            link_type: LinkType::from_file(long([l1, l2, l3, l4]) & LINK_TYPE_BITS),
            packets: 0,
        })
    }

    pub fn link_type(&self) -> LinkType {
        self.link_type
    }

    pub fn resolution(&self) -> Resolution {
        if self.nanos {
            Resolution::Nano
        } else {
            Resolution::Micro
        }
    }

    /// Finds the next packet in the window, which is at the start of a record.
    #[inline]
    pub fn advance(&mut self, window: &mut Window) -> Result<Found, Fault> {
        match window.fill(self.record_header) {
            Fill::Ready => {}
            Fill::Wait => return Ok(Found::Wait),
            Fill::Short if window.bytes().is_empty() => return Ok(Found::End),
            Fill::Short => {
                return Err(Fault::truncated(format!(
                    "the record header of packet {} has {} bytes, only {} are there",
                    self.packets + 1,
                    self.record_header,
                    window.bytes().len()
                )))
            }
        }
        let Some(header) = window.bytes().first_chunk::<RECORD_HEADER>() else {
            return Ok(Found::Wait); // cannot be: the window is full
        };
        let [s1, s2, s3, s4, f1, f2, f3, f4, c1, c2, c3, c4, o1, o2, o3, o4] = *header;
        let long = |bytes| {
            if self.big_endian {
                u32::from_be_bytes(bytes)
            } else {
                u32::from_le_bytes(bytes)
            }
        };
        let (seconds, fraction) = (long([s1, s2, s3, s4]), long([f1, f2, f3, f4]));
        let (first, second) = (long([c1, c2, c3, c4]), long([o1, o2, o3, o4]));
        let (captured, original) = match self.lengths {
            Lengths::CapturedFirst => (first, second),
            Lengths::OriginalFirst => (second, first),
            Lengths::Either => (first.min(second), first.max(second)),
        };
        // More than the snapshot length is tolerated, as some writers are not exact about it; more than any capture
        // program can be told to keep is damage.
        if captured > MAX_CAPTURED {
            return Err(Fault::corrupt(format!(
                "packet {} would have {captured} captured bytes, more than the possible {MAX_CAPTURED}",
                self.packets + 1
            )));
        }
        let size = self.record_header + captured as usize;
        match window.fill(size) {
            Fill::Ready => {}
            Fill::Wait => return Ok(Found::Wait),
            Fill::Short => {
                return Err(Fault::truncated(format!(
                    "packet {} has {captured} bytes, only {} are there",
                    self.packets + 1,
                    window.bytes().len().saturating_sub(self.record_header)
                )))
            }
        }
        self.packets += 1;
        Ok(Found::Record(Record {
            ts: if self.nanos {
                Timestamp::from_seconds_nanos(seconds, fraction)
            } else {
                Timestamp::from_seconds_micros(seconds, fraction)
            },
            start: self.record_header,
            // Like libpcap: what a record holds beyond the file's snapshot length is not delivered.
            captured: captured.min(self.snaplen) as usize,
            original_len: original,
            link_type: self.link_type,
            interface: 0,
            size,
        }))
    }
}
