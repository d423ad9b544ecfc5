//! Finger, the user information protocol (RFC 1288): a line asks, lines answer.
//!
//! The protocol has one request on a connection.  A client that sends more of them hopes that whoever watches looks at
//! the first alone, so each line is a request here.

mod request;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use bro_events::Value;
use bro_matching::signature;
use bro_session::analyzer::{Analyzer, AnalyzerDef, Context, OptionGroup, OptionStore};

use crate::support::lines::{Ending, Line, Lines};

bro_events::events! {
    /// A line of the client
    FINGER_REQUEST = finger_request(c, full, username, hostname);
    /// A line of the server
    FINGER_REPLY = finger_reply(c, reply_line);
}

/// The analyzer.
pub static FINGER: AnalyzerDef = AnalyzerDef {
    name: "FINGER",
    tag: "Analyzer::ANALYZER_FINGER",
    about: "Finger: who is logged in, and who somebody is",
    handles_partial: false,
    new: |options| Box::new(Finger::new(options)),
    options: FingerOptions::NAMES,
    events: EVENTS,
    records: &[],
    declarations: include_str!("events.bro"),
    signatures: include_str!("dpd.sig"),
};

/// Options of the analyzer.
#[derive(Debug)]
struct FingerOptions {
    /// Bytes of a line; what is longer is cut there
    max_line_length: u64,
}

impl Default for FingerOptions {
    fn default() -> Self {
        FingerOptions {
            max_line_length: 1024,
        }
    }
}

impl OptionGroup for FingerOptions {
    const NAMES: &'static [&'static str] = &["Finger::max_line_length"];

    fn set(&mut self, _name: &str, value: &Value) {
        if let Value::Count(n) = value {
            self.max_line_length = *n;
        }
    }
}

/// Bytes of an unfinished request that its weird shows.
const SHOWN: usize = 80;

/// Finger on one connection.  Holds at most a line of each side.
struct Finger {
    request: Side,
    reply: Side,
}

/// A side's stream of lines.
struct Side {
    lines: Lines,
    /// The beginning of the line at hand was not seen.
    lost: bool,
}

impl Side {
    fn new(limit: usize) -> Self {
        Side {
            lines: Lines::new(limit),
            lost: false,
        }
    }
}

impl Finger {
    fn new(options: &OptionStore) -> Self {
        let options: Arc<FingerOptions> = options.get();
        let limit = usize::try_from(options.max_line_length).unwrap_or(usize::MAX);
        Finger {
            request: Side::new(limit),
            reply: Side::new(limit),
        }
    }

    fn side(&mut self, is_orig: bool) -> &mut Side {
        if is_orig {
            &mut self.request
        } else {
            &mut self.reply
        }
    }

    fn line(&mut self, ctx: &mut Context<'_>, is_orig: bool, line: &Line<'_>) {
        if std::mem::take(&mut self.side(is_orig).lost) && line.ending != Ending::End {
            return; // the end of a line whose beginning is missing
        }
        if is_orig {
            self.request(ctx, line);
        } else {
            self.reply(ctx, line);
        }
    }

    fn request(&mut self, ctx: &mut Context<'_>, line: &Line<'_>) {
        ctx.match_content(signature::Context::Finger, true, &line.text, true, true);
        if memchr::memchr(0, &line.text).is_some() {
            // A daemon written in C takes what stands before it for the whole.
            ctx.weird("NUL_in_line", shown(&line.text));
        }
        if line.ending != Ending::TooLong && !line.text.iter().any(u8::is_ascii_control) {
            ctx.confirm();
        }
        if ctx.wants(&FINGER_REQUEST) {
            let request = request::parse(&line.text);
            let args = [
                Value::Bool(request.full),
                Value::Str(request.user.to_vec()),
                Value::Str(request.host.to_vec()),
            ];
            ctx.emit(&FINGER_REQUEST, args);
        }
    }

    fn reply(&mut self, ctx: &mut Context<'_>, line: &Line<'_>) {
        if ctx.wants(&FINGER_REPLY) {
            ctx.emit(&FINGER_REPLY, [Value::Str(line.text.to_vec())]);
        }
        if line.ending == Ending::TooLong {
            ctx.violation("a line of the reply is longer than allowed", Some(&line.text));
        }
    }
}

/// The beginning of a line as a weird shows it.
fn shown(line: &[u8]) -> String {
    let mut text = String::new();
    for chunk in line.get(..SHOWN).unwrap_or(line).utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    text
}

impl Analyzer for Finger {
    fn deliver_stream(&mut self, ctx: &mut Context<'_>, is_orig: bool, mut data: &[u8]) {
        while let Some(line) = self.side(is_orig).lines.next(&mut data) {
            self.line(ctx, is_orig, &line);
        }
    }

    fn undelivered(&mut self, ctx: &mut Context<'_>, is_orig: bool, _offset: u64, _len: u64) {
        let side = self.side(is_orig);
        if let (true, Some(line)) = (is_orig, side.lines.finish()) {
            ctx.weird("partial_finger_request", shown(&line.text));
        }
        let side = self.side(is_orig);
        side.lines.reset();
        side.lost = true;
    }

    fn end_of_data(&mut self, ctx: &mut Context<'_>, is_orig: bool) {
        let side = self.side(is_orig);
        let Some(line) = side.lines.finish() else { return };
        if is_orig && line.ending == Ending::End {
            ctx.weird("partial_finger_request", shown(&line.text));
        }
        // Daemons answer a line that ends with the stream.
        self.line(ctx, is_orig, &line);
    }

    fn flip_roles(&mut self, _ctx: &mut Context<'_>) {
        std::mem::swap(&mut self.request, &mut self.reply);
    }

    fn done(&mut self, ctx: &mut Context<'_>) {
        if let Some(line) = self.request.lines.finish() {
            ctx.weird("partial_finger_request", shown(&line.text));
        }
    }
}
