//! Running the automata of a signature set over data.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use super::candidates::{Candidates, SharedCandidates};
use super::compile::{ContextAutomaton, SignatureSet};
use super::flow::Chunk;
use super::Context;
use crate::automaton::{Dfa, DfaStats, Parked, StateId, DEFAULT_CACHE_LIMIT};

/// How many start states are remembered at most; beyond that, remembering starts anew.
const MAX_STARTS: usize = 4096;

/// Matches connections with a [`SignatureSet`]: the part that is shared by all connections of one thread, and learns
/// from them. It stays below about [`DEFAULT_CACHE_LIMIT`] for each context that is used.
#[derive(Debug)]
pub struct SignatureMatcher {
    pub(super) set: Arc<SignatureSet>,
    pub(super) work: Work,
}

/// What a matcher learns, and its working space.
#[derive(Debug, Default)]
pub(super) struct Work {
    /// By context; made when first used.
    tables: [Option<Dfa>; Context::NETWORK.len()],
    pub(super) shared: SharedCandidates,
    /// By candidates and context: the state before the first byte.
    starts: Starts,
    pub(super) hits: Hits,
}

type Starts = HashMap<u64, Parked, BuildHasherDefault<NumberHasher>>;

/// Hashes a number that the outside cannot choose.
#[derive(Default)]
struct NumberHasher(u64);

impl Hasher for NumberHasher {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(byte.into());
        }
    }

    fn write_u64(&mut self, number: u64) {
        // Multiplying moves the differences into the high bits, which the table looks at as well as at the low ones.
        self.0 = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 ^= self.0 >> 32;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// The content conditions found to hold during one scan.
#[derive(Debug, Default)]
pub(super) struct Hits {
    /// Each once, with where its match ended first.
    pub(super) found: Vec<(u32, u32)>,
    /// By pattern: whether it is among them.
    seen: Vec<bool>,
    /// Those that are.
    patterns: Vec<u32>,
}

impl Hits {
    fn note(&mut self, context: &ContextAutomaton, patterns: &[u32], end: usize) {
        if self.seen.len() < context.contents.len() {
            self.seen.resize(context.contents.len(), false);
        }
        for &pattern in patterns {
            let (Some(seen), Some(&content)) = (
                self.seen.get_mut(pattern as usize),
                context.contents.get(pattern as usize),
            ) else {
                continue;
            };
            if !std::mem::replace(seen, true) {
                self.found.push((content, u32::try_from(end).unwrap_or(u32::MAX)));
                self.patterns.push(pattern);
            }
        }
    }

    fn clear(&mut self) {
        self.found.clear();
        for pattern in self.patterns.drain(..) {
            if let Some(seen) = self.seen.get_mut(pattern as usize) {
                *seen = false;
            }
        }
    }
}

impl SignatureMatcher {
    /// A matcher that has learnt nothing yet.
    pub fn new(set: Arc<SignatureSet>) -> SignatureMatcher {
        SignatureMatcher {
            set,
            work: Work::default(),
        }
    }

    /// The signatures it matches.
    pub fn set(&self) -> &Arc<SignatureSet> {
        &self.set
    }

    /// Counters of the automaton of a context; `None` before it is first used.
    pub fn stats(&self, context: Context) -> Option<DfaStats> {
        self.work.tables.get(context as usize)?.as_ref().map(Dfa::stats)
    }
}

/// The automaton of a context with its table, and where to remember the start states.
pub(super) struct Scan<'m> {
    set: &'m SignatureSet,
    context: Context,
    compiled: &'m ContextAutomaton,
    table: &'m mut Dfa,
    starts: &'m mut Starts,
    hits: &'m mut Hits,
}

impl<'m> Scan<'m> {
    pub(super) fn new(work: &'m mut Work, set: &'m SignatureSet, context: Context) -> Option<Scan<'m>> {
        let compiled = set.contexts.get(context as usize)?;
        let table = work.tables.get_mut(context as usize)?;
        let table = table.get_or_insert_with(|| Dfa::new(&compiled.automaton, DEFAULT_CACHE_LIMIT));
        Some(Scan {
            set,
            context,
            compiled,
            table,
            starts: &mut work.starts,
            hits: &mut work.hits,
        })
    }

    /// The state to go on from: the parked one, unless the data begins anew, or the start for the candidates. Also
    /// whether it is the latter.
    pub(super) fn from(
        &mut self,
        parked: Option<&Parked>,
        begin: bool,
        candidates: &Candidates,
    ) -> (StateId, bool) {
        match parked {
            Some(parked) if !begin => (self.table.resume(&self.compiled.automaton, parked), false),
            _ => (self.start(candidates), true),
        }
    }

    /// The state before the first byte, for the candidates only.
    pub(super) fn start(&mut self, candidates: &Candidates) -> StateId {
        let key = candidates.number << 4 | self.context as u64;
        if let Some(parked) = self.starts.get_mut(&key) {
            let state = self.table.resume(&self.compiled.automaton, parked);
            if !parked.is_current(self.table) {
                *parked = self.table.park(state);
            }
            return state;
        }
        let patterns = candidates.patterns(&self.set.compiled, self.context);
        let state = self.table.start_of(&self.compiled.automaton, patterns);
        if self.starts.len() >= MAX_STARTS {
            self.starts.clear();
        }
        self.starts.insert(key, self.table.park(state));
        state
    }

    /// Moves over a piece of data and collects what matches into the hits.
    pub(super) fn run(&mut self, state: StateId, chunk: Chunk<'_>) -> StateId {
        self.hits.clear();
        let automaton = &self.compiled.automaton;
        if chunk.begin {
            self.hits.note(self.compiled, self.table.matches(state), 0);
        }
        let (state, _) = self.table.scan(automaton, state, chunk.data, |patterns, end| {
            self.hits.note(self.compiled, patterns, end);
            true
        });
        if chunk.end && !state.is_dead() {
            self.hits.note(
                self.compiled,
                self.table.matches_at_end(automaton, state),
                chunk.data.len(),
            );
        }
        state
    }

    /// Keeps a state.
    pub(super) fn park(&self, state: StateId) -> Parked {
        self.table.park(state)
    }

    /// Whether a content condition for which `wanted` holds can still match.
    pub(super) fn any_live(&mut self, state: StateId, wanted: impl Fn(u32) -> bool) -> bool {
        self.table.any_live(&self.compiled.automaton, state, |pattern| {
            self.compiled
                .contents
                .get(pattern as usize)
                .is_some_and(|&content| wanted(content))
        })
    }
}
