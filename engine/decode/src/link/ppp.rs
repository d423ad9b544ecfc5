//! PPP (RFC 1661), its HDLC-like framing (RFC 1662), and Cisco HDLC.

use super::{by_ethertype, mpls, NetworkPayload, Step, L2};
use crate::{Malformed, Snap, Weird};

pub(super) const SOURCE: &str = "PPP";
pub(super) const SERIAL_SOURCE: &str = "PPPSERIAL";

/// PPP protocol numbers
const IPV4: u16 = 0x0021;
const IPV6: u16 = 0x0057;
const MPLS: u16 = 0x0281;
const MPLS_MULTICAST: u16 = 0x0283;

/// Decodes PPP, with or without address and control field.
///
/// Errors: `truncated_ppp_header`.
pub(super) fn parse(frame: Snap<'_>) -> Result<Step<'_>, Malformed> {
    parse_from(SOURCE, frame)
}

/// The protocol that a frame carries, read as [`parse_from`] reads it.
pub(super) fn number(frame: &[u8]) -> Option<u32> {
    let rest = frame.strip_prefix(&[0xff, 0x03]).unwrap_or(frame);
    match *rest {
        [first, ..] if first & 1 != 0 => Some(first.into()),
        [first, second, ..] => Some(u16::from_be_bytes([first, second]).into()),
        _ => None,
    }
}

/// As [`parse`], for a frame that the analyzer `source` found.
pub(super) fn parse_from<'a>(source: &'static str, frame: Snap<'a>) -> Result<Step<'a>, Malformed> {
    let frame = if frame.data().starts_with(&[0xff, 0x03]) {
        frame.skip(2)
    } else {
        frame
    };
    // A protocol number ends with an odd byte; a single odd byte is a compressed number (RFC 1661, 6.5).
    let (protocol, payload) = match *frame.data() {
        [first, ..] if first & 1 != 0 => (u16::from(first), frame.skip(1)),
        [first, second, ..] => (u16::from_be_bytes([first, second]), frame.skip(2)),
        _ => return Err(Weird::net("truncated_ppp_header", source).fatal(frame.data().len())),
    };
    match protocol {
        IPV4 => Ok(Step::Network(NetworkPayload::Ipv4(payload))),
        IPV6 => Ok(Step::Network(NetworkPayload::Ipv6(payload))),
        MPLS | MPLS_MULTICAST => mpls::parse(payload),
        _ => {
            let other = NetworkPayload::Other {
                analyzer: source,
                protocol: protocol.into(),
                payload,
            };
            Ok(Step::Network(other))
        }
    }
}

/// Decodes a frame of a serial line: PPP behind address and control field, or Cisco HDLC, whose address is 0x0f
/// (unicast) or 0x8f (broadcast) and whose protocol is an EtherType.
///
/// Errors: `truncated_ppp_serial_header`.
pub(super) fn parse_serial<'a>(frame: Snap<'a>, l2: &mut L2) -> Result<Step<'a>, Malformed> {
    match frame.data().first_chunk::<4>() {
        Some(&[0x0f | 0x8f, 0, t0, t1]) => Ok(by_ethertype(
            SERIAL_SOURCE,
            u16::from_be_bytes([t0, t1]),
            frame.skip(4),
            l2,
        )),
        Some(_) => parse_from(SERIAL_SOURCE, frame),
        None => Err(Weird::net("truncated_ppp_serial_header", SERIAL_SOURCE).fatal(frame.data().len())),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{decode, hex, Link};
    use super::*;

    fn payload(link: Link, text: &str) -> Result<String, &'static str> {
        let bytes = hex(text);
        decode(link, Snap::whole(&bytes))
            .map(|f| format!("{:?}", f.payload))
            .map_err(|m| m.name())
    }

    #[test]
    fn with_and_without_address_and_compression() {
        let ipv6 = format!("{:?}", NetworkPayload::Ipv6(Snap::whole(&[0x60])));
        for text in ["0057 60", "ff03 0057 60", "ff03 57 60", "57 60"] {
            assert_eq!(payload(Link::Ppp, text), Ok(ipv6.clone()), "{text}");
        }
        assert!(payload(Link::Ppp, "0281 000301ff 45")
            .expect("mpls")
            .starts_with("Ipv4("));
        assert!(payload(Link::Ppp, "c021 01").expect("lcp").contains("49185"));
    }

    #[test]
    fn serial_lines() {
        assert!(payload(Link::PppSerial, "ff03 0021 45")
            .expect("ppp")
            .starts_with("Ipv4("));
        assert!(payload(Link::PppSerial, "0f00 0800 45")
            .expect("hdlc")
            .starts_with("Ipv4("));
        assert!(payload(Link::PppSerial, "8f00 8100 0001 86dd 60")
            .expect("tagged")
            .starts_with("Ipv6("));
        assert!(payload(Link::PppSerial, "8f00 2000 01")
            .expect("cdp")
            .contains("PPPSERIAL"));
    }

    #[test]
    fn truncated() {
        assert_eq!(payload(Link::Ppp, "ff03 00"), Err("truncated_ppp_header"));
        assert_eq!(payload(Link::Ppp, ""), Err("truncated_ppp_header"));
        assert_eq!(
            payload(Link::PppSerial, "ff03 21"),
            Err("truncated_ppp_serial_header")
        );
    }
}
