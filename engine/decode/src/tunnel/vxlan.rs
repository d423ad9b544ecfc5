//! VXLAN (RFC 7348).

use super::Inner;
use crate::link::Link;
use crate::{Malformed, Snap, Weird};

const SOURCE: &str = "VXLAN";

/// Flags, reserved, network identifier, reserved.
pub const HEADER_LEN: usize = 8;

/// The flag that says that the network identifier is valid, which it has to be.
const FLAG_VNI: u8 = 0x08;

/// A decoded VXLAN packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vxlan<'a> {
    /// Network identifier, 24 bits.
    pub vni: u32,
    /// The Ethernet frame inside; `None` if there is none.
    pub inner: Option<Inner<'a>>,
    /// What is strange about it.
    pub weirds: Vec<Weird>,
}

/// Decapsulates the payload of UDP.
///
/// Errors: a violation, if the header is not complete or its flag is missing.
/// Weirds: `vxlan_empty_packet`, about the two hosts, when there is no frame.
#[inline]
pub fn decapsulate(payload: Snap<'_>) -> Result<Vxlan<'_>, Malformed> {
    let Some(&[flags, _, _, _, v0, v1, v2, _]) = payload.data().first_chunk::<HEADER_LEN>() else {
        return Err(Malformed::violation(
            SOURCE,
            "VXLAN header incomplete",
            payload.data().len(),
        ));
    };
    if flags & FLAG_VNI == 0 {
        return Err(Malformed::violation(
            SOURCE,
            "VXLAN flag of the network identifier not set",
            0,
        ));
    }
    let rest = payload.skip(HEADER_LEN);
    let mut weirds = Vec::new();
    if rest.is_empty() {
        weirds.push(Weird::flow("vxlan_empty_packet", SOURCE));
    }
    Ok(Vxlan {
        vni: u32::from_be_bytes([0, v0, v1, v2]),
        inner: (!rest.is_empty()).then_some(Inner {
            link: Link::Ethernet,
            payload: rest,
        }),
        weirds,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::hex;

    #[test]
    fn a_frame() {
        let bytes = hex("08000000 010920 00 aabb");
        let vxlan = decapsulate(Snap::new(&bytes, 60)).expect("VXLAN");
        assert_eq!(vxlan.vni, 0x01_0920);
        let inner = Inner {
            link: Link::Ethernet,
            payload: Snap::new(&[0xaa, 0xbb], 52),
        };
        assert_eq!(vxlan.inner, Some(inner));
        assert!(vxlan.weirds.is_empty());
    }

    #[test]
    fn empty_or_not_vxlan() {
        let empty = hex("08000000 010920 00");
        let vxlan = decapsulate(Snap::whole(&empty)).expect("VXLAN");
        assert_eq!((vxlan.inner, vxlan.weirds[0].name), (None, "vxlan_empty_packet"));
        assert!(
            decapsulate(Snap::whole(&empty[..7]))
                .expect_err("short")
                .violation
        );
        assert!(decapsulate(Snap::whole(&[0; 8])).expect_err("no flag").violation);
    }
}
