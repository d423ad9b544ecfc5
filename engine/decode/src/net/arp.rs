//! ARP (RFC 826) and its relatives that share the format.

use std::net::Ipv4Addr;

use crate::cursor::Cursor;
use crate::link::Mac;
use crate::protocol::ethertype;
use crate::{Malformed, Snap, Weird};

const SOURCE: &str = "ARP";

/// Hardware type: Ethernet.
const HARDWARE_ETHERNET: u16 = 1;
/// Operations.
const REQUEST: u16 = 1;
const REPLY: u16 = 2;

/// The fields of a packet, named as in the RFC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arp<'a> {
    /// Hardware type; 1 is Ethernet.
    pub hrd: u16,
    /// Protocol type, an EtherType.
    pub pro: u16,
    /// Length of hardware addresses.
    pub hln: u8,
    /// Length of protocol addresses.
    pub pln: u8,
    /// Operation.
    pub op: u16,
    /// Hardware address of the sender.
    pub sha: &'a [u8],
    /// Protocol address of the sender.
    pub spa: &'a [u8],
    /// Hardware address of the target.
    pub tha: &'a [u8],
    /// Protocol address of the target.
    pub tpa: &'a [u8],
}

/// The addresses of a packet about IPv4 over Ethernet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addresses {
    /// Hardware address of the sender.
    pub sha: Mac,
    /// Protocol address of the sender.
    pub spa: Ipv4Addr,
    /// Hardware address of the target.
    pub tha: Mac,
    /// Protocol address of the target.
    pub tpa: Ipv4Addr,
}

/// What a packet means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// The event `arp_request`.
    Request(Addresses),
    /// The event `arp_reply`.
    Reply(Addresses),
    /// The event `bad_arp` with its explanation.
    Bad(Addresses, &'static str),
    /// No event: another operation (reverse ARP, inverse ARP), or other addresses than IPv4 and Ethernet.
    Other,
}

/// Decodes a packet.
///
/// Errors: `truncated_ARP` when the bytes end before the addresses do.
pub fn parse(packet: Snap<'_>) -> Result<Arp<'_>, Malformed> {
    let data = packet.data();
    fields(data).ok_or_else(|| Weird::net("truncated_ARP", SOURCE).fatal(data.len()))
}

fn fields(data: &[u8]) -> Option<Arp<'_>> {
    let mut cursor = Cursor::new(data);
    let (hrd, pro) = (cursor.be16()?, cursor.be16()?);
    let (hln, pln, op) = (cursor.u8()?, cursor.u8()?, cursor.be16()?);
    Some(Arp {
        hrd,
        pro,
        hln,
        pln,
        op,
        sha: cursor.take(hln.into())?,
        spa: cursor.take(pln.into())?,
        tha: cursor.take(hln.into())?,
        tpa: cursor.take(pln.into())?,
    })
}

impl Arp<'_> {
    /// The addresses, if they are Ethernet and IPv4 addresses by type and length.
    pub fn addresses(&self) -> Option<Addresses> {
        if self.hrd != HARDWARE_ETHERNET || self.pro != ethertype::IPV4 {
            return None;
        }
        Some(Addresses {
            sha: self.sha.try_into().ok()?,
            spa: <[u8; 4]>::try_from(self.spa).ok()?.into(),
            tha: self.tha.try_into().ok()?,
            tpa: <[u8; 4]>::try_from(self.tpa).ok()?.into(),
        })
    }

    /// What the packet means, given the source address of the frame it came in. A sender whose hardware address
    /// is not that of the frame, or is a group address, makes it bad.
    pub fn meaning(&self, frame_src: Option<Mac>) -> Meaning {
        let Some(addresses) = self.addresses() else {
            return Meaning::Other;
        };
        let known = matches!(self.op, REQUEST | REPLY);
        if known && frame_src.is_some_and(|src| src != addresses.sha) {
            return Meaning::Bad(addresses, "weird-arp-sha");
        }
        if known && addresses.sha[0] & 1 != 0 {
            return Meaning::Bad(addresses, "group-arp-sha");
        }
        match self.op {
            REQUEST => Meaning::Request(addresses),
            REPLY => Meaning::Reply(addresses),
            _ => Meaning::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::hex;

    const SENDER: Mac = [2, 0, 0, 0, 0, 1];

    fn meaning(text: &str, frame_src: Mac) -> Meaning {
        parse(Snap::whole(&hex(text)))
            .expect("packet")
            .meaning(Some(frame_src))
    }

    fn packet(op: &str) -> String {
        format!("0001 0800 06 04 {op} 020000000001 0a000001 020000000002 0a000002 ffff")
    }

    #[test]
    fn requests_and_replies() {
        let addresses = Addresses {
            sha: SENDER,
            spa: Ipv4Addr::new(10, 0, 0, 1),
            tha: [2, 0, 0, 0, 0, 2],
            tpa: Ipv4Addr::new(10, 0, 0, 2),
        };
        assert_eq!(meaning(&packet("0001"), SENDER), Meaning::Request(addresses));
        assert_eq!(meaning(&packet("0002"), SENDER), Meaning::Reply(addresses));
        assert_eq!(meaning(&packet("0003"), SENDER), Meaning::Other);
        assert_eq!(
            meaning(&packet("0001"), [2, 0, 0, 0, 0, 9]),
            Meaning::Bad(addresses, "weird-arp-sha")
        );
    }

    #[test]
    fn other_addresses() {
        assert_eq!(
            meaning(
                "0006 0800 06 04 0001 020000000001 0a000001 020000000002 0a000002",
                SENDER
            ),
            Meaning::Other
        );
        assert_eq!(
            meaning("0001 0800 02 04 0001 0001 0a000001 0002 0a000002", SENDER),
            Meaning::Other
        );
        let group = "0001 0800 06 04 0002 010000000001 0a000001 020000000002 0a000002";
        assert!(matches!(
            meaning(group, [1, 0, 0, 0, 0, 1]),
            Meaning::Bad(_, "group-arp-sha")
        ));
    }

    #[test]
    fn truncated() {
        for length in [0, 7, 8, 27] {
            let bytes = hex(&packet("0001"));
            assert_eq!(
                parse(Snap::whole(&bytes[..length])).expect_err("short").name(),
                "truncated_ARP"
            );
        }
        assert_eq!(
            parse(Snap::whole(&[0, 1, 8, 0, 255, 255, 0, 1, 0]))
                .expect_err("long")
                .name(),
            "truncated_ARP"
        );
    }
}
