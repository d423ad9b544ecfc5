//! IEEE 802.2 LLC, SNAP, and Novell's raw use of IEEE 802.3.

use super::{by_ethertype, by_version, NetworkPayload, Step, L2};
use crate::protocol::ethertype;
use crate::{Malformed, Snap, Weird};

pub(super) const SOURCE: &str = "LLC";
pub(super) const SNAP_SOURCE: &str = "SNAP";
pub(super) const NOVELL_SOURCE: &str = "NOVELL_802_3";

/// Both service access points: SNAP follows.
const SAP_SNAP: u8 = 0xaa;
/// IP directly in LLC (RFC 948).
const SAP_IP: u8 = 0x06;
/// Unnumbered information
const CONTROL_UI: u8 = 0x03;

/// What follows the length field of an IEEE 802.3 frame: LLC, or IPX at once, which begins with 0xffff.
///
/// Errors: as [`parse`].
pub(super) fn parse_8023<'a>(frame: Snap<'a>, l2: &mut L2) -> Result<Step<'a>, Malformed> {
    if frame.data().starts_with(&[0xff, 0xff]) {
        let novell = NetworkPayload::Other {
            analyzer: NOVELL_SOURCE,
            protocol: 0xffff,
            payload: frame,
        };
        return Ok(Step::Network(novell));
    }
    parse(frame, l2)
}

/// Decodes LLC and, where it says so, SNAP. In SNAP, EtherTypes are those under the organization codes 00-00-00
/// (RFC 1042) and 00-00-f8 (IEEE 802.1H).
///
/// Errors: `truncated_llc_header`, `truncated_snap_header`.
pub(super) fn parse<'a>(frame: Snap<'a>, l2: &mut L2) -> Result<Step<'a>, Malformed> {
    let Some(&[dsap, ssap, control]) = frame.data().first_chunk::<3>() else {
        return Err(Weird::net("truncated_llc_header", SOURCE).fatal(frame.data().len()));
    };
    match (dsap, ssap) {
        (SAP_SNAP, SAP_SNAP) => snap(frame.skip(3), l2),
        (SAP_IP, SAP_IP) if control == CONTROL_UI => Ok(Step::Network(by_version(frame.skip(3)))),
        _ => {
            let saps = u16::from_be_bytes([dsap, ssap]).into();
            let other = NetworkPayload::Other {
                analyzer: SOURCE,
                protocol: saps,
                payload: frame.skip(3),
            };
            Ok(Step::Network(other))
        }
    }
}

pub(super) fn snap<'a>(frame: Snap<'a>, l2: &mut L2) -> Result<Step<'a>, Malformed> {
    let Some(&[o0, o1, o2, t0, t1]) = frame.data().first_chunk::<5>() else {
        return Err(Weird::net("truncated_snap_header", SNAP_SOURCE).fatal(frame.data().len()));
    };
    let kind = u16::from_be_bytes([t0, t1]);
    if matches!([o0, o1, o2], [0, 0, 0] | [0, 0, 0xf8]) && kind > ethertype::MAX_LENGTH {
        return Ok(by_ethertype(SNAP_SOURCE, kind, frame.skip(5), l2));
    }
    let other = NetworkPayload::Other {
        analyzer: SNAP_SOURCE,
        protocol: kind.into(),
        payload: frame.skip(5),
    };
    Ok(Step::Network(other))
}

#[cfg(test)]
mod tests {
    use super::super::{decode, hex, Link};
    use super::*;

    fn payload(text: &str) -> Result<String, &'static str> {
        let bytes = hex(&format!("0a0b0c0d0e0f 010203040506 {text}"));
        decode(Link::Ethernet, Snap::whole(&bytes))
            .map(|f| format!("{:?}", f.payload))
            .map_err(|m| m.name())
    }

    #[test]
    fn snap_with_ethertypes() {
        assert!(payload("0024 aaaa03 000000 0806 00")
            .expect("arp")
            .starts_with("Arp("));
        assert!(payload("0024 aaaa03 0000f8 86dd 60")
            .expect("ipv6")
            .starts_with("Ipv6("));
        assert!(payload("0024 aaaa03 000000 8100 0001 0800 45")
            .expect("tagged")
            .starts_with("Ipv4("));
    }

    #[test]
    fn other_organizations_are_not_ip() {
        let cdp = payload("011e aaaa03 00000c 2000 01b4").expect("cdp");
        assert!(cdp.contains("SNAP") && cdp.contains("8192"), "{cdp}");
        let odd = payload("011e aaaa03 00000c 0800 45").expect("odd");
        assert!(odd.contains("Other"), "{odd}");
    }

    #[test]
    fn plain_llc_and_novell() {
        let stp = payload("0026 424203 0000").expect("stp");
        assert!(stp.contains("LLC") && stp.contains("16962"), "{stp}");
        assert!(payload("0026 060603 45").expect("ip").starts_with("Ipv4("));
        assert!(payload("0026 ffff 0022").expect("ipx").contains("NOVELL_802_3"));
    }

    #[test]
    fn truncated() {
        assert_eq!(payload("0024 aaaa"), Err("truncated_llc_header"));
        assert_eq!(payload("0024 aaaa03 00000008"), Err("truncated_snap_header"));
    }
}
