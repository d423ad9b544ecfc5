//! Information elements of GTP control messages (3GPP TS 29.060, 7.7).

use crate::cursor::Cursor;
use crate::Malformed;

/// An information element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element<'a> {
    /// Its type.
    pub kind: u8,
    /// Its value.
    pub value: &'a [u8],
}

/// The information elements of a message. Ends after the first that cannot be delimited, which it yields as an
/// error, a violation: one that does not fit, or of a type whose length is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Elements<'a> {
    data: &'a [u8],
    pos: usize,
}

impl<'a> Elements<'a> {
    /// The elements in [`super::gtp::Gtp::elements`].
    pub fn new(data: &'a [u8]) -> Self {
        Elements { data, pos: 0 }
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Result<Element<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut cursor = Cursor::new(self.data);
        cursor.skip(self.pos)?;
        let kind = cursor.u8()?;
        // Types of 128 and above tell their length, those below have a fixed one.
        let length = if kind >= 128 {
            cursor.be16().map(usize::from)
        } else {
            fixed_length(kind)
        };
        let element = length
            .and_then(|length| cursor.take(length))
            .map(|value| Element { kind, value });
        let start = std::mem::replace(
            &mut self.pos,
            if element.is_some() {
                cursor.pos()
            } else {
                self.data.len()
            },
        );
        let reason = || format!("GTP information element {kind} incomplete or of unknown length");
        Some(element.ok_or_else(|| Malformed::violation("GTPV1", reason(), start)))
    }
}

/// Length of the values of a type below 128.
fn fixed_length(kind: u8) -> Option<usize> {
    Some(match kind {
        // Cause, reordering required, MAP cause, MS validated, recovery, selection mode, teardown, NSAPI, RANAP
        // cause, radio priorities, MS not reachable reason
        1 | 8 | 11 | 13 | 14 | 15 | 19 | 20 | 21 | 23 | 24 | 29 => 1,
        // Packet flow, charging characteristics, trace reference, trace type
        25..=28 => 2,
        // P-TMSI signature
        12 => 3,
        // TLLI, P-TMSI, tunnel endpoint identifiers, charging identifier
        4 | 5 | 16 | 17 | 127 => 4,
        // Tunnel endpoint identifier with an NSAPI
        18 => 5,
        // Routeing area identity
        3 => 6,
        // IMSI
        2 => 8,
        // RAB context
        22 => 9,
        // Authentication triplet
        9 => 28,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::hex;

    #[test]
    fn fixed_and_variable_lengths() {
        let bytes = hex("02 42000121436587f9 0e03 0f01 10 00000001 1400 1a0800 80 0002 f121 83 0000");
        let elements: Vec<_> = Elements::new(&bytes).map(|e| e.expect("element")).collect();
        let lengths: Vec<_> = elements.iter().map(|e| (e.kind, e.value.len())).collect();
        assert_eq!(
            lengths,
            [
                (2, 8),
                (14, 1),
                (15, 1),
                (16, 4),
                (20, 1),
                (26, 2),
                (128, 2),
                (131, 0)
            ]
        );
    }

    #[test]
    fn elements_that_cannot_be_delimited() {
        for text in ["02 42", "80 00", "80 0002 f1", "7e", "0e03 10"] {
            let bytes = hex(text);
            let last = Elements::new(&bytes).last().expect("one");
            assert!(last.expect_err("bad").violation, "{text}");
        }
        assert_eq!(Elements::new(&[]).count(), 0);
    }
}
