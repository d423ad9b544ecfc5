//! MPTCP connections, put together from their subflows.
//!
//! A connection is made by the SYN that offers MPTCP.  The keys in its handshake give the tokens by which later subflows
//! name it; their handshakes prove by HMAC that both ends know the keys.  Addresses tell connections apart whose tokens
//! happen to be the same, since tokens are unique only at the host that made them.
//!
//! Everything is kept for as long as TCP keeps the subflows, so its timeouts bound the state; besides, each limit below
//! holds whatever arrives.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use bro_decode::transport::mptcp::{AddAddr, AddAddrForm, Capable, Join};
use bro_events::ConnId;
use smallvec::SmallVec;

use super::keys::{Algorithm, Derived, Key};

/// Connections that are kept; beyond, subflows are TCP connections and nothing else.
const MAX_CONNECTIONS: usize = 1 << 16;

/// Subflows of a connection; those of them that are gone do not count.
const MAX_SUBFLOWS: usize = 64;

/// Connections that share a token.
const MAX_COLLISIONS: usize = 16;

/// Addresses that are kept of an end: it has 256 ids for them.
const MAX_ADDRESSES: usize = 256;

/// Something that was learnt from an option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    /// A SYN offers MPTCP of this version.
    Attempt { version: u8 },
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
    /// An end has withdrawn an address that it had announced.
    Withdrawn { first: Arc<str>, addr_id: u8 },
    /// There are too many connections to keep another.
    TableFull,
}

/// Where a segment's subflow is and goes: its name, and addresses of its originator and responder.
#[derive(Clone, Debug)]
pub(crate) struct Path<'a> {
    pub conn: ConnId,
    pub uid: &'a Arc<str>,
    pub hosts: [IpAddr; 2],
}

/// An end of a connection.
#[derive(Debug, Default)]
struct End {
    key: Option<Key>,
    derived: Option<Derived>,
    addresses: Vec<Address>,
}

/// An address of an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Address {
    id: u8,
    address: IpAddr,
    /// The end has announced it; otherwise a subflow has it, and on the way it may have been translated.
    announced: bool,
}

impl End {
    fn add_address(&mut self, id: u8, address: IpAddr, announced: bool) {
        let new = Address {
            id,
            address,
            announced,
        };
        if self.addresses.len() < MAX_ADDRESSES && !self.addresses.contains(&new) {
            self.addresses.push(new);
        }
    }

    /// Another address that was announced under this id.
    fn conflict(&self, id: u8, address: IpAddr) -> Option<IpAddr> {
        let conflicts = |known: &&Address| known.announced && known.id == id && known.address != address;
        self.addresses.iter().find(conflicts).map(|known| known.address)
    }
}

/// How far the handshake of a join has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    Syn,
    SynAck,
    Ack,
    Joined,
    Refused,
}

/// A join in progress, or done.
#[derive(Debug)]
struct Joining {
    progress: Progress,
    /// Random numbers of the subflow's originator and responder
    nonces: [u32; 2],
    /// Whether each side's HMAC was right
    verified: [bool; 2],
}

/// A connection.
#[derive(Debug)]
struct Mptcp {
    version: u8,
    /// Originator and responder of the first subflow
    ends: [End; 2],
    /// Unique id of the first subflow
    first: Arc<str>,
    established: bool,
    /// The subflows that TCP still knows
    subflows: Vec<ConnId>,
}

impl Mptcp {
    fn algorithm(&self) -> Option<Algorithm> {
        Algorithm::of_version(self.version)
    }
}

/// What a subflow is to its connection.
#[derive(Debug)]
struct Subflow {
    mptcp: u64,
    /// The end of the connection that is the subflow's originator
    orig_end: usize,
    /// `None`: it is the first
    joining: Option<Joining>,
}

impl Subflow {
    /// The end of the connection that sends on that side.
    fn end(&self, is_orig: bool) -> usize {
        if is_orig {
            self.orig_end
        } else {
            1 - self.orig_end
        }
    }
}

/// All MPTCP connections.
#[derive(Debug, Default)]
pub(crate) struct Connections {
    all: HashMap<u64, Mptcp>,
    /// Connections and the end that has the token
    by_token: HashMap<u32, SmallVec<[(u64, usize); 1]>>,
    subflows: HashMap<ConnId, Subflow>,
    /// Of the next connection
    serial: u64,
}

impl Connections {
    /// How many there are.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.all.len()
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
        if syn {
            // Whoever answers decides: its version is not above the one that was offered.
            if sender == 1 && !mptcp.established && option.version <= mptcp.version {
                mptcp.version = option.version;
                self.set_key(id, sender, option.sender_key);
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
            return Some(Fact::KeysChanged { whose });
        }
        mptcp.established = true;
        let version = mptcp.version;
        self.set_key(id, 0, option.sender_key);
        self.set_key(id, 1, option.receiver_key);
        let ends = &self.all.get(&id)?.ends;
        let token = |end: &End| end.derived.map(|derived| derived.token);
        Some(Fact::Established {
            version,
            tokens: [token(&ends[0]), token(&ends[1])],
        })
    }

    /// A SYN with MP_CAPABLE.  One that is sent again changes nothing.
    fn offer(&mut self, path: &Path<'_>, is_orig: bool, option: &Capable) -> Option<Fact> {
        if !is_orig || self.subflows.contains_key(&path.conn) {
            return None;
        }
        if self.all.len() >= MAX_CONNECTIONS {
            return Some(Fact::TableFull);
        }
        let id = self.serial;
        self.serial += 1;
        let mut ends = [End::default(), End::default()];
        for (end, &host) in ends.iter_mut().zip(&path.hosts) {
            // The addresses of the first subflow have the id 0.
            end.add_address(0, host, false);
        }
        let mptcp = Mptcp {
            version: option.version,
            ends,
            first: path.uid.clone(),
            established: false,
            subflows: vec![path.conn],
        };
        self.all.insert(id, mptcp);
        let subflow = Subflow {
            mptcp: id,
            orig_end: 0,
            joining: None,
        };
        self.subflows.insert(path.conn, subflow);
        if option.version == 0 {
            self.set_key(id, 0, option.sender_key);
        }
        Some(Fact::Attempt {
            version: option.version,
        })
    }

    /// Learns the key of an end, and the token that names the connection there.
    fn set_key(&mut self, id: u64, end: usize, key: Option<u64>) {
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
            mptcp.is_some_and(|mptcp| {
                mptcp.ends[end]
                    .addresses
                    .iter()
                    .any(|known| known.address == host)
            })
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
                self.all.get_mut(&id)?.ends[end].add_address(addr_id, path.hosts[1], false);
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
        let Some((id, end)) = self.meant(token, path.hosts[1]) else {
            return Some(Fact::UnknownJoin { token });
        };
        let mptcp = self.all.get_mut(&id)?;
        if mptcp.subflows.len() >= MAX_SUBFLOWS {
            return None;
        }
        mptcp.subflows.push(path.conn);
        mptcp.ends[1 - end].add_address(addr_id, path.hosts[0], false);
        let joining = Joining {
            progress: Progress::Syn,
            nonces: [nonce, 0],
            verified: [false; 2],
        };
        let subflow = Subflow {
            mptcp: id,
            orig_end: 1 - end,
            joining: Some(joining),
        };
        self.subflows.insert(path.conn, subflow);
        None
    }

    /// Holds the HMAC that a side of a joining subflow has sent to what it should be, if both keys are known.
    fn check_hmac(&mut self, conn: ConnId, sender: usize, hmac: &[u8]) -> Option<Fact> {
        let subflow = self.subflows.get_mut(&conn)?;
        let mptcp = self.all.get(&subflow.mptcp)?;
        let end = subflow.end(sender == 0);
        let joining = subflow.joining.as_mut()?;
        let keys = (mptcp.ends[end].key?, mptcp.ends[1 - end].key?);
        let nonces = (joining.nonces[sender], joining.nonces[1 - sender]);
        joining.verified[sender] = mptcp.algorithm()?.is_join_hmac(keys, nonces, hmac);
        (!joining.verified[sender]).then(|| Fact::WrongHmac {
            first: mptcp.first.clone(),
        })
    }

    /// A segment of a subflow, after its options: a join is done when its responder goes on after the third packet.
    pub fn segment(
        &mut self,
        conn: ConnId,
        is_orig: bool,
        (syn, ack, rst): (bool, bool, bool),
    ) -> Option<Fact> {
        let subflow = self.subflows.get_mut(&conn)?;
        let joining = subflow.joining.as_mut()?;
        if matches!(joining.progress, Progress::Joined | Progress::Refused) {
            return None;
        }
        let first = &self.all.get(&subflow.mptcp)?.first;
        if rst {
            joining.progress = Progress::Refused;
            return Some(Fact::JoinRefused { first: first.clone() });
        }
        if joining.progress == Progress::Ack && !is_orig && ack && !syn {
            joining.progress = Progress::Joined;
            return Some(Fact::Joined {
                first: first.clone(),
                verified: joining.verified == [true; 2],
            });
        }
        None
    }

    /// ADD_ADDR in a segment.  An address with a wrong HMAC is not believed.
    pub fn add_address(&mut self, conn: ConnId, is_orig: bool, option: &AddAddr<'_>) -> Option<Fact> {
        let (mptcp, end) = self.end_of(conn, is_orig)?;
        let AddAddr {
            addr_id,
            address,
            port,
            form,
        } = *option;
        if form == AddAddrForm::Echo {
            // It says what the other end has announced.
            mptcp.ends[1 - end].add_address(addr_id, address, true);
            return None;
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
            mptcp.ends[end].add_address(addr_id, address, true);
        }
        Some(Fact::Advertised {
            first: mptcp.first.clone(),
            addr_id,
            address,
            port,
            verified: verified == Some(true),
            conflict,
        })
    }

    /// REMOVE_ADDR in a segment.
    pub fn remove_address(&mut self, conn: ConnId, is_orig: bool, addr_id: u8) -> Option<Fact> {
        let (mptcp, end) = self.end_of(conn, is_orig)?;
        let addresses = &mut mptcp.ends[end].addresses;
        let before = addresses.len();
        addresses.retain(|known| known.id != addr_id);
        (addresses.len() < before).then(|| Fact::Withdrawn {
            first: mptcp.first.clone(),
            addr_id,
        })
    }

    /// The connection of a subflow, and the end that sends on that side.
    fn end_of(&mut self, conn: ConnId, is_orig: bool) -> Option<(&mut Mptcp, usize)> {
        let subflow = self.subflows.get(&conn)?;
        let end = subflow.end(is_orig);
        Some((self.all.get_mut(&subflow.mptcp)?, end))
    }

    /// Originator and responder of a subflow were exchanged.
    pub fn flip(&mut self, conn: ConnId) {
        if let Some(subflow) = self.subflows.get_mut(&conn) {
            subflow.orig_end = 1 - subflow.orig_end;
            if let Some(joining) = &mut subflow.joining {
                joining.nonces.swap(0, 1);
                joining.verified.swap(0, 1);
            }
        }
    }

    /// Whether this is a subflow of a connection that is kept.
    pub fn has_subflow(&self, conn: ConnId) -> bool {
        self.subflows.contains_key(&conn)
    }

    /// TCP forgets a subflow; with the last one the connection goes.
    pub fn forget(&mut self, conn: ConnId) {
        let Some(subflow) = self.subflows.remove(&conn) else {
            return;
        };
        let Some(mptcp) = self.all.get_mut(&subflow.mptcp) else {
            return;
        };
        mptcp.subflows.retain(|other| *other != conn);
        if !mptcp.subflows.is_empty() {
            return;
        }
        let tokens = [0, 1].map(|end| mptcp.ends[end].derived.map(|derived| derived.token));
        self.all.remove(&subflow.mptcp);
        for (end, token) in tokens.into_iter().enumerate() {
            if let Some(token) = token {
                self.drop_token(token, subflow.mptcp, end);
            }
        }
    }
}

#[cfg(test)]
mod tests;
