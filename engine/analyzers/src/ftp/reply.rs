//! Replies of one line and of several (RFC 959 section 4.2).

/// A line of a reply.
#[derive(Debug, PartialEq, Eq)]
pub struct Reply<'a> {
    /// The reply's code, three digits
    pub code: u16,
    /// The text of the line, without the code
    pub text: &'a [u8],
    /// The reply goes on in the next line.
    pub continues: bool,
}

/// Puts replies of several lines together: `123-text`, any lines, `123 text`.
#[derive(Debug, Default)]
pub struct Replies {
    /// The code of the reply that goes on
    pending: Option<u16>,
}

impl Replies {
    /// What a line is.  Nothing if it neither begins a reply nor continues one.
    pub fn line<'a>(&mut self, line: &'a [u8]) -> Option<Reply<'a>> {
        let start = start(line);
        if let Some(pending) = self.pending {
            return Some(match start {
                Some((code, continues, text)) if code == pending => {
                    if !continues {
                        self.pending = None;
                    }
                    Reply {
                        code,
                        text,
                        continues,
                    }
                }
                // Anything else is text, digits at its beginning included.
                _ => Reply {
                    code: pending,
                    text: line,
                    continues: true,
                },
            });
        }
        let (code, continues, text) = start?;
        if continues {
            self.pending = Some(code);
        }
        Some(Reply {
            code,
            text,
            continues,
        })
    }

    /// Forgets the reply that goes on: its end may be missing.
    pub fn reset(&mut self) {
        self.pending = None;
    }
}

/// Code, whether a hyphen follows, and the text, if the line begins with a code.
fn start(line: &[u8]) -> Option<(u16, bool, &[u8])> {
    let digits = line.first_chunk::<3>()?;
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let code = digits
        .iter()
        .fold(0u16, |code, digit| code * 10 + u16::from(digit - b'0'));
    let rest = line.get(3..).unwrap_or_default();
    match rest.split_first() {
        None => Some((code, false, rest)),
        Some((b'-', text)) => Some((code, true, text)),
        Some((b' ' | b'\t', text)) => Some((code, false, text.trim_ascii_start())),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Vec<Option<(u16, String, bool)>> {
        let mut replies = Replies::default();
        lines
            .iter()
            .map(|line| {
                replies
                    .line(line.as_bytes())
                    .map(|r| (r.code, String::from_utf8_lossy(r.text).into_owned(), r.continues))
            })
            .collect()
    }

    #[test]
    fn one_line() {
        let one = |code, text: &str| Some((code, text.to_owned(), false));
        assert_eq!(
            read(&["226 Transfer complete.", "200", "227  Entering (1,2,3,4,5,6)"]),
            [
                one(226, "Transfer complete."),
                one(200, ""),
                one(227, "Entering (1,2,3,4,5,6)")
            ]
        );
    }

    #[test]
    fn several_lines() {
        let lines = [
            "220-Welcome",
            " 220 not the end",
            "221 neither",
            "",
            "220-still",
            "220 end",
            "331 next",
        ];
        let texts = ["Welcome", " 220 not the end", "221 neither", "", "still"];
        let mut expected: Vec<_> = texts.iter().map(|t| Some((220, (*t).to_owned(), true))).collect();
        expected.push(Some((220, "end".to_owned(), false)));
        expected.push(Some((331, "next".to_owned(), false)));
        assert_eq!(read(&lines), expected);
    }

    #[test]
    fn what_is_no_reply() {
        for line in ["99 too short", "SYST", "", "2200 four", "22x y", "+OK"] {
            assert_eq!(read(&[line]), [None], "{line}");
        }
    }
}
