//! BSD loopback: an address family before the packet.

use super::{NetworkPayload, Step};
use crate::{Malformed, Snap, Weird};

pub(super) const SOURCE: &str = "NULL";

/// Address family of IPv4, the same on all systems.
const AF_INET: u32 = 2;
/// Address families of IPv6: Linux, NetBSD and OpenBSD, FreeBSD, macOS.
const AF_INET6: [u32; 4] = [10, 24, 28, 30];

/// Decodes the address family. With `network_order` (DLT_LOOP) it is in network byte order, otherwise (DLT_NULL)
/// in that of the host that captured, which only the value tells: a family is less than 65,536.
///
/// Errors: `null_analyzer_failed` (less than four bytes).
pub(super) fn parse(frame: Snap<'_>, network_order: bool) -> Result<Step<'_>, Malformed> {
    let Some(family) = number(frame.data(), network_order) else {
        return Err(Weird::net("null_analyzer_failed", SOURCE).fatal(frame.data().len()));
    };
    let payload = frame.skip(4);
    Ok(Step::Network(match family {
        AF_INET => NetworkPayload::Ipv4(payload),
        family if AF_INET6.contains(&family) => NetworkPayload::Ipv6(payload),
        protocol => NetworkPayload::Other {
            analyzer: SOURCE,
            protocol,
            payload,
        },
    }))
}

/// The address family that a frame begins with.
pub(super) fn number(frame: &[u8], network_order: bool) -> Option<u32> {
    let mut family = u32::from_be_bytes(*frame.first_chunk::<4>()?);
    if !network_order && family > u32::from(u16::MAX) {
        family = family.swap_bytes();
    }
    Some(family)
}

#[cfg(test)]
mod tests {
    use super::super::{decode, hex, Link};
    use super::*;

    #[test]
    fn families_in_both_byte_orders() {
        for (link, text) in [
            (Link::Null, "02000000 45"),
            (Link::Null, "00000002 45"),
            (Link::Loop, "00000002 45"),
        ] {
            let bytes = hex(text);
            let payload = decode(link, Snap::whole(&bytes)).expect("frame").payload;
            assert_eq!(payload, NetworkPayload::Ipv4(Snap::whole(&[0x45])), "{text}");
        }
        for text in [
            "1e000000 60",
            "0000001e 60",
            "18000000 60",
            "1c000000 60",
            "0a000000 60",
        ] {
            let bytes = hex(text);
            let payload = decode(Link::Null, Snap::whole(&bytes)).expect("frame").payload;
            assert_eq!(payload, NetworkPayload::Ipv6(Snap::whole(&[0x60])), "{text}");
        }
    }

    #[test]
    fn other_families_and_truncation() {
        let payload = decode(Link::Null, Snap::whole(&[7, 0, 0, 0]))
            .expect("frame")
            .payload;
        assert!(matches!(payload, NetworkPayload::Other { protocol: 7, .. }));
        let fault = decode(Link::Null, Snap::whole(&[2, 0, 0])).expect_err("short");
        assert_eq!(fault.name(), "null_analyzer_failed");
    }
}
