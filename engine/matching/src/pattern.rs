//! Script values of type `pattern`.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::automaton::{Automaton, Dfa, Expression, Flags, SyntaxError};

mod find;
mod literal;

use literal::Literals;

/// How many bytes each of the (up to three) determinised tables of one pattern may occupy.
const CACHE_LIMIT: usize = 1 << 20;

/// Why a pattern could not be made.
pub type PatternError = SyntaxError;

/// An expression with the operations scripts have on patterns. Immutable; cloning shares.
///
/// Making one only parses it. The automaton is compiled when it is first matched, and determinised as data asks.
/// Patterns that stand for a few fixed strings are matched by string search instead. Every operation takes time
/// linear in the data.
#[derive(Clone)]
pub struct Pattern(Arc<Inner>);

struct Inner {
    /// As the script wrote it, or as combining made it.
    text: Box<[u8]>,
    /// The form in which it is printed and combined.
    printed: Box<[u8]>,
    flags: Flags,
    expression: Arc<Expression>,
    matcher: OnceLock<Matcher>,
}

enum Matcher {
    Literals(Literals),
    Automata(Box<Automata>),
}

/// The compiled forms of one expression.
struct Automata {
    expression: Arc<Expression>,
    forward: Automaton,
    /// For finding where matches begin; compiled when first needed.
    backward: OnceLock<Automaton>,
    /// Finds candidates for a match's first byte by string search, if every match begins with one of a few strings.
    candidates: Option<regex_automata::util::prefilter::Prefilter>,
    tables: Mutex<Tables>,
}

struct Tables {
    forward: Dfa,
    backward: Option<Dfa>,
}

impl Automata {
    fn tables(&self) -> MutexGuard<'_, Tables> {
        // A table is consistent between any two statements that could panic, so a poisoned one is still good.
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counters of one pattern, for statistics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PatternStats {
    /// States of the non-deterministic automaton.
    pub nfa_states: usize,
    /// States of the determinised automaton so far.
    pub dfa_states: usize,
    /// Transitions computed so far.
    pub computed: u64,
    /// Bytes of memory.
    pub memory: usize,
    /// Bytes scanned with a known transition.
    pub hits: u64,
    /// Bytes scanned whose transition had to be computed.
    pub misses: u64,
}

impl Pattern {
    /// Parses `text`, what stands between the slashes, with `flags`, the letters after them.
    ///
    /// # Errors
    /// If the text is no expression, or one that would need more than the limits in [`crate::automaton`].
    pub fn new(text: impl AsRef<[u8]>, flags: Flags) -> Result<Pattern, PatternError> {
        let text = text.as_ref();
        let expression = Expression::parse(text, flags)?;
        Ok(Pattern::build(text.into(), print(text, flags), flags, expression))
    }

    /// A pattern that matches exactly `bytes`.
    pub fn literal(bytes: &[u8]) -> Pattern {
        let text = escape(bytes);
        let printed = print(&text, Flags::default());
        Pattern::build(text.into(), printed, Flags::default(), Expression::literal(bytes))
    }

    fn build(text: Box<[u8]>, printed: Box<[u8]>, flags: Flags, expression: Expression) -> Pattern {
        Pattern(Arc::new(Inner {
            text,
            printed,
            flags,
            expression: Arc::new(expression),
            matcher: OnceLock::new(),
        }))
    }

    /// `self | other`: matches what either matches.
    ///
    /// # Errors
    /// If the combination is beyond the limits in [`crate::automaton`].
    pub fn or(&self, other: &Pattern) -> Result<Pattern, PatternError> {
        let text = [b"(", &*self.0.printed, b")|(", &*other.0.printed, b")"].concat();
        self.combined(text, self.0.expression.or(&other.0.expression))
    }

    /// `self & other`: matches what `self` matches directly followed by what `other` matches.
    ///
    /// # Errors
    /// If the combination is beyond the limits in [`crate::automaton`].
    pub fn and(&self, other: &Pattern) -> Result<Pattern, PatternError> {
        let text = [b"(", &*self.0.printed, b")(", &*other.0.printed, b")"].concat();
        self.combined(text, self.0.expression.then(&other.0.expression))
    }

    /// `redef self += other`: matches what either matches. Differs from [`Pattern::or`] in how it prints: the
    /// addition comes first, and both are wrapped once more instead of the whole.
    ///
    /// # Errors
    /// If the combination is beyond the limits in [`crate::automaton`].
    pub fn extended(&self, addition: &Pattern) -> Result<Pattern, PatternError> {
        let text = [
            b"(^?(",
            &*addition.0.printed,
            b")$?)|(^?(",
            &*self.0.printed,
            b")$?)",
        ]
        .concat();
        let expression = addition
            .0
            .expression
            .or(&self.0.expression)
            .ok_or_else(too_large)?;
        Ok(Pattern::build(
            text.clone().into(),
            text.into(),
            Flags::default(),
            expression,
        ))
    }

    fn combined(&self, text: Vec<u8>, expression: Option<Expression>) -> Result<Pattern, PatternError> {
        let printed = print(&text, Flags::default());
        Ok(Pattern::build(
            text.into(),
            printed,
            Flags::default(),
            expression.ok_or_else(too_large)?,
        ))
    }

    /// The text it was made of, without slashes and flags.
    pub fn text(&self) -> &[u8] {
        &self.0.text
    }

    /// What is printed between the slashes: `^?(text)$?`, with `(?i:...)` and `(?s:...)` around it for flags. Parsed
    /// again without flags, it gives a pattern that matches the same.
    pub fn printed(&self) -> &[u8] {
        &self.0.printed
    }

    /// The flags it was made with. A combination has none of its own; its parts keep theirs.
    pub fn flags(&self) -> Flags {
        self.0.flags
    }

    /// Whether it was made with `/i`.
    pub fn ignore_case(&self) -> bool {
        self.0.flags.ignore_case
    }

    /// The parsed form, for compiling many patterns into one automaton.
    pub fn expression(&self) -> &Expression {
        &self.0.expression
    }

    /// `pattern == string`: whether it matches the whole of `data`.
    pub fn exact(&self, data: &[u8]) -> bool {
        match self.matcher() {
            Matcher::Literals(literals) => literals.equals(data),
            Matcher::Automata(automata) => automata.exact(data),
        }
    }

    /// `pattern in string`: whether it matches anywhere in `data`.
    pub fn embedded(&self, data: &[u8]) -> bool {
        match self.matcher() {
            Matcher::Literals(literals) => literals.find(data, 0).is_some(),
            Matcher::Automata(automata) => automata.embedded(data),
        }
    }

    /// The leftmost match that begins at or after `start`, and of those that begin there the longest, as the
    /// offsets of its first byte and after its last. It may be empty. `^` holds at offset 0 only, wherever the
    /// search starts.
    pub fn find(&self, data: &[u8], start: usize) -> Option<(usize, usize)> {
        if start > data.len() {
            return None;
        }
        match self.matcher() {
            Matcher::Literals(literals) => literals.find(data, start),
            Matcher::Automata(automata) => automata.find(data, start, true),
        }
    }

    /// As [`Pattern::find`], but passes over places where it matches only the empty string.
    pub fn find_nonempty(&self, data: &[u8], start: usize) -> Option<(usize, usize)> {
        if start > data.len() {
            return None;
        }
        match self.matcher() {
            Matcher::Literals(literals) => literals.find(data, start),
            Matcher::Automata(automata) => automata.find(data, start, false),
        }
    }

    /// All matches from left to right that are not empty and do not overlap, each the longest at its place.
    ///
    /// Linear in the data also where repeated calls of [`Pattern::find`] would look at the same bytes again and
    /// again. Needs a bit of memory for each byte of data, and up to 16 bytes for each where matches are long in
    /// doubt.
    pub fn find_all(&self, data: &[u8]) -> Vec<(usize, usize)> {
        match self.matcher() {
            Matcher::Literals(literals) => literals.find_all(data),
            Matcher::Automata(automata) => automata.find_all(data),
        }
    }

    /// The length of the longest match that begins exactly at `start`; it may be 0.
    pub fn longest_at(&self, data: &[u8], start: usize) -> Option<usize> {
        if start > data.len() {
            return None;
        }
        match self.matcher() {
            Matcher::Literals(literals) => literals.longest_at(data, start),
            Matcher::Automata(automata) => automata.longest_at(data, start),
        }
    }

    /// Counters. All zero for a pattern that was not matched yet.
    pub fn stats(&self) -> PatternStats {
        match self.0.matcher.get() {
            None => PatternStats::default(),
            Some(Matcher::Literals(literals)) => PatternStats {
                memory: literals.memory_usage(),
                ..PatternStats::default()
            },
            Some(Matcher::Automata(automata)) => automata.stats(),
        }
    }

    fn matcher(&self) -> &Matcher {
        self.0
            .matcher
            .get_or_init(|| match Literals::of(&self.0.expression) {
                Some(literals) => Matcher::Literals(literals),
                None => Matcher::Automata(Box::new(Automata::new(&self.0.expression))),
            })
    }
}

impl Automata {
    fn new(expression: &Arc<Expression>) -> Automata {
        let forward = compile(expression, false);
        let tables = Tables {
            forward: Dfa::new(&forward, CACHE_LIMIT),
            backward: None,
        };
        Automata {
            expression: Arc::clone(expression),
            candidates: literal::candidates(expression),
            forward,
            backward: OnceLock::new(),
            tables: Mutex::new(tables),
        }
    }

    fn exact(&self, data: &[u8]) -> bool {
        let tables = &mut *self.tables();
        let table = &mut tables.forward;
        let start = table.start(&self.forward, true, true);
        let end = table.run(&self.forward, start, data);
        !end.is_dead()
            && (!table.matches(end).is_empty() || !table.matches_at_end(&self.forward, end).is_empty())
    }

    fn embedded(&self, data: &[u8]) -> bool {
        // No match can begin before the first candidate.
        let Some(from) = self.first_candidate(data, 0) else {
            return false;
        };
        self.shortest_end(&mut self.tables().forward, data, from)
            .is_some()
    }

    /// Where the first match to end that begins at or after `from` ends.
    fn shortest_end(&self, table: &mut Dfa, data: &[u8], from: usize) -> Option<usize> {
        let start = table.start(&self.forward, false, from == 0);
        if !table.matches(start).is_empty() {
            return Some(from);
        }
        match table.shortest(&self.forward, start, data.get(from..).unwrap_or_default()) {
            Ok(length) => Some(from + length),
            Err(end) => (!table.matches_at_end(&self.forward, end).is_empty()).then_some(data.len()),
        }
    }

    /// The first place at or after `from` where a match may begin.
    fn first_candidate(&self, data: &[u8], from: usize) -> Option<usize> {
        match &self.candidates {
            Some(candidates) => candidates
                .find(data, (from..data.len()).into())
                .map(|span| span.start),
            None => Some(from),
        }
    }

    fn stats(&self) -> PatternStats {
        let tables = self.tables();
        let mut stats = PatternStats {
            nfa_states: self.forward.nfa_states(),
            ..PatternStats::default()
        };
        stats.memory = self.forward.memory_usage() + self.backward.get().map_or(0, Automaton::memory_usage);
        for table in [Some(&tables.forward), tables.backward.as_ref()]
            .into_iter()
            .flatten()
        {
            let counters = table.stats();
            stats.dfa_states += counters.states;
            stats.computed += counters.computed;
            stats.memory += counters.memory;
            stats.hits += counters.scanned.saturating_sub(counters.computed);
            stats.misses += counters.computed;
        }
        stats
    }
}

/// Compiles one expression. Its cost was checked when it was parsed, so this does not fail; if it did all the same,
/// the pattern would match nothing.
fn compile(expression: &Expression, backward: bool) -> Automaton {
    let compiled = if backward {
        Automaton::reverse([expression])
    } else {
        Automaton::forward([expression])
    };
    compiled.unwrap_or_else(|_| Automaton::never())
}

/// The printed form of a text with flags.
fn print(text: &[u8], flags: Flags) -> Box<[u8]> {
    let mut printed = [b"^?(", text, b")$?"].concat();
    if flags.ignore_case {
        printed = [b"(?i:", &*printed, b")"].concat();
    }
    if flags.dot_all {
        printed = [b"(?s:", &*printed, b")"].concat();
    }
    printed.into()
}

/// Text that matches exactly `bytes`.
fn escape(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len());
    for &byte in bytes {
        match byte {
            b'0'..=b'9'
            | b'a'..=b'z'
            | b'A'..=b'Z'
            | b'_'
            | b' '
            | b'-'
            | b','
            | b':'
            | b';'
            | b'='
            | b'@'
            | b'%' => text.push(byte),
            0x21..=0x7e => text.extend([b'\\', byte]),
            _ => text.extend(format!("\\x{byte:02x}").bytes()),
        }
    }
    text
}

fn too_large() -> PatternError {
    PatternError {
        offset: 0,
        message: "the combination of these patterns is too large".to_owned(),
    }
}

impl fmt::Display for Pattern {
    /// As scripts print it: the printed form between slashes. Bytes that are no UTF-8 are replaced.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "/{}/", String::from_utf8_lossy(&self.0.printed))
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl PartialEq for Pattern {
    /// Patterns are equal if they print the same.
    fn eq(&self, other: &Pattern) -> bool {
        self.0.printed == other.0.printed
    }
}

impl Eq for Pattern {}

impl Hash for Pattern {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.printed.hash(state);
    }
}

#[cfg(test)]
mod tests;
