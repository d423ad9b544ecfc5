//! The network virtual terminal of Telnet (RFC 854, RFC 855): takes commands and options out of the text around them.
//!
//! FTP's control connection speaks it as well (RFC 959).  A server takes options out wherever they are, so somebody who
//! wants to hide a word can put one into its middle: what reads the text behind this sees the word whole.

/// Interpret as command: begins every command.
pub const IAC: u8 = 255;
const DONT: u8 = 254;
const DO: u8 = 253;
const WONT: u8 = 252;
const WILL: u8 = 251;
const SB: u8 = 250;
const SE: u8 = 240;

/// Commands that stand alone begin here (RFC 854, page 14; RFC 1184 has the few before `SE`).
const FIRST_COMMAND: u8 = 236;

/// Of the data of a subnegotiation, this many bytes are kept; servers have buffers of less.
pub const MAX_SUBNEGOTIATION: usize = 4096;

/// What a side says about an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// It wants to use the option itself
    Will,
    /// It does not use it
    Wont,
    /// The other side is to use it
    Do,
    /// The other side is not to use it
    Dont,
}

/// A piece of a side's stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item<'a> {
    /// Text as it was sent, ends of lines included; never empty
    Text(&'a [u8]),
    /// A command without an option, such as 247, *erase character*
    Command(u8),
    /// Something about an option
    Negotiation {
        /// What
        verb: Verb,
        /// Which option
        option: u8,
    },
    /// What only has a meaning for an option
    Subnegotiation {
        /// Which option
        option: u8,
        /// Its data, doubled [`IAC`]s undone, at most [`MAX_SUBNEGOTIATION`] bytes
        data: Vec<u8>,
        /// Whether there was more data than that
        cut: bool,
    },
    /// A subnegotiation that was ended by a command other than *end of subnegotiation*; the command comes next
    Unterminated {
        /// Which option
        option: u8,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Text,
    /// Behind an [`IAC`]
    Iac,
    /// An option comes next
    Verb(Verb),
    /// The option of a subnegotiation comes next
    Sub,
    SubData(u8),
    /// Behind an [`IAC`] in a subnegotiation
    SubIac(u8),
}

/// The state of one side's stream.  Holds the data of a subnegotiation, up to [`MAX_SUBNEGOTIATION`] bytes.
#[derive(Debug)]
pub struct Nvt {
    state: State,
    held: Vec<u8>,
    cut: bool,
}

impl Default for Nvt {
    fn default() -> Self {
        Nvt {
            state: State::Text,
            held: Vec::new(),
            cut: false,
        }
    }
}

impl Nvt {
    /// The next piece of `data`, which is shortened by what was taken.  Nothing when all of it was taken.
    pub fn next<'a>(&mut self, data: &mut &'a [u8]) -> Option<Item<'a>> {
        loop {
            let (&byte, rest) = data.split_first()?;
            match self.state {
                State::Text => {
                    let len = memchr::memchr(IAC, data).unwrap_or(data.len());
                    if len > 0 {
                        let (text, rest) = data.split_at(len);
                        *data = rest;
                        return Some(Item::Text(text));
                    }
                    *data = rest;
                    self.state = State::Iac;
                }
                State::Iac => {
                    self.state = State::Text;
                    // A doubled IAC is a byte of text: the second of the two, where it lies.
                    let text = data.get(..1).unwrap_or_default();
                    *data = rest;
                    self.state = match byte {
                        IAC => return Some(Item::Text(text)),
                        WILL => State::Verb(Verb::Will),
                        WONT => State::Verb(Verb::Wont),
                        DO => State::Verb(Verb::Do),
                        DONT => State::Verb(Verb::Dont),
                        SB => State::Sub,
                        // An end without a beginning says nothing; a byte below all commands is passed over as servers do.
                        SE | 0..FIRST_COMMAND => continue,
                        command => return Some(Item::Command(command)),
                    };
                }
                State::Verb(verb) => {
                    *data = rest;
                    self.state = State::Text;
                    return Some(Item::Negotiation { verb, option: byte });
                }
                State::Sub => {
                    *data = rest;
                    self.held.clear();
                    self.cut = false;
                    self.state = State::SubData(byte);
                }
                State::SubData(option) => {
                    let len = memchr::memchr(IAC, data).unwrap_or(data.len());
                    let (part, behind) = data.split_at(len);
                    self.hold(part);
                    *data = behind;
                    if behind.split_first().is_some() {
                        *data = behind.get(1..).unwrap_or_default();
                        self.state = State::SubIac(option);
                    }
                }
                State::SubIac(option) => match byte {
                    IAC => {
                        *data = rest;
                        self.hold(&[IAC]);
                        self.state = State::SubData(option);
                    }
                    SE => {
                        *data = rest;
                        self.state = State::Text;
                        return Some(Item::Subnegotiation {
                            option,
                            data: std::mem::take(&mut self.held),
                            cut: self.cut,
                        });
                    }
                    _ => {
                        self.held = Vec::new();
                        self.state = State::Iac;
                        return Some(Item::Unterminated { option });
                    }
                },
            }
        }
    }

    fn hold(&mut self, part: &[u8]) {
        let room = MAX_SUBNEGOTIATION.saturating_sub(self.held.len());
        self.cut |= part.len() > room;
        self.held
            .extend_from_slice(part.get(..room.min(part.len())).unwrap_or_default());
    }

    /// Begins anew, after a hole: what follows is taken for text.
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::support::harness::pieces;

    /// All pieces, with text that lies side by side joined.
    fn read(pieces: &[&[u8]]) -> Vec<Item<'static>> {
        let mut nvt = Nvt::default();
        let mut found: Vec<Item<'static>> = Vec::new();
        let mut text: Vec<u8> = Vec::new();
        let flush = |text: &mut Vec<u8>, found: &mut Vec<Item<'static>>| {
            if !text.is_empty() {
                found.push(Item::Text(Box::leak(std::mem::take(text).into_boxed_slice())));
            }
        };
        for &piece in pieces {
            let mut data = piece;
            while let Some(item) = nvt.next(&mut data) {
                match item {
                    Item::Text(part) => text.extend_from_slice(part),
                    other => {
                        flush(&mut text, &mut found);
                        found.push(match other {
                            Item::Command(c) => Item::Command(c),
                            Item::Negotiation { verb, option } => Item::Negotiation { verb, option },
                            Item::Subnegotiation { option, data, cut } => {
                                Item::Subnegotiation { option, data, cut }
                            }
                            Item::Unterminated { option } => Item::Unterminated { option },
                            Item::Text(_) => unreachable!(),
                        });
                    }
                }
            }
        }
        flush(&mut text, &mut found);
        found
    }

    #[test]
    fn options_inside_a_word_are_taken_out() {
        let found = read(&[b"rb\xff\xfb\x18oot\xff\xf7!"]);
        assert_eq!(
            found,
            [
                Item::Text(b"rb"),
                Item::Negotiation {
                    verb: Verb::Will,
                    option: 24
                },
                Item::Text(b"oot"),
                Item::Command(247),
                Item::Text(b"!"),
            ]
        );
    }

    #[test]
    fn doubled_iacs_are_bytes() {
        assert_eq!(read(&[b"a\xff\xffb"]), [Item::Text(b"a\xffb")]);
        let sub = Item::Subnegotiation {
            option: 24,
            data: b"\0x\xffy".to_vec(),
            cut: false,
        };
        assert_eq!(read(&[b"\xff\xfa\x18\0x\xff\xffy\xff\xf0"]), [sub]);
    }

    #[test]
    fn a_subnegotiation_ended_by_another_command() {
        assert_eq!(
            read(&[b"\xff\xfa\x18\0x\xff\xfd\x01ok"]),
            [
                Item::Unterminated { option: 24 },
                Item::Negotiation {
                    verb: Verb::Do,
                    option: 1
                },
                Item::Text(b"ok"),
            ]
        );
    }

    #[test]
    fn long_subnegotiations_are_cut() {
        let mut data = b"\xff\xfa\x27".to_vec();
        data.resize(data.len() + MAX_SUBNEGOTIATION + 10, b'x');
        data.extend_from_slice(b"\xff\xf0end");
        let found = read(&[&data]);
        assert!(
            matches!(&found[0], Item::Subnegotiation { data, cut: true, .. } if data.len() == MAX_SUBNEGOTIATION)
        );
        assert_eq!(found[1], Item::Text(b"end"));
    }

    proptest! {
        #[test]
        fn segmentation_does_not_matter(
            data in prop::collection::vec(prop::sample::select(vec![b'a', b'\r', 0, 24, 250, 240, 251, 255, 255]), 0..40),
            cuts in prop::collection::vec(1usize..5, 1..6),
        ) {
            let pieces = pieces(&data, &cuts);
            prop_assert_eq!(read(&pieces), read(&[&data]));
        }
    }
}
