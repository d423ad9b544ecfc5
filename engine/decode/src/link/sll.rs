//! Linux cooked captures, versions 1 and 2: what the kernel hands over of links whose own header it hides.

use super::{by_ethertype, llc, Mac, NetworkPayload, Step, L2};
use crate::protocol::ethertype;
use crate::{Malformed, Snap, Weird};

pub(super) const SOURCE: &str = "LINUXSLL";
pub(super) const SOURCE_2: &str = "LINUXSLL2";

/// Packet type, hardware type, address length, address, protocol.
const HEADER_LEN: usize = 16;
/// Protocol, reserved, interface, hardware type, packet type, address length, address.
const HEADER_LEN_2: usize = 20;

/// Not EtherTypes but Linux's own numbers in the protocol field.
const LINUX_802_3: u16 = 1;
const LINUX_802_2: u16 = 4;

/// Decodes a cooked header of version 1.
///
/// Errors: `truncated_Linux_SLL_header`.
pub(super) fn parse<'a>(frame: Snap<'a>, l2: &mut L2) -> Result<Step<'a>, Malformed> {
    let Some(&[_, _, _, _, l0, l1, a0, a1, a2, a3, a4, a5, _, _, p0, p1]) =
        frame.data().first_chunk::<HEADER_LEN>()
    else {
        return Err(Weird::net("truncated_Linux_SLL_header", SOURCE).fatal(frame.data().len()));
    };
    if u16::from_be_bytes([l0, l1]) == 6 {
        l2.src_mac = Some([a0, a1, a2, a3, a4, a5]);
    }
    by_protocol(SOURCE, u16::from_be_bytes([p0, p1]), frame.skip(HEADER_LEN), l2)
}

/// Decodes a cooked header of version 2.
///
/// Errors: `truncated_Linux_SLL2_header`.
pub(super) fn parse_v2<'a>(frame: Snap<'a>, l2: &mut L2) -> Result<Step<'a>, Malformed> {
    let Some(&header) = frame.data().first_chunk::<HEADER_LEN_2>() else {
        return Err(Weird::net("truncated_Linux_SLL2_header", SOURCE_2).fatal(frame.data().len()));
    };
    let [p0, p1, _, _, _, _, _, _, _, _, _, len, address @ ..] = header;
    if let (6, Some(mac)) = (len, address.first_chunk::<6>()) {
        l2.src_mac = Some(Mac::from(*mac));
    }
    by_protocol(
        SOURCE_2,
        u16::from_be_bytes([p0, p1]),
        frame.skip(HEADER_LEN_2),
        l2,
    )
}

fn by_protocol<'a>(
    source: &'static str,
    protocol: u16,
    payload: Snap<'a>,
    l2: &mut L2,
) -> Result<Step<'a>, Malformed> {
    match protocol {
        LINUX_802_3 => llc::parse_8023(payload, l2),
        LINUX_802_2 => llc::parse(payload, l2),
        kind if kind > ethertype::MAX_LENGTH => Ok(by_ethertype(source, kind, payload, l2)),
        kind => Ok(Step::Network(NetworkPayload::Other {
            analyzer: source,
            protocol: kind.into(),
            payload,
        })),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{decode, hex, Link};
    use super::*;

    #[test]
    fn version_1() {
        let bytes = hex("0000 0001 0006 010203040506 0000 0800 45");
        let frame = decode(Link::LinuxSll, Snap::whole(&bytes)).expect("frame");
        assert_eq!(frame.l2.src_mac, Some([1, 2, 3, 4, 5, 6]));
        assert_eq!(frame.l2.dst_mac, None);
        assert_eq!(frame.payload, NetworkPayload::Ipv4(Snap::whole(&[0x45])));
        let bytes = hex("0000 0001 0006 010203040506 0000 0004 aaaa03 000000 0806 00");
        let frame = decode(Link::LinuxSll, Snap::whole(&bytes)).expect("frame");
        assert_eq!(frame.payload, NetworkPayload::Arp(Snap::whole(&[0])));
    }

    #[test]
    fn version_2() {
        let bytes = hex("86dd 0000 00000001 0304 00 06 010203040506 0000 60");
        let frame = decode(Link::LinuxSll2, Snap::whole(&bytes)).expect("frame");
        assert_eq!(frame.l2.src_mac, Some([1, 2, 3, 4, 5, 6]));
        assert_eq!(frame.payload, NetworkPayload::Ipv6(Snap::whole(&[0x60])));
        let bytes = hex("0003 0000 00000001 0304 00 00 000000000000 0000 60");
        let frame = decode(Link::LinuxSll2, Snap::whole(&bytes)).expect("frame");
        assert_eq!(frame.l2.src_mac, None);
        assert!(matches!(frame.payload, NetworkPayload::Other { protocol: 3, .. }));
    }

    #[test]
    fn truncated() {
        let fault = decode(Link::LinuxSll, Snap::whole(&[0; 15])).expect_err("short");
        assert_eq!(fault.name(), "truncated_Linux_SLL_header");
        let fault = decode(Link::LinuxSll2, Snap::whole(&[0; 19])).expect_err("short");
        assert_eq!(fault.name(), "truncated_Linux_SLL2_header");
    }
}
