//! ICMP for IPv4 (RFC 792), and the part of ICMPv6 messages that looks the same.

use super::context::Context;
use super::short;
use crate::{Malformed, Snap};

const SOURCE: &str = "ICMP";

/// Type, code, checksum, and four bytes whose use depends on the type.
pub const HEADER_LEN: usize = 8;

/// Types of messages.
#[allow(missing_docs)]
pub mod kind {
    pub const ECHO_REPLY: u8 = 0;
    pub const UNREACHABLE: u8 = 3;
    pub const SOURCE_QUENCH: u8 = 4;
    pub const REDIRECT: u8 = 5;
    pub const ECHO_REQUEST: u8 = 8;
    pub const ROUTER_ADVERTISEMENT: u8 = 9;
    pub const ROUTER_SOLICITATION: u8 = 10;
    pub const TIME_EXCEEDED: u8 = 11;
    pub const PARAMETER_PROBLEM: u8 = 12;
    pub const TIMESTAMP: u8 = 13;
    pub const TIMESTAMP_REPLY: u8 = 14;
    pub const INFO_REQUEST: u8 = 15;
    pub const INFO_REPLY: u8 = 16;
    pub const MASK_REQUEST: u8 = 17;
    pub const MASK_REPLY: u8 = 18;
}

/// A decoded message of ICMP or ICMPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IcmpView<'a> {
    /// Type.
    pub kind: u8,
    /// Code.
    pub code: u8,
    /// Checksum.
    pub checksum: u16,
    /// The four bytes behind the checksum.
    pub rest: [u8; 4],
    /// What follows the eight bytes of the header.
    pub payload: Snap<'a>,
}

impl IcmpView<'_> {
    /// Identifier of an echo.
    pub fn id(&self) -> u16 {
        let [i0, i1, _, _] = self.rest;
        u16::from_be_bytes([i0, i1])
    }

    /// Sequence number of an echo.
    pub fn seq(&self) -> u16 {
        let [_, _, s0, s1] = self.rest;
        u16::from_be_bytes([s0, s1])
    }

    /// The four bytes behind the checksum as an integer: the gateway of a redirect, the MTU or pointer of an error.
    pub fn word(&self) -> u32 {
        u32::from_be_bytes(self.rest)
    }

    /// The packet that an error message of ICMP (4) or ICMPv6 (6) quotes.
    pub fn context(&self, version: u8) -> Context {
        if version == 4 {
            Context::v4(self.payload.data())
        } else {
            Context::v6(self.payload.data())
        }
    }
}

/// Decodes a message from the payload of an IP packet. Checksums and meanings differ between ICMP and ICMPv6, the
/// header does not.
///
/// Errors: `truncated_header`, `internally_truncated_header`.
#[inline]
pub fn parse(payload: Snap<'_>) -> Result<IcmpView<'_>, Malformed> {
    let Some(&[kind, code, c0, c1, rest @ ..]) = payload.data().first_chunk::<HEADER_LEN>() else {
        return Err(short(payload, HEADER_LEN, SOURCE));
    };
    let checksum = u16::from_be_bytes([c0, c1]);
    Ok(IcmpView {
        kind,
        code,
        checksum,
        rest,
        payload: payload.skip(HEADER_LEN),
    })
}

/// The type that answers a type, or that it answers; `None` for messages that stand alone.
pub fn counterpart(kind: u8) -> Option<u8> {
    Some(match kind {
        kind::ECHO_REQUEST => kind::ECHO_REPLY,
        kind::ECHO_REPLY => kind::ECHO_REQUEST,
        kind::ROUTER_SOLICITATION => kind::ROUTER_ADVERTISEMENT,
        kind::ROUTER_ADVERTISEMENT => kind::ROUTER_SOLICITATION,
        kind::TIMESTAMP => kind::TIMESTAMP_REPLY,
        kind::TIMESTAMP_REPLY => kind::TIMESTAMP,
        kind::INFO_REQUEST => kind::INFO_REPLY,
        kind::INFO_REPLY => kind::INFO_REQUEST,
        kind::MASK_REQUEST => kind::MASK_REPLY,
        kind::MASK_REPLY => kind::MASK_REQUEST,
        _ => return None,
    })
}

/// The numbers that stand for ports in the flow of a message, for its source and its destination: its type, and the
/// type of its counterpart, so that both directions give the same flow; or its code, if it has none.
pub fn flow_ports(kind: u8, code: u8) -> (u16, u16) {
    (kind.into(), counterpart(kind).unwrap_or(code).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields() {
        let bytes = [8, 0, 0xf7, 0xff, 0, 1, 0, 2, 0xaa];
        let view = parse(Snap::whole(&bytes)).expect("message");
        assert_eq!((view.kind, view.code, view.checksum), (8, 0, 0xf7ff));
        assert_eq!((view.id(), view.seq(), view.word()), (1, 2, 0x0001_0002));
        assert_eq!(view.payload, Snap::whole(&[0xaa]));
        assert!(view.context(4).bad_hdr_len && view.context(6).bad_hdr_len);
    }

    #[test]
    fn flows_of_both_directions() {
        assert_eq!((flow_ports(8, 0), flow_ports(0, 0)), ((8, 0), (0, 8)));
        assert_eq!((flow_ports(17, 0), flow_ports(18, 0)), ((17, 18), (18, 17)));
        assert_eq!((flow_ports(3, 1), flow_ports(11, 0)), ((3, 1), (11, 0)));
        for kind in 0..=255 {
            assert!(counterpart(kind).is_none_or(|other| counterpart(other) == Some(kind)));
        }
    }

    #[test]
    fn truncated() {
        assert_eq!(
            parse(Snap::whole(&[0; 7])).expect_err("short").name(),
            "truncated_header"
        );
        assert_eq!(
            parse(Snap::new(&[0; 6], 64)).expect_err("short").name(),
            "internally_truncated_header"
        );
    }
}
