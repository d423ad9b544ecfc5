//! ERSPAN: mirrored Ethernet frames in GRE.

use super::Inner;
use crate::cursor::Cursor;
use crate::link::Link;
use crate::{Malformed, Snap, Weird};

const SOURCE: &str = "GRE";

/// Length of the header of type II.
const HEADER_LEN_II: usize = 8;
/// Length of the header of type III, and of the subheader that a flag announces.
const HEADER_LEN_III: usize = 12;
const SUBHEADER_LEN: usize = 8;

/// The fields that types II and III share, and those of type III.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erspan<'a> {
    /// Type of the header: 1, 2 or 3.
    pub kind: u8,
    /// VLAN of the mirrored frame, 12 bits; 0 in type I.
    pub vlan: u16,
    /// Mirror session, 10 bits; 0 in type I.
    pub session_id: u16,
    /// The mirrored frame was cut.
    pub truncated: bool,
    /// Timestamp of type III, in the unit its header tells.
    pub timestamp: Option<u32>,
    /// The mirrored frame.
    pub inner: Inner<'a>,
}

/// Decodes what GRE carries under type 0x88be. Type I has no header; GRE without a sequence number tells it from
/// type II.
///
/// Errors: `truncated_GRE`.
pub fn type_1_or_2(payload: Snap<'_>, sequenced: bool) -> Result<Erspan<'_>, Malformed> {
    if !sequenced {
        let inner = Inner {
            link: Link::Ethernet,
            payload,
        };
        return Ok(Erspan {
            kind: 1,
            vlan: 0,
            session_id: 0,
            truncated: false,
            timestamp: None,
            inner,
        });
    }
    header(payload, HEADER_LEN_II).ok_or_else(|| short(payload))
}

/// Decodes what GRE carries under type 0x22eb: type III.
///
/// Errors: `truncated_GRE`.
pub fn type_3(payload: Snap<'_>) -> Result<Erspan<'_>, Malformed> {
    let flags = payload.data().get(HEADER_LEN_III - 1).copied().unwrap_or(0);
    let length = if flags & 1 != 0 {
        HEADER_LEN_III + SUBHEADER_LEN
    } else {
        HEADER_LEN_III
    };
    header(payload, length).ok_or_else(|| short(payload))
}

fn header(payload: Snap<'_>, length: usize) -> Option<Erspan<'_>> {
    let mut cursor = Cursor::new(payload.data().get(..length)?);
    let (first, second) = (cursor.be16()?, cursor.be16()?);
    let third = (length >= HEADER_LEN_III).then(|| cursor.be32()).flatten();
    Some(Erspan {
        kind: if third.is_some() { 3 } else { 2 },
        vlan: first & 0x0fff,
        session_id: second & 0x03ff,
        truncated: second & 0x0400 != 0,
        timestamp: third,
        inner: Inner {
            link: Link::Ethernet,
            payload: payload.skip(length),
        },
    })
}

#[cold]
fn short(payload: Snap<'_>) -> Malformed {
    Weird::flow("truncated_GRE", SOURCE).fatal(payload.data().len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::hex;

    #[test]
    fn all_types() {
        let bytes = hex("aabb");
        let first = type_1_or_2(Snap::whole(&bytes), false).expect("type I");
        assert_eq!((first.kind, first.inner.payload.data()), (1, &bytes[..]));

        let bytes = hex("1064 0c05 00000000 aabb");
        let second = type_1_or_2(Snap::whole(&bytes), true).expect("type II");
        assert_eq!(
            (second.kind, second.vlan, second.session_id, second.truncated),
            (2, 100, 5, true)
        );
        assert_eq!(second.inner.payload.data(), [0xaa, 0xbb]);

        let bytes = hex("200a 0001 70507e55 00000006 aabb");
        let third = type_3(Snap::whole(&bytes)).expect("type III");
        assert_eq!(
            (third.kind, third.vlan, third.session_id, third.timestamp),
            (3, 10, 1, Some(0x7050_7e55))
        );
        assert_eq!(third.inner.payload.data(), [0xaa, 0xbb]);

        let bytes = hex("200a 0000 70507e55 00000007 0c00000315f742e8 aabb");
        assert_eq!(
            type_3(Snap::whole(&bytes))
                .expect("with subheader")
                .inner
                .payload
                .data(),
            [0xaa, 0xbb]
        );
    }

    #[test]
    fn truncated() {
        assert_eq!(
            type_1_or_2(Snap::whole(&[0; 7]), true).expect_err("short").name(),
            "truncated_GRE"
        );
        assert_eq!(
            type_3(Snap::whole(&[0; 11])).expect_err("short").name(),
            "truncated_GRE"
        );
        assert_eq!(
            type_3(Snap::whole(&[1; 19])).expect_err("short").name(),
            "truncated_GRE"
        );
    }
}
