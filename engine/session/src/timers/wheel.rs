//! A hierarchical timing wheel over packet time (Varghese and Lauck, 1987).
//!
//! Setting and cancelling a timer are O(1).  Timers fire in order of their deadlines, those of the same deadline in the
//! order they were set, and never before their deadline: when a tick is reached its timers leave the wheel together and
//! are put in order once, and then wait in a queue for their moment.

use std::collections::VecDeque;

/// Ticks a second.  Deadlines are compared exactly, so this is about speed only: timers of one tick share a list.
const TICKS_PER_SECOND: f64 = 64.0;
/// A level has 2^BITS slots.  The lowest level then reaches 16 seconds ahead, further than most timers are set.
const BITS: u32 = 10;
const SLOTS: usize = 1 << BITS;
/// 2^(10·4) ticks are 544 years; deadlines beyond are put at the end of it.
const LEVELS: usize = 4;
const HORIZON: u64 = (1 << (BITS * LEVELS as u32)) - 1;
/// No entry.
const NIL: u32 = u32::MAX;

/// Names a timer that was set, until it fires or is cancelled.  A handle that outlived its timer is harmless.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handle {
    index: u32,
    generation: u32,
}

#[derive(Debug)]
struct Entry<T> {
    deadline: f64,
    /// Breaks ties, so that the order does not depend on where in the wheel a timer lies.
    order: u64,
    item: Option<T>,
    generation: u32,
    next: u32,
    previous: u32,
    /// The slot whose list this entry is in: level · SLOTS + slot
    slot: u32,
}

/// Timers carrying a `T`.
#[derive(Debug)]
pub struct Wheel<T> {
    entries: Vec<Entry<T>>,
    free: u32,
    heads: Box<[u32]>,
    /// A bit for each slot that holds something, by level.
    occupied: [[u64; SLOTS / 64]; LEVELS],
    /// Everything before this tick has left the wheel.
    tick: u64,
    started: bool,
    /// Timers that have left the wheel, in order: deadline, order, entry and its generation
    due: VecDeque<(f64, u64, u32, u32)>,
    set_count: u64,
    live: usize,
    most: usize,
    /// A lower bound of the earliest deadline in the wheel.
    earliest: f64,
}

impl<T> Default for Wheel<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Wheel<T> {
    /// A wheel without timers.  Its time begins with the first deadline or the first [`Wheel::pop_due`].
    pub fn new() -> Self {
        Wheel {
            entries: Vec::new(),
            free: NIL,
            heads: vec![NIL; SLOTS * LEVELS].into_boxed_slice(),
            occupied: [[0; SLOTS / 64]; LEVELS],
            tick: 0,
            started: false,
            due: VecDeque::new(),
            set_count: 0,
            live: 0,
            most: 0,
            earliest: f64::INFINITY,
        }
    }

    /// How many timers are set.
    pub fn len(&self) -> usize {
        self.live
    }

    /// Whether none is set.
    pub fn is_empty(&self) -> bool {
        self.live == 0
    }

    /// The most that were set at once.
    pub fn most(&self) -> usize {
        self.most
    }

    /// How many were ever set.
    pub fn cumulative(&self) -> u64 {
        self.set_count
    }

    /// Whether nothing can be due at `now`: a quick test, made for every packet.
    #[inline]
    pub fn is_quiet(&self, now: f64) -> bool {
        now < self.earliest && self.due.front().is_none_or(|&(deadline, ..)| now < deadline)
    }

    /// Sets a timer.  A deadline that has passed is due at once.  A deadline that is not a number never comes.
    pub fn set(&mut self, deadline: f64, item: T) -> Handle {
        let deadline = if deadline.is_nan() {
            f64::INFINITY
        } else {
            deadline
        };
        let order = self.set_count;
        self.set_count += 1;
        self.live += 1;
        self.most = self.most.max(self.live);
        let index = if self.free == NIL {
            // An entry is some 50 bytes: 2^32 of them do not fit into memory, flows being limited well before that.
            let index = self.entries.len() as u32;
            self.entries.push(Entry {
                deadline,
                order,
                item: Some(item),
                generation: 0,
                next: NIL,
                previous: NIL,
                slot: NIL,
            });
            index
        } else {
            let index = self.free;
            let entry = &mut self.entries[index as usize];
            self.free = entry.next;
            entry.deadline = deadline;
            entry.order = order;
            entry.item = Some(item);
            index
        };
        self.earliest = self.earliest.min(deadline);
        self.link(index);
        Handle {
            index,
            generation: self.entries[index as usize].generation,
        }
    }

    /// Takes a timer back and returns what it carried; `None` if it has fired or was cancelled before.
    pub fn cancel(&mut self, handle: Handle) -> Option<T> {
        let entry = self.entries.get_mut(handle.index as usize)?;
        if entry.generation != handle.generation || entry.item.is_none() {
            return None;
        }
        let item = entry.item.take();
        if entry.slot != NIL {
            self.unlink(handle.index);
        }
        // An entry in `due` is recognised there as stale by its generation.
        self.release(handle.index);
        item
    }

    /// Takes the earliest timer whose deadline is not after `now`, with its deadline.
    pub fn pop_due(&mut self, now: f64) -> Option<(f64, T)> {
        loop {
            let front = self.due.front().map_or(f64::INFINITY, |&(deadline, ..)| deadline);
            // What is still in the wheel may come before what has left it: it may have been set since.
            let limit = front.min(now);
            if self.earliest <= limit && self.collect(limit) {
                continue;
            }
            if front > now {
                return None;
            }
            let (deadline, _, index, generation) = self.due.pop_front()?;
            let entry = &mut self.entries[index as usize];
            if entry.generation != generation {
                continue;
            }
            if let Some(item) = entry.item.take() {
                self.release(index);
                return Some((deadline, item));
            }
        }
    }

    fn tick_of(deadline: f64) -> u64 {
        // Saturating conversion: negative times are tick 0, infinity the last one (in 139,000 years).
        ((deadline * TICKS_PER_SECOND) as u64).min(1 << (BITS * LEVELS as u32 + 3))
    }

    fn link(&mut self, index: u32) {
        let deadline = self.entries[index as usize].deadline;
        let tick = Self::tick_of(deadline);
        if !self.started {
            self.started = true;
            self.tick = tick;
        }
        let tick = tick.clamp(self.tick, self.tick.saturating_add(HORIZON));
        // The level is that of the highest group of bits in which the tick differs from the current one.
        let differing = tick ^ self.tick;
        let mut level = if differing == 0 {
            0
        } else {
            (63 - differing.leading_zeros()) / BITS
        };
        level = level.min(LEVELS as u32 - 1);
        let slot = (tick >> (level * BITS)) as usize & (SLOTS - 1);
        let list = level as usize * SLOTS + slot;
        let head = self.heads[list];
        let entry = &mut self.entries[index as usize];
        entry.slot = list as u32;
        entry.next = head;
        entry.previous = NIL;
        if head != NIL {
            self.entries[head as usize].previous = index;
        }
        self.heads[list] = index;
        self.occupied[level as usize][slot / 64] |= 1 << (slot % 64);
    }

    fn unlink(&mut self, index: u32) {
        let (next, previous, list) = {
            let entry = &mut self.entries[index as usize];
            let found = (entry.next, entry.previous, entry.slot as usize);
            entry.slot = NIL;
            found
        };
        if next != NIL {
            self.entries[next as usize].previous = previous;
        }
        if previous != NIL {
            self.entries[previous as usize].next = next;
        } else {
            self.heads[list] = next;
            if next == NIL {
                let slot = list % SLOTS;
                self.occupied[list / SLOTS][slot / 64] &= !(1 << (slot % 64));
            }
        }
    }

    fn release(&mut self, index: u32) {
        let entry = &mut self.entries[index as usize];
        entry.generation = entry.generation.wrapping_add(1);
        entry.next = self.free;
        self.free = index;
        self.live -= 1;
        if self.live == 0 {
            self.earliest = f64::INFINITY;
        }
    }

    /// The lowest occupied slot of a level that is not before `from`.
    fn first_occupied(&self, level: usize, from: usize) -> Option<usize> {
        let bits = &self.occupied[level];
        let mut word = from / 64;
        let mut value = bits[word] & (u64::MAX << (from % 64));
        loop {
            if value != 0 {
                return Some(word * 64 + value.trailing_zeros() as usize);
            }
            word += 1;
            value = *bits.get(word)?;
        }
    }

    /// Moves the timers of the first tick that has any from the wheel to `due`, if that tick has begun at `now`.  False if
    /// not: then `earliest` is after `now`.
    fn collect(&mut self, now: f64) -> bool {
        let now_tick = Self::tick_of(now);
        loop {
            // The next occupied slot, at the lowest level that has one: nothing at higher levels can come before it.
            let mut found = None;
            for level in 0..LEVELS {
                let from = (self.tick >> (level as u32 * BITS)) as usize & (SLOTS - 1);
                if let Some(slot) = self.first_occupied(level, from) {
                    found = Some((level, slot));
                    break;
                }
            }
            let Some((level, slot)) = found else {
                // What is beyond the horizon wraps around: begin anew at the top level.
                if self.occupied.iter().flatten().all(|&word| word == 0) {
                    self.earliest = f64::INFINITY;
                    return false;
                }
                self.tick = ((self.tick >> (LEVELS as u32 * BITS)) + 1) << (LEVELS as u32 * BITS);
                if self.tick > now_tick {
                    self.earliest = self.tick as f64 / TICKS_PER_SECOND;
                    return false;
                }
                continue;
            };
            let shift = level as u32 * BITS;
            let base = self.tick >> (shift + BITS) << (shift + BITS);
            let begins = base + ((slot as u64) << shift);
            // The current slot also holds what was set for a moment that had passed.
            if begins > now_tick && begins > self.tick {
                self.earliest = begins as f64 / TICKS_PER_SECOND;
                return false;
            }
            self.tick = self.tick.max(begins);
            if level > 0 {
                self.cascade(level * SLOTS + slot);
                continue;
            }
            self.take_tick(slot);
            return true;
        }
    }

    /// Spreads a slot of a higher level over lower ones.
    fn cascade(&mut self, list: usize) {
        let mut index = std::mem::replace(&mut self.heads[list], NIL);
        let slot = list % SLOTS;
        self.occupied[list / SLOTS][slot / 64] &= !(1 << (slot % 64));
        while index != NIL {
            let next = self.entries[index as usize].next;
            self.link(index);
            index = next;
        }
    }

    /// Moves the timers of a slot of the lowest level to `due`.
    fn take_tick(&mut self, slot: usize) {
        let mut index = std::mem::replace(&mut self.heads[slot], NIL);
        self.occupied[0][slot / 64] &= !(1 << (slot % 64));
        let before = self.due.len();
        while index != NIL {
            let entry = &mut self.entries[index as usize];
            entry.slot = NIL;
            self.due
                .push_back((entry.deadline, entry.order, index, entry.generation));
            index = entry.next;
        }
        // What is set for this tick from now on lowers it again.
        self.earliest = (self.tick + 1) as f64 / TICKS_PER_SECOND;
        let compare =
            |a: &(f64, u64, u32, u32), b: &(f64, u64, u32, u32)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
        let taken = self.due.len() - before;
        if taken * 8 < before {
            // A few that were set late take their places among many.
            for late in self.due.split_off(before) {
                let at = self.due.partition_point(|other| compare(other, &late).is_lt());
                self.due.insert(at, late);
            }
        } else if self.due.len() > 1 {
            self.due.make_contiguous().sort_unstable_by(compare);
        }
    }
}
