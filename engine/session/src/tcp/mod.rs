//! TCP connections: state, history, sizes, and both streams (RFC 9293).
//!
//! The monitor is not an end of the connection.  It sees packets once, maybe one direction only, maybe not all, and what
//! it sees may have been made to confuse it.  So it keeps a state for each end (see [`endpoint::State`]), believes what
//! the *other* end acknowledges, and reports what does not fit together as weirds.

mod close;
mod deliver;
pub(crate) mod endpoint;
mod history;
mod options;
pub(crate) mod reassembly;
mod seq;
mod state;
#[cfg(test)]
mod tests;

use bro_decode::transport::tcp::{flags as bit, TcpView};
use bro_events::{Transport, Value};

use crate::conn::{side, Core};
use crate::env::Env;
use crate::events;
use crate::mptcp;
use crate::options::Options;
use crate::packet::Packet;
use crate::tree::Tree;
use endpoint::{Endpoint, State};
use options::SynOptions;
pub(crate) use seq::full;
use state::Segment;

/// Name of the analyzer in weirds.
const SOURCE: &str = "TCP";

/// The flags of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Flags(pub u8);

impl Flags {
    pub fn fin(self) -> bool {
        self.0 & bit::FIN != 0
    }
    pub fn syn(self) -> bool {
        self.0 & bit::SYN != 0
    }
    pub fn rst(self) -> bool {
        self.0 & bit::RST != 0
    }
    pub fn ack(self) -> bool {
        self.0 & bit::ACK != 0
    }
    pub fn urg(self) -> bool {
        self.0 & bit::URG != 0
    }
    /// As policy sees them: letters of those set.
    pub fn to_text(self) -> String {
        [
            (bit::SYN, 'S'),
            (bit::FIN, 'F'),
            (bit::RST, 'R'),
            (bit::ACK, 'A'),
            (bit::PSH, 'P'),
            (bit::URG, 'U'),
        ]
        .into_iter()
        .chain([(bit::ECE, 'E'), (bit::CWR, 'C')])
        .filter(|&(bit, _)| self.0 & bit != 0)
        .map(|(_, letter)| letter)
        .collect()
    }
}

/// What TCP keeps of a connection.
#[derive(Debug)]
pub(crate) struct Tcp {
    /// Originator and responder
    pub ends: [Endpoint; 2],
    first_ack_seen: bool,
    /// `partial_connection` was raised.
    partial_told: bool,
    /// It belongs to an MPTCP connection, which gets its content.
    pub is_subflow: bool,
    /// What is known of it while it is none.
    standing: mptcp::Standing,
    /// Both ends have closed and all was delivered.
    finished: bool,
    /// Both ends have closed, but data is missing yet.
    close_deferred: bool,
    /// Index of the end that closed first
    first_closed: u8,
    /// When to look again, and for what (see `close.rs`); infinity where there is nothing to wait for
    attempt_at: f64,
    partial_close_at: f64,
    remove_at: f64,
    /// Phase of the regular look at connections that are half closed or one-sided
    first_look: f64,
}

/// Everything around the segment at hand; lent to the parts of the work.
pub(crate) struct Work<'w, 'e, 'p> {
    pub core: &'w mut Core,
    pub tree: &'w mut Option<Box<Tree>>,
    pub env: &'w mut Env<'e>,
    pub packet: &'w Packet<'p>,
    pub tcp: &'w TcpView<'p>,
}

impl Tcp {
    /// For a connection whose first packet came at that time.
    pub fn new(options: &Options, now: f64) -> Self {
        Tcp {
            ends: Default::default(),
            first_ack_seen: false,
            partial_told: false,
            is_subflow: false,
            standing: mptcp::Standing::default(),
            finished: false,
            close_deferred: false,
            first_closed: 0,
            attempt_at: f64::INFINITY,
            partial_close_at: f64::INFINITY,
            remove_at: f64::INFINITY,
            first_look: now + options.tcp_syn_timeout,
        }
    }

    /// Whether a packet may begin a connection, and if so, whether its sender is the responder.
    pub fn may_begin(options: &Options, tcp: &TcpView<'_>) -> Option<bool> {
        let flags = Flags(tcp.flags);
        if flags.syn() && !flags.ack() {
            return Some(false);
        }
        let allowed = if flags.syn() {
            options.tcp_syn_ack_ok
        } else {
            options.partial_connection_ok
        };
        let likely = |port| options.likely_server_ports.contains(&(Transport::Tcp, port));
        allowed.then(|| likely(tcp.src_port) && !likely(tcp.dst_port))
    }

    /// Whether a packet of a known connection begins a new one between the same ports.
    pub fn is_reuse(&self, work: &mut Work<'_, '_, '_>, is_orig: bool) -> bool {
        let flags = Flags(work.tcp.flags);
        if !flags.syn() || flags.ack() || flags.rst() || flags.fin() {
            return false;
        }
        let [orig, resp] = &self.ends;
        if orig.state == State::Reset || resp.state == State::Reset {
            // Who is refused may try again, even with the same number.
            return true;
        }
        let sender = &self.ends[side(is_orig)];
        if sender.begun && work.tcp.seq == sender.start as u32 {
            return false;
        }
        if orig.state == State::Closed || resp.state == State::Closed {
            if work.packet.ts - work.core.last < work.env.options.tcp_connection_linger {
                work.core
                    .weird(work.env.sink, "premature_connection_reuse", "", SOURCE);
            }
            return true;
        }
        if is_orig && matches!(orig.state, State::Established | State::Partial) {
            work.core
                .weird(work.env.sink, "active_connection_reuse", "", SOURCE);
            return true;
        }
        false
    }

    /// A segment with a wrong checksum: noted, and otherwise ignored.
    pub fn bad_checksum(&mut self, core: &mut Core, env: &mut Env<'_>, is_orig: bool) {
        core.weird(env.sink, "bad_TCP_checksum", "", SOURCE);
        let marks = &mut self.ends[side(is_orig)].marks;
        core.dirty = true;
        if let Some(threshold) = history::count(&mut marks.checksums, &mut core.history, b'c', is_orig) {
            core.emit(env.sink, &events::TCP_MULTIPLE_CHECKSUM_ERRORS, || {
                [is_orig.into(), threshold.into()]
            });
        }
    }

    /// Whether both ends have ended it, one way or the other; what comes then only tidies up.  A connection closed in
    /// order goes on while data is missing, or what the first to close has sent is not acknowledged and may come again.
    pub fn has_ended(&self) -> bool {
        match (self.ends[0].state, self.ends[1].state) {
            (State::Closed, State::Closed) => {
                let first = &self.ends[usize::from(self.first_closed)];
                self.finished && first.fin_at.is_none_or(|fin| first.acked >= fin)
            }
            (State::Closed | State::Reset, State::Closed | State::Reset) => true,
            _ => false,
        }
    }

    /// Processes a segment.
    pub fn process(&mut self, work: &mut Work<'_, '_, '_>, mut is_orig: bool) {
        let tcp = *work.tcp;
        let flags = Flags(tcp.flags);
        let payload = tcp.payload;
        // What comes with a RST explains it, and is no part of the stream (RFC 9293, section 3.5.2).
        let len = if flags.rst() { 0 } else { payload.wire_len() as u64 };

        if flags.syn() {
            self.syn_weirds(work, flags, len);
        }
        // Whether the first packet is a SYN-ACK, and nothing speaks for its receiver being the server.
        let held = self.held();
        let flipped = self.begin(work, flags, is_orig);
        // A stream that begins anew has let go of what it held.
        work.env.stats.reassembly_bytes -= held - self.held();
        is_orig ^= flipped;
        let s = side(is_orig);
        let end = &mut self.ends[s];
        let seq = end.seq(tcp.seq);
        let data_seq = seq + u64::from(flags.syn());
        let segment_end = data_seq + len + u64::from(flags.fin());
        if end.state != State::Reset || !flags.rst() {
            end.marks.packet(&mut work.core.history, is_orig, flags, seq, len);
        }
        work.core.dirty = true;
        if tcp.window == 0 && !flags.rst() {
            self.zero_window(work, is_orig);
        }
        self.window(work, s, flags, seq);

        if flags.fin() {
            self.fin(work, s, seq, data_seq + len);
        }
        if flags.rst() {
            self.ends[s].reset(seq);
            self.rst(work, s, payload.wire_len());
        } else if self.ends[s].doubtful_reset && !flags.syn() {
            // It goes on as if nothing had happened.
            self.remove_at = f64::INFINITY;
        }

        let underflow = seq < self.ends[s].start && self.ends[s].state != State::Reset;
        if underflow {
            work.core
                .weird(work.env.sink, "TCP_seq_underflow_or_misorder", "", SOURCE);
        }
        let mut ack = 0;
        if flags.ack() {
            ack = self.ends[1 - s].ack(tcp.ack);
            self.note_ack(work, 1 - s, ack, flags);
        }
        let forward =
            !underflow && self.ends[s].advance(segment_end, flags.syn() || flags.rst(), flags.fin());
        let advanced_fin = forward && flags.fin() && self.ends[s].fins > 1;
        // Data with a SYN comes before its time, and will come again unless the peer is prepared for it (RFC 7413).
        if len > 0 && (!forward || flags.syn()) {
            self.retransmission(work, s, data_seq, len);
        }

        let closing = self.transition(
            work,
            s,
            &Segment {
                flags,
                len,
                advanced_fin,
                flipped,
            },
        );
        self.ends[s].last_time = work.env.now;
        self.summarize(work.core);

        if flags.syn() && work.env.sink.wants(&events::CONNECTION_SYN_PACKET) {
            self.raise_syn(work, is_orig);
        }
        if is_orig && flags.ack() && !flags.syn() && !self.first_ack_seen {
            self.first_ack_seen = true;
            work.core.raise(work.env.sink, &events::CONNECTION_FIRST_ACK);
        }
        // Only now, so that a gap that the acknowledgement shows is known to be of an established connection.
        if flags.ack() && !flags.rst() {
            self.acknowledge(work, 1 - s, ack);
        }
        self.packet_events(work, is_orig, flags, seq, ack);
        if self.is_subflow || mptcp::is_possible(tcp.raw_options) {
            self.subflow(work, is_orig, data_seq, segment_end);
        }
        if len > 0 && !underflow {
            if work.env.sink.wants(&events::TCP_BANNER) {
                self.note_speaker(work, s, data_seq + len);
            }
            self.data(work, s, data_seq);
        }
        self.check_eof(work, s);
        self.check_eof(work, 1 - s);
        if closing.close {
            self.closed(work, s, closing.event);
        }
        if self.close_deferred {
            self.finish_if_complete(work);
        }
        if self.is_subflow {
            self.after_subflow(work, is_orig, flags.ack().then_some(ack));
        }
        self.summarize(work.core);
    }

    /// A segment with options of MPTCP, or of a subflow.
    #[cold]
    fn subflow(&mut self, work: &mut Work<'_, '_, '_>, is_orig: bool, data_seq: u64, segment_end: u64) {
        let s = side(is_orig);
        let was_subflow = self.is_subflow;
        if was_subflow && !work.env.mptcp.has_subflow(work.core.id) {
            // It had to make room for others, and goes on all the same.
            self.standing = mptcp::Standing::Tried;
        }
        let flags = Flags(work.tcp.flags);
        let [end, peer] = [&self.ends[s], &self.ends[1 - s]];
        let mut segment = mptcp::Segment {
            is_orig,
            place: mptcp::Place {
                at: end.relative(data_seq),
                len: work.tcp.payload.wire_len() as u64,
            },
            rst: flags.rst() && !end.doubtful_reset,
            credible: flags.syn() || end.is_acceptable(data_seq, segment_end, peer),
            standing: &mut self.standing,
        };
        self.is_subflow = mptcp::segment(work, &mut segment);
        if self.is_subflow && !was_subflow && !work.env.mptcp.is_first(work.core.id) {
            // What was taken for a connection of its own has begun to be analyzed as one.
            if let Some(mut tree) = work.tree.take() {
                tree.done(work.core, work.env);
            }
        }
    }

    /// What its connection has to know of a subflow after a segment, besides its content.
    #[cold]
    fn after_subflow(&mut self, work: &mut Work<'_, '_, '_>, is_orig: bool, ack: Option<u64>) {
        let [orig, resp] = &self.ends;
        let after = mptcp::After {
            is_orig,
            ack: ack.map(|ack| self.ends[side(!is_orig)].relative(ack)),
            waiting: [orig.stream.is_waiting(), resp.stream.is_waiting()],
            reset: orig.is_reset() || resp.is_reset(),
            closed: orig.state == State::Closed && resp.state == State::Closed,
            now: work.env.now,
        };
        work.env.mptcp.after(work.core.id, &after);
    }

    /// Bytes held for reassembly.
    fn held(&self) -> u64 {
        self.ends.iter().map(|end| end.stream.memory() as u64).sum()
    }

    /// Hands states and sizes to where policy's picture of the connection is made.
    pub fn summarize(&self, core: &mut Core) {
        for (side, end) in core.sides.iter_mut().zip(&self.ends) {
            let (state, size) = (end.state as u8, end.size());
            core.dirty |= side.state != state || side.size != size;
            (side.state, side.size) = (state, size);
        }
        core.established = self.ends.iter().all(Endpoint::was_established);
    }

    /// Strange combinations with SYN.
    fn syn_weirds(&self, work: &mut Work<'_, '_, '_>, flags: Flags, len: u64) {
        if flags.rst() {
            work.core.weird(work.env.sink, "TCP_christmas", "", SOURCE);
        }
        if flags.urg() {
            work.core.weird(work.env.sink, "baroque_SYN", "", SOURCE);
        }
        if len > 0 {
            // Also T/TCP, TCP Fast Open, and tests of intrusion detection.
            work.core.weird(work.env.sink, "SYN_with_data", "", SOURCE);
        }
    }

    /// Sets up sequence numbers from the first packets.  True if the roles were exchanged.
    fn begin(&mut self, work: &mut Work<'_, '_, '_>, flags: Flags, is_orig: bool) -> bool {
        let tcp = work.tcp;
        let (s, p) = (side(is_orig), side(!is_orig));
        let mut flipped = false;
        match self.ends[s].state {
            State::Inactive => {
                if flags.syn() {
                    self.ends[s].begin_with_syn(tcp.seq);
                    if is_orig && flags.ack() && self.ends[p].state == State::Inactive {
                        flipped = self.syn_ack_from_originator(work);
                    }
                } else if !self.ends[s].begun || self.ends[s].last <= self.ends[s].start + 1 {
                    self.ends[s].begin_in_the_middle(tcp.seq);
                }
            }
            State::SynSent | State::SynAckSent => {
                if flags.syn() && tcp.seq != self.ends[s].start as u32 {
                    work.core.weird(work.env.sink, "SYN_seq_jump", "", "");
                    self.ends[s].begin_with_syn(tcp.seq);
                }
            }
            State::Established | State::Partial => {
                if flags.syn() {
                    if self.ends[s].size() > 0 {
                        work.core.weird(work.env.sink, "SYN_inside_connection", "", "");
                    }
                    if tcp.seq != self.ends[s].start as u32 {
                        work.core.weird(work.env.sink, "SYN_seq_jump", "", "");
                        // Once the peer has acknowledged the first SYN, another one is no beginning.
                        if self.ends[s].size() == 0 && self.ends[s].acked <= self.ends[s].start {
                            self.ends[s].begin_with_syn(tcp.seq);
                        }
                    }
                }
            }
            State::Closed | State::Reset => {}
        }
        let s = if flipped { p } else { s };
        let p = 1 - s;
        if self.ends[p].state == State::Inactive && !self.ends[p].begun && flags.ack() {
            if !flags.syn() && !flags.fin() && !flags.rst() && s == 0 && self.ends[s].state == State::SynSent
            {
                // An acknowledgement of something that was not seen: the other direction takes another way?
                work.core.weird(work.env.sink, "possible_split_routing", "", "");
            }
            self.ends[p].begin_in_the_middle(tcp.ack);
        }
        flipped
    }

    /// A connection seems to begin with a SYN-ACK from its originator.  More likely the SYN was not seen, unless its
    /// receiver looks like the server.
    fn syn_ack_from_originator(&mut self, work: &mut Work<'_, '_, '_>) -> bool {
        work.core
            .weird(work.env.sink, "connection_originator_SYN_ack", "", SOURCE);
        let likely = |port| {
            work.env
                .options
                .likely_server_ports
                .contains(&(Transport::Tcp, port))
        };
        if likely(work.core.flow.resp_p) && !likely(work.core.flow.orig_p) {
            return false;
        }
        self.flip(work);
        true
    }

    /// Exchanges the roles in the middle of a packet.
    fn flip(&mut self, work: &mut Work<'_, '_, '_>) {
        work.core.flip();
        self.flipped();
        work.env.mptcp.flip(work.core.id);
        if let Some(tree) = work.tree {
            tree.flip_roles(work.core, work.env);
        }
        work.core.raise(work.env.sink, &events::CONNECTION_FLIPPED);
    }

    /// The connection's roles were exchanged.
    pub fn flipped(&mut self) {
        self.ends.swap(0, 1);
    }

    fn zero_window(&mut self, work: &mut Work<'_, '_, '_>, is_orig: bool) {
        let marks = &mut self.ends[side(is_orig)].marks;
        if let Some(threshold) =
            history::count(&mut marks.zero_windows, &mut work.core.history, b'w', is_orig)
        {
            let args = || [is_orig.into(), threshold.into()];
            work.core
                .emit(work.env.sink, &events::TCP_MULTIPLE_ZERO_WINDOWS, args);
        }
    }

    /// Follows the advertised window, and reports if its right edge moves back (RFC 9293, section 3.8.6).
    fn window(&mut self, work: &mut Work<'_, '_, '_>, s: usize, flags: Flags, seq: u64) {
        if flags.syn() {
            self.ends[s].window_scale = SynOptions::parse(work.tcp.options())
                .window_scale
                .map(|scale| scale.min(14));
        }
        if !flags.ack() || flags.rst() {
            return;
        }
        let ack = self.ends[1 - s].ack(work.tcp.ack);
        let both_scale = self.ends.iter().all(|end| end.window_scale.is_some());
        let scale = if flags.syn() || !both_scale {
            0
        } else {
            self.ends[s].window_scale.unwrap_or(0)
        };
        let window = u32::from(work.tcp.window) << scale;
        let end = &mut self.ends[s];
        // Only what is newer than the last word counts (SND.WL1 and SND.WL2 of the RFC).
        let known = end.window_ack != 0 && !flags.syn();
        if known && (seq < end.window_seq || ack < end.window_ack) {
            return;
        }
        // Hosts that do not scale their windows take room back as a matter of course, so that says nothing.  Subflows share
        // one window, which others use up.
        if known && both_scale && !self.is_subflow && !flags.fin() && !work.core.partial {
            let before = end.window_ack + u64::from(end.window);
            let after = ack + u64::from(window);
            // Windows are rounded to their scale, so an edge may seem to move by that much.
            if after + (1 << scale) < before && end.state == State::Established {
                work.core.weird(work.env.sink, "window_recision", "", "");
            }
        }
        let end = &mut self.ends[s];
        // A SYN's window is not scaled, and often another one altogether: later ones are not measured by it.
        let ack = if flags.syn() { 0 } else { ack };
        (end.window, end.window_seq, end.window_ack) = (window, seq, ack);
    }

    fn fin(&mut self, work: &mut Work<'_, '_, '_>, s: usize, seq: u64, at: u64) {
        let end = &mut self.ends[s];
        end.fins = end.fins.saturating_add(1);
        // One among bytes that are there already is old to its receiver, who drops it.
        if seq >= end.start && (end.gave_up || at >= end.stream.next()) {
            end.fin_at = Some(end.fin_at.map_or(at, |before| before.max(at)));
        }
        let count = u64::from(end.fins);
        let recent = work.env.now < end.last_time + work.env.options.tcp_storm_interarrival_thresh;
        if count == work.env.options.tcp_storm_thresh && recent {
            work.core.weird(work.env.sink, "FIN_storm", "", SOURCE);
        }
    }

    fn rst(&mut self, work: &mut Work<'_, '_, '_>, s: usize, len: usize) {
        let end = &mut self.ends[s];
        end.rsts = end.rsts.saturating_add(1);
        let count = u64::from(end.rsts);
        let recent = work.env.now < end.last_time + work.env.options.tcp_storm_interarrival_thresh;
        if count == work.env.options.tcp_storm_thresh && recent {
            work.core.weird(work.env.sink, "RST_storm", "", SOURCE);
        }
        if len > 0 {
            work.core.weird(work.env.sink, "RST_with_data", "", SOURCE);
        }
    }

    /// Takes note of an acknowledgement of what end `p` sent.
    fn note_ack(&mut self, work: &mut Work<'_, '_, '_>, p: usize, ack: u64, flags: Flags) {
        let end = &mut self.ends[p];
        if !end.begun {
            return;
        }
        if ack < end.start {
            // Broken stacks acknowledge 0 in a RST.
            if !flags.rst() && !flags.syn() {
                work.core
                    .weird(work.env.sink, "TCP_ack_underflow_or_misorder", "", SOURCE);
            }
        } else if !flags.rst() && ack > end.acked && !end.is_reset() {
            // After a reset the numbers may be those of another connection.
            let from = end.acked.max(end.start + 1);
            let to = end.fin_at.map_or(ack, |fin| ack.min(fin));
            end.acked = ack;
            if to > from && !end.gave_up {
                work.env.stats.ack_events += 1;
                work.env.stats.ack_bytes += to - from;
            }
        }
    }

    fn retransmission(&mut self, work: &mut Work<'_, '_, '_>, s: usize, seq: u64, len: u64) {
        let is_orig = s == 0;
        let [window, in_flight, at] = {
            let end = &self.ends[s];
            let peer = &self.ends[1 - s];
            [
                u64::from(peer.window),
                end.last.saturating_sub(end.acked),
                end.relative(seq),
            ]
        };
        let marks = &mut self.ends[s].marks;
        if let Some(threshold) =
            history::count(&mut marks.retransmissions, &mut work.core.history, b't', is_orig)
        {
            let args = || [is_orig.into(), threshold.into()];
            work.core
                .emit(work.env.sink, &events::TCP_MULTIPLE_RETRANSMISSIONS, args);
        }
        work.core.emit(work.env.sink, &events::TCP_REXMIT, || {
            [
                is_orig.into(),
                at.into(),
                len.into(),
                in_flight.into(),
                window.into(),
            ]
        });
    }

    fn raise_syn(&self, work: &mut Work<'_, '_, '_>, is_orig: bool) {
        let tcp = work.tcp;
        let options = SynOptions::parse(tcp.options());
        let (tsval, tsecr) = options.timestamps.unzip();
        let ip = work.packet.ip;
        let dont_fragment = ip.ipv4().is_some_and(|header| header.dont_fragment);
        let record = Value::Record(
            &events::SYN_PACKET,
            vec![
                is_orig.into(),
                dont_fragment.into(),
                ip.ttl.into(),
                Value::Count(work.packet.ip_len as u64),
                tcp.window.into(),
                Value::Int(options.window_scale.map_or(-1, i64::from)),
                options.mss.into(),
                options.sack_permitted.into(),
                tsval.into(),
                tsecr.into(),
            ],
        );
        work.core
            .emit(work.env.sink, &events::CONNECTION_SYN_PACKET, || [record]);
    }

    /// Events that are raised for each packet, for those who ask for them.
    fn packet_events(&self, work: &mut Work<'_, '_, '_>, is_orig: bool, flags: Flags, seq: u64, ack: u64) {
        let tcp = work.tcp;
        let s = side(is_orig);
        if work.env.sink.wants(&events::TCP_PACKET) {
            let (seq, ack) = (self.ends[s].relative(seq), self.ends[1 - s].relative(ack));
            work.core.emit(work.env.sink, &events::TCP_PACKET, || {
                [
                    is_orig.into(),
                    flags.to_text().into(),
                    seq.into(),
                    if flags.ack() { ack } else { 0 }.into(),
                    Value::Count(tcp.payload.wire_len() as u64),
                    tcp.payload.data().into(),
                ]
            });
        }
        if tcp.raw_options.is_empty() {
            return;
        }
        if work.env.sink.wants(&events::TCP_OPTION) || work.env.sink.wants(&events::TCP_OPTIONS) {
            for option in tcp.options() {
                let Ok(option) = option else {
                    work.core.weird(work.env.sink, "corrupt_tcp_option", "", SOURCE);
                    break;
                };
                work.core.emit(work.env.sink, &events::TCP_OPTION, || {
                    [is_orig.into(), option.kind.into(), option.length.into()]
                });
            }
            work.core.emit(work.env.sink, &events::TCP_OPTIONS, || {
                [is_orig.into(), options::list(tcp.options())]
            });
        }
    }
}
