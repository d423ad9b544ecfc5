//! The data of connections: from the segments of subflows, through their mappings, to streams in order.

use bro_decode::transport::mptcp::{dss_flags, Capable, Dss};
use bro_events::ConnId;

use super::connection::{From, Mptcp};
use super::connections::Connections;
use super::mapping::{Check, Mapping, News, Out, MOST_LOOSE};
use super::stream::KEEP_ACKNOWLEDGED;
use super::subflow::Subflow;
use super::tasks::{Task, Tasks};

/// Bytes held for all connections together.  Beyond, acknowledged bytes are not kept for comparison, and holes are given up
/// at once.
const TOTAL_LIMIT: usize = 512 << 20;

/// So long a hole that the receiver has acknowledged is kept open while TCP holds segments that may fill it, seconds.
const HOLE_PATIENCE: f64 = 1.0;

/// Where a segment is in what its side sends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// Number of its first byte, the first behind the SYN being 1
    pub at: u64,
    /// Number of its bytes
    pub len: u64,
}

/// A subflow after a segment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct After {
    /// Which side sent the segment
    pub is_orig: bool,
    /// The segment acknowledges the other side's bytes before this number.
    pub ack: Option<u64>,
    /// TCP has segments of originator and responder that wait behind a hole.
    pub waiting: [bool; 2],
    /// Originator or responder has reset it.
    pub reset: bool,
    /// Both have closed it.
    pub closed: bool,
    /// Packet time
    pub now: f64,
}

/// A subflow at work: the parts of [`Connections`] that it needs.
struct Work<'a> {
    mptcp: &'a mut Mptcp,
    subflow: &'a mut Subflow,
    tasks: &'a mut Tasks,
    conn: ConnId,
    /// How many acknowledged bytes stay at hand
    keep: u64,
    /// Too much is held for all connections, and this one holds more than its share.
    is_greedy: bool,
}

impl Work<'_> {
    fn from(&self, end: usize) -> From {
        From {
            conn: self.conn,
            path: self.subflow.path,
            is_orig: end == self.subflow.orig_end,
            end,
        }
    }

    /// Works on what an end sends on the subflow.
    fn with_side<T>(
        &mut self,
        end: usize,
        work: impl FnOnce(&mut super::mapping::Side, &mut dyn FnMut(Out<'_>)) -> T,
    ) -> T {
        let from = self.from(end);
        let (mptcp, tasks, keep) = (&mut *self.mptcp, &mut *self.tasks, self.keep);
        work(&mut self.subflow.sides[end], &mut |out| {
            mptcp.receive(&from, keep, out, tasks);
        })
    }

    /// The connection goes on as TCP.
    fn fall_back(&mut self, reason: &'static str) {
        if std::mem::replace(&mut self.mptcp.fallback, true) {
            return;
        }
        for end in 0..2 {
            let next = self.mptcp.ends[end].data.expected().unwrap_or(0);
            self.with_side(end, |side, out| side.go_on(next, out));
        }
        self.tasks.push(self.mptcp.first_conn, Task::Fallback(reason));
    }

    /// Whether the ends take what comes on the subflow; `None` if that is not known yet.
    fn is_believed(&self) -> Option<bool> {
        self.subflow.is_believed(self.mptcp.answered)
    }

    /// The content that has waited until the subflow was believed.
    fn flush_pending(&mut self) {
        self.subflow.pending_bytes = 0;
        for (is_orig, at, bytes) in std::mem::take(&mut self.subflow.pending) {
            let end = self.subflow.end(is_orig);
            self.with_side(end, |side, out| side.data(at, &bytes, out));
        }
    }

    /// The end whose silence seemed to say that the connection has become TCP speaks MPTCP.
    fn take_back_fallback(&mut self) {
        (self.mptcp.fallback, self.mptcp.silent) = (false, None);
        self.subflow
            .sides
            .iter_mut()
            .for_each(super::mapping::Side::revive);
        self.mptcp.weird("mptcp_fallback_taken_back", self.tasks);
    }

    /// Whether it is the only subflow there has been.
    fn is_alone(&self) -> bool {
        !self.mptcp.several && self.subflow.joining.is_none()
    }

    fn news(&mut self, news: News) {
        match news {
            News::Fine => {}
            News::Contradiction => self.mptcp.weird("mptcp_contradicting_mappings", self.tasks),
            News::TooMany => self.mptcp.weird("mptcp_too_many_mappings", self.tasks),
        }
    }
}

impl Connections {
    /// Works on a subflow, and counts what it holds afterwards.
    fn work<T>(&mut self, conn: ConnId, work: impl FnOnce(&mut Work<'_>) -> T) -> Option<T> {
        let connections = self.all.len();
        let subflow = self.subflows.get_mut(&conn)?;
        let mptcp = self.all.get_mut(&subflow.mptcp)?;
        let before = mptcp.memory() + subflow.memory();
        let is_greedy = self.held > TOTAL_LIMIT && before > TOTAL_LIMIT / connections.max(1);
        let keep = if is_greedy { 0 } else { KEEP_ACKNOWLEDGED };
        let mut all = Work {
            mptcp,
            subflow,
            tasks: &mut self.tasks,
            conn,
            keep,
            is_greedy,
        };
        let result = work(&mut all);
        let after = all.mptcp.memory() + all.subflow.memory();
        self.held = (self.held + after).saturating_sub(before);
        Some(result)
    }

    /// DSS in a segment.
    pub fn dss(&mut self, conn: ConnId, is_orig: bool, place: Place, dss: &Dss, now: f64) {
        self.work(conn, |work| {
            let end = work.subflow.end(is_orig);
            let believed = work.is_believed();
            if believed == Some(false) {
                return;
            }
            if work.mptcp.silent == Some(end) {
                work.take_back_fallback();
            }
            if work.mptcp.fallback {
                // What has become TCP has no options any more, whatever is sent.
                return;
            }
            let is_certain = believed == Some(true);
            if is_certain {
                work.mptcp.accepted = true;
                work.mptcp.answered |= !is_orig;
            }
            if let Some(ack) = dss.ack.filter(|_| is_certain) {
                let other = &mut work.mptcp.ends[1 - end].data;
                other.note(ack);
                let ack = other.full(ack);
                other.acknowledge(ack, work.keep, now);
            }
            let Some(sent) = dss.mapping else { return };
            work.mptcp.ends[end].data.note(sent.dsn);
            let dsn = work.mptcp.ends[end].data.full(sent.dsn);
            if sent.len == 0 {
                if work.is_alone() {
                    work.with_side(end, |side, out| side.infinite_from(sent.ssn, dsn, out));
                    work.fall_back("infinite_mapping");
                } else {
                    // With several subflows there is no way back; the subflow is reset.
                    work.mptcp.weird("mptcp_infinite_mapping_ignored", work.tasks);
                }
                return;
            }
            let fin = dss.flags & dss_flags::DATA_FIN != 0;
            if fin && is_certain {
                let last = dsn.wrapping_add(u64::from(sent.len) - 1);
                work.mptcp.ends[end].data.set_fin(last);
            }
            let check = match (work.mptcp.checksums, sent.checksum) {
                (Some(false), _) | (None, None) => Check::None,
                (_, Some(sum)) => Check::Sum(sum),
                (Some(true), None) => Check::Missing,
            };
            if fin && sent.len == 1 {
                return;
            }
            // The receiver has gone back to TCP, so the sender hears no acknowledgement of its data and sends it again.  That
            // is new data for the receiver.
            let expected = work.mptcp.ends[end].data.expected();
            let again = expected.is_some_and(|expected| (dsn.wrapping_sub(expected) as i64) < 0);
            let is_new = place.len > 0 && work.subflow.sides[end].is_new(place.at);
            if again && is_new && work.subflow.bare_acks[end] && work.is_alone() {
                work.mptcp.silent = Some(1 - end);
                work.fall_back("no_mapping");
                return;
            }
            if check == Check::Missing {
                work.mptcp.weird("mptcp_checksum_missing", work.tasks);
            }
            let mapping = Mapping {
                dsn,
                ssn: sent.ssn,
                len: sent.len,
                fin,
                check,
            };
            let news = work.with_side(end, |side, out| side.map(place.at, place.len, mapping, out));
            work.news(news);
        });
    }

    /// The third packet of a handshake, or one that repeats it: it may map its data, and what came with the SYN belongs to
    /// the beginning.
    pub fn capable_data(&mut self, conn: ConnId, is_orig: bool, place: Place, option: &Capable) {
        self.work(conn, |work| {
            let end = work.subflow.end(is_orig);
            let Some(first) = work.mptcp.ends[end].data.base() else {
                return;
            };
            let check = match (work.mptcp.checksums, option.checksum) {
                (Some(false), _) | (_, None) => Check::None,
                (_, Some(sum)) => Check::Sum(sum),
            };
            let mapping = |len: u16, check: Check| Mapping {
                dsn: first,
                ssn: 1,
                len,
                fin: false,
                check,
            };
            if let Some(len) = option.data_len.filter(|&len| len > 0) {
                let mapping = mapping(len, check);
                let news = work.with_side(end, |side, out| side.map(place.at, place.len, mapping, out));
                work.news(news);
            } else if let Some(len) = work.subflow.sides[end].loose_at_first() {
                let mapping = mapping(len, Check::None);
                let news = work.with_side(end, |side, out| side.map(place.at, 0, mapping, out));
                work.news(news);
            }
        });
    }

    /// MP_FAIL: what the other side sends has a wrong checksum.  With a reset the subflow goes; without, the connection goes
    /// on as TCP.
    pub fn fail(&mut self, conn: ConnId, is_orig: bool, rst: bool) {
        self.work(conn, |work| {
            if work.is_believed() != Some(true) {
                return;
            }
            let end = work.subflow.end(!is_orig);
            if rst || !work.is_alone() {
                work.subflow.sides[end].reject_wrong();
                let path = work.subflow.path;
                work.mptcp.ends[end].data.stream.refuse(path);
            } else {
                work.fall_back("checksum");
            }
        });
    }

    /// MP_FASTCLOSE with the key of the side it is sent to.
    pub fn fast_close(&mut self, conn: ConnId, is_orig: bool, key: u64) {
        self.work(conn, |work| {
            let end = work.subflow.end(!is_orig);
            let known = work.mptcp.ends[end].key;
            if work.is_believed() == Some(true) && known.is_none_or(|known| known.0 == key) {
                work.mptcp.fast_closed = true;
            }
        });
    }

    /// The next bytes of a side of a subflow.
    pub fn data(&mut self, conn: ConnId, is_orig: bool, at: u64, bytes: &[u8]) {
        self.work(conn, |work| match work.is_believed() {
            Some(true) => {
                work.flush_pending();
                let end = work.subflow.end(is_orig);
                work.with_side(end, |side, out| side.data(at, bytes, out));
            }
            None if work.subflow.pending_bytes + bytes.len() <= MOST_LOOSE => {
                work.subflow.pending_bytes += bytes.len() + 64;
                work.subflow.pending.push((is_orig, at, bytes.to_vec()));
            }
            _ => {}
        });
    }

    /// Bytes of a side of a subflow that its receiver has and that were not seen.
    pub fn gap(&mut self, conn: ConnId, is_orig: bool, at: u64, len: u64) {
        self.work(conn, |work| {
            if work.is_believed() == Some(true) {
                work.flush_pending();
                let end = work.subflow.end(is_orig);
                work.with_side(end, |side, out| side.gap(at, len, out));
            }
        });
    }

    /// TCP has delivered the stream of a side to its end.
    pub fn end_of_stream(&mut self, conn: ConnId, is_orig: bool) {
        self.work(conn, |work| {
            let end = work.subflow.end(is_orig);
            if work.mptcp.fallback {
                end_data(work.mptcp, work.tasks, end);
            }
        });
    }

    /// A segment of a subflow was processed.
    pub fn after(&mut self, conn: ConnId, after: &After) {
        let state = self.work(conn, |work| {
            for is_orig in [true, false] {
                let end = work.subflow.end(is_orig);
                work.subflow.waiting[end] = after.waiting[crate::conn::side(is_orig)];
            }
            work.mptcp.several |= work.mptcp.joined > 0;
            if !work.subflow.pending.is_empty() && work.is_believed() == Some(true) {
                work.flush_pending();
            }
            detect_fallback(work, after);
            note_end(work, after);
            let ends = &work.mptcp.ends;
            let waits = |end: usize| ends[end].data.hole_since.is_some() || ends[end].data.stream.is_full();
            // A join that completes shows too that the connection has not become TCP.
            let revived = work.mptcp.several && work.mptcp.silent.is_some();
            (
                waits(0) || waits(1),
                work.is_greedy,
                revived.then_some(work.mptcp.first_conn),
            )
        });
        let Some((waits, is_greedy, revived)) = state else {
            return;
        };
        if let Some(first) = revived {
            self.work(first, |work| work.take_back_fallback());
        }
        let Some(id) = self.subflows.get(&conn).map(|subflow| subflow.mptcp) else {
            return;
        };
        if is_greedy || waits {
            self.look_at_holes(id, after.now, is_greedy);
        }
        let Some(mptcp) = self.all.get_mut(&id) else {
            return;
        };
        let closed = (after.closed || after.reset) && mptcp.is_closed();
        for end in 0..2 {
            if mptcp.ends[end].data.is_complete(closed) {
                end_data(mptcp, &mut self.tasks, end);
            }
        }
        if !mptcp.told_reset && (mptcp.fast_closed || is_reset(mptcp)) {
            tell_reset(mptcp, &mut self.tasks);
        }
    }

    /// Gives up holes: those that the receiver does not have, once TCP holds nothing that may fill them, and those before
    /// which too much waits.
    fn look_at_holes(&mut self, id: u64, now: f64, is_greedy: bool) {
        let Some(mptcp) = self.all.get_mut(&id) else {
            return;
        };
        let before = mptcp.memory();
        for end in 0..2 {
            let data = &mptcp.ends[end].data;
            if let Some(since) = data.hole_since {
                let may_be_filled = || {
                    let waits = |conn| {
                        let subflow = self.subflows.get(conn);
                        subflow.is_some_and(|subflow| subflow.waiting[end] || subflow.sides[end].has_early())
                    };
                    mptcp.subflows.iter().any(waits)
                };
                if !data.stream.is_hole_acknowledged() {
                    mptcp.ends[end].data.hole_since = None;
                } else if now - since > HOLE_PATIENCE || !may_be_filled() {
                    mptcp.with_stream(end, &mut self.tasks, |stream, out| {
                        stream.skip_acknowledged(KEEP_ACKNOWLEDGED, out);
                    });
                    mptcp.ends[end].data.hole_since = None;
                }
            }
            if mptcp.ends[end].data.stream.is_full() || is_greedy {
                mptcp.with_stream(end, &mut self.tasks, |stream, out| stream.skip_hole(0, out));
                mptcp.weird("mptcp_too_much_waiting", &mut self.tasks);
            }
        }
        self.held = (self.held + mptcp.memory()).saturating_sub(before);
    }
}

/// Data without mappings on the only subflow, acknowledged without the option: both ends have gone back to TCP.
fn detect_fallback(work: &mut Work<'_>, after: &After) {
    let end = work.subflow.end(!after.is_orig);
    let ack = after.ack.unwrap_or(0);
    if !work.subflow.bare {
        work.subflow.bare_acks[end] = false;
    } else if ack > work.subflow.acked[end] && !after.reset {
        work.subflow.bare_acks[end] = true;
    }
    work.subflow.acked[end] = work.subflow.acked[end].max(ack);
    if work.mptcp.fallback || !work.is_alone() {
        return;
    }
    let acknowledged = work.subflow.bare
        && !after.reset
        && after
            .ack
            .is_some_and(|ack| work.subflow.sides[end].is_loose_before(ack));
    let full = [0, 1]
        .into_iter()
        .find(|&end| work.subflow.sides[end].is_loose_full());
    let sender = if acknowledged { Some(end) } else { full };
    if let (Some(sender), true) = (sender, work.mptcp.accepted) {
        work.mptcp.silent = Some(1 - sender);
        work.fall_back("no_mapping");
    }
}

/// Takes note of a subflow's end.
fn note_end(work: &mut Work<'_>, after: &After) {
    let Some(info) = work.mptcp.paths.get_mut(work.subflow.path as usize) else {
        return;
    };
    info.reset |= after.reset;
    let counts = after.reset && !info.refused;
    if (after.reset || after.closed) && !std::mem::replace(&mut info.closed, true) {
        let bytes = info.bytes;
        let task = closed_task(work.mptcp, after.reset, bytes);
        work.tasks.push(work.conn, task);
    }
    work.mptcp.any_reset |= counts;
}

/// What is told of a subflow that has ended.
pub(super) fn closed_task(mptcp: &Mptcp, reset: bool, bytes: [u64; 2]) -> Task {
    let orig = mptcp.first_end;
    Task::Closed {
        first: mptcp.first.clone(),
        reset,
        bytes: [bytes[orig], bytes[1 - orig]],
    }
}

/// An end sends no more.
pub(super) fn end_data(mptcp: &mut Mptcp, tasks: &mut Tasks, end: usize) {
    if std::mem::replace(&mut mptcp.ends[end].data.ended, true) {
        return;
    }
    let is_orig = mptcp.is_orig(end);
    tasks.push(mptcp.first_conn, Task::End { is_orig });
    let all = mptcp.ends.iter().all(|end| end.data.ended);
    if all && !std::mem::replace(&mut mptcp.told_finished, true) {
        tasks.push(mptcp.first_conn, Task::Finished);
    }
}

/// Whether all subflows are gone or closed, at least one by a reset, while data was still to come.
fn is_reset(mptcp: &Mptcp) -> bool {
    let has_ended = |end: &super::connection::End| end.data.ended || end.data.len().is_some();
    mptcp.any_reset && !mptcp.ends.iter().all(has_ended) && mptcp.is_closed()
}

fn tell_reset(mptcp: &mut Mptcp, tasks: &mut Tasks) {
    if !std::mem::replace(&mut mptcp.told_reset, true) && !mptcp.told_finished {
        tasks.push(mptcp.first_conn, Task::Reset);
    }
}

/// How a connection ended, as mptcp.log has it.
pub(super) fn ended(mptcp: &Mptcp) -> &'static str {
    let [orig, resp] = &mptcp.ends;
    let finished = [orig, resp].iter().all(|end| end.data.len().is_some());
    let closed = mptcp
        .paths
        .iter()
        .all(|info| info.closed || !(info.joined || info.unseen));
    if mptcp.fallback {
        "fallback"
    } else if finished {
        "finished"
    } else if mptcp.fast_closed {
        "fastclose"
    } else if is_reset(mptcp) {
        "reset"
    } else if closed {
        "finished"
    } else {
        "open"
    }
}
