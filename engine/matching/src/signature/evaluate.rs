//! Deciding whether a signature matches, once its expressions have.

use super::compile::SignatureSet;
use super::flow::{Endpoint, FlowMatcher, FlowStatus};
use super::SignatureId;

/// A script function asked whether it agrees to a match.
#[derive(Clone, Copy, Debug)]
pub struct EvalRequest<'d> {
    /// The function's name.
    pub function: &'d str,
    /// The signature.
    pub signature: SignatureId,
    /// The signature matches data of the originator.
    pub is_orig: bool,
    /// Payload size of the first packet or piece of the stream in this direction; 0 if there was none yet.
    pub payload_size: u32,
    /// The data at hand; empty if the match was not decided by data of this direction.
    pub data: &'d [u8],
}

/// Calls script functions for `eval` conditions.
pub trait EvalHost {
    /// Whether the function agrees.
    fn eval(&mut self, request: &EvalRequest<'_>) -> bool;
}

impl<F: FnMut(&EvalRequest<'_>) -> bool> EvalHost for F {
    fn eval(&mut self, request: &EvalRequest<'_>) -> bool {
        self(request)
    }
}

/// An [`EvalHost`] without functions: signatures with `eval` do not match.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoEval;

impl EvalHost for NoEval {
    fn eval(&mut self, _: &EvalRequest<'_>) -> bool {
        false
    }
}

/// A signature that matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignatureMatch {
    /// Which one; its actions are what is to be done.
    pub signature: SignatureId,
    /// It matches data of the originator.
    pub is_orig: bool,
    /// How many bytes of the data given were consumed when the last of its expressions matched; 0 if none did now.
    pub end_of_match: u32,
    /// Payload size of the first packet or piece of the stream in this direction; 0 if there was none yet.
    pub payload_size: u32,
    /// The data given decided the match; if not, it was another match, the state of the connection, or its end.
    pub by_data: bool,
}

/// What has happened in one direction so far. Only made when something has.
#[derive(Clone, Debug, Default)]
pub(super) struct Progress {
    /// Content conditions that hold, sorted.
    satisfied: Vec<u32>,
    /// Signatures that matched, sorted.
    fired: Vec<u32>,
    /// Signatures to look at again with the next data: all their contents match, but the state does not fit yet.
    waiting: Vec<u32>,
    /// Signatures that a function disagreed to; for streams, that is final.
    rejected: Vec<u32>,
    /// States in contexts other than payload.
    pub(super) contexts: Vec<(super::Context, crate::automaton::Parked)>,
}

impl Progress {
    pub(super) fn is_satisfied(&self, content: u32) -> bool {
        self.satisfied.binary_search(&content).is_ok()
    }

    pub(super) fn has_fired(&self, signature: u32) -> bool {
        self.fired.binary_search(&signature).is_ok()
    }

    pub(super) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }
}

/// Adds to a sorted list; false if it was there already.
fn insert(list: &mut Vec<u32>, value: u32) -> bool {
    match list.binary_search(&value) {
        Ok(_) => false,
        Err(place) => {
            list.insert(place, value);
            true
        }
    }
}

/// What is the same for all decisions made because of one call.
pub(super) struct Round<'r> {
    pub(super) set: &'r SignatureSet,
    pub(super) status: FlowStatus,
    /// The direction of the data.
    pub(super) is_orig: bool,
    pub(super) data: &'r [u8],
    /// Each piece of data is matched by itself.
    pub(super) per_packet: bool,
    /// The connection ends.
    pub(super) finishing: bool,
    pub(super) host: &'r mut dyn EvalHost,
    pub(super) out: &'r mut Vec<SignatureMatch>,
}

impl FlowMatcher {
    /// Notes that content conditions hold (each with where its match ended) and fires what follows.
    pub(super) fn satisfy(&mut self, round: &mut Round<'_>, contents: &[(u32, u32)]) {
        for &(content, end) in contents {
            let Some(signature) = round.set.owner(content) else {
                continue;
            };
            let is_new = insert(&mut self.progress_mut(round.is_orig).satisfied, content);
            // In a stream, an expression that has matched goes on matching; that is nothing new.
            if is_new || round.per_packet {
                self.attempt(round, round.is_orig, signature, Some(end));
            }
        }
    }

    /// Looks again at what waits in a direction.
    pub(super) fn retry(&mut self, round: &mut Round<'_>, is_orig: bool) {
        let Some(progress) = self.progress.as_deref_mut() else {
            return;
        };
        let waiting = match progress.get_mut(usize::from(is_orig)) {
            Some(progress) if progress.is_waiting() => std::mem::take(&mut progress.waiting),
            _ => return,
        };
        for signature in waiting {
            self.attempt(round, is_orig, signature, None);
        }
    }

    /// Fires a signature if all its conditions hold, and then those that only waited for it.
    pub(super) fn attempt(&mut self, round: &mut Round<'_>, is_orig: bool, signature: u32, end: Option<u32>) {
        let mut end = end;
        let mut work = vec![(is_orig, signature)];
        // Each signature fires at most once per direction, so this ends.
        while let Some((is_orig, signature)) = work.pop() {
            if self.decide(round, is_orig, signature) {
                insert(&mut self.progress_mut(is_orig).fired, signature);
                round.out.push(SignatureMatch {
                    signature: SignatureId(signature),
                    is_orig,
                    end_of_match: end.unwrap_or(0),
                    payload_size: self.endpoint(is_orig).size_or_zero(),
                    by_data: end.is_some(),
                });
                let compiled = |number: u32| round.set.compiled.get(number as usize);
                let dependents = compiled(signature).map_or(&[][..], |signature| &signature.dependents);
                for &dependent in dependents.iter().rev() {
                    // What also depends on something not matching is decided in the end, each in its turn.
                    if !compiled(dependent).is_some_and(|dependent| dependent.is_deferred()) {
                        work.extend([(false, dependent), (true, dependent)]);
                    }
                }
            }
            // What follows from a match did not match here.
            end = None;
        }
    }

    fn decide(&mut self, round: &mut Round<'_>, is_orig: bool, number: u32) -> bool {
        let Some(signature) = round.set.compiled.get(number as usize) else {
            return false;
        };
        let endpoint = self.endpoint(is_orig);
        if !endpoint
            .candidates
            .as_ref()
            .is_some_and(|candidates| candidates.contains(number))
        {
            return false;
        }
        let own = self.progress(is_orig);
        let matched = match own {
            Some(own) => {
                if own.has_fired(number) || own.rejected.binary_search(&number).is_ok() {
                    return false;
                }
                signature
                    .contents
                    .clone()
                    .all(|content| own.is_satisfied(content))
            }
            None => signature.contents.is_empty(),
        };
        if !matched {
            return false;
        }
        let immediate = signature.contents.is_empty();
        if signature.established && !round.status.established {
            return self.wait(is_orig, number);
        }
        if !signature.sizes.is_empty() {
            let current = round.per_packet && is_orig == round.is_orig;
            let size = if current {
                Some(round.data.len() as u64)
            } else {
                endpoint.size().map(u64::from)
            };
            let Some(size) = size else {
                return self.wait(is_orig, number);
            };
            if !signature
                .sizes
                .iter()
                .all(|(comparison, limit)| comparison.holds(&size, limit, limit))
            {
                // Only the first piece of a stream counts, but a later packet may have another size.
                return if round.per_packet && immediate {
                    self.wait(is_orig, number)
                } else {
                    false
                };
            }
        }
        for require in &signature.requires {
            let fired = |is_orig: bool| {
                self.progress(is_orig)
                    .is_some_and(|p| p.has_fired(require.signature))
            };
            let holds = fired(!is_orig) || (!require.reverse && fired(is_orig));
            // When something matches, what requires it is looked at again; whether it never does, in the end.
            let is_met = if require.negated {
                round.finishing && !holds
            } else {
                holds
            };
            if !is_met {
                return false;
            }
        }
        let data = if is_orig == round.is_orig { round.data } else { &[] };
        let payload_size = endpoint.size_or_zero();
        for function in &signature.evals {
            let request = EvalRequest {
                function,
                signature: SignatureId(number),
                is_orig,
                payload_size,
                data,
            };
            if !round.host.eval(&request) {
                if !round.per_packet {
                    insert(&mut self.progress_mut(is_orig).rejected, number);
                } else if immediate {
                    self.wait(is_orig, number);
                }
                return false;
            }
        }
        true
    }

    /// Has a signature looked at again later. Returns false, as it does not match now.
    pub(super) fn wait(&mut self, is_orig: bool, signature: u32) -> bool {
        insert(&mut self.progress_mut(is_orig).waiting, signature);
        false
    }

    pub(super) fn endpoint(&self, is_orig: bool) -> &Endpoint {
        let [responder, originator] = &self.endpoints;
        if is_orig {
            originator
        } else {
            responder
        }
    }

    pub(super) fn progress(&self, is_orig: bool) -> Option<&Progress> {
        let [responder, originator] = self.progress.as_deref()?;
        Some(if is_orig { originator } else { responder })
    }

    pub(super) fn progress_mut(&mut self, is_orig: bool) -> &mut Progress {
        let [responder, originator] = &mut **self.progress.get_or_insert_with(Box::default);
        if is_orig {
            originator
        } else {
            responder
        }
    }
}
