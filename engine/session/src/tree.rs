//! The analyzers on one connection.
//!
//! Analyzers are called one at a time, each taken out of the tree for the length of the call, and what they ask for is
//! carried out when the call has returned.  So an analyzer never sees the tree, and the tree never changes under one.

use std::sync::Arc;

use bro_events::{ConnId, ConnSnapshot, FlowId, Value};
use bro_matching::signature::{Chunk, Context as MatchContext};

use crate::analyzer::{Analyzer, AnalyzerDef, Context, Facts, Forwarded, TreeChange};
use crate::conn::Core;
use crate::detect::Detector;
use crate::env::Env;
use crate::events;

#[cfg(test)]
mod tests;

/// Analyzers on one connection at most, removed ones included.
const MOST_NODES: usize = 64;
/// How deep data is forwarded: an analyzer in an analyzer in …
const MOST_DEEP: usize = 16;

/// Something for the analyzers at one place of the tree.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Piece<'a> {
    /// Bytes of a side's stream
    Stream(bool, &'a [u8]),
    /// A packet of a side
    Packet(bool, &'a [u8]),
    /// A hole: side, offset, length
    Gap(bool, u64, u64),
    /// End of a side's data
    End(bool),
}

impl Piece<'_> {
    /// Its number of bytes.
    pub fn len(&self) -> usize {
        match self {
            Piece::Stream(_, data) | Piece::Packet(_, data) => data.len(),
            Piece::Gap(..) | Piece::End(_) => 0,
        }
    }
}

impl<'a> From<&'a Forwarded> for Piece<'a> {
    fn from(forwarded: &'a Forwarded) -> Self {
        match forwarded {
            Forwarded::Stream(is_orig, data) => Piece::Stream(*is_orig, data),
            Forwarded::Packet(is_orig, data) => Piece::Packet(*is_orig, data),
            Forwarded::Gap(is_orig, offset, len) => Piece::Gap(*is_orig, *offset, *len),
            Forwarded::EndOfData(is_orig) => Piece::End(*is_orig),
        }
    }
}

/// An analyzer and its place in the tree.
struct Node {
    def: &'static AnalyzerDef,
    instance: u64,
    parent: Option<usize>,
    /// `None` while it is called, and once it was removed
    analyzer: Option<Box<dyn Analyzer>>,
    /// Looks for the protocol of what this analyzer forwards.
    detector: Option<Box<Detector>>,
    confirmed: bool,
    removed: bool,
    violations: u64,
}

/// The analyzers of a connection.
#[derive(Default)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
    /// Looks for the protocol of the connection itself.
    detector: Option<Box<Detector>>,
    /// Tags of analyzers that must not come back
    prevented: Vec<&'static str>,
    live: usize,
}

/// What an analyzer sees of its connection.
struct View<'a> {
    core: &'a mut Core,
    now: f64,
    /// By bit: contexts that signatures look at
    contexts: u16,
}

impl Facts for View<'_> {
    fn conn(&self) -> ConnId {
        self.core.id
    }
    fn uid(&self) -> &Arc<str> {
        self.core.uid()
    }
    fn flow(&self) -> &FlowId {
        &self.core.flow
    }
    fn now(&self) -> f64 {
        self.now
    }
    fn take_snapshot(&mut self) -> Option<ConnSnapshot> {
        self.core.take_snapshot()
    }
    fn is_partial(&self) -> bool {
        self.core.partial
    }
    fn add_history(&mut self, letter: char) {
        self.core.add_letter_once(letter);
    }
    fn missed_bytes(&self, is_orig: bool) -> u64 {
        self.core.sides[crate::conn::side(is_orig)].missed
    }
    fn flip_roles(&mut self) {
        self.core.flip_names();
        self.core.flipped = !self.core.flipped;
    }
    fn uses_signatures(&self, context: MatchContext) -> bool {
        self.contexts & (1 << context as u16) != 0
    }
}

impl Tree {
    /// The analyzers for a new connection: what is expected of it, or what is registered for its port, and a detector.
    pub fn new(core: &mut Core, env: &mut Env<'_>, expected: &[&'static AnalyzerDef]) -> Self {
        let mut tree = Tree {
            detector: Detector::new(env).map(Box::new),
            ..Tree::default()
        };
        for &def in expected {
            if tree.add(core, env, def, None).is_some() {
                core.emit(env.sink, &events::SCHEDULED_ANALYZER_APPLIED, || {
                    [Value::Enum(def.tag)]
                });
            }
        }
        if expected.is_empty() && !env.options.dpd_ignore_ports {
            let defs = env
                .bindings
                .at_port(core.flow.transport, core.flow.resp_p)
                .to_vec();
            for def in defs {
                tree.add(core, env, def, None);
            }
        }
        tree
    }

    /// The connection's tree, made when it is first needed: most connections of a scan never are.
    pub fn grow<'t>(tree: &'t mut Option<Box<Tree>>, core: &mut Core, env: &mut Env<'_>) -> &'t mut Tree {
        tree.get_or_insert_with(|| {
            let expected = std::mem::take(&mut core.expected);
            Box::new(Tree::new(core, env, &expected))
        })
    }

    /// Whether an analyzer was sure of its protocol.
    pub fn is_confirmed(&self) -> bool {
        self.nodes.iter().any(|node| node.confirmed)
    }

    /// Whether anything in the tree still looks at the connection's content.
    pub fn wants_stream(&self) -> bool {
        self.live > 0
            || self
                .detector
                .as_ref()
                .is_some_and(|detector| detector.wants_payload())
    }

    /// Adds an analyzer below another, or at the top.  `None` if it is switched off, was prevented, is there already, or
    /// there are too many.
    fn add(
        &mut self,
        core: &mut Core,
        env: &mut Env<'_>,
        def: &'static AnalyzerDef,
        parent: Option<usize>,
    ) -> Option<usize> {
        if !env.bindings.is_enabled(def)
            || self.prevented.contains(&def.tag)
            || (core.partial && !def.handles_partial)
            || self
                .nodes
                .iter()
                .any(|node| node.parent == parent && !node.removed && std::ptr::eq(node.def, def))
        {
            return None;
        }
        if self.nodes.len() >= MOST_NODES {
            core.weird(env.sink, "too_many_analyzers", def.name, "");
            return None;
        }
        let index = self.nodes.len();
        self.nodes.push(Node {
            def,
            instance: env.bindings.next_instance(),
            parent,
            analyzer: Some(env.bindings.registry.make(def, &env.bindings.store)),
            detector: None,
            confirmed: false,
            removed: false,
            violations: 0,
        });
        self.live += 1;
        self.call(core, env, index, 0, |analyzer, ctx| analyzer.init(ctx));
        Some(index)
    }

    /// Calls an analyzer and does what it asks for.
    fn call(
        &mut self,
        core: &mut Core,
        env: &mut Env<'_>,
        index: usize,
        depth: usize,
        call: impl FnOnce(&mut dyn Analyzer, &mut Context<'_>),
    ) {
        let node = &mut self.nodes[index];
        let Some(mut analyzer) = node.analyzer.take() else {
            return;
        };
        let mut changes = Vec::new();
        let was_flipped = core.flipped;
        let mut view = View {
            now: env.now,
            contexts: env.bindings.contexts,
            core,
        };
        env.sink.set_analyzer(node.instance);
        let mut ctx = Context::new(&mut view, env.sink, env.files, node.def, &mut changes);
        call(&mut *analyzer, &mut ctx);
        env.sink.set_analyzer(0);
        node.analyzer = Some(analyzer);
        if core.flipped != was_flipped {
            self.flip_others(core, env, Some(index));
        }
        for change in changes {
            if self.nodes[index].removed {
                break;
            }
            self.apply(core, env, index, change, depth);
        }
    }

    fn apply(&mut self, core: &mut Core, env: &mut Env<'_>, index: usize, change: TreeChange, depth: usize) {
        match change {
            TreeChange::AddChild(tag) => {
                if let Some(def) = env.bindings.registry.by_tag(tag) {
                    self.add(core, env, def, Some(index));
                }
            }
            TreeChange::AddDetector => {
                if self.nodes[index].detector.is_none() {
                    self.nodes[index].detector = Detector::new(env).map(Box::new);
                }
            }
            TreeChange::RemoveSelf => self.remove(core, env, index),
            TreeChange::Confirm => self.confirm(core, env, index),
            TreeChange::Violate { reason, data } => self.violate(core, env, index, reason, data),
            TreeChange::Expect {
                orig,
                resp,
                port,
                transport,
                tag,
                timeout,
            } => {
                env.bindings
                    .expect(orig, (transport, resp, port), tag, env.now + timeout);
            }
            TreeChange::SkipRest => core.skip_content(),
            TreeChange::IdleTimeout(seconds) => {
                if core.inactivity_timeout == 0.0 || seconds < core.inactivity_timeout {
                    core.inactivity_timeout = seconds;
                }
            }
            TreeChange::Forward(forwarded) => {
                if depth >= MOST_DEEP {
                    core.weird(
                        env.sink,
                        "analyzers_nested_too_deep",
                        self.nodes[index].def.name,
                        "",
                    );
                } else {
                    self.give(core, env, Some(index), Piece::from(&forwarded), depth + 1);
                }
            }
            TreeChange::Match {
                context,
                is_orig,
                data,
                begin,
                end,
            } => self.match_content(
                core,
                env,
                context,
                Chunk {
                    data: &data,
                    is_orig,
                    begin,
                    end,
                },
            ),
        }
    }

    /// Matches data that was taken out of the stream.
    pub fn match_content(
        &mut self,
        core: &mut Core,
        env: &mut Env<'_>,
        context: MatchContext,
        chunk: Chunk<'_>,
    ) {
        if let Some(mut detector) = self.detector.take() {
            let found = detector.content(core, env, context, chunk);
            self.detector = Some(detector);
            for def in found {
                self.add(core, env, def, None);
            }
        }
    }

    /// Gives something to the detector and the analyzers at one place.
    fn give(
        &mut self,
        core: &mut Core,
        env: &mut Env<'_>,
        parent: Option<usize>,
        piece: Piece<'_>,
        depth: usize,
    ) {
        // What a detector adds now gets this piece with what was kept before it.
        let count = self.nodes.len();
        if let Some(mut detector) = self.detector_at(parent).take() {
            if detector.wants_payload() {
                let found = detector.see(core, env, piece);
                let keep = detector.is_of_use(parent.is_none(), env);
                let replay = if found.is_empty() { None } else { detector.kept() };
                if let Some(kept) = &replay {
                    for &def in &found {
                        if let Some(index) = self.add(core, env, def, parent) {
                            for piece in kept.pieces() {
                                self.deliver(core, env, index, piece, depth);
                            }
                        }
                    }
                }
                if keep {
                    *self.detector_at(parent) = Some(detector);
                }
            } else {
                *self.detector_at(parent) = Some(detector);
            }
        }
        for index in 0..count {
            if self.nodes[index].parent == parent {
                self.deliver(core, env, index, piece, depth);
            }
        }
    }

    fn detector_at(&mut self, parent: Option<usize>) -> &mut Option<Box<Detector>> {
        match parent {
            Some(index) => &mut self.nodes[index].detector,
            None => &mut self.detector,
        }
    }

    fn deliver(&mut self, core: &mut Core, env: &mut Env<'_>, index: usize, piece: Piece<'_>, depth: usize) {
        self.call(core, env, index, depth, |analyzer, ctx| match piece {
            Piece::Stream(is_orig, data) => analyzer.deliver_stream(ctx, is_orig, data),
            Piece::Packet(is_orig, data) => analyzer.deliver_packet(ctx, is_orig, data),
            Piece::Gap(is_orig, offset, len) => analyzer.undelivered(ctx, is_orig, offset, len),
            Piece::End(is_orig) => analyzer.end_of_data(ctx, is_orig),
        });
    }

    /// The next bytes of a side's stream.
    pub fn deliver_stream(&mut self, core: &mut Core, env: &mut Env<'_>, is_orig: bool, data: &[u8]) {
        self.give(core, env, None, Piece::Stream(is_orig, data), 0);
    }

    /// A datagram's payload.
    pub fn deliver_packet(&mut self, core: &mut Core, env: &mut Env<'_>, is_orig: bool, data: &[u8]) {
        self.give(core, env, None, Piece::Packet(is_orig, data), 0);
    }

    /// A hole in a side's stream.
    pub fn undelivered(&mut self, core: &mut Core, env: &mut Env<'_>, is_orig: bool, offset: u64, len: u64) {
        self.give(core, env, None, Piece::Gap(is_orig, offset, len), 0);
    }

    /// A side has ended.
    pub fn end_of_data(&mut self, core: &mut Core, env: &mut Env<'_>, is_orig: bool) {
        self.give(core, env, None, Piece::End(is_orig), 0);
    }

    /// A packet without payload, for signatures that look at headers only.
    pub fn match_headers(&mut self, core: &mut Core, env: &mut Env<'_>, is_orig: bool) {
        if let Some(mut detector) = self.detector.take() {
            let found = detector.headers(core, env, is_orig);
            self.detector = Some(detector);
            for def in found {
                self.add(core, env, def, None);
            }
        }
    }

    /// Data that never got into order, at the end of a connection: for signatures only.
    pub fn match_undelivered(&mut self, core: &mut Core, env: &mut Env<'_>, is_orig: bool, data: &[u8]) {
        if let Some(detector) = &mut self.detector {
            detector.late(core, env, is_orig, data);
        }
    }

    /// Both sides have ended, or (`half`) one of them and the other was never seen.
    pub fn connection_finished(&mut self, core: &mut Core, env: &mut Env<'_>, half: bool) {
        self.call_all(core, env, |analyzer, ctx| analyzer.connection_finished(ctx, half));
    }

    /// The connection was reset.
    pub fn connection_reset(&mut self, core: &mut Core, env: &mut Env<'_>) {
        self.call_all(core, env, |analyzer, ctx| analyzer.connection_reset(ctx));
    }

    /// Originator and responder were exchanged.
    pub fn flip_roles(&mut self, core: &mut Core, env: &mut Env<'_>) {
        self.flip_others(core, env, None);
    }

    fn flip_others(&mut self, core: &mut Core, env: &mut Env<'_>, except: Option<usize>) {
        for index in 0..self.nodes.len() {
            if Some(index) != except {
                self.call(core, env, index, MOST_DEEP, |analyzer, ctx| {
                    analyzer.flip_roles(ctx)
                });
            }
        }
    }

    fn call_all(
        &mut self,
        core: &mut Core,
        env: &mut Env<'_>,
        mut call: impl FnMut(&mut dyn Analyzer, &mut Context<'_>),
    ) {
        for index in 0..self.nodes.len() {
            self.call(core, env, index, 0, &mut call);
        }
    }

    /// The connection goes: the last call of every analyzer.
    pub fn done(&mut self, core: &mut Core, env: &mut Env<'_>) {
        if let Some(detector) = &mut self.detector {
            detector.finish(core, env);
        }
        for index in 0..self.nodes.len() {
            self.remove(core, env, index);
        }
    }

    /// Removes an analyzer and those below it.
    fn remove(&mut self, core: &mut Core, env: &mut Env<'_>, index: usize) {
        if self.nodes[index].removed {
            return;
        }
        self.call(core, env, index, 0, |analyzer, ctx| analyzer.done(ctx));
        // The last call may itself have asked for the removal.
        let node = &mut self.nodes[index];
        if node.removed {
            return;
        }
        node.removed = true;
        node.analyzer = None;
        node.detector = None;
        self.live -= 1;
        for child in index + 1..self.nodes.len() {
            if self.nodes[child].parent == Some(index) {
                self.remove(core, env, child);
            }
        }
    }

    /// Removes the analyzer with that instance number; `prevent` also keeps its kind from coming back.
    pub fn disable_instance(&mut self, core: &mut Core, env: &mut Env<'_>, instance: u64, prevent: bool) {
        if let Some(index) = self.nodes.iter().position(|node| node.instance == instance) {
            if prevent {
                self.prevented.push(self.nodes[index].def.tag);
            }
            self.remove(core, env, index);
        }
    }

    /// Removes all analyzers of a kind.
    pub fn disable_tag(&mut self, core: &mut Core, env: &mut Env<'_>, tag: &str, prevent: bool) {
        if prevent {
            if let Some(def) = env.bindings.registry.by_tag(tag) {
                self.prevented.push(def.tag);
            }
        }
        for index in 0..self.nodes.len() {
            if self.nodes[index].def.tag == tag {
                self.remove(core, env, index);
            }
        }
    }

    /// The instance number of the first analyzer of a kind.
    pub fn instance_of(&self, tag: &str) -> Option<u64> {
        self.nodes
            .iter()
            .find(|node| !node.removed && node.def.tag == tag)
            .map(|node| node.instance)
    }

    /// The tag of the analyzer with that instance number.
    pub fn tag_of(&self, instance: u64) -> Option<&'static str> {
        self.nodes
            .iter()
            .find(|node| !node.removed && node.instance == instance)
            .map(|node| node.def.tag)
    }

    /// Passes a request of policy on.
    pub fn command(&mut self, core: &mut Core, env: &mut Env<'_>, name: &str, argument: &[u8]) {
        self.call_all(core, env, |analyzer, ctx| analyzer.command(ctx, name, argument));
    }

    /// What the first analyzer that knows an answer says to a question of policy.
    pub fn query(&self, name: &str) -> Option<Value> {
        let there = self.nodes.iter().filter(|node| !node.removed);
        there
            .filter_map(|node| node.analyzer.as_ref()?.query(name))
            .next()
    }

    fn confirm(&mut self, core: &mut Core, env: &mut Env<'_>, index: usize) {
        let node = &mut self.nodes[index];
        if !std::mem::replace(&mut node.confirmed, true) {
            confirmation(core, env, node.def.tag, node.instance);
        }
    }

    fn violate(
        &mut self,
        core: &mut Core,
        env: &mut Env<'_>,
        index: usize,
        reason: String,
        data: Option<Vec<u8>>,
    ) {
        let node = &mut self.nodes[index];
        node.violations += 1;
        let (tag, name, instance) = (node.def.tag, node.def.name, node.instance);
        let too_many = node.violations >= env.options.max_analyzer_violations;
        if too_many {
            core.weird(env.sink, "too_many_analyzer_violations", name, "");
        }
        violation(core, env, tag, instance, reason, data);
        // Policy usually removes an analyzer much earlier; this is for those that policy lets go on.
        if too_many {
            self.remove(core, env, index);
        }
    }
}

/// Tells policy that a protocol is what it was taken for.
pub(crate) fn confirmation(core: &mut Core, env: &mut Env<'_>, tag: &'static str, instance: u64) {
    if !env.sink.wants(&events::ANALYZER_CONFIRMATION_INFO) {
        return;
    }
    core.update(env.sink);
    let info = vec![Value::Conn(core.id), Value::Unset, instance.into()];
    let info = Value::Record(&events::ANALYZER_CONFIRMATION_INFO_RECORD, info);
    env.sink
        .emit(&events::ANALYZER_CONFIRMATION_INFO, vec![Value::Enum(tag), info]);
}

/// Tells policy that it is not, or is broken.
pub(crate) fn violation(
    core: &mut Core,
    env: &mut Env<'_>,
    tag: &'static str,
    instance: u64,
    reason: String,
    data: Option<Vec<u8>>,
) {
    if !env.sink.wants(&events::ANALYZER_VIOLATION_INFO) {
        return;
    }
    core.update(env.sink);
    let info = vec![
        reason.into(),
        Value::Conn(core.id),
        Value::Unset,
        instance.into(),
        data.into(),
    ];
    let info = Value::Record(&events::ANALYZER_VIOLATION_INFO_RECORD, info);
    env.sink
        .emit(&events::ANALYZER_VIOLATION_INFO, vec![Value::Enum(tag), info]);
}
