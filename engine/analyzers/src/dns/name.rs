//! Domain names on the wire (RFC 1035 section 3.1 and 4.1.4).

use crate::support::cursor::Cursor;

/// Octets of a name on the wire at most, length octets and root included (RFC 1035 section 2.3.4).
const MAX_NAME: usize = 255;

/// Why a name cannot be read.  The text of [`NameError::weird`] is what policy is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameError {
    /// The message ends where a label or the second half of a pointer should be.
    Truncated,
    /// The message ends within a label.
    LabelBeyondMessage,
    /// The record that the name is in ends within a label.
    LabelBeyondRange,
    /// A label length with the reserved high bits 01 or 10, that is, above 63.
    LabelTooLong,
    /// More than 255 octets.
    NameTooLong,
    /// A compression pointer to itself or to what comes later; only earlier names can be referred to.
    ForwardPointer,
    /// More pointers in a row than allowed.
    TooManyPointers,
}

impl NameError {
    /// The name of the weird.
    pub fn weird(self) -> &'static str {
        match self {
            NameError::Truncated => "DNS_truncated_ans_too_short",
            NameError::LabelBeyondMessage => "DNS_label_len_gt_pkt",
            NameError::LabelBeyondRange => "DNS_label_len_gt_name_len",
            NameError::LabelTooLong => "DNS_label_too_long",
            NameError::NameTooLong => "DNS_NAME_too_long",
            NameError::ForwardPointer => "DNS_label_forward_compress_offset",
            NameError::TooManyPointers => "DNS_compression_chain_too_long",
        }
    }
}

/// Appends the name at the cursor to `out`, labels separated by dots, without the final dot and as spelled in the
/// message, and moves the cursor behind it.  The root is the empty name.
///
/// A pointer must lead to before the place it is at, so following pointers ends; `max_pointers` bounds the work further.
pub fn read(cursor: &mut Cursor<'_>, max_pointers: u64, out: &mut Vec<u8>) -> Result<(), NameError> {
    let message = cursor.message();
    // Where labels may extend to, and why not further: the name's own part stays within its record, what a pointer
    // leads to within the message.
    let (mut end, mut beyond) = if cursor.end() < message.len() {
        (cursor.end(), NameError::LabelBeyondRange)
    } else {
        (message.len(), NameError::LabelBeyondMessage)
    };
    let mut pos = cursor.pos();
    let mut pointers = 0;
    let mut wire_len = 0;
    let start = out.len();
    loop {
        let len = match message.get(pos) {
            None => return Err(NameError::Truncated),
            Some(&len) if pos < end => usize::from(len),
            _ => return Err(beyond),
        };
        match len >> 6 {
            0 => {}
            3 => {
                let low = match message.get(pos + 1) {
                    None => return Err(NameError::Truncated),
                    Some(&low) if pos + 1 < end => usize::from(low),
                    _ => return Err(beyond),
                };
                let target = (len & 0x3f) << 8 | low;
                if target >= pos {
                    return Err(NameError::ForwardPointer);
                }
                pointers += 1;
                if pointers > max_pointers {
                    return Err(NameError::TooManyPointers);
                }
                if pointers == 1 {
                    cursor.seek(pos + 2);
                }
                pos = target;
                (end, beyond) = (message.len(), NameError::LabelBeyondMessage);
                continue;
            }
            _ => return Err(NameError::LabelTooLong),
        }
        pos += 1;
        wire_len += 1 + len;
        if wire_len > MAX_NAME {
            return Err(NameError::NameTooLong);
        }
        if len == 0 {
            break;
        }
        let label = match message.get(pos..pos + len) {
            Some(label) if pos + len <= end => label,
            _ => return Err(beyond),
        };
        if out.len() > start {
            out.push(b'.');
        }
        out.extend_from_slice(label);
        pos += len;
    }
    if pointers == 0 {
        cursor.seek(pos);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name_at(message: &[u8], pos: usize) -> Result<(String, usize), NameError> {
        let mut cursor = Cursor::range(message, pos, message.len());
        let mut out = Vec::new();
        read(&mut cursor, 20, &mut out)?;
        Ok((String::from_utf8_lossy(&out).into_owned(), cursor.pos()))
    }

    #[test]
    fn labels_pointers_and_root() {
        let m = b"\x03www\x07Example\x03com\x00\x04mail\xc0\x04\xc0\x11";
        assert_eq!(name_at(m, 0), Ok(("www.Example.com".into(), 17)));
        assert_eq!(name_at(m, 17), Ok(("mail.Example.com".into(), 24)));
        assert_eq!(name_at(m, 24), Ok(("mail.Example.com".into(), 26)));
        assert_eq!(name_at(b"\0", 0), Ok((String::new(), 1)));
    }

    #[test]
    fn pointers_that_do_not_lead_back_are_refused() {
        assert_eq!(name_at(b"\xc0\x00", 0), Err(NameError::ForwardPointer));
        assert_eq!(name_at(b"\xc0\x02\x00", 0), Err(NameError::ForwardPointer));
        // A loop through a label: the pointer leads back, then the same label is read again, up to the limit of a name.
        assert_eq!(name_at(b"\x01a\xc0\x00", 0), Err(NameError::TooManyPointers));
    }

    #[test]
    fn lengths_are_checked() {
        assert_eq!(name_at(b"\x05ab", 0), Err(NameError::LabelBeyondMessage));
        assert_eq!(name_at(b"\x01a", 0), Err(NameError::Truncated));
        assert_eq!(name_at(b"\x41a\0", 0), Err(NameError::LabelTooLong));
        assert_eq!(name_at(b"\xc0", 0), Err(NameError::Truncated));
        let mut long = [[1, b'x']; 127].concat();
        long.push(0);
        assert_eq!(name_at(&long, 0).map(|(n, _)| n.len()), Ok(253));
        long.splice(0..0, [1, b'x']);
        assert_eq!(name_at(&long, 0), Err(NameError::NameTooLong));
        let mut cursor = Cursor::range(b"\x03www\x00", 0, 3);
        assert_eq!(
            read(&mut cursor, 20, &mut Vec::new()),
            Err(NameError::LabelBeyondRange)
        );
    }

    proptest! {
        #[test]
        fn any_bytes_give_a_bounded_name_or_an_error(message in prop::collection::vec(any::<u8>(), 0..600), pos in 0usize..600) {
            let mut cursor = Cursor::range(&message, pos, message.len());
            let mut out = Vec::new();
            if read(&mut cursor, 20, &mut out).is_ok() {
                prop_assert!(out.len() <= MAX_NAME);
                prop_assert!(cursor.pos() > pos.min(message.len()));
            }
        }
    }
}
