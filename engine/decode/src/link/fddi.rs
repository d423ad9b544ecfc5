//! FDDI frames.

use super::{Link, Step, L2};
use crate::{Malformed, Snap, Weird};

pub(super) const SOURCE: &str = "FDDI";

/// Frame control, destination, source.
const HEADER_LEN: usize = 13;

/// Decodes an FDDI header; LLC follows.
///
/// Errors: `FDDI_analyzer_failed` (less than 13 bytes).
pub(super) fn parse<'a>(frame: Snap<'a>, l2: &mut L2) -> Result<Step<'a>, Malformed> {
    let Some(&[_, d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5]) = frame.data().first_chunk::<HEADER_LEN>()
    else {
        return Err(Weird::net("FDDI_analyzer_failed", SOURCE).fatal(frame.data().len()));
    };
    l2.dst_mac = Some([d0, d1, d2, d3, d4, d5]);
    l2.src_mac = Some([s0, s1, s2, s3, s4, s5]);
    Ok(Step::Link(Link::Llc, frame.skip(HEADER_LEN)))
}

#[cfg(test)]
mod tests {
    use super::super::{decode, hex, NetworkPayload};
    use super::*;

    #[test]
    fn ip_in_snap() {
        let bytes = hex("50 aa00040083a7 aa00040082a7 aaaa03 000000 0800 45");
        let frame = decode(Link::Fddi, Snap::whole(&bytes)).expect("frame");
        assert_eq!(frame.l2.src_mac, Some([0xaa, 0, 4, 0, 0x82, 0xa7]));
        assert_eq!(frame.payload, NetworkPayload::Ipv4(Snap::whole(&[0x45])));
    }

    #[test]
    fn truncated() {
        let fault = decode(Link::Fddi, Snap::whole(&[0; 12])).expect_err("short");
        assert_eq!(fault.name(), "FDDI_analyzer_failed");
    }
}
