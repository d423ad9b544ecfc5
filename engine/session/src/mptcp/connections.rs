//! MPTCP connections, put together from their subflows.
//!
//! A connection is made by the SYN that offers MPTCP.  The keys in its handshake give the tokens by which later subflows
//! name it; their handshakes prove by HMAC that both ends know the keys.  Addresses tell connections apart whose tokens
//! happen to be the same, since tokens are unique only at the host that made them.  Where a handshake was not seen, a
//! subflow is recognized by addresses and data sequence numbers (`unseen.rs`).
//!
//! Everything is kept for as long as TCP keeps the subflows, so its timeouts bound the state; besides, each limit below
//! holds whatever arrives.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;

use bro_decode::transport::mptcp::{capable_flags, AddAddr, AddAddrForm, Capable, Join};
use bro_events::{ConnId, FlowId};
use smallvec::SmallVec;

use super::connection::{Address, Mptcp, PathInfo};
use super::keys::Key;
use super::subflow::{Joining, Progress, Subflow};
use super::tasks::{Task, Tasks};

/// Connections that are kept.  Beyond, the oldest of which only one side was heard, such as an offer that was not answered,
/// makes room; if there is none, subflows are TCP connections and nothing else.
pub(super) const MAX_CONNECTIONS: usize = 1 << 16;

/// Subflows of a connection; those of them that are gone do not count.
pub(super) const MAX_SUBFLOWS: usize = 64;

/// Connections that share a token.
const MAX_COLLISIONS: usize = 16;

/// Something that was learnt from an option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    /// A SYN offers MPTCP of this version.
    Attempt { version: u8 },
    /// The offer was not taken.
    Rejected { version: u8 },
    /// This TCP connection is a subflow.
    Subflow { first: Arc<str> },
    /// Both ends have said that they take part.  Tokens of originator and responder, where their algorithm is known
    Established { version: u8, tokens: [Option<u32>; 2] },
    /// The third packet has another key than the handshake before: originator's, responder's.
    KeysChanged { whose: [bool; 2] },
    /// A join of a connection that is not known, or of one of several that cannot be told apart.
    UnknownJoin { token: u32 },
    /// A subflow has joined: both ends have answered.  The unique id of the first subflow
    Joined { first: Arc<str>, verified: bool },
    /// An HMAC in the handshake of a join is wrong.
    WrongHmac { first: Arc<str> },
    /// A subflow was reset before it had joined.
    JoinRefused { first: Arc<str> },
    /// An end has announced an address.  `verified`: with the right HMAC, which only version 1 has
    Advertised {
        first: Arc<str>,
        addr_id: u8,
        address: IpAddr,
        port: Option<u16>,
        verified: bool,
        /// Another address that it has announced under the same id, and not withdrawn
        conflict: Option<IpAddr>,
    },
    /// An end has confirmed an announcement of the other.
    Echoed {
        first: Arc<str>,
        addr_id: u8,
        address: IpAddr,
        port: Option<u16>,
    },
    /// An end has withdrawn an address that it had announced.
    Withdrawn { first: Arc<str>, addr_id: u8 },
    /// A limit was hit: the name of the weird.
    Limit(&'static str),
}

/// Which TCP connection a segment belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Path<'a> {
    pub conn: ConnId,
    pub uid: &'a Arc<str>,
    pub flow: FlowId,
}

impl Path<'_> {
    fn hosts(&self) -> [IpAddr; 2] {
        [self.flow.orig_h, self.flow.resp_h]
    }
}

/// All MPTCP connections.
#[derive(Debug, Default)]
pub(crate) struct Connections {
    pub(super) all: HashMap<u64, Box<Mptcp>>,
    /// Connections and the end that has the token
    by_token: HashMap<u32, SmallVec<[(u64, usize); 1]>>,
    /// Connections that an address takes part in
    pub(super) by_host: HashMap<IpAddr, BTreeSet<u64>>,
    /// Connections of which no handshake was seen
    pub(super) unseen: BTreeSet<u64>,
    pub(super) subflows: HashMap<ConnId, Box<Subflow>>,
    /// Connections of which only one side was heard, in the order in which they came; those that were answered since are
    /// passed over.
    offers: VecDeque<u64>,
    /// Of the next connection
    serial: u64,
    /// What is to be done for connections other than the one at hand
    pub(super) tasks: Tasks,
    /// Bytes held for all connections together
    pub(super) held: usize,
}

impl Connections {
    /// How many there are.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether nothing at all is kept.
    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
            && self.by_token.is_empty()
            && self.by_host.is_empty()
            && self.unseen.is_empty()
            && self.subflows.is_empty()
            && self.tasks.is_empty()
            && self.held == 0
    }

    /// MP_CAPABLE in a segment; `syn` and `ack` are its flags.
    pub fn capable(
        &mut self,
        path: &Path<'_>,
        is_orig: bool,
        (syn, ack): (bool, bool),
        option: &Capable,
    ) -> Option<Fact> {
        if syn && !ack {
            return self.offer(path, is_orig, option);
        }
        let subflow = self
            .subflows
            .get(&path.conn)
            .filter(|subflow| subflow.joining.is_none())?;
        let (id, sender) = (subflow.mptcp, subflow.end(is_orig));
        let mptcp = self.all.get_mut(&id)?;
        let sums = option.flags & capable_flags::CHECKSUM != 0;
        if syn {
            // Whoever answers decides: its version is not above the one that was offered.
            if sender == 1 && !mptcp.answered && mptcp.version.is_none_or(|version| option.version <= version)
            {
                mptcp.version = Some(option.version);
                (mptcp.accepted, mptcp.answered) = (true, true);
                mptcp.checksums = Some(mptcp.checksums == Some(true) || sums);
                let first = mptcp.first.clone();
                if option.version == 0 {
                    // Offered with a later version it was without a key, so this is the first time it can matter.
                    let key = mptcp.ends[0].key.map(|key| key.0);
                    self.set_key(id, 0, key);
                }
                self.set_key(id, sender, option.sender_key);
                return Some(Fact::Subflow { first });
            }
            return None;
        }
        if mptcp.established || sender != 0 {
            return None;
        }
        let sent = [option.sender_key.map(Key), option.receiver_key.map(Key)];
        let known = [mptcp.ends[0].key, mptcp.ends[1].key];
        let differs = |at: usize| known[at].is_some() && sent[at].is_some() && known[at] != sent[at];
        let whose = [differs(0), differs(1)];
        if whose != [false; 2] {
            // Which ones the ends believe, their data will show.
            mptcp.ends.iter_mut().for_each(|end| end.data.doubt());
            return Some(Fact::KeysChanged { whose });
        }
        mptcp.established = true;
        mptcp.accepted = true;
        let version = *mptcp.version.get_or_insert(option.version);
        self.set_key(id, 0, option.sender_key);
        self.set_key(id, 1, option.receiver_key);
        Some(Fact::Established {
            version,
            tokens: self.all.get(&id)?.tokens(),
        })
    }

    /// A SYN with MP_CAPABLE.  One that is sent again changes nothing.
    fn offer(&mut self, path: &Path<'_>, is_orig: bool, option: &Capable) -> Option<Fact> {
        if !is_orig || self.subflows.contains_key(&path.conn) {
            return None;
        }
        let Some(id) = self.add(path, Some(option.version), true) else {
            return Some(Fact::Limit("mptcp_table_full"));
        };
        self.note_unanswered(id);
        if option.flags & capable_flags::CHECKSUM != 0 {
            self.all.get_mut(&id)?.checksums = Some(true);
        }
        if option.version == 0 {
            self.set_key(id, 0, option.sender_key);
        }
        Some(Fact::Attempt {
            version: option.version,
        })
    }

    /// A connection of which only one side was heard yet may have to make room for others.
    pub(super) fn note_unanswered(&mut self, id: u64) {
        self.offers.push_back(id);
        if self.offers.len() > 2 * MAX_CONNECTIONS {
            let all = &self.all;
            self.offers
                .retain(|id| all.get(id).is_some_and(|mptcp| !mptcp.answered));
        }
    }

    /// Makes a connection whose first subflow this is.  `seen`: from its SYN on.  `None` if there are too many.
    pub(super) fn add(&mut self, path: &Path<'_>, version: Option<u8>, seen: bool) -> Option<u64> {
        if self.all.len() >= MAX_CONNECTIONS && !self.make_room() {
            return None;
        }
        let id = self.serial;
        self.serial += 1;
        let mut mptcp = Mptcp::new(path, version);
        mptcp.paths.push(PathInfo::new(path, false));
        self.all.insert(id, Box::new(mptcp));
        // The addresses of the first subflow have the id 0.
        for (end, host) in path.hosts().into_iter().enumerate() {
            self.learn(id, end, 0, host, false);
        }
        self.subflows
            .insert(path.conn, Box::new(Subflow::new(id, 0, 0, None, seen)));
        Some(id)
    }

    /// A subflow is a TCP connection again: what has waited is its content.
    fn let_go(&mut self, conn: ConnId) {
        let Some(mut subflow) = self.subflows.remove(&conn) else {
            return;
        };
        self.held = self.held.saturating_sub(subflow.memory());
        subflow.give_back(conn, &mut self.tasks);
        if let Some(mptcp) = self.all.get_mut(&subflow.mptcp) {
            mptcp.subflows.retain(|other| *other != conn);
            if let Some(info) = mptcp.paths.get_mut(subflow.path as usize) {
                info.gone = true;
            }
        }
    }

    /// Gives up the oldest connection of which only one side was heard.
    pub(super) fn make_room(&mut self) -> bool {
        while let Some(id) = self.offers.pop_front() {
            if let Some(mptcp) = self.all.get(&id).filter(|mptcp| !mptcp.answered) {
                let first = mptcp.first_conn;
                for conn in mptcp.subflows.clone() {
                    self.let_go(conn);
                }
                // It may have been kept for the others only.
                self.tasks.push(first, Task::Release);
                self.remove(id);
                return true;
            }
        }
        false
    }

    /// Forgets a connection that has no subflows any more.
    pub(super) fn remove(&mut self, id: u64) -> Option<Box<Mptcp>> {
        let mptcp = self.all.remove(&id)?;
        self.unseen.remove(&id);
        for (end, known) in mptcp.ends.iter().enumerate() {
            if let Some(derived) = known.derived {
                self.drop_token(derived.token, id, end);
            }
        }
        for address in &mptcp.addresses {
            if let Some(ids) = self.by_host.get_mut(address) {
                ids.remove(&id);
                if ids.is_empty() {
                    self.by_host.remove(address);
                }
            }
        }
        self.held = self.held.saturating_sub(mptcp.memory());
        Some(mptcp)
    }

    /// An end has an address.
    pub(super) fn learn(&mut self, id: u64, end: usize, addr_id: u8, address: IpAddr, announced: bool) {
        let Some(mptcp) = self.all.get_mut(&id) else {
            return;
        };
        let new = Address {
            id: addr_id,
            address,
            announced,
        };
        mptcp.ends[end].add_address(new);
        if mptcp.add_address(address) {
            self.by_host.entry(address).or_default().insert(id);
        }
    }

    /// The answer to a SYN came without the option, so it is a TCP connection and nothing else.
    fn not_taken(&mut self, conn: ConnId) -> Option<Fact> {
        let subflow = self.subflows.get(&conn)?;
        let id = subflow.mptcp;
        let mptcp = self.all.get_mut(&id)?;
        match &subflow.joining {
            None if mptcp.answered => return None,
            None => {}
            Some(joining) if joining.progress == Progress::Syn => {}
            Some(_) => return None,
        }
        let (first, version) = (subflow.joining.is_none(), mptcp.version.unwrap_or(0));
        self.let_go(conn);
        if !first {
            return None;
        }
        self.remove(id);
        Some(Fact::Rejected { version })
    }

    /// Learns the key of an end, and the token that names the connection there.
    pub(super) fn set_key(&mut self, id: u64, end: usize, key: Option<u64>) {
        let (Some(key), Some(mptcp)) = (key.map(Key), self.all.get_mut(&id)) else {
            return;
        };
        let derived = mptcp.algorithm().map(|algorithm| algorithm.derive(key));
        let before = mptcp.ends[end].derived;
        mptcp.ends[end].key = Some(key);
        mptcp.ends[end].derived = derived;
        if before == derived {
            return;
        }
        if let Some(derived) = derived {
            mptcp.ends[end].data.begin(derived.idsn.wrapping_add(1));
        }
        if let Some(before) = before {
            self.drop_token(before.token, id, end);
        }
        if let Some(derived) = derived {
            let named = self.by_token.entry(derived.token).or_default();
            if named.len() < MAX_COLLISIONS {
                named.push((id, end));
            }
        }
    }

    fn drop_token(&mut self, token: u32, id: u64, end: usize) {
        if let Some(named) = self.by_token.get_mut(&token) {
            named.retain(|entry| *entry != (id, end));
            if named.is_empty() {
                self.by_token.remove(&token);
            }
        }
    }

    /// The connection that a join means, and the end that is joined.  Of several with that token, it is the one whose end
    /// is known to have the address; if none has, there is no telling.
    fn meant(&self, token: u32, host: IpAddr) -> Option<(u64, usize)> {
        let named = self.by_token.get(&token)?;
        if let [only] = named[..] {
            return Some(only);
        }
        let has_address = |&&(id, end): &&(u64, usize)| {
            let mptcp = self.all.get(&id);
            mptcp.is_some_and(|mptcp| mptcp.ends[end].has_address(host))
        };
        let mut fit = named.iter().filter(has_address);
        match (fit.next(), fit.next()) {
            (Some(&one), None) => Some(one),
            _ => None,
        }
    }

    /// MP_JOIN in a segment.
    pub fn join(&mut self, path: &Path<'_>, is_orig: bool, option: &Join<'_>) -> Option<Fact> {
        match *option {
            Join::Syn {
                addr_id,
                token,
                nonce,
                ..
            } => self.join_syn(path, is_orig, addr_id, token, nonce),
            Join::SynAck {
                addr_id, hmac, nonce, ..
            } => {
                let subflow = self.subflows.get_mut(&path.conn)?;
                let (id, end) = (subflow.mptcp, 1 - subflow.orig_end);
                let joining = subflow.joining.as_mut()?;
                if is_orig || joining.progress != Progress::Syn {
                    return None;
                }
                joining.progress = Progress::SynAck;
                joining.nonces[1] = nonce;
                self.learn(id, end, addr_id, path.flow.resp_h, false);
                self.check_hmac(path.conn, 1, hmac)
            }
            Join::Ack { hmac } => {
                let joining = self.subflows.get_mut(&path.conn)?.joining.as_mut()?;
                if !is_orig || joining.progress != Progress::SynAck {
                    return None;
                }
                joining.progress = Progress::Ack;
                self.check_hmac(path.conn, 0, hmac)
            }
        }
    }

    fn join_syn(
        &mut self,
        path: &Path<'_>,
        is_orig: bool,
        addr_id: u8,
        token: u32,
        nonce: u32,
    ) -> Option<Fact> {
        if !is_orig || self.subflows.contains_key(&path.conn) {
            return None;
        }
        let Some((id, end)) = self.meant(token, path.flow.resp_h) else {
            return Some(Fact::UnknownJoin { token });
        };
        let joining = Joining {
            progress: Progress::Syn,
            nonces: [nonce, 0],
            verified: [None; 2],
        };
        if !self.attach(path, id, 1 - end, Some(joining), true) {
            return Some(Fact::Limit("mptcp_too_many_subflows"));
        }
        self.learn(id, 1 - end, addr_id, path.flow.orig_h, false);
        let first = self.all.get(&id)?.first.clone();
        Some(Fact::Subflow { first })
    }

    /// Makes a TCP connection a further subflow.  `orig_end`: the end of the connection that is its originator; `seen`: from
    /// its SYN on.  False if there are too many.
    pub(super) fn attach(
        &mut self,
        path: &Path<'_>,
        id: u64,
        orig_end: usize,
        joining: Option<Joining>,
        seen: bool,
    ) -> bool {
        let Some(mptcp) = self.all.get_mut(&id) else {
            return false;
        };
        if mptcp.subflows.len() >= MAX_SUBFLOWS {
            // Somebody may try to keep others out by SYNs that lead to nothing.
            let subflows = &self.subflows;
            let is_idle = |conn: &ConnId| {
                let joining = subflows.get(conn).and_then(|subflow| subflow.joining.as_ref());
                joining.is_some_and(|joining| joining.progress == Progress::Syn)
            };
            let Some(idle) = mptcp.subflows.iter().copied().find(is_idle) else {
                return false;
            };
            mptcp.weird("mptcp_too_many_subflows", &mut self.tasks);
            // Should it go on, it is found again by addresses and numbers.
            self.let_go(idle);
        }
        let Some(mptcp) = self.all.get_mut(&id) else {
            return false;
        };
        let Some(index) = mptcp.add_path(PathInfo::new(path, true)) else {
            return false;
        };
        mptcp.subflows.push(path.conn);
        let subflow = Subflow::new(id, orig_end, index, joining, seen);
        self.subflows.insert(path.conn, Box::new(subflow));
        true
    }

    /// Holds the HMAC that a side of a joining subflow has sent to what it should be, if both keys are known.
    fn check_hmac(&mut self, conn: ConnId, sender: usize, hmac: &[u8]) -> Option<Fact> {
        let subflow = self.subflows.get_mut(&conn)?;
        let mptcp = self.all.get(&subflow.mptcp)?;
        let end = subflow.end(sender == 0);
        let joining = subflow.joining.as_mut()?;
        let keys = (mptcp.ends[end].key?, mptcp.ends[1 - end].key?);
        let nonces = (joining.nonces[sender], joining.nonces[1 - sender]);
        let right = mptcp.algorithm()?.is_join_hmac(keys, nonces, hmac);
        joining.verified[sender] = Some(right);
        (!right).then(|| Fact::WrongHmac {
            first: mptcp.first.clone(),
        })
    }

    /// A segment of a subflow, after its options: a join is done when its responder goes on after the third packet.
    /// `rst`: a reset that its receiver believes.  `bare`: without any option of MPTCP.
    pub fn segment(
        &mut self,
        conn: ConnId,
        is_orig: bool,
        (syn, ack, rst): (bool, bool, bool),
        bare: bool,
    ) -> Option<Fact> {
        if bare && syn && ack && !is_orig {
            return self.not_taken(conn);
        }
        let subflow = self.subflows.get_mut(&conn)?;
        subflow.bare = bare;
        subflow.heard |= !is_orig && !rst;
        let path = subflow.path;
        let joining = subflow.joining.as_mut()?;
        if matches!(joining.progress, Progress::Joined | Progress::Refused) {
            return None;
        }
        let mptcp = self.all.get_mut(&subflow.mptcp)?;
        let first = mptcp.first.clone();
        let info = mptcp.paths.get_mut(path as usize)?;
        if rst {
            joining.progress = Progress::Refused;
            info.refused = true;
            mptcp.refused += 1;
            return Some(Fact::JoinRefused { first });
        }
        if joining.progress == Progress::Ack && !is_orig && ack && !syn {
            joining.progress = Progress::Joined;
            let verified = joining.verified == [Some(true); 2];
            (info.joined, info.verified) = (true, verified);
            mptcp.joined += 1;
            mptcp.verified += u64::from(verified);
            return Some(Fact::Joined { first, verified });
        }
        None
    }

    /// ADD_ADDR in a segment.  An address with a wrong HMAC is not believed.
    pub fn add_address(&mut self, conn: ConnId, is_orig: bool, option: &AddAddr<'_>) -> Option<Fact> {
        let (id, end) = self.end_of(conn, is_orig)?;
        let AddAddr {
            addr_id,
            address,
            port,
            form,
        } = *option;
        let mptcp = self.all.get(&id)?;
        let first = mptcp.first.clone();
        if form == AddAddrForm::Echo {
            // It says what the other end has announced.
            self.learn(id, 1 - end, addr_id, address, true);
            return Some(Fact::Echoed {
                first,
                addr_id,
                address,
                port,
            });
        }
        let keys = mptcp.ends[end].key.zip(mptcp.ends[1 - end].key);
        let verified = match (form, keys, mptcp.algorithm()) {
            (AddAddrForm::Authenticated(hmac), Some(keys), Some(algorithm)) => {
                Some(algorithm.is_address_hmac(keys, addr_id, address, port, hmac))
            }
            _ => None,
        };
        let mut conflict = None;
        if verified != Some(false) {
            conflict = mptcp.ends[end].conflict(addr_id, address);
            self.learn(id, end, addr_id, address, true);
        }
        Some(Fact::Advertised {
            first,
            addr_id,
            address,
            port,
            verified: verified == Some(true),
            conflict,
        })
    }

    /// REMOVE_ADDR in a segment.
    pub fn remove_address(&mut self, conn: ConnId, is_orig: bool, addr_id: u8) -> Option<Fact> {
        let (id, end) = self.end_of(conn, is_orig)?;
        let mptcp = self.all.get_mut(&id)?;
        let first = mptcp.first.clone();
        let withdrawn = mptcp.ends[end].remove_address(addr_id);
        withdrawn.then_some(Fact::Withdrawn { first, addr_id })
    }

    /// The connection of a subflow, and the end that sends on that side.
    fn end_of(&self, conn: ConnId, is_orig: bool) -> Option<(u64, usize)> {
        let subflow = self.subflows.get(&conn)?;
        Some((subflow.mptcp, subflow.end(is_orig)))
    }

    /// Originator and responder of a subflow were exchanged.
    pub fn flip(&mut self, conn: ConnId) {
        let Some(subflow) = self.subflows.get_mut(&conn) else {
            return;
        };
        subflow.flip();
        if let Some(mptcp) = self.all.get_mut(&subflow.mptcp) {
            if mptcp.first_conn == conn {
                mptcp.first_end = subflow.orig_end;
            }
        }
    }

    /// A weird about the connection of a subflow, once.
    pub fn weird(&mut self, conn: ConnId, name: &'static str) {
        let id = self.subflows.get(&conn).map(|subflow| subflow.mptcp);
        if let Some(mptcp) = id.and_then(|id| self.all.get_mut(&id)) {
            mptcp.weird(name, &mut self.tasks);
        }
    }

    /// Whether nothing is left to be done for connections other than the one at hand.
    #[inline]
    pub fn has_settled(&self) -> bool {
        self.tasks.is_empty()
    }

    /// Whether this is the first subflow of its connection, so the one with the analyzers.
    pub fn is_first(&self, conn: ConnId) -> bool {
        let mptcp = self
            .subflows
            .get(&conn)
            .and_then(|subflow| self.all.get(&subflow.mptcp));
        mptcp.is_some_and(|mptcp| mptcp.first_conn == conn)
    }

    /// Whether this is a subflow of a connection that is kept.
    pub fn has_subflow(&self, conn: ConnId) -> bool {
        self.subflows.contains_key(&conn)
    }
}

#[cfg(test)]
mod tests;
