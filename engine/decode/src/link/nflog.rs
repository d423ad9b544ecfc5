//! Linux netfilter log: the packet is one of a list of attributes.

use super::{NetworkPayload, Step};
use crate::cursor::Cursor;
use crate::{Malformed, Snap, Weird};

pub(super) const SOURCE: &str = "NFLOG";

const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;
/// The attribute that is the packet.
const PAYLOAD: u16 = 9;
/// Length and type of an attribute; its length counts them.
const ATTRIBUTE_HEADER: usize = 4;

/// Finds the packet among the attributes. Lengths and types of attributes are little-endian: the byte order of
/// the capturing host, to which libpcap converts files from elsewhere.
///
/// Errors: `truncated_nflog_header`, `nflog_bad_tlv_len` (an attribute longer than what is left, or shorter than
/// its own header), `nflog_no_pcap_payload`.
pub(super) fn parse(frame: Snap<'_>) -> Result<Step<'_>, Malformed> {
    let mut cursor = Cursor::new(frame.data());
    let (Some([family, version]), Some(_resource)) = (cursor.array(), cursor.be16()) else {
        return Err(Weird::net("truncated_nflog_header", SOURCE).fatal(frame.data().len()));
    };
    if version != 0 {
        let other = NetworkPayload::Other {
            analyzer: SOURCE,
            protocol: version.into(),
            payload: frame,
        };
        return Ok(Step::Network(other));
    }
    // Bounded by the captured bytes: each attribute takes at least four.
    loop {
        let (start, available) = (cursor.pos(), cursor.remaining());
        let (Some(length), Some(kind)) = (cursor.le16(), cursor.le16()) else {
            return Err(Weird::net("nflog_no_pcap_payload", SOURCE).fatal(start));
        };
        let length = usize::from(length);
        if kind == PAYLOAD {
            let payload = frame
                .skip(cursor.pos())
                .limit(length.saturating_sub(ATTRIBUTE_HEADER));
            return Ok(Step::Network(match family {
                AF_INET => NetworkPayload::Ipv4(payload),
                AF_INET6 => NetworkPayload::Ipv6(payload),
                family => NetworkPayload::Other {
                    analyzer: SOURCE,
                    protocol: family.into(),
                    payload,
                },
            }));
        }
        if length < ATTRIBUTE_HEADER {
            let detail = format!("({length} < {ATTRIBUTE_HEADER})");
            return Err(Weird::net("nflog_bad_tlv_len", SOURCE)
                .detail(detail)
                .fatal(start));
        }
        if length > available {
            let detail = format!("({length} > {available})");
            return Err(Weird::net("nflog_bad_tlv_len", SOURCE)
                .detail(detail)
                .fatal(start));
        }
        // Attributes are padded to four bytes; the padding of the last one may be missing.
        let padded = length.next_multiple_of(4).min(available);
        if cursor.skip(padded - ATTRIBUTE_HEADER).is_none() {
            return Err(Weird::net("nflog_no_pcap_payload", SOURCE).fatal(start));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{decode, hex, Link};
    use super::*;

    fn decoded(bytes: &[u8]) -> Result<NetworkPayload<'_>, (&'static str, Option<String>)> {
        decode(Link::Nflog, Snap::whole(bytes))
            .map(|f| f.payload)
            .map_err(|m| (m.name(), m.weird.detail.clone()))
    }

    #[test]
    fn the_packet_behind_padded_attributes() {
        let bytes = hex("0200002a 0500 0a00 00000000 0500 0900 45");
        assert_eq!(decoded(&bytes), Ok(NetworkPayload::Ipv4(Snap::whole(&[0x45]))));
        let bytes = hex("0a00002a 0500 0900 60 ffffff");
        assert_eq!(decoded(&bytes), Ok(NetworkPayload::Ipv6(Snap::whole(&[0x60]))));
    }

    #[test]
    fn a_packet_cut_by_the_snapshot_length() {
        let bytes = hex("02000000 3000 0900 4500");
        let frame = decode(Link::Nflog, Snap::new(&bytes, 52)).expect("frame");
        assert_eq!(frame.payload, NetworkPayload::Ipv4(Snap::new(&[0x45, 0], 44)));
    }

    #[test]
    fn bad_lengths() {
        let long = decoded(&hex("02000000 00010100 00000000")).expect_err("too long");
        assert_eq!(long, ("nflog_bad_tlv_len", Some("(256 > 8)".into())));
        let short = decoded(&hex("02000000 03000100 00000000")).expect_err("too short");
        assert_eq!(short, ("nflog_bad_tlv_len", Some("(3 < 4)".into())));
    }

    #[test]
    fn without_a_packet() {
        assert_eq!(
            decoded(&hex("02000000 05000a00 00")).expect_err("none").0,
            "nflog_no_pcap_payload"
        );
        assert_eq!(
            decoded(&hex("02000000")).expect_err("none").0,
            "nflog_no_pcap_payload"
        );
        assert_eq!(
            decoded(&hex("020000")).expect_err("short").0,
            "truncated_nflog_header"
        );
        assert!(matches!(
            decoded(&hex("02010000")),
            Ok(NetworkPayload::Other { protocol: 1, .. })
        ));
    }
}
