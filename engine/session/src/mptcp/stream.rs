//! The data of one end of a connection, put into order from all subflows.
//!
//! Positions are offsets from the first byte, so that data sequence numbers, which begin anywhere and may wrap, matter
//! only to the caller.  The first copy of a byte counts, as it does for the receiver.  Another copy is compared with it
//! as long as the first one is at hand: while it waits, and for a while after it was delivered.

use std::collections::{BTreeMap, VecDeque};

/// Delivered bytes that are kept for comparison after the receiver has acknowledged them.
pub(super) const KEEP_ACKNOWLEDGED: u64 = 128 << 10;

/// Delivered bytes that are kept at most while no acknowledgement comes.
const KEEP_MOST: usize = 4 << 20;

/// Bytes that wait behind a hole at most.  Beyond, the hole is given up: nobody keeps more in flight than the buffers of
/// common systems hold.
const MOST_WAITING: usize = 8 << 20;

/// Turns of kept bytes between subflows; beyond, the oldest bytes are forgotten.
const MOST_RUNS: usize = 4096;

/// Bytes with a wrong checksum that are kept for comparison with the right ones.
const MOST_REJECTED: usize = 256 << 10;

/// What it costs to keep a piece, besides its bytes.
const PLACE: usize = 64;

/// A subflow, by its place in the connection's list.
pub(super) type PathIndex = u32;

/// What comes out of a stream.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// The next bytes
    Data(u64, &'a [u8]),
    /// Bytes that will not come any more: offset and number
    Gap(u64, u64),
    /// Bytes came again and are other ones
    Conflict {
        offset: u64,
        old: &'a [u8],
        new: &'a [u8],
        paths: (PathIndex, PathIndex),
    },
}

/// A part of the kept bytes that came on one subflow: where it ends.
#[derive(Clone, Copy, Debug)]
struct Run {
    end: u64,
    path: PathIndex,
}

#[derive(Debug)]
struct Waiting {
    bytes: Vec<u8>,
    path: PathIndex,
}

/// Bytes with a wrong checksum.
#[derive(Debug)]
struct Rejected {
    bytes: Vec<u8>,
    path: PathIndex,
    /// The receiver has said so too.
    refused: bool,
}

/// What came again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Again {
    /// Bytes that were the same, on another subflow
    pub repeated: u64,
    /// Bytes that were other ones, on whatever subflow
    pub conflicting: u64,
}

/// The data of one end.
#[derive(Debug, Default)]
pub(super) struct Stream {
    /// Offset of the next byte to be delivered.  Everything before was delivered or given up.
    next: u64,
    /// Where the first byte is that was given up
    first_hole: Option<u64>,
    missed: u64,
    /// The receiver has everything before.
    acked: u64,
    /// What came behind a hole, by offset; pieces do not overlap.
    waiting: BTreeMap<u64, Waiting>,
    waiting_cost: usize,
    /// Bytes that do not count, where no others have come yet, by offset; pieces do not overlap.
    rejected: BTreeMap<u64, Rejected>,
    rejected_cost: usize,
    /// Delivered bytes from `kept_from` on, without those that are cut off next
    kept: Vec<u8>,
    kept_skip: usize,
    kept_from: u64,
    runs: VecDeque<Run>,
    pub again: Again,
}

impl Stream {
    /// The offset of the next byte.
    pub fn next(&self) -> u64 {
        self.next
    }

    /// The receiver has everything before this offset.
    pub fn acked(&self) -> u64 {
        self.acked
    }

    /// Bytes up to the first hole.
    pub fn contiguous(&self) -> u64 {
        self.first_hole.unwrap_or(self.next)
    }

    /// Bytes that were given up.
    pub fn missed(&self) -> u64 {
        self.missed
    }

    /// Whether nothing has come yet.
    pub fn is_untouched(&self) -> bool {
        self.next == 0 && self.waiting.is_empty()
    }

    /// Whether the receiver has bytes that have not come.
    pub fn is_hole_acknowledged(&self) -> bool {
        self.acked > self.next
    }

    /// Whether so much waits that the hole before it is not worth waiting for.
    pub fn is_full(&self) -> bool {
        self.waiting_cost > MOST_WAITING
    }

    /// Memory taken, about, in bytes.
    pub fn memory(&self) -> usize {
        self.waiting_cost
            + self.rejected_cost
            + self.kept.len()
            + self.runs.len() * std::mem::size_of::<Run>()
    }

    /// Bytes at an offset, from a subflow.  `keep`: how many acknowledged bytes stay at hand.  Returns how many of them
    /// came for the first time.  Time is linear in the bytes and in the pieces they meet.
    pub fn put(
        &mut self,
        offset: u64,
        bytes: &[u8],
        path: PathIndex,
        keep: u64,
        out: &mut dyn FnMut(Piece<'_>),
    ) -> u64 {
        let end = offset + bytes.len() as u64;
        let from = offset.max(self.next);
        if offset < self.next {
            self.compare(offset, bytes, path, out);
        }
        if end <= from {
            return 0;
        }
        let rest = &bytes[(from - offset) as usize..];
        if !self.rejected.is_empty() {
            self.compare_rejected(from, rest, path, out);
        }
        if from == self.next && self.waiting.is_empty() {
            self.deliver(rest, path, keep, out);
            return rest.len() as u64;
        }
        let new = self.insert(from, rest, path, out);
        self.release(keep, out);
        new
    }

    /// Bytes whose checksum is wrong, so that they count only if the receiver takes them all the same.  They are compared
    /// with others that come.
    pub fn reject(&mut self, offset: u64, bytes: &[u8], path: PathIndex, out: &mut dyn FnMut(Piece<'_>)) {
        if offset < self.next {
            self.compare(offset, bytes, path, out);
        }
        let end = offset + bytes.len() as u64;
        // Of several that overlap, the first is kept.
        let mut at = offset.max(self.next);
        let first = self
            .rejected
            .range(..=at)
            .next_back()
            .map_or(at, |(&start, _)| start);
        let mut holes: Vec<(u64, u64)> = Vec::new();
        for (&start, known) in self.rejected.range(first..end.max(first)) {
            if start > at {
                holes.push((at, start));
            }
            at = at.max(start + known.bytes.len() as u64);
        }
        if at < end {
            holes.push((at, end));
        }
        for (from, to) in holes {
            let part = &bytes[(from - offset) as usize..(to - offset) as usize];
            if self.rejected_cost + part.len() + PLACE <= MOST_REJECTED {
                self.keep_rejected(from, part.to_vec(), path);
            }
        }
    }

    fn keep_rejected(&mut self, offset: u64, bytes: Vec<u8>, path: PathIndex) {
        self.rejected_cost += bytes.len() + PLACE;
        let refused = false;
        self.rejected.insert(offset, Rejected { bytes, path, refused });
    }

    fn take_rejected(&mut self, offset: u64) -> Option<Rejected> {
        let piece = self.rejected.remove(&offset)?;
        self.rejected_cost -= piece.bytes.len() + PLACE;
        Some(piece)
    }

    /// The receiver has refused what came on a subflow with a wrong checksum, so it does not count in any case.
    pub fn refuse(&mut self, path: PathIndex) {
        for piece in self.rejected.values_mut().filter(|piece| piece.path == path) {
            piece.refused = true;
        }
    }

    /// Compares new bytes with those that do not count.  Time is linear in the bytes and the pieces they meet.
    fn compare_rejected(
        &mut self,
        offset: u64,
        bytes: &[u8],
        path: PathIndex,
        out: &mut dyn FnMut(Piece<'_>),
    ) {
        let end = offset + bytes.len() as u64;
        let first = self
            .rejected
            .range(..=offset)
            .next_back()
            .map_or(offset, |(&start, _)| start);
        let starts: Vec<u64> = self.rejected.range(first..end).map(|(&start, _)| start).collect();
        for start in starts {
            let Some(old) = self.take_rejected(start) else {
                continue;
            };
            let stop = start + old.bytes.len() as u64;
            let (from, to) = (start.max(offset), stop.min(end));
            if from < to {
                let new = &bytes[(from - offset) as usize..(to - offset) as usize];
                let part = &old.bytes[(from - start) as usize..(to - start) as usize];
                self.again.count(from, (part, old.path), (new, path), out);
            }
            // What others have not come for yet.
            for (from, to) in [(start, offset.min(stop)), (end.max(start), stop)] {
                if from < to {
                    let part = old.bytes[(from - start) as usize..(to - start) as usize].to_vec();
                    self.keep_rejected(from, part, old.path);
                    if let (true, Some(piece)) = (old.refused, self.rejected.get_mut(&from)) {
                        piece.refused = true;
                    }
                }
            }
        }
    }

    /// Compares bytes that were delivered before with what is kept of them.
    fn compare(&mut self, offset: u64, bytes: &[u8], path: PathIndex, out: &mut dyn FnMut(Piece<'_>)) {
        let kept = &self.kept[self.kept_skip..];
        let end = (offset + bytes.len() as u64).min(self.kept_from + kept.len() as u64);
        let mut at = offset.max(self.kept_from);
        let first = self.runs.partition_point(|run| run.end <= at);
        for run in self.runs.range(first..) {
            if at >= end {
                break;
            }
            let stop = run.end.min(end);
            if stop <= at {
                continue;
            }
            let old = &kept[(at - self.kept_from) as usize..(stop - self.kept_from) as usize];
            let new = &bytes[(at - offset) as usize..(stop - offset) as usize];
            self.again.count(at, (old, run.path), (new, path), out);
            at = stop;
        }
    }

    fn deliver(&mut self, bytes: &[u8], path: PathIndex, keep: u64, out: &mut dyn FnMut(Piece<'_>)) {
        let at = self.next;
        self.next += bytes.len() as u64;
        match self.runs.back_mut() {
            Some(last) if last.path == path && last.end == at => last.end = self.next,
            Some(last) if last.end == at => self.runs.push_back(Run { end: self.next, path }),
            _ => {
                self.forget_kept(at);
                self.runs.push_back(Run { end: self.next, path });
            }
        }
        self.kept.extend_from_slice(bytes);
        self.trim(keep);
        while let Some(entry) = self.rejected.first_entry() {
            if entry.key() + entry.get().bytes.len() as u64 > self.next {
                break;
            }
            self.rejected_cost -= entry.remove().bytes.len() + PLACE;
        }
        out(Piece::Data(at, bytes));
    }

    /// Forgets what is kept; what is kept next begins there.
    fn forget_kept(&mut self, from: u64) {
        self.kept.clear();
        self.kept_skip = 0;
        self.kept_from = from;
        self.runs.clear();
    }

    /// Forgets what need not be kept any more.
    fn trim(&mut self, keep: u64) {
        let end = self.kept_from + (self.kept.len() - self.kept_skip) as u64;
        let mut from = self.acked.min(self.next).saturating_sub(keep);
        from = from.max(end.saturating_sub(KEEP_MOST as u64));
        if self.runs.len() > MOST_RUNS {
            from = from.max(self.runs.front().map_or(0, |run| run.end));
        }
        // Not byte by byte: cutting off costs a copy of the rest.
        if from <= self.kept_from {
            return;
        }
        let gone = (from.min(end) - self.kept_from) as usize;
        self.kept_skip += gone;
        self.kept_from += gone as u64;
        if self.kept_skip > self.kept.len() / 2 {
            self.kept.drain(..self.kept_skip);
            self.kept_skip = 0;
            self.kept.shrink_to(2 * self.kept.len() + 4096);
        }
        while self.runs.front().is_some_and(|run| run.end <= self.kept_from) {
            self.runs.pop_front();
        }
    }

    /// Puts bytes among those that wait.  Returns how many are new.
    fn insert(&mut self, offset: u64, bytes: &[u8], path: PathIndex, out: &mut dyn FnMut(Piece<'_>)) -> u64 {
        let end = offset + bytes.len() as u64;
        let first = self
            .waiting
            .range(..=offset)
            .next_back()
            .map_or(offset, |(&start, _)| start);
        let mut at = offset;
        let mut holes: Vec<(u64, u64)> = Vec::new();
        for (&start, waiting) in self.waiting.range(first..end) {
            let stop = start + waiting.bytes.len() as u64;
            if stop <= at {
                continue;
            }
            if start > at {
                holes.push((at, start));
                at = start;
            }
            let to = stop.min(end);
            let old = &waiting.bytes[(at - start) as usize..(to - start) as usize];
            let new = &bytes[(at - offset) as usize..(to - offset) as usize];
            self.again.count(at, (old, waiting.path), (new, path), out);
            at = to;
        }
        if at < end {
            holes.push((at, end));
        }
        let mut new = 0;
        for (from, to) in holes {
            let bytes = bytes[(from - offset) as usize..(to - offset) as usize].to_vec();
            new += to - from;
            self.waiting_cost += bytes.len() + PLACE;
            self.waiting.insert(from, Waiting { bytes, path });
        }
        new
    }

    /// Delivers what waits for nothing any more.
    fn release(&mut self, keep: u64, out: &mut dyn FnMut(Piece<'_>)) {
        while let Some(entry) = self.waiting.first_entry() {
            if *entry.key() != self.next {
                break;
            }
            let Waiting { bytes, path } = entry.remove();
            self.waiting_cost -= bytes.len() + PLACE;
            self.deliver(&bytes, path, keep, out);
        }
    }

    /// The receiver has everything before an offset.
    pub fn acknowledge(&mut self, offset: u64, keep: u64) {
        if offset > self.acked {
            self.acked = offset;
            self.trim(keep);
        }
    }

    /// Gives up holes that the receiver does not have; it has acknowledged what belongs there.  If all that is known of it are
    /// bytes with a wrong checksum, and the receiver has not refused them, it has taken those.
    pub fn skip_acknowledged(&mut self, keep: u64, out: &mut dyn FnMut(Piece<'_>)) {
        while self.next < self.acked {
            let at = self.next;
            let hole = self
                .waiting
                .first_key_value()
                .map_or(self.acked, |(&start, _)| start.min(self.acked));
            let before = self.rejected.range(..=at).next_back().map(|(&start, _)| start);
            let found = before.and_then(|start| {
                let piece = self.rejected.get(&start)?;
                (!piece.refused && start + piece.bytes.len() as u64 > at).then_some(start)
            });
            match found.and_then(|start| Some((start, self.take_rejected(start)?))) {
                Some((start, Rejected { bytes, path, .. })) => {
                    let stop = (start + bytes.len() as u64).min(hole);
                    let part = &bytes[(at - start) as usize..(stop - start) as usize];
                    self.deliver(part, path, keep, out);
                    self.release(keep, out);
                }
                None => {
                    let usable = |(_, piece): &(&u64, &Rejected)| !piece.refused;
                    let next = self.rejected.range(at + 1..hole.max(at + 1)).find(usable);
                    let stop = next.map_or(hole, |(&start, _)| start);
                    self.skip_to(stop, keep, out);
                }
            }
        }
    }

    /// Gives up the first hole, so that what waits behind it can go on.
    pub fn skip_hole(&mut self, keep: u64, out: &mut dyn FnMut(Piece<'_>)) {
        if let Some((&start, _)) = self.waiting.first_key_value() {
            self.skip_to(start, keep, out);
        }
    }

    /// Delivers everything up to an offset, and reports what is missing before it.
    pub fn skip_to(&mut self, offset: u64, keep: u64, out: &mut dyn FnMut(Piece<'_>)) {
        while self.next < offset {
            let stop = match self.waiting.first_key_value() {
                Some((&start, _)) => start.min(offset),
                None => offset,
            };
            let (at, len) = (self.next, stop - self.next);
            if len > 0 {
                self.first_hole.get_or_insert(at);
                self.missed += len;
                self.next = stop;
                out(Piece::Gap(at, len));
            }
            self.release(keep, out);
        }
    }

    /// The last: delivers all that waits, and reports what is missing before it and up to `end`, if that is known.
    pub fn finish(&mut self, end: Option<u64>, out: &mut dyn FnMut(Piece<'_>)) {
        while let Some((&start, _)) = self.waiting.first_key_value() {
            self.skip_to(start, 0, out);
            self.release(0, out);
        }
        let end = end.unwrap_or(self.next).max(self.acked);
        self.skip_to(end, 0, out);
        self.forget_kept(self.next);
        self.rejected.clear();
        self.rejected_cost = 0;
    }
}

impl Again {
    /// Compares two copies of the same bytes.
    fn count(
        &mut self,
        offset: u64,
        (old, old_path): (&[u8], PathIndex),
        (new, path): (&[u8], PathIndex),
        out: &mut dyn FnMut(Piece<'_>),
    ) {
        let other = if old == new {
            0
        } else {
            old.iter().zip(new).filter(|(old, new)| old != new).count() as u64
        };
        self.conflicting += other;
        if old_path != path {
            self.repeated += new.len() as u64 - other;
        }
        if other > 0 {
            out(Piece::Conflict {
                offset,
                old,
                new,
                paths: (old_path, path),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Offset, both versions, and their paths.
    type Conflict = (u64, Vec<u8>, Vec<u8>, (u32, u32));

    #[derive(Debug, Default, PartialEq, Eq)]
    struct Seen {
        data: Vec<u8>,
        gaps: Vec<(u64, u64)>,
        conflicts: Vec<Conflict>,
    }

    /// From where to where in the text, on which path, and a choice.
    type Send = (usize, usize, u32, bool);

    impl Seen {
        fn take(&mut self, piece: Piece<'_>) {
            match piece {
                Piece::Data(at, bytes) => {
                    let missed: u64 = self.gaps.iter().map(|gap| gap.1).sum();
                    assert_eq!(at, self.data.len() as u64 + missed, "in order");
                    self.data.extend_from_slice(bytes);
                }
                Piece::Gap(at, len) => self.gaps.push((at, len)),
                Piece::Conflict {
                    offset,
                    old,
                    new,
                    paths,
                } => self.conflicts.push((offset, old.to_vec(), new.to_vec(), paths)),
            }
        }
    }

    fn put(stream: &mut Stream, seen: &mut Seen, offset: u64, bytes: &[u8], path: u32) -> u64 {
        stream.put(offset, bytes, path, KEEP_ACKNOWLEDGED, &mut |piece| {
            seen.take(piece)
        })
    }

    #[test]
    fn two_paths_make_one_stream() {
        let (mut stream, mut seen) = (Stream::default(), Seen::default());
        assert_eq!(put(&mut stream, &mut seen, 5, b"stuff", 1), 5);
        assert!(seen.data.is_empty());
        assert_eq!(put(&mut stream, &mut seen, 0, b"evil ", 0), 5);
        assert_eq!(seen.data, b"evil stuff");
        assert_eq!(stream.contiguous(), 10);
    }

    #[test]
    fn the_same_again_counts_only_on_another_path() {
        let (mut stream, mut seen) = (Stream::default(), Seen::default());
        put(&mut stream, &mut seen, 0, b"abcdef", 0);
        put(&mut stream, &mut seen, 2, b"cd", 0);
        assert_eq!(stream.again, Again::default());
        assert_eq!(put(&mut stream, &mut seen, 2, b"cdefgh", 1), 2);
        assert_eq!(stream.again.repeated, 4);
        // What waits is compared as well.
        put(&mut stream, &mut seen, 10, b"kl", 1);
        put(&mut stream, &mut seen, 9, b"jkl", 0);
        assert_eq!(stream.again.repeated, 6);
        assert!(seen.conflicts.is_empty());
        assert_eq!(seen.data, b"abcdefgh");
    }

    #[test]
    fn other_bytes_are_reported_and_the_first_count() {
        let (mut stream, mut seen) = (Stream::default(), Seen::default());
        put(&mut stream, &mut seen, 0, b"good", 0);
        put(&mut stream, &mut seen, 6, b"xy", 0);
        put(&mut stream, &mut seen, 1, b"eed__xz", 1);
        assert_eq!(
            seen.conflicts,
            [
                (1, b"ood".to_vec(), b"eed".to_vec(), (0, 1)),
                (6, b"xy".to_vec(), b"xz".to_vec(), (0, 1)),
            ]
        );
        assert_eq!((stream.again.conflicting, stream.again.repeated), (3, 2));
        assert_eq!(seen.data, b"good__xy");
    }

    #[test]
    fn what_does_not_count_is_compared_with_what_does() {
        let (mut stream, mut seen) = (Stream::default(), Seen::default());
        let mut reject = |stream: &mut Stream, offset, bytes: &[u8], path| {
            stream.reject(offset, bytes, path, &mut |piece| seen.take(piece));
        };
        reject(&mut stream, 0, b"abXdef", 1);
        reject(&mut stream, 20, b"x", 1);
        let mut seen_too = Seen::default();
        // The right ones come in parts; what is given back by the same path changes nothing.
        put(&mut stream, &mut seen_too, 4, b"ef", 0);
        put(&mut stream, &mut seen_too, 0, b"abc", 0);
        put(&mut stream, &mut seen_too, 3, b"d", 0);
        assert_eq!(seen_too.data, b"abcdef");
        assert_eq!(
            seen_too.conflicts,
            [(0, b"abX".to_vec(), b"abc".to_vec(), (1, 0))]
        );
        assert_eq!(
            stream.again,
            Again {
                repeated: 5,
                conflicting: 1
            }
        );
        let mut late = Seen::default();
        stream.reject(2, b"CD", 1, &mut |piece| late.take(piece));
        assert_eq!(late.conflicts, [(2, b"cd".to_vec(), b"CD".to_vec(), (0, 1))]);
        stream.finish(None, &mut |piece| late.take(piece));
        assert_eq!(stream.memory(), 0);
    }

    #[test]
    fn what_the_receiver_takes_counts_whatever_its_checksum() {
        let (mut stream, mut seen) = (Stream::default(), Seen::default());
        let mut take = |piece: Piece<'_>| seen.take(piece);
        stream.put(0, b"ab", 0, 100, &mut take);
        stream.reject(4, b"eFg", 0, &mut take);
        stream.reject(3, b"defgh", 1, &mut take);
        stream.put(10, b"kl", 0, 100, &mut take);
        stream.acknowledge(12, 100);
        stream.skip_acknowledged(100, &mut take);
        assert_eq!(
            (seen.data.as_slice(), seen.gaps.as_slice()),
            (&b"abdeFghkl"[..], &[(2, 1), (8, 2)][..])
        );
        // Not if it has refused it.
        let (mut stream, mut seen) = (Stream::default(), Seen::default());
        let mut take = |piece: Piece<'_>| seen.take(piece);
        stream.reject(0, b"bad", 1, &mut take);
        stream.refuse(1);
        stream.acknowledge(3, 100);
        stream.skip_acknowledged(100, &mut take);
        assert_eq!(
            (seen.data.as_slice(), seen.gaps.as_slice()),
            (&b""[..], &[(0, 3)][..])
        );
    }

    #[test]
    fn many_pieces_that_do_not_count_cost_little() {
        let (mut stream, mut seen) = (Stream::default(), Seen::default());
        for i in 0..100_000u64 {
            stream.reject(10 + i * 2, b"x", 1, &mut |piece| seen.take(piece));
        }
        assert!(stream.rejected.len() < 5000 && stream.memory() <= MOST_REJECTED);
        for i in 0..100_000u64 {
            put(&mut stream, &mut seen, 1_000_000 + i * 2, b"y", 0);
        }
        put(&mut stream, &mut seen, 0, &[b'z'; 500_000], 0);
        assert!(stream.rejected.is_empty() && stream.rejected_cost == 0);
        assert!(stream.again.conflicting > 3000);
    }

    #[test]
    fn holes_are_given_up_when_acknowledged_or_at_the_end() {
        let (mut stream, mut seen) = (Stream::default(), Seen::default());
        put(&mut stream, &mut seen, 0, b"ab", 0);
        put(&mut stream, &mut seen, 4, b"ef", 0);
        put(&mut stream, &mut seen, 8, b"ij", 0);
        stream.acknowledge(6, 0);
        assert!(stream.is_hole_acknowledged());
        stream.skip_acknowledged(0, &mut |piece| seen.take(piece));
        assert_eq!(
            (seen.gaps.as_slice(), seen.data.as_slice()),
            (&[(2, 2)][..], &b"abef"[..])
        );
        // Too late.
        assert_eq!(put(&mut stream, &mut seen, 2, b"cd", 0), 0);
        stream.finish(Some(12), &mut |piece| seen.take(piece));
        assert_eq!(seen.gaps, [(2, 2), (6, 2), (10, 2)]);
        assert_eq!(seen.data, b"abefij");
        assert_eq!((stream.contiguous(), stream.missed()), (2, 6));
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let (mut stream, mut seen) = (Stream::default(), Seen::default());
        for i in 0..10_000u64 {
            put(&mut stream, &mut seen, i * 1000, &[7; 1000], (i % 2) as u32);
            stream.acknowledge(i * 1000, KEEP_ACKNOWLEDGED);
        }
        assert!(stream.memory() < 1 << 20, "{}", stream.memory());
        let (mut stream, mut seen) = (Stream::default(), Seen::default());
        for i in 0..10_000u64 {
            put(&mut stream, &mut seen, i * 1000, &[7; 1000], 0);
        }
        assert!(stream.memory() < 3 * KEEP_MOST, "{}", stream.memory());
        for i in 0..20_000u64 {
            put(&mut stream, &mut seen, 10_000_000 + i, &[7], (i % 2) as u32);
        }
        assert!(stream.runs.len() <= MOST_RUNS + 1);
        let (mut stream, mut seen) = (Stream::default(), Seen::default());
        for i in 1..10_000u64 {
            put(&mut stream, &mut seen, i * 2000, &[7; 1000], 0);
            if stream.is_full() {
                stream.skip_hole(0, &mut |piece| seen.take(piece));
            }
        }
        assert!(stream.waiting_cost <= MOST_WAITING + 2000);
    }

    /// Pieces of a text on any of three paths: cut anywhere, in any order, some again, some with other bytes.
    fn sends() -> impl Strategy<Value = (Vec<u8>, Vec<Send>)> {
        proptest::collection::vec(any::<u8>(), 1..400).prop_flat_map(|data| {
            let len = data.len();
            let piece =
                (0..len).prop_flat_map(move |from| (Just(from), from + 1..=len, 0..3u32, any::<bool>()));
            (Just(data), proptest::collection::vec(piece, 0..60))
        })
    }

    proptest! {
        #[test]
        fn any_way_over_any_path_gives_the_same_bytes((data, pieces) in sends(), keep in 0..300u64) {
            let (mut stream, mut seen) = (Stream::default(), Seen::default());
            let mut new = 0;
            let all = [(0, data.len(), 0, false)];
            for &(from, to, path, ack) in pieces.iter().chain(&all) {
                new += stream.put(from as u64, &data[from..to], path, keep, &mut |piece| seen.take(piece));
                if ack {
                    stream.acknowledge(stream.next(), keep);
                }
            }
            prop_assert_eq!(&seen.data, &data);
            prop_assert!(seen.gaps.is_empty() && seen.conflicts.is_empty());
            prop_assert_eq!(new, data.len() as u64);
            stream.finish(Some(data.len() as u64), &mut |piece| seen.take(piece));
            prop_assert!(seen.gaps.is_empty());
            prop_assert_eq!(stream.memory(), 0);
        }

        #[test]
        fn every_byte_comes_once_or_is_missed((data, pieces) in sends(), acks in proptest::collection::vec(0..400u64, 60)) {
            let (mut stream, mut seen) = (Stream::default(), Seen::default());
            for (&(from, to, path, other), ack) in pieces.iter().zip(acks) {
                let mut bytes = data[from..to].to_vec();
                if other {
                    bytes[0] ^= 1;
                }
                stream.put(from as u64, &bytes, path, 100, &mut |piece| seen.take(piece));
                if ack % 5 == 0 {
                    stream.acknowledge(ack, 100);
                    stream.skip_acknowledged(100, &mut |piece| seen.take(piece));
                }
            }
            let end = stream.next().max(data.len() as u64);
            stream.finish(Some(end), &mut |piece| seen.take(piece));
            prop_assert_eq!(seen.data.len() as u64 + stream.missed(), stream.next());
            prop_assert_eq!(seen.gaps.iter().map(|gap| gap.1).sum::<u64>(), stream.missed());
            let differing: usize = seen
                .conflicts
                .iter()
                .map(|(_, old, new, _)| old.iter().zip(new).filter(|(a, b)| a != b).count())
                .sum();
            prop_assert_eq!(differing as u64, stream.again.conflicting);
        }
    }
}
