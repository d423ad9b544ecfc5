//! Where a pattern matches: the leftmost-longest match, and all of them.
//!
//! A match's beginning cannot be told by going forward, where many beginnings are in play at once. So the data is
//! gone through once from its end with the automaton of the reversed expression, which tells for each place whether
//! a match begins there; from the leftmost such place, going forward gives the longest end.

use std::collections::HashSet;

use super::{compile, Automata, Tables, CACHE_LIMIT};
use crate::automaton::{Dfa, StateId};

/// Up to what distance from the start of a search to the first end of a match each place between is tried.
const NEAR: usize = 1024;

/// How far a scan may go beyond the last match it saw before it is remembered where it went in vain.
const DOUBT: usize = 64;
/// Every how many bytes it is remembered.
const INTERVAL: usize = 16;

impl Automata {
    pub(super) fn find(&self, data: &[u8], start: usize, empty: bool) -> Option<(usize, usize)> {
        let from = self.first_candidate(data, start)?;
        let tables = &mut *self.tables();
        if !empty && self.expression.hir().properties().minimum_len() == Some(0) {
            return self.all(tables, data, from).next();
        }
        let end = self.shortest_end(&mut tables.forward, data, from)?;
        // Some match ends here, so the leftmost begins here or before; mostly that is near, and looking at each
        // place is less work than going through all of the data.
        if end - from <= NEAR {
            let mut vain = Vain::default();
            return (from..=end).find_map(|at| {
                let length = self.longest(&mut tables.forward, data, at, Some(&mut vain))?;
                Some((at, at + length))
            });
        }
        let mut leftmost = None;
        self.beginnings(tables, data, from, |at| leftmost = Some(at));
        let at = leftmost?;
        let length = self.longest(&mut tables.forward, data, at, None)?;
        Some((at, at + length))
    }

    pub(super) fn find_all(&self, data: &[u8]) -> Vec<(usize, usize)> {
        let Some(from) = self.first_candidate(data, 0) else {
            return Vec::new();
        };
        let tables = &mut *self.tables();
        if self.shortest_end(&mut tables.forward, data, from).is_none() {
            return Vec::new();
        }
        self.all(tables, data, from).collect()
    }

    /// All matches not before `from` that are not empty.
    fn all<'a>(
        &'a self,
        tables: &'a mut Tables,
        data: &'a [u8],
        from: usize,
    ) -> impl Iterator<Item = (usize, usize)> + 'a {
        let mut beginnings = Bits::new(data.len() + 1 - from);
        self.beginnings(tables, data, from, |at| beginnings.set(at - from));
        let mut vain = Vain::default();
        let mut next = 0;
        std::iter::from_fn(move || loop {
            let at = from + beginnings.next(next)?;
            match self.longest(&mut tables.forward, data, at, Some(&mut vain)) {
                Some(length) if length > 0 => {
                    next = at + length - from;
                    return Some((at, at + length));
                }
                _ => next = at + 1 - from,
            }
        })
    }

    pub(super) fn longest_at(&self, data: &[u8], start: usize) -> Option<usize> {
        self.longest(&mut self.tables().forward, data, start, None)
    }

    /// Calls `found` with every place not before `from` where a match begins, from right to left.
    fn beginnings(&self, tables: &mut Tables, data: &[u8], from: usize, mut found: impl FnMut(usize)) {
        let automaton = self.backward.get_or_init(|| compile(&self.expression, true));
        let table = tables
            .backward
            .get_or_insert_with(|| Dfa::new(automaton, CACHE_LIMIT));
        let start = table.start(automaton, false, true);
        if !table.matches(start).is_empty() {
            found(data.len());
        }
        let mut at = data.len();
        let bytes = data.get(from..).unwrap_or_default().iter().rev().copied();
        let end = table.walk(automaton, start, bytes, |_, matches| {
            at -= 1;
            if matches {
                found(at);
            }
            true
        });
        // `^` holds at the very beginning, which for the reversed automaton is the end.
        if from == 0 && !end.is_dead() && !table.matches_at_end(automaton, end).is_empty() {
            found(0);
        }
    }

    /// The length of the longest match that begins at `at`.
    fn longest(&self, table: &mut Dfa, data: &[u8], at: usize, vain: Option<&mut Vain>) -> Option<usize> {
        let automaton = &self.forward;
        let start = table.start(automaton, true, at == 0);
        let mut length = if table.matches(start).is_empty() {
            None
        } else {
            Some(0)
        };
        let rest = data.get(at..).unwrap_or_default();
        let mut consumed = 0;
        let mut hopeless = false;
        let mut trail = Vec::new();
        let end = match vain {
            None => table.walk(automaton, start, rest.iter().copied(), |_, matches| {
                consumed += 1;
                if matches {
                    length = Some(consumed);
                }
                true
            }),
            Some(vain) => {
                let generation = table.generation();
                if vain.generation != generation {
                    vain.generation = generation;
                    vain.places.clear();
                }
                let end = table.walk(automaton, start, rest.iter().copied(), |state, matches| {
                    consumed += 1;
                    if matches {
                        length = Some(consumed);
                        trail.clear();
                    } else if (at + consumed) % INTERVAL == 0 && consumed - length.unwrap_or(0) > DOUBT {
                        if vain.places.contains(&(state, at + consumed)) {
                            hopeless = true;
                            return false;
                        }
                        trail.push((state, at + consumed));
                    }
                    true
                });
                let ends_well =
                    !hopeless && !end.is_dead() && !table.matches_at_end(automaton, end).is_empty();
                // Had the table been emptied on the way, the trail would mix states of two tables.
                if !ends_well && table.generation() == generation {
                    vain.places.extend(trail);
                }
                end
            }
        };
        if !hopeless && !end.is_dead() && !table.matches_at_end(automaton, end).is_empty() {
            length = Some(rest.len());
        }
        length
    }
}

/// States at places from which scanning on gave no match: who comes there again need not go on.
#[derive(Default)]
struct Vain {
    generation: u64,
    places: HashSet<(StateId, usize)>,
}

/// A set of places.
struct Bits(Vec<u64>);

impl Bits {
    fn new(length: usize) -> Bits {
        Bits(vec![0; length.div_ceil(64)])
    }

    fn set(&mut self, at: usize) {
        if let Some(word) = self.0.get_mut(at / 64) {
            *word |= 1 << (at % 64);
        }
    }

    /// The first member not before `from`.
    fn next(&self, from: usize) -> Option<usize> {
        let first = from / 64;
        for (index, &word) in self.0.iter().enumerate().skip(first) {
            let word = if index == first {
                word & (!0 << (from % 64))
            } else {
                word
            };
            if word != 0 {
                return Some(index * 64 + word.trailing_zeros() as usize);
            }
        }
        None
    }
}
