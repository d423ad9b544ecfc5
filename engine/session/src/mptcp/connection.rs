//! One MPTCP connection: its ends, its subflows, and the data of both directions.

use std::net::IpAddr;
use std::sync::Arc;

use bro_decode::transport::mptcp::DataNumber;
use bro_events::{ConnId, FlowId};

use super::connections::Path;
use super::keys::{Algorithm, Derived, Key};
use super::mapping::Out;
use super::stream::{PathIndex, Piece, Stream};
use super::tasks::{Task, Tasks};

/// Addresses that are kept of an end: it has 256 ids for them.
const MAX_ADDRESSES: usize = 256;

/// Addresses of a connection that are remembered for the log and for recognizing its subflows.
const MAX_KNOWN: usize = 64;

/// Subflows that are remembered, gone ones included.
const MAX_PATHS: usize = 256;

/// From so many on, those that are gone and carried nothing make room.
const MAX_USELESS_PATHS: usize = 32;

/// Bytes that data may be ahead of what was delivered.  A receiver takes nothing beyond its window, which has at most
/// 2^30 bytes (RFC 7323, section 2.3).
const MOST_AHEAD: u64 = 1 << 30;

/// An end of a connection.
#[derive(Debug, Default)]
pub(super) struct End {
    pub key: Option<Key>,
    pub derived: Option<Derived>,
    pub addresses: Vec<Address>,
    /// What it sends
    pub data: Direction,
}

/// An address of an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub id: u8,
    pub address: IpAddr,
    /// The end has announced it; otherwise a subflow has it, and on the way it may have been translated.
    pub announced: bool,
}

impl End {
    pub fn add_address(&mut self, new: Address) {
        if self.addresses.len() < MAX_ADDRESSES && !self.addresses.contains(&new) {
            self.addresses.push(new);
        }
    }

    /// Forgets the addresses with an id.  Whether there was one.
    pub fn remove_address(&mut self, id: u8) -> bool {
        let before = self.addresses.len();
        self.addresses.retain(|known| known.id != id);
        self.addresses.len() < before
    }

    pub fn has_address(&self, host: IpAddr) -> bool {
        self.addresses.iter().any(|known| known.address == host)
    }

    /// Another address that was announced under this id.
    pub fn conflict(&self, id: u8, address: IpAddr) -> Option<IpAddr> {
        let conflicts = |known: &&Address| known.announced && known.id == id && known.address != address;
        self.addresses.iter().find(conflicts).map(|known| known.address)
    }
}

/// What one end sends.
#[derive(Debug, Default)]
pub(super) struct Direction {
    /// Data sequence number of the first byte, once it is known
    base: Option<u64>,
    /// A key has told it.
    is_certain: bool,
    /// Only its lower half is known.
    is_short: bool,
    pub stream: Stream,
    /// Offset of the DATA_FIN: the number of bytes
    fin: Option<u64>,
    /// The receiver has taken the DATA_FIN.
    fin_acked: bool,
    /// Analyzers know that it has ended.
    pub ended: bool,
    /// A number that was seen of its data, until the first byte is known
    seen: Option<u64>,
    /// While the first byte is not known: the first and the last number that was acknowledged
    acked_unseen: Option<(u64, u64)>,
    /// Since when the receiver has acknowledged bytes that are missing
    pub hole_since: Option<f64>,
}

impl Direction {
    /// The data sequence number of the first byte, from a key.  What was seen before of the data counts more.
    pub fn begin(&mut self, dsn: u64) {
        if self.stream.is_untouched() {
            self.base = Some(dsn);
            self.is_certain = true;
        }
    }

    /// The key was not the right one.
    pub fn doubt(&mut self) {
        self.is_certain = false;
    }

    /// The data sequence number of the first byte.
    pub fn base(&self) -> Option<u64> {
        self.base
    }

    /// The data sequence number of the next byte.
    pub fn expected(&self) -> Option<u64> {
        self.base.map(|base| base.wrapping_add(self.stream.next()))
    }

    /// A data sequence number near to what comes next.
    pub fn about(&self) -> Option<u64> {
        self.expected().or(self.seen)
    }

    /// Notes a number that was sent with all its bits.
    pub fn note(&mut self, number: DataNumber) {
        let DataNumber::Long(number) = number else { return };
        self.seen.get_or_insert(number);
        if let (true, Some(base)) = (self.is_short, self.base) {
            // Now the upper half is known too.
            self.is_short = false;
            let delta = (base as u32).wrapping_sub(number as u32) as i32;
            self.base = Some(number.wrapping_add_signed(i64::from(delta)));
        }
    }

    /// All 64 bits of a number: of a short one, those nearest to what comes next.
    pub fn full(&self, number: DataNumber) -> u64 {
        match number {
            DataNumber::Long(number) => number,
            DataNumber::Short(low) => {
                let near = self.about().unwrap_or(0);
                near.wrapping_add_signed(i64::from(low.wrapping_sub(near as u32) as i32))
            }
        }
    }

    /// Where a data sequence number is, from the first byte on; negative before it.  The first number that is seen is taken
    /// for the first byte if no key told it, or if what the key told cannot be right.
    fn offset(&mut self, dsn: u64) -> i64 {
        if self.base.is_none() {
            self.is_short = self.seen.is_none();
        }
        let base = *self.base.get_or_insert(dsn);
        let offset = dsn.wrapping_sub(base) as i64;
        if self.stream.is_untouched() && !self.is_certain && offset.unsigned_abs() > MOST_AHEAD {
            self.base = Some(dsn);
            return 0;
        }
        offset
    }

    /// The DATA_FIN has this number.  The latest counts, until one is acknowledged.
    pub fn set_fin(&mut self, dsn: u64) {
        let Ok(offset) = u64::try_from(self.offset(dsn)) else {
            return;
        };
        let next = self.stream.next();
        if !self.fin_acked && (next..=next + MOST_AHEAD).contains(&offset) {
            self.fin = Some(offset);
        }
    }

    /// The receiver has everything before this number.
    pub fn acknowledge(&mut self, dsn: u64, keep: u64, now: f64) {
        let Some(base) = self.base else {
            let (first, last) = self.acked_unseen.unwrap_or((dsn, dsn));
            // As below, a single number is most likely that of the DATA_FIN.
            let is_more = dsn.wrapping_sub(last) as i64 > 1;
            self.acked_unseen = Some((first, if is_more { dsn } else { last }));
            return;
        };
        let offset = dsn.wrapping_sub(base);
        // The DATA_FIN has a number too.
        let fin = self.fin.filter(|fin| offset == fin + 1);
        self.fin_acked |= fin.is_some();
        let offset = fin.unwrap_or(offset);
        // A single number that was not seen is most likely that of a DATA_FIN on another path, unless more follows.
        if offset == self.stream.acked() + 1 && offset > self.stream.next() && self.fin.is_none() {
            return;
        }
        if offset > self.stream.next() + MOST_AHEAD {
            return;
        }
        self.stream.acknowledge(offset, keep);
        if self.stream.is_hole_acknowledged() {
            self.hole_since.get_or_insert(now);
        }
    }

    /// It ends: if nothing but acknowledgements was seen, what they tell is all there is.
    pub fn finish(&mut self) {
        if let (None, Some((first, last))) = (self.base, self.acked_unseen) {
            self.base = Some(first);
            let acked = last.wrapping_sub(first);
            if acked <= MOST_AHEAD {
                self.stream.acknowledge(acked, 0);
            }
        }
    }

    /// Whether the DATA_FIN was seen, and data has come to it and not beyond.  `closed`: nothing more can come.  Otherwise the
    /// receiver must have acknowledged it, since anybody may send one that it does not take.
    pub fn is_complete(&self, closed: bool) -> bool {
        self.fin == Some(self.stream.next()) && (self.fin_acked || closed)
    }

    /// The number of bytes there are to come in all, if a DATA_FIN tells that was acknowledged, or that all data came before.
    pub fn len(&self) -> Option<u64> {
        let next = self.stream.next();
        self.fin
            .filter(|&fin| fin == next || fin > next && self.fin_acked)
    }
}

/// A subflow as it is remembered to the end of the connection.
#[derive(Debug)]
pub(super) struct PathInfo {
    pub conn: ConnId,
    pub uid: Arc<str>,
    pub flow: FlowId,
    /// It is not the first.
    pub join: bool,
    pub joined: bool,
    pub verified: bool,
    pub refused: bool,
    /// Its handshake was not seen.
    pub unseen: bool,
    /// It was reset.
    pub reset: bool,
    /// Both of its sides have closed it, or one has reset it.
    pub closed: bool,
    /// TCP has forgotten it.
    pub gone: bool,
    /// A range with a wrong checksum came on it.
    pub wrong: bool,
    /// Bytes of each end that came first on it
    pub bytes: [u64; 2],
}

impl PathInfo {
    pub fn new(path: &Path<'_>, join: bool) -> Self {
        PathInfo {
            conn: path.conn,
            uid: path.uid.clone(),
            flow: path.flow,
            join,
            joined: !join,
            verified: false,
            refused: false,
            unseen: false,
            reset: false,
            closed: false,
            gone: false,
            wrong: false,
            bytes: [0; 2],
        }
    }
}

/// A connection.
#[derive(Debug)]
pub(super) struct Mptcp {
    /// `None`: no handshake was seen.
    pub version: Option<u8>,
    /// Originator and responder of the first subflow, as it began
    pub ends: [End; 2],
    /// Unique id of the first subflow
    pub first: Arc<str>,
    pub first_conn: ConnId,
    /// The end that is the originator of the first subflow
    pub first_end: usize,
    /// The offer was taken, or what an end does shows that.
    pub accepted: bool,
    /// The responder has shown it.
    pub answered: bool,
    /// The third packet has come.
    pub established: bool,
    /// The subflows that TCP still knows
    pub subflows: Vec<ConnId>,
    pub paths: Vec<PathInfo>,
    /// Addresses of both ends
    pub addresses: Vec<IpAddr>,
    /// Whether checksums were agreed upon
    pub checksums: Option<bool>,
    /// There was a second subflow, so there is no way back to TCP.
    pub several: bool,
    pub joined: u64,
    pub verified: u64,
    pub refused: u64,
    /// It has become TCP.
    pub fallback: bool,
    /// The end whose silence has told that
    pub silent: Option<usize>,
    /// A subflow was reset.
    pub any_reset: bool,
    pub fast_closed: bool,
    /// Analyzers know that it was reset, or that it has finished.
    pub told_reset: bool,
    pub told_finished: bool,
    /// Weirds that were raised, each once
    pub told: Vec<&'static str>,
}

impl Mptcp {
    pub fn new(path: &Path<'_>, version: Option<u8>) -> Self {
        Mptcp {
            version,
            ends: Default::default(),
            first: path.uid.clone(),
            first_conn: path.conn,
            first_end: 0,
            accepted: false,
            answered: false,
            established: false,
            subflows: vec![path.conn],
            paths: Vec::new(),
            addresses: Vec::new(),
            checksums: None,
            several: false,
            joined: 0,
            verified: 0,
            refused: 0,
            fallback: false,
            silent: None,
            any_reset: false,
            fast_closed: false,
            told_reset: false,
            told_finished: false,
            told: Vec::new(),
        }
    }

    pub fn algorithm(&self) -> Option<Algorithm> {
        self.version.and_then(Algorithm::of_version)
    }

    /// Tokens of both ends, as far as they are known.
    pub fn tokens(&self) -> [Option<u32>; 2] {
        [0, 1].map(|end| self.ends[end].derived.map(|derived: Derived| derived.token))
    }

    /// Memory that data takes, about, in bytes.
    pub fn memory(&self) -> usize {
        self.ends.iter().map(|end| end.data.stream.memory()).sum()
    }

    /// Whether what an end sends is, on the first subflow, the originator's.
    pub fn is_orig(&self, end: usize) -> bool {
        end == self.first_end
    }

    /// Remembers an address.  Whether it is new.
    pub fn add_address(&mut self, address: IpAddr) -> bool {
        let new = self.addresses.len() < MAX_KNOWN && !self.addresses.contains(&address);
        if new {
            self.addresses.push(address);
        }
        new
    }

    /// Remembers a subflow.  `None` if there is no room.
    pub fn add_path(&mut self, info: PathInfo) -> Option<PathIndex> {
        let useless = |info: &PathInfo| info.join && info.gone && !info.wrong && info.bytes == [0; 2];
        if self.paths.len() >= MAX_USELESS_PATHS {
            if let Some(at) = self.paths.iter().position(useless) {
                self.paths[at] = info;
                return Some(at as PathIndex);
            }
        }
        if self.paths.len() >= MAX_PATHS {
            return None;
        }
        self.paths.push(info);
        Some(self.paths.len() as PathIndex - 1)
    }

    /// A weird, once.
    pub fn weird(&mut self, name: &'static str, tasks: &mut Tasks) {
        if !self.told.contains(&name) {
            self.told.push(name);
            tasks.push(self.first_conn, Task::Weird(name));
        }
    }

    /// What comes out of a subflow: bytes of an end with their data sequence number, or a wrong checksum.  `keep`: how many
    /// acknowledged bytes stay at hand for comparison.
    pub fn receive(&mut self, from: &From, keep: u64, out: Out<'_>, tasks: &mut Tasks) {
        let (dsn, bytes) = match out {
            Out::Data(dsn, bytes) => (dsn, bytes),
            Out::Wrong(dsn, bytes) => {
                let offset = self.ends[from.end].data.offset(dsn);
                let is_orig = from.is_orig;
                let (first, len) = (self.first.clone(), bytes.len() as u64);
                let skip = usize::try_from(offset.min(0).unsigned_abs()).unwrap_or(usize::MAX);
                let offset = offset.max(0) as u64;
                if let Some(info) = self.paths.get_mut(from.path as usize) {
                    info.wrong = true;
                }
                if let (Some(bytes), true) = (bytes.get(skip..), self.is_near(from.end, offset)) {
                    self.with_stream(from.end, tasks, |stream, out| {
                        stream.reject(offset, bytes, from.path, out);
                    });
                }
                let wrong = Task::WrongChecksum {
                    first,
                    is_orig,
                    offset,
                    len,
                };
                tasks.push(from.conn, wrong);
                return;
            }
        };
        let data = &mut self.ends[from.end].data;
        let offset = data.offset(dsn);
        if data.ended {
            let again = offset < data.stream.next() as i64;
            if !again {
                self.weird("mptcp_data_after_end", tasks);
            }
            return;
        }
        // What is before the first byte that was seen came before the monitor did.
        let skip = usize::try_from(offset.min(0).unsigned_abs()).unwrap_or(usize::MAX);
        let Some(bytes) = bytes.get(skip..) else { return };
        let offset = offset.max(0) as u64;
        if !self.is_near(from.end, offset) {
            self.weird("mptcp_data_beyond_window", tasks);
            return;
        }
        if bytes.is_empty() {
            return;
        }
        let deliver = Deliver {
            first_conn: self.first_conn,
            is_orig: from.end == self.first_end,
            paths: &self.paths,
        };
        let data = &mut self.ends[from.end].data;
        let new = data.stream.put(offset, bytes, from.path, keep, &mut |piece| {
            deliver.piece(piece, tasks);
        });
        if let Some(info) = self.paths.get_mut(from.path as usize) {
            info.bytes[from.end] += new;
        }
    }

    /// Whether an offset is not further ahead than a receiver can take.
    fn is_near(&self, end: usize, offset: u64) -> bool {
        offset <= self.ends[end].data.stream.next() + MOST_AHEAD
    }

    /// Whether all subflows that took part are closed.
    pub fn is_closed(&self) -> bool {
        let mut counting = self.paths.iter().filter(|info| info.joined || info.unseen);
        counting.all(|info| info.closed || info.gone)
    }

    /// Works on the stream of an end.
    pub fn with_stream(
        &mut self,
        end: usize,
        tasks: &mut Tasks,
        work: impl FnOnce(&mut Stream, &mut dyn FnMut(Piece<'_>)),
    ) {
        let deliver = Deliver {
            first_conn: self.first_conn,
            is_orig: end == self.first_end,
            paths: &self.paths,
        };
        work(&mut self.ends[end].data.stream, &mut |piece| {
            deliver.piece(piece, tasks)
        });
    }
}

/// Where bytes come from.
pub(super) struct From {
    /// The subflow
    pub conn: ConnId,
    pub path: PathIndex,
    /// Which side of the subflow
    pub is_orig: bool,
    /// Which end of the connection
    pub end: usize,
}

/// Makes tasks of pieces.
struct Deliver<'a> {
    first_conn: ConnId,
    is_orig: bool,
    paths: &'a [PathInfo],
}

impl Deliver<'_> {
    fn piece(&self, piece: Piece<'_>, tasks: &mut Tasks) {
        let is_orig = self.is_orig;
        let task = match piece {
            Piece::Data(offset, bytes) => Task::Data {
                is_orig,
                offset,
                bytes: bytes.to_vec(),
            },
            Piece::Gap(offset, len) => Task::Gap { is_orig, offset, len },
            Piece::Conflict {
                offset,
                old,
                new,
                paths: (old_path, new_path),
            } => {
                let uid = |path: PathIndex| self.paths.get(path as usize).map(|info| info.uid.clone());
                Task::Conflict {
                    is_orig,
                    offset,
                    old: old.to_vec(),
                    new: new.to_vec(),
                    paths: [uid(old_path), uid(new_path)],
                }
            }
        };
        tasks.push(self.first_conn, task);
    }
}
