//! Telling the type of a file by its beginning.

use std::sync::{Mutex, PoisonError};

use super::compile::is_file_signature;
use super::{Action, Condition, Context, Signature, SignatureError};
use crate::automaton::{Automaton, Dfa, DfaStats, DEFAULT_CACHE_LIMIT};

/// A type that a file's beginning matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MimeMatch<'m> {
    /// The type, such as `text/plain`.
    pub mime: &'m str,
    /// How much this says; the highest wins.
    pub strength: i64,
}

/// The file signatures of a set: tells the types that the beginning of a file matches, in one pass.
#[derive(Debug)]
pub struct MimeMatcher {
    automaton: Automaton,
    /// By pattern: its signature's place in `signatures`.
    owners: Vec<u32>,
    signatures: Vec<FileSignature>,
    table: Mutex<Dfa>,
}

#[derive(Debug)]
struct FileSignature {
    /// How many expressions it has; all must match.
    patterns: u32,
    types: Vec<(String, i64)>,
}

impl MimeMatcher {
    /// Compiles the signatures that have `file-magic` conditions; others are ignored.
    ///
    /// # Errors
    /// If the expressions are too many.
    pub fn compile<'s>(
        signatures: impl IntoIterator<Item = &'s Signature>,
    ) -> Result<MimeMatcher, SignatureError> {
        let mut expressions = Vec::new();
        let mut owners = Vec::new();
        let mut compiled = Vec::new();
        let mut position = None;
        for signature in signatures
            .into_iter()
            .filter(|signature| is_file_signature(signature))
        {
            let before = expressions.len();
            for condition in &signature.conditions {
                if let Condition::Content(Context::FileMagic, expression) = condition {
                    expressions.push(expression);
                    owners.push(compiled.len() as u32);
                }
            }
            let types = signature.actions.iter().filter_map(|action| match action {
                Action::Mime { mime, strength } => Some((mime.clone(), *strength)),
                _ => None,
            });
            let patterns = (expressions.len() - before) as u32;
            compiled.push(FileSignature {
                patterns,
                types: types.collect(),
            });
            position = Some(&signature.position);
        }
        let automaton = match (Automaton::forward(expressions), position) {
            (Ok(automaton), _) => automaton,
            (Err(_), None) => Automaton::never(),
            (Err(error), Some(position)) => {
                let message = format!("the file-magic conditions of all signatures: {error}");
                return Err(SignatureError {
                    position: position.clone(),
                    message,
                });
            }
        };
        let table = Mutex::new(Dfa::new(&automaton, DEFAULT_CACHE_LIMIT));
        Ok(MimeMatcher {
            automaton,
            owners,
            signatures: compiled,
            table,
        })
    }

    /// The types that `data`, the beginning of a file, matches: the strongest first, of equal strength by name, each
    /// once per strength. `complete`: the file ends after `data`, so `$` holds there.
    ///
    /// A few thousand bytes tell all there is to tell; the caller should not offer more.
    pub fn identify(&self, data: &[u8], complete: bool) -> Vec<MimeMatch<'_>> {
        let mut matched = vec![false; self.owners.len()];
        let mut note = |patterns: &[u32]| {
            for &pattern in patterns {
                if let Some(entry) = matched.get_mut(pattern as usize) {
                    *entry = true;
                }
            }
            true
        };
        {
            let table = &mut *self.table.lock().unwrap_or_else(PoisonError::into_inner);
            let start = table.start(&self.automaton, true, true);
            note(table.matches(start));
            let (end, _) = table.scan(&self.automaton, start, data, |patterns, _| note(patterns));
            if complete {
                note(table.matches_at_end(&self.automaton, end));
            }
        }
        let mut missing: Vec<u32> = self
            .signatures
            .iter()
            .map(|signature| signature.patterns)
            .collect();
        for (&owner, _) in self.owners.iter().zip(&matched).filter(|(_, &matched)| matched) {
            if let Some(missing) = missing.get_mut(owner as usize) {
                *missing -= 1;
            }
        }
        let complete = self
            .signatures
            .iter()
            .zip(&missing)
            .filter(|(_, &missing)| missing == 0);
        let types = complete.flat_map(|(signature, _)| &signature.types);
        let mut found: Vec<MimeMatch<'_>> = types
            .map(|(mime, strength)| MimeMatch {
                mime,
                strength: *strength,
            })
            .collect();
        found.sort_unstable_by(|left, right| {
            right.strength.cmp(&left.strength).then(left.mime.cmp(right.mime))
        });
        found.dedup();
        found
    }

    /// The strongest of the types that `data` matches, if any.
    pub fn best(&self, data: &[u8], complete: bool) -> Option<MimeMatch<'_>> {
        self.identify(data, complete).first().copied()
    }

    /// How many file signatures there are.
    pub fn len(&self) -> usize {
        self.signatures.len()
    }

    /// Whether there are no file signatures.
    pub fn is_empty(&self) -> bool {
        self.signatures.is_empty()
    }

    /// Counters.
    pub fn stats(&self) -> DfaStats {
        self.table.lock().unwrap_or_else(PoisonError::into_inner).stats()
    }
}
