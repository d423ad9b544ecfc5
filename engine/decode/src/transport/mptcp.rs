//! The MPTCP option (TCP option 30): version 0 of RFC 6824, version 1 of RFC 8684.
//!
//! A segment may carry several.  [`parse`] takes one and holds it to the exact lengths its subtype has with the TCP
//! flags of the segment and the flags in the option; a reader that does not know the rest of the connection can tell
//! no more.  Where the versions differ and the option does not say its own (ADD_ADDR, MP_PRIO), both forms are taken.

use std::net::IpAddr;

use super::tcp::flags as tcp;
use crate::cursor::Cursor;

/// Subtypes, the first four bits behind kind and length.
pub mod subtype {
    /// An end can speak MPTCP.
    pub const MP_CAPABLE: u8 = 0x0;
    /// A subflow joins a connection.
    pub const MP_JOIN: u8 = 0x1;
    /// Data sequence signal.
    pub const DSS: u8 = 0x2;
    /// An address is announced.
    pub const ADD_ADDR: u8 = 0x3;
    /// Addresses are withdrawn.
    pub const REMOVE_ADDR: u8 = 0x4;
    /// The priority of a subflow changes.
    pub const MP_PRIO: u8 = 0x5;
    /// Fallback to TCP, or a checksum failed.
    pub const MP_FAIL: u8 = 0x6;
    /// The connection ends at once.
    pub const MP_FASTCLOSE: u8 = 0x7;
    /// Why a subflow is reset (version 1 only).
    pub const MP_TCPRST: u8 = 0x8;
    /// Private use.
    pub const MP_EXPERIMENTAL: u8 = 0xf;
}

/// Flags of MP_CAPABLE.
pub mod capable_flags {
    /// A: checksums are required.
    pub const CHECKSUM: u8 = 0x80;
    /// B: an extension is required, which nobody has defined.
    pub const EXTENSION: u8 = 0x40;
    /// C: no joins to the address and port of the first subflow (version 1).
    pub const NO_JOIN_HERE: u8 = 0x20;
    /// H: HMAC-SHA1 (version 0), HMAC-SHA256 (version 1).
    pub const HMAC: u8 = 0x01;
}

/// Flags of DSS.
pub mod dss_flags {
    /// A: there is a data acknowledgement.
    pub const ACK: u8 = 0x01;
    /// a: the data acknowledgement has 64 bits.
    pub const LONG_ACK: u8 = 0x02;
    /// M: there is a mapping.
    pub const MAPPING: u8 = 0x04;
    /// m: the data sequence number has 64 bits.
    pub const LONG_DSN: u8 = 0x08;
    /// F: the mapping ends the stream of data.
    pub const DATA_FIN: u8 = 0x10;
}

/// Flag of MP_JOIN and MP_PRIO: use this subflow only when there is no other.
pub const BACKUP: u8 = 0x01;

/// Flag of ADD_ADDR in version 1: the receiver of an announcement confirms it.
const ECHO: u8 = 0x01;

/// Length of the truncated HMAC in ADD_ADDR and in the SYN-ACK of a join, bytes.
const SHORT_HMAC: usize = 8;

/// Length of the HMAC in the ACK of a join, bytes.
const LONG_HMAC: usize = 20;

/// A decoded option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mptcp<'a> {
    /// MP_CAPABLE
    Capable(Capable),
    /// MP_JOIN
    Join(Join<'a>),
    /// DSS
    Dss(Dss),
    /// ADD_ADDR
    AddAddr(AddAddr<'a>),
    /// REMOVE_ADDR
    RemoveAddr {
        /// The four bits behind the subtype
        reserved: u8,
        /// Ids of the addresses, at least one
        ids: &'a [u8],
    },
    /// MP_PRIO
    Prio {
        /// [`BACKUP`], and three bits that are reserved
        flags: u8,
        /// Whose priority changes; `None`: that of the subflow it comes on
        addr_id: Option<u8>,
    },
    /// MP_FAIL
    Fail {
        /// The twelve bits behind the subtype
        reserved: u16,
        /// Where the data that failed begins
        dsn: u64,
    },
    /// MP_FASTCLOSE
    FastClose {
        /// The twelve bits behind the subtype
        reserved: u16,
        /// Key of the end it is sent to
        receiver_key: u64,
    },
    /// MP_TCPRST
    TcpRst {
        /// Four bits; the last says that the cause may pass
        flags: u8,
        /// Reason
        reason: u8,
    },
    /// MP_EXPERIMENTAL
    Experimental {
        /// The four bits behind the subtype
        flags: u8,
        /// What follows
        data: &'a [u8],
    },
}

/// MP_CAPABLE: opens a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capable {
    /// Version of MPTCP, 0 to 15
    pub version: u8,
    /// See [`capable_flags`]
    pub flags: u8,
    /// Key of the sender
    pub sender_key: Option<u64>,
    /// Key of the receiver
    pub receiver_key: Option<u64>,
    /// Length of the data in the segment that is mapped from the first data sequence number on
    pub data_len: Option<u16>,
    /// Checksum of that data
    pub checksum: Option<u16>,
}

/// MP_JOIN: opens a further subflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join<'a> {
    /// In the SYN
    Syn {
        /// [`BACKUP`], and three bits that are reserved
        flags: u8,
        /// Id of the sender's address
        addr_id: u8,
        /// Token of the receiver: which connection is joined
        token: u32,
        /// Random number of the sender
        nonce: u32,
    },
    /// In the SYN-ACK
    SynAck {
        /// [`BACKUP`], and three bits that are reserved
        flags: u8,
        /// Id of the sender's address
        addr_id: u8,
        /// The first 8 bytes of the sender's HMAC
        hmac: &'a [u8],
        /// Random number of the sender
        nonce: u32,
    },
    /// In the ACK after it
    Ack {
        /// The first 20 bytes of the sender's HMAC
        hmac: &'a [u8],
    },
}

/// A data sequence number as it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataNumber {
    /// All of it
    Long(u64),
    /// The lower 32 bits
    Short(u32),
}

impl DataNumber {
    /// The bits that were sent.
    pub fn bits(self) -> u64 {
        match self {
            DataNumber::Long(number) => number,
            DataNumber::Short(number) => u64::from(number),
        }
    }
}

/// DSS: where bytes of the subflow belong in the connection's data, and how far data has arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dss {
    /// See [`dss_flags`]
    pub flags: u8,
    /// Data acknowledgement
    pub ack: Option<DataNumber>,
    /// Mapping
    pub mapping: Option<Mapping>,
}

/// Places bytes of a subflow in the connection's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mapping {
    /// Data sequence number of the first byte
    pub dsn: DataNumber,
    /// Its sequence number on the subflow, relative to the SYN; 0 for a DATA_FIN without data
    pub ssn: u32,
    /// Number of bytes, the DATA_FIN counting as one; 0: all that follows (an infinite mapping)
    pub len: u16,
    /// Checksum of data and mapping, if the connection has checksums
    pub checksum: Option<u16>,
}

/// ADD_ADDR: announces an address, or confirms such an announcement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddAddr<'a> {
    /// Id of the address
    pub addr_id: u8,
    /// The address
    pub address: IpAddr,
    /// The port, unless it is that of the subflow
    pub port: Option<u16>,
    /// What the option is
    pub form: AddAddrForm<'a>,
}

/// The forms of ADD_ADDR.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddAddrForm<'a> {
    /// An announcement of version 0
    Plain,
    /// An announcement of version 1, with the last 8 bytes of its HMAC
    Authenticated(&'a [u8]),
    /// A confirmation, which version 1 has
    Echo,
}

/// The step of the handshake that a segment is.
#[derive(Clone, Copy)]
enum Step {
    Syn,
    SynAck,
    Ack,
}

/// `None`: a segment that no handshake has.
fn step(flags: u8) -> Option<Step> {
    let (syn, ack) = (flags & tcp::SYN != 0, flags & tcp::ACK != 0);
    match (syn, ack) {
        _ if flags & tcp::RST != 0 => None,
        (true, false) => Some(Step::Syn),
        (true, true) => Some(Step::SynAck),
        (false, true) => Some(Step::Ack),
        (false, false) => None,
    }
}

/// The subtype of an option, given from the subtype on.  `None` if there is nothing behind kind and length.
#[inline]
pub fn subtype_of(data: &[u8]) -> Option<u8> {
    data.first().map(|first| first >> 4)
}

/// Decodes an option, given from its subtype on, of a segment with these TCP flags.
///
/// `None` for an unknown subtype, and for a length that the subtype does not have with these TCP flags and with the
/// flags in the option.
pub fn parse(data: &[u8], tcp_flags: u8) -> Option<Mptcp<'_>> {
    let mut cursor = Cursor::new(data);
    let first = cursor.u8()?;
    let (subtype, low) = (first >> 4, first & 0x0f);
    let option = match subtype {
        subtype::MP_CAPABLE => Mptcp::Capable(capable(&mut cursor, low, step(tcp_flags)?)?),
        subtype::MP_JOIN => Mptcp::Join(join(&mut cursor, low, step(tcp_flags)?)?),
        subtype::MP_TCPRST if tcp_flags & tcp::RST == 0 => return None,
        subtype::MP_TCPRST => Mptcp::TcpRst {
            flags: low,
            reason: cursor.u8()?,
        },
        subtype::MP_EXPERIMENTAL => Mptcp::Experimental {
            flags: low,
            data: rest(&mut cursor)?,
        },
        // Before the handshake is done there is no connection that these could be about.
        _ if tcp_flags & tcp::SYN != 0 => return None,
        subtype::DSS => Mptcp::Dss(dss(&mut cursor)?),
        subtype::ADD_ADDR => Mptcp::AddAddr(add_addr(&mut cursor, low)?),
        subtype::REMOVE_ADDR => Mptcp::RemoveAddr {
            reserved: low,
            ids: rest(&mut cursor).filter(|ids| !ids.is_empty())?,
        },
        subtype::MP_PRIO => Mptcp::Prio {
            flags: low,
            addr_id: cursor.u8(),
        },
        subtype::MP_FAIL => Mptcp::Fail {
            reserved: reserved(&mut cursor, low)?,
            dsn: cursor.be64()?,
        },
        subtype::MP_FASTCLOSE => Mptcp::FastClose {
            reserved: reserved(&mut cursor, low)?,
            receiver_key: cursor.be64()?,
        },
        _ => return None,
    };
    (cursor.remaining() == 0).then_some(option)
}

fn rest<'a>(cursor: &mut Cursor<'a>) -> Option<&'a [u8]> {
    cursor.take(cursor.remaining())
}

/// Twelve bits, of which four have been read.
fn reserved(cursor: &mut Cursor<'_>, low: u8) -> Option<u16> {
    Some(u16::from_be_bytes([low, cursor.u8()?]))
}

/// RFC 6824, section 3.1: the sender's key in SYN and SYN-ACK, both keys in the ACK.  RFC 8684, section 3.1: no key in
/// the SYN, both keys in the ACK, and behind them the length and perhaps the checksum of data that comes with it.  A
/// version yet unknown is taken if it has one of these forms.
fn capable(cursor: &mut Cursor<'_>, version: u8, step: Step) -> Option<Capable> {
    let mut capable = Capable {
        version,
        flags: cursor.u8()?,
        sender_key: None,
        receiver_key: None,
        data_len: None,
        checksum: None,
    };
    let no_key_yet = match version {
        0 => false,
        1 => true,
        _ => cursor.remaining() == 0,
    };
    match step {
        Step::Syn if no_key_yet => {}
        Step::Syn | Step::SynAck => capable.sender_key = Some(cursor.be64()?),
        Step::Ack => {
            capable.sender_key = Some(cursor.be64()?);
            capable.receiver_key = Some(cursor.be64()?);
            if version > 0 && cursor.remaining() > 0 {
                capable.data_len = Some(cursor.be16()?);
                // The other end may have asked for checksums, so one may be here without the flag.
                if cursor.remaining() > 0 || capable.flags & capable_flags::CHECKSUM != 0 {
                    capable.checksum = Some(cursor.be16()?);
                }
            }
        }
    }
    Some(capable)
}

/// RFC 8684, section 3.2; the same in version 0.
fn join<'a>(cursor: &mut Cursor<'a>, flags: u8, step: Step) -> Option<Join<'a>> {
    let addr_id = cursor.u8()?;
    Some(match step {
        Step::Syn => Join::Syn {
            flags,
            addr_id,
            token: cursor.be32()?,
            nonce: cursor.be32()?,
        },
        Step::SynAck => Join::SynAck {
            flags,
            addr_id,
            hmac: cursor.take(SHORT_HMAC)?,
            nonce: cursor.be32()?,
        },
        Step::Ack => Join::Ack {
            hmac: cursor.take(LONG_HMAC)?,
        },
    })
}

/// RFC 8684, section 3.3; the same in version 0.
fn dss(cursor: &mut Cursor<'_>) -> Option<Dss> {
    let flags = cursor.u8()?;
    let has = |flag: u8| flags & flag != 0;
    let ack = match has(dss_flags::ACK) {
        true => Some(number(cursor, has(dss_flags::LONG_ACK))?),
        false => None,
    };
    let mapping = match has(dss_flags::MAPPING) {
        true => Some(Mapping {
            dsn: number(cursor, has(dss_flags::LONG_DSN))?,
            ssn: cursor.be32()?,
            len: cursor.be16()?,
            checksum: cursor.be16(),
        }),
        false => None,
    };
    Some(Dss { flags, ack, mapping })
}

fn number(cursor: &mut Cursor<'_>, long: bool) -> Option<DataNumber> {
    if long {
        cursor.be64().map(DataNumber::Long)
    } else {
        cursor.be32().map(DataNumber::Short)
    }
}

/// Version 0 has the version of IP behind the subtype, version 1 flags, and an HMAC at the end unless it is an echo
/// (section 3.4.1 of both).  No length with an HMAC is one without, so the length tells the family and whether there is a
/// port.
fn add_addr<'a>(cursor: &mut Cursor<'a>, low: u8) -> Option<AddAddr<'a>> {
    let addr_id = cursor.u8()?;
    let (v6, with_port, with_hmac) = match cursor.remaining() {
        4 => (false, false, false),
        6 => (false, true, false),
        12 => (false, false, true),
        14 => (false, true, true),
        16 => (true, false, false),
        18 => (true, true, false),
        24 => (true, false, true),
        26 => (true, true, true),
        _ => return None,
    };
    let echo = low & ECHO != 0;
    let ip_version = if v6 { 6 } else { 4 };
    if with_hmac && echo || !with_hmac && !echo && low != ip_version {
        return None;
    }
    let address = if v6 {
        IpAddr::from(cursor.array::<16>()?)
    } else {
        IpAddr::from(cursor.array::<4>()?)
    };
    let port = if with_port { Some(cursor.be16()?) } else { None };
    let form = match (with_hmac, echo) {
        (true, _) => AddAddrForm::Authenticated(cursor.take(SHORT_HMAC)?),
        (false, true) => AddAddrForm::Echo,
        (false, false) => AddAddrForm::Plain,
    };
    Some(AddAddr {
        addr_id,
        address,
        port,
        form,
    })
}

#[cfg(test)]
mod tests;
