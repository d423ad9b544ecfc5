//! The authentication dialog of Telnet and rlogin, and the session behind it.

use std::collections::VecDeque;
use std::sync::Arc;

use bro_events::{Event, Value};
use bro_session::analyzer::{Context, OptionStore};

use super::lines::{Overlong, TermLines, MAX_LINE};
use super::options::LoginOptions;
use super::vocabulary as v;

/// Lines a user may be ahead of the server's prompts; one that is further ahead answers something we did not see.
const MAX_TYPED_AHEAD: usize = 10;

/// Lines a server may print before it asks for a name, and after it was told a password.
const MAX_UNCLEAR_LINES: u32 = 50;

/// How far the dialog is; the numbers are those of `LOGIN_STATE_…` in scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Going on
    Authenticate = 0,
    /// Over: somebody is in
    LoggedIn = 1,
    /// Not looked at
    Skip = 2,
    /// Lost
    Confused = 3,
}

impl Phase {
    /// By the number that scripts use.
    pub fn from_number(number: u64) -> Option<Self> {
        [Phase::Authenticate, Phase::LoggedIn, Phase::Skip, Phase::Confused]
            .into_iter()
            .find(|&phase| phase as u64 == number)
    }
}

/// A dialog on one connection.  Holds the lines typed ahead, of limited number and length, a name and a password.
pub struct Dialog {
    options: Arc<LoginOptions>,
    /// How far it is
    pub phase: Phase,
    /// Lines typed that no prompt has taken yet
    typed: VecDeque<Vec<u8>>,
    last_typed: Vec<u8>,
    user: Option<Vec<u8>>,
    password: Option<Vec<u8>>,
    /// Who the client's host says the user is
    pub client_user: Vec<u8>,
    /// Lines printed since the last thing that was understood
    unclear: u32,
    /// VMS lets users recall lines by a key.
    is_vms: bool,
    input: TermLines,
    output: TermLines,
}

impl Dialog {
    /// One that begins.
    pub fn new(options: &OptionStore) -> Self {
        Dialog {
            options: options.get::<LoginOptions>(),
            phase: Phase::Authenticate,
            typed: VecDeque::new(),
            last_typed: Vec::new(),
            user: None,
            password: None,
            client_user: Vec::new(),
            unclear: 0,
            is_vms: false,
            input: TermLines::new(Overlong::Drop),
            output: TermLines::new(Overlong::Split),
        }
    }

    /// The protocol itself told the name (rlogin).
    pub fn set_user(&mut self, user: &[u8]) {
        self.user = Some(user.to_vec());
    }

    /// Text of a side, commands taken out.
    pub fn text(&mut self, ctx: &mut Context<'_>, is_orig: bool, mut data: &[u8]) {
        if self.phase == Phase::Skip {
            return;
        }
        loop {
            let lines = if is_orig {
                &mut self.input
            } else {
                &mut self.output
            };
            let Some(line) = lines.next(&mut data) else { break };
            if is_orig && std::mem::take(&mut lines.nuls) > 0 {
                ctx.weird("NUL_in_line", String::from_utf8_lossy(&line).into_owned());
            }
            self.line(ctx, is_orig, line);
        }
    }

    /// A character the user took back by a command of Telnet, as it would be on a keyboard.
    pub fn erase(&mut self, ctx: &mut Context<'_>, key: u8) {
        self.text(ctx, true, &[key]);
    }

    /// A side ended; what it said last may have no end of line.
    pub fn end_of_side(&mut self, ctx: &mut Context<'_>, is_orig: bool) {
        let lines = if is_orig {
            &mut self.input
        } else {
            &mut self.output
        };
        if let Some(line) = lines.finish() {
            self.line(ctx, is_orig, line);
        }
    }

    /// Text of a side is missing.
    pub fn gap(&mut self, ctx: &mut Context<'_>, is_orig: bool) {
        let lines = if is_orig {
            &mut self.input
        } else {
            &mut self.output
        };
        lines.reset();
        if self.phase == Phase::Authenticate {
            self.confused(ctx, "content_gap", b"");
        }
    }

    /// The beginning of the connection was not seen.
    pub fn partial(&mut self, ctx: &mut Context<'_>) {
        if self.phase == Phase::Authenticate {
            self.confused(ctx, "partial", b"");
        }
    }

    fn line(&mut self, ctx: &mut Context<'_>, is_orig: bool, line: Vec<u8>) {
        if self.phase == Phase::Skip {
            return;
        }
        let event: &'static Event = if is_orig {
            &v::LOGIN_INPUT_LINE
        } else {
            &v::LOGIN_OUTPUT_LINE
        };
        if ctx.wants(event) {
            ctx.emit(event, [Value::Str(line.clone())]);
        }
        match self.phase {
            Phase::Authenticate if is_orig => self.typed_line(ctx, line),
            Phase::Authenticate => self.printed_line(ctx, &line),
            Phase::Confused if ctx.wants(&v::LOGIN_CONFUSED_TEXT) => {
                ctx.emit(&v::LOGIN_CONFUSED_TEXT, [Value::Str(line)]);
            }
            _ => {}
        }
    }

    fn typed_line(&mut self, ctx: &mut Context<'_>, line: Vec<u8>) {
        let line = if self.is_vms {
            recall(&line, &self.last_typed)
        } else {
            line
        };
        if self.options.is_dialog(&line) {
            // Echoed, it would pass for the server's words.
            ctx.emit(&v::POSSIBLE_TELNET_PLOY, [Value::Str(line.clone())]);
            ctx.emit(
                &v::LOGIN_CONFUSED,
                [Value::Text("possible_login_ploy"), Value::Str(line.clone())],
            );
        }
        if self.typed.len() >= MAX_TYPED_AHEAD {
            return self.confused(ctx, "excessive_typeahead", &line);
        }
        self.last_typed.clone_from(&line);
        self.typed.push_back(line);
    }

    fn printed_line(&mut self, ctx: &mut Context<'_>, line: &[u8]) {
        if line.iter().all(u8::is_ascii_whitespace) {
            return;
        }
        self.is_vms = self.is_vms || memchr::memmem::find(line, b"VMS").is_some();
        let options = Arc::clone(&self.options);
        // What the user typed comes back behind the prompt; only what stands before it are the server's words.
        let said = self.without_echo(line);
        if options.timeouts.is_in(said) {
            self.failed(ctx, line);
        } else if options.skip_authentication.is_in(said) {
            ctx.confirm();
            self.phase = Phase::Skip;
            ctx.emit(&v::AUTHENTICATION_SKIPPED, []);
        } else if options.success.is_in(said) {
            self.logged_in(ctx, line);
        } else if options.failure.is_in(said) && !options.non_failure.is_in(said) {
            self.failed(ctx, line);
        } else if let Some(end) = options.login_prompts.end_in(said) {
            self.asked_for_name(ctx, line, end);
        } else if options.password_prompts.is_in(said) {
            self.asked_for_password(ctx);
        } else if options.direct_login_prompts.is_in(said)
            || (self.password.is_some() && self.is_command(line))
        {
            self.logged_in(ctx, line);
        } else {
            self.unclear += 1;
            if self.unclear > MAX_UNCLEAR_LINES {
                let message = if self.password.is_some() {
                    "no_login_outcome"
                } else {
                    "no_login_prompt"
                };
                self.confused(ctx, message, line);
            }
        }
    }

    /// A line without the echo of anything that was typed, be it answered yet or typed ahead: the terminal shows it at once.
    fn without_echo<'l>(&self, line: &'l [u8]) -> &'l [u8] {
        let typed = self.typed.iter().filter(|typed| !typed.is_empty());
        typed
            .filter_map(|typed| line.strip_suffix(typed.as_slice()))
            .min_by_key(|said| said.len())
            .unwrap_or(line)
    }

    /// Whether a line is a shell's prompt with the echo of a command: who gets there is in, though nobody greeted him.
    fn is_command(&self, line: &[u8]) -> bool {
        const SHELLS: &[u8] = b"$#%>";
        let said = self.without_echo(line);
        said.len() < line.len()
            && said
                .trim_ascii_end()
                .last()
                .is_some_and(|last| SHELLS.contains(last))
    }

    /// A prompt that ends at `end` of a line; what is behind it is the echo of the answer.
    fn asked_for_name(&mut self, ctx: &mut Context<'_>, line: &[u8], end: usize) {
        ctx.confirm();
        if self.user.is_some() && self.password.is_some() {
            // It asks again without having said why.
            self.failed(ctx, line);
        }
        self.unclear = 0;
        let echo = shown(line.get(end..).unwrap_or_default());
        if echo.is_empty() {
            // Nothing is echoed to some, and nothing was answered by others: the prompt was printed again.
            if let Some(answer) = self.typed.pop_front() {
                self.user = Some(answer);
            }
            return;
        }
        // A server may throw away what was typed ahead; the answer is what it shows.
        let answer = self.typed.iter().position(|typed| is_reading(typed, &echo));
        match answer {
            Some(at) => self.user = self.typed.drain(..=at).next_back(),
            None if self.typed.is_empty() => self.user = Some(echo),
            None => {
                self.user = Some(echo);
                self.confused(ctx, "username_differs_from_echo", line);
            }
        }
    }

    fn asked_for_password(&mut self, ctx: &mut Context<'_>) {
        ctx.confirm();
        self.unclear = 0;
        if let Some(answer) = self.typed.pop_front() {
            self.password = Some(answer);
        }
    }

    fn outcome(&mut self, ctx: &mut Context<'_>, event: &'static Event, line: &[u8]) {
        ctx.confirm();
        self.unclear = 0;
        let user = self.user.take().unwrap_or_else(|| self.client_user.clone());
        let password = self.password.take().unwrap_or_default();
        if ctx.wants(event) {
            ctx.emit(
                event,
                [
                    Value::Str(user),
                    Value::Str(self.client_user.clone()),
                    Value::Str(password),
                    Value::Str(line.to_vec()),
                ],
            );
        }
    }

    fn failed(&mut self, ctx: &mut Context<'_>, line: &[u8]) {
        self.outcome(ctx, &v::LOGIN_FAILURE, line);
    }

    fn logged_in(&mut self, ctx: &mut Context<'_>, line: &[u8]) {
        self.phase = Phase::LoggedIn;
        self.typed = VecDeque::new();
        self.outcome(ctx, &v::LOGIN_SUCCESS, line);
    }

    fn confused(&mut self, ctx: &mut Context<'_>, message: &'static str, line: &[u8]) {
        self.phase = Phase::Confused;
        self.typed = VecDeque::new();
        ctx.emit(
            &v::LOGIN_CONFUSED,
            [Value::Text(message), Value::Str(line.to_vec())],
        );
    }

    /// Originator and responder are exchanged.
    pub fn flip(&mut self) {
        self.input.reset();
        self.output.reset();
    }
}

/// Whether a terminal may show this for what was typed: as it is, or with one or both of the keys that delete taken for
/// such.
fn is_reading(typed: &[u8], echo: &[u8]) -> bool {
    const KEYS: [&[u8]; 4] = [b"", b"\x7f", b"\x08", b"\x7f\x08"];
    KEYS.iter().any(|keys| {
        let mut read = Vec::with_capacity(typed.len());
        for &byte in typed {
            if keys.contains(&byte) {
                read.pop();
            } else {
                read.push(byte);
            }
        }
        read.trim_ascii() == echo
    })
}

/// What is left of an echo on the screen: characters taken back (`BS`, blank, `BS`) undone, no white space around it.
fn shown(echo: &[u8]) -> Vec<u8> {
    let mut screen = Vec::with_capacity(echo.len());
    let mut at = 0usize;
    for &byte in echo {
        match byte {
            0x08 => at = at.saturating_sub(1),
            _ => {
                if let Some(cell) = screen.get_mut(at) {
                    *cell = byte;
                } else {
                    screen.push(byte);
                }
                at += 1;
            }
        }
    }
    // Cells that were blanked at the end are blank.
    screen.trim_ascii().to_vec()
}

/// A line in which the keys that recall the line before (cursor up, ^B on VMS) are replaced by it.  A recalled line takes
/// the place of all that was typed before it, so only the last of the keys counts.  What grows beyond [`MAX_LINE`] by
/// being recalled again and again is cut there.
fn recall(line: &[u8], last: &[u8]) -> Vec<u8> {
    const KEYS: [&[u8]; 2] = [b"\x1b[A", b"\x02"];
    let behind = |key: &&[u8]| memchr::memmem::rfind(line, key).map(|at| at + key.len());
    let Some(end) = KEYS.iter().filter_map(behind).max() else {
        return line.to_vec();
    };
    let mut recalled = [last, line.get(end..).unwrap_or_default()].concat();
    recalled.truncate(MAX_LINE);
    recalled
}

/// What scripts ask and order.
impl Dialog {
    /// Carries out `set_login_state`, whose argument is the state as an octet.
    pub fn command(&mut self, name: &str, argument: &[u8]) {
        if let ("set_login_state", [state]) = (name, argument) {
            if let Some(phase) = Phase::from_number(u64::from(*state)) {
                self.phase = phase;
            }
        }
    }

    /// Answers `get_login_state`.
    pub fn query(&self, name: &str) -> Option<Value> {
        (name == "get_login_state").then_some(Value::Count(self.phase as u64))
    }
}
