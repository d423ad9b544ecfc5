//! The lazily determinised automaton.
//!
//! A [`Dfa`] starts empty and learns one transition at a time, as data asks for it. Scanning a byte whose transition
//! is known is one table lookup; one that is not costs a step of the non-deterministic automaton, which is bounded by
//! its size. So the total is linear in the data whatever the expressions are, and the number of states never runs
//! ahead of the bytes seen, let alone exponentially ahead.
//!
//! # Memory
//!
//! When a new state would take the table beyond its limit, the table is emptied and learning starts again. The
//! bound is therefore `limit` plus one state, plus, made only on demand, the lists of patterns live and matching at
//! the end per state, plus working space of 4 bytes an NFA state. A flow that parked a state before that holds its definition (the set
//! of NFA states it stands for), from which [`Dfa::resume`] makes it again; flows in the same state share one
//! definition. What is parked is at most one definition a flow, at most [`Automaton::nfa_states`] times 4 bytes.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use regex_automata::nfa::thompson::State as NfaState;
use regex_automata::util::look::Look;
use regex_automata::util::primitives::StateID as NfaId;

use super::program::{Automaton, SHARED};

/// How many bytes the learnt part of an automaton may occupy unless told otherwise.
pub const DEFAULT_CACHE_LIMIT: usize = 8 << 20;

/// Tag of a transition that the inner loop must not follow by itself: into the dead state, or not known yet.
pub(super) const STOP: u32 = 1 << 31;
/// Tag of a transition into a state in which at least one pattern has just matched.
pub(super) const MATCH: u32 = 1 << 30;
/// Without the tags: the offset of the state's row.
pub(super) const OFFSET: u32 = MATCH - 1;
/// A transition not known yet. No row is at this offset (see [`Dfa::MAX_LIMIT`]).
pub(super) const UNKNOWN: u32 = u32::MAX;

/// In a state's NFA set: this state is at the beginning of the data. Only set where it makes a difference.
const AT_BEGIN: u32 = u32::MAX;

/// Every filling of every table has a number of its own, so a state cannot be mistaken for one of another filling.
static GENERATION: AtomicU64 = AtomicU64::new(1);

/// A state of a [`Dfa`]: a row of its table. Valid until the table is next emptied, so not longer than one scan; to
/// keep a state, [`Dfa::park`] it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StateId(pub(super) u32);

impl StateId {
    /// The state in which no pattern can match any more.
    pub const DEAD: StateId = StateId(0);

    /// Whether no pattern can match any more, whatever follows.
    pub fn is_dead(self) -> bool {
        self == StateId::DEAD
    }
}

/// A state kept between two pieces of data. One pointer; cloning shares.
#[derive(Clone, Debug)]
pub struct Parked(Arc<Definition>);

impl Parked {
    /// Whether no pattern can match any more, whatever follows.
    pub fn is_dead(&self) -> bool {
        self.0.nfa.is_empty()
    }

    /// Whether the state is in a table as it is, so that resuming it there is free.
    pub fn is_current(&self, table: &Dfa) -> bool {
        self.0.generation == table.generation
    }
}

/// What a state stands for.
#[derive(Debug)]
pub(super) struct Definition {
    /// The number of the automaton.
    automaton: u64,
    generation: u64,
    row: u32,
    /// The NFA states, sorted; [`AT_BEGIN`] may stand at the end.
    nfa: Box<[u32]>,
}

/// Index of the states by what they stand for.
#[derive(Debug)]
struct ByNfa(Arc<Definition>);

impl Hash for ByNfa {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.nfa.hash(state);
    }
}

impl PartialEq for ByNfa {
    fn eq(&self, other: &ByNfa) -> bool {
        self.0.nfa == other.0.nfa
    }
}

impl Eq for ByNfa {}

impl Borrow<[u32]> for ByNfa {
    fn borrow(&self) -> &[u32] {
        &self.0.nfa
    }
}

/// What is kept of a state besides its row.
#[derive(Debug)]
struct Info {
    definition: Arc<Definition>,
    /// Index into [`Dfa::match_sets`].
    matches: u32,
    /// Patterns that match if the data ends here, besides `matches`. Made when first asked for.
    at_end: Option<Box<[u32]>>,
    /// Patterns that can still match. Made when first asked for.
    live: Option<Live>,
}

/// Which patterns can still match from a state on.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Live {
    /// Every one: the automaton is searching.
    All,
    /// These, sorted.
    Some(Box<[u32]>),
}

/// Counters of a [`Dfa`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DfaStats {
    /// States in the table now.
    pub states: usize,
    /// Bytes the table occupies now.
    pub memory: usize,
    /// Transitions that had to be computed.
    pub computed: u64,
    /// Bytes scanned.
    pub scanned: u64,
    /// How often the table was emptied because it was full.
    pub resets: u64,
}

/// The determinised part of one [`Automaton`]; see the module's text.
///
/// Every method must be given the automaton the table was made for; with another, it may panic.
#[derive(Debug)]
pub struct Dfa {
    /// The number of the automaton.
    automaton: u64,
    generation: u64,
    limit: usize,
    stride2: u32,
    pub(super) transitions: Vec<u32>,
    infos: Vec<Info>,
    index: HashMap<ByNfa, u32>,
    /// The distinct sets of patterns that states report. The first is empty.
    match_sets: Vec<Arc<[u32]>>,
    match_index: HashMap<Arc<[u32]>, u32>,
    /// Start states, by [`Dfa::start`]'s arguments.
    starts: [Option<u32>; 4],
    memory: usize,
    pub(super) computed: u64,
    pub(super) scanned: u64,
    resets: u64,
    scratch: Scratch,
}

/// Working space for making one state.
#[derive(Debug, Default)]
struct Scratch {
    /// By NFA state: the number of the closure in which it was last seen.
    seen: Vec<u32>,
    closure: u32,
    stack: Vec<NfaId>,
    set: Vec<u32>,
    matches: Vec<u32>,
}

impl Scratch {
    fn begin(&mut self, states: usize) {
        if self.seen.len() != states || self.closure == u32::MAX {
            self.seen = vec![0; states];
            self.closure = 0;
        }
        self.closure += 1;
        self.set.clear();
        self.matches.clear();
    }

    /// Adds what is reachable from `from` without consuming a byte.
    fn close(&mut self, automaton: &Automaton, from: NfaId, at_begin: bool, at_end: bool) {
        self.stack.push(from);
        while let Some(id) = self.stack.pop() {
            match self.seen.get_mut(id.as_usize()) {
                Some(seen) if *seen != self.closure => *seen = self.closure,
                _ => continue,
            }
            match automaton.nfa.state(id) {
                NfaState::ByteRange { .. } | NfaState::Sparse(_) | NfaState::Dense(_) => {
                    self.set.push(id.as_u32())
                }
                NfaState::Match { pattern_id } => {
                    self.matches.push(pattern_id.as_u32());
                    self.set.push(id.as_u32());
                }
                NfaState::Look { look, next } => match look {
                    Look::Start if at_begin => self.stack.push(*next),
                    Look::End if at_end => self.stack.push(*next),
                    // Whether the data ends here is not known yet: remember the question.
                    Look::End => self.set.push(id.as_u32()),
                    _ => {}
                },
                NfaState::Union { alternates } => self.stack.extend(alternates.iter().copied()),
                NfaState::BinaryUnion { alt1, alt2 } => self.stack.extend([*alt1, *alt2]),
                NfaState::Capture { next, .. } => self.stack.push(*next),
                NfaState::Fail => {}
            }
        }
    }
}

impl Dfa {
    /// The highest limit possible: offsets of rows must stay clear of the tags.
    pub const MAX_LIMIT: usize = 1 << 30;

    /// An empty table for `automaton` that will keep below `limit` bytes (at most [`Dfa::MAX_LIMIT`]; a limit too
    /// low for a single state is exceeded by that state).
    pub fn new(automaton: &Automaton, limit: usize) -> Dfa {
        let mut dfa = Dfa {
            automaton: automaton.number,
            generation: 0,
            limit: limit.min(Dfa::MAX_LIMIT),
            stride2: automaton.stride2,
            transitions: Vec::new(),
            infos: Vec::new(),
            index: HashMap::new(),
            match_sets: Vec::new(),
            match_index: HashMap::new(),
            starts: [None; 4],
            memory: 0,
            computed: 0,
            scanned: 0,
            resets: 0,
            scratch: Scratch::default(),
        };
        dfa.clear();
        dfa
    }

    /// Counters.
    pub fn stats(&self) -> DfaStats {
        DfaStats {
            states: self.infos.len(),
            memory: self.memory,
            computed: self.computed,
            scanned: self.scanned,
            resets: self.resets,
        }
    }

    /// Changes whenever the table was emptied; a [`StateId`] is valid only while this stays the same.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The state before any byte, for all patterns.
    ///
    /// `anchored`: matches begin here; otherwise they may begin anywhere from here on. `at_begin`: this is the
    /// beginning of the data, so `^` holds (for a reversed automaton, the end and `$`).
    pub fn start(&mut self, automaton: &Automaton, anchored: bool, at_begin: bool) -> StateId {
        let slot = usize::from(anchored) | usize::from(at_begin) << 1;
        if let Some(Some(row)) = self.starts.get(slot) {
            return StateId(*row);
        }
        let from = if anchored {
            automaton.nfa.start_anchored()
        } else {
            automaton.nfa.start_unanchored()
        };
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.begin(automaton.nfa_states());
        scratch.close(automaton, from, at_begin, false);
        mark_begin(automaton, &mut scratch.set, at_begin);
        let row = self.intern(&mut scratch) & OFFSET;
        self.scratch = scratch;
        if let Some(start) = self.starts.get_mut(slot) {
            *start = Some(row);
        }
        StateId(row)
    }

    /// The state before any byte, for some of the patterns; matches begin here, and so does the data.
    pub fn start_of(&mut self, automaton: &Automaton, patterns: impl IntoIterator<Item = u32>) -> StateId {
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.begin(automaton.nfa_states());
        for pattern in patterns {
            let start = regex_automata::PatternID::new(pattern as usize)
                .ok()
                .and_then(|id| automaton.nfa.start_pattern(id));
            if let Some(start) = start {
                scratch.close(automaton, start, true, false);
            }
        }
        mark_begin(automaton, &mut scratch.set, true);
        let row = self.intern(&mut scratch) & OFFSET;
        self.scratch = scratch;
        StateId(row)
    }

    /// Takes a state out of the table, to be kept for as long as wanted.
    pub fn park(&self, state: StateId) -> Parked {
        match self.info(state) {
            Some(info) => Parked(Arc::clone(&info.definition)),
            None => Parked(Arc::new(Definition {
                automaton: self.automaton,
                generation: 0,
                row: 0,
                nfa: Box::default(),
            })),
        }
    }

    /// Puts a parked state back to work, making it anew if the table was emptied meanwhile. A state of another
    /// automaton (the signatures were loaded anew, say) means nothing here and is dead.
    pub fn resume(&mut self, automaton: &Automaton, parked: &Parked) -> StateId {
        if parked.0.generation == self.generation {
            return StateId(parked.0.row);
        }
        if parked.is_dead() || parked.0.automaton != automaton.number {
            return StateId::DEAD;
        }
        if let Some(&row) = self.index.get(&*parked.0.nfa) {
            return StateId(row);
        }
        // The patterns reported in a state are those of its accepting NFA states.
        let mut matches: Vec<u32> = nfa_ids(&parked.0.nfa)
            .filter_map(|id| match automaton.nfa.state(id) {
                NfaState::Match { pattern_id } => Some(pattern_id.as_u32()),
                _ => None,
            })
            .collect();
        matches.sort_unstable();
        StateId(self.insert(&parked.0.nfa, &matches))
    }

    /// Patterns whose match ends exactly here, sorted.
    pub fn matches(&self, state: StateId) -> &[u32] {
        self.match_set(self.match_set_of(state))
    }

    /// Patterns that additionally match if the data ends here (those with `$`), sorted.
    pub fn matches_at_end(&mut self, automaton: &Automaton, state: StateId) -> &[u32] {
        let position = self.position(state);
        let Some(info) = self.infos.get_mut(position) else {
            return &[];
        };
        if info.at_end.is_none() {
            let scratch = &mut self.scratch;
            scratch.begin(automaton.nfa_states());
            let at_begin = info.definition.nfa.last() == Some(&AT_BEGIN);
            for id in nfa_ids(&info.definition.nfa) {
                if let NfaState::Look { look: Look::End, .. } = automaton.nfa.state(id) {
                    scratch.close(automaton, id, at_begin, true);
                }
            }
            scratch.matches.sort_unstable();
            let already = self.match_sets.get(info.matches as usize);
            scratch
                .matches
                .retain(|pattern| already.is_none_or(|set| set.binary_search(pattern).is_err()));
            let at_end: Box<[u32]> = scratch.matches.as_slice().into();
            self.memory += std::mem::size_of_val(&*at_end);
            info.at_end = Some(at_end);
        }
        info.at_end.as_deref().unwrap_or_default()
    }

    /// Whether `wanted` holds for any pattern that can still match (now at the end of the data, or later).
    pub fn any_live(
        &mut self,
        automaton: &Automaton,
        state: StateId,
        mut wanted: impl FnMut(u32) -> bool,
    ) -> bool {
        let position = self.position(state);
        let Some(info) = self.infos.get_mut(position) else {
            return false;
        };
        if info.live.is_none() {
            let live = live_patterns(automaton, &info.definition.nfa);
            if let Live::Some(patterns) = &live {
                self.memory += std::mem::size_of_val(&**patterns);
            }
            info.live = Some(live);
        }
        match &info.live {
            Some(Live::Some(patterns)) => patterns.iter().any(|&pattern| wanted(pattern)),
            Some(Live::All) => (0..automaton.pattern_count() as u32).any(wanted),
            None => false,
        }
    }

    /// The number of the set of patterns that match in a state; 0 if there are none.
    pub(super) fn match_set_of(&self, state: StateId) -> u32 {
        self.info(state).map_or(0, |info| info.matches)
    }

    pub(super) fn match_set(&self, number: u32) -> &[u32] {
        self.match_sets.get(number as usize).map_or(&[], |set| set)
    }

    /// The tagged transition out of `state` on `byte`, computing it. May empty the table: `state` is invalid after.
    pub(super) fn compute(&mut self, automaton: &Automaton, state: StateId, byte: u8) -> u32 {
        let Some(definition) = self.info(state).map(|info| Arc::clone(&info.definition)) else {
            return STOP;
        };
        let generation = self.generation;
        self.computed += 1;
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.begin(automaton.nfa_states());
        for id in nfa_ids(&definition.nfa) {
            let next = match automaton.nfa.state(id) {
                NfaState::ByteRange { trans } => trans.matches_byte(byte).then_some(trans.next),
                NfaState::Sparse(sparse) => sparse.matches_byte(byte),
                NfaState::Dense(dense) => dense.matches_byte(byte),
                _ => None,
            };
            if let Some(next) = next {
                scratch.close(automaton, next, false, false);
            }
        }
        let tagged = self.intern(&mut scratch);
        self.scratch = scratch;
        if generation == self.generation {
            let class = automaton
                .classes
                .get(usize::from(byte))
                .copied()
                .unwrap_or_default();
            if let Some(entry) = self.transitions.get_mut(state.0 as usize + usize::from(class)) {
                *entry = tagged;
            }
        }
        tagged
    }

    /// The tagged row of the state made of `scratch`.
    fn intern(&mut self, scratch: &mut Scratch) -> u32 {
        if scratch.set.is_empty() {
            return STOP;
        }
        scratch.set.sort_unstable();
        scratch.matches.sort_unstable();
        let row = match self.index.get(scratch.set.as_slice()) {
            Some(&row) => row,
            None => self.insert(&scratch.set, &scratch.matches),
        };
        if scratch.matches.is_empty() {
            row
        } else {
            row | MATCH
        }
    }

    /// Adds a state, emptying the table first if it is full. Returns its row, untagged.
    fn insert(&mut self, nfa: &[u32], matches: &[u32]) -> u32 {
        let stride = 1usize << self.stride2;
        // The row, the set, both index entries, and what surrounds them.
        let size = stride * 4 + std::mem::size_of_val(nfa) + std::mem::size_of_val(matches) + 192;
        if self.memory + size > self.limit && self.infos.len() > 1 {
            self.clear();
            self.resets += 1;
        }
        let row = self.transitions.len() as u32;
        self.transitions.resize(self.transitions.len() + stride, UNKNOWN);
        let definition = Arc::new(Definition {
            automaton: self.automaton,
            generation: self.generation,
            row,
            nfa: nfa.into(),
        });
        self.index.insert(ByNfa(Arc::clone(&definition)), row);
        let matches = self.intern_matches(matches);
        self.infos.push(Info {
            definition,
            matches,
            at_end: None,
            live: None,
        });
        self.memory += size;
        row
    }

    fn intern_matches(&mut self, matches: &[u32]) -> u32 {
        if let Some(&number) = self.match_index.get(matches) {
            return number;
        }
        let set: Arc<[u32]> = matches.into();
        let number = self.match_sets.len() as u32;
        self.match_sets.push(Arc::clone(&set));
        self.match_index.insert(set, number);
        number
    }

    /// Empties the table but for the dead state.
    fn clear(&mut self) {
        self.generation = GENERATION.fetch_add(1, Ordering::Relaxed);
        self.transitions.clear();
        self.transitions.resize(1 << self.stride2, STOP);
        self.infos.clear();
        self.index.clear();
        self.match_sets.clear();
        self.match_index.clear();
        self.starts = [None; 4];
        self.intern_matches(&[]);
        let definition = Arc::new(Definition {
            automaton: self.automaton,
            generation: self.generation,
            row: 0,
            nfa: Box::default(),
        });
        self.infos.push(Info {
            definition,
            matches: 0,
            at_end: None,
            live: None,
        });
        self.memory = 4 << self.stride2;
    }

    fn position(&self, state: StateId) -> usize {
        (state.0 >> self.stride2) as usize
    }

    fn info(&self, state: StateId) -> Option<&Info> {
        self.infos.get(self.position(state))
    }
}

/// The NFA states of a set, without its mark.
fn nfa_ids(nfa: &[u32]) -> impl Iterator<Item = NfaId> + '_ {
    nfa.iter()
        .filter(|&&id| id != AT_BEGIN)
        .filter_map(|&id| NfaId::new(id as usize).ok())
}

/// Distinguishes a state at the beginning of the data, if it asks about the end: `$^` matches only empty data.
fn mark_begin(automaton: &Automaton, set: &mut Vec<u32>, at_begin: bool) {
    let asks = |&id: &u32| {
        NfaId::new(id as usize).is_ok_and(|id| matches!(automaton.nfa.state(id), NfaState::Look { .. }))
    };
    if at_begin && set.iter().any(asks) {
        set.push(AT_BEGIN);
    }
}

fn live_patterns(automaton: &Automaton, nfa: &[u32]) -> Live {
    let mut patterns = Vec::new();
    for id in nfa_ids(nfa) {
        if let NfaState::Match { .. } = automaton.nfa.state(id) {
            continue;
        }
        match automaton.owner.get(id.as_usize()) {
            Some(&SHARED) | None => return Live::All,
            Some(&pattern) => patterns.push(pattern),
        }
    }
    patterns.sort_unstable();
    patterns.dedup();
    Live::Some(patterns.into())
}
