//! Dialogs as programs lead them, and as somebody leads them who wants to hide.

use bro_events::{Transport, Value};
use bro_session::analyzer::OptionStore;

use super::{RLOGIN, RSH, TELNET};
use crate::support::harness::{text, Harness};

fn set(strings: &[&'static str]) -> Value {
    Value::Set(strings.iter().map(|s| Value::Text(s)).collect())
}

fn options() -> OptionStore {
    let mut options = OptionStore::new();
    options.set("login_prompts", set(&["login:", "Username:"]));
    options.set("Login::password_prompts", set(&["assword"]));
    options.set("login_success_msgs", set(&["Last login"]));
    options.set("login_failure_msgs", set(&["incorrect", "invalid"]));
    options.set("login_non_failure_msgs", set(&["0 invalid attempts"]));
    options.set("login_timeouts", set(&["timed out"]));
    options.set("skip_authentication", set(&["PUBLIC LIBRARY"]));
    options.set("direct_login_prompts", set(&["TERMINAL?"]));
    options
}

fn telnet() -> Harness {
    Harness::with_options(&TELNET, 23, Transport::Tcp, &options())
}

/// Sends what a server prints (`<`) and what a client types (`>`), by turns.
fn play(h: &mut Harness, script: &[(char, &[u8])]) {
    for (side, data) in script {
        h.stream(*side == '>', data);
    }
}

/// Every event as its name and its strings.
fn events(h: &Harness) -> Vec<String> {
    let shown = |value: &Value| match value {
        Value::Conn(_) => None,
        Value::Bool(b) => Some(b.to_string()),
        other => Some(text(other)),
    };
    let line = |(name, args): &(&'static str, Vec<Value>)| {
        let args: Vec<String> = args.iter().filter_map(shown).collect();
        format!("{name}({})", args.join("|"))
    };
    h.sink.events.iter().map(line).collect()
}

/// The same without the lines themselves.
fn outcome(h: &Harness) -> Vec<String> {
    let lines = ["login_input_line", "login_output_line"];
    events(h)
        .into_iter()
        .filter(|e| !lines.iter().any(|l| e.starts_with(l)))
        .collect()
}

#[test]
fn a_failure_then_a_success() {
    let mut h = telnet();
    play(
        &mut h,
        &[
            ('<', b"\xff\xfd\x18host login: "),
            ('>', b"joe\r\0"),
            ('<', b"joe\r\nPassword: "),
            ('>', b"wrong\r\0"),
            ('<', b"\r\nLogin incorrect\r\nlogin: "),
            ('>', b"joe\r\0"),
            ('<', b"joe\r\nPassword: "),
            ('>', b"right\r\0"),
            ('<', b"\r\nLast login: Mon\r\n$ "),
            ('>', b"id\r\0"),
        ],
    );
    assert_eq!(
        outcome(&h),
        [
            "login_failure(joe||wrong|Login incorrect)",
            "login_success(joe||right|Last login: Mon)"
        ]
    );
    assert_eq!(events(&h).last().unwrap(), "login_input_line(id)");
    assert!(h.confirmations() > 0);
}

#[test]
fn a_shell_that_greets_nobody() {
    let mut h = telnet();
    play(
        &mut h,
        &[
            ('<', b"login: "),
            ('>', b"joe\r"),
            ('<', b"joe\r\nPassword: "),
            ('>', b"right\r"),
            ('<', b"\r\nWelcome!\r\nhost$ "),
            ('>', b"id\r"),
            ('<', b"id\r\n"),
        ],
    );
    assert_eq!(outcome(&h), ["login_success(joe||right|host$ id)"]);
}

#[test]
fn what_is_typed_ahead_answers_prompts_in_turn() {
    let mut h = telnet();
    play(
        &mut h,
        &[
            ('>', b"joe\r\nright\r\n"),
            (
                '<',
                b"joe\r\nright\r\nlogin: joe\r\nPassword: \r\nLast login: Mon\r\n",
            ),
        ],
    );
    assert_eq!(outcome(&h), ["login_success(joe||right|Last login: Mon)"]);
}

#[test]
fn a_server_that_threw_away_what_was_typed_ahead() {
    let mut h = telnet();
    play(
        &mut h,
        &[
            ('>', b"joe\r\n"),
            ('>', b"root\r\n"),
            ('<', b"login: root\r\nPassword: "),
            ('>', b"pw\r\n"),
            ('<', b"\r\nLast login: Mon\r\n"),
        ],
    );
    assert_eq!(outcome(&h), ["login_success(root||pw|Last login: Mon)"]);
}

#[test]
fn an_echo_that_nobody_typed_confuses() {
    let mut h = telnet();
    play(&mut h, &[('>', b"joe\r\n"), ('<', b"login: root\r\nmore\r\n")]);
    assert_eq!(
        outcome(&h),
        [
            "login_confused(username_differs_from_echo|login: root)",
            "login_confused_text(more)"
        ]
    );
}

#[test]
fn hiding_a_name() {
    // An option inside the word, NUL, packets of a byte each; keys that take back others stay for policy to read.
    for (typed, echo, user) in [
        (b"ro\xff\xfb\x18ot\r\0".as_slice(), b"root".as_slice(), "root"),
        (b"ro\0ot\r\0", b"root", "root"),
        (b"rb\x7foot\r\0", b"rb\x08 \x08oot", "rb\x7foot"),
        (b"rb\x08oot\r\0", b"rb\x08 \x08oot", "rb\x08oot"),
        (b"rb\xff\xf7oot\r\0", b"rb\x08 \x08oot", "rb\x7foot"),
    ] {
        let mut h = telnet();
        h.stream(false, b"login: ");
        h.stream_cut(true, typed, &[1]);
        h.stream(false, echo);
        h.stream(false, b"\r\nPassword: ");
        h.stream(true, b"x\r\0");
        h.stream(false, b"\r\nLogin incorrect\r\n");
        let found = outcome(&h);
        assert_eq!(
            found,
            [format!("login_failure({user}||x|Login incorrect)")],
            "{typed:?}"
        );
    }
}

#[test]
fn a_planted_prompt() {
    let mut h = telnet();
    play(
        &mut h,
        &[
            ('<', b"login: "),
            ('>', b"joe\r\n"),
            ('>', b"Password:\r\n"),
            ('<', b"joe\r\nPassword: \r\nLogin incorrect\r\n"),
        ],
    );
    assert_eq!(
        outcome(&h),
        [
            "possible_telnet_ploy(Password:)",
            "login_confused(possible_login_ploy|Password:)",
            "login_failure(joe||Password:|Login incorrect)"
        ]
    );
}

#[test]
fn a_planted_greeting_is_no_success() {
    let mut h = telnet();
    play(
        &mut h,
        &[
            ('<', b"login: "),
            ('>', b"Last login\r\n"),
            ('<', b"Last login\r\nPassword: "),
            ('>', b"x\r\n"),
            ('<', b"\r\nLogin incorrect\r\n"),
        ],
    );
    assert_eq!(
        outcome(&h).last().unwrap(),
        "login_failure(Last login||x|Login incorrect)"
    );
    assert!(!events(&h).iter().any(|e| e.starts_with("login_success")));
}

#[test]
fn hosts_that_ask_for_nothing() {
    let mut h = telnet();
    play(&mut h, &[('<', b"WELCOME TO THE PUBLIC LIBRARY\r\nlogin: x\r\n")]);
    assert_eq!(outcome(&h), ["authentication_skipped()"]);
    let mut h = telnet();
    play(&mut h, &[('<', b"TERMINAL? \r\n")]);
    assert_eq!(outcome(&h), ["login_success(|||TERMINAL? )"]);
}

#[test]
fn refusals_that_are_none_and_time_outs() {
    let mut h = telnet();
    play(&mut h, &[('<', b"0 invalid attempts\r\nlogin timed out\r\n")]);
    assert_eq!(outcome(&h), ["login_failure(|||login timed out)"]);
}

#[test]
fn losing_track() {
    let mut h = telnet();
    play(&mut h, &[('>', b"1\r2\r3\r4\r5\r6\r7\r8\r9\r10\r11\r")]);
    assert_eq!(outcome(&h), ["login_confused(excessive_typeahead|11)"]);
    let mut h = telnet();
    for _ in 0..51 {
        h.stream(false, b"text\r\n");
    }
    assert_eq!(outcome(&h), ["login_confused(no_login_prompt|text)"]);
    let mut h = telnet();
    h.gap(false, 0, 10);
    h.stream(true, b"x\r\n");
    assert_eq!(
        outcome(&h),
        ["login_confused(content_gap|)", "login_confused_text(x)"]
    );
}

#[test]
fn vms_recalls_lines() {
    let mut h = telnet();
    play(
        &mut h,
        &[
            ('<', b"OpenVMS\r\nUsername: "),
            ('>', b"system\r"),
            ('<', b"system\r\nPassword: "),
            ('>', b"x\r"),
            ('<', b"\r\ninvalid\r\nUsername: "),
            ('>', b"system\r"),
            ('>', b"\x1b[A!\r"),
            ('<', b"system\r\nPassword: \r\ninvalid\r\n"),
        ],
    );
    assert_eq!(
        outcome(&h),
        [
            "login_failure(system||x|invalid)",
            "login_failure(system||system!|invalid)"
        ]
    );
}

#[test]
fn what_options_tell() {
    let mut h = telnet();
    play(
        &mut h,
        &[
            ('<', b"\xff\xfd\x18\xff\xfd\x27\xff\xfd\x23\xff\xfd\x25"),
            ('>', b"\xff\xfb\x18\xff\xfb\x27\xff\xfb\x23\xff\xfb\x25"),
            ('<', b"\xff\xfa\x18\x01\xff\xf0\xff\xfa\x27\x01\xff\xf0"),
            ('>', b"\xff\xfa\x18\0xterm\xff\xf0\xff\xfa\x23\0host:0\xff\xf0"),
            ('>', b"\xff\xfa\x27\0\0USER\x01joe\x03TTYPROMPT\x01> \xff\xf0"),
            ('>', b"\xff\xfa\x25\x03joe\xff\xf0"),
            ('<', b"\xff\xfa\x25\x02\x02\0\x02\xff\xf0Last login: Mon\r\n"),
        ],
    );
    assert_eq!(
        outcome(&h),
        [
            "login_terminal(xterm)",
            "login_display(host:0)",
            "login_prompt(> )",
            "authentication_accepted(joe)",
            "login_success(joe|joe||Last login: Mon)"
        ]
    );
}

#[test]
fn options_that_do_not_fit() {
    let mut h = telnet();
    play(
        &mut h,
        &[
            ('>', b"\xff\xfa\x18\0xterm\xff\xf0"),
            ('<', b"\xff\xfd\x18"),
            (
                '>',
                b"\xff\xfb\x18\xff\xfa\x18\x07\xff\xf0\xff\xfa\x18\0x\xff\xf1",
            ),
        ],
    );
    assert_eq!(
        outcome(&h),
        [
            "inconsistent_option()",
            "login_terminal(xterm)",
            "bad_option()",
            "bad_option_termination()"
        ]
    );
}

#[test]
fn encryption_ends_the_analysis() {
    let mut h = telnet();
    play(
        &mut h,
        &[
            ('<', b"\xff\xfd\x26"),
            ('>', b"\xff\xfb\x26\xff\xfa\x26\x03\0\xff\xf0\x83\x84login:\r\n"),
            ('<', b"Login incorrect\r\n"),
        ],
    );
    assert_eq!(events(&h), ["activating_encryption()"]);
}

#[test]
fn encryption_that_nobody_agreed_to_hides_nothing() {
    let mut h = telnet();
    play(
        &mut h,
        &[
            ('<', b"login: "),
            ('>', b"\xff\xfb\x26\xff\xfa\x26\x03\0\xff\xf0root\r\n"),
            ('<', b"\xff\xfe\x26root\r\nPassword: "),
            ('>', b"x\r\n"),
            ('<', b"\r\nLogin incorrect\r\n"),
        ],
    );
    assert_eq!(
        outcome(&h),
        ["inconsistent_option()", "login_failure(root||x|Login incorrect)"]
    );
}

#[test]
fn a_greeting_typed_ahead_is_no_success() {
    let mut h = telnet();
    play(
        &mut h,
        &[
            ('>', b"root\r\nLast login\r\n"),
            (
                '<',
                b"root\r\nLast login\r\nlogin: \r\nPassword: \r\nLogin incorrect\r\n",
            ),
        ],
    );
    assert_eq!(
        outcome(&h),
        [
            "possible_telnet_ploy(Last login)",
            "login_confused(possible_login_ploy|Last login)",
            "login_failure(root||Last login|Login incorrect)"
        ]
    );
}

#[test]
fn recalled_lines_do_not_grow() {
    let mut h = telnet();
    h.stream(false, b"OpenVMS\r\n");
    let mut line = b"\x02".to_vec();
    line.resize(2000, b'a');
    line.push(b'\r');
    for _ in 0..100 {
        h.stream(false, b"Username: ");
        h.stream(true, &line);
        h.stream(false, b"\r\nPassword: ");
        h.stream(true, b"\x02\r");
        h.stream(false, b"\r\ninvalid\r\n");
    }
    let longest = outcome(&h).iter().map(String::len).max();
    assert!(longest.unwrap() < 5000, "{longest:?}");
}

#[test]
fn states_by_order_of_scripts() {
    let mut h = telnet();
    h.call(|a, ctx| {
        assert_eq!(a.query("get_login_state"), Some(Value::Count(0)));
        a.command(ctx, "set_login_state", &[2]);
        assert_eq!(a.query("get_login_state"), Some(Value::Count(2)));
        a.command(ctx, "set_login_state", &[9]);
        assert_eq!(a.query("get_login_state"), Some(Value::Count(2)));
    });
    h.stream(true, b"unseen\r\n");
    assert!(events(&h).is_empty());
}

#[test]
fn rlogin_with_and_without_a_password() {
    let mut h = Harness::with_options(&RLOGIN, 513, Transport::Tcp, &options());
    h.stream_cut(true, b"\0joe\0root\0xterm/38400\0", &[3]);
    h.stream(false, b"\0");
    h.stream(true, b"\xff\xffss\0\x18\0\x50\0\0\0\0");
    h.stream(false, b"Password: ");
    h.stream(true, b"secret\r");
    h.stream(false, b"\r\nLast login: Mon\r\n");
    assert_eq!(
        outcome(&h),
        [
            "login_terminal(xterm)",
            "login_success(root|joe|secret|Last login: Mon)"
        ]
    );
    let mut h = Harness::with_options(&RLOGIN, 513, Transport::Tcp, &options());
    h.stream(true, b"GET / HTTP/1.0\r\n");
    assert_eq!(h.violations(), ["no rlogin prologue"]);
}

#[test]
fn rsh_commands() {
    let mut h = Harness::new(&RSH, 514, Transport::Tcp);
    h.stream_cut(true, b"1022\0joe\0root\0cat - > /etc/passwd\0toor::0:0\n", &[7]);
    h.stream(false, b"\0done\n");
    assert_eq!(
        events(&h),
        [
            "rsh_request(joe|root|cat - > /etc/passwd|true)",
            "rsh_request(joe|root|toor::0:0|false)",
            "rsh_reply(joe|root|done)"
        ]
    );
    let mut h = Harness::new(&RSH, 514, Transport::Tcp);
    h.stream(true, b"0\0joe\0root\0id\0");
    h.stream(false, b"\x01Permission denied.\n");
    h.stream(true, b"more\n");
    assert_eq!(h.sink.weirds.len(), 1);
    let mut h = Harness::new(&RSH, 514, Transport::Tcp);
    h.stream(true, b"123456\0");
    assert_eq!(h.violations(), ["no rsh prologue"]);
}
