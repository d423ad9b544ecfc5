//! Transfer encodings base64 and quoted-printable (RFC 2045 section 6), undone as content streams by.

/// An encoding, by its `Content-Transfer-Encoding`.
#[derive(Debug, Default)]
pub enum Transfer {
    /// 7bit, 8bit, binary, and whatever is unknown
    #[default]
    Identity,
    /// base64
    Base64(Base64),
    /// quoted-printable
    QuotedPrintable(QuotedPrintable),
}

/// State of base64: up to three characters of a group.
#[derive(Debug, Default)]
pub struct Base64 {
    bits: u32,
    characters: u8,
    done: bool,
    illegal: bool,
}

/// State of quoted-printable: an unfinished escape, and white space that may be at the end of a line.
#[derive(Debug, Default)]
pub struct QuotedPrintable {
    /// `=` and up to one more character
    escape: Vec<u8>,
    /// White space that is content only if something other than an end of line follows.  At most [`MAX_SPACE`] bytes.
    space: Vec<u8>,
}

/// White space kept at most; RFC 2045 allows lines of 76 characters.
const MAX_SPACE: usize = 998;

impl Transfer {
    /// The encoding of that name.
    pub fn named(name: &[u8]) -> Self {
        let name = super::field::main_part(name);
        if name.eq_ignore_ascii_case(b"base64") {
            Transfer::Base64(Base64::default())
        } else if name.eq_ignore_ascii_case(b"quoted-printable") {
            Transfer::QuotedPrintable(QuotedPrintable::default())
        } else {
            Transfer::Identity
        }
    }

    /// Whether content passes unchanged.
    pub fn is_identity(&self) -> bool {
        matches!(self, Transfer::Identity)
    }

    /// Decodes content, appending to `out`.  Gives whether it was legal so far; what is not is passed over.
    pub fn decode(&mut self, data: &[u8], out: &mut Vec<u8>) -> bool {
        match self {
            Transfer::Identity => out.extend_from_slice(data),
            Transfer::Base64(state) => return state.decode(data, out),
            Transfer::QuotedPrintable(state) => state.decode(data, out),
        }
        true
    }

    /// The rest at the end of the content.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        match self {
            Transfer::Identity => {}
            Transfer::Base64(state) => state.finish(out),
            Transfer::QuotedPrintable(state) => {
                out.append(&mut state.escape);
                state.space.clear();
            }
        }
    }
}

impl Base64 {
    fn decode(&mut self, data: &[u8], out: &mut Vec<u8>) -> bool {
        for &b in data {
            let value = match b {
                b'A'..=b'Z' => b - b'A',
                b'a'..=b'z' => b - b'a' + 26,
                b'0'..=b'9' => b - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                b'=' => {
                    self.finish(out);
                    self.done = true;
                    continue;
                }
                b'\r' | b'\n' | b' ' | b'\t' => continue,
                _ => {
                    self.illegal = true;
                    continue;
                }
            };
            if self.done {
                // Something follows the padding: a new run of base64, as some senders concatenate them.
                self.done = false;
            }
            self.bits = self.bits << 6 | u32::from(value);
            self.characters += 1;
            if self.characters == 4 {
                let [_, a, b, c] = self.bits.to_be_bytes();
                out.extend_from_slice(&[a, b, c]);
                (self.bits, self.characters) = (0, 0);
            }
        }
        !self.illegal
    }

    fn finish(&mut self, out: &mut Vec<u8>) {
        match self.characters {
            2 => out.push((self.bits >> 4) as u8),
            3 => out.extend_from_slice(&[(self.bits >> 10) as u8, (self.bits >> 2) as u8]),
            _ => {}
        }
        (self.bits, self.characters) = (0, 0);
    }
}

impl QuotedPrintable {
    fn decode(&mut self, data: &[u8], out: &mut Vec<u8>) {
        for &b in data {
            if self.escape.is_empty() {
                self.plain(b, out);
            } else {
                self.escaped(b, out);
            }
        }
    }

    fn plain(&mut self, b: u8, out: &mut Vec<u8>) {
        match b {
            b' ' | b'\t' if self.space.len() < MAX_SPACE => self.space.push(b),
            // White space at the end of a line was added on the way.
            b'\r' | b'\n' => {
                self.space.clear();
                out.push(b);
            }
            _ => {
                out.append(&mut self.space);
                if b == b'=' {
                    self.escape.push(b);
                } else {
                    out.push(b);
                }
            }
        }
    }

    fn escaped(&mut self, b: u8, out: &mut Vec<u8>) {
        let first = self.escape.get(1).copied();
        match (first, b) {
            // A soft line break, with white space before the end of the line allowed.
            (None | Some(b'\r' | b' '), b'\n') => self.escape.clear(),
            (None, b'\r' | b' ' | b'\t') => self.escape.push(if b == b'\r' { b'\r' } else { b' ' }),
            (Some(b' '), b'\r') => {
                if let Some(mark) = self.escape.get_mut(1) {
                    *mark = b'\r';
                }
            }
            (Some(b' '), b' ' | b'\t') => {}
            (None, b) if b.is_ascii_hexdigit() => self.escape.push(b),
            (Some(high), b) if high.is_ascii_hexdigit() && b.is_ascii_hexdigit() => {
                out.push(hex(high) << 4 | hex(b));
                self.escape.clear();
            }
            // No escape after all: passed on as it is.
            _ => {
                out.append(&mut self.escape);
                self.plain(b, out);
            }
        }
    }
}

fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => digit.wrapping_sub(b'A').wrapping_add(10) & 0xf,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decode(name: &str, chunks: &[&[u8]]) -> (Vec<u8>, bool) {
        let mut transfer = Transfer::named(name.as_bytes());
        let mut out = Vec::new();
        let mut legal = true;
        for chunk in chunks {
            legal &= transfer.decode(chunk, &mut out);
        }
        transfer.finish(&mut out);
        (out, legal)
    }

    #[test]
    fn base64() {
        assert_eq!(decode("Base64", &[b"aGVs\r\nbG8="]), (b"hello".to_vec(), true));
        assert_eq!(decode("base64", &[b"aGVsbG8"]).0, b"hello");
        assert_eq!(decode("base64", &[b"YQ==YQ=="]).0, b"aa");
        assert_eq!(decode("base64", &[b"a!GVsbG8="]), (b"hello".to_vec(), false));
    }

    #[test]
    fn quoted_printable() {
        let name = "quoted-printable";
        assert_eq!(decode(name, &[b"a=3Db =\r\nc  \r\nd=\n=e9"]).0, b"a=b c\r\nd\xe9");
        assert_eq!(decode(name, &[b"bad =zz end="]).0, b"bad =zz end=");
        assert_eq!(decode(name, &[b"soft = \t\r\nbreak"]).0, b"soft break");
    }

    #[test]
    fn unknown_encodings_are_identity() {
        assert!(Transfer::named(b"x-unknown").is_identity());
        assert_eq!(decode("8bit", &[b"\x00=41"]).0, b"\x00=41");
    }

    proptest! {
        #[test]
        fn chunks_do_not_matter(text in "[a-cA-C0-9+/= \r\n]{0,60}", at in 0usize..60, name in "base64|quoted-printable") {
            let (a, b) = text.as_bytes().split_at(at.min(text.len()));
            prop_assert_eq!(decode(&name, &[a, b]), decode(&name, &[text.as_bytes()]));
        }
    }
}
