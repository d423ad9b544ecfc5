//! From segments to analyzers: data in order, gaps, ends, and limits on what is held.

use bro_events::Transport;

use super::endpoint::{Endpoint, State};
use super::reassembly::{Content, Piece};
use super::{history, Flags, Tcp, Work, SOURCE};
use crate::conn::{banner, contents, Core};
use crate::env::Env;
use crate::events;
use crate::tree::Tree;

/// Bytes held for the reassembly of all streams together.  A stream that would need more is given up.
pub(crate) const TOTAL_LIMIT: u64 = 2 << 30;

/// A full-sized segment, for turning a number of segments into bytes.
const SEGMENT: u64 = 1460;

/// Where pieces of a stream go.
struct Receiver<'w, 'e> {
    core: &'w mut Core,
    tree: &'w mut Option<Box<Tree>>,
    env: &'w mut Env<'e>,
    marks: &'w mut history::Marks,
    s: usize,
    /// Sequence number of the SYN
    start: u64,
    /// Gaps are reported, as both ends take part in a proper connection.
    report_gaps: bool,
    /// Flags of the packet at hand, for `rexmit_inconsistency`
    flags: Flags,
    /// The content goes to `tcp_contents`.
    event: bool,
    /// The content is that of an MPTCP connection, which has the analyzers.
    subflow: bool,
}

impl Receiver<'_, '_> {
    fn take(&mut self, piece: Piece<'_>) {
        match piece {
            Piece::Data(seq, data) => self.data(seq, data),
            Piece::Gap(seq, len) => self.gap(seq, len),
            Piece::Conflict(old, new) => {
                let flags = self.flags;
                self.core.emit(self.env.sink, &events::REXMIT_INCONSISTENCY, || {
                    [old.into(), new.into(), flags.to_text().into()]
                });
            }
        }
    }

    fn data(&mut self, seq: u64, data: &[u8]) {
        let is_orig = self.s == 0;
        contents::take(self.core, self.env, self.s, data);
        if self.event {
            let at = seq - self.start;
            self.core.emit(self.env.sink, &events::TCP_CONTENTS, || {
                [is_orig.into(), at.into(), data.into()]
            });
        }
        if self.subflow {
            self.env.mptcp.data(self.core.id, is_orig, seq - self.start, data);
            return;
        }
        if self.core.skip {
            return;
        }
        if let Some(tree) = self.tree {
            tree.deliver_stream(self.core, self.env, is_orig, data);
        }
    }

    fn gap(&mut self, seq: u64, len: u64) {
        if self.subflow {
            let at = seq.saturating_sub(self.start);
            self.env.mptcp.gap(self.core.id, self.s == 0, at, len);
        }
        if self.core.contents.is_some() {
            banner::gap(self.core, self.env, self.s);
        }
        if !self.report_gaps {
            return;
        }
        let is_orig = self.s == 0;
        let at = seq - self.start;
        let side = &mut self.core.sides[self.s];
        side.missed = side.missed.saturating_add(len);
        self.core.dirty = true;
        self.env.stats.gap_events += 1;
        self.env.stats.gap_bytes += len;
        if let Some(threshold) = history::count(&mut self.marks.gaps, &mut self.core.history, b'g', is_orig) {
            self.core.emit(self.env.sink, &events::TCP_MULTIPLE_GAP, || {
                [is_orig.into(), threshold.into()]
            });
        }
        self.core.emit(self.env.sink, &events::CONTENT_GAP, || {
            [is_orig.into(), at.into(), len.into()]
        });
        contents::gap(self.core, self.env, self.s, len);
        if self.core.skip || self.subflow {
            return;
        }
        if let Some(tree) = self.tree {
            tree.undelivered(self.core, self.env, is_orig, at - 1, len);
        }
    }
}

/// Whether `tcp_contents` is raised for a side.
fn wants_contents(core: &Core, env: &Env<'_>, s: usize) -> bool {
    let options = env.options;
    let port = (Transport::Tcp, core.flow.resp_p);
    let asked = if s == 0 {
        options.tcp_content_deliver_all_orig || options.tcp_content_delivery_ports_orig.0.contains(&port)
    } else {
        options.tcp_content_deliver_all_resp || options.tcp_content_delivery_ports_resp.0.contains(&port)
    };
    asked && !core.skip && env.sink.wants(&events::TCP_CONTENTS)
}

impl Tcp {
    #[inline(always)]
    fn receive<'w, 'e>(
        end: &'w mut Endpoint,
        peer_established: bool,
        core: &'w mut Core,
        tree: &'w mut Option<Box<Tree>>,
        env: &'w mut Env<'e>,
        (s, subflow): (usize, bool),
        flags: Flags,
    ) -> (&'w mut super::reassembly::Stream, Receiver<'w, 'e>) {
        let report_gaps = (end.was_established() && peer_established)
            || (env.options.report_gaps_for_partial && end.state != State::Inactive);
        let event = wants_contents(core, env, s);
        let Endpoint {
            stream, marks, start, ..
        } = end;
        (
            stream,
            Receiver {
                core,
                tree,
                env,
                marks,
                s,
                start: *start,
                report_gaps,
                flags,
                event,
                subflow,
            },
        )
    }

    /// Whether anybody looks at content.
    fn is_observed(core: &Core, tree: &Option<Box<Tree>>, s: usize, event: bool, subflow: bool) -> bool {
        event
            || subflow
            || core.contents.as_ref().is_some_and(|contents| contents.any(s))
            || (!core.skip && tree.as_ref().is_some_and(|tree| tree.wants_stream()))
    }

    /// For those who want the beginnings of streams: end `s` sends data up to `end`.
    pub(super) fn note_speaker(&mut self, work: &mut Work<'_, '_, '_>, s: usize, end: u64) {
        let told = work
            .core
            .contents
            .as_ref()
            .is_some_and(|contents| contents.banners_told());
        let joined = self.is_subflow && !work.env.mptcp.is_first(work.core.id);
        let [own, peer] = [&self.ends[s], &self.ends[1 - s]];
        // Probes of idle connections repeat the number before the next, which may be that of the SYN.
        if told || joined || work.core.skip || end <= own.start + 1 {
            return;
        }
        banner::spoke(work.core, work.env, s, || banner::Opening {
            answers: peer.size() > 0,
            // A SYN-ACK tells the first number of the other side.
            certain: own.has_syn && (peer.has_syn || s == 1),
        });
    }

    /// Payload from end `s`, beginning at `seq`.
    pub(super) fn data(&mut self, work: &mut Work<'_, '_, '_>, s: usize, seq: u64) {
        let payload = work.tcp.payload;
        if payload.is_truncated() {
            // What is not there leaves a hole, which the acknowledgement will make a gap.
            work.core
                .weird(work.env.sink, "truncated_tcp_payload", "", SOURCE);
            return;
        }
        let end = &self.ends[s];
        if end.gave_up || end.is_reset() {
            return;
        }
        let subflow = self.is_subflow;
        if !work.core.skip && work.tree.is_none() && !subflow {
            Tree::grow(work.tree, work.core, work.env);
        }
        let peer_established = self.ends[1 - s].was_established();
        let end = &mut self.ends[s];
        let flags = Flags(work.tcp.flags);
        let before = end.stream.memory();
        let (stream, mut receiver) = Self::receive(
            end,
            peer_established,
            work.core,
            work.tree,
            work.env,
            (s, subflow),
            flags,
        );
        let observed = Self::is_observed(receiver.core, receiver.tree, receiver.s, receiver.event, subflow);
        let (content, keep) = if observed {
            (
                Content::Bytes(payload.data()),
                receiver.env.sink.wants(&events::REXMIT_INCONSISTENCY),
            )
        } else {
            (Content::Length(payload.wire_len()), false)
        };
        stream.segment(seq, content, keep, &mut |piece| receiver.take(piece));
        let after = end.stream.memory();
        if before | after != 0 {
            work.env.stats.reassembly_bytes =
                (work.env.stats.reassembly_bytes + after as u64) - before as u64;
        }
        self.limit(work, s);
    }

    /// Keeps what is held within bounds.
    fn limit(&mut self, work: &mut Work<'_, '_, '_>, s: usize) {
        let options = work.env.options;
        let end = &self.ends[s];
        if end.nothing_acked()
            && options.tcp_max_initial_window > 0
            && end.size() > options.tcp_max_initial_window
            && !end.stream.is_waiting()
        {
            // Nobody sends that much without being acknowledged: the acknowledgements are not seen.  What was delivered
            // need not be kept for them.
            let next = end.stream.next();
            self.release(work, s, next);
        }
        let end = &self.ends[s];
        let above_hole = options.tcp_max_above_hole_without_any_acks;
        let excessive = options.tcp_excessive_data_without_further_acks;
        let name = if above_hole > 0 && end.nothing_acked() && end.stream.waiting_bytes() > above_hole {
            "above_hole_data_without_any_acks"
        } else if excessive > 0 && end.stream.memory() as u64 > excessive {
            "excessive_data_without_further_acks"
        } else if end.stream.memory() > 0 && work.env.stats.reassembly_bytes > TOTAL_LIMIT {
            "reassembly_memory_exceeded"
        } else {
            return;
        };
        work.core.weird(work.env.sink, name, "", SOURCE);
        self.give_up(work.env, s);
    }

    fn give_up(&mut self, env: &mut Env<'_>, s: usize) {
        let end = &mut self.ends[s];
        env.stats.reassembly_bytes -= end.stream.memory() as u64;
        end.stream.clear();
        end.gave_up = true;
    }

    /// End `p`'s data was acknowledged up to `ack`.
    pub(super) fn acknowledge(&mut self, work: &mut Work<'_, '_, '_>, p: usize, ack: u64) {
        let end = &self.ends[p];
        if end.gave_up || !end.begun || ack <= end.start {
            return;
        }
        // The FIN has a number too, but is no data.  An acknowledgement of one more than was sent is of a FIN that was
        // not seen.
        let ack = match end.fin_at {
            Some(fin) => ack.min(fin),
            None if ack == end.last + 1 => ack - 1,
            None => ack,
        };
        self.release(work, p, ack);
    }

    fn release(&mut self, work: &mut Work<'_, '_, '_>, p: usize, ack: u64) {
        let peer_established = self.ends[1 - p].was_established();
        let flags = Flags(work.tcp.flags);
        let old = work.env.options.tcp_max_old_segments * SEGMENT;
        let end = &mut self.ends[p];
        if ack <= end.stream.next() && end.stream.memory() == 0 {
            return;
        }
        let subflow = self.is_subflow;
        if ack > end.stream.next() && !work.core.skip && work.tree.is_none() && !subflow {
            Tree::grow(work.tree, work.core, work.env);
        }
        let before = end.stream.memory();
        let (stream, mut receiver) = Self::receive(
            end,
            peer_established,
            work.core,
            work.tree,
            work.env,
            (p, subflow),
            flags,
        );
        let keep = Self::is_observed(receiver.core, receiver.tree, receiver.s, receiver.event, subflow)
            && receiver.env.sink.wants(&events::REXMIT_INCONSISTENCY);
        stream.acknowledge(ack, keep, old, &mut |piece| receiver.take(piece));
        let after = end.stream.memory();
        work.env.stats.reassembly_bytes = (work.env.stats.reassembly_bytes + after as u64) - before as u64;
    }

    /// Tells analyzers when a side's stream has ended.
    pub(super) fn check_eof(&mut self, work: &mut Work<'_, '_, '_>, s: usize) {
        let end = &mut self.ends[s];
        if end.eof || end.doubtful_reset || !matches!(end.state, State::Closed | State::Reset) {
            return;
        }
        let complete = match end.fin_at {
            Some(fin) => end.gave_up || end.stream.next() >= fin,
            None => end.state == State::Reset || end.gave_up,
        };
        if complete {
            end.eof = true;
            self.raise_eof(work.core, work.tree, work.env, s);
        }
    }

    fn raise_eof(&self, core: &mut Core, tree: &mut Option<Box<Tree>>, env: &mut Env<'_>, s: usize) {
        if core.contents.is_some() {
            banner::finish(core, env, s);
        }
        core.raise_side(env.sink, &events::CONNECTION_EOF, s == 0);
        if self.is_subflow {
            env.mptcp.end_of_stream(core.id, s == 0);
        } else if let Some(tree) = tree {
            if !core.skip {
                tree.end_of_data(core, env, s == 0);
            }
        }
    }

    /// Delivers what is held, as the connection goes.
    pub(super) fn deliver_rest(
        &mut self,
        core: &mut Core,
        tree: &mut Option<Box<Tree>>,
        env: &mut Env<'_>,
        s: usize,
    ) {
        let end = &mut self.ends[s];
        let memory = end.stream.memory();
        if memory == 0 {
            return;
        }
        env.stats.reassembly_bytes -= memory as u64;
        if self.is_subflow {
            // It is the other way round for the connection: what is in a hole here may have come on another subflow.
            let start = end.start;
            end.stream.flush(&mut |piece| match piece {
                Piece::Data(seq, data) => env.mptcp.data(core.id, s == 0, seq - start, data),
                Piece::Gap(seq, len) => env.mptcp.gap(core.id, s == 0, seq - start, len),
                Piece::Conflict(..) => {}
            });
        } else if env.options.tcp_match_undelivered && end.stream.is_waiting() && !core.skip {
            // Signatures may look at what never got into order; analyzers may not.
            if let Some(tree) = tree {
                end.stream.flush(&mut |piece| {
                    if let Piece::Data(_, data) = piece {
                        tree.match_undelivered(core, env, s == 0, data);
                    }
                });
            }
        }
        end.stream.clear();
    }
}
