//! rlogin (RFC 1282): three names, then a terminal.

use bro_events::Value;
use bro_session::analyzer::{Analyzer, Context, OptionStore};

use super::dialog::Dialog;
use super::vocabulary as v;

/// A name is at most this long; programs have buffers of less.
const MAX_NAME: usize = 256;

/// The client tells the size of its window by this and eight further bytes.
const WINDOW_SIZE: &[u8] = b"\xff\xffss";
const WINDOW_SIZE_LEN: usize = 12;

/// rlogin on one connection.
pub struct Rlogin {
    dialog: Dialog,
    /// Strings of the client's prologue so far: an empty one, its user, the server's user, terminal and speed
    names: Vec<Vec<u8>>,
    name: Vec<u8>,
    /// The server's first byte came
    accepted: bool,
    /// Not rlogin at all
    lost: bool,
    /// The beginning of what may be a window size
    control: Vec<u8>,
}

impl Rlogin {
    /// At the beginning of a connection.
    pub fn new(options: &OptionStore) -> Self {
        Rlogin {
            dialog: Dialog::new(options),
            names: Vec::new(),
            name: Vec::new(),
            accepted: false,
            lost: false,
            control: Vec::new(),
        }
    }

    fn bad_prologue(&mut self, ctx: &mut Context<'_>, data: &[u8]) {
        self.lost = true;
        ctx.weird("bad_rlogin_prolog", "");
        ctx.violation("no rlogin prologue", Some(data));
    }

    /// Takes bytes of the prologue; says how many.
    fn prologue(&mut self, ctx: &mut Context<'_>, data: &[u8]) -> usize {
        for (taken, &byte) in data.iter().enumerate() {
            if self.names.len() == 4 {
                return taken;
            }
            if byte != 0 {
                self.name.push(byte);
                if self.name.len() > MAX_NAME || self.names.is_empty() {
                    self.bad_prologue(ctx, data);
                    return data.len();
                }
                continue;
            }
            self.names.push(std::mem::take(&mut self.name));
            if let [_, client, server, terminal] = self.names.as_slice() {
                self.dialog.client_user.clone_from(client);
                self.dialog.set_user(server);
                let terminal = terminal.split(|&b| b == b'/').next().unwrap_or_default().to_vec();
                ctx.emit(&v::LOGIN_TERMINAL, [Value::Str(terminal)]);
            }
        }
        data.len()
    }

    /// What the user typed, window sizes taken out.
    fn typed(&mut self, ctx: &mut Context<'_>, data: &[u8]) {
        let mut text = Vec::with_capacity(data.len());
        for &byte in data {
            let at = self.control.len();
            if at >= WINDOW_SIZE.len() || WINDOW_SIZE.get(at) == Some(&byte) {
                self.control.push(byte);
                if self.control.len() == WINDOW_SIZE_LEN {
                    self.control.clear();
                }
            } else {
                text.append(&mut self.control);
                if WINDOW_SIZE.first() == Some(&byte) {
                    self.control.push(byte);
                } else {
                    text.push(byte);
                }
            }
        }
        self.dialog.text(ctx, true, &text);
    }
}

impl Analyzer for Rlogin {
    fn deliver_stream(&mut self, ctx: &mut Context<'_>, is_orig: bool, data: &[u8]) {
        if self.lost {
            return;
        }
        if is_orig {
            let taken = self.prologue(ctx, data);
            if !self.lost {
                self.typed(ctx, data.get(taken..).unwrap_or_default());
            }
            return;
        }
        let mut text = data;
        if !self.accepted {
            match data.split_first() {
                Some((0, rest)) => {
                    self.accepted = true;
                    ctx.confirm();
                    // The request for the window size is urgent data; some stacks leave it in the stream.
                    text = rest.strip_prefix(b"\x80").unwrap_or(rest);
                }
                Some(_) => return self.bad_prologue(ctx, data),
                None => return,
            }
        }
        self.dialog.text(ctx, false, text);
    }

    fn undelivered(&mut self, ctx: &mut Context<'_>, is_orig: bool, _offset: u64, _len: u64) {
        if self.names.len() < 4 || !self.accepted {
            self.lost = true;
        }
        self.dialog.gap(ctx, is_orig);
    }

    fn end_of_data(&mut self, ctx: &mut Context<'_>, is_orig: bool) {
        if !self.lost {
            self.dialog.end_of_side(ctx, is_orig);
        }
    }

    fn command(&mut self, _ctx: &mut Context<'_>, name: &str, argument: &[u8]) {
        self.dialog.command(name, argument);
    }

    fn query(&self, name: &str) -> Option<Value> {
        self.dialog.query(name)
    }
}
