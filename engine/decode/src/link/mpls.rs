//! MPLS label stacks (RFC 3032).

use super::{by_version, NetworkPayload, Step};
use crate::{Malformed, Snap, Weird};

pub(super) const SOURCE: &str = "MPLS";

/// Decodes the label stack down to the entry marked as its bottom. What follows is not named by the stack; it is
/// taken for IP, and reported as `unknown_ip_version` later when it is not.
///
/// Errors: `truncated_MPLS_header` (the bytes end before the bottom of the stack).
/// An empty payload is no error: there is just nothing to decode.
pub(super) fn parse(frame: Snap<'_>) -> Result<Step<'_>, Malformed> {
    // Bounded by the captured bytes: each turn takes four.
    let mut rest = frame;
    loop {
        let Some(&[_, _, label, _]) = rest.data().first_chunk::<4>() else {
            return Err(Weird::net("truncated_MPLS_header", SOURCE).fatal(frame.data().len()));
        };
        rest = rest.skip(4);
        if label & 1 != 0 {
            break;
        }
    }
    Ok(Step::Network(if rest.is_empty() {
        NetworkPayload::None
    } else {
        by_version(rest)
    }))
}

#[cfg(test)]
mod tests {
    use super::super::{decode, hex, Link};
    use super::*;
    use crate::protocol::ethertype;

    fn payload(bytes: &[u8]) -> Result<NetworkPayload<'_>, &'static str> {
        let link = Link::EtherType(ethertype::MPLS);
        decode(link, Snap::whole(bytes))
            .map(|f| f.payload)
            .map_err(|m| m.name())
    }

    #[test]
    fn labels_down_to_the_bottom() {
        let bytes = hex("00010040 00020040 000301ff 60");
        assert_eq!(payload(&bytes), Ok(NetworkPayload::Ipv6(Snap::whole(&[0x60]))));
        assert_eq!(payload(&hex("000301ff")), Ok(NetworkPayload::None));
    }

    #[test]
    fn without_a_bottom() {
        assert_eq!(payload(&hex("00010040 0002")), Err("truncated_MPLS_header"));
        assert_eq!(payload(&hex("00010040")), Err("truncated_MPLS_header"));
    }
}
