//! Dynamic protocol detection: finding out by signatures what a connection speaks.
//!
//! While it is not known, the beginning of a connection is kept, and matched against the signatures.  A signature that
//! enables an analyzer adds it, and what was kept is replayed to it, so it misses nothing.

use bro_events::{EventSink, Value};
use bro_matching::signature::{
    Action, Chunk, Context, EvalHost, EvalRequest, FlowMatcher, FlowStatus, PacketFacts, SignatureMatch,
};

use crate::analyzer::AnalyzerDef;
use crate::conn::{side, Core};
use crate::env::Env;
use crate::events;
use crate::tree::Piece;

/// What is kept of a connection's beginning.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// Kind, and where its bytes end in `bytes`
    pieces: Vec<(KeptPiece, usize)>,
    bytes: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
enum KeptPiece {
    Stream(bool),
    Packet(bool),
    Gap(bool, u64, u64),
    End(bool),
}

impl Kept {
    fn push(&mut self, piece: Piece<'_>) {
        let (kept, bytes) = match piece {
            Piece::Stream(is_orig, data) => (KeptPiece::Stream(is_orig), data),
            Piece::Packet(is_orig, data) => (KeptPiece::Packet(is_orig), data),
            Piece::Gap(is_orig, offset, len) => (KeptPiece::Gap(is_orig, offset, len), &[][..]),
            Piece::End(is_orig) => (KeptPiece::End(is_orig), &[][..]),
        };
        self.bytes.extend_from_slice(bytes);
        self.pieces.push((kept, self.bytes.len()));
    }

    /// The pieces in their order.
    pub fn pieces(&self) -> impl Iterator<Item = Piece<'_>> {
        let mut begin = 0;
        self.pieces.iter().map(move |&(kept, end)| {
            let bytes = &self.bytes[begin..end];
            begin = end;
            match kept {
                KeptPiece::Stream(is_orig) => Piece::Stream(is_orig, bytes),
                KeptPiece::Packet(is_orig) => Piece::Packet(is_orig, bytes),
                KeptPiece::Gap(is_orig, offset, len) => Piece::Gap(is_orig, offset, len),
                KeptPiece::End(is_orig) => Piece::End(is_orig),
            }
        })
    }
}

/// Looks for a connection's protocol.
pub(crate) struct Detector {
    flow: FlowMatcher,
    /// `None` once there was more than is kept.
    kept: Option<Kept>,
    /// By side: the header conditions were looked at, the stream has begun.
    begun: [bool; 2],
    streaming: [bool; 2],
    /// The payload is no longer looked at.
    done: bool,
}

/// Asks policy for `eval` conditions.
struct Host<'a> {
    core: &'a mut Core,
    sink: &'a mut dyn EventSink,
    set: &'a bro_matching::signature::SignatureSet,
}

impl EvalHost for Host<'_> {
    fn eval(&mut self, request: &EvalRequest<'_>) -> bool {
        self.core.update(self.sink);
        let name = self
            .set
            .get(request.signature)
            .map_or("", |signature| &signature.id);
        let state = state_value(self.core, name, request.is_orig, request.payload_size);
        self.sink.eval_signature(request.function, state, request.data)
    }
}

/// The record `signature_state`.
fn state_value(core: &Core, name: &str, is_orig: bool, payload_size: u32) -> Value {
    let fields = vec![
        name.as_bytes().into(),
        Value::Conn(core.id),
        is_orig.into(),
        payload_size.into(),
    ];
    Value::Record(&events::SIGNATURE_STATE, fields)
}

impl Detector {
    /// A detector, if there are signatures.
    pub fn new(env: &Env<'_>) -> Option<Self> {
        env.bindings.matcher.as_ref()?;
        Some(Detector {
            flow: FlowMatcher::default(),
            kept: Some(Kept::default()),
            begun: [false; 2],
            streaming: [false; 2],
            done: false,
        })
    }

    /// Whether payload is still to be given.
    pub fn wants_payload(&self) -> bool {
        !self.done
    }

    /// Whether there is a reason to keep the detector: payload, or what analyzers extract (of the connection itself).
    pub fn is_of_use(&self, is_root: bool, env: &Env<'_>) -> bool {
        !self.done || (is_root && env.bindings.contexts != 0)
    }

    /// What was kept, if all of it was.
    pub fn kept(&self) -> Option<&Kept> {
        self.kept.as_ref()
    }

    /// Matches the next piece, and keeps it.  Returns the analyzers to add, to which what is kept is to be replayed.
    pub fn see(&mut self, core: &mut Core, env: &mut Env<'_>, piece: Piece<'_>) -> Vec<&'static AnalyzerDef> {
        if let Some(kept) = &mut self.kept {
            let packets = kept.pieces.len() as u64;
            kept.push(piece);
            // The piece at hand can still be replayed with the rest, so the limit counts what came before it.
            let len = piece.len();
            let before = (kept.bytes.len() - len) as u64;
            let options = env.options;
            if before > 0
                && (before + len as u64 > options.dpd_buffer_size || packets >= options.dpd_max_packets)
            {
                self.kept = None;
                if options.dpd_match_only_beginning {
                    self.done = true;
                    return Vec::new();
                }
            }
        }
        let mut matches = Vec::new();
        let data = match piece {
            Piece::Stream(is_orig, data) => {
                self.stream(core, env, is_orig, data, &mut matches);
                data
            }
            Piece::Packet(is_orig, data) => {
                self.packet(core, env, is_orig, data, &mut matches);
                data
            }
            Piece::Gap(is_orig, ..) => {
                self.flow.gap(is_orig);
                &[]
            }
            Piece::End(_) => &[],
        };
        let found = act(core, env, &matches, data);
        let seen = |is_orig: bool| self.begun[side(is_orig)] && self.flow.payload_done(is_orig);
        if found.is_empty() && seen(true) && seen(false) {
            // Nothing can match any more.
            self.done = true;
            self.kept = None;
        }
        if self.kept.is_none() && !found.is_empty() {
            for def in &found {
                core.emit(env.sink, &events::PROTOCOL_LATE_MATCH, || [Value::Enum(def.tag)]);
            }
            if env.options.dpd_late_match_stop {
                self.done = true;
            }
            return Vec::new();
        }
        found
    }

    fn begin(
        &mut self,
        core: &mut Core,
        env: &mut Env<'_>,
        is_orig: bool,
        matches: &mut Vec<SignatureMatch>,
    ) {
        if std::mem::replace(&mut self.begun[side(is_orig)], true) {
            return;
        }
        let Some(matcher) = &mut env.bindings.matcher else {
            return;
        };
        let flow = core.flow;
        let (source, destination) = if is_orig {
            (flow.orig_h, flow.resp_h)
        } else {
            (flow.resp_h, flow.orig_h)
        };
        let (source_port, destination_port) = if is_orig {
            (flow.orig_p, flow.resp_p)
        } else {
            (flow.resp_p, flow.orig_p)
        };
        // Data may be released by a packet of the other side, whose headers do not count.
        let headers = if env.headers.is_orig == is_orig {
            env.headers
        } else {
            Default::default()
        };
        let facts = PacketFacts {
            is_orig,
            source,
            destination,
            source_port,
            destination_port,
            protocol: flow.ip_proto,
            ip_header: headers.ip,
            transport_header: headers.transport,
        };
        let status = FlowStatus {
            established: core.established,
        };
        let set = matcher.set().clone();
        let mut host = Host {
            core,
            sink: env.sink,
            set: &set,
        };
        self.flow.begin(matcher, &facts, status, &mut host, matches);
    }

    fn stream(
        &mut self,
        core: &mut Core,
        env: &mut Env<'_>,
        is_orig: bool,
        data: &[u8],
        matches: &mut Vec<SignatureMatch>,
    ) {
        if !env.options.dpd_reassemble_first_packets {
            self.packet(core, env, is_orig, data, matches);
            return;
        }
        self.begin(core, env, is_orig, matches);
        let begin = !std::mem::replace(&mut self.streaming[side(is_orig)], true);
        let Some(matcher) = &mut env.bindings.matcher else {
            return;
        };
        let status = FlowStatus {
            established: core.established,
        };
        let set = matcher.set().clone();
        let mut host = Host {
            core,
            sink: env.sink,
            set: &set,
        };
        let chunk = Chunk {
            data,
            is_orig,
            begin,
            end: false,
        };
        self.flow.stream(matcher, chunk, status, &mut host, matches);
    }

    fn packet(
        &mut self,
        core: &mut Core,
        env: &mut Env<'_>,
        is_orig: bool,
        data: &[u8],
        matches: &mut Vec<SignatureMatch>,
    ) {
        self.begin(core, env, is_orig, matches);
        let Some(matcher) = &mut env.bindings.matcher else {
            return;
        };
        let status = FlowStatus {
            established: core.established,
        };
        let set = matcher.set().clone();
        let mut host = Host {
            core,
            sink: env.sink,
            set: &set,
        };
        self.flow
            .packet(matcher, data, is_orig, status, &mut host, matches);
    }

    /// Matches a packet without payload, for signatures that only look at headers.  What they enable gets what follows.
    pub fn headers(
        &mut self,
        core: &mut Core,
        env: &mut Env<'_>,
        is_orig: bool,
    ) -> Vec<&'static AnalyzerDef> {
        let mut matches = Vec::new();
        self.begin(core, env, is_orig, &mut matches);
        act(core, env, &matches, &[])
    }

    /// Matches what an analyzer extracted.
    pub fn content(
        &mut self,
        core: &mut Core,
        env: &mut Env<'_>,
        context: Context,
        chunk: Chunk<'_>,
    ) -> Vec<&'static AnalyzerDef> {
        let mut matches = Vec::new();
        self.begin(core, env, chunk.is_orig, &mut matches);
        if let Some(matcher) = &mut env.bindings.matcher {
            let status = FlowStatus {
                established: core.established,
            };
            let set = matcher.set().clone();
            let mut host = Host {
                core,
                sink: env.sink,
                set: &set,
            };
            self.flow
                .content(matcher, context, chunk, status, &mut host, &mut matches);
        }
        act(core, env, &matches, chunk.data)
    }

    /// Matches data that never got into order.
    pub fn late(&mut self, core: &mut Core, env: &mut Env<'_>, is_orig: bool, data: &[u8]) {
        if self.done {
            return;
        }
        let mut matches = Vec::new();
        self.packet(core, env, is_orig, data, &mut matches);
        act(core, env, &matches, data);
    }

    /// The connection ends: decides what depended on something not matching.
    pub fn finish(&mut self, core: &mut Core, env: &mut Env<'_>) {
        let mut matches = Vec::new();
        if let Some(matcher) = &mut env.bindings.matcher {
            let status = FlowStatus {
                established: core.established,
            };
            let set = matcher.set().clone();
            let mut host = Host {
                core,
                sink: env.sink,
                set: &set,
            };
            self.flow.finish(matcher, status, &mut host, &mut matches);
        }
        act(core, env, &matches, &[]);
    }
}

/// Does what matched signatures ask for.  Returns the analyzers they enable.
fn act(
    core: &mut Core,
    env: &mut Env<'_>,
    matches: &[SignatureMatch],
    data: &[u8],
) -> Vec<&'static AnalyzerDef> {
    let mut found: Vec<&'static AnalyzerDef> = Vec::new();
    if matches.is_empty() {
        return found;
    }
    let Some(set) = env.bindings.matcher.as_ref().map(|matcher| matcher.set().clone()) else {
        return found;
    };
    for matched in matches {
        let Some(signature) = set.get(matched.signature) else {
            continue;
        };
        for action in &signature.actions {
            match action {
                Action::Enable(name) => {
                    if let Some(&Some(def)) = env.bindings.enabled_by.get(name) {
                        if !found.iter().any(|known| std::ptr::eq(*known, def)) {
                            found.push(def);
                        }
                    }
                }
                Action::Event { name, message } => {
                    let data = if matched.by_data { data } else { &[] };
                    let state = || state_value(core, &signature.id, matched.is_orig, matched.payload_size);
                    raise(
                        core,
                        env,
                        name.as_deref(),
                        message.as_deref(),
                        state(),
                        data,
                        matched.end_of_match,
                    );
                }
                Action::Mime { .. } => {}
            }
        }
    }
    found
}

/// Raises the event of a signature: `signature_match`, or the one it names.
fn raise(
    core: &mut Core,
    env: &mut Env<'_>,
    name: Option<&str>,
    message: Option<&[u8]>,
    state: Value,
    data: &[u8],
    end_of_match: u32,
) {
    if let Some(name) = name {
        core.update(env.sink);
        let mut args = vec![state];
        args.extend(message.map(Value::from));
        args.push(data.into());
        args.push(end_of_match.into());
        env.sink.emit_named(name, args);
    } else if env.sink.wants(&events::SIGNATURE_MATCH) {
        core.update(env.sink);
        let args = vec![
            state,
            message.unwrap_or_default().into(),
            data.into(),
            end_of_match.into(),
        ];
        env.sink.emit(&events::SIGNATURE_MATCH, args);
    }
}
