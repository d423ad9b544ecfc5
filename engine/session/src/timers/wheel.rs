//! A hierarchical timing wheel over packet time (Varghese and Lauck, 1987).
//!
//! Setting and cancelling a timer are O(1).  Timers fire in order of their deadlines, those of the same deadline in the
//! order they were set, and never before their deadline: within the tick that contains "now" only those that are due
//! are taken.

use std::collections::VecDeque;

/// Ticks a second.  Deadlines are compared exactly, so this is about speed only: timers of one tick share a list.
const TICKS_PER_SECOND: f64 = 64.0;
/// A level has 2^BITS slots.
const BITS: u32 = 8;
const SLOTS: usize = 1 << BITS;
/// 2^(8·5) ticks are 544 years; deadlines beyond are put at the end of it.
const LEVELS: usize = 5;
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
    /// Everything before this tick has fired.
    tick: u64,
    started: bool,
    /// Due timers in order, waiting to be taken.
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
        now < self.earliest && self.due.is_empty()
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
            if let Some(&(deadline, _, index, generation)) = self.due.front() {
                // A timer set meanwhile for an earlier moment goes first.
                if self.earliest >= deadline || !self.collect(deadline) {
                    self.due.pop_front();
                    let entry = &mut self.entries[index as usize];
                    if entry.generation != generation {
                        continue;
                    }
                    if let Some(item) = entry.item.take() {
                        self.release(index);
                        return Some((deadline, item));
                    }
                }
                continue;
            }
            if now < self.earliest || !self.collect(now) {
                return None;
            }
        }
    }

    /// Takes any timer, the earliest first; for the end of the input.
    pub fn pop_any(&mut self) -> Option<(f64, T)> {
        self.pop_due(f64::INFINITY)
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

    /// Moves what is due at `now` from the wheel to `due`, one tick at least.  False if nothing was.
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
            return self.take_tick(slot, now);
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

    /// Takes the due entries of a slot of the lowest level.
    fn take_tick(&mut self, slot: usize, now: f64) -> bool {
        let before = self.due.len();
        let mut later = f64::INFINITY;
        let mut index = self.heads[slot];
        while index != NIL {
            let (next, deadline) = {
                let entry = &self.entries[index as usize];
                (entry.next, entry.deadline)
            };
            if deadline <= now {
                self.unlink(index);
                let entry = &self.entries[index as usize];
                self.due
                    .push_back((deadline, entry.order, index, entry.generation));
            } else {
                later = later.min(deadline);
            }
            index = next;
        }
        let taken = self.due.len() - before;
        if taken == 0 {
            // The slot's remaining entries are the earliest of all.
            self.earliest = later;
            return false;
        }
        self.earliest = if later.is_finite() {
            later
        } else {
            (self.tick + 1) as f64 / TICKS_PER_SECOND
        };
        if self.due.len() > 1 {
            self.due
                .make_contiguous()
                .sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        }
        true
    }
}
