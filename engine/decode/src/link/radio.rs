//! Headers that drivers put before IEEE 802.11 frames: radiotap, Prism, AVS, and per-packet information.

use super::{Link, NetworkPayload, Step};
use crate::cursor::Cursor;
use crate::{Malformed, Snap, Weird};

pub(super) const SOURCE: &str = "IEEE802_11_RADIO";

/// The upper 20 bits of an AVS header's magic number; the rest is its version.
const AVS_MAGIC: u32 = 0x8021_1000;
/// The usual length of a Prism header, for those whose length field is out of range.
const PRISM_LEN: usize = 144;
/// Message code and length, and the device's name.
const PRISM_MIN_LEN: usize = 24;

/// Radiotap: bits of the first word of fields present, and of the flags field.
const PRESENT_TSFT: u32 = 1;
const PRESENT_FLAGS: u32 = 1 << 1;
const PRESENT_MORE: u32 = 1 << 31;
const FLAG_FCS_AT_END: u8 = 0x10;
const FLAG_DATA_PAD: u8 = 0x20;
const FLAG_BAD_FCS: u8 = 0x40;
/// Length of the frame check sequence.
const FCS_LEN: usize = 4;

/// Skips a radiotap header. A frame check sequence that it announces is cut off; a frame that failed the check
/// is noise and decodes to nothing.
///
/// Errors: `truncated_radiotap_header`.
pub(super) fn radiotap(frame: Snap<'_>) -> Result<Step<'_>, Malformed> {
    let truncated = || Weird::net("truncated_radiotap_header", SOURCE).fatal(frame.data().len());
    let mut cursor = Cursor::new(frame.data());
    let (Some([version, _]), Some(length)) = (cursor.array(), cursor.le16()) else {
        return Err(truncated());
    };
    if version != 0 {
        let other = NetworkPayload::Other {
            analyzer: SOURCE,
            protocol: version.into(),
            payload: frame,
        };
        return Ok(Step::Network(other));
    }
    let length = usize::from(length);
    if length < 8 || length > frame.data().len() {
        return Err(truncated());
    }
    let flags = radiotap_flags(frame.limit(length).data()).unwrap_or(0);
    if flags & FLAG_BAD_FCS != 0 {
        return Ok(Step::Network(NetworkPayload::None));
    }
    let mut rest = frame.skip(length);
    if flags & FLAG_FCS_AT_END != 0 {
        rest = rest.limit(rest.wire_len().saturating_sub(FCS_LEN));
    }
    let link = if flags & FLAG_DATA_PAD != 0 {
        Link::Ieee80211Padded
    } else {
        Link::Ieee80211
    };
    Ok(Step::Link(link, rest))
}

/// The flags field, if the header has one.
fn radiotap_flags(header: &[u8]) -> Option<u8> {
    let mut cursor = Cursor::new(header);
    cursor.skip(4)?;
    let present = cursor.le32()?;
    // Bounded by the header: each turn reads four bytes of it.
    let mut word = present;
    while word & PRESENT_MORE != 0 {
        word = cursor.le32()?;
    }
    if present & PRESENT_FLAGS == 0 {
        return None;
    }
    if present & PRESENT_TSFT != 0 {
        let aligned = cursor.pos().next_multiple_of(8);
        cursor.skip(aligned - cursor.pos() + 8)?;
    }
    cursor.u8()
}

/// Skips a Prism header. Some drivers use this link type with AVS headers.
///
/// Errors: `truncated_prism_header`.
pub(super) fn prism(frame: Snap<'_>) -> Result<Step<'_>, Malformed> {
    let mut cursor = Cursor::new(frame.data());
    let (Some(code), Some(length)) = (cursor.be32(), cursor.le32()) else {
        return Err(Weird::net("truncated_prism_header", SOURCE).fatal(frame.data().len()));
    };
    if code & 0xffff_f000 == AVS_MAGIC {
        return avs(frame);
    }
    let length = match usize::try_from(length) {
        Ok(length) if (PRISM_MIN_LEN..=PRISM_LEN).contains(&length) => length,
        _ => PRISM_LEN,
    };
    if length > frame.data().len() {
        return Err(Weird::net("truncated_prism_header", SOURCE).fatal(frame.data().len()));
    }
    Ok(Step::Link(Link::Ieee80211, frame.skip(length)))
}

/// Skips an AVS header.
///
/// Errors: `truncated_avs_header`.
pub(super) fn avs(frame: Snap<'_>) -> Result<Step<'_>, Malformed> {
    let mut cursor = Cursor::new(frame.data());
    let length = cursor
        .be32()
        .and_then(|_version| cursor.be32())
        .and_then(|length| usize::try_from(length).ok());
    match length {
        Some(length) if (8..=frame.data().len()).contains(&length) => {
            Ok(Step::Link(Link::Ieee80211, frame.skip(length)))
        }
        _ => Err(Weird::net("truncated_avs_header", SOURCE).fatal(frame.data().len())),
    }
}

/// Skips per-packet information, which names the link type of what follows.
///
/// Errors: `truncated_ppi_header`.
pub(super) fn ppi(frame: Snap<'_>) -> Result<Step<'_>, Malformed> {
    let mut cursor = Cursor::new(frame.data());
    let header = (|| {
        cursor.skip(2)?;
        Some((usize::from(cursor.le16()?), cursor.le32()?))
    })();
    match header {
        Some((length, dlt)) if (8..=frame.data().len()).contains(&length) => {
            Ok(Step::Link(Link::from_dlt(dlt), frame.skip(length)))
        }
        _ => Err(Weird::net("truncated_ppi_header", SOURCE).fatal(frame.data().len())),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{decode, hex, Frame};
    use super::*;

    const FRAME: &str = "0800 0000 0a0000000001 0b0000000002 0c0000000003 1000 aaaa03 000000 0800 45";

    fn ipv4() -> NetworkPayload<'static> {
        NetworkPayload::Ipv4(Snap::whole(&[0x45]))
    }

    fn frame(link: Link, bytes: &[u8]) -> Frame<'_> {
        decode(link, Snap::whole(bytes)).expect("frame")
    }

    #[test]
    fn radiotap_without_flags() {
        let bytes = hex(&format!("00 00 0800 00000000 {FRAME}"));
        assert_eq!(frame(Link::Radiotap, &bytes).payload, ipv4());
    }

    #[test]
    fn radiotap_flags_behind_a_timestamp_and_more_words() {
        // Two words of fields present, then the timestamp at offset 16, then flags: a check sequence follows.
        let bytes = hex(&format!(
            "00 00 1a00 03000080 00000000 00000000 0102030405060708 10 00 {FRAME} 11223344"
        ));
        assert_eq!(frame(Link::Radiotap, &bytes).payload, ipv4());
        let bytes = hex(&format!("00 00 0900 02000000 50 {FRAME} 11223344"));
        assert_eq!(frame(Link::Radiotap, &bytes).payload, NetworkPayload::None);
    }

    #[test]
    fn radiotap_padding() {
        let padded = "8800 0000 0a0000000001 0b0000000002 0c0000000003 1000 0000 0000 aaaa03 000000 0800 45";
        let bytes = hex(&format!("00 00 0900 02000000 20 {padded}"));
        assert_eq!(frame(Link::Radiotap, &bytes).payload, ipv4());
    }

    #[test]
    fn prism_and_avs() {
        let prism = format!("44000000 90000000 {} {FRAME}", "00".repeat(136));
        assert_eq!(frame(Link::Prism, &hex(&prism)).payload, ipv4());
        let avs = format!("80211001 00000040 {} {FRAME}", "00".repeat(56));
        assert_eq!(frame(Link::Avs, &hex(&avs)).payload, ipv4());
        assert_eq!(frame(Link::Prism, &hex(&avs)).payload, ipv4());
    }

    #[test]
    fn ppi_names_the_link_type() {
        let bytes = hex(&format!("00 00 0800 69000000 {FRAME}"));
        assert_eq!(frame(Link::Ppi, &bytes).payload, ipv4());
    }

    #[test]
    fn truncated() {
        for (link, text, name) in [
            (Link::Radiotap, "00 00 08", "truncated_radiotap_header"),
            (Link::Radiotap, "00 00 ff00 00000000", "truncated_radiotap_header"),
            (Link::Radiotap, "00 00 0400 00000000", "truncated_radiotap_header"),
            (Link::Prism, "44000000 900000", "truncated_prism_header"),
            (Link::Prism, "44000000 90000000", "truncated_prism_header"),
            (Link::Avs, "80211001 00000040", "truncated_avs_header"),
            (Link::Avs, "80211001 ffffffff", "truncated_avs_header"),
            (Link::Ppi, "00 00 0900 69000000", "truncated_ppi_header"),
        ] {
            let bytes = hex(text);
            assert_eq!(
                decode(link, Snap::whole(&bytes)).expect_err("short").name(),
                name,
                "{text}"
            );
        }
    }
}
