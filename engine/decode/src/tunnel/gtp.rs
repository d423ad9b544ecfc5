//! GTP version 1 (3GPP TS 29.060 and 29.281): user packets, and the header of control messages.

use super::Inner;
use crate::cursor::Cursor;
use crate::link::Link;
use crate::{Malformed, Snap};

const SOURCE: &str = "GTPV1";

/// Length of the part of the header that is always there, and that the length field does not count.
pub const HEADER_LEN: usize = 8;

/// Message type of a user packet (G-PDU).
pub const G_PDU: u8 = 255;

/// Extension headers beyond which a message is given up.
const MAX_EXTENSIONS: usize = 32;

/// A decoded message. The flags and fields are those of the record `gtpv1_hdr`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gtp<'a> {
    /// Version; always 1.
    pub version: u8,
    /// Protocol type: GTP rather than GTP', which is for charging; always set.
    pub protocol_type: bool,
    /// The reserved bit.
    pub reserved: bool,
    /// The next extension header field counts.
    pub has_extension: bool,
    /// The sequence number counts.
    pub has_sequence: bool,
    /// The N-PDU number counts.
    pub has_n_pdu: bool,
    /// Type of the message; [`G_PDU`] for user packets.
    pub message_type: u8,
    /// Length of all behind the first eight bytes, as claimed.
    pub length: u16,
    /// Tunnel endpoint identifier.
    pub teid: u32,
    /// Sequence number. Present, if not meaningful, when any of the three flags is set, as are the following.
    pub sequence: Option<u16>,
    /// N-PDU number.
    pub n_pdu: Option<u8>,
    /// Type of the first extension header; 0 for none.
    pub next_type: Option<u8>,
    /// The IP packet inside, of a user packet that has one.
    pub inner: Option<Inner<'a>>,
    /// The information elements of any other message ([`super::gtp_elements`]).
    pub elements: &'a [u8],
}

/// Decodes the payload of UDP.
///
/// Errors: a violation, if the message is not of version 1, if its header or extension headers are not complete,
/// or if it claims to be longer than its packet.
#[inline]
pub fn parse(payload: Snap<'_>) -> Result<Gtp<'_>, Malformed> {
    let violation = |reason: &str, at| Err(Malformed::violation(SOURCE, reason, at));
    let mut cursor = Cursor::new(payload.data());
    let Some([flags, message_type, l0, l1, t0, t1, t2, t3]) = cursor.array::<HEADER_LEN>() else {
        return violation("GTP header incomplete", payload.data().len());
    };
    let (version, protocol_type) = (flags >> 5, flags & 0x10 != 0);
    if version != 1 || !protocol_type {
        let reason = format!(
            "not GTPv1: version {version}, protocol type {}",
            u8::from(protocol_type)
        );
        return Err(Malformed::violation(SOURCE, reason, 0));
    }
    let length = u16::from_be_bytes([l0, l1]);
    if HEADER_LEN + usize::from(length) > payload.wire_len() {
        return violation("GTP message longer than its packet", 2);
    }
    let payload = payload.limit(HEADER_LEN + usize::from(length));
    let (has_extension, has_sequence, has_n_pdu) = (flags & 4 != 0, flags & 2 != 0, flags & 1 != 0);
    let mut gtp = Gtp {
        version,
        protocol_type,
        reserved: flags & 8 != 0,
        has_extension,
        has_sequence,
        has_n_pdu,
        message_type,
        length,
        teid: u32::from_be_bytes([t0, t1, t2, t3]),
        sequence: None,
        n_pdu: None,
        next_type: None,
        inner: None,
        elements: &[],
    };
    let mut cursor = Cursor::new(payload.data());
    let _ = cursor.skip(HEADER_LEN);
    if has_extension || has_sequence || has_n_pdu {
        let Some([s0, s1, n_pdu, next_type]) = cursor.array() else {
            return violation("GTP optional fields incomplete", payload.data().len());
        };
        gtp.sequence = Some(u16::from_be_bytes([s0, s1]));
        gtp.n_pdu = Some(n_pdu);
        gtp.next_type = Some(next_type);
        if has_extension && skip_extensions(next_type, &mut cursor).is_none() {
            return violation("GTP extension headers incomplete", cursor.pos());
        }
    }
    let rest = payload.skip(cursor.pos());
    if message_type == G_PDU {
        let is_ip = rest
            .data()
            .first()
            .is_some_and(|first| matches!(first >> 4, 4 | 6));
        gtp.inner = is_ip.then_some(Inner {
            link: Link::Ip,
            payload: rest,
        });
    } else {
        gtp.elements = rest.data();
    }
    Ok(gtp)
}

/// Skips extension headers: each begins with its length in four-byte units and ends with the type of the next.
fn skip_extensions(first: u8, cursor: &mut Cursor<'_>) -> Option<()> {
    let mut next = first;
    for _ in 0..MAX_EXTENSIONS {
        if next == 0 {
            return Some(());
        }
        // The length counts itself, so it cannot be 0.
        let content = (usize::from(cursor.u8()?) * 4).checked_sub(2)?;
        cursor.skip(content)?;
        next = cursor.u8()?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::{hex, NetworkPayload};

    #[test]
    fn a_user_packet() {
        let bytes = hex("30ff 0002 9e40ba4f 4500 ffff");
        let gtp = parse(Snap::whole(&bytes)).expect("GTP");
        assert_eq!((gtp.message_type, gtp.length, gtp.teid), (G_PDU, 2, 0x9e40_ba4f));
        assert_eq!((gtp.sequence, gtp.n_pdu, gtp.next_type), (None, None, None));
        let frame = gtp.inner.expect("inner").decode().expect("frame");
        assert_eq!(frame.payload, NetworkPayload::Ipv4(Snap::whole(&[0x45, 0])));
        let cut = parse(Snap::new(&bytes[..9], 10)).expect("GTP");
        assert_eq!(cut.inner.expect("inner").payload, Snap::new(&[0x45], 2));
    }

    #[test]
    fn optional_fields_and_extension_headers() {
        let bytes = hex("37ff 000e 00000001 0102 03 c0 01 0908 85 01 0000 00 60 00");
        let gtp = parse(Snap::whole(&bytes)).expect("GTP");
        assert!(gtp.has_extension && gtp.has_sequence && gtp.has_n_pdu && !gtp.reserved);
        assert_eq!(
            (gtp.sequence, gtp.n_pdu, gtp.next_type),
            (Some(0x102), Some(3), Some(0xc0))
        );
        assert_eq!(gtp.inner.expect("inner").payload.data(), [0x60, 0]);
    }

    #[test]
    fn control_messages() {
        let bytes = hex("3201 0006 00000000 fe69 0000 0e01");
        let gtp = parse(Snap::whole(&bytes)).expect("GTP");
        assert_eq!(
            (gtp.message_type, gtp.sequence, gtp.inner),
            (1, Some(0xfe69), None)
        );
        assert_eq!(gtp.elements, [0x0e, 1]);
        let bytes = hex("30ff 0001 00000000 ff");
        assert_eq!(parse(Snap::whole(&bytes)).expect("GTP").inner, None);
    }

    #[test]
    fn not_gtp() {
        for text in [
            "30ff 0000 000000",                      // no header
            "50ff 0000 00000000",                    // version 2
            "2001 0000 00000000",                    // GTP'
            "30ff 0001 00000000",                    // longer than its packet
            "32ff 0003 00000000 000000",             // no optional fields
            "34ff 0004 00000000 000000c0",           // no extension header
            "34ff 0008 00000000 000000c0 00 000000", // one of length 0
            "34ff 0008 00000000 000000c0 02 0000c0", // one that is cut off
        ] {
            assert!(
                parse(Snap::whole(&hex(text))).expect_err("not GTP").violation,
                "{text}"
            );
        }
        let endless = format!("34ff 0108 00000000 000000c0 {} 00000000", "01 0000 c0".repeat(64));
        assert!(
            parse(Snap::whole(&hex(&endless)))
                .expect_err("too many")
                .violation
        );
    }
}
