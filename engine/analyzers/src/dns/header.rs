//! The fixed header of a message (RFC 1035 section 4.1.1; for the NetBIOS name service RFC 1002 section 4.2.1).

use bro_events::Value;

use super::vocabulary::DNS_MSG;
use crate::support::cursor::Cursor;

/// Octets of the header.
pub const HEADER_LEN: usize = 12;

/// An ordinary query (RFC 1035); NetBIOS: name query.
const QUERY: u8 = 0;
/// A zone has changed (RFC 1996).
const NOTIFY: u8 = 4;
/// Dynamic update (RFC 2136); NetBIOS: registration.
const UPDATE: u8 = 5;
/// Stateful operation (RFC 8490); NetBIOS: release.
const STATEFUL: u8 = 6;
/// NetBIOS: wait for acknowledgement, refresh, and the refresh of RFC 1002's other table.
const NETBIOS_ONLY: std::ops::RangeInclusive<u8> = 7..=9;

/// The header's fields.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    /// Transaction
    pub id: u16,
    /// Flags word: QR, opcode, AA, TC, RD, RA, Z, AD, CD, rcode
    pub flags: u16,
    /// Entries of the question section (update: zone)
    pub questions: u16,
    /// Records of the answer section (update: prerequisites)
    pub answers: u16,
    /// Records of the authority section (update: changes)
    pub authority: u16,
    /// Records of the additional section
    pub additional: u16,
    /// Whether this is the NetBIOS name service, which shares the format
    pub netbios: bool,
}

impl Header {
    /// Reads it; `None` if the message is shorter.
    pub fn read(c: &mut Cursor<'_>, netbios: bool) -> Option<Header> {
        if c.left() < HEADER_LEN {
            return None;
        }
        Some(Header {
            id: c.u16()?,
            flags: c.u16()?,
            questions: c.u16()?,
            answers: c.u16()?,
            authority: c.u16()?,
            additional: c.u16()?,
            netbios,
        })
    }

    /// Whether it is a reply.
    pub fn is_reply(&self) -> bool {
        self.flags & 0x8000 != 0
    }

    /// What is asked for.
    pub fn opcode(&self) -> u8 {
        (self.flags >> 11 & 0xf) as u8
    }

    /// Whether this is a dynamic update, whose sections mean something else.
    pub fn is_update(&self) -> bool {
        self.opcode() == UPDATE && !self.netbios
    }

    /// Whether messages with its opcode have the format this analyzer knows.
    pub fn opcode_is_known(&self) -> bool {
        match self.opcode() {
            QUERY | UPDATE => true,
            NOTIFY => !self.netbios,
            STATEFUL => self.netbios || !self.has_entries(),
            other => self.netbios && NETBIOS_ONLY.contains(&other),
        }
    }

    /// Whether any section has an entry.
    fn has_entries(&self) -> bool {
        self.questions != 0 || self.has_records()
    }

    /// Whether any section but the question's has an entry.
    pub fn has_records(&self) -> bool {
        self.answers != 0 || self.authority != 0 || self.additional != 0
    }

    /// The record `dns_msg`.
    pub fn value(&self) -> Value {
        let flag = |mask: u16| Value::Bool(self.flags & mask != 0);
        Value::Record(
            &DNS_MSG,
            vec![
                Value::from(self.id),
                Value::from(self.opcode()),
                Value::from(self.flags & 0xf),
                flag(0x8000),
                flag(0x0400),
                flag(0x0200),
                flag(0x0100),
                flag(0x0080),
                Value::from(self.flags >> 4 & 7),
                flag(0x0020),
                flag(0x0010),
                Value::from(self.questions),
                Value::from(self.answers),
                Value::from(self.authority),
                Value::from(self.additional),
                Value::Bool(self.netbios),
            ],
        )
    }
}
