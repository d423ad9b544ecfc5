//! PPPoE session packets (RFC 2516).

use super::{ppp, NetworkPayload, Step, L2};
use crate::{Malformed, Snap, Weird};

pub(super) const SOURCE: &str = "PPPOE";

/// Version and type, code, session, length.
const HEADER_LEN: usize = 6;

/// The code of session data.
const CODE_SESSION_DATA: u8 = 0;

/// Decodes a PPPoE header. The payload is what the length field covers; what lies beyond it counts as not
/// captured, so that a packet inside that claims more shows up as truncated there.
///
/// Errors: `truncated_pppoe_header`; those of PPP.
/// Weirds: `pppoe_extra_data_after_payload` when the frame has more than the length field covers,
/// `pppoe_truncated_payload` when it has less.
pub(super) fn parse<'a>(
    frame: Snap<'a>,
    l2: &mut L2,
    weirds: &mut Vec<Weird>,
) -> Result<Step<'a>, Malformed> {
    let Some(&[version_type, code, s0, s1, l0, l1]) = frame.data().first_chunk::<HEADER_LEN>() else {
        return Err(Weird::net("truncated_pppoe_header", SOURCE).fatal(frame.data().len()));
    };
    let payload = frame.skip(HEADER_LEN);
    if version_type != 0x11 || code != CODE_SESSION_DATA {
        return Ok(Step::Network(NetworkPayload::Other {
            analyzer: SOURCE,
            protocol: code.into(),
            payload,
        }));
    }
    l2.pppoe_session_id = Some(u16::from_be_bytes([s0, s1]));
    let length = usize::from(u16::from_be_bytes([l0, l1]));
    match length.cmp(&payload.wire_len()) {
        std::cmp::Ordering::Less => weirds.push(Weird::net("pppoe_extra_data_after_payload", SOURCE)),
        std::cmp::Ordering::Greater => weirds.push(Weird::net("pppoe_truncated_payload", SOURCE)),
        std::cmp::Ordering::Equal => (),
    }
    ppp::parse_from(SOURCE, payload.limit_captured(length))
}

#[cfg(test)]
mod tests {
    use super::super::{decode, hex, Frame, Link};
    use super::*;
    use crate::protocol::ethertype;

    fn session(bytes: &[u8]) -> Frame<'_> {
        decode(Link::EtherType(ethertype::PPPOE_SESSION), Snap::whole(bytes)).expect("frame")
    }

    #[test]
    fn session_data() {
        let bytes = hex("1100 0f07 0003 0021 45");
        let frame = session(&bytes);
        assert_eq!(frame.l2.pppoe_session_id, Some(0x0f07));
        assert_eq!(frame.payload, NetworkPayload::Ipv4(Snap::whole(&[0x45])));
        assert!(frame.weirds.is_empty());
    }

    #[test]
    fn data_beyond_the_length_is_cut_off() {
        let bytes = hex("1100 0f07 0003 0057 60 0000");
        let frame = session(&bytes);
        assert_eq!(frame.payload, NetworkPayload::Ipv6(Snap::new(&[0x60], 3)));
        assert_eq!(frame.weirds[0].name, "pppoe_extra_data_after_payload");
        let bytes = hex("1100 0f07 0009 0057 60 0000");
        assert_eq!(session(&bytes).weirds[0].name, "pppoe_truncated_payload");
    }

    #[test]
    fn discovery_is_not_ours() {
        let bytes = hex("1109 0000 0000");
        assert!(matches!(
            session(&bytes).payload,
            NetworkPayload::Other {
                analyzer: "PPPOE",
                protocol: 9,
                ..
            }
        ));
    }

    #[test]
    fn truncated() {
        let link = Link::EtherType(ethertype::PPPOE_SESSION);
        let fault = decode(link, Snap::whole(&[0x11, 0, 0, 1, 0])).expect_err("short");
        assert_eq!(fault.name(), "truncated_pppoe_header");
        let fault = decode(link, Snap::whole(&[0x11, 0, 0, 1, 0, 0])).expect_err("no protocol");
        assert_eq!(fault.name(), "truncated_ppp_header");
    }
}
