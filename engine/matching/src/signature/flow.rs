//! Matching a connection.

use std::sync::Arc;

use super::candidates::Candidates;
use super::compile::{Compiled, SignatureSet};
use super::evaluate::{EvalHost, Progress, Round, SignatureMatch};
use super::matcher::Scan;
use super::{Context, PacketFacts, SignatureMatcher};
use crate::automaton::Parked;

/// What is known of a connection's state now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FlowStatus {
    /// TCP: the three-way handshake was completed.
    pub established: bool,
}

/// A piece of a stream.
#[derive(Clone, Copy, Debug)]
pub struct Chunk<'d> {
    /// Its bytes; may be empty, for instance to say that the stream has ended.
    pub data: &'d [u8],
    /// It was sent by the originator.
    pub is_orig: bool,
    /// The stream begins here: expressions are matched from here on, and `^` holds.
    pub begin: bool,
    /// The stream ends here: `$` holds after it.
    pub end: bool,
}

/// One direction of a connection.
#[derive(Clone, Debug)]
pub(super) struct Endpoint {
    /// `None` before the first packet.
    pub(super) candidates: Option<Arc<Candidates>>,
    /// State of the payload expressions between two pieces of a stream.
    state: Option<Parked>,
    /// Size of the first payload; [`UNSET`] before.
    first_size: u32,
    is_tcp: bool,
    /// No payload expression can match any more.
    is_done: bool,
}

/// No payload was seen yet.
const UNSET: u32 = u32::MAX;

impl Default for Endpoint {
    fn default() -> Endpoint {
        Endpoint {
            candidates: None,
            state: None,
            first_size: UNSET,
            is_tcp: false,
            is_done: false,
        }
    }
}

impl Endpoint {
    pub(super) fn size(&self) -> Option<u32> {
        (self.first_size != UNSET).then_some(self.first_size)
    }

    pub(super) fn size_or_zero(&self) -> u32 {
        self.size().unwrap_or(0)
    }

    fn note_size(&mut self, size: usize) {
        if self.first_size == UNSET {
            self.first_size = u32::try_from(size).unwrap_or(UNSET - 1);
        }
    }
}

/// What a connection keeps for matching signatures, both directions: 56 bytes on 64-bit machines as long as nothing
/// has matched.
///
/// For each direction: [`begin`](FlowMatcher::begin) with its first packet, then its data by
/// [`packet`](FlowMatcher::packet) or [`stream`](FlowMatcher::stream) until
/// [`payload_done`](FlowMatcher::payload_done), and what analyzers extract by [`content`](FlowMatcher::content).
/// In the end, [`finish`](FlowMatcher::finish). Each signature is reported at most once per direction.
///
/// A flow belongs to the signature set it began with. With a matcher of another set it is safe but useless: give it up
/// (make a new one) when signatures are loaded anew.
#[derive(Clone, Debug, Default)]
pub struct FlowMatcher {
    /// Responder, originator.
    pub(super) endpoints: [Endpoint; 2],
    /// Likewise. Made when something matches.
    pub(super) progress: Option<Box<[Progress; 2]>>,
}

impl FlowMatcher {
    /// The first packet of a direction: evaluates the header conditions, and reports signatures without contents.
    /// Further calls for the same direction have no effect.
    pub fn begin(
        &mut self,
        matcher: &mut SignatureMatcher,
        facts: &PacketFacts<'_>,
        status: FlowStatus,
        host: &mut dyn EvalHost,
        out: &mut Vec<SignatureMatch>,
    ) {
        let SignatureMatcher { set, work } = matcher;
        let endpoint = self.endpoint_mut(facts.is_orig);
        if endpoint.candidates.is_some() {
            return;
        }
        let Some(candidates) = set.selector.select(&set.compiled, facts, &mut work.shared) else {
            return;
        };
        endpoint.is_done = !candidates.uses(Context::Payload);
        endpoint.is_tcp = facts.protocol == 6;
        endpoint.candidates = Some(Arc::clone(&candidates));
        if !candidates.immediate.is_empty() {
            let mut round = Round {
                set,
                status,
                is_orig: facts.is_orig,
                data: &[],
                per_packet: false,
                finishing: false,
                host,
                out,
            };
            let is_tcp = facts.protocol == 6;
            for &signature in &*candidates.immediate {
                // The size of a datagram, and what functions say of it, is looked at with its data.
                let needs_data = set
                    .compiled
                    .get(signature as usize)
                    .is_some_and(|c| !c.sizes.is_empty() || !c.evals.is_empty());
                if needs_data && !is_tcp {
                    self.wait(facts.is_orig, signature);
                } else {
                    self.attempt(&mut round, facts.is_orig, signature, None);
                }
            }
        }
    }

    /// A packet of a datagram protocol, or of a TCP connection that is not reassembled: its payload is matched by
    /// itself. For TCP, packets without payload match nothing but may complete what waits for the connection's state.
    pub fn packet(
        &mut self,
        matcher: &mut SignatureMatcher,
        data: &[u8],
        is_orig: bool,
        status: FlowStatus,
        host: &mut dyn EvalHost,
        out: &mut Vec<SignatureMatch>,
    ) {
        let SignatureMatcher { set, work } = matcher;
        let endpoint = self.endpoint_mut(is_orig);
        if endpoint.candidates.is_none() {
            return;
        }
        let is_empty = data.is_empty() && endpoint.is_tcp;
        if !is_empty {
            endpoint.note_size(data.len());
        }
        let is_done = endpoint.is_done || is_empty;
        let mut round = Round {
            set,
            status,
            is_orig,
            data,
            per_packet: true,
            finishing: false,
            host,
            out,
        };
        self.retry(&mut round, is_orig);
        if is_done {
            return;
        }
        let before = round.out.len();
        if let (Some(candidates), Some(mut scan)) = (
            &self.endpoint(is_orig).candidates,
            Scan::new(work, set, Context::Payload),
        ) {
            let start = scan.start(candidates);
            scan.run(
                start,
                Chunk {
                    data,
                    is_orig,
                    begin: true,
                    end: true,
                },
            );
        }
        self.satisfy(&mut round, &work.hits.found);
        if round.out.len() > before {
            self.endpoint_mut(is_orig).is_done = self.payload_is_exhausted(set, is_orig);
        }
    }

    /// Whether all candidates with payload expressions have matched.
    fn payload_is_exhausted(&self, set: &SignatureSet, is_orig: bool) -> bool {
        let Some(candidates) = &self.endpoint(is_orig).candidates else {
            return true;
        };
        let fired = |signature: u32| {
            self.progress(is_orig)
                .is_some_and(|progress| progress.has_fired(signature))
        };
        candidates.signatures().iter().all(|&number| {
            let signature = set.compiled.get(number as usize);
            let uses_payload =
                |signature: &Compiled| signature.patterns.iter().any(|p| p.0 == Context::Payload);
            fired(number) || !signature.is_some_and(uses_payload)
        })
    }

    /// A piece of a reassembled stream, in order. The first must have `begin` set (if it is not, it is taken as the
    /// beginning all the same). After a gap, see [`FlowMatcher::gap`].
    pub fn stream(
        &mut self,
        matcher: &mut SignatureMatcher,
        chunk: Chunk<'_>,
        status: FlowStatus,
        host: &mut dyn EvalHost,
        out: &mut Vec<SignatureMatch>,
    ) {
        let SignatureMatcher { set, work } = matcher;
        let is_orig = chunk.is_orig;
        let endpoint = self.endpoint_mut(is_orig);
        if endpoint.candidates.is_none() {
            return;
        }
        if !chunk.data.is_empty() {
            endpoint.note_size(chunk.data.len());
        }
        let is_done = endpoint.is_done;
        let mut round = Round {
            set,
            status,
            is_orig,
            data: chunk.data,
            per_packet: false,
            finishing: false,
            host,
            out,
        };
        self.retry(&mut round, is_orig);
        if is_done {
            return;
        }
        let mut reached = None;
        let endpoint = self.endpoint(is_orig);
        if let (Some(candidates), Some(mut scan)) =
            (&endpoint.candidates, Scan::new(work, set, Context::Payload))
        {
            let (state, begin) = scan.from(endpoint.state.as_ref(), chunk.begin, candidates);
            let state = scan.run(state, Chunk { begin, ..chunk });
            reached = (!state.is_dead() && !chunk.end).then_some(state);
        }
        self.satisfy(&mut round, &work.hits.found);
        let mut state = None;
        if let (Some(reached), Some(mut scan)) = (reached, Scan::new(work, set, Context::Payload)) {
            // Only if something has matched can what is alive be of no more use.
            let useful = self
                .progress(is_orig)
                .is_none_or(|progress| scan.any_live(reached, |content| !progress.is_satisfied(content)));
            state = useful.then(|| scan.park(reached));
        }
        let endpoint = self.endpoint_mut(is_orig);
        endpoint.is_done = state.is_none();
        endpoint.state = state;
    }

    /// Data that an analyzer extracted. Expressions are matched from where `begin` is set, and go on with the next
    /// chunk of the same context and direction otherwise. What matched in an earlier transaction stays matched.
    ///
    /// [`Context::Payload`] and [`Context::FileMagic`] do not belong here and are ignored.
    pub fn content(
        &mut self,
        matcher: &mut SignatureMatcher,
        context: Context,
        chunk: Chunk<'_>,
        status: FlowStatus,
        host: &mut dyn EvalHost,
        out: &mut Vec<SignatureMatch>,
    ) {
        let SignatureMatcher { set, work } = matcher;
        let is_orig = chunk.is_orig;
        let Some(candidates) = self.endpoint(is_orig).candidates.clone() else {
            return;
        };
        if !candidates.uses(context) || context == Context::Payload {
            return;
        }
        let mut round = Round {
            set,
            status,
            is_orig,
            data: chunk.data,
            per_packet: false,
            finishing: false,
            host,
            out,
        };
        self.retry(&mut round, is_orig);
        let Some(mut scan) = Scan::new(work, set, context) else {
            return;
        };
        let states = &mut self.progress_mut(is_orig).contexts;
        let place = states.iter().position(|(of, _)| *of == context);
        let parked = place
            .and_then(|place| states.get(place))
            .map(|(_, parked)| parked);
        let (state, begin) = scan.from(parked, chunk.begin, &candidates);
        let state = scan.run(state, Chunk { begin, ..chunk });
        let parked = scan.park(state);
        match place.and_then(|place| states.get_mut(place)) {
            Some(entry) => entry.1 = parked,
            None => states.push((context, parked)),
        }
        self.satisfy(&mut round, &work.hits.found);
    }

    /// The state of a TCP connection changed without data: completes what waits for it, in both directions.
    pub fn update(
        &mut self,
        matcher: &mut SignatureMatcher,
        status: FlowStatus,
        host: &mut dyn EvalHost,
        out: &mut Vec<SignatureMatch>,
    ) {
        let set = &*matcher.set;
        for is_orig in [true, false] {
            let mut round = Round {
                set,
                status,
                is_orig,
                data: &[],
                per_packet: false,
                finishing: false,
                host,
                out,
            };
            self.retry(&mut round, is_orig);
        }
    }

    /// Data of a stream was lost: what is matched from its beginning cannot go on.
    pub fn gap(&mut self, is_orig: bool) {
        let endpoint = self.endpoint_mut(is_orig);
        endpoint.state = None;
        endpoint.is_done = true;
    }

    /// The connection ends: decides what depended on something not matching. Each such signature is decided after
    /// those it depends on.
    pub fn finish(
        &mut self,
        matcher: &mut SignatureMatcher,
        status: FlowStatus,
        host: &mut dyn EvalHost,
        out: &mut Vec<SignatureMatch>,
    ) {
        let deferred = |endpoint: &Endpoint| endpoint.candidates.as_ref().is_some_and(|c| c.has_deferred);
        if !self.endpoints.iter().any(deferred) {
            return;
        }
        let set = &*matcher.set;
        for &signature in &set.deferred {
            for is_orig in [true, false] {
                let mut round = Round {
                    set,
                    status,
                    is_orig,
                    data: &[],
                    per_packet: false,
                    finishing: true,
                    host,
                    out,
                };
                self.attempt(&mut round, is_orig, signature, None);
            }
        }
    }

    /// Whether the payload of a direction need not be given any more: nothing it may still hold can make a signature
    /// match. Costs nothing to ask. False before the direction's first packet.
    pub fn payload_done(&self, is_orig: bool) -> bool {
        let endpoint = self.endpoint(is_orig);
        endpoint.is_done
            && endpoint.candidates.is_some()
            && !self
                .progress(is_orig)
                .is_some_and(|progress| progress.is_waiting())
    }

    /// Whether a signature has matched for a direction.
    pub fn has_matched(&self, signature: super::SignatureId, is_orig: bool) -> bool {
        self.progress(is_orig)
            .is_some_and(|progress| progress.has_fired(signature.0))
    }

    fn endpoint_mut(&mut self, is_orig: bool) -> &mut Endpoint {
        let [responder, originator] = &mut self.endpoints;
        if is_orig {
            originator
        } else {
            responder
        }
    }
}
