//! Puts fragments of IPv4 and IPv6 datagrams together.
//!
//! Where fragments overlap, the bytes that came first win: a sender of contradicting fragments is reported, and
//! the datagram is what a host sees that keeps what it has. All fragments of a datagram share addresses and
//! identification; in IPv4 also the protocol (RFC 791), so that fragments that differ only in it, though
//! reported, do not disturb each other. The order of fragments does not matter.
//!
//! Time is that of packets, handed in by the caller. Nothing is kept longer than [`FragmentTable::expire`] is told,
//! counted from the first fragment of a datagram, nor beyond the [`Limits`].

mod datagram;

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;

use datagram::{Added, Datagram};

use super::ip::{Fragment, IpView};
use crate::transport::checksum;
use crate::Weird;

/// Fragments but the last with less payload than this are reported (`excessively_small_fragment`). Links that
/// carry IP take far more; small fragments serve to hide from monitors.
pub const MIN_FRAGMENT: usize = 64;

/// A fragment that reaches beyond this is reported (`excessively_large_fragment`).
pub const MAX_REACH: usize = 64_000;

/// The longest a datagram can get, header included: what its length field can say.
pub const MAX_DATAGRAM: usize = 65_535;

/// How much a table keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Incomplete datagrams. Beyond it the oldest gives way.
    pub datagrams: usize,
    /// Bytes kept for one datagram, bookkeeping included. Beyond it further fragments of it are dropped.
    pub datagram_bytes: usize,
    /// Bytes kept for all. Beyond it the oldest datagrams give way.
    pub total_bytes: usize,
}

impl Default for Limits {
    /// 10,000 datagrams, 1 MiB each (a datagram of the smallest fragments), 64 MiB together.
    fn default() -> Self {
        Limits {
            datagrams: 10_000,
            datagram_bytes: 1 << 20,
            total_bytes: 64 << 20,
        }
    }
}

/// Which datagram a fragment belongs to, except for the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    src: IpAddr,
    dst: IpAddr,
    id: u32,
}

/// Incomplete datagrams.
#[derive(Debug, Default)]
pub struct FragmentTable {
    limits: Limits,
    /// Datagrams by key; several under one key differ in the protocol, so there are at most 256.
    datagrams: HashMap<Key, Vec<Datagram>>,
    /// When each datagram began, oldest first. May name datagrams that are gone.
    began: VecDeque<(f64, Key, u64)>,
    /// Number of the next datagram; tells a datagram from a later one under the same key.
    next_number: u64,
    count: usize,
    bytes: usize,
}

impl FragmentTable {
    /// An empty table.
    pub fn new(limits: Limits) -> Self {
        FragmentTable {
            limits,
            ..FragmentTable::default()
        }
    }

    /// How many datagrams are incomplete.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether no datagram is incomplete.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Bytes kept, bookkeeping included.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Takes a fragment that arrived at `now`, in seconds, and returns the datagram if that completes it: a
    /// packet to decode anew, with the header of its first fragment, made good for the whole (IPv4: length, flags,
    /// checksum; IPv6: without the fragment header).
    ///
    /// A packet that is no fragment is no business of the table: `None`. The caller has dealt with the weirds of
    /// the view and, if it cares, with its header checksum; bytes of a fragment with a bad one do not belong here.
    ///
    /// Weirds, all about the two hosts: `fragment_with_DF`, `excessively_small_fragment`,
    /// `excessively_large_fragment` (dropped if it makes the datagram longer than IP allows),
    /// `incompletely_captured_fragment` (dropped), `fragment_protocol_inconsistency`, `fragment_overlap`,
    /// `fragment_inconsistency` (an overlap with other bytes), `fragment_size_inconsistency` (dropped: it goes
    /// beyond the end, or contradicts it), `fragment_reassembly_limit_reached`.
    pub fn insert(&mut self, now: f64, view: &IpView<'_>, weirds: &mut Vec<Weird>) -> Option<Vec<u8>> {
        let fragment = view.fragment?;
        let mut report = |name| weirds.push(Weird::hosts(name, view.src, view.dst));
        let length = view.payload.wire_len();
        if fragment.dont_fragment {
            report("fragment_with_DF");
        }
        if fragment.more && length < MIN_FRAGMENT {
            report("excessively_small_fragment");
        }
        if fragment.offset + length > MAX_REACH {
            report("excessively_large_fragment");
        }
        if fragment.offset + length + fragment.unfragmentable_len > MAX_DATAGRAM {
            return None;
        }
        if view.payload.is_truncated() {
            report("incompletely_captured_fragment");
            return None;
        }
        let header = unfragmentable(view, &fragment);

        let key = Key {
            src: view.src,
            dst: view.dst,
            id: fragment.id,
        };
        let (index, created, other_protocol) = self.find(now, key, view);
        if other_protocol {
            report("fragment_protocol_inconsistency");
        }
        let datagram = self.datagrams.get_mut(&key)?.get_mut(index)?;
        let before = if created { 0 } else { datagram.bytes() };
        let added = datagram.add(&fragment, header, view.payload.data(), self.limits.datagram_bytes);
        let complete = datagram.assemble();
        self.bytes = self.bytes - before + datagram.bytes();
        match added {
            Added::New => (),
            Added::Overlap => report("fragment_overlap"),
            Added::Inconsistent => report("fragment_inconsistency"),
            Added::SizeInconsistent => report("fragment_size_inconsistency"),
            Added::Full => report("fragment_reassembly_limit_reached"),
        }
        if let Some((header, payload)) = complete {
            self.remove(key, index);
            return Some(whole(view.version, header, &payload));
        }
        if self.count > self.limits.datagrams || self.bytes > self.limits.total_bytes {
            report("fragment_reassembly_limit_reached");
            while self.count > self.limits.datagrams || self.bytes > self.limits.total_bytes {
                self.drop_oldest()?;
            }
        }
        None
    }

    /// Drops the datagrams whose first fragment arrived `timeout` seconds before `now` or earlier. Returns how many.
    pub fn expire(&mut self, now: f64, timeout: f64) -> usize {
        let mut dropped = 0;
        while self
            .began
            .front()
            .is_some_and(|&(began, ..)| began + timeout <= now)
        {
            dropped += usize::from(self.drop_oldest() == Some(true));
        }
        dropped
    }

    /// The place of the datagram of a fragment, made if there is none: its index under its key, whether it was
    /// made, and whether there is another one that differs in the protocol only.
    fn find(&mut self, now: f64, key: Key, view: &IpView<'_>) -> (usize, bool, bool) {
        let same = self.datagrams.entry(key).or_default();
        let other = same.iter().any(|d| d.protocol != view.protocol);
        // In IPv6 the fragment at offset 0 names the protocol for all (RFC 8200, 4.5).
        let found = same
            .iter()
            .position(|d| view.version == 6 || d.protocol == view.protocol);
        if let Some(index) = found {
            return (index, false, other);
        }
        same.push(Datagram::new(self.next_number, view.protocol));
        self.began.push_back((now, key, self.next_number));
        self.next_number += 1;
        self.count += 1;
        (same.len() - 1, true, other)
    }

    fn remove(&mut self, key: Key, index: usize) {
        if let Some(same) = self.datagrams.get_mut(&key) {
            let datagram = same.remove(index);
            self.bytes -= datagram.bytes();
            self.count -= 1;
            if same.is_empty() {
                self.datagrams.remove(&key);
            }
        }
        // What the queue still says about datagrams that are gone must not pile up: it is dropped from the front
        // at once, and all of it when it outweighs the rest.
        while self
            .began
            .front()
            .is_some_and(|&(_, key, number)| !self.is_kept(key, number))
        {
            self.began.pop_front();
        }
        if self.began.len() > 2 * self.count + 1024 {
            let mut began = std::mem::take(&mut self.began);
            began.retain(|&(_, key, number)| self.is_kept(key, number));
            self.began = began;
        }
    }

    fn is_kept(&self, key: Key, number: u64) -> bool {
        self.datagrams
            .get(&key)
            .is_some_and(|same| same.iter().any(|d| d.number == number))
    }

    /// Drops the datagram at the front of the queue: `Some(false)` if it was gone already, `None` if the queue is
    /// empty.
    fn drop_oldest(&mut self) -> Option<bool> {
        let (_, key, number) = self.began.pop_front()?;
        let index = self
            .datagrams
            .get(&key)
            .and_then(|same| same.iter().position(|d| d.number == number));
        if let Some(index) = index {
            self.remove(key, index);
        }
        Some(index.is_some())
    }
}

/// The part of a fragment's header that belongs to the datagram, and for IPv6 the protocol that follows it.
fn unfragmentable<'a>(view: &IpView<'a>, fragment: &Fragment) -> datagram::Header<'a> {
    datagram::Header {
        bytes: view
            .header
            .get(..fragment.unfragmentable_len)
            .unwrap_or(view.header),
        next_header_at: fragment.next_header_at,
        protocol: view.protocol,
    }
}

/// Makes a packet of a header and the payload put together.
fn whole(version: u8, header: Vec<u8>, payload: &[u8]) -> Vec<u8> {
    let header_len = header.len();
    let mut packet = header;
    packet.extend_from_slice(payload);
    // Neither can be cut off: datagrams are not longer than 65,535 bytes with their header.
    let total = u16::try_from(packet.len()).unwrap_or(u16::MAX);
    let after_fixed = u16::try_from(packet.len().saturating_sub(40)).unwrap_or(u16::MAX);
    if let (4, Some(header)) = (version, packet.get_mut(..header_len)) {
        set16(header, 2, total);
        set16(header, 6, 0);
        set16(header, 10, 0);
        let sum = !checksum::fold(checksum::sum(header));
        set16(header, 10, sum);
    } else {
        set16(&mut packet, 4, after_fixed);
    }
    packet
}

fn set16(bytes: &mut [u8], at: usize, value: u16) {
    if let Some(field) = bytes.get_mut(at..at + 2) {
        field.copy_from_slice(&value.to_be_bytes());
    }
}

#[cfg(test)]
mod tests;
