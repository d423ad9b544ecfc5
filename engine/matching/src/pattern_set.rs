//! Many patterns at once: tables indexed by pattern.

use std::sync::{Mutex, PoisonError};

use crate::automaton::{Automaton, CompileError, Dfa, DfaStats, DEFAULT_CACHE_LIMIT};
use crate::Pattern;

/// A set of patterns that tells in one pass over a string which of them match it.
///
/// Immutable as to its patterns: one that changes is made anew.
pub struct PatternSet {
    automaton: Automaton,
    table: Mutex<Dfa>,
}

impl PatternSet {
    /// Compiles the patterns, numbered from 0 in their order.
    ///
    /// # Errors
    /// If all together are beyond [`Automaton::MAX_TOTAL_COST`].
    pub fn new<'p>(patterns: impl IntoIterator<Item = &'p Pattern>) -> Result<PatternSet, CompileError> {
        let automaton = Automaton::forward(patterns.into_iter().map(Pattern::expression))?;
        let table = Mutex::new(Dfa::new(&automaton, DEFAULT_CACHE_LIMIT));
        Ok(PatternSet { automaton, table })
    }

    /// How many patterns there are.
    pub fn len(&self) -> usize {
        self.automaton.pattern_count()
    }

    /// Whether there are no patterns.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The numbers of the patterns that match the whole of `data`, in ascending order.
    pub fn exact(&self, data: &[u8]) -> Vec<usize> {
        let table = &mut *self.table.lock().unwrap_or_else(PoisonError::into_inner);
        let start = table.start(&self.automaton, true, true);
        let end = table.run(&self.automaton, start, data);
        let mut found: Vec<usize> = table
            .matches(end)
            .iter()
            .map(|&pattern| pattern as usize)
            .collect();
        found.extend(
            table
                .matches_at_end(&self.automaton, end)
                .iter()
                .map(|&pattern| pattern as usize),
        );
        found.sort_unstable();
        found
    }

    /// The numbers of the patterns that match somewhere in `data`, in ascending order.
    pub fn embedded(&self, data: &[u8]) -> Vec<usize> {
        let table = &mut *self.table.lock().unwrap_or_else(PoisonError::into_inner);
        let mut matched = vec![false; self.len()];
        let mut missing = matched.len();
        let mut note = |patterns: &[u32]| {
            for &pattern in patterns {
                if let Some(seen) = matched.get_mut(pattern as usize) {
                    missing -= usize::from(!*seen);
                    *seen = true;
                }
            }
            missing > 0
        };
        let start = table.start(&self.automaton, false, true);
        if note(table.matches(start)) {
            let (end, _) = table.scan(&self.automaton, start, data, |patterns, _| note(patterns));
            note(table.matches_at_end(&self.automaton, end));
        }
        matched
            .iter()
            .enumerate()
            .filter(|(_, &seen)| seen)
            .map(|(number, _)| number)
            .collect()
    }

    /// States of the non-deterministic automaton.
    pub fn nfa_states(&self) -> usize {
        self.automaton.nfa_states()
    }

    /// Counters of the determinised automaton.
    pub fn stats(&self) -> DfaStats {
        self.table.lock().unwrap_or_else(PoisonError::into_inner).stats()
    }
}

impl std::fmt::Debug for PatternSet {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("PatternSet")
            .field("patterns", &self.len())
            .finish_non_exhaustive()
    }
}
