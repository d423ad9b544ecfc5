//! rsh, the remote shell: a port for errors, two names and a command, then what the command reads and prints.

use bro_events::Value;
use bro_session::analyzer::{Analyzer, Context};

use super::lines::{Overlong, TermLines};

bro_events::events! {
    /// A command, or a line for it to read
    RSH_REQUEST = rsh_request(c, client_user, server_user, line, new_session);
    /// A line it printed
    RSH_REPLY = rsh_reply(c, client_user, server_user, line);
}

/// A name is at most this long, a port at most five digits; programs have buffers of less.
const MAX_NAME: usize = 256;
/// A command is at most this long.
const MAX_COMMAND: usize = 64 * 1024;

/// rsh on one connection.
pub struct Rsh {
    /// Strings of the client's prologue so far: port, its user, the server's user, the command
    names: Vec<Vec<u8>>,
    name: Vec<u8>,
    answered: bool,
    refused: bool,
    lost: bool,
    input: TermLines,
    output: TermLines,
}

impl Default for Rsh {
    fn default() -> Self {
        Rsh {
            names: Vec::new(),
            name: Vec::new(),
            answered: false,
            refused: false,
            lost: false,
            input: TermLines::new(Overlong::Split),
            output: TermLines::new(Overlong::Split),
        }
    }
}

impl Rsh {
    fn bad_prologue(&mut self, ctx: &mut Context<'_>, data: &[u8]) {
        self.lost = true;
        ctx.weird("bad_rsh_prolog", "");
        ctx.violation("no rsh prologue", Some(data));
    }

    fn users(&self) -> [Value; 2] {
        let name = |n: usize| Value::Str(self.names.get(n).cloned().unwrap_or_default());
        [name(1), name(2)]
    }

    /// Takes bytes of the prologue; says how many.
    fn prologue(&mut self, ctx: &mut Context<'_>, data: &[u8]) -> usize {
        for (taken, &byte) in data.iter().enumerate() {
            let number = self.names.len();
            if number == 4 {
                return taken;
            }
            let limit = if number == 3 { MAX_COMMAND } else { MAX_NAME };
            if byte != 0 {
                self.name.push(byte);
                if self.name.len() > limit || (number == 0 && (!byte.is_ascii_digit() || self.name.len() > 5))
                {
                    self.bad_prologue(ctx, data);
                    return data.len();
                }
                continue;
            }
            self.names.push(std::mem::take(&mut self.name));
            if self.names.len() == 4 {
                let [client, server] = self.users();
                let command = self.names.get(3).cloned().unwrap_or_default();
                ctx.emit(
                    &RSH_REQUEST,
                    [client, server, Value::Str(command), Value::Bool(true)],
                );
            }
        }
        data.len()
    }

    fn line(&mut self, ctx: &mut Context<'_>, is_orig: bool, line: Vec<u8>) {
        let [client, server] = self.users();
        if is_orig {
            ctx.emit(
                &RSH_REQUEST,
                [client, server, Value::Str(line), Value::Bool(false)],
            );
        } else {
            ctx.emit(&RSH_REPLY, [client, server, Value::Str(line)]);
        }
    }

    fn text(&mut self, ctx: &mut Context<'_>, is_orig: bool, mut data: &[u8]) {
        loop {
            let lines = if is_orig {
                &mut self.input
            } else {
                &mut self.output
            };
            let Some(line) = lines.next(&mut data) else { break };
            self.line(ctx, is_orig, line);
        }
    }
}

impl Analyzer for Rsh {
    fn deliver_stream(&mut self, ctx: &mut Context<'_>, is_orig: bool, data: &[u8]) {
        if self.lost {
            return;
        }
        if is_orig {
            let taken = self.prologue(ctx, data);
            let rest = data.get(taken..).unwrap_or_default();
            if self.lost || rest.is_empty() {
                return;
            }
            if self.refused {
                ctx.weird("rsh_text_after_rejected", "");
            }
            return self.text(ctx, true, rest);
        }
        let mut text = data;
        if !self.answered {
            let Some((&first, rest)) = data.split_first() else {
                return;
            };
            match first {
                0 => ctx.confirm(),
                1 => self.refused = true,
                _ => return self.bad_prologue(ctx, data),
            }
            self.answered = true;
            text = rest;
        }
        self.text(ctx, false, text);
    }

    fn undelivered(&mut self, _ctx: &mut Context<'_>, is_orig: bool, _offset: u64, _len: u64) {
        if self.names.len() < 4 || !self.answered {
            self.lost = true;
        }
        if is_orig {
            &mut self.input
        } else {
            &mut self.output
        }
        .reset();
    }

    fn end_of_data(&mut self, ctx: &mut Context<'_>, is_orig: bool) {
        if self.lost {
            return;
        }
        let lines = if is_orig {
            &mut self.input
        } else {
            &mut self.output
        };
        if let Some(line) = lines.finish() {
            self.line(ctx, is_orig, line);
        }
    }
}
