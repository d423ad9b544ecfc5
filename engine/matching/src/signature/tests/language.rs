//! The text of signatures: what parses, what is refused, and how that is told.

use super::*;

#[test]
fn every_condition_and_action_parses() {
    let text = r##"
        # A comment, then everything there is.
        signature everything-1.2:x {
            ip-proto == tcp, udp
            src-ip == 10.0.0.0/8, 1.2.3.4, [fe80::1], [2001:db8::]/32, local_nets
            dst-ip != 1.2.3.4-1.2.3.9
            src-port == 5,7-10 dst-port >= Site::ports
            header ip[16:4] == 1.2.3.4/16, 5.6.7.8/24
            header tcp[13:1] & 0x12 == 2
            header ip6[6:1] != 0
            header icmp[0:1] < 8
            payload /^(\x16\x03[\x00\x01]|"#"[\/"]+\/)/i  # an escaped slash, and no comment in a quotation
            http /a/ http-request /b/s http-request-header /c/ http-request-body /d/
            http-reply-header /e/ http-reply-body /f/ ftp /g/ finger /h/
            requires-signature other requires-signature ! other
            requires-reverse-signature !other
            eval Module::function
            payload-size > 0x10
            same-ip
            tcp-state established, originator
            udp-state responder
            ip-options lsrr, ssrr
            event "message \"quoted\" \x41"
            event my_event "message"
            event My::event
            enable "http", "ssl"
        }
        signature other { file-magic /%PDF-/ file-mime "application/pdf", 110 file-mime "x/y",-5 file-mime "a/b" }
    "##;
    let signatures = parsed(text);
    assert_eq!(signatures.len(), 2);
    assert_eq!(signatures[0].id, "everything-1.2:x");
    assert_eq!(signatures[0].conditions.len(), 27);
    assert_eq!(signatures[0].position.line, 3);
    assert_eq!(signatures[0].position.column, 19);
    let event = |name: Option<&str>, message: Option<&str>| Action::Event {
        name: name.map(str::to_owned),
        message: message.map(|message| message.as_bytes().to_vec()),
    };
    assert_eq!(
        signatures[0].actions,
        [
            event(None, Some("message \"quoted\" A")),
            event(Some("my_event"), Some("message")),
            event(Some("My::event"), None),
            Action::Enable("http".to_owned()),
            Action::Enable("ssl".to_owned()),
        ]
    );
    let mime = |mime: &str, strength| Action::Mime {
        mime: mime.to_owned(),
        strength,
    };
    assert_eq!(
        signatures[1].actions,
        [mime("application/pdf", 110), mime("x/y", -5), mime("a/b", 0)]
    );
}

#[test]
fn an_error_shows_the_place() {
    let found = errors("signature a {\n\tpaylod /x/\n}\n");
    assert_eq!(
        found,
        ["test.sig:2:2: unknown condition or action \"paylod\"; did you mean \"payload\"?\n     paylod /x/\n     ^^^^^^"]
    );
    let found = errors("signature a { payload /x(y/ }\n");
    assert_eq!(
        found,
        [
            "test.sig:1:25: in this expression: this group is not closed; a \")\" is missing\n    \
          signature a { payload /x(y/ }\n                            ^"
        ]
    );
}

#[test]
fn all_errors_of_a_file_are_found() {
    let found = errors(
        r#"
signature a {
    ip-proto == tpc
    payload /[z-a]/
    dst-port = 80
    header ip[16:3] == 1
    tcp-state establshed
    udp-state established
    src-ip == 1.2.3.400
    src-ip == [fe80::zz]
    dst-port == 70000
    dst-port == 9-8
    event "open
    payload "x"
    ip-options foo
    requires-signature
}
stray
signature b {
    payload /x/
signature {
}
signature c {
    payload /x
"#,
    );
    let starts = [
        "3:17: unknown protocol \"tpc\"; did you mean \"tcp\"?",
        "4:15: in this expression: the end of this range",
        "5:14: a comparison expected",
        "6:18: the size must be 1, 2 or 4",
        "7:15: unknown state \"establshed\"; did you mean \"established\"?",
        "8:15: UDP has no connections",
        "9:15: this is no address",
        "10:22: \"]\" expected after an IPv6 address",
        "11:17: the value must be an integer from 0 to 65535",
        "12:19: the end of this range",
        "13:11: this string has no closing quote",
        "14:13: an expression between slashes expected after \"payload\"",
        "15:16: unknown IP option \"foo\"; there are eol",
        "17:1: the name of a signature expected",
        "18:1: a signature expected, but here is \"stray\"",
        "19:11: signature \"b\" is not closed",
        "21:11: a name for the signature expected",
        "22:1: a signature expected, but here is \"}\"",
        "24:13: this expression has no closing slash",
    ];
    for (found, start) in found.iter().zip(starts) {
        assert!(
            found.starts_with(&format!("test.sig:{start}")),
            "expected {start}, found {found}"
        );
    }
    assert_eq!(found.len(), starts.len());
}

#[test]
fn a_long_line_is_shown_in_part() {
    let text = format!("signature a {{ payload /{}/ paylod }}", "x".repeat(5000));
    let found = errors(&text);
    assert!(found[0].starts_with("test.sig:1:5026: unknown"), "{}", found[0]);
    assert!(found[0].len() < 400);
    let (line, caret) = found[0].split_once('\n').unwrap().1.split_once('\n').unwrap();
    assert_eq!(&line[caret.find('^').unwrap()..][..6], "paylod");
}

#[test]
fn errors_are_limited_in_number() {
    assert_eq!(errors(&"nonsense\n".repeat(10_000)).len(), MAX_ERRORS);
    assert_eq!(
        errors(&format!("signature a {{\n{}", "nonsense\n".repeat(10_000))).len(),
        MAX_ERRORS
    );
}

#[test]
fn compiling_checks_what_parsing_cannot() {
    let text = r#"
        signature a { requires-signature nowhere }
        signature a { dst-ip == unknown_net }
        signature b { file-magic /x/ payload /y/ }
    "#;
    let found = SignatureSet::compile(parsed(text), &mut NoNames).unwrap_err();
    let found: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert!(
        found[0].starts_with("test.sig:3:19: there is a signature \"a\" already at test.sig:2"),
        "{}",
        found[0]
    );
    assert!(
        found[1].starts_with("test.sig:2:42: there is no signature \"nowhere\""),
        "{}",
        found[1]
    );
    assert!(
        found[2].starts_with("test.sig:3:33: \"unknown_net\" is unknown"),
        "{}",
        found[2]
    );
    assert!(
        found[3].starts_with("test.sig:4:19: signature \"b\" has file-magic and"),
        "{}",
        found[3]
    );
    assert_eq!(found.len(), 4);
}

struct Names;

impl Resolver for Names {
    fn resolve(&mut self, name: &str, usage: NameUse) -> Result<Vec<NamedValue>, String> {
        Ok(match (name, usage) {
            ("Site::nets", NameUse::Address) => vec![
                NamedValue::Subnet("10.0.0.0".parse().unwrap(), 8),
                NamedValue::Subnet("fe80::".parse().unwrap(), 10),
            ],
            ("ports", NameUse::Port) => vec![NamedValue::Integer(80), NamedValue::Integer(8080)],
            _ => vec![NamedValue::Integer(1 << 20)],
        })
    }
}

#[test]
fn names_are_resolved_by_the_host() {
    let text = "signature a { src-ip == Site::nets dst-port == ports payload /x/ }";
    let set = SignatureSet::compile(parsed(text), &mut Names).unwrap();
    assert_eq!(Flow::with(set, 6).stream(true, b"x"), [">a"]);
    let set = SignatureSet::compile(parsed("signature a { src-ip != Site::nets }"), &mut Names).unwrap();
    assert_eq!(Flow::with(set, 6).begin(true), NOTHING);
    let wrong = SignatureSet::compile(parsed("signature a { dst-port == other }"), &mut Names).unwrap_err();
    assert!(wrong[0].message.contains("wrong type"));
}
