//! All sessions of an engine: the one entry to this crate.

use std::sync::Arc;

use bro_decode::net::fragments::{FragmentTable, Limits};
use bro_decode::transport::tcp_options::{kind, TcpOptions};
use bro_events::{
    Command, ConnId, ConnSnapshot, EventSink, FileSink, FlowId, Question, Questions, ThresholdKind, UidMaker,
    Value, Weird, WeirdAbout,
};
use bro_matching::signature::{Chunk, Context, SignatureSet};

use crate::analyzer::{AnalyzerRegistry, OptionStore};
use crate::bindings::Bindings;
use crate::conn::{contents, is_multiple, next_multiple, side, Connection, TransportState};
use crate::env::{Env, Headers};
use crate::events;
use crate::flow::FlowKey;
use crate::mptcp;
use crate::options::Options;
use crate::stats::Stats;
use crate::table::{Slot, Table};
use crate::tcp::endpoint::Endpoint;
use crate::timers::Wheel;
use crate::tree::Tree;
use crate::walk::routes::Directions;
use crate::walk::tunnel::Tunnels;
use crate::walk::unknown::UnknownProtocols;

/// Where events and contents of files go during a call.
pub(crate) struct Io<'a> {
    pub sink: &'a mut dyn EventSink,
    pub files: &'a mut dyn FileSink,
}

/// All sessions of an engine.
///
/// For each packet, [`Sessions::advance`] first lets timers fire and [`Sessions::packet`] then processes it; between the
/// two, and after them, the caller runs the handlers of the events raised and hands the commands they gave to
/// [`Sessions::apply`].  When the input ends, [`Sessions::finish`] ends all connections.
pub struct Sessions {
    pub(crate) options: Options,
    pub(crate) bindings: Bindings,
    pub(crate) stats: Stats,
    pub(crate) table: Table,
    pub(crate) timers: Wheel<ConnId>,
    pub(crate) uids: UidMaker,
    pub(crate) fragments: FragmentTable,
    pub(crate) tunnels: Tunnels,
    pub(crate) unknown: UnknownProtocols,
    pub(crate) mptcp: mptcp::Connections,
    /// Time of the packet at hand, or of the latest [`Sessions::advance`]
    pub(crate) now: f64,
    /// One of the four things below is in use.  They are rare, and every packet comes along here, so that this alone is
    /// looked at.
    pub(crate) special: bool,
    /// Ways of packets that the site has set
    pub(crate) directions: Option<Box<Directions>>,
    /// Flows in different VLANs are different flows.
    pub(crate) keys_by_vlan: bool,
    /// The options of the TCP header that was met last in the packet at hand, if scripts ask for them
    pub(crate) tcp_options: Option<Vec<u8>>,
    /// What scripts answer in the middle of a packet
    pub(crate) questions: Questions,
    /// The packet at hand belongs into the recording.
    pub(crate) record: bool,
    /// The input has ended.
    ended: bool,
}

/// How often a connection that is over, but held for other subflows of its MPTCP connection, is looked at again, seconds.
const HELD_LOOK: f64 = 60.0;

/// The environment of work on one connection.  A macro, so that only the fields named are borrowed.
macro_rules! env {
    ($sessions:expr, $io:expr, $now:expr, $headers:expr) => {
        $crate::env::Env {
            now: $now,
            headers: $headers,
            options: &$sessions.options,
            bindings: &mut $sessions.bindings,
            stats: &mut $sessions.stats,
            mptcp: &mut $sessions.mptcp,
            sink: &mut *$io.sink,
            files: &mut *$io.files,
        }
    };
}
pub(crate) use env;

impl Sessions {
    /// Sessions with these analyzers and options.  The seed makes the unique ids, and keeps outsiders from aiming at
    /// collisions in hash tables: the same seed and input give the same output.
    pub fn new(registry: AnalyzerRegistry, options: Options, seed: [u8; 16]) -> Self {
        let uids = UidMaker::new(seed);
        let [s0, s1, s2, s3, s4, s5, s6, s7, ..] = seed;
        let mut sessions = Sessions {
            tunnels: Tunnels::new(uids.clone()),
            options,
            bindings: Bindings::new(registry),
            stats: Stats::default(),
            table: Table::new(u64::from_le_bytes([s0, s1, s2, s3, s4, s5, s6, s7])),
            timers: Wheel::new(),
            uids,
            fragments: FragmentTable::new(Limits::default()),
            unknown: UnknownProtocols::default(),
            mptcp: mptcp::Connections::default(),
            now: 0.0,
            special: false,
            directions: None,
            keys_by_vlan: false,
            tcp_options: None,
            questions: Questions::default(),
            record: true,
            ended: false,
        };
        sessions.tunnels.use_ports(&sessions.options);
        sessions
    }

    /// The options.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Changes options, such as when policy changes one at run time.
    pub fn set_options(&mut self, options: Options) {
        self.options = options;
        self.tunnels.use_ports(&self.options);
    }

    /// The options that analyzers read.
    pub fn analyzer_options(&mut self) -> &mut OptionStore {
        &mut self.bindings.store
    }

    /// Asks scripts these questions from now on.
    pub fn set_questions(&mut self, questions: Questions) {
        self.questions = questions;
        self.special |= questions != Questions::default();
    }

    /// Keeps the options of TCP headers, for [`Sessions::tcp_options`].
    pub fn keep_tcp_options(&mut self) {
        self.tcp_options = Some(Vec::new());
        self.special = true;
    }

    /// The options of the TCP header in the packet that was processed last, each as its number and its data; the innermost
    /// header, where tunnels make it several.  With `stop` the first end of the list ends it, which is left out; otherwise
    /// what follows is read on.  Ends where the bytes make no option.
    pub fn tcp_options(&self, stop: bool) -> Vec<(u8, Vec<u8>)> {
        let bytes = self.tcp_options.as_deref().unwrap_or_default();
        let mut options = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let before = at;
            for option in TcpOptions::new(&bytes[at..]) {
                let Ok(option) = option else { return options };
                if option.kind == kind::END && stop {
                    return options;
                }
                at += usize::from(option.length);
                options.push((option.kind, option.data.to_vec()));
                if option.kind == kind::END {
                    break;
                }
            }
            if at == before {
                break;
            }
        }
        options
    }

    /// Uses these signatures, for connections whose content begins from now on.
    pub fn set_signatures(&mut self, set: Arc<SignatureSet>) {
        self.bindings.set_signatures(set);
    }

    /// The counts up to now.
    pub fn stats(&mut self) -> &Stats {
        self.stats.fragments = self.fragments.len() as u64;
        self.stats.timers = [
            self.timers.len() as u64,
            self.timers.most() as u64,
            self.timers.cumulative(),
        ];
        &self.stats
    }

    /// How many connections there are.
    pub fn current_connections(&self) -> usize {
        self.table.len()
    }

    /// Takes flows in different VLANs for different flows from now on, though their endpoints may be the same.
    pub fn key_by_vlan(&mut self) {
        self.keys_by_vlan = true;
        self.special = true;
    }

    /// The connection between these endpoints, if there is one; the roles may be exchanged.  `scope`: its VLANs, where these
    /// set flows apart (see [`crate::flow::scope_of`]).
    pub fn find(&self, flow: &FlowId, scope: u32) -> Option<ConnId> {
        let slot = self.table.find(&FlowKey::of(flow).within(scope))?;
        self.table.get(slot).map(|conn| conn.core.id)
    }

    fn get(&self, id: ConnId) -> Option<&Connection> {
        self.table.by_id(id).and_then(|slot| self.table.get(slot))
    }

    /// The state of a connection as policy sees it.
    pub fn snapshot(&self, id: ConnId) -> Option<ConnSnapshot> {
        self.get(id).map(|conn| conn.core.snapshot())
    }

    /// Seconds of silence after which a connection is removed; 0: never.
    pub fn inactivity_timeout(&self, id: ConnId) -> Option<f64> {
        self.get(id).map(|conn| conn.core.inactivity_timeout)
    }

    /// The highest sequence number that a side of a TCP connection has sent, as it was on the wire.
    pub fn sequence(&self, id: ConnId, is_orig: bool) -> Option<u64> {
        match &self.get(id)?.transport {
            TransportState::Tcp(tcp) => Some(tcp.ends[side(is_orig)].last & 0xffff_ffff),
            _ => None,
        }
    }

    /// What is known of both ends of a TCP connection, originator and responder: the number after the highest that it
    /// sent, the highest of its numbers that the other acknowledged, both as on the wire, and its window in bytes.
    pub fn tcp_ends(&self, id: ConnId) -> Option<[(u32, u32, u32); 2]> {
        match &self.get(id)?.transport {
            TransportState::Tcp(tcp) => {
                let numbers = |end: &Endpoint| (end.last as u32, end.acked as u32, end.window);
                Some([numbers(&tcp.ends[0]), numbers(&tcp.ends[1])])
            }
            _ => None,
        }
    }

    /// What a threshold is set to; 0: not set, or crossed.
    pub fn threshold(&self, id: ConnId, kind: ThresholdKind, is_orig: bool) -> Option<f64> {
        let conn = self.get(id)?;
        Some(
            conn.core
                .thresholds
                .as_ref()
                .map_or(0.0, |thresholds| thresholds.get(kind, side(is_orig))),
        )
    }

    /// The instance number of the first analyzer of a kind on a connection.
    pub fn analyzer_instance(&self, id: ConnId, tag: &str) -> Option<u64> {
        self.get(id)?.tree.as_ref()?.instance_of(tag)
    }

    /// The tag of the analyzer with that instance number on a connection.
    pub fn analyzer_tag(&self, id: ConnId, instance: u64) -> Option<&'static str> {
        self.get(id)?.tree.as_ref()?.tag_of(instance)
    }

    /// What an analyzer on a connection answers to a question of policy, if there is one that knows.
    pub fn query_analyzer(&self, id: ConnId, name: &str) -> Option<bro_events::Value> {
        self.get(id)?.tree.as_ref()?.query(name)
    }

    /// Whether the packet at hand belongs into a recording: yes, unless policy has excluded its connection.
    pub fn records_current_packet(&self) -> bool {
        self.record
    }

    /// The time from which [`Sessions::advance`] has something to do; for sources that pause.
    pub fn is_quiet(&self, now: f64) -> bool {
        self.timers.is_quiet(now)
    }

    /// Lets timers fire that are due at `now`, in the order of their deadlines: at most `max_timer_expires` of them.
    /// Returns whether more are due; while the input pauses, the caller goes on until nothing is.
    pub fn advance(&mut self, now: f64, sink: &mut dyn EventSink, files: &mut dyn FileSink) -> bool {
        self.now = now;
        if !self.fragments.is_empty() && self.options.frag_timeout > 0.0 {
            self.fragments.expire(now, self.options.frag_timeout);
        }
        self.tunnels.expire(now, &self.options);
        if self.timers.is_quiet(now) {
            return false;
        }
        let mut io = Io { sink, files };
        for _ in 0..self.options.max_timer_expires {
            let Some((_, id)) = self.timers.pop_due(now) else {
                return false;
            };
            self.due(&mut io, id, now);
        }
        !self.timers.is_quiet(now)
    }

    /// A connection's timer has fired.
    fn due(&mut self, io: &mut Io<'_>, id: ConnId, now: f64) {
        let Some(slot) = self.table.by_id(id) else { return };
        let Some(mut conn) = self.table.take(slot) else {
            return;
        };
        conn.core.timer = None;
        let timer_at = std::mem::replace(&mut conn.core.timer_at, f64::INFINITY);
        let interval = self.options.status_update_interval;
        if interval > 0.0 && is_multiple(conn.core.start, interval, timer_at) {
            conn.core.raise(io.sink, &events::CONNECTION_STATUS_UPDATE);
        }
        let asks = self.questions.has(Question::ConnectionTimingOut);
        let mut env = env!(self, io, now, Headers::default());
        let Connection { core, transport, .. } = &mut *conn;
        if core.thresholds.is_some() {
            crate::conn::threshold::check(core, &mut env);
        }
        if let TransportState::Tcp(tcp) = transport {
            tcp.due(core, &mut env);
        }
        let analyzed = conn.tree.as_ref().is_some_and(|tree| tree.wants_stream());
        let lifetime = self.options.non_analyzed_lifetime;
        if !conn.core.remove
            && conn.core.inactive_at() <= now
            && !env.mptcp.holds(id)
            && (!asks || !is_kept(&mut conn, env.sink, timer_at))
        {
            env.stats.killed_by_inactivity += 1;
            conn.core.raise(env.sink, &events::CONNECTION_TIMEOUT);
            conn.core.remove = true;
        } else if lifetime > 0.0 && !analyzed && conn.core.start + lifetime <= now {
            conn.core.remove = true;
        }
        self.put_back(io, slot, conn, now);
        self.settle(io, now);
    }

    /// Does what work on subflows of MPTCP connections has left to be done.
    pub(crate) fn settle(&mut self, io: &mut Io<'_>, now: f64) {
        if !self.mptcp.has_settled() {
            self.settle_mptcp(io, now, mptcp::NO_CONN, Headers::default());
        }
    }

    /// Whether a connection must stay although it is over: the analyzers on it are those of other subflows too.
    #[inline]
    fn is_held(&self, conn: &Connection) -> bool {
        matches!(&conn.transport, TransportState::Tcp(tcp) if tcp.is_subflow)
            && self.mptcp.holds(conn.core.id)
    }

    /// Puts a connection back after work on it, or removes it if that was decided.
    pub(crate) fn put_back(&mut self, io: &mut Io<'_>, slot: Slot, mut conn: Box<Connection>, now: f64) {
        if conn.core.remove {
            if self.is_held(&conn) {
                if conn.core.timer.is_none() {
                    // Whatever becomes of the others, it does not stay for ever.
                    conn.core.timer_at = now + HELD_LOOK;
                    conn.core.timer = Some(self.timers.set(conn.core.timer_at, conn.core.id));
                }
                self.table.put(slot, conn);
                return;
            }
            self.remove(io, slot, conn, now, self.ended);
        } else {
            self.arm(&mut conn, io, now);
            self.table.put(slot, conn);
        }
    }

    /// Sets the connection's timer, unless it will fire early enough as it is.
    fn arm(&mut self, conn: &mut Connection, io: &mut Io<'_>, now: f64) {
        let mut at = conn.core.inactive_at();
        if at <= now {
            // It is kept for other subflows of its MPTCP connection, or by scripts: they are asked again.
            at = next_multiple(conn.core.last, conn.core.inactivity_timeout, now);
        }
        if let TransportState::Tcp(tcp) = &conn.transport {
            at = at.min(tcp.deadline(&conn.core, &env!(self, io, now, Headers::default())));
        }
        if let Some(thresholds) = &conn.core.thresholds {
            at = at.min(thresholds.due(conn.core.start));
        }
        let lifetime = self.options.non_analyzed_lifetime;
        let interval = self.options.status_update_interval;
        if interval > 0.0 {
            at = at.min(next_multiple(conn.core.start, interval, now));
        }
        if lifetime > 0.0 {
            at = at.min((conn.core.start + lifetime).max(now + lifetime / 4.0));
        }
        if at >= conn.core.timer_at {
            return;
        }
        if let Some(timer) = conn.core.timer.take() {
            self.timers.cancel(timer);
        }
        conn.core.timer = Some(self.timers.set(at, conn.core.id));
        conn.core.timer_at = at;
    }

    /// Removes a connection that was taken out of the table.
    pub(crate) fn remove(
        &mut self,
        io: &mut Io<'_>,
        slot: Slot,
        mut conn: Box<Connection>,
        now: f64,
        at_end_of_input: bool,
    ) {
        if let Some(timer) = conn.core.timer.take() {
            self.timers.cancel(timer);
        }
        let mut env = env!(self, io, now, Headers::default());
        let Connection {
            core,
            transport,
            tree,
        } = &mut *conn;
        if let TransportState::Tcp(tcp) = transport {
            tcp.end(core, tree, &mut env, at_end_of_input);
            if tcp.is_subflow {
                mptcp::leave(core, tree, &mut env);
            }
        }
        if let Some(tree) = tree {
            tree.done(core, &mut env);
        }
        contents::close(core, &mut env);
        if matches!(transport, TransportState::Udp(_))
            && tree.as_ref().is_some_and(|tree| tree.is_confirmed())
        {
            core.raise(env.sink, &events::UDP_SESSION_DONE);
        }
        core.raise(env.sink, &events::CONNECTION_STATE_REMOVE);
        if core.known {
            env.sink.conn_gone(core.id);
        }
        self.stats.removed(conn.transport.kind());
        self.table.remove(slot, &conn.core.key);
    }

    /// The input has ended: all connections are removed in the order in which they began.
    pub fn finish(&mut self, sink: &mut dyn EventSink, files: &mut dyn FileSink) {
        let now = self.now;
        let mut io = Io { sink, files };
        self.ended = true;
        for id in self.table.in_order() {
            let Some(slot) = self.table.by_id(id) else {
                continue;
            };
            if let Some(mut conn) = self.table.take(slot) {
                if self.is_held(&conn) {
                    // Its other subflows go first: what they have is still for its analyzers.
                    conn.core.remove = true;
                    self.table.put(slot, conn);
                } else {
                    self.remove(&mut io, slot, conn, now, true);
                }
                self.settle(&mut io, now);
            }
        }
    }

    /// Carries out a command of policy.  Returns it if it is none of the sessions' business (files, recording, the end).
    pub fn apply(
        &mut self,
        command: Command,
        sink: &mut dyn EventSink,
        files: &mut dyn FileSink,
    ) -> Option<Command> {
        let now = self.now;
        let mut io = Io { sink, files };
        match command {
            Command::RegisterPort { tag, port, transport } => {
                if !self.tunnels.register(&tag, transport, port) {
                    self.bindings.register_port(&tag, transport, port);
                }
            }
            Command::RoutePackets {
                parent,
                number,
                child,
            } => {
                self.route(&parent, number, &child);
            }
            Command::UnregisterPort { tag, port, transport } => {
                if !self.tunnels.unregister(&tag, transport, port) {
                    self.bindings.unregister_port(&tag, transport, port);
                }
            }
            Command::EnableAnalyzer { tag, enabled } => {
                if !self.tunnels.enable(&tag, enabled) {
                    self.bindings.enable(&tag, enabled);
                }
            }
            Command::ScheduleAnalyzer {
                orig,
                resp,
                port,
                transport,
                tag,
                timeout,
            } => {
                self.bindings
                    .expect(orig, (transport, resp, port), &tag, now + timeout);
            }
            Command::SkipFurtherProcessing(id) => {
                self.with(&mut io, id, now, |conn, _| conn.core.skip_content());
            }
            Command::RecordPackets(id, record) => {
                self.with(&mut io, id, now, |conn, _| conn.core.record = record)
            }
            Command::InactivityTimeout(id, seconds) => {
                self.with(&mut io, id, now, |conn, _| {
                    conn.core.inactivity_timeout = seconds.max(0.0)
                });
            }
            Command::Threshold {
                conn: id,
                is_orig,
                kind,
                value,
            } => self.with(&mut io, id, now, |conn, env| {
                let thresholds = conn.core.thresholds.get_or_insert_with(Box::default);
                thresholds.set(kind, side(is_orig), value);
                // It may have been reached already.
                crate::conn::threshold::check(&mut conn.core, env);
            }),
            Command::DisableAnalyzer {
                conn: id,
                instance,
                prevent,
            } => self.with(&mut io, id, now, |conn, env| {
                if let Some(tree) = &mut conn.tree {
                    tree.disable_instance(&mut conn.core, env, instance, prevent);
                }
            }),
            Command::DisableAnalyzerTag {
                conn: id,
                tag,
                prevent,
            } => self.with(&mut io, id, now, |conn, env| {
                if let Some(tree) = &mut conn.tree {
                    tree.disable_tag(&mut conn.core, env, &tag, prevent);
                }
            }),
            Command::ContentsFile {
                conn: id,
                is_orig,
                path,
            } => self.with(&mut io, id, now, |conn, env| {
                contents::set(&mut conn.core, env, side(is_orig), path.as_deref());
            }),
            Command::Analyzer {
                conn: id,
                name,
                argument,
            } => self.with(&mut io, id, now, |conn, env| {
                if let Some(tree) = &mut conn.tree {
                    tree.command(&mut conn.core, env, &name, &argument);
                }
            }),
            Command::MatchSignatures {
                conn: id,
                context,
                is_orig,
                data,
                bounds: (begin, end),
            } => {
                self.with(&mut io, id, now, |conn, env| {
                    if conn.tree.is_none() {
                        Tree::grow(&mut conn.tree, &mut conn.core, env);
                    }
                    if let (Some(tree), Some(&context)) = (&mut conn.tree, Context::NETWORK.get(context)) {
                        tree.match_content(
                            &mut conn.core,
                            env,
                            context,
                            Chunk {
                                data: &data,
                                is_orig,
                                begin,
                                end,
                            },
                        );
                    }
                });
            }
            other @ (Command::ReopenTrace
            | Command::DumpPacket(_)
            | Command::File(..)
            | Command::Content { .. }
            | Command::ContentEnd { .. }
            | Command::Terminate) => return Some(other),
        }
        None
    }

    /// Works on the connection of that name, if there still is one.
    fn with(
        &mut self,
        io: &mut Io<'_>,
        id: ConnId,
        now: f64,
        work: impl FnOnce(&mut Connection, &mut Env<'_>),
    ) {
        let Some(slot) = self.table.by_id(id) else { return };
        let Some(mut conn) = self.table.take(slot) else {
            return;
        };
        let mut env = env!(self, io, now, Headers::default());
        work(&mut conn, &mut env);
        self.put_back(io, slot, conn, now);
        self.settle(io, now);
    }

    /// Reports something strange about the network.
    pub(crate) fn net_weird(
        io: &mut Io<'_>,
        name: &'static str,
        addl: impl Into<String>,
        source: &'static str,
    ) {
        io.sink.weird(Weird {
            name,
            about: WeirdAbout::Net,
            addl: addl.into(),
            source,
        });
    }
}

/// Whether scripts keep a connection that was silent for too long: a hook that ends by `break` does.  They are asked once
/// each time that makes it too long again; `timer_at` is what the timer was set for that has fired.
fn is_kept(conn: &mut Connection, sink: &mut dyn EventSink, timer_at: f64) -> bool {
    let core = &mut conn.core;
    if timer_at > core.inactive_at() && !is_multiple(core.last, core.inactivity_timeout, timer_at) {
        return true;
    }
    core.update(sink);
    sink.ask(Question::ConnectionTimingOut, vec![Value::Conn(core.id)]) == Some(false)
}
