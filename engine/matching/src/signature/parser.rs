//! From the text of a signature file to signatures, or to everything that is wrong with it.

use super::scanner::Scanner;
use super::{
    Action, Condition, Context, HeaderField, IpOption, Position, Requirement, Signature, SignatureError,
    StateFlag,
};
use crate::automaton::Automaton;

/// After this many errors the rest of a file is not looked at.
pub const MAX_ERRORS: usize = 50;

/// The largest signature file accepted, in bytes.
pub const MAX_FILE_SIZE: usize = 16 << 20;

/// The attributes, for suggestions.
const KEYWORDS: [&str; 28] = [
    "src-ip",
    "dst-ip",
    "src-port",
    "dst-port",
    "ip-proto",
    "header",
    "payload",
    "http",
    "http-request",
    "http-request-header",
    "http-request-body",
    "http-reply-header",
    "http-reply-body",
    "ftp",
    "finger",
    "file-magic",
    "requires-signature",
    "requires-reverse-signature",
    "eval",
    "payload-size",
    "same-ip",
    "tcp-state",
    "udp-state",
    "ip-options",
    "event",
    "enable",
    "file-mime",
    "signature",
];

/// Parses a signature file. `file` names it in errors.
///
/// # Errors
/// All that is found wrong, up to [`MAX_ERRORS`], in the order of the file.
pub fn parse(file: &str, text: &[u8]) -> Result<Vec<Signature>, Vec<SignatureError>> {
    let mut parser = Parser {
        scanner: Scanner::new(file, text),
        errors: Vec::new(),
        cost: 0,
    };
    if text.len() > MAX_FILE_SIZE {
        return Err(vec![parser.scanner.error_here(format!(
            "the file has {} bytes; more than {MAX_FILE_SIZE} are not accepted",
            text.len()
        ))]);
    }
    let signatures = parser.file();
    if parser.errors.is_empty() {
        Ok(signatures)
    } else {
        Err(parser.errors)
    }
}

pub(super) type Parsed<T> = Result<T, SignatureError>;

pub(super) struct Parser<'t> {
    pub(super) scanner: Scanner<'t>,
    errors: Vec<SignatureError>,
    /// Sum of what the expressions cost.
    cost: u64,
}

/// One line of a signature.
enum Attribute {
    Condition(Condition),
    Actions(Vec<Action>),
    /// `signature`: the one before was not closed.
    Next,
    /// Read to its end, but wrong.
    Broken(SignatureError),
}

impl Parser<'_> {
    fn file(&mut self) -> Vec<Signature> {
        let mut signatures = Vec::new();
        let mut keyword_read = false;
        while self.errors.len() < MAX_ERRORS && !self.scanner.at_end() {
            if !keyword_read && !self.keyword() {
                continue;
            }
            keyword_read = false;
            match self.head() {
                Ok((id, position)) => {
                    let mut signature = Signature {
                        id,
                        position,
                        conditions: Vec::new(),
                        actions: Vec::new(),
                    };
                    keyword_read = self.body(&mut signature);
                    signatures.push(signature);
                }
                Err(error) => self.recover(error),
            }
        }
        signatures
    }

    /// Reads the word `signature`; if something else is there, reports it and skips what belongs to it.
    fn keyword(&mut self) -> bool {
        match self.scanner.word() {
            Some(("signature", _)) => true,
            Some((word, position)) => {
                let message = format!("a signature expected, but here is \"{word}\"");
                self.recover(SignatureError { position, message });
                false
            }
            None => {
                let message = format!("a signature expected, but here is {}", self.scanner.describe());
                self.recover(self.scanner.error_here(message));
                false
            }
        }
    }

    fn head(&mut self) -> Parsed<(String, Position)> {
        let found = self.scanner.signature_id();
        let Some((id, position)) = found else {
            return Err(self.scanner.error_here("a name for the signature expected"));
        };
        self.scanner.expect("{", "after the signature's name")?;
        Ok((id.to_owned(), position))
    }

    /// Reads up to and including the closing brace. Returns whether it read the word `signature` instead.
    fn body(&mut self, signature: &mut Signature) -> bool {
        let mut sound = true;
        while self.errors.len() < MAX_ERRORS && !self.scanner.take("}") {
            if self.scanner.at_end() {
                if !sound {
                    return false;
                }
                let message = format!(
                    "the file ends within signature \"{}\"; a \"}}\" is missing",
                    signature.id
                );
                self.errors.push(SignatureError {
                    position: signature.position.clone(),
                    message,
                });
                return false;
            }
            match self.attribute() {
                Ok(Attribute::Condition(condition)) => signature.conditions.push(condition),
                Ok(Attribute::Actions(actions)) => signature.actions.extend(actions),
                Ok(Attribute::Next) => {
                    // After an error, the brace may have been on the line that was skipped.
                    if sound {
                        let message = format!(
                            "signature \"{}\" is not closed; a \"}}\" is missing",
                            signature.id
                        );
                        self.errors.push(SignatureError {
                            position: signature.position.clone(),
                            message,
                        });
                    }
                    return true;
                }
                Ok(Attribute::Broken(error)) => self.errors.push(error),
                // What is missing before the closing brace is not looked for behind it.
                Err(error) if self.scanner.is_next(b'}') => self.errors.push(error),
                Err(error) => {
                    sound = false;
                    self.recover(error);
                }
            }
        }
        false
    }

    /// Notes an error and goes on with the next line.
    fn recover(&mut self, error: SignatureError) {
        self.errors.push(error);
        self.scanner.skip_line();
    }

    fn attribute(&mut self) -> Parsed<Attribute> {
        let Some((word, position)) = self.scanner.word() else {
            return Err(self.scanner.error_here(format!(
                "a condition or an action expected, but here is {}",
                self.scanner.describe()
            )));
        };
        let condition = match word {
            "signature" => return Ok(Attribute::Next),
            "event" => return Ok(Attribute::Actions(vec![self.event()?])),
            "enable" => return Ok(Attribute::Actions(self.enable()?)),
            "file-mime" => return Ok(Attribute::Actions(vec![self.mime()?])),
            "src-ip" => self.header_test(HeaderField::SourceAddress)?,
            "dst-ip" => self.header_test(HeaderField::DestinationAddress)?,
            "src-port" => self.header_test(HeaderField::SourcePort)?,
            "dst-port" => self.header_test(HeaderField::DestinationPort)?,
            "ip-proto" => self.header_test(HeaderField::Protocol)?,
            "header" => {
                let field = self.header_bytes()?;
                self.header_test(field)?
            }
            "payload" => return self.content(Context::Payload),
            "http" | "http-request" => return self.content(Context::HttpRequest),
            "http-request-header" => return self.content(Context::HttpRequestHeader),
            "http-request-body" => return self.content(Context::HttpRequestBody),
            "http-reply-header" => return self.content(Context::HttpReplyHeader),
            "http-reply-body" => return self.content(Context::HttpReplyBody),
            "ftp" => return self.content(Context::Ftp),
            "finger" => return self.content(Context::Finger),
            "file-magic" => return self.content(Context::FileMagic),
            "requires-signature" => self.requires(false)?,
            "requires-reverse-signature" => self.requires(true)?,
            "eval" => match self.scanner.word() {
                Some((function, _)) => Condition::Eval(function.to_owned()),
                None => {
                    return Err(self
                        .scanner
                        .error_here("the name of a script function expected after \"eval\""))
                }
            },
            "payload-size" => {
                let comparison = self.comparison()?;
                Condition::PayloadSize(comparison, self.scanner.integer("the size", u64::from(u32::MAX))?)
            }
            "same-ip" => Condition::SameIp,
            "tcp-state" => Condition::TcpState(self.list(|parser| parser.state_flag(true))?),
            "udp-state" => Condition::UdpState(self.list(|parser| parser.state_flag(false))?),
            "ip-options" => Condition::IpOptions(self.list(Parser::ip_option)?),
            other => {
                return Err(SignatureError {
                    position,
                    message: unknown("condition or action", other, KEYWORDS),
                })
            }
        };
        Ok(Attribute::Condition(condition))
    }

    pub(super) fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut items = vec![item(self)?];
        while self.scanner.take(",") {
            items.push(item(self)?);
        }
        Ok(items)
    }

    fn content(&mut self, context: Context) -> Parsed<Attribute> {
        let expression = match self
            .scanner
            .expression(&format!("after \"{}\"", context.keyword()))?
        {
            Ok(expression) => expression,
            Err(error) => return Ok(Attribute::Broken(error)),
        };
        self.cost = self.cost.saturating_add(expression.cost());
        if self.cost > Automaton::MAX_TOTAL_COST {
            return Err(self.scanner.error_here(format!(
                "up to here, the expressions of this file need more than {} automaton states",
                Automaton::MAX_TOTAL_COST
            )));
        }
        Ok(Attribute::Condition(Condition::Content(context, expression)))
    }

    fn requires(&mut self, reverse: bool) -> Parsed<Condition> {
        let negated = self.scanner.take("!");
        match self.scanner.signature_id() {
            Some((id, position)) => Ok(Condition::Requires(Requirement {
                id: id.to_owned(),
                reverse,
                negated,
                position,
            })),
            None => Err(self.scanner.error_here("the name of a signature expected")),
        }
    }

    fn state_flag(&mut self, tcp: bool) -> Parsed<StateFlag> {
        const NAMES: [&str; 4] = ["established", "originator", "responder", "stateless"];
        let Some((word, position)) = self.scanner.word() else {
            return Err(self
                .scanner
                .error_here(format!("a state expected: one of {}", NAMES.join(", "))));
        };
        match word {
            "established" if tcp => Ok(StateFlag::Established),
            "established" => {
                let message = "UDP has no connections that could be established; remove this".to_owned();
                Err(SignatureError { position, message })
            }
            "originator" => Ok(StateFlag::Originator),
            "responder" => Ok(StateFlag::Responder),
            "stateless" => Ok(StateFlag::Stateless),
            other => Err(SignatureError {
                position,
                message: unknown("state", other, NAMES),
            }),
        }
    }

    fn ip_option(&mut self) -> Parsed<IpOption> {
        let names = IpOption::NAMES.map(|(name, _)| name);
        let Some((word, position)) = self.scanner.word() else {
            return Err(self
                .scanner
                .error_here(format!("an IP option expected: one of {}", names.join(", "))));
        };
        let found = IpOption::NAMES.iter().find(|(name, _)| *name == word);
        found
            .map(|&(_, kind)| IpOption(kind))
            .ok_or_else(|| SignatureError {
                position,
                message: unknown("IP option", word, names),
            })
    }

    fn event(&mut self) -> Parsed<Action> {
        // The name is optional, and so is the string after a name; a string is all that can follow.
        let name = match self.scanner.peek() {
            Some(b'"') => None,
            _ => match self.scanner.word() {
                Some((name, _)) => Some(name.to_owned()),
                None => {
                    return Err(self
                        .scanner
                        .error_here("a string or the name of an event expected after \"event\""))
                }
            },
        };
        let message = match self.scanner.peek() {
            Some(b'"') => Some(self.scanner.string("after \"event\"")?.0),
            _ => None,
        };
        Ok(Action::Event { name, message })
    }

    fn enable(&mut self) -> Parsed<Vec<Action>> {
        self.list(|parser| Ok(Action::Enable(parser.text("after \"enable\"")?)))
    }

    fn mime(&mut self) -> Parsed<Action> {
        let mime = self.text("after \"file-mime\"")?;
        let mut strength = 0;
        if self.scanner.take(",") {
            let negative = self.scanner.take("-");
            if !negative {
                self.scanner.take("+");
            }
            let value = self.scanner.integer("the strength", i64::MAX as u64)? as i64;
            strength = if negative { -value } else { value };
        }
        Ok(Action::Mime { mime, strength })
    }

    fn text(&mut self, why: &str) -> Parsed<String> {
        let (bytes, position) = self.scanner.string(why)?;
        String::from_utf8(bytes).map_err(|_| SignatureError {
            position,
            message: "this string must be plain text".to_owned(),
        })
    }
}

/// A message about an unknown word, with what was probably meant.
pub(super) fn unknown<const N: usize>(what: &str, word: &str, known: [&str; N]) -> String {
    let shown: String = word.chars().take(60).collect();
    let best = known
        .iter()
        .map(|candidate| (distance(&shown, candidate), candidate))
        .min();
    match best {
        Some((distance, candidate)) if distance <= 1 + candidate.len() / 4 => {
            format!("unknown {what} \"{shown}\"; did you mean \"{candidate}\"?")
        }
        _ if N <= 10 => format!("unknown {what} \"{shown}\"; there are {}", known.join(", ")),
        _ => format!("unknown {what} \"{shown}\""),
    }
}

/// How many insertions, deletions, replacements and exchanges of neighbours make one word into the other.
fn distance(left: &str, right: &str) -> usize {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    let width = right.len() + 1;
    let mut cells: Vec<usize> = Vec::with_capacity((left.len() + 1) * width);
    for row in 0..=left.len() {
        for column in 0..width {
            let cell = |up: usize, back: usize| -> Option<usize> {
                cells
                    .get(row.checked_sub(up)? * width + column.checked_sub(back)?)
                    .copied()
            };
            let at = |word: &[u8], place: usize, back: usize| {
                place.checked_sub(back).and_then(|i| word.get(i).copied())
            };
            let (l1, l2) = (at(left, row, 1), at(left, row, 2));
            let (r1, r2) = (at(right, column, 1), at(right, column, 2));
            let exchanged = if l2.is_some() && l1 == r2 && l2 == r1 {
                cell(2, 2)
            } else {
                None
            };
            let replaced = if row > 0 && column > 0 {
                cell(1, 1).map(|d| d + usize::from(l1 != r1))
            } else {
                None
            };
            let removed = if row > 0 { cell(1, 0) } else { None };
            let added = if column > 0 { cell(0, 1) } else { None };
            let steps = [exchanged, removed, added]
                .into_iter()
                .flatten()
                .map(|d| d + 1)
                .chain(replaced);
            let best = steps.min().unwrap_or(0);
            cells.push(best);
        }
    }
    cells.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn distances() {
        for (left, right, expected) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("tpc", "tcp", 1),
            ("paylod", "payload", 1),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(distance(left, right), expected, "{left} {right}");
        }
    }
}
