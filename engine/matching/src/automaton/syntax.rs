//! The expression syntax of Bro, parsed into the intermediate form of `regex-syntax`.
//!
//! The syntax is that of flex: `.` is any byte but newline, `"..."` quotes literally (and is never subject to
//! ignoring case), `[...]` is a class with ranges, escapes and `[:names:]`, `{n}` `{n,}` `{n,m}` repeat, `(?i:...)`
//! and `(?s:...)` switch flags for a group, and `^` and `$` are the beginning and the end of the data wherever they
//! stand. Unlike Perl's, a backslash before a letter without a meaning of its own is that letter (`\d` is `d`), and
//! a repetition may be repeated (`a*?` is `(a*)?`). Matching is on bytes; no encoding is assumed.

use std::fmt;

use regex_syntax::hir::{ClassBytes, ClassBytesRange, Look};

use super::class;
use super::expression::{Expression, MAX_EXPRESSION_COST, MAX_EXPRESSION_DEPTH};

/// The longest expression text accepted, in bytes.
pub const MAX_TEXT_LENGTH: usize = 1 << 18;

/// How many groups may be open at once in an expression's text.
const MAX_OPEN_GROUPS: usize = 1000;

/// Switches that apply to a whole expression: the letters after the closing slash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags {
    /// `/i`: letters match in either case, except those inside double quotes.
    pub ignore_case: bool,
    /// `/s`: `.` also matches newline.
    pub dot_all: bool,
}

/// What is wrong with an expression and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Byte offset into the expression's text.
    pub offset: usize,
    /// What is wrong and what to do about it; one line, no full stop.
    pub message: String,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} (at offset {})", self.message, self.offset)
    }
}

impl std::error::Error for SyntaxError {}

impl Expression {
    /// Parses the text between the slashes. Never takes more than time linear in the text (for a bounded depth).
    ///
    /// # Errors
    /// If the text is no expression, or one beyond the limits.
    pub fn parse(text: &[u8], flags: Flags) -> Result<Expression, SyntaxError> {
        if text.len() > MAX_TEXT_LENGTH {
            let message = format!(
                "an expression may have at most {MAX_TEXT_LENGTH} bytes; this one has {}",
                text.len()
            );
            return Err(SyntaxError {
                offset: MAX_TEXT_LENGTH,
                message,
            });
        }
        Parser { text, at: 0 }.parse(flags)
    }
}

/// One group being parsed.
struct Frame {
    branches: Vec<Expression>,
    sequence: Vec<Expression>,
    /// Plain bytes that belong at the end of `sequence`, collected so that text costs one node and not one a byte.
    run: Vec<u8>,
    /// The flags that hold inside this group.
    flags: Flags,
    /// Where the group was opened.
    offset: usize,
}

impl Frame {
    fn new(flags: Flags, offset: usize) -> Frame {
        Frame {
            branches: Vec::new(),
            sequence: Vec::new(),
            run: Vec::new(),
            flags,
            offset,
        }
    }

    fn push(&mut self, expression: Expression) {
        self.end_run();
        self.sequence.push(expression);
    }

    fn push_byte(&mut self, byte: u8) {
        if self.flags.ignore_case && byte.is_ascii_alphabetic() {
            self.push(Expression::class(class::either_case(byte)));
        } else {
            self.run.push(byte);
        }
    }

    /// Takes off what a following repetition applies to.
    fn pop(&mut self) -> Option<Expression> {
        match self.run.pop() {
            Some(byte) => {
                self.end_run();
                Some(Expression::literal(&[byte]))
            }
            None => self.sequence.pop(),
        }
    }

    fn end_run(&mut self) {
        if !self.run.is_empty() {
            self.sequence.push(Expression::literal(&self.run));
            self.run.clear();
        }
    }

    fn end_branch(&mut self) {
        self.end_run();
        let sequence = std::mem::take(&mut self.sequence);
        self.branches.push(Expression::concat(sequence));
    }

    fn finish(mut self) -> Expression {
        self.end_branch();
        Expression::alternation(self.branches)
    }
}

struct Parser<'t> {
    text: &'t [u8],
    at: usize,
}

impl Parser<'_> {
    fn parse(mut self, flags: Flags) -> Result<Expression, SyntaxError> {
        // The open groups are kept here and not on the call stack, so no text can exhaust the latter.
        let mut outer: Vec<Frame> = Vec::new();
        let mut frame = Frame::new(flags, 0);
        while let Some(byte) = self.peek() {
            let offset = self.at;
            self.at += 1;
            match byte {
                b'(' => {
                    let flags = self.group_flags(frame.flags, offset)?;
                    if outer.len() == MAX_OPEN_GROUPS {
                        return fail(
                            offset,
                            format!("groups are nested more than {MAX_OPEN_GROUPS} deep"),
                        );
                    }
                    outer.push(std::mem::replace(&mut frame, Frame::new(flags, offset)));
                }
                b')' => {
                    let Some(parent) = outer.pop() else {
                        return fail(
                            offset,
                            "this \")\" closes no group; write \"\\)\" for the character itself",
                        );
                    };
                    let group = std::mem::replace(&mut frame, parent).finish();
                    frame.push(self.checked(group, offset)?);
                }
                b'|' => frame.end_branch(),
                b'*' => self.repeat_last(&mut frame, 0, None, offset)?,
                b'+' => self.repeat_last(&mut frame, 1, None, offset)?,
                b'?' => self.repeat_last(&mut frame, 0, Some(1), offset)?,
                b'{' => match self.counts(offset)? {
                    Some((min, max)) => self.repeat_last(&mut frame, min, max, offset)?,
                    None => frame.push_byte(b'{'),
                },
                b'"' => {
                    let quoted = self.quoted(offset)?;
                    frame.push(Expression::literal(&quoted));
                }
                b'[' => {
                    let class = self.bracket(frame.flags.ignore_case, offset)?;
                    frame.push(Expression::class(class));
                }
                b'.' => frame.push(Expression::class(class::dot(frame.flags.dot_all))),
                b'^' => frame.push(Expression::look(Look::Start)),
                b'$' => frame.push(Expression::look(Look::End)),
                _ => {
                    let byte = if byte == b'\\' { self.escape(offset)? } else { byte };
                    frame.push_byte(byte);
                }
            }
        }
        if !outer.is_empty() {
            return fail(frame.offset, "this group is not closed; a \")\" is missing");
        }
        let whole = frame.finish();
        self.checked(whole, 0)
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn peek_at(&self, ahead: usize) -> Option<u8> {
        self.text.get(self.at + ahead).copied()
    }

    /// Holds what was built against the limits, so that nothing is ever built far beyond them.
    fn checked(&self, expression: Expression, offset: usize) -> Result<Expression, SyntaxError> {
        if expression.cost > MAX_EXPRESSION_COST {
            let message = format!(
                "the expression is too large: its repetitions, multiplied out, need more than {MAX_EXPRESSION_COST} \
                 automaton states"
            );
            return Err(SyntaxError { offset, message });
        }
        if expression.depth > MAX_EXPRESSION_DEPTH {
            return fail(
                offset,
                format!("the expression is nested more than {MAX_EXPRESSION_DEPTH} deep"),
            );
        }
        Ok(expression)
    }

    /// After `(`: the flags of `(?i:`, `(?s-i:` and the like, or the surrounding ones for a plain group.
    fn group_flags(&mut self, surrounding: Flags, offset: usize) -> Result<Flags, SyntaxError> {
        if self.peek() != Some(b'?') {
            return Ok(surrounding);
        }
        self.at += 1;
        let mut flags = surrounding;
        let mut value = true;
        loop {
            match self.peek() {
                Some(b'i') => flags.ignore_case = value,
                Some(b's') => flags.dot_all = value,
                Some(b'-') => value = false,
                Some(b':') => {
                    self.at += 1;
                    return Ok(flags);
                }
                Some(_) => return fail(self.at, "unknown group flag; there are (?i:...) and (?s:...)"),
                None => return fail(offset, "this group is not closed; a \")\" is missing"),
            }
            self.at += 1;
        }
    }

    fn repeat_last(
        &self,
        frame: &mut Frame,
        min: u32,
        max: Option<u32>,
        offset: usize,
    ) -> Result<(), SyntaxError> {
        let Some(last) = frame.pop() else {
            return fail(
                offset,
                "there is nothing before this to repeat; escape it with \"\\\" for the character itself",
            );
        };
        let repeated = self.checked(last.repeat(min, max), offset)?;
        frame.push(repeated);
        Ok(())
    }

    /// After `{`: the counts of `n}`, `n,}` or `n,m}`. `None`, with nothing consumed, if this brace is literal.
    fn counts(&mut self, offset: usize) -> Result<Option<(u32, Option<u32>)>, SyntaxError> {
        let start = self.at;
        match self.peek() {
            Some(b'0'..=b'9') => {}
            Some(b'a'..=b'z' | b'A'..=b'Z' | b'_') if self.is_definition() => {
                return fail(
                    offset,
                    "named definitions do not exist here; write \"\\{\" for the character itself",
                );
            }
            Some(b',') if matches!(self.peek_at(1), Some(b'0'..=b'9')) => {
                return fail(offset, "the lower count is missing; write {0,m}");
            }
            _ => return Ok(None),
        }
        let min = self.number(offset)?;
        let max = match self.peek() {
            Some(b'}') => Some(min),
            Some(b',') => {
                self.at += 1;
                match self.peek() {
                    Some(b'0'..=b'9') => Some(self.number(offset)?),
                    _ => None,
                }
            }
            _ => None,
        };
        if self.peek() != Some(b'}') {
            self.at = start;
            return fail(
                offset,
                "this repetition is not closed; it is written {n}, {n,} or {n,m}",
            );
        }
        self.at += 1;
        if max.is_some_and(|max| max < min) {
            return fail(
                offset,
                "the upper count of this repetition is below the lower one",
            );
        }
        Ok(Some((min, max)))
    }

    /// Whether a name and a closing brace follow.
    fn is_definition(&self) -> bool {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let name = rest
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
            .count();
        rest.get(name) == Some(&b'}')
    }

    fn number(&mut self, offset: usize) -> Result<u32, SyntaxError> {
        let mut value = 0u32;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            self.at += 1;
            value = match value
                .checked_mul(10)
                .and_then(|tens| tens.checked_add(u32::from(digit - b'0')))
            {
                Some(value) => value,
                None => return fail(offset, "this repetition count is too large"),
            };
        }
        Ok(value)
    }

    fn quoted(&mut self, offset: usize) -> Result<Vec<u8>, SyntaxError> {
        let mut bytes = Vec::new();
        while let Some(byte) = self.peek() {
            let start = self.at;
            self.at += 1;
            match byte {
                b'"' => return Ok(bytes),
                b'\\' => bytes.push(self.escape(start)?),
                _ => bytes.push(byte),
            }
        }
        fail(
            offset,
            "this quotation is not closed; write \"\\\"\" with a backslash for the character itself",
        )
    }

    /// After a backslash at `offset`: the byte meant.
    fn escape(&mut self, offset: usize) -> Result<u8, SyntaxError> {
        let Some(byte) = self.peek() else {
            return fail(
                offset,
                "a backslash at the end stands for nothing; write \"\\\\\" for the character itself",
            );
        };
        self.at += 1;
        Ok(match byte {
            b'a' => 0x07,
            b'b' => 0x08,
            b'f' => 0x0c,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 0x0b,
            b'x' => {
                let mut value = 0u32;
                let mut digits = 0;
                while let Some(digit) = self.peek().and_then(|byte| char::from(byte).to_digit(16)) {
                    if digits == 2 {
                        break;
                    }
                    value = value * 16 + digit;
                    digits += 1;
                    self.at += 1;
                }
                if digits == 0 {
                    return fail(offset, "\\x needs one or two hexadecimal digits after it");
                }
                value as u8
            }
            b'0'..=b'7' => {
                let mut value = u32::from(byte - b'0');
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.peek() else {
                        break;
                    };
                    value = value * 8 + u32::from(digit - b'0');
                    self.at += 1;
                }
                match u8::try_from(value) {
                    Ok(byte) => byte,
                    Err(_) => return fail(offset, "an octal escape goes up to \\377"),
                }
            }
            other => other,
        })
    }

    /// After `[`: a character class.
    fn bracket(&mut self, ignore_case: bool, offset: usize) -> Result<ClassBytes, SyntaxError> {
        // As in flex, "[^]" is the class of "^", and "]" directly after "[" is an ordinary member.
        let negated = self.peek() == Some(b'^') && self.peek_at(1) != Some(b']');
        if negated {
            self.at += 1;
        }
        let mut class = ClassBytes::empty();
        let first = self.at;
        loop {
            let start = self.at;
            match self.peek() {
                None => return fail(offset, "this character class is not closed; a \"]\" is missing"),
                Some(b']') if start > first || negated => {
                    self.at += 1;
                    break;
                }
                Some(b'[') if self.peek_at(1) == Some(b':') => {
                    if let Some(named) = self.named_class()? {
                        class.union(&named);
                        continue;
                    }
                }
                Some(_) => {}
            }
            let low = self.member(offset)?;
            let is_range = self.peek() == Some(b'-') && !matches!(self.peek_at(1), None | Some(b']'));
            if is_range {
                self.at += 1;
                let high = self.member(offset)?;
                if high < low {
                    return fail(start, "the end of this range comes before its beginning");
                }
                class.push(ClassBytesRange::new(low, high));
            } else {
                class.push(ClassBytesRange::new(low, low));
            }
        }
        if ignore_case {
            class.case_fold_simple();
        }
        if negated {
            class.negate();
        }
        Ok(class)
    }

    /// One byte of a class.
    fn member(&mut self, class_offset: usize) -> Result<u8, SyntaxError> {
        let start = self.at;
        match self.peek() {
            None => fail(
                class_offset,
                "this character class is not closed; a \"]\" is missing",
            ),
            Some(b'\\') => {
                self.at += 1;
                self.escape(start)
            }
            Some(byte) => {
                self.at += 1;
                Ok(byte)
            }
        }
    }

    /// At `[:`: a named class such as `[:alpha:]` or `[:^alpha:]`. `None`, with nothing consumed, if it is none.
    fn named_class(&mut self) -> Result<Option<ClassBytes>, SyntaxError> {
        let rest = self.text.get(self.at + 2..).unwrap_or_default();
        let negated = rest.first() == Some(&b'^');
        let name = rest.get(usize::from(negated)..).unwrap_or_default();
        let length = name.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        if length == 0 || name.get(length..length + 2) != Some(b":]") {
            return Ok(None);
        }
        let Some(mut class) = name.get(..length).and_then(class::named) else {
            return fail(
                self.at,
                format!("unknown character class; there are {}", class::NAMES.join(", ")),
            );
        };
        if negated {
            class.negate();
        }
        self.at += 2 + usize::from(negated) + length + 2;
        Ok(Some(class))
    }
}

fn fail<T>(offset: usize, message: impl Into<String>) -> Result<T, SyntaxError> {
    Err(SyntaxError {
        offset,
        message: message.into(),
    })
}
