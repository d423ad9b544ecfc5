//! The lines of a control connection: a Telnet stream (RFC 854) with the options taken out.

use std::borrow::Cow;

use crate::support::lines::{Ending, Line, Lines};
use crate::support::nvt::{Item, Nvt, IAC};

/// Bytes of a line.  Servers take commands of some kilobytes; what is beyond this is passed over.
const MAX_LINE: usize = 64 * 1024;

/// A line without its ending.
#[derive(Debug, PartialEq, Eq)]
pub struct ControlLine<'a> {
    /// Its text, without NULs
    pub text: Cow<'a, [u8]>,
    /// It had NULs: a server written in C may take what stands before them for the whole.
    pub has_nul: bool,
    /// CR alone ended it.
    pub ends_with_cr: bool,
}

/// A side's lines.  Holds at most one.
#[derive(Debug)]
pub struct Control {
    nvt: Nvt,
    lines: Lines,
    /// The last line ended with CR alone: a NUL next belongs to that (RFC 854).
    behind_cr: bool,
    /// The line at hand lacks its beginning.
    headless: bool,
    /// Where lines belong is not known.
    lost: bool,
    /// A byte 255 of the text (a doubled one on the wire) is still to be taken.
    owed: bool,
}

impl Default for Control {
    fn default() -> Self {
        Control {
            nvt: Nvt::default(),
            lines: Lines::new(MAX_LINE),
            behind_cr: false,
            headless: false,
            lost: false,
            owed: false,
        }
    }
}

impl Control {
    /// The next line of what was held and `data`, which is shortened by what was taken.  Nothing when all was taken
    /// without an end of line.  Options are looked for up to the end of the line only, so a segment of many lines takes
    /// time linear in its bytes.
    pub fn next<'a>(&mut self, data: &mut &'a [u8]) -> Option<ControlLine<'a>> {
        let mut behind = data.len();
        loop {
            let mut text: &'a [u8] = b"\xff";
            if !std::mem::take(&mut self.owed) {
                if data.len() <= behind {
                    behind = data.len() - end_of_line(data);
                }
                let whole = *data;
                let (before, _) = whole.split_at(whole.len() - behind);
                let mut left = before;
                let item = self.nvt.next(&mut left);
                *data = whole.get(before.len() - left.len()..).unwrap_or_default();
                let found = match item {
                    Some(Item::Text(found)) => found,
                    None if data.is_empty() => return None,
                    _ => continue,
                };
                text = found;
                let line = self.lines.next(&mut text);
                if text.first() == Some(&IAC) {
                    self.owed = true;
                } else if !text.is_empty() {
                    // What is behind the line is given back.  It is text, so taking it again gives the same.
                    let behind = data.len() + text.len();
                    *data = whole
                        .get(whole.len().saturating_sub(behind)..)
                        .unwrap_or_default();
                }
                if let Some(line) = line.and_then(|line| self.whole(line)) {
                    return Some(line);
                }
            } else if let Some(line) = self.lines.next(&mut text) {
                if let Some(line) = self.whole(line) {
                    return Some(line);
                }
            }
        }
    }

    /// A line, unless its beginning is missing.
    fn whole<'a>(&mut self, line: Line<'a>) -> Option<ControlLine<'a>> {
        if std::mem::take(&mut self.headless) {
            self.behind_cr = line.ending == Ending::Cr;
            return None;
        }
        Some(self.line(line.text, line.ending))
    }

    fn line<'a>(&mut self, text: Cow<'a, [u8]>, ending: Ending) -> ControlLine<'a> {
        let behind_cr = std::mem::replace(&mut self.behind_cr, ending == Ending::Cr);
        let text = match text {
            Cow::Borrowed(text) if behind_cr => Cow::Borrowed(text.strip_prefix(b"\0").unwrap_or(text)),
            Cow::Owned(text) if behind_cr => {
                Cow::Owned(text.strip_prefix(b"\0").map(<[u8]>::to_vec).unwrap_or(text))
            }
            text => text,
        };
        let has_nul = memchr::memchr(0, &text).is_some();
        let text = if has_nul {
            Cow::Owned(text.iter().copied().filter(|&byte| byte != 0).collect())
        } else {
            text
        };
        ControlLine {
            text,
            has_nul,
            ends_with_cr: ending == Ending::Cr,
        }
    }

    /// A hole: the line at hand is given up, and so is the rest of the one in which what follows lies.
    pub fn gap(&mut self) {
        self.nvt.reset();
        self.lines.reset();
        self.behind_cr = false;
        self.owed = false;
        self.headless = true;
        self.lost = true;
    }

    /// What comes may lie within something that began before.
    pub fn lose(&mut self) {
        self.lost = true;
    }

    /// What came made sense.
    pub fn is_found(&mut self) {
        self.lost = false;
    }

    /// Whether what comes may lie within something whose beginning was not seen.
    pub fn is_lost(&self) -> bool {
        self.lost
    }

    /// The unfinished line at the end of the stream.
    pub fn finish(&mut self) -> Option<Vec<u8>> {
        let line = self.lines.finish()?;
        if std::mem::take(&mut self.headless) {
            return None;
        }
        // As it came: what is not a line has no NUL to be told of, and binary data would be another without them.
        (!line.text.is_empty()).then(|| line.text.into_owned())
    }
}

/// How far the first line reaches, with an ending of one or two bytes and at most a byte more.
fn end_of_line(data: &[u8]) -> usize {
    memchr::memchr2(b'\n', b'\r', data).map_or(data.len(), |at| data.len().min(at + 2))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::support::harness::pieces;

    fn read(pieces: &[&[u8]]) -> Vec<(String, bool, bool)> {
        let mut control = Control::default();
        let mut all = Vec::new();
        for &piece in pieces {
            let mut data = piece;
            while let Some(line) = control.next(&mut data) {
                all.push((
                    String::from_utf8_lossy(&line.text).into_owned(),
                    line.has_nul,
                    line.ends_with_cr,
                ));
            }
        }
        all
    }

    fn plain(text: &str) -> (String, bool, bool) {
        (text.to_owned(), false, false)
    }

    #[test]
    fn options_and_commands_are_taken_out() {
        assert_eq!(
            read(&[b"RE\xff\xfb\x01TR a\r\n\xff\xf4\xff\xf2ABOR\r\n"]),
            [plain("RETR a"), plain("ABOR")]
        );
        assert_eq!(
            read(&[b"RETR \xff\xff\nNOOP\n"]),
            [plain("RETR \u{fffd}"), plain("NOOP")]
        );
        assert_eq!(
            read(&[b"a\r\xff\xffb\n"]),
            [("a".to_owned(), false, true), plain("\u{fffd}b")]
        );
    }

    #[test]
    fn nuls_are_taken_out_and_told() {
        assert_eq!(read(&[b"RE\0TR a\r\n"]), [("RETR a".to_owned(), true, false)]);
        assert_eq!(
            read(&[b"a\r\0b\r\n"]),
            [("a".to_owned(), false, true), plain("b")]
        );
    }

    #[test]
    fn a_hole_costs_the_lines_it_touches() {
        let mut control = Control::default();
        let mut data: &[u8] = b"USER ro";
        assert_eq!(control.next(&mut data), None);
        control.gap();
        let mut data: &[u8] = b"ot\r\nPASS x\r\n";
        assert_eq!(control.next(&mut data).unwrap().text.as_ref(), b"PASS x");
        assert!(control.is_lost());
    }

    #[test]
    fn a_line_in_a_segment_is_borrowed() {
        let mut control = Control::default();
        let mut data: &[u8] = b"USER a\r\nPASS b\nQUIT\r\n";
        for expected in ["USER a", "PASS b", "QUIT"] {
            let line = control.next(&mut data).unwrap();
            assert!(matches!(line.text, Cow::Borrowed(text) if text == expected.as_bytes()));
        }
        assert_eq!(control.next(&mut data), None);
    }

    proptest! {
        #[test]
        fn segmentation_does_not_matter(
            data in prop::collection::vec(prop::sample::select(vec![b'a', b'\r', b'\n', 0, 240, 250, 251, 255]), 0..40),
            cuts in prop::collection::vec(1usize..5, 1..6),
        ) {
            let pieces = pieces(&data, &cuts);
            prop_assert_eq!(read(&pieces), read(&[&data]));
        }
    }
}
