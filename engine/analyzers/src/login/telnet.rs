//! Telnet (RFC 854): commands and options around a login.

use bro_events::Value;
use bro_session::analyzer::{Analyzer, Context, OptionStore};

use super::dialog::{Dialog, Phase};
use super::environment;
use super::negotiation::{self as n, Negotiation};
use super::vocabulary as v;
use crate::support::nvt::{Item, Nvt};

/// Commands of RFC 854 that take back what was typed
const ERASE_CHARACTER: u8 = 247;
const ERASE_LINE: u8 = 248;

/// The keys that most terminals have for them
const DEL: u8 = 0x7f;
const CONTROL_U: u8 = 0x15;

/// Kinds of messages of the authentication option (RFC 2941)
const AUTH_REPLY: u8 = 2;
const AUTH_NAME: u8 = 3;
/// What a reply says, in the mechanisms that are in use (RFC 2942, RFC 2944, RFC 1411)
const AUTH_REJECT: u8 = 1;
const AUTH_ACCEPT: u8 = 2;

/// The message by which a side begins to encrypt (RFC 2946)
const ENCRYPT_START: u8 = 3;

/// Telnet on one connection.
pub struct Telnet {
    dialog: Dialog,
    negotiation: Negotiation,
    /// The responder's side, the originator's side
    sides: [Nvt; 2],
    /// Name that the authentication option gave
    auth_name: Vec<u8>,
    begun: bool,
}

impl Telnet {
    /// At the beginning of a connection.
    pub fn new(options: &OptionStore) -> Self {
        Telnet {
            dialog: Dialog::new(options),
            negotiation: Negotiation::default(),
            sides: [Nvt::default(), Nvt::default()],
            auth_name: Vec::new(),
            begun: false,
        }
    }

    fn item(&mut self, ctx: &mut Context<'_>, is_orig: bool, item: Item<'_>) {
        match item {
            Item::Text(text) => self.dialog.text(ctx, is_orig, text),
            Item::Command(ERASE_CHARACTER) if is_orig => self.dialog.erase(ctx, DEL),
            Item::Command(ERASE_LINE) if is_orig => self.dialog.erase(ctx, CONTROL_U),
            Item::Command(_) => {}
            Item::Negotiation { verb, option } => {
                ctx.confirm();
                self.negotiation.heard(is_orig, verb, option);
            }
            Item::Subnegotiation { option, data, cut } => {
                if cut {
                    ctx.emit(&v::BAD_OPTION, []);
                } else {
                    self.subnegotiation(ctx, is_orig, option, &data);
                }
            }
            Item::Unterminated { .. } => ctx.emit(&v::BAD_OPTION_TERMINATION, []),
        }
    }

    fn subnegotiation(&mut self, ctx: &mut Context<'_>, is_orig: bool, option: u8, data: &[u8]) {
        let known = [
            n::TERMINAL_TYPE,
            n::X_DISPLAY,
            n::OLD_ENVIRON,
            n::AUTHENTICATION,
            n::ENCRYPT,
            n::NEW_ENVIRON,
        ];
        if !known.contains(&option) {
            return;
        }
        if !self.negotiation.in_use(option) {
            // Programs take it all the same, or not: both are possible.
            ctx.emit(&v::INCONSISTENT_OPTION, []);
        }
        match (option, data) {
            // Only the client has these; `1` is the server's request to send them.
            (n::TERMINAL_TYPE, [0, name @ ..]) => ctx.emit(&v::LOGIN_TERMINAL, [Value::Str(name.to_vec())]),
            (n::X_DISPLAY, [0, name @ ..]) => ctx.emit(&v::LOGIN_DISPLAY, [Value::Str(name.to_vec())]),
            (n::TERMINAL_TYPE | n::X_DISPLAY, [1]) => {}
            (n::OLD_ENVIRON | n::NEW_ENVIRON, data) => match environment::parse(data) {
                Ok(variables) => {
                    for (name, value) in variables {
                        self.variable(ctx, &name, value);
                    }
                }
                Err(()) => ctx.emit(&v::BAD_OPTION, []),
            },
            (n::AUTHENTICATION, data) => self.authentication(ctx, is_orig, data),
            (n::ENCRYPT, [ENCRYPT_START, ..]) => {
                // One side alone cannot turn encryption on, and must not be able to make the monitor look away.
                if self.dialog.phase != Phase::Skip && self.negotiation.in_use(n::ENCRYPT) {
                    ctx.emit(&v::ACTIVATING_ENCRYPTION, []);
                    self.dialog.phase = Phase::Skip;
                }
            }
            (n::ENCRYPT, [0..=8, ..]) => {}
            _ => ctx.emit(&v::BAD_OPTION, []),
        }
    }

    fn variable(&mut self, ctx: &mut Context<'_>, name: &[u8], value: Vec<u8>) {
        match name {
            b"USER" => self.dialog.client_user = value,
            b"TERM" => ctx.emit(&v::LOGIN_TERMINAL, [Value::Str(value)]),
            b"DISPLAY" => ctx.emit(&v::LOGIN_DISPLAY, [Value::Str(value)]),
            b"TTYPROMPT" => ctx.emit(&v::LOGIN_PROMPT, [Value::Str(value)]),
            _ => {}
        }
    }

    fn authentication(&mut self, ctx: &mut Context<'_>, is_orig: bool, data: &[u8]) {
        match data {
            [AUTH_NAME, name @ ..] if is_orig => self.auth_name = name.to_vec(),
            [AUTH_REPLY, _type, _modifier, answer, ..] if !is_orig => {
                let name = || Value::Str(self.auth_name.clone());
                match *answer {
                    AUTH_ACCEPT => {
                        ctx.emit_about(&v::AUTHENTICATION_ACCEPTED, |c| [name(), c]);
                        self.dialog.client_user.clone_from(&self.auth_name);
                    }
                    AUTH_REJECT => ctx.emit_about(&v::AUTHENTICATION_REJECTED, |c| [name(), c]),
                    _ => {}
                }
            }
            [0..=3, ..] => {}
            _ => ctx.emit(&v::BAD_OPTION, []),
        }
    }
}

impl Analyzer for Telnet {
    fn deliver_stream(&mut self, ctx: &mut Context<'_>, is_orig: bool, mut data: &[u8]) {
        if !std::mem::replace(&mut self.begun, true) && ctx.is_partial() {
            self.dialog.partial(ctx);
        }
        while self.dialog.phase != Phase::Skip {
            let [resp, orig] = &mut self.sides;
            let nvt = if is_orig { orig } else { resp };
            let Some(item) = nvt.next(&mut data) else { break };
            self.item(ctx, is_orig, item);
        }
    }

    fn undelivered(&mut self, ctx: &mut Context<'_>, is_orig: bool, _offset: u64, _len: u64) {
        let [resp, orig] = &mut self.sides;
        if is_orig { orig } else { resp }.reset();
        self.dialog.gap(ctx, is_orig);
    }

    fn end_of_data(&mut self, ctx: &mut Context<'_>, is_orig: bool) {
        self.dialog.end_of_side(ctx, is_orig);
    }

    fn flip_roles(&mut self, _ctx: &mut Context<'_>) {
        self.sides.swap(0, 1);
        self.negotiation.flip();
        self.dialog.flip();
    }

    fn command(&mut self, _ctx: &mut Context<'_>, name: &str, argument: &[u8]) {
        self.dialog.command(name, argument);
    }

    fn query(&self, name: &str) -> Option<Value> {
        self.dialog.query(name)
    }
}
