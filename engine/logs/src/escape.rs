//! Escaping of strings, which are network data and may hold any byte.

/// What a byte needs in a JSON string.
const JSON_PLAIN: u8 = 0;
const JSON_HIGH: u8 = 1;
const JSON_SHORT: u8 = 2;
const JSON_HEX: u8 = 3;

const JSON_CLASS: [u8; 256] = json_classes();

const fn json_classes() -> [u8; 256] {
    let mut classes = [JSON_PLAIN; 256];
    let mut b = 0;
    while b < 256 {
        classes[b] = match b as u8 {
            b'"' | b'\\' | 8 | 9 | 10 | 12 | 13 => JSON_SHORT,
            0..=31 | 127 => JSON_HEX,
            128..=255 => JSON_HIGH,
            _ => JSON_PLAIN,
        };
        b += 1;
    }
    classes
}

/// Appends a JSON string, quotes included.  JSON text is UTF-8 while these strings need not be: one that is not valid as a
/// whole is no text, and all its bytes beyond ASCII are shown as the text `\xNN` (whose backslash is then escaped as JSON
/// asks for), as are control characters that JSON has no short escape for.
pub fn json_string(out: &mut Vec<u8>, value: &[u8]) {
    out.push(b'"');
    if value.iter().all(|b| JSON_CLASS[*b as usize] == JSON_PLAIN) {
        out.extend_from_slice(value);
    } else {
        let special = if is_text(value) { JSON_SHORT } else { JSON_HIGH };
        json_escaped(out, value, special);
    }
    out.push(b'"');
}

/// Whether a string is text: valid UTF-8 from beginning to end.
fn is_text(value: &[u8]) -> bool {
    std::str::from_utf8(value).is_ok()
}

/// Appends a string with all bytes escaped whose class is `special` or above.
fn json_escaped(out: &mut Vec<u8>, text: &[u8], special: u8) {
    let mut rest = text;
    while let Some(at) = rest.iter().position(|b| JSON_CLASS[*b as usize] >= special) {
        let (plain, escaped) = rest.split_at(at);
        out.extend_from_slice(plain);
        let Some((&byte, tail)) = escaped.split_first() else {
            break;
        };
        out.push(b'\\');
        match byte {
            8 => out.push(b'b'),
            9 => out.push(b't'),
            10 => out.push(b'n'),
            12 => out.push(b'f'),
            13 => out.push(b'r'),
            b'"' | b'\\' => out.push(byte),
            other => hex_escape(out, other),
        }
        rest = tail;
    }
    out.extend_from_slice(rest);
}

/// Appends `\xNN`.
pub fn hex_escape(out: &mut Vec<u8>, byte: u8) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.extend_from_slice(&[
        b'\\',
        b'x',
        DIGITS[usize::from(byte >> 4)],
        DIGITS[usize::from(byte & 15)],
    ]);
}

/// How strings are escaped in a log of separated values.
#[derive(Clone, Debug)]
pub struct TextEscaper {
    separator: Vec<u8>,
    set_separator: Vec<u8>,
    utf8: bool,
}

impl TextEscaper {
    /// Escapes both separators, and everything that is not ASCII unless `utf8` allows text in UTF-8.
    pub fn new(separator: &[u8], set_separator: &[u8], utf8: bool) -> Self {
        TextEscaper {
            separator: separator.to_vec(),
            set_separator: set_separator.to_vec(),
            utf8,
        }
    }

    /// Appends a string.  Control characters and bytes that are not shown become `\xNN`, as does the first byte of the
    /// separator and, inside of sets and vectors, of theirs, wherever it occurs (the end of a value and a separator of
    /// several bytes could otherwise be read as the separator one byte earlier); a backslash becomes two.
    pub fn string(&self, out: &mut Vec<u8>, value: &[u8], in_container: bool) {
        let high_allowed = self.utf8 && is_text(value);
        let mut text = value;
        while let Some((&byte, rest)) = text.split_first() {
            let separates = self.separator.first() == Some(&byte)
                || in_container && self.set_separator.first() == Some(&byte);
            match byte {
                _ if separates => hex_escape(out, byte),
                b'\\' => out.extend_from_slice(b"\\\\"),
                0x20..=0x7e => out.push(byte),
                0x80.. if high_allowed => out.push(byte),
                _ => hex_escape(out, byte),
            }
            text = rest;
        }
    }
}

/// Undoes `\xNN` and `\\`; a backslash before anything else stays.
pub fn unescape(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        if byte == b'\\' {
            match tail {
                [b'\\', after @ ..] => rest = after,
                [b'x', high, low, after @ ..] => {
                    if let (Some(high), Some(low)) =
                        ((*high as char).to_digit(16), (*low as char).to_digit(16))
                    {
                        out.push((high * 16 + low) as u8);
                        rest = after;
                        continue;
                    }
                }
                _ => {}
            }
        }
        out.push(byte);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn json(value: &[u8]) -> String {
        let mut out = Vec::new();
        json_string(&mut out, value);
        String::from_utf8(out).expect("JSON is UTF-8")
    }

    fn text(value: &[u8], in_container: bool, utf8: bool) -> String {
        let mut out = Vec::new();
        TextEscaper::new(b"\t", b",", utf8).string(&mut out, value, in_container);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn json_escapes() {
        assert_eq!(json(b"plain /text"), r#""plain /text""#);
        assert_eq!(json(b"a\"b\\c"), r#""a\"b\\c""#);
        assert_eq!(json(b"\x08\t\n\x0c\r"), r#""\b\t\n\f\r""#);
        assert_eq!(json(b"\x00\x1b\x7f"), r#""\\x00\\x1b\\x7f""#);
        assert_eq!(json("ü😄".as_bytes()), "\"ü😄\"");
        assert_eq!(json(b"\xb802\r\xff"), r#""\\xb802\r\\xff""#);
        assert_eq!(json(b"\xf0\x9f\x98!"), r#""\\xf0\\x9f\\x98!""#);
        assert_eq!(
            json(b"\xc3\xbc\n\xff"),
            r#""\\xc3\\xbc\n\\xff""#,
            "partly valid is not text"
        );
    }

    #[test]
    fn text_escapes() {
        assert_eq!(text(b"a\tb,c", false, true), r"a\x09b,c");
        assert_eq!(text(b"a\tb,c", true, true), r"a\x09b\x2cc");
        assert_eq!(text(br"\\host\share", false, true), r"\\\\host\\share");
        assert_eq!(text("ü\u{1}".as_bytes(), false, true), "ü\\x01");
        assert_eq!(text("ü".as_bytes(), false, false), r"\xc3\xbc");
        assert_eq!(text(b"\xff\xc3", false, true), r"\xff\xc3");
        assert_eq!(
            text(b"\xc3\xbc\xff", false, true),
            r"\xc3\xbc\xff",
            "partly valid is not text"
        );
    }

    #[test]
    fn unescaping_is_lenient() {
        assert_eq!(unescape(br"a\x41\\x41\q\x4"), b"aA\\x41\\q\\x4");
    }

    proptest! {
        #[test]
        fn json_is_valid(value in proptest::collection::vec(any::<u8>(), 0..64)) {
            let parsed: String = serde_json::from_str(&json(&value)).unwrap();
            if let Ok(same) = std::str::from_utf8(&value) {
                if !same.chars().any(char::is_control) {
                    prop_assert_eq!(parsed, same);
                }
            }
        }

        #[test]
        fn text_reads_back(value in proptest::collection::vec(any::<u8>(), 0..64), container: bool, utf8: bool) {
            let escaped = text(&value, container, utf8);
            prop_assert!(!escaped.contains('\t') && !escaped.contains('\n'));
            prop_assert!(!container || !escaped.contains(','));
            prop_assert_eq!(unescape(escaped.as_bytes()), value);
        }
    }
}
