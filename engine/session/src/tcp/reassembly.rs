//! One side's stream, put together from segments as they come.
//!
//! In-order data passes straight through.  What comes behind a hole waits until the hole is filled, or until the
//! receiver acknowledges what is in it: then the receiver has it, the monitor does not, and a gap is reported.  Data the
//! receiver has not acknowledged may be sent again with other content, so while somebody looks at the content a copy of
//! it is kept and compared with what comes again.

use std::collections::BTreeMap;

/// What comes out of a stream, in order.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// The next bytes, beginning at this sequence number
    Data(u64, &'a [u8]),
    /// The receiver has bytes that the monitor has not seen: first sequence number and length
    Gap(u64, u64),
    /// Bytes came again, and are not the same: the earlier and the later ones
    Conflict(&'a [u8], &'a [u8]),
}

/// A segment's content.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Content<'a> {
    /// Its bytes
    Bytes(&'a [u8]),
    /// Nobody wants to know them: their number
    Length(usize),
}

impl<'a> Content<'a> {
    fn len(self) -> usize {
        match self {
            Content::Bytes(bytes) => bytes.len(),
            Content::Length(len) => len,
        }
    }

    /// From `skip` bytes on, at most `len` of them.
    fn part(self, skip: usize, len: usize) -> Content<'a> {
        match self {
            Content::Bytes(bytes) => {
                let from = skip.min(bytes.len());
                Content::Bytes(&bytes[from..bytes.len().min(from.saturating_add(len))])
            }
            Content::Length(all) => Content::Length(all.saturating_sub(skip).min(len)),
        }
    }
}

/// A segment that waits behind a hole.
#[derive(Debug)]
enum Waiting {
    Bytes(Box<[u8]>),
    Length(usize),
}

impl Waiting {
    fn len(&self) -> usize {
        match self {
            Waiting::Bytes(bytes) => bytes.len(),
            Waiting::Length(len) => *len,
        }
    }

    /// What it costs to keep it: its bytes and the place in the tree.
    fn cost(&self) -> usize {
        const PLACE: usize = 64;
        PLACE
            + if let Waiting::Bytes(bytes) = self {
                bytes.len()
            } else {
                0
            }
    }
}

/// What a stream keeps; made when there is something to keep.
#[derive(Debug, Default)]
struct Held {
    /// Segments behind a hole by first sequence number; they do not overlap.
    waiting: BTreeMap<u64, Waiting>,
    waiting_cost: usize,
    waiting_bytes: u64,
    /// Delivered bytes that were not acknowledged, from `kept_from` on without a hole
    kept: Vec<u8>,
    /// The part of `kept` that was acknowledged and has not been cut off yet
    kept_skip: usize,
    kept_from: u64,
}

impl Held {
    /// Kept bytes between two sequence numbers, and where they begin.
    fn kept_between(&self, from: u64, to: u64) -> Option<(u64, &[u8])> {
        let kept = &self.kept[self.kept_skip..];
        let begin = from.max(self.kept_from);
        let end = to.min(self.kept_from + kept.len() as u64);
        if begin >= end {
            return None;
        }
        Some((
            begin,
            &kept[(begin - self.kept_from) as usize..(end - self.kept_from) as usize],
        ))
    }

    fn keep(&mut self, seq: u64, bytes: &[u8]) {
        if self.kept_from + (self.kept.len() - self.kept_skip) as u64 != seq {
            self.kept.clear();
            self.kept_skip = 0;
            self.kept_from = seq;
        }
        self.kept.extend_from_slice(bytes);
    }

    /// Forgets kept bytes before a sequence number.
    fn forget_before(&mut self, seq: u64) {
        let len = self.kept.len() - self.kept_skip;
        let gone = seq.saturating_sub(self.kept_from).min(len as u64) as usize;
        self.kept_from += gone as u64;
        self.kept_skip += gone;
        if self.kept_skip == self.kept.len() {
            self.kept.clear();
            self.kept_skip = 0;
            // A window's worth of room is kept for the next flight; what a burst left is given back.
            self.kept.shrink_to(1 << 16);
        } else if self.kept_skip > self.kept.len() / 2 {
            self.kept.drain(..self.kept_skip);
            self.kept_skip = 0;
        }
    }
}

/// The state of one side's stream.
#[derive(Debug, Default)]
pub(crate) struct Stream {
    /// The next byte to be delivered.  Everything before was delivered or reported missing.
    next: u64,
    held: Option<Box<Held>>,
}

impl Stream {
    /// Begins with this sequence number.  What was held is forgotten.
    pub fn begin(&mut self, next: u64) {
        self.next = next;
        self.held = None;
    }

    /// The sequence number of the next byte to be delivered.
    pub fn next(&self) -> u64 {
        self.next
    }

    /// Whether segments wait behind a hole.
    pub fn is_waiting(&self) -> bool {
        self.held.as_ref().is_some_and(|held| !held.waiting.is_empty())
    }

    /// Bytes that wait behind holes.
    pub fn waiting_bytes(&self) -> u64 {
        self.held.as_ref().map_or(0, |held| held.waiting_bytes)
    }

    /// Memory taken, about.
    pub fn memory(&self) -> usize {
        self.held
            .as_ref()
            .map_or(0, |held| held.waiting_cost + held.kept.len())
    }

    /// Forgets everything held.
    pub fn clear(&mut self) {
        self.held = None;
    }

    /// A segment.  Bytes are kept for comparison if `keep` is set.  Time and memory are linear in the segment and what
    /// it releases.
    #[inline]
    pub fn segment(&mut self, seq: u64, content: Content<'_>, keep: bool, out: &mut dyn FnMut(Piece<'_>)) {
        if seq == self.next && !keep && self.held.is_none() {
            self.next += content.len() as u64;
            if let Content::Bytes(bytes) = content {
                out(Piece::Data(seq, bytes));
            }
            return;
        }
        self.uncommon_segment(seq, content, keep, out);
    }

    fn uncommon_segment(
        &mut self,
        seq: u64,
        content: Content<'_>,
        keep: bool,
        out: &mut dyn FnMut(Piece<'_>),
    ) {
        let end = seq + content.len() as u64;
        if seq < self.next {
            if let (Some(held), Content::Bytes(bytes)) = (&self.held, content) {
                if let Some((at, old)) = held.kept_between(seq, end) {
                    let new = &bytes[(at - seq) as usize..][..old.len()];
                    if old != new {
                        out(Piece::Conflict(old, new));
                    }
                }
            }
            if end <= self.next {
                return;
            }
        }
        let seq_new = seq.max(self.next);
        let content = content.part((seq_new - seq) as usize, usize::MAX);
        if seq_new == self.next && !self.is_waiting() {
            self.deliver(seq_new, content, keep, out);
            return;
        }
        self.insert(seq_new, content, out);
        self.release(keep, out);
    }

    /// Delivers bytes that are next.
    fn deliver(&mut self, seq: u64, content: Content<'_>, keep: bool, out: &mut dyn FnMut(Piece<'_>)) {
        self.next = seq + content.len() as u64;
        if let Content::Bytes(bytes) = content {
            if keep {
                self.held.get_or_insert_with(Box::default).keep(seq, bytes);
            }
            out(Piece::Data(seq, bytes));
        }
    }

    /// Puts a segment among those that wait.  Where it overlaps with one that came earlier, the earlier one counts.
    fn insert(&mut self, seq: u64, content: Content<'_>, out: &mut dyn FnMut(Piece<'_>)) {
        let end = seq + content.len() as u64;
        let held = self.held.get_or_insert_with(Box::default);
        let mut at = seq;
        // From the last one that begins at or before this one, to the last that begins before its end.
        let first = held
            .waiting
            .range(..=seq)
            .next_back()
            .map_or(seq, |(&start, _)| start);
        let mut holes: Vec<(u64, u64)> = Vec::new();
        for (&start, waiting) in held.waiting.range(first..end) {
            let stop = start + waiting.len() as u64;
            if stop <= at {
                continue;
            }
            if start > at {
                holes.push((at, start));
                at = start;
            }
            let overlap = stop.min(end);
            if let (Waiting::Bytes(old), Content::Bytes(new)) = (waiting, content) {
                let old = &old[(at - start) as usize..(overlap - start) as usize];
                let new = &new[(at - seq) as usize..(overlap - seq) as usize];
                if old != new {
                    out(Piece::Conflict(old, new));
                }
            }
            at = overlap;
            if at == end {
                break;
            }
        }
        if at < end {
            holes.push((at, end));
        }
        for (from, to) in holes {
            let waiting = match content.part((from - seq) as usize, (to - from) as usize) {
                Content::Bytes(bytes) => Waiting::Bytes(bytes.into()),
                Content::Length(len) => Waiting::Length(len),
            };
            held.waiting_cost += waiting.cost();
            held.waiting_bytes += waiting.len() as u64;
            held.waiting.insert(from, waiting);
        }
    }

    /// Delivers what no longer waits for anything.
    fn release(&mut self, keep: bool, out: &mut dyn FnMut(Piece<'_>)) {
        while let Some(held) = &mut self.held {
            let Some(entry) = held.waiting.first_entry() else {
                return;
            };
            if *entry.key() != self.next {
                return;
            }
            let waiting = entry.remove();
            held.waiting_cost -= waiting.cost();
            held.waiting_bytes -= waiting.len() as u64;
            let seq = self.next;
            match waiting {
                Waiting::Bytes(bytes) => self.deliver(seq, Content::Bytes(&bytes), keep, out),
                Waiting::Length(len) => self.deliver(seq, Content::Length(len), keep, out),
            }
        }
    }

    /// The receiver has everything before `acked`.  Of that, `old` bytes are kept for comparison all the same.
    #[inline]
    pub fn acknowledge(&mut self, acked: u64, keep: bool, old: u64, out: &mut dyn FnMut(Piece<'_>)) {
        if acked > self.next {
            self.pass_holes(acked, keep, out);
        }
        if let Some(held) = &mut self.held {
            held.forget_before(acked.saturating_sub(old));
            if !keep && held.waiting.is_empty() && held.kept.is_empty() {
                self.held = None;
            }
        }
    }

    fn pass_holes(&mut self, acked: u64, keep: bool, out: &mut dyn FnMut(Piece<'_>)) {
        while self.next < acked {
            let waiting = self.held.as_ref().and_then(|held| held.waiting.first_key_value());
            let end = waiting.map_or(acked, |(&start, _)| start.min(acked));
            let seq = std::mem::replace(&mut self.next, end);
            out(Piece::Gap(seq, end - seq));
            self.release(keep, out);
        }
    }

    /// Delivers all that waits, with gaps between; no more will come.
    pub fn flush(&mut self, out: &mut dyn FnMut(Piece<'_>)) {
        while let Some((&last, waiting)) = self.held.as_ref().and_then(|held| held.waiting.last_key_value()) {
            let end = last + waiting.len() as u64;
            self.pass_holes(end, false, out);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Default, PartialEq)]
    struct Seen {
        data: Vec<u8>,
        gaps: Vec<(u64, u64)>,
        conflicts: Vec<(Vec<u8>, Vec<u8>)>,
    }

    impl Seen {
        fn take(&mut self, piece: Piece<'_>) {
            match piece {
                Piece::Data(_, bytes) => self.data.extend_from_slice(bytes),
                Piece::Gap(seq, len) => self.gaps.push((seq, len)),
                Piece::Conflict(old, new) => self.conflicts.push((old.to_vec(), new.to_vec())),
            }
        }
    }

    fn stream(next: u64) -> (Stream, Seen) {
        let mut stream = Stream::default();
        stream.begin(next);
        (stream, Seen::default())
    }

    fn put(stream: &mut Stream, seen: &mut Seen, seq: u64, bytes: &[u8]) {
        stream.segment(seq, Content::Bytes(bytes), true, &mut |piece| seen.take(piece));
    }

    #[test]
    fn in_order_data_without_observers_is_not_held() {
        let (mut stream, mut seen) = stream(100);
        stream.segment(100, Content::Bytes(b"abc"), false, &mut |piece| seen.take(piece));
        stream.segment(103, Content::Length(1000), false, &mut |piece| seen.take(piece));
        assert_eq!(
            (seen.data.as_slice(), stream.next(), stream.memory()),
            (&b"abc"[..], 1103, 0)
        );
    }

    #[test]
    fn what_comes_behind_a_hole_waits() {
        let (mut stream, mut seen) = stream(0);
        put(&mut stream, &mut seen, 3, b"def");
        put(&mut stream, &mut seen, 6, b"ghi");
        assert!(seen.data.is_empty() && stream.is_waiting());
        assert_eq!(stream.waiting_bytes(), 6);
        put(&mut stream, &mut seen, 0, b"abcd");
        assert_eq!(seen.data, b"abcdefghi");
        assert!(!stream.is_waiting() && seen.conflicts.is_empty());
    }

    #[test]
    fn a_hole_is_a_gap_once_it_is_acknowledged_and_not_before() {
        let (mut stream, mut seen) = stream(0);
        put(&mut stream, &mut seen, 3, b"def");
        stream.acknowledge(0, true, 0, &mut |piece| seen.take(piece));
        assert!(seen.gaps.is_empty());
        stream.acknowledge(5, true, 0, &mut |piece| seen.take(piece));
        assert_eq!(
            (seen.gaps.as_slice(), seen.data.as_slice()),
            (&[(0, 3)][..], &b"def"[..])
        );
        // The lost segment comes too late.
        put(&mut stream, &mut seen, 0, b"abc");
        assert_eq!(seen.data, b"def");
    }

    #[test]
    fn several_holes_are_passed_up_to_the_acknowledgement() {
        let (mut stream, mut seen) = stream(0);
        put(&mut stream, &mut seen, 2, b"cd");
        put(&mut stream, &mut seen, 6, b"gh");
        put(&mut stream, &mut seen, 10, b"kl");
        stream.acknowledge(9, true, 0, &mut |piece| seen.take(piece));
        assert_eq!(seen.gaps, [(0, 2), (4, 2), (8, 1)]);
        assert_eq!(seen.data, b"cdgh");
        stream.flush(&mut |piece| seen.take(piece));
        assert_eq!(seen.gaps.last(), Some(&(9, 1)));
        assert_eq!(seen.data, b"cdghkl");
    }

    #[test]
    fn a_retransmission_with_other_bytes_is_found_while_it_is_not_acknowledged() {
        let (mut stream, mut seen) = stream(0);
        put(&mut stream, &mut seen, 0, b"USER root");
        put(&mut stream, &mut seen, 5, b"nice");
        assert_eq!(seen.conflicts, [(b"root".to_vec(), b"nice".to_vec())]);
        stream.acknowledge(9, true, 0, &mut |piece| seen.take(piece));
        put(&mut stream, &mut seen, 5, b"evil");
        assert_eq!(seen.conflicts.len(), 1, "the receiver already had it");
        assert_eq!(seen.data, b"USER root");
    }

    #[test]
    fn acknowledged_data_is_compared_as_far_as_it_is_kept() {
        let (mut stream, mut seen) = stream(0);
        put(&mut stream, &mut seen, 0, b"abcdef");
        stream.acknowledge(6, true, 3, &mut |piece| seen.take(piece));
        put(&mut stream, &mut seen, 0, b"xxxxxx");
        assert_eq!(seen.conflicts, [(b"def".to_vec(), b"xxx".to_vec())]);
    }

    #[test]
    fn overlaps_behind_a_hole_are_compared_and_the_first_counts() {
        let (mut stream, mut seen) = stream(0);
        put(&mut stream, &mut seen, 4, b"efgh");
        put(&mut stream, &mut seen, 2, b"cdXXXXij");
        assert_eq!(seen.conflicts, [(b"efgh".to_vec(), b"XXXX".to_vec())]);
        put(&mut stream, &mut seen, 0, b"ab");
        assert_eq!(seen.data, b"abcdefghij");
    }

    #[test]
    fn memory_is_accounted_and_given_back() {
        let (mut stream, mut seen) = stream(0);
        for i in 0..1000u64 {
            put(&mut stream, &mut seen, 10 + i * 2, b"x");
        }
        assert!(stream.memory() >= 65_000, "each segment costs its place too");
        stream.acknowledge(3000, true, 0, &mut |piece| seen.take(piece));
        assert_eq!(stream.memory(), 0);
    }

    #[test]
    fn a_part_may_ask_for_all_that_is_left() {
        let part = |content: Content<'_>| match content.part(2, usize::MAX) {
            Content::Bytes(bytes) => bytes.len(),
            Content::Length(len) => len,
        };
        assert_eq!((part(Content::Bytes(b"abc")), part(Content::Length(3))), (1, 1));
        assert_eq!((part(Content::Bytes(b"a")), part(Content::Length(1))), (0, 0));
    }

    /// Segments of a stream: cut anywhere, sent in any order, some twice, overlapping, some lost.
    fn sends() -> impl Strategy<Value = (Vec<u8>, Vec<(usize, usize)>, Vec<usize>)> {
        proptest::collection::vec(any::<u8>(), 1..300).prop_flat_map(|data| {
            let len = data.len();
            let piece = (0..len).prop_flat_map(move |from| (Just(from), from + 1..=len));
            let acks = proptest::collection::vec(0..=len, 0..8);
            (Just(data), proptest::collection::vec(piece, 0..60), acks)
        })
    }

    proptest! {
        #[test]
        fn any_segmentation_gives_the_stream((data, pieces, _) in sends(), start in any::<u32>(), keep: bool) {
            let start = u64::from(start);
            let (mut stream, mut seen) = stream(start);
            let all = [(0, data.len())];
            for &(from, to) in pieces.iter().chain(&all) {
                let content = Content::Bytes(&data[from..to]);
                stream.segment(start + from as u64, content, keep, &mut |piece| seen.take(piece));
            }
            prop_assert_eq!(seen, Seen { data: data.clone(), ..Seen::default() });
            prop_assert_eq!(stream.next(), start + data.len() as u64);
            prop_assert!(!stream.is_waiting());
        }

        #[test]
        fn bytes_are_delivered_once_in_place_or_reported_missing((data, pieces, acks) in sends()) {
            let (mut stream, _) = stream(0);
            let mut delivered = vec![0u8; data.len()];
            let mut at = 0u64;
            let mut failure = None;
            let mut take = |piece: Piece<'_>| match piece {
                Piece::Data(seq, bytes) => {
                    if seq != at || bytes != &data[seq as usize..seq as usize + bytes.len()] {
                        failure = Some(format!("data at {seq}, expected {at}"));
                    }
                    for i in 0..bytes.len() {
                        delivered[seq as usize + i] += 1;
                    }
                    at = seq + bytes.len() as u64;
                }
                Piece::Gap(seq, len) => {
                    if seq != at || len == 0 {
                        failure = Some(format!("gap at {seq}, expected {at}"));
                    }
                    at = seq + len;
                }
                Piece::Conflict(..) => failure = Some("nothing was changed".into()),
            };
            let mut acks = acks.into_iter();
            for (i, &(from, to)) in pieces.iter().enumerate() {
                stream.segment(from as u64, Content::Bytes(&data[from..to]), true, &mut take);
                if i % 7 == 3 {
                    if let Some(ack) = acks.next() {
                        stream.acknowledge(ack as u64, true, 0, &mut take);
                    }
                }
            }
            stream.flush(&mut take);
            prop_assert_eq!(failure, None);
            prop_assert!(delivered.iter().all(|&times| times <= 1));
            prop_assert_eq!(at, stream.next());
            prop_assert_eq!(stream.waiting_bytes(), 0);
        }
    }
}
