//! Splits a stream into lines, for protocols made of text.

use std::borrow::Cow;

/// What a line ended with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// CR and LF
    CrLf,
    /// LF alone
    Lf,
    /// CR alone
    Cr,
    /// Nothing yet: the line is longer than allowed.  The rest of it is passed over.
    TooLong,
    /// Nothing at all: the stream ended.
    End,
}

/// A line without its ending.  One that lies wholly in a segment is not copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Its bytes
    pub text: Cow<'a, [u8]>,
    /// What it ended with
    pub ending: Ending,
}

/// The state of one side's stream of lines.  Holds at most one line, up to the limit.
#[derive(Debug)]
pub struct Lines {
    /// The beginning of a line
    held: Vec<u8>,
    /// A CR came behind it, of which it is not known yet whether LF follows
    cr: bool,
    limit: usize,
    /// Passing over the rest of a line that is too long
    overlong: bool,
}

impl Lines {
    /// Lines of at most `limit` bytes, ended by CRLF, LF, or CR.
    pub fn new(limit: usize) -> Self {
        Lines {
            held: Vec::new(),
            cr: false,
            limit,
            overlong: false,
        }
    }

    /// The next line of what was held and `data`, which is shortened by what was taken.  Nothing when all of `data` was
    /// taken without an end of line.
    pub fn next<'a>(&mut self, data: &mut &'a [u8]) -> Option<Line<'a>> {
        if self.cr {
            let &first = data.first()?;
            self.cr = false;
            let line = if first == b'\n' {
                *data = data.get(1..).unwrap_or_default();
                self.complete(&[], Ending::CrLf)
            } else {
                self.complete(&[], Ending::Cr)
            };
            if line.is_some() {
                return line;
            }
        }
        loop {
            let bytes = *data;
            let Some((len, skip, ending)) = find_end(bytes) else {
                *data = &[];
                let text = bytes.strip_suffix(b"\r");
                self.cr = text.is_some();
                return self.hold(text.unwrap_or(bytes));
            };
            let (text, rest) = bytes.split_at(len);
            *data = rest.get(skip..).unwrap_or_default();
            if let Some(line) = self.complete(text, ending) {
                return Some(line);
            }
        }
    }

    /// A line whose last part is `text`; nothing if it is the rest of one that is too long.
    fn complete<'a>(&mut self, text: &'a [u8], ending: Ending) -> Option<Line<'a>> {
        if std::mem::take(&mut self.overlong) {
            return None;
        }
        if self.held.len() + text.len() > self.limit {
            return Some(self.cut(text));
        }
        if self.held.is_empty() {
            return Some(Line {
                text: Cow::Borrowed(text),
                ending,
            });
        }
        let mut held = std::mem::take(&mut self.held);
        held.extend_from_slice(text);
        Some(Line {
            text: Cow::Owned(held),
            ending,
        })
    }

    /// Keeps the beginning of a line; gives it when it is too long.
    fn hold(&mut self, text: &[u8]) -> Option<Line<'static>> {
        if self.overlong {
            return None;
        }
        if self.held.len() + text.len() > self.limit {
            self.overlong = true;
            return Some(self.cut(text));
        }
        self.held.extend_from_slice(text);
        None
    }

    /// What is allowed of a line that is too long.
    fn cut(&mut self, text: &[u8]) -> Line<'static> {
        let mut held = std::mem::take(&mut self.held);
        held.extend_from_slice(
            text.get(..self.limit.saturating_sub(held.len()))
                .unwrap_or_default(),
        );
        Line {
            text: Cow::Owned(held),
            ending: Ending::TooLong,
        }
    }

    /// Forgets what is held, after a hole or when the stream goes on as something else than lines.
    pub fn reset(&mut self) {
        self.held = Vec::new();
        self.cr = false;
        self.overlong = false;
    }

    /// Whether the beginning of a line is held.
    pub fn is_within_line(&self) -> bool {
        self.overlong || self.cr || !self.held.is_empty()
    }

    /// The unfinished line at the end of the stream.
    pub fn finish(&mut self) -> Option<Line<'static>> {
        let ending = if std::mem::take(&mut self.cr) {
            Ending::Cr
        } else {
            Ending::End
        };
        let held = std::mem::take(&mut self.held);
        if std::mem::take(&mut self.overlong) || (held.is_empty() && ending == Ending::End) {
            return None;
        }
        Some(Line {
            text: Cow::Owned(held),
            ending,
        })
    }
}

/// Where the first line in `bytes` ends: its length, the length of its ending, the ending.  None if it has no end yet, or
/// ends in a CR behind which LF may come.
fn find_end(bytes: &[u8]) -> Option<(usize, usize, Ending)> {
    let at = memchr::memchr2(b'\n', b'\r', bytes)?;
    if bytes.get(at) == Some(&b'\n') {
        return Some((at, 1, Ending::Lf));
    }
    match bytes.get(at + 1)? {
        b'\n' => Some((at, 2, Ending::CrLf)),
        _ => Some((at, 1, Ending::Cr)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::harness::pieces;
    use proptest::prelude::*;

    fn split(lines: &mut Lines, segments: &[&[u8]]) -> Vec<(String, Ending)> {
        let mut all = Vec::new();
        for mut data in segments.iter().copied() {
            while let Some(line) = lines.next(&mut data) {
                all.push((String::from_utf8_lossy(&line.text).into_owned(), line.ending));
            }
            assert!(data.is_empty());
        }
        all.extend(
            lines
                .finish()
                .map(|line| (String::from_utf8_lossy(&line.text).into_owned(), line.ending)),
        );
        all
    }

    fn line(text: &str, ending: Ending) -> (String, Ending) {
        (text.into(), ending)
    }

    #[test]
    fn all_endings() {
        let found = split(&mut Lines::new(100), &[b"a\r\nb\nc\rd\r\r\ne"]);
        assert_eq!(
            found,
            [
                line("a", Ending::CrLf),
                line("b", Ending::Lf),
                line("c", Ending::Cr),
                line("d", Ending::Cr),
                line("", Ending::CrLf),
                line("e", Ending::End)
            ]
        );
    }

    #[test]
    fn a_line_in_a_segment_is_borrowed() {
        let mut data: &[u8] = b"one\r\ntwo";
        let mut lines = Lines::new(100);
        assert!(matches!(
            lines.next(&mut data),
            Some(Line {
                text: Cow::Borrowed(b"one"),
                ..
            })
        ));
        assert_eq!(lines.next(&mut data), None);
        assert!(lines.is_within_line());
    }

    #[test]
    fn overlong_lines_are_cut_once_and_passed_over() {
        for segments in [
            &[b"abcdef\nok\n".as_slice()] as &[&[u8]],
            &[b"abc", b"de", b"f\r", b"\nok\n"],
        ] {
            let found = split(&mut Lines::new(4), segments);
            assert_eq!(found[0], line("abcd", Ending::TooLong), "{segments:?}");
            assert_eq!(found.last(), Some(&line("ok", Ending::Lf)), "{segments:?}");
            assert_eq!(found.len(), 2);
        }
        assert_eq!(
            split(&mut Lines::new(4), &[b"abcd\r", b"\n"]),
            [line("abcd", Ending::CrLf)]
        );
    }

    #[test]
    fn reset_forgets() {
        let mut lines = Lines::new(10);
        let mut data: &[u8] = b"half";
        assert_eq!(lines.next(&mut data), None);
        lines.reset();
        assert_eq!(split(&mut lines, &[b"x\n"]), [line("x", Ending::Lf)]);
    }

    proptest! {
        #[test]
        fn segmentation_does_not_matter(
            text in "[ab\r\n]{0,40}",
            cuts in prop::collection::vec(1usize..5, 1..6),
            limit in 1usize..12,
        ) {
            let whole = split(&mut Lines::new(limit), &[text.as_bytes()]);
            let segments = pieces(text.as_bytes(), &cuts);
            prop_assert_eq!(split(&mut Lines::new(limit), &segments), whole);
        }
    }
}
