//! From the bytes of a subflow to places in the data of the connection, for what one side of the subflow sends.
//!
//! TCP hands over the bytes in order.  A mapping says where a range of them belongs; it may come with its bytes, before
//! them or after them, and the same one comes with each segment of a range.  Bytes that no mapping covers wait for one.
//! With checksums a range counts when all of it is there and its checksum is right.

use std::collections::BTreeMap;
use std::ops::Range;

/// Mappings that are kept for bytes that have not come yet.
const MOST_MAPPINGS: usize = 8192;

/// Bytes without a mapping that are kept.
pub(super) const MOST_LOOSE: usize = 64 << 10;

/// Where a range of the subflow belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mapping {
    /// Data sequence number of the first byte
    pub dsn: u64,
    /// Its number on the subflow as it was sent
    pub ssn: u32,
    /// Length as it was sent
    pub len: u16,
    /// The last number in it is the DATA_FIN, and no byte.
    pub fin: bool,
    pub check: Check,
}

/// How to tell whether a range is what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    /// There is no telling.
    None,
    /// By the checksum
    Sum(u16),
    /// A checksum was agreed upon and is not there, so the receiver does not take it.
    Missing,
}

impl Mapping {
    /// Its number of bytes.
    fn bytes(&self) -> u64 {
        u64::from(self.len) - u64::from(self.fin && self.len > 0)
    }

    /// Whether these are its bytes (RFC 8684, section 3.3).
    fn is_right(&self, bytes: &[u8]) -> bool {
        let sum = match self.check {
            Check::None => return true,
            Check::Missing => return false,
            Check::Sum(sum) => sum,
        };
        let mut total: u64 = u64::from(sum) + u64::from(self.len);
        let mut add = |word: [u8; 2]| total += u64::from(u16::from_be_bytes(word));
        for word in self
            .dsn
            .to_be_bytes()
            .chunks_exact(2)
            .chain(self.ssn.to_be_bytes().chunks_exact(2))
        {
            add([word[0], word[1]]);
        }
        let words = bytes.chunks_exact(2);
        let rest = words.remainder();
        words.for_each(|word| add([word[0], word[1]]));
        if let [last] = rest {
            add([*last, 0]);
        }
        while total > 0xffff {
            total = (total & 0xffff) + (total >> 16);
        }
        total == 0xffff
    }
}

/// What comes out.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Out<'a> {
    /// Bytes and the data sequence number of the first
    Data(u64, &'a [u8]),
    /// A range is not what its checksum says: data sequence number of its first byte, and its bytes
    Wrong(u64, &'a [u8]),
}

/// What a mapping turned out to be when it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum News {
    /// Taken, or known already
    Fine,
    /// It says of bytes something else than another mapping did; that one counts.
    Contradiction,
    /// There are too many to keep another.
    TooMany,
}

/// How numbers as TCP knows them become those of mappings, which count from the SYN.
#[derive(Clone, Copy, Debug)]
enum Shift {
    /// The SYN was seen, or enough of mappings: to be added
    Known(i64),
    /// The SYN was not seen; it is within this.
    Within(i64, i64),
}

/// A range whose bytes are being collected for the checksum.
#[derive(Debug)]
struct Gathering {
    start: u64,
    mapping: Mapping,
    bytes: Vec<u8>,
}

/// What one side of a subflow sends.
#[derive(Debug)]
pub(super) struct Side {
    shift: Shift,
    /// Bytes that came while the shift was not known, by their numbers as TCP knows them
    early: Vec<(u64, Vec<u8>)>,
    early_cost: usize,
    /// Number of the next byte
    next: u64,
    /// Mappings by the number of their first byte on the subflow; they do not overlap.
    mappings: BTreeMap<u64, Mapping>,
    /// Bytes without a mapping, by number
    loose: BTreeMap<u64, Vec<u8>>,
    loose_bytes: usize,
    gathering: Option<Gathering>,
    /// A range with a wrong checksum: if the receiver takes it all the same, it counts.
    wrong: Option<Gathering>,
    /// From the first number on, everything belongs behind the second, a data sequence number.
    infinite: Option<(u64, u64)>,
    /// A mapping has come.
    pub mapped: bool,
}

impl Side {
    /// `seen`: the SYN was seen, so numbers are known.
    pub fn new(seen: bool) -> Self {
        Side {
            shift: if seen {
                Shift::Known(0)
            } else {
                Shift::Within(i64::MIN, i64::MAX)
            },
            early: Vec::new(),
            early_cost: 0,
            next: 1,
            mappings: BTreeMap::new(),
            loose: BTreeMap::new(),
            loose_bytes: 0,
            gathering: None,
            wrong: None,
            infinite: None,
            mapped: false,
        }
    }

    /// Memory taken, about, in bytes.
    pub fn memory(&self) -> usize {
        let gathered = |gathering: &Option<Gathering>| gathering.as_ref().map_or(0, |some| some.bytes.len());
        self.mappings.len() * 64
            + self.early_cost
            + self.loose_bytes
            + gathered(&self.gathering)
            + gathered(&self.wrong)
    }

    /// Whether bytes wait until their place is known.
    pub fn has_early(&self) -> bool {
        !self.early.is_empty()
    }

    /// Whether bytes wait for a mapping.
    pub fn has_loose(&self) -> bool {
        self.loose_bytes > 0
    }

    /// Whether some of them are before a number, as TCP knows it.
    pub fn is_loose_before(&self, at: u64) -> bool {
        let first = self.loose.first_key_value();
        let (Some((&first, _)), Some(at)) = (first, self.place(at)) else {
            return false;
        };
        first < at
    }

    /// Whether a number, as TCP knows it, is that of a byte that has not come yet.
    pub fn is_new(&self, at: u64) -> bool {
        self.place(at).is_some_and(|at| at >= self.next)
    }

    /// How many bytes without a mapping there are at the very beginning: they came with the SYN.
    pub fn loose_at_first(&self) -> Option<u16> {
        self.loose
            .get(&1)
            .and_then(|bytes| u16::try_from(bytes.len()).ok())
    }

    /// Whether so many wait that no mapping is to be expected.
    pub fn is_loose_full(&self) -> bool {
        self.loose_bytes >= MOST_LOOSE
    }

    /// Whether a range with a wrong checksum is kept.
    pub fn has_wrong(&self) -> bool {
        self.wrong.is_some()
    }

    /// Whether an infinite mapping holds.
    #[cfg(test)]
    pub fn is_infinite(&self) -> bool {
        self.infinite.is_some()
    }

    /// The number, counted from the SYN, of a byte that TCP knows by another if it has not seen the SYN.
    fn place(&self, at: u64) -> Option<u64> {
        match self.shift {
            Shift::Known(shift) => Some(at.saturating_add_signed(shift)),
            Shift::Within(..) => None,
        }
    }

    /// The number of a byte, given its lower 32 bits: the one nearest to what comes next.  `None` if that is before the
    /// beginning.
    fn number(&self, ssn: u32) -> Option<u64> {
        const BEFORE: u64 = 1 << 32;
        match self.shift {
            Shift::Known(_) => crate::tcp::full(self.next + BEFORE, ssn).checked_sub(BEFORE),
            Shift::Within(..) => Some(u64::from(ssn)),
        }
    }

    /// A mapping, in a segment with `len` bytes from `at` on (as TCP knows them).
    pub fn map(&mut self, at: u64, len: u64, mapping: Mapping, out: &mut dyn FnMut(Out<'_>)) -> News {
        self.mapped = true;
        if mapping.bytes() == 0 {
            return News::Fine;
        }
        self.calibrate(at, len, &mapping);
        let Some(start) = self.number(mapping.ssn) else {
            return News::Fine;
        };
        let news = self.insert(start, mapping);
        self.settle_early(out);
        // Bytes that came before it.
        let end = start + mapping.bytes();
        let first = self
            .loose
            .range(..=start)
            .next_back()
            .map_or(start, |(&at, _)| at);
        let waiting: Vec<u64> = self.loose.range(first..end).map(|(&at, _)| at).collect();
        for at in waiting {
            if let Some(bytes) = self.loose.remove(&at) {
                self.loose_bytes -= bytes.len();
                self.put(at, &bytes, out);
            }
        }
        news
    }

    /// Narrows the shift down: the segment's bytes are within the mapping.
    fn calibrate(&mut self, at: u64, len: u64, mapping: &Mapping) {
        let Shift::Within(least, most) = self.shift else {
            return;
        };
        if len == 0 || len > mapping.bytes() {
            return;
        }
        let first = i64::from(mapping.ssn) - at as i64;
        let (low, high) = (least.max(first), most.min(first + (mapping.bytes() - len) as i64));
        // Segments that contradict each other tell nothing: the latest counts.
        self.shift = if low == high {
            Shift::Known(low)
        } else if low < high {
            Shift::Within(low, high)
        } else {
            Shift::Within(first, first + (mapping.bytes() - len) as i64)
        };
        if let Shift::Known(shift) = self.shift {
            self.next = self.next.max(at.saturating_add_signed(shift));
        }
    }

    /// Once the shift is known, what came before is put in its place.  It is taken for known when too much would wait.
    fn settle_early(&mut self, out: &mut dyn FnMut(Out<'_>)) {
        if let (Shift::Within(low, _), true) = (self.shift, self.early_cost > MOST_LOOSE) {
            // The first segment of a mapping is the one that is seen most likely.
            self.shift = Shift::Known(if low == i64::MIN { 0 } else { low });
        }
        if self.place(0).is_some() {
            self.early_cost = 0;
            for (at, bytes) in std::mem::take(&mut self.early) {
                self.data(at, &bytes, out);
            }
        }
    }

    /// No further mapping comes: what is still early is put where it most likely belongs.
    pub fn finish(&mut self, out: &mut dyn FnMut(Out<'_>)) {
        if let Shift::Within(low, _) = self.shift {
            self.shift = Shift::Known(if low == i64::MIN { 0 } else { low });
        }
        self.settle_early(out);
    }

    fn insert(&mut self, start: u64, mapping: Mapping) -> News {
        let end = start + mapping.bytes();
        if end <= self.next && self.loose.is_empty() && self.early.is_empty() {
            return News::Fine;
        }
        // Where two overlap, the first counts; what only the later one covers is taken from it.
        let line = |start: u64, dsn: u64| dsn.wrapping_sub(start);
        let first = self
            .mappings
            .range(..=start)
            .next_back()
            .map_or(start, |(&at, _)| at);
        let (mut at, mut news, mut overlaps) = (start, News::Fine, false);
        let mut holes: Vec<(u64, u64)> = Vec::new();
        for (&known_start, known) in self.mappings.range(first..end) {
            let known_end = known_start + known.bytes();
            if known_end <= at {
                continue;
            }
            overlaps = true;
            if line(known_start, known.dsn) != line(start, mapping.dsn) {
                news = News::Contradiction;
            }
            if known_start > at {
                holes.push((at, known_start));
            }
            at = known_end;
        }
        if at < end {
            holes.push((at, end));
        }
        if overlaps && mapping.check != Check::None {
            // A checksum is about the whole range.
            return news;
        }
        for (from, to) in holes {
            if self.mappings.len() >= MOST_MAPPINGS {
                return News::TooMany;
            }
            let part = Mapping {
                dsn: mapping.dsn.wrapping_add(from - start),
                ssn: mapping.ssn.wrapping_add((from - start) as u32),
                len: (to - from) as u16,
                fin: false,
                ..mapping
            };
            self.mappings.insert(from, if overlaps { part } else { mapping });
        }
        news
    }

    /// The next bytes of the subflow, from `at` on (as TCP knows them).
    pub fn data(&mut self, at: u64, bytes: &[u8], out: &mut dyn FnMut(Out<'_>)) {
        let Some(at) = self.place(at) else {
            self.early_cost += bytes.len() + 64;
            self.early.push((at, bytes.to_vec()));
            self.settle_early(out);
            return;
        };
        self.next = self.next.max(at + bytes.len() as u64);
        self.put(at, bytes, out);
    }

    fn put(&mut self, mut at: u64, mut bytes: &[u8], out: &mut dyn FnMut(Out<'_>)) {
        while !bytes.is_empty() {
            if let Some((start, dsn)) = self.infinite.filter(|&(start, _)| at >= start) {
                out(Out::Data(dsn.wrapping_add(at - start), bytes));
                return;
            }
            let covering = self.mappings.range(..=at).next_back();
            let covering = covering.filter(|(&start, mapping)| start + mapping.bytes() > at);
            let Some((&start, &mapping)) = covering else {
                // Up to the next mapping nothing is known.
                let stop = self
                    .mappings
                    .range(at..)
                    .next()
                    .map_or(u64::MAX, |(&start, _)| start);
                let stop = self.infinite.map_or(stop, |(start, _)| stop.min(start));
                let len = usize::try_from(stop - at).unwrap_or(usize::MAX).min(bytes.len());
                self.keep_loose(at, &bytes[..len]);
                (at, bytes) = (at + len as u64, &bytes[len..]);
                continue;
            };
            let end = start + mapping.bytes();
            let len = usize::try_from(end - at).unwrap_or(usize::MAX).min(bytes.len());
            let (here, rest) = bytes.split_at(len);
            if mapping.check == Check::None {
                out(Out::Data(mapping.dsn.wrapping_add(at - start), here));
                if at + len as u64 == end {
                    self.mappings.remove(&start);
                }
            } else {
                self.gather(start..end, at, mapping, here, out);
            }
            (at, bytes) = (at + len as u64, rest);
        }
    }

    fn keep_loose(&mut self, at: u64, bytes: &[u8]) {
        let room = MOST_LOOSE.saturating_sub(self.loose_bytes);
        let bytes = &bytes[..bytes.len().min(room)];
        if bytes.is_empty() {
            return;
        }
        self.loose_bytes += bytes.len();
        // In order they come, so mostly they continue the last piece.
        if let Some((&start, last)) = self.loose.range_mut(..at).next_back() {
            if start + last.len() as u64 == at {
                last.extend_from_slice(bytes);
                return;
            }
        }
        if let Some(before) = self.loose.insert(at, bytes.to_vec()) {
            self.loose_bytes -= before.len();
        }
    }

    /// Collects a range until all of it is there, and then looks at its checksum.
    fn gather(
        &mut self,
        range: Range<u64>,
        at: u64,
        mapping: Mapping,
        bytes: &[u8],
        out: &mut dyn FnMut(Out<'_>),
    ) {
        let start = range.start;
        let fits = match &self.gathering {
            Some(known) => known.start == start && start + known.bytes.len() as u64 == at,
            None => at == start,
        };
        if !fits {
            // A part of it was not seen, so there is no telling: the receiver has the rest and goes on.
            self.trust(start, out);
            out(Out::Data(mapping.dsn.wrapping_add(at - start), bytes));
            if at + bytes.len() as u64 == range.end {
                self.mappings.remove(&start);
            }
            return;
        }
        let gathering = self.gathering.get_or_insert_with(|| Gathering {
            start,
            mapping,
            bytes: Vec::new(),
        });
        gathering.bytes.extend_from_slice(bytes);
        if start + (gathering.bytes.len() as u64) < range.end {
            return;
        }
        self.mappings.remove(&start);
        if let Some(gathering) = self.gathering.take() {
            if mapping.is_right(&gathering.bytes) {
                out(Out::Data(mapping.dsn, &gathering.bytes));
            } else {
                out(Out::Wrong(mapping.dsn, &gathering.bytes));
                // Only the first is of use: from there on the receiver takes nothing, or all.
                self.wrong.get_or_insert(gathering);
            }
        }
    }

    /// Takes what was collected of a range as it is, and what follows of it.
    fn trust(&mut self, start: u64, out: &mut dyn FnMut(Out<'_>)) {
        if let Some(mapping) = self.mappings.get_mut(&start) {
            mapping.check = Check::None;
        }
        if let Some(Gathering { mapping, bytes, .. }) = self.gathering.take() {
            out(Out::Data(mapping.dsn, &bytes));
        }
    }

    /// Bytes of the subflow that the receiver has and that were not seen.
    pub fn gap(&mut self, at: u64, len: u64, out: &mut dyn FnMut(Out<'_>)) {
        let Some(at) = self.place(at) else { return };
        self.next = self.next.max(at + len);
        if let Some(start) = self.gathering.as_ref().map(|gathering| gathering.start) {
            self.trust(start, out);
        }
        // Mappings of nothing but missing bytes serve for nothing any more.
        let end = at + len;
        let gone = |start: u64, mapping: &Mapping| start + mapping.bytes() <= end;
        while let Some(entry) = self.mappings.first_entry() {
            if !gone(*entry.key(), entry.get()) {
                break;
            }
            entry.remove();
        }
    }

    /// The range with the wrong checksum does not count: the receiver has rejected it.
    pub fn reject_wrong(&mut self) {
        self.wrong = None;
    }

    /// From here on the subflow is the connection: what waits and what comes belongs behind each other.  `next` is the
    /// data sequence number of the next byte, unless a range with a wrong checksum says where it begins.
    pub fn go_on(&mut self, next: u64, out: &mut dyn FnMut(Out<'_>)) {
        if self.infinite.is_some() {
            return;
        }
        self.finish(out);
        let first_loose = self.loose.first_key_value().map(|(&at, _)| at);
        let begun = |gathering: &Gathering| (gathering.start, gathering.mapping.dsn);
        let line = match (&self.wrong, &self.gathering) {
            (Some(wrong), _) => begun(wrong),
            (None, Some(gathering)) => begun(gathering),
            (None, None) => (first_loose.unwrap_or(self.next), next),
        };
        self.infinite_mapping(line.0, line.1, out);
    }

    /// The ends still speak MPTCP: mappings count again.
    pub fn revive(&mut self) {
        self.infinite = None;
    }

    /// An infinite mapping: from a number on the subflow on everything belongs behind a data sequence number.
    pub fn infinite_from(&mut self, ssn: u32, dsn: u64, out: &mut dyn FnMut(Out<'_>)) {
        if self.infinite.is_none() {
            self.mapped = true;
            self.finish(out);
            if let Some(start) = self.number(ssn) {
                self.infinite_mapping(start, dsn, out);
            }
        }
    }

    fn infinite_mapping(&mut self, start: u64, dsn: u64, out: &mut dyn FnMut(Out<'_>)) {
        self.infinite = Some((start, dsn));
        for Gathering {
            start,
            mapping,
            bytes,
        } in self.wrong.take().into_iter().chain(self.gathering.take())
        {
            self.mappings.remove(&start);
            out(Out::Data(mapping.dsn, &bytes));
        }
        self.loose_bytes = 0;
        for (at, bytes) in std::mem::take(&mut self.loose) {
            self.put(at, &bytes, out);
        }
    }
}

#[cfg(test)]
mod tests;
