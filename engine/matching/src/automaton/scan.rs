//! Moving a state over data: the loops that touch every byte.
//!
//! Each loop has a fast part that only looks transitions up, and leaves it for a tagged transition. There is one
//! loop for each question, so that none pays for the bookkeeping of another.

use super::dfa::{Dfa, StateId, MATCH, OFFSET, STOP, UNKNOWN};
use super::program::Automaton;

impl Dfa {
    /// The state after all of `data`, whatever matched on the way.
    pub fn run(&mut self, automaton: &Automaton, state: StateId, data: &[u8]) -> StateId {
        let mut state = state.0;
        let mut at = 0;
        self.scanned += data.len() as u64;
        while at < data.len() {
            let transitions = self.transitions.as_slice();
            let mut stopped = None;
            for &byte in data.get(at..).unwrap_or_default() {
                at += 1;
                let next = lookup(transitions, automaton, state, byte);
                if next & STOP != 0 {
                    stopped = Some((next, byte));
                    break;
                }
                state = next & OFFSET;
            }
            if let Some((tagged, byte)) = stopped {
                let next = self.resolve(automaton, state, tagged, byte);
                if next & STOP != 0 {
                    return StateId::DEAD;
                }
                state = next & OFFSET;
            }
        }
        StateId(state)
    }

    /// Moves over `data` and calls `report` with each set of patterns that match in a state entered, and how many
    /// bytes had been consumed then. A set is not reported again while it stays the same. Stops early when `report`
    /// returns false or nothing can match any more. Returns the state reached and the bytes consumed.
    ///
    /// Patterns that match before the first byte are not reported; see [`Dfa::matches`].
    pub fn scan(
        &mut self,
        automaton: &Automaton,
        state: StateId,
        data: &[u8],
        mut report: impl FnMut(&[u32], usize) -> bool,
    ) -> (StateId, usize) {
        let mut state = state.0;
        let mut at = 0;
        let mut last = (self.generation(), self.match_set_of(StateId(state)));
        while at < data.len() {
            let transitions = self.transitions.as_slice();
            let mut stopped = None;
            for &byte in data.get(at..).unwrap_or_default() {
                at += 1;
                let next = lookup(transitions, automaton, state, byte);
                if next & (STOP | MATCH) != 0 {
                    stopped = Some((next, byte));
                    break;
                }
                state = next;
            }
            let Some((tagged, byte)) = stopped else { break };
            let next = self.resolve(automaton, state, tagged, byte);
            if next & STOP != 0 {
                self.scanned += at as u64;
                return (StateId::DEAD, at);
            }
            state = next & OFFSET;
            if next & MATCH != 0 {
                let set = (self.generation(), self.match_set_of(StateId(state)));
                if set != last {
                    last = set;
                    if !report(self.match_set(set.1), at) {
                        break;
                    }
                }
            }
        }
        self.scanned += at as u64;
        (StateId(state), at)
    }

    /// How many bytes of `data` the shortest match takes, at least one; also the state reached without a match.
    pub fn shortest(&mut self, automaton: &Automaton, state: StateId, data: &[u8]) -> Result<usize, StateId> {
        let mut found = None;
        let (state, _) = self.scan(automaton, state, data, |_, at| {
            found = Some(at);
            false
        });
        found.ok_or(state)
    }

    /// Moves byte by byte and calls `visit` after each with the state entered and whether a pattern matches in it,
    /// until that returns false or nothing can match any more.
    pub(crate) fn walk(
        &mut self,
        automaton: &Automaton,
        state: StateId,
        data: impl Iterator<Item = u8>,
        mut visit: impl FnMut(StateId, bool) -> bool,
    ) -> StateId {
        let mut state = state.0;
        for byte in data {
            let mut next = lookup(&self.transitions, automaton, state, byte);
            if next & STOP != 0 {
                next = self.resolve(automaton, state, next, byte);
                if next & STOP != 0 {
                    return StateId::DEAD;
                }
            }
            state = next & OFFSET;
            self.scanned += 1;
            if !visit(StateId(state), next & MATCH != 0) {
                break;
            }
        }
        StateId(state)
    }

    /// A tagged transition that is known: computes it if it is not.
    fn resolve(&mut self, automaton: &Automaton, state: u32, tagged: u32, byte: u8) -> u32 {
        if tagged == UNKNOWN {
            self.compute(automaton, StateId(state), byte)
        } else {
            tagged
        }
    }
}

/// The tagged transition out of the row at `state`. Rows are complete, so the table always has it.
#[inline(always)]
fn lookup(transitions: &[u32], automaton: &Automaton, state: u32, byte: u8) -> u32 {
    let class = automaton.classes[usize::from(byte)];
    match transitions.get(state as usize + usize::from(class)) {
        Some(&tagged) => tagged,
        None => STOP,
    }
}
