//! Patterns that stand for a few fixed strings, and the fixed beginnings of those that do not.

use aho_corasick::{AhoCorasick, MatchKind};
use memchr::memmem;
use regex_automata::util::prefilter::Prefilter;
use regex_syntax::hir::literal::Extractor;

use crate::automaton::Expression;

/// The most strings for which searching them beats the automaton.
const MAX_STRINGS: usize = 128;

/// The strings a pattern stands for, none of them empty.
pub(super) enum Literals {
    One(Box<memmem::Finder<'static>>),
    Many {
        /// Sorted.
        strings: Vec<Vec<u8>>,
        search: AhoCorasick,
    },
}

impl Literals {
    /// The strings an expression stands for, if it stands for few, and nothing else but the bytes matters.
    pub(super) fn of(expression: &Expression) -> Option<Literals> {
        if !expression.hir().properties().look_set().is_empty() {
            return None;
        }
        let mut extractor = Extractor::new();
        extractor
            .limit_class(16)
            .limit_repeat(16)
            .limit_literal_len(4096)
            .limit_total(MAX_STRINGS);
        let sequence = extractor.extract(expression.hir());
        if !sequence.is_exact() {
            return None;
        }
        let mut strings: Vec<Vec<u8>> = sequence
            .literals()?
            .iter()
            .map(|literal| literal.as_bytes().to_vec())
            .collect();
        strings.sort();
        strings.dedup();
        match strings.as_slice() {
            [] => None,
            many if many.iter().any(Vec::is_empty) => None,
            [one] => Some(Literals::One(Box::new(memmem::Finder::new(one).into_owned()))),
            many => {
                let search = AhoCorasick::builder()
                    .match_kind(MatchKind::LeftmostLongest)
                    .build(many)
                    .ok()?;
                Some(Literals::Many { strings, search })
            }
        }
    }

    pub(super) fn equals(&self, data: &[u8]) -> bool {
        match self {
            Literals::One(finder) => finder.needle() == data,
            Literals::Many { strings, .. } => strings
                .binary_search_by(|string| string.as_slice().cmp(data))
                .is_ok(),
        }
    }

    pub(super) fn find(&self, data: &[u8], start: usize) -> Option<(usize, usize)> {
        let rest = data.get(start..)?;
        match self {
            Literals::One(finder) => {
                let at = start + finder.find(rest)?;
                Some((at, at + finder.needle().len()))
            }
            Literals::Many { search, .. } => {
                let found = search.find(rest)?;
                Some((start + found.start(), start + found.end()))
            }
        }
    }

    pub(super) fn find_all(&self, data: &[u8]) -> Vec<(usize, usize)> {
        match self {
            Literals::One(finder) => {
                let length = finder.needle().len();
                finder.find_iter(data).map(|at| (at, at + length)).collect()
            }
            Literals::Many { search, .. } => search
                .find_iter(data)
                .map(|found| (found.start(), found.end()))
                .collect(),
        }
    }

    pub(super) fn longest_at(&self, data: &[u8], start: usize) -> Option<usize> {
        let rest = data.get(start..)?;
        match self {
            Literals::One(finder) => rest.starts_with(finder.needle()).then_some(finder.needle().len()),
            Literals::Many { strings, .. } => strings
                .iter()
                .filter(|string| rest.starts_with(string))
                .map(Vec::len)
                .max(),
        }
    }

    pub(super) fn memory_usage(&self) -> usize {
        match self {
            Literals::One(finder) => finder.needle().len(),
            Literals::Many { strings, search } => {
                search.memory_usage() + strings.iter().map(|string| string.len() + 24).sum::<usize>()
            }
        }
    }
}

/// A search for the strings with which every match begins, if there are few and searching them is fast.
pub(super) fn candidates(expression: &Expression) -> Option<Prefilter> {
    let prefilter = Prefilter::from_hir_prefix(regex_automata::MatchKind::All, expression.hir())?;
    prefilter.is_fast().then_some(prefilter)
}
