//! FTP, the file transfer protocol: the control connection, its data connections, and the security data in it.
//!
//! RFC 959, 1123 (section 4.1), 2228, 2389, 2428, 2640, 4217.  The control connection is a Telnet stream of lines:
//! commands one way, replies the other.  Which data connections are expected is for policy to find out, from the commands
//! and replies that tell their ports.

mod adat;
mod control;
mod data;
mod reply;
#[cfg(test)]
mod tests;
mod vocabulary;

use std::sync::Arc;

use bro_events::Value;
use bro_matching::signature;
use bro_session::analyzer::{Analyzer, AnalyzerDef, Context, OptionGroup, OptionStore, TreeChange};

pub use adat::FTP_ADAT;
pub use data::FTP_DATA;

use control::{Control, ControlLine};
use reply::Replies;
use vocabulary as v;

/// The analyzer of the control connection.
pub static FTP: AnalyzerDef = AnalyzerDef {
    name: "FTP",
    tag: "Analyzer::ANALYZER_FTP",
    about: "FTP: commands and replies of the control connection",
    handles_partial: true,
    new: |options| Box::new(Ftp::new(options)),
    options: FtpOptions::NAMES,
    events: vocabulary::EVENTS,
    records: &[],
    declarations: include_str!("events.bro"),
    signatures: include_str!("dpd.sig"),
};

/// What takes over when TLS begins.
const TLS: &str = "Analyzer::ANALYZER_SSL";

/// Options of the FTP analyzer.
#[derive(Debug)]
struct FtpOptions {
    /// Bytes of a command's name; what is longer is cut there
    max_command_length: u64,
}

impl Default for FtpOptions {
    fn default() -> Self {
        FtpOptions {
            max_command_length: 100,
        }
    }
}

impl OptionGroup for FtpOptions {
    const NAMES: &'static [&'static str] = &["FTP::max_command_length"];

    fn set(&mut self, _name: &str, value: &Value) {
        if let Value::Count(n) = value {
            self.max_command_length = *n;
        }
    }
}

/// A way of authentication that the client asked for (`AUTH`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mechanism {
    /// RFC 4217
    Tls,
    /// RFC 2228: security data goes back and forth in lines
    SecurityData,
}

/// The control connection.  Holds at most a line of each side.
struct Ftp {
    options: Arc<FtpOptions>,
    client: Control,
    server: Control,
    replies: Replies,
    /// Asked for, and not answered yet; or accepted, for security data
    mechanism: Option<Mechanism>,
    /// What comes now belongs to TLS.
    is_tls: bool,
    confirmed: bool,
}

impl Ftp {
    fn new(options: &OptionStore) -> Self {
        Ftp {
            options: options.get(),
            client: Control::default(),
            server: Control::default(),
            replies: Replies::default(),
            mechanism: None,
            is_tls: false,
            confirmed: false,
        }
    }

    fn control(&mut self, is_orig: bool) -> &mut Control {
        if is_orig {
            &mut self.client
        } else {
            &mut self.server
        }
    }

    /// A line of the client (RFC 959 section 5.3): a command, and what it is about.
    fn request(&mut self, ctx: &mut Context<'_>, line: &[u8]) {
        if !self.confirmed {
            self.confirmed = true;
            ctx.confirm();
        }
        ctx.match_content(signature::Context::Ftp, true, line, true, true);
        let line = line.trim_ascii_start();
        let end = line
            .iter()
            .position(u8::is_ascii_whitespace)
            .unwrap_or(line.len());
        let (command, rest) = line.split_at(end);
        let limit = usize::try_from(self.options.max_command_length).unwrap_or(usize::MAX);
        let command = if command.len() > limit {
            ctx.weird("FTP_max_command_length_exceeded", command.len().to_string());
            command.get(..limit).unwrap_or_default()
        } else {
            command
        };
        // Servers take commands in any case.
        let command = command.to_ascii_uppercase();
        let arg = rest.trim_ascii_start();
        if command == b"AUTH" {
            self.mechanism = Some(mechanism(arg));
            if self.mechanism == Some(Mechanism::SecurityData) {
                ctx.change(TreeChange::AddChild(adat::TAG));
            }
        }
        if self.mechanism == Some(Mechanism::SecurityData) {
            ctx.forward_stream(true, &[line, b"\r\n"].concat());
        }
        let command = if command.is_empty() {
            Value::Text("<missing>")
        } else {
            Value::Str(command)
        };
        ctx.emit(&v::FTP_REQUEST, [command, arg.into()]);
    }

    /// A line of the server (RFC 959 section 4.2).
    fn reply(&mut self, ctx: &mut Context<'_>, line: &[u8]) {
        let Some(reply) = self.replies.line(line) else {
            if !self.server.is_lost() {
                ctx.violation("non-numeric reply code", Some(line));
            }
            return;
        };
        self.server.is_found();
        if self.mechanism == Some(Mechanism::SecurityData) {
            ctx.forward_stream(false, &[line, b"\r\n"].concat());
        }
        let args = [
            Value::Count(u64::from(reply.code)),
            reply.text.into(),
            Value::Bool(reply.continues),
        ];
        ctx.emit(&v::FTP_REPLY, args);
        if reply.continues {
            return;
        }
        match (self.mechanism, reply.code) {
            (Some(Mechanism::Tls), 234) => {
                self.is_tls = true;
                ctx.emit(&v::FTP_STARTTLS, []);
                ctx.change(TreeChange::AddChild(TLS));
            }
            // Refused, or something that is not about it.
            (Some(Mechanism::Tls), 400..=599) => self.mechanism = None,
            _ => {}
        }
    }

    fn line(&mut self, ctx: &mut Context<'_>, is_orig: bool, line: &ControlLine<'_>) {
        if line.has_nul {
            ctx.weird_from("NVT", "NUL_in_line", "");
        }
        if line.ends_with_cr {
            ctx.weird_from("NVT", "line_terminated_with_single_CR", "");
        }
        if is_orig {
            self.request(ctx, &line.text);
        } else {
            self.reply(ctx, &line.text);
        }
    }
}

/// The mechanism that the argument of `AUTH` names.  RFC 4217 has `TLS` and, for older clients, `TLS-C` and `SSL`.
fn mechanism(arg: &[u8]) -> Mechanism {
    let name = arg
        .split(u8::is_ascii_whitespace)
        .next()
        .unwrap_or_default()
        .to_ascii_uppercase();
    match name.as_slice() {
        b"TLS" | b"TLS-C" | b"TLS-P" | b"SSL" => Mechanism::Tls,
        _ => Mechanism::SecurityData,
    }
}

impl Analyzer for Ftp {
    fn init(&mut self, ctx: &mut Context<'_>) {
        if ctx.is_partial() {
            // The first line may be the end of one, or lie within a reply of several lines.
            self.server.lose();
        }
    }

    fn deliver_stream(&mut self, ctx: &mut Context<'_>, is_orig: bool, mut data: &[u8]) {
        // The reply that grants TLS may be followed by TLS in the same segment.
        while !self.is_tls {
            let Some(line) = self.control(is_orig).next(&mut data) else {
                return;
            };
            self.line(ctx, is_orig, &line);
        }
        if !data.is_empty() {
            ctx.forward_stream(is_orig, data);
        }
    }

    fn undelivered(&mut self, ctx: &mut Context<'_>, is_orig: bool, offset: u64, len: u64) {
        if self.is_tls {
            ctx.forward_gap(is_orig, offset, len);
            return;
        }
        self.control(is_orig).gap();
        if !is_orig {
            self.replies.reset();
        }
    }

    fn end_of_data(&mut self, ctx: &mut Context<'_>, is_orig: bool) {
        if self.is_tls {
            ctx.forward_end_of_data(is_orig);
        } else if let Some(rest) = self.control(is_orig).finish() {
            // What has no end of line may still be carried out by a server that reads up to the end.
            if is_orig {
                self.request(ctx, &rest);
            } else {
                self.reply(ctx, &rest);
            }
        }
    }

    fn flip_roles(&mut self, _ctx: &mut Context<'_>) {
        std::mem::swap(&mut self.client, &mut self.server);
        self.replies.reset();
    }
}
