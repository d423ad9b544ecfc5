//! One datagram as its fragments come in.

use std::collections::BTreeMap;

use crate::net::ip::Fragment;

/// What a chunk costs besides its bytes: its place in the tree and the allocation.
const CHUNK_OVERHEAD: usize = 64;

/// The header that a fragment offers for the datagram; that of the fragment at offset 0 is taken.
pub(super) struct Header<'a> {
    /// The bytes.
    pub bytes: &'a [u8],
    /// Where in them the number of the protocol goes.
    pub next_header_at: usize,
    /// That number.
    pub protocol: u8,
}

/// What a fragment brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Added {
    /// Only new bytes.
    New,
    /// Some bytes that were there, the same.
    Overlap,
    /// Some bytes that were there, and different ones.
    Inconsistent,
    /// Bytes beyond the end, or another end: not taken.
    SizeInconsistent,
    /// More than may be kept: not taken.
    Full,
}

/// The bytes of a datagram that have arrived.
#[derive(Debug)]
pub(super) struct Datagram {
    /// Tells this datagram from others under its key.
    pub number: u64,
    /// The protocol that its first fragment to arrive named.
    pub protocol: u8,
    header: Option<Vec<u8>>,
    /// Payload by offset. Chunks are not empty and do not overlap.
    chunks: BTreeMap<usize, Box<[u8]>>,
    /// Bytes in the chunks.
    filled: usize,
    /// Length of the payload, once the last fragment has arrived.
    length: Option<usize>,
}

impl Datagram {
    pub fn new(number: u64, protocol: u8) -> Self {
        Datagram {
            number,
            protocol,
            header: None,
            chunks: BTreeMap::new(),
            filled: 0,
            length: None,
        }
    }

    /// Memory in use.
    pub fn bytes(&self) -> usize {
        let header = self.header.as_ref().map_or(0, Vec::len);
        std::mem::size_of::<Self>() + header + self.filled + self.chunks.len() * CHUNK_OVERHEAD
    }

    /// Takes what a fragment has that is new, unless the datagram would then need more than `limit` bytes.
    pub fn add(&mut self, fragment: &Fragment, header: Header<'_>, payload: &[u8], limit: usize) -> Added {
        let (start, end) = (fragment.offset, fragment.offset + payload.len());
        let reach = self
            .chunks
            .last_key_value()
            .map_or(0, |(at, chunk)| at + chunk.len());
        let contradicts = match self.length {
            Some(length) => end > length || (!fragment.more && end != length),
            None => !fragment.more && end < reach,
        };
        if contradicts {
            return Added::SizeInconsistent;
        }
        if self.bytes() + header.bytes.len() + payload.len() + CHUNK_OVERHEAD > limit {
            return Added::Full;
        }
        if !fragment.more {
            self.length = Some(end);
        }
        if start == 0 && self.header.is_none() {
            self.header = Some(header.make());
        }
        self.fill(start, end, payload)
    }

    /// Puts bytes into the gaps between `start` and `end`, and compares the others.
    fn fill(&mut self, start: usize, end: usize, payload: &[u8]) -> Added {
        let mut added = Added::New;
        let mut gaps = Vec::new();
        // The chunk before may reach into this one. Chunks in between are bounded by the payload's length.
        let first = self
            .chunks
            .range(..=start)
            .next_back()
            .map_or(start, |(&at, _)| at);
        let mut at = start;
        for (&chunk_start, chunk) in self.chunks.range(first..end) {
            let chunk_end = chunk_start + chunk.len();
            let (low, high) = (chunk_start.max(start), chunk_end.min(end));
            if low >= high {
                continue;
            }
            if at < low {
                gaps.push((at, low));
            }
            at = high;
            let same =
                chunk.get(low - chunk_start..high - chunk_start) == payload.get(low - start..high - start);
            added = match (added, same) {
                (Added::Inconsistent, _) | (_, false) => Added::Inconsistent,
                _ => Added::Overlap,
            };
        }
        if at < end {
            gaps.push((at, end));
        }
        for (low, high) in gaps {
            if let Some(bytes) = payload.get(low - start..high - start) {
                self.filled += bytes.len();
                self.chunks.insert(low, bytes.into());
            }
        }
        added
    }

    /// Header and payload, if nothing is missing.
    pub fn assemble(&self) -> Option<(Vec<u8>, Vec<u8>)> {
        let length = self.length.filter(|&length| length == self.filled)?;
        let header = self.header.clone()?;
        let mut payload = Vec::with_capacity(length);
        for chunk in self.chunks.values() {
            payload.extend_from_slice(chunk);
        }
        Some((header, payload))
    }
}

impl Header<'_> {
    fn make(self) -> Vec<u8> {
        let mut bytes = self.bytes.to_vec();
        if let Some(field) = bytes.get_mut(self.next_header_at) {
            *field = self.protocol;
        }
        bytes
    }
}
