//! The data of connections: from the segments of subflows, through their mappings, to streams in order.

use bro_decode::transport::mptcp::{dss_flags, Capable, Dss};
use bro_events::ConnId;

use super::connection::{From, Mptcp};
use super::connections::Connections;
use super::mapping::{Check, Mapping, News, Out};
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
        let subflow = self.subflows.get_mut(&conn)?;
        let mptcp = self.all.get_mut(&subflow.mptcp)?;
        let before = mptcp.memory() + subflow.memory();
        let keep = if self.held > TOTAL_LIMIT {
            0
        } else {
            KEEP_ACKNOWLEDGED
        };
        let mut all = Work {
            mptcp,
            subflow,
            tasks: &mut self.tasks,
            conn,
            keep,
        };
        let result = work(&mut all);
        let after = all.mptcp.memory() + all.subflow.memory();
        self.held = (self.held + after).saturating_sub(before);
        Some(result)
    }

    /// DSS in a segment.
    pub fn dss(&mut self, conn: ConnId, is_orig: bool, place: Place, dss: &Dss, now: f64) {
        self.work(conn, |work| {
            // What has become TCP has no options any more, whatever is sent.
            if !work.subflow.is_believed() || work.mptcp.fallback {
                return;
            }
            let end = work.subflow.end(is_orig);
            work.mptcp.accepted = true;
            if let Some(ack) = dss.ack {
                let other = &mut work.mptcp.ends[1 - end].data;
                other.note(ack);
                let ack = other.full(ack);
                other.acknowledge(ack, work.keep, now);
            }
            let Some(sent) = dss.mapping else { return };
            work.mptcp.ends[end].data.note(sent.dsn);
            let dsn = work.mptcp.ends[end].data.full(sent.dsn);
            if sent.len == 0 {
                work.with_side(end, |side, out| side.infinite_from(sent.ssn, dsn, out));
                work.fall_back("infinite_mapping");
                return;
            }
            let fin = dss.flags & dss_flags::DATA_FIN != 0;
            if fin {
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
            if !work.subflow.is_believed() {
                return;
            }
            let end = work.subflow.end(!is_orig);
            if rst || work.mptcp.several {
                work.subflow.sides[end].reject_wrong();
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
            if work.subflow.is_believed() && known.is_none_or(|known| known.0 == key) {
                work.mptcp.fast_closed = true;
            }
        });
    }

    /// The next bytes of a side of a subflow.
    pub fn data(&mut self, conn: ConnId, is_orig: bool, at: u64, bytes: &[u8]) {
        self.work(conn, |work| {
            if work.subflow.is_believed() {
                let end = work.subflow.end(is_orig);
                work.with_side(end, |side, out| side.data(at, bytes, out));
            }
        });
    }

    /// Bytes of a side of a subflow that its receiver has and that were not seen.
    pub fn gap(&mut self, conn: ConnId, is_orig: bool, at: u64, len: u64) {
        self.work(conn, |work| {
            if work.subflow.is_believed() {
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
        let is_over_limit = self.held > TOTAL_LIMIT;
        let waits = self.work(conn, |work| {
            for is_orig in [true, false] {
                let end = work.subflow.end(is_orig);
                work.subflow.waiting[end] = after.waiting[crate::conn::side(is_orig)];
            }
            work.mptcp.several |= work.mptcp.joined > 0;
            detect_fallback(work, after);
            note_end(work, after);
            let data = |end: usize| &work.mptcp.ends[end].data;
            [data(0), data(1)].map(|data| data.hole_since.is_some() || data.stream.is_full())
        });
        let Some(id) = self.subflows.get(&conn).map(|subflow| subflow.mptcp) else {
            return;
        };
        if is_over_limit || waits.is_some_and(|waits| waits != [false; 2]) {
            self.look_at_holes(id, after.now, is_over_limit);
        }
        let Some(mptcp) = self.all.get_mut(&id) else {
            return;
        };
        for end in 0..2 {
            if mptcp.ends[end].data.is_complete() {
                end_data(mptcp, &mut self.tasks, end);
            }
        }
        if mptcp.fast_closed || is_reset(mptcp) {
            tell_reset(mptcp, &mut self.tasks);
        }
    }

    /// Gives up holes: those that the receiver does not have, once TCP holds nothing that may fill them, and those before
    /// which too much waits.
    fn look_at_holes(&mut self, id: u64, now: f64, is_over_limit: bool) {
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
            if mptcp.ends[end].data.stream.is_full() || is_over_limit {
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
    let full = work.subflow.sides.iter().any(|side| side.is_loose_full());
    if (acknowledged || full) && work.mptcp.accepted {
        work.fall_back("no_mapping");
    }
}

/// Takes note of a subflow's end.
fn note_end(work: &mut Work<'_>, after: &After) {
    let Some(info) = work.mptcp.paths.get_mut(work.subflow.path as usize) else {
        return;
    };
    info.reset |= after.reset;
    if (after.reset || after.closed) && !std::mem::replace(&mut info.closed, true) {
        let bytes = info.bytes;
        let task = closed_task(work.mptcp, after.reset, bytes);
        work.tasks.push(work.conn, task);
    }
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
fn end_data(mptcp: &mut Mptcp, tasks: &mut Tasks, end: usize) {
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
    let finished = mptcp
        .ends
        .iter()
        .all(|end| end.data.ended || end.data.len().is_some());
    let mut counting = mptcp.paths.iter().filter(|info| info.joined || info.unseen);
    !finished
        && mptcp.paths.iter().any(|info| info.reset && !info.refused)
        && counting.all(|info| info.closed || info.gone)
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
