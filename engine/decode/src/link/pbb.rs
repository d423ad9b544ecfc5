//! Provider backbone bridges (IEEE 802.1ah): a customer's frame behind a service instance tag.

use super::{Link, Step, L2};
use crate::{Malformed, Snap, Weird};

pub(super) const SOURCE: &str = "PBB";

/// Flags and service instance identifier; the customer's addresses that follow are those of an Ethernet frame.
const TAG_LEN: usize = 4;

/// Decodes the service instance tag. The tags of the backbone stay in `vlan`; those of the customer's frame go
/// to `inner_vlan`.
///
/// Errors: `truncated_pbb_frame`.
pub(super) fn parse<'a>(frame: Snap<'a>, l2: &mut L2) -> Result<Step<'a>, Malformed> {
    if frame.data().len() < TAG_LEN {
        return Err(Weird::net("truncated_pbb_frame", SOURCE).fatal(frame.data().len()));
    }
    l2.eth_type = None;
    Ok(Step::Link(Link::Ethernet, frame.skip(TAG_LEN)))
}

#[cfg(test)]
mod tests {
    use super::super::{decode, hex, NetworkPayload};
    use super::*;

    #[test]
    fn the_customers_frame_is_decoded() {
        let bytes =
            hex("c3003a1ebb30 02cccc003a00 8100 efd3 88e7 001ebb30 011cebaf5000 001cebaf5201 0800 45");
        let frame = decode(Link::Ethernet, Snap::whole(&bytes)).expect("frame");
        assert_eq!(frame.l2.vlan, Some(0xfd3));
        assert_eq!(frame.l2.src_mac, Some([0, 0x1c, 0xeb, 0xaf, 0x52, 1]));
        assert_eq!(frame.l2.eth_type, Some(0x0800));
        assert_eq!(frame.payload, NetworkPayload::Ipv4(Snap::whole(&[0x45])));
    }

    #[test]
    fn truncated() {
        let bytes = hex("c3003a1ebb30 02cccc003a00 88e7 001ebb");
        let fault = decode(Link::Ethernet, Snap::whole(&bytes)).expect_err("short");
        assert_eq!(fault.name(), "truncated_pbb_frame");
    }
}
