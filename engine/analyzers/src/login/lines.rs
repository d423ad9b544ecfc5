//! Lines of a terminal: what a user types, what a server prints.

/// Of a line, this many bytes are kept.  No program asks for a name or a password of that length.
pub const MAX_LINE: usize = 2048;

/// What becomes of a line beyond [`MAX_LINE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlong {
    /// The rest is passed over, so that one line typed stays one line
    Drop,
    /// The rest is further lines, so that nothing printed goes unseen
    Split,
}

/// The state of one side.  A line ends with CR (and the LF or NUL behind it, RFC 854) or LF; other NULs are taken out, and
/// counted.  Holds at most [`MAX_LINE`] bytes.
#[derive(Debug)]
pub struct TermLines {
    held: Vec<u8>,
    after_cr: bool,
    dropping: bool,
    overlong: Overlong,
    /// NULs taken out of lines since somebody last looked
    pub nuls: u64,
}

impl TermLines {
    /// Lines whose excess is treated as told.
    pub fn new(overlong: Overlong) -> Self {
        TermLines {
            held: Vec::new(),
            after_cr: false,
            dropping: false,
            overlong,
            nuls: 0,
        }
    }

    /// The next line of what was held and `data`, which is shortened by what was taken.
    pub fn next(&mut self, data: &mut &[u8]) -> Option<Vec<u8>> {
        loop {
            let (&byte, rest) = data.split_first()?;
            *data = rest;
            if std::mem::take(&mut self.after_cr) && (byte == b'\n' || byte == 0) {
                continue;
            }
            match byte {
                b'\r' | b'\n' => {
                    self.after_cr = byte == b'\r';
                    self.dropping = false;
                    return Some(std::mem::take(&mut self.held));
                }
                0 => self.nuls += 1,
                _ if self.dropping => {}
                _ => {
                    self.held.push(byte);
                    if self.held.len() >= MAX_LINE {
                        match self.overlong {
                            Overlong::Drop => self.dropping = true,
                            Overlong::Split => return Some(std::mem::take(&mut self.held)),
                        }
                    }
                }
            }
        }
    }

    /// What was held when the side ended, unless that is nothing.
    pub fn finish(&mut self) -> Option<Vec<u8>> {
        Some(std::mem::take(&mut self.held)).filter(|line| !line.is_empty())
    }

    /// Forgets what is held, after a hole.
    pub fn reset(&mut self) {
        *self = Self::new(self.overlong);
    }
}
