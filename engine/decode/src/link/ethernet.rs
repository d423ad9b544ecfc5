//! Ethernet II and IEEE 802.3 frames, and Cisco FabricPath around them.

use super::{by_length_or_type, vlan, Encap, Link, NetworkPayload, Step, L2};
use crate::protocol::ethertype;
use crate::{Malformed, Snap, Weird};

pub(super) const SOURCE: &str = "ETHERNET";

/// Destination, source, type.
const HEADER_LEN: usize = 14;

/// The FabricPath header: outer addresses, EtherType 0x8903, tag with forwarding tag and TTL.
const FABRIC_PATH_LEN: usize = 16;

/// Decodes an Ethernet header. Padding at the end of the frame is left in place: the length field of the packet
/// inside tells it from data.
///
/// Errors: `truncated_ethernet_frame` (less than 14 bytes), `truncated_link_header_cfp` (FabricPath without the
/// frame it must carry).
#[inline]
pub(super) fn parse<'a>(frame: Snap<'a>, l2: &mut L2) -> Result<Step<'a>, Malformed> {
    let Some(&[d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5, t0, t1]) =
        frame.data().first_chunk::<HEADER_LEN>()
    else {
        return Err(Weird::net("truncated_ethernet_frame", SOURCE).fatal(frame.data().len()));
    };
    let kind = u16::from_be_bytes([t0, t1]);
    if kind == ethertype::FABRIC_PATH {
        if frame.data().len() < FABRIC_PATH_LEN + HEADER_LEN {
            return Err(Weird::net("truncated_link_header_cfp", SOURCE).fatal(frame.data().len()));
        }
        return Ok(Step::Link(Link::Ethernet, frame.skip(FABRIC_PATH_LEN)));
    }
    l2.dst_mac = Some([d0, d1, d2, d3, d4, d5]);
    l2.src_mac = Some([s0, s1, s2, s3, s4, s5]);
    by_length_or_type(SOURCE, kind, frame.skip(HEADER_LEN), l2)
}

/// A frame with nothing but IP in it, behind one VLAN tag at most, the way most are. Says the same as the general
/// walk where it says anything.
#[inline]
pub(super) fn ip_frame(frame: Snap<'_>) -> Option<(L2, NetworkPayload<'_>)> {
    let header = frame.data().first_chunk::<HEADER_LEN>()?;
    let &[d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5, t0, t1] = header;
    let mut l2 = L2 {
        encap: Encap::Ethernet,
        dst_mac: Some([d0, d1, d2, d3, d4, d5]),
        src_mac: Some([s0, s1, s2, s3, s4, s5]),
        ..L2::default()
    };
    let mut kind = u16::from_be_bytes([t0, t1]);
    let mut rest = frame.skip(HEADER_LEN);
    if kind == ethertype::VLAN {
        let &[c0, c1, t0, t1] = rest.data().first_chunk::<4>()?;
        let (id, pcp, dei) = vlan::control([c0, c1]);
        (l2.vlan, l2.vlan_pcp, l2.vlan_dei) = (Some(id), pcp, dei);
        kind = u16::from_be_bytes([t0, t1]);
        rest = rest.skip(4);
    }
    l2.eth_type = Some(kind);
    match kind {
        ethertype::IPV4 => Some((l2, NetworkPayload::Ipv4(rest))),
        ethertype::IPV6 => Some((l2, NetworkPayload::Ipv6(rest))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{decode, hex, walk, Encap, NetworkPayload};
    use super::*;

    fn frame(text: &str) -> Vec<u8> {
        hex(&format!("0a0b0c0d0e0f 010203040506 {text}"))
    }

    #[test]
    fn addresses_and_type() {
        let bytes = frame("0800 4500");
        let frame = decode(Link::Ethernet, Snap::new(&bytes, 60)).expect("frame");
        assert_eq!(frame.l2.dst_mac, Some([10, 11, 12, 13, 14, 15]));
        assert_eq!(frame.l2.src_mac, Some([1, 2, 3, 4, 5, 6]));
        assert_eq!(
            (frame.l2.encap, frame.l2.eth_type),
            (Encap::Ethernet, Some(0x0800))
        );
        assert_eq!(frame.payload, NetworkPayload::Ipv4(Snap::new(&[0x45, 0], 46)));
        assert!(frame.weirds.is_empty());
    }

    #[test]
    fn the_short_cut_says_the_same() {
        for kind in [
            "0800 4500",
            "86dd 6000",
            "0800",
            "0806 00",
            "8100 b001 0800 45",
            "8100 0001 8100 0002 0800 45",
            "0026 060603 45",
        ] {
            let bytes = frame(kind);
            let snap = Snap::new(&bytes, 60);
            let slow = walk(Link::Ethernet, snap, None, |_| ()).expect("frame");
            assert_eq!(decode(Link::Ethernet, snap), Ok(slow), "{kind}");
        }
    }

    #[test]
    fn unknown_types_and_arp() {
        let bytes = frame("88b5 01");
        let payload = decode(Link::Ethernet, Snap::whole(&bytes))
            .expect("frame")
            .payload;
        let other = NetworkPayload::Other {
            analyzer: "ETHERNET",
            protocol: 0x88b5,
            payload: Snap::whole(&[1]),
        };
        assert_eq!(payload, other);
        let bytes = frame("0806 00");
        let payload = decode(Link::Ethernet, Snap::whole(&bytes))
            .expect("frame")
            .payload;
        assert_eq!(payload, NetworkPayload::Arp(Snap::whole(&[0])));
    }

    #[test]
    fn fabric_path_is_unwrapped() {
        let bytes = hex(&format!(
            "020000000001 020000000002 8903 0041 {}",
            "0a0b0c0d0e0f 010203040506 0800 45"
        ));
        let frame = decode(Link::Ethernet, Snap::whole(&bytes)).expect("frame");
        assert_eq!(frame.l2.src_mac, Some([1, 2, 3, 4, 5, 6]));
        assert_eq!(frame.payload, NetworkPayload::Ipv4(Snap::whole(&[0x45])));
        let fault = decode(Link::Ethernet, Snap::whole(&bytes[..29])).expect_err("short");
        assert_eq!(fault.name(), "truncated_link_header_cfp");
    }

    #[test]
    fn truncated() {
        let bytes = frame("08");
        let fault = decode(Link::Ethernet, Snap::new(&bytes, 60)).expect_err("short");
        assert_eq!((fault.name(), fault.offset), ("truncated_ethernet_frame", 13));
    }
}
