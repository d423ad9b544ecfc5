//! IEEE 802.11 data frames, and the frames aggregated in them (A-MSDU).

use super::{decode, Frame, Link, Mac, NetworkPayload, Step, L2};
use crate::{Malformed, Snap, Weird};

pub(super) const SOURCE: &str = "IEEE802_11";

/// Frame control, duration, three addresses, sequence control.
const HEADER_LEN: usize = 24;
/// Destination, source, length of an aggregated frame.
const SUBFRAME_HEADER_LEN: usize = 14;

/// Frame control, first byte: type (of which 2 is data) and subtype bits of data frames.
const TYPE_DATA: u8 = 2;
const SUBTYPE_NO_DATA: u8 = 0x4;
const SUBTYPE_QOS: u8 = 0x8;
/// Frame control, second byte.
const TO_DS: u8 = 0x01;
const FROM_DS: u8 = 0x02;
const MORE_FRAGMENTS: u8 = 0x04;
const PROTECTED: u8 = 0x40;
const ORDER: u8 = 0x80;
/// QoS control, first byte: an A-MSDU follows.
const AMSDU_PRESENT: u8 = 0x80;

/// Decodes a frame. Of interest are data frames that carry a whole, unprotected LLC packet or an A-MSDU;
/// everything else (management, control, null data, encrypted data, fragments) is [`NetworkPayload::None`].
///
/// Errors: `truncated_802_11_header`.
pub(super) fn parse<'a>(frame: Snap<'a>, l2: &mut L2) -> Result<Step<'a>, Malformed> {
    parse_data(frame, l2, false)
}

/// As [`parse`], for drivers that align what follows the header to four bytes.
pub(super) fn parse_padded<'a>(frame: Snap<'a>, l2: &mut L2) -> Result<Step<'a>, Malformed> {
    parse_data(frame, l2, true)
}

fn parse_data<'a>(frame: Snap<'a>, l2: &mut L2, padded: bool) -> Result<Step<'a>, Malformed> {
    let data = frame.data();
    let truncated = || Weird::net("truncated_802_11_header", SOURCE).fatal(data.len());
    let Some(&[control, flags]) = data.first_chunk::<2>() else {
        return Err(truncated());
    };
    let (version, kind, subtype) = (control & 3, (control >> 2) & 3, control >> 4);
    let protected = flags & PROTECTED != 0;
    if version != 0 || kind != TYPE_DATA || subtype & SUBTYPE_NO_DATA != 0 || protected {
        return Ok(Step::Network(NetworkPayload::None));
    }
    let Some(header) = data.first_chunk::<HEADER_LEN>() else {
        return Err(truncated());
    };
    let [_, _, _, _, a0, a1, a2, a3, a4, a5, b0, b1, b2, b3, b4, b5, c0, c1, c2, c3, c4, c5, sequence, _] =
        *header;
    let first: Mac = [a0, a1, a2, a3, a4, a5];
    let second: Mac = [b0, b1, b2, b3, b4, b5];
    let third: Mac = [c0, c1, c2, c3, c4, c5];
    let mut length = HEADER_LEN;
    let (destination, source) = match flags & (TO_DS | FROM_DS) {
        0 => (first, second),
        TO_DS => (third, second),
        FROM_DS => (first, third),
        _ => {
            let Some(&fourth) = frame.skip(HEADER_LEN).data().first_chunk::<6>() else {
                return Err(truncated());
            };
            length += fourth.len();
            (third, fourth)
        }
    };
    (l2.dst_mac, l2.src_mac) = (Some(destination), Some(source));
    let mut aggregated = false;
    if subtype & SUBTYPE_QOS != 0 {
        let Some(&qos) = data.get(length) else {
            return Err(truncated());
        };
        aggregated = qos & AMSDU_PRESENT != 0;
        length += if flags & ORDER != 0 { 6 } else { 2 };
    }
    if padded {
        length = length.next_multiple_of(4);
    }
    if data.len() < length {
        return Err(truncated());
    }
    // A fragment holds a part of an LLC packet, which is not put together here.
    if flags & MORE_FRAGMENTS != 0 || sequence & 0x0f != 0 {
        return Ok(Step::Network(NetworkPayload::None));
    }
    let payload = frame.skip(length);
    if aggregated {
        return Ok(Step::Network(NetworkPayload::Amsdu(Subframes { rest: payload })));
    }
    Ok(Step::Link(Link::Llc, payload))
}

/// The frames of an A-MSDU, each decoded down to its network layer. Ends at the first that is malformed, after
/// yielding its error (`truncated_802_11_header`, or one of LLC).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subframes<'a> {
    rest: Snap<'a>,
}

impl<'a> Iterator for Subframes<'a> {
    type Item = Result<Frame<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        // Less than a header at the end is a frame check sequence or padding.
        if self.rest.wire_len() < SUBFRAME_HEADER_LEN {
            return None;
        }
        let subframe = std::mem::replace(&mut self.rest, Snap::whole(&[]));
        let Some(&header) = subframe.data().first_chunk::<SUBFRAME_HEADER_LEN>() else {
            let fault = Weird::net("truncated_802_11_header", SOURCE).fatal(subframe.data().len());
            return Some(Err(fault));
        };
        let [d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5, l0, l1] = header;
        let length = usize::from(u16::from_be_bytes([l0, l1]));
        let payload = subframe.skip(SUBFRAME_HEADER_LEN).limit(length);
        let mut frame = match decode(Link::Llc, payload) {
            Ok(frame) => frame,
            Err(fault) => return Some(Err(fault)),
        };
        frame.l2.dst_mac = Some([d0, d1, d2, d3, d4, d5]);
        frame.l2.src_mac = Some([s0, s1, s2, s3, s4, s5]);
        // Each subframe but the last is padded to four bytes. The header makes for progress.
        self.rest = subframe.skip((SUBFRAME_HEADER_LEN + length).next_multiple_of(4));
        Some(Ok(frame))
    }
}

#[cfg(test)]
mod tests {
    use super::super::hex;
    use super::*;

    const A: &str = "0a0000000001";
    const B: &str = "0b0000000002";
    const C: &str = "0c0000000003";
    const LLC: &str = "aaaa03 000000 0800 45";

    fn frame(bytes: &[u8]) -> Frame<'_> {
        decode(Link::Ieee80211, Snap::whole(bytes)).expect("frame")
    }

    fn last_bytes(frame: &Frame<'_>) -> (u8, u8) {
        (
            frame.l2.dst_mac.expect("destination")[5],
            frame.l2.src_mac.expect("source")[5],
        )
    }

    #[test]
    fn addresses_by_direction() {
        for (control, fourth, expected) in [
            ("0800", "", (1, 2)),
            ("0801", "", (3, 2)),
            ("0802", "", (1, 3)),
            ("0803", "0d0000000004", (3, 4)),
        ] {
            let bytes = hex(&format!("{control} 0000 {A} {B} {C} 1000 {fourth} {LLC}"));
            let frame = frame(&bytes);
            assert_eq!(last_bytes(&frame), expected, "{control}");
            assert_eq!(frame.payload, NetworkPayload::Ipv4(Snap::whole(&[0x45])));
        }
    }

    #[test]
    fn qos_and_ht_control() {
        for text in [
            format!("8802 0000 {A} {B} {C} 1000 0000 {LLC}"),
            format!("8882 0000 {A} {B} {C} 1000 0000 00000000 {LLC}"),
        ] {
            let bytes = hex(&text);
            assert_eq!(
                frame(&bytes).payload,
                NetworkPayload::Ipv4(Snap::whole(&[0x45])),
                "{text}"
            );
        }
    }

    #[test]
    fn padded_header() {
        let bytes = hex(&format!("8802 0000 {A} {B} {C} 1000 0000 ffff {LLC}"));
        let frame = decode(Link::Ieee80211Padded, Snap::whole(&bytes)).expect("frame");
        assert_eq!(frame.payload, NetworkPayload::Ipv4(Snap::whole(&[0x45])));
    }

    #[test]
    fn frames_without_data_for_us() {
        for text in [
            "8000 0000".to_string(),                     // a beacon
            "d400 0000".to_string(),                     // an acknowledgement
            format!("4801 0000 {A} {B} {C} 1000"),       // null data
            format!("0841 0000 {A} {B} {C} 1000 {LLC}"), // protected
            format!("0805 0000 {A} {B} {C} 1000 {LLC}"), // a first fragment
            format!("0801 0000 {A} {B} {C} 1100 {LLC}"), // a later fragment
        ] {
            let bytes = hex(&text);
            assert_eq!(frame(&bytes).payload, NetworkPayload::None, "{text}");
        }
    }

    #[test]
    fn aggregated_frames() {
        let first = format!("{A} {B} 0009 {LLC} 00");
        let second = format!("{B} {A} 0009 aaaa03 000000 86dd 60");
        let bytes = hex(&format!("8802 0000 {A} {B} {C} 1000 8000 {first} {second}"));
        let NetworkPayload::Amsdu(subframes) = frame(&bytes).payload else {
            panic!("no A-MSDU")
        };
        let frames: Vec<_> = subframes.map(|f| f.expect("subframe")).collect();
        assert_eq!(frames.len(), 2);
        assert_eq!((last_bytes(&frames[0]), last_bytes(&frames[1])), ((1, 2), (2, 1)));
        assert_eq!(frames[0].payload, NetworkPayload::Ipv4(Snap::whole(&[0x45])));
        assert_eq!(frames[1].payload, NetworkPayload::Ipv6(Snap::whole(&[0x60])));
    }

    #[test]
    fn truncated() {
        for text in [
            "08".to_string(),
            format!("0801 0000 {A} {B} {C} 10"),
            format!("0803 0000 {A} {B} {C} 1000 0d00"),
            format!("8801 0000 {A} {B} {C} 1000"),
            format!("8881 0000 {A} {B} {C} 1000 0000 0000"),
        ] {
            let bytes = hex(&text);
            let fault = decode(Link::Ieee80211, Snap::whole(&bytes)).expect_err("short");
            assert_eq!(fault.name(), "truncated_802_11_header", "{text}");
        }
        let bytes = hex(&format!("8802 0000 {A} {B} {C} 1000 8000 {A} {B}"));
        let frame = decode(Link::Ieee80211, Snap::new(&bytes, 80)).expect("frame");
        let NetworkPayload::Amsdu(subframes) = frame.payload else {
            panic!("no A-MSDU")
        };
        let results: Vec<_> = subframes.map(|f| f.map_err(|m| m.name())).collect();
        assert_eq!(results, [Err("truncated_802_11_header")]);
    }
}
