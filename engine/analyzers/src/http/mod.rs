//! HTTP/1.x and its predecessor HTTP/0.9 (RFC 9110, RFC 9112, RFC 1945), with bodies in MIME format.
//!
//! Each side is a stream of messages: a line, header fields, and a body whose length the fields tell.  Content codings
//! and nested parts are undone; content goes to file analysis.  What comes behind `CONNECT` or an upgrade goes to child
//! analyzers.

mod entity;
mod fields;
mod message;
mod names;
mod options;
mod range;
mod session;
mod side;
mod start_line;
#[cfg(test)]
mod tests;
mod uri;
mod vocabulary;

use bro_events::Value;
use bro_session::analyzer::{Analyzer, AnalyzerDef, Context, OptionStore};

use session::Session;
use side::{Phase, Side};
use vocabulary as v;

/// The analyzer.
pub static HTTP: AnalyzerDef = AnalyzerDef {
    name: "HTTP",
    tag: "Analyzer::ANALYZER_HTTP",
    about: "Hypertext transfer: HTTP/0.9 to HTTP/1.1",
    handles_partial: false,
    new: |options| Box::new(Http::new(options)),
    options: options::NAMES,
    events: v::EVENTS,
    records: v::RECORDS,
    declarations: concat!(include_str!("../mime/types.bro"), include_str!("events.bro")),
    signatures: include_str!("dpd.sig"),
};

/// HTTP on one connection.
struct Http {
    session: Session,
    /// The responder's side, the originator's side
    sides: [Side; 2],
}

impl Http {
    fn new(options: &OptionStore) -> Self {
        Http {
            session: Session::new(options),
            sides: [Side::new(), Side::new()],
        }
    }

    fn side(&mut self, is_orig: bool) -> &mut Side {
        &mut self.sides[usize::from(is_orig)]
    }

    /// Everything in `data`, step by step: a line, or a stretch of a body.
    fn deliver(&mut self, ctx: &mut Context<'_>, is_orig: bool, mut data: &[u8]) {
        while !data.is_empty() {
            if self.session.is_tunnel {
                return ctx.forward_stream(is_orig, data);
            }
            let phase = self.side(is_orig).phase;
            match phase {
                Phase::Lost => return,
                Phase::Length(left) => {
                    let n = usize::try_from(left).unwrap_or(usize::MAX).min(data.len());
                    let (content, rest) = data.split_at(n);
                    data = rest;
                    self.body_data(ctx, is_orig, content);
                    self.side(is_orig).phase = Phase::Length(left - n as u64);
                    if left == n as u64 {
                        self.message_done(ctx, is_orig);
                    }
                }
                Phase::Chunk(left) => {
                    let n = usize::try_from(left).unwrap_or(usize::MAX).min(data.len());
                    let (content, rest) = data.split_at(n);
                    data = rest;
                    self.body_data(ctx, is_orig, content);
                    let left = left - n as u64;
                    self.side(is_orig).phase = if left == 0 {
                        Phase::ChunkEnd
                    } else {
                        Phase::Chunk(left)
                    };
                }
                Phase::UntilEnd => {
                    self.body_data(ctx, is_orig, data);
                    return;
                }
                Phase::StartLine if !is_orig && self.expects_simple_reply() => {
                    if !self.simple_reply(ctx, &mut data) {
                        return;
                    }
                }
                _ => {
                    let Some(line) = self.side(is_orig).lines.next(&mut data) else {
                        return;
                    };
                    self.line(ctx, is_orig, &line, data);
                }
            }
        }
    }
}

impl Analyzer for Http {
    fn init(&mut self, ctx: &mut Context<'_>) {
        // One HTTP within another on the same connection begins later.
        self.session.instance = ctx.now().to_bits();
    }

    fn deliver_stream(&mut self, ctx: &mut Context<'_>, is_orig: bool, data: &[u8]) {
        self.deliver(ctx, is_orig, data);
    }

    fn undelivered(&mut self, ctx: &mut Context<'_>, is_orig: bool, offset: u64, len: u64) {
        if self.session.is_tunnel {
            ctx.forward_gap(is_orig, offset, len);
        } else {
            self.gap(ctx, is_orig, len);
        }
    }

    fn end_of_data(&mut self, ctx: &mut Context<'_>, is_orig: bool) {
        if self.session.is_tunnel {
            ctx.forward_end_of_data(is_orig);
        } else {
            self.end_of_side(ctx, is_orig);
        }
    }

    fn flip_roles(&mut self, _ctx: &mut Context<'_>) {
        self.sides.swap(0, 1);
    }

    fn done(&mut self, ctx: &mut Context<'_>) {
        for is_orig in [true, false] {
            self.interrupt(ctx, is_orig, "message interrupted by the end of the connection");
        }
        if ctx.wants(&v::HTTP_STATS) {
            let number = |version: Option<start_line::Version>| version.map_or(0.0, |v| v.number());
            let stats = Value::Record(
                &v::HTTP_STATS_REC,
                vec![
                    Value::Count(self.session.requests),
                    Value::Count(self.session.replies),
                    Value::Double(number(self.session.request_version)),
                    Value::Double(number(self.session.reply_version)),
                ],
            );
            ctx.emit(&v::HTTP_STATS, [stats]);
        }
    }

    fn command(&mut self, _ctx: &mut Context<'_>, name: &str, argument: &[u8]) {
        if name == "skip_http_entity_data" {
            self.side(argument == b"T").entity.skip();
        }
    }
}
