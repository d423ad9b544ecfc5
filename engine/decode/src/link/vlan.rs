//! VLAN tags (IEEE 802.1Q, 802.1ad) and VN-Tags (IEEE 802.1BR).

use super::{by_length_or_type, Step, L2};
use crate::{Malformed, Snap, Weird};

pub(super) const SOURCE: &str = "VLAN";
pub(super) const VNTAG_SOURCE: &str = "VNTAG";

/// Tag control information and the type behind it.
const TAG_LEN: usize = 4;

/// A VN-Tag: direction, pointer, destination and source interface, and the type behind it.
const VNTAG_LEN: usize = 6;

/// Decodes a tag, from its tag control information on. The first tag of a frame sets `vlan`, each later one
/// `inner_vlan`.
///
/// Errors: `truncated_VLAN_frame`.
/// Weirds: `triple_tagged_vlan_unsupported` when a third tag takes the place of the second.
pub(super) fn parse<'a>(
    frame: Snap<'a>,
    l2: &mut L2,
    weirds: &mut Vec<Weird>,
) -> Result<Step<'a>, Malformed> {
    let Some(&[c0, c1, t0, t1]) = frame.data().first_chunk::<TAG_LEN>() else {
        return Err(Weird::net("truncated_VLAN_frame", SOURCE).fatal(frame.data().len()));
    };
    let (id, pcp, dei) = control([c0, c1]);
    if l2.vlan.is_none() {
        (l2.vlan, l2.vlan_pcp, l2.vlan_dei) = (Some(id), pcp, dei);
    } else {
        if l2.inner_vlan.is_some() {
            let weird = Weird::net("triple_tagged_vlan_unsupported", SOURCE);
            weirds.push(weird.detail("inner VLAN tag overwritten"));
        }
        (l2.inner_vlan, l2.inner_vlan_pcp, l2.inner_vlan_dei) = (Some(id), pcp, dei);
    }
    by_length_or_type(SOURCE, u16::from_be_bytes([t0, t1]), frame.skip(TAG_LEN), l2)
}

/// The parts of tag control information: identifier, priority code point, drop eligible indicator.
#[inline]
pub(super) fn control(bytes: [u8; 2]) -> (u16, u8, bool) {
    let control = u16::from_be_bytes(bytes);
    (control & 0x0fff, bytes[0] >> 5, control & 0x1000 != 0)
}

/// Decodes a VN-Tag.
///
/// Errors: `truncated_VNTag_frame`.
pub(super) fn parse_vntag<'a>(frame: Snap<'a>, l2: &mut L2) -> Result<Step<'a>, Malformed> {
    let Some(&[_, _, _, _, t0, t1]) = frame.data().first_chunk::<VNTAG_LEN>() else {
        return Err(Weird::net("truncated_VNTag_frame", VNTAG_SOURCE).fatal(frame.data().len()));
    };
    by_length_or_type(
        VNTAG_SOURCE,
        u16::from_be_bytes([t0, t1]),
        frame.skip(VNTAG_LEN),
        l2,
    )
}

#[cfg(test)]
mod tests {
    use super::super::{decode, hex, Frame, Link, NetworkPayload};
    use super::*;

    const MACS: &str = "0a0b0c0d0e0f 010203040506";

    fn frame(bytes: &[u8]) -> Frame<'_> {
        decode(Link::Ethernet, Snap::whole(bytes)).expect("frame")
    }

    #[test]
    fn one_tag() {
        let bytes = hex(&format!("{MACS} 8100 b07b 0800 45"));
        let l2 = frame(&bytes).l2;
        assert_eq!((l2.vlan, l2.vlan_pcp, l2.vlan_dei), (Some(0x7b), 5, true));
        assert_eq!((l2.inner_vlan, l2.eth_type), (None, Some(0x0800)));
    }

    #[test]
    fn two_tags_of_all_kinds() {
        for outer in ["8100", "88a8", "9100"] {
            let bytes = hex(&format!("{MACS} {outer} 000a 8100 2014 86dd 60"));
            let frame = frame(&bytes);
            assert_eq!((frame.l2.vlan, frame.l2.inner_vlan), (Some(10), Some(20)));
            assert_eq!((frame.l2.inner_vlan_pcp, frame.l2.inner_vlan_dei), (1, false));
            assert_eq!(frame.payload, NetworkPayload::Ipv6(Snap::whole(&[0x60])));
            assert!(frame.weirds.is_empty());
        }
    }

    #[test]
    fn a_third_tag_overwrites_the_second() {
        let bytes = hex(&format!("{MACS} 8100 001e 8100 0014 8100 000a 0800 45"));
        let frame = frame(&bytes);
        assert_eq!((frame.l2.vlan, frame.l2.inner_vlan), (Some(30), Some(10)));
        assert_eq!(frame.weirds.len(), 1);
        assert_eq!(frame.weirds[0].name, "triple_tagged_vlan_unsupported");
        assert_eq!(
            frame.weirds[0].detail.as_deref(),
            Some("inner VLAN tag overwritten")
        );
    }

    #[test]
    fn tagged_llc() {
        let bytes = hex(&format!("{MACS} 8100 0001 0008 aaaa03 000000 0800 45"));
        assert_eq!(frame(&bytes).payload, NetworkPayload::Ipv4(Snap::whole(&[0x45])));
    }

    #[test]
    fn vntag_before_a_vlan() {
        let bytes = hex(&format!("{MACS} 8926 00000000 8100 000b 0800 45"));
        let frame = frame(&bytes);
        assert_eq!(frame.l2.vlan, Some(11));
        assert_eq!(frame.payload, NetworkPayload::Ipv4(Snap::whole(&[0x45])));
    }

    #[test]
    fn truncated() {
        for (text, name) in [
            ("8100 000108", "truncated_VLAN_frame"),
            ("8926 0000000008", "truncated_VNTag_frame"),
        ] {
            let bytes = hex(&format!("{MACS} {text}"));
            let fault = decode(Link::Ethernet, Snap::whole(&bytes)).expect_err("short");
            assert_eq!(fault.name(), name);
        }
    }

    #[test]
    fn weirds_before_an_error_are_kept() {
        let bytes = hex(&format!("{MACS} 8100 0001 8100 0002 8100 0003 8100 00"));
        let fault = decode(Link::Ethernet, Snap::whole(&bytes)).expect_err("short");
        let names: Vec<_> = fault.into_weirds().iter().map(|w| w.name).collect();
        assert_eq!(names, ["triple_tagged_vlan_unsupported", "truncated_VLAN_frame"]);
    }
}
