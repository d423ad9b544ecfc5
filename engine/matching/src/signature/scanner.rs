//! The characters of a signature file: a cursor with the few kinds of tokens there are.

use std::sync::Arc;

use super::{Position, SignatureError};
use crate::automaton::{Expression, Flags};

/// A cursor on a file's text. What is wrong is reported at where the token begins.
pub(super) struct Scanner<'t> {
    file: Arc<str>,
    text: &'t [u8],
    at: usize,
    line: u32,
    line_start: usize,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(file: &str, text: &'t [u8]) -> Scanner<'t> {
        Scanner {
            file: file.into(),
            text,
            at: 0,
            line: 1,
            line_start: 0,
        }
    }

    /// The next byte, without blanks and comments before it.
    pub(super) fn peek(&mut self) -> Option<u8> {
        self.skip_blanks();
        self.byte(0)
    }

    /// Whether `byte` is next, behind blanks and comments, which are left where they are.
    pub(super) fn is_next(&mut self, byte: u8) -> bool {
        let (at, line, line_start) = (self.at, self.line, self.line_start);
        let is_next = self.peek() == Some(byte);
        (self.at, self.line, self.line_start) = (at, line, line_start);
        is_next
    }

    pub(super) fn at_end(&mut self) -> bool {
        self.peek().is_none()
    }

    /// Consumes `expected` if it is next.
    pub(super) fn take(&mut self, expected: &str) -> bool {
        self.skip_blanks();
        let next = self
            .text
            .get(self.at..)
            .is_some_and(|rest| rest.starts_with(expected.as_bytes()));
        if next {
            self.at += expected.len();
        }
        next
    }

    /// Consumes `expected` or says that it is missing, and `why` it is wanted.
    pub(super) fn expect(&mut self, expected: &str, why: &str) -> Result<(), SignatureError> {
        if self.take(expected) {
            Ok(())
        } else {
            Err(self.error_here(format!(
                "\"{expected}\" expected {why}, but here is {}",
                self.describe()
            )))
        }
    }

    /// A keyword or the name of a script object: letters, digits, "_", "-" and "::".
    pub(super) fn word(&mut self) -> Option<(&'t str, Position)> {
        self.skip_blanks();
        let first = self.byte(0)?;
        if !(first.is_ascii_alphabetic() || first == b'_') {
            return None;
        }
        let mut length = 1;
        loop {
            match self.byte(length) {
                Some(byte) if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-') => length += 1,
                Some(b':') if self.byte(length + 1) == Some(b':') => length += 2,
                _ => break,
            }
        }
        self.token(length)
    }

    /// The name of a signature: as a word, but may also begin with a digit and have dots and colons.
    pub(super) fn signature_id(&mut self) -> Option<(&'t str, Position)> {
        self.skip_blanks();
        let mut length = 0;
        while self
            .byte(length)
            .is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b':'))
        {
            length += 1;
        }
        if length == 0 {
            return None;
        }
        self.token(length)
    }

    /// What looks like a number or a dotted address: letters, digits and dots, beginning with a digit.
    pub(super) fn numeral(&mut self) -> Option<(&'t str, Position)> {
        self.skip_blanks();
        self.byte(0).filter(u8::is_ascii_digit)?;
        let mut length = 1;
        while self
            .byte(length)
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
        {
            length += 1;
        }
        self.token(length)
    }

    /// An unsigned integer, decimal or hexadecimal with `0x`, up to `max`.
    pub(super) fn integer(&mut self, what: &str, max: u64) -> Result<u64, SignatureError> {
        match self.numeral() {
            Some((digits, position)) => {
                let value = parse_integer(digits).filter(|&value| value <= max);
                value.ok_or_else(|| SignatureError {
                    position,
                    message: format!(
                        "{what} must be an integer from 0 to {max}, decimal or hexadecimal with 0x"
                    ),
                })
            }
            None => Err(self.error_here(format!("{what} expected, but here is {}", self.describe()))),
        }
    }

    /// What stands between brackets, for an IPv6 address.
    pub(super) fn bracketed(&mut self) -> Result<(&'t str, Position), SignatureError> {
        self.expect("[", "before an IPv6 address")?;
        let mut length = 0;
        while self
            .byte(length)
            .is_some_and(|b| b.is_ascii_hexdigit() || matches!(b, b':' | b'.'))
        {
            length += 1;
        }
        let token = self.token(length);
        self.expect("]", "after an IPv6 address")?;
        token.ok_or_else(|| self.error_here("an IPv6 address expected"))
    }

    /// A string in double quotes on one line, with the escapes of scripts.
    pub(super) fn string(&mut self, why: &str) -> Result<(Vec<u8>, Position), SignatureError> {
        if self.peek() != Some(b'"') {
            return Err(self.error_here(format!(
                "a string in double quotes expected {why}, but here is {}",
                self.describe()
            )));
        }
        let start = self.at;
        let mut value = Vec::new();
        let mut length = 1;
        loop {
            match self.byte(length) {
                None | Some(b'\n') => {
                    return Err(self.error(start, 1, "this string has no closing quote on its line"))
                }
                Some(b'"') => break,
                Some(b'\\') => {
                    let (byte, used) = unescape(self.text.get(start + length + 1..).unwrap_or_default());
                    value.extend(byte);
                    length += 1 + used;
                }
                Some(byte) => {
                    value.push(byte);
                    length += 1;
                }
            }
        }
        let position = self.position(start, length + 1);
        self.at += length + 1;
        Ok((value, position))
    }

    /// An expression between slashes, with its flags. If it was read but is wrong, the inner result says so.
    pub(super) fn expression(
        &mut self,
        why: &str,
    ) -> Result<Result<Expression, SignatureError>, SignatureError> {
        if self.peek() != Some(b'/') {
            let message = format!(
                "an expression between slashes expected {why}, but here is {}",
                self.describe()
            );
            return Err(self.error_here(message));
        }
        let start = self.at;
        let mut length = 1;
        loop {
            match self.byte(length) {
                None | Some(b'\n') => {
                    return Err(self.error(start, 1, "this expression has no closing slash on its line"));
                }
                Some(b'/') => break,
                // Whatever is escaped is part of the expression, but a line's end always ends it.
                Some(b'\\') if self.byte(length + 1).is_some_and(|byte| byte != b'\n') => length += 2,
                Some(_) => length += 1,
            }
        }
        let text = self.text.get(start + 1..start + length).unwrap_or_default();
        self.at += length + 1;
        let mut flags = Flags::default();
        let mut unknown = None;
        while let Some(letter) = self.byte(0).filter(u8::is_ascii_alphanumeric) {
            match letter {
                b'i' => flags.ignore_case = true,
                b's' => flags.dot_all = true,
                _ => unknown = Some(self.at),
            }
            self.at += 1;
        }
        if let Some(at) = unknown {
            return Ok(Err(self.error(
                at,
                1,
                "unknown flag of an expression; there are /i and /s",
            )));
        }
        Ok(Expression::parse(text, flags).map_err(|error| {
            let message = format!("in this expression: {}", error.message);
            self.error(start + 1 + error.offset, 1, message)
        }))
    }

    /// Moves to the beginning of the next line.
    pub(super) fn skip_line(&mut self) {
        while let Some(byte) = self.byte(0) {
            if byte == b'\n' {
                return;
            }
            self.at += 1;
        }
    }

    pub(super) fn error_here(&self, message: impl Into<String>) -> SignatureError {
        let width = self
            .text
            .get(self.at..)
            .unwrap_or_default()
            .iter()
            .take_while(|b| b.is_ascii_alphanumeric())
            .count();
        self.error(self.at, width, message)
    }

    /// What comes next, for a message.
    pub(super) fn describe(&self) -> String {
        let rest = self.text.get(self.at..).unwrap_or_default();
        match rest.first() {
            None => "the end of the file".to_owned(),
            Some(byte) if byte.is_ascii_alphanumeric() => {
                let length = rest
                    .iter()
                    .take(40)
                    .take_while(|b| b.is_ascii_alphanumeric() || **b == b'-')
                    .count();
                format!(
                    "\"{}\"",
                    String::from_utf8_lossy(rest.get(..length).unwrap_or_default())
                )
            }
            Some(byte) if byte.is_ascii_graphic() => format!("\"{}\"", char::from(*byte)),
            Some(byte) => format!("the byte \\x{byte:02x}"),
        }
    }

    fn error(&self, at: usize, width: usize, message: impl Into<String>) -> SignatureError {
        SignatureError {
            position: self.position(at, width),
            message: message.into(),
        }
    }

    fn position(&self, at: usize, width: usize) -> Position {
        Position::new(&self.file, self.text, self.line_start, self.line, at, width)
    }

    fn token(&mut self, length: usize) -> Option<(&'t str, Position)> {
        let text: &'t [u8] = self.text;
        let token = std::str::from_utf8(text.get(self.at..self.at + length)?).ok()?;
        let position = self.position(self.at, length);
        self.at += length;
        Some((token, position))
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.get(self.at + ahead).copied()
    }

    fn skip_blanks(&mut self) {
        while let Some(byte) = self.byte(0) {
            match byte {
                b'\n' => {
                    self.at += 1;
                    self.line = self.line.saturating_add(1);
                    self.line_start = self.at;
                }
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'#' => self.skip_line(),
                _ => return,
            }
        }
    }
}

/// Decimal, or hexadecimal with `0x`.
pub(super) fn parse_integer(digits: &str) -> Option<u64> {
    match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(hexadecimal) => u64::from_str_radix(hexadecimal, 16).ok(),
        None => digits.parse().ok(),
    }
}

/// What the characters after a backslash stand for, and how many they are.
fn unescape(rest: &[u8]) -> (Option<u8>, usize) {
    let digits = |radix: u32, skip: usize, most: usize| -> (u32, usize) {
        let found = rest
            .iter()
            .skip(skip)
            .take(most)
            .map_while(|&byte| char::from(byte).to_digit(radix));
        found.fold((0, 0), |(value, count), digit| (value * radix + digit, count + 1))
    };
    match rest.first() {
        None | Some(b'\n') => (None, 0),
        Some(b'x') => match digits(16, 1, 2) {
            (_, 0) => (Some(b'x'), 1),
            (value, count) => (Some(value as u8), 1 + count),
        },
        Some(b'0'..=b'7') => {
            let (value, count) = digits(8, 0, 3);
            (Some(value as u8), count)
        }
        Some(b'a') => (Some(0x07), 1),
        Some(b'b') => (Some(0x08), 1),
        Some(b'f') => (Some(0x0c), 1),
        Some(b'n') => (Some(b'\n'), 1),
        Some(b'r') => (Some(b'\r'), 1),
        Some(b't') => (Some(b'\t'), 1),
        Some(b'v') => (Some(0x0b), 1),
        Some(&other) => (Some(other), 1),
    }
}
