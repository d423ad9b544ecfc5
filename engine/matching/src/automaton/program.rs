//! The compiled form of one or many expressions: a Thompson automaton and what determinising it needs to know.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use regex_automata::nfa::thompson::{self, WhichCaptures, NFA};

use super::expression::Expression;

/// In [`Automaton::owner`]: a state of the unanchored prefix, which every pattern may follow.
pub(super) const SHARED: u32 = u32::MAX;

/// An immutable automaton over one or many expressions, numbered from 0 in the order they were given.
///
/// It is shared by all that match against it; what is learnt while matching is kept in a [`super::Dfa`].
#[derive(Debug)]
pub struct Automaton {
    /// No two automata ever made have the same number.
    pub(super) number: u64,
    pub(super) nfa: NFA,
    /// The pattern each NFA state belongs to, or [`SHARED`].
    pub(super) owner: Vec<u32>,
    /// Byte to equivalence class.
    pub(super) classes: [u8; 256],
    /// Logarithm of the length of a row of the transition table.
    pub(super) stride2: u32,
}

/// Compiling an automaton failed: it would be too large.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompileError {
    /// What happened; one line.
    pub message: String,
}

impl fmt::Display for CompileError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for CompileError {}

impl Automaton {
    /// The most NFA states, by the estimate [`Expression::cost`], that one automaton may have in total.
    pub const MAX_TOTAL_COST: u64 = 1 << 22;

    /// Compiles the expressions for scanning from front to back.
    pub fn forward<'e>(
        expressions: impl IntoIterator<Item = &'e Expression>,
    ) -> Result<Automaton, CompileError> {
        Automaton::compile(expressions, false)
    }

    /// Compiles the expressions for scanning from back to front: `$` holds where a scan begins, `^` where it ends.
    pub fn reverse<'e>(
        expressions: impl IntoIterator<Item = &'e Expression>,
    ) -> Result<Automaton, CompileError> {
        Automaton::compile(expressions, true)
    }

    fn compile<'e>(
        expressions: impl IntoIterator<Item = &'e Expression>,
        reverse: bool,
    ) -> Result<Automaton, CompileError> {
        let mut cost = 0u64;
        let mut hirs = Vec::new();
        for expression in expressions {
            cost = cost.saturating_add(expression.cost());
            hirs.push(expression.hir());
        }
        if cost > Automaton::MAX_TOTAL_COST {
            let message = format!(
                "{} expressions together need more than {} automaton states; split the set or shorten repetitions",
                hirs.len(),
                Automaton::MAX_TOTAL_COST
            );
            return Err(CompileError { message });
        }
        let config = thompson::Config::new()
            .utf8(false)
            .reverse(reverse)
            .which_captures(WhichCaptures::None);
        let nfa = thompson::Compiler::new()
            .configure(config)
            .build_many_from_hir(&hirs)
            .map_err(|error| CompileError {
                message: error.to_string(),
            })?;

        Ok(Automaton::of(nfa))
    }

    /// The automaton of one pattern that matches nothing.
    pub fn never() -> Automaton {
        Automaton::of(NFA::never_match())
    }

    fn of(nfa: NFA) -> Automaton {
        let mut classes = [0u8; 256];
        for (class, byte) in classes.iter_mut().zip(0u8..=255) {
            *class = nfa.byte_classes().get(byte);
        }
        let alphabet = classes
            .iter()
            .copied()
            .max()
            .map_or(1, |highest| usize::from(highest) + 1);
        let stride2 = alphabet.next_power_of_two().trailing_zeros();
        let owner = owners(&nfa);
        static NUMBER: AtomicU64 = AtomicU64::new(1);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Automaton {
            number,
            nfa,
            owner,
            classes,
            stride2,
        }
    }

    /// How many expressions the automaton was made of.
    pub fn pattern_count(&self) -> usize {
        self.nfa.pattern_len()
    }

    /// How many states the non-deterministic automaton has.
    pub fn nfa_states(&self) -> usize {
        self.nfa.states().len()
    }

    /// Heap memory of the non-deterministic automaton, in bytes.
    pub fn memory_usage(&self) -> usize {
        self.nfa.memory_usage() + self.owner.len() * std::mem::size_of::<u32>()
    }
}

/// Finds which pattern each state belongs to, by walking from each pattern's start.
fn owners(nfa: &NFA) -> Vec<u32> {
    let mut owner = vec![SHARED; nfa.states().len()];
    let mut stack = Vec::new();
    for pattern in nfa.patterns() {
        let Some(start) = nfa.start_pattern(pattern) else {
            continue;
        };
        stack.push(start);
        while let Some(id) = stack.pop() {
            let Some(entry) = owner.get_mut(id.as_usize()) else {
                continue;
            };
            if *entry != SHARED {
                continue;
            }
            *entry = pattern.as_u32();
            match nfa.state(id) {
                thompson::State::ByteRange { trans } => stack.push(trans.next),
                thompson::State::Sparse(sparse) => stack.extend(sparse.transitions.iter().map(|t| t.next)),
                thompson::State::Dense(dense) => stack.extend(dense.transitions.iter().copied()),
                thompson::State::Look { next, .. } | thompson::State::Capture { next, .. } => {
                    stack.push(*next)
                }
                thompson::State::Union { alternates } => stack.extend(alternates.iter().copied()),
                thompson::State::BinaryUnion { alt1, alt2 } => stack.extend([*alt1, *alt2]),
                thompson::State::Fail | thompson::State::Match { .. } => {}
            }
        }
    }
    owner
}
