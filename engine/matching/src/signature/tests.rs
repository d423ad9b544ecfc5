//! The language, and what connections make of it.

use std::net::IpAddr;
use std::sync::Arc;

use super::*;

fn parsed(text: &str) -> Vec<Signature> {
    parse("test.sig", text.as_bytes()).unwrap_or_else(|errors| panic!("{}", errors[0]))
}

fn errors(text: &str) -> Vec<String> {
    parse("test.sig", text.as_bytes())
        .unwrap_err()
        .iter()
        .map(ToString::to_string)
        .collect()
}

fn compiled(text: &str) -> SignatureSet {
    SignatureSet::compile(parsed(text), &mut NoNames).unwrap_or_else(|errors| panic!("{}", errors[0]))
}

const CLIENT: &str = "10.0.0.1";
const SERVER: &str = "192.168.1.80";

/// A connection under test.
struct Flow {
    matcher: SignatureMatcher,
    flow: FlowMatcher,
    established: bool,
    /// `eval` functions and what they say; called ones are noted.
    agrees: Box<dyn EvalHost>,
    facts: PacketFacts<'static>,
    last: Vec<SignatureMatch>,
}

impl Flow {
    fn tcp(text: &str) -> Flow {
        Flow::with(compiled(text), 6)
    }

    fn udp(text: &str) -> Flow {
        Flow::with(compiled(text), 17)
    }

    fn with(set: SignatureSet, protocol: u8) -> Flow {
        let facts = PacketFacts {
            is_orig: true,
            source: CLIENT.parse().unwrap(),
            destination: SERVER.parse().unwrap(),
            source_port: 40_000,
            destination_port: 80,
            protocol,
            ip_header: &[],
            transport_header: &[],
        };
        let matcher = SignatureMatcher::new(Arc::new(set));
        Flow {
            matcher,
            flow: FlowMatcher::default(),
            established: true,
            agrees: Box::new(|_: &EvalRequest<'_>| true),
            facts,
            last: vec![],
        }
    }

    fn names(&mut self, out: Vec<SignatureMatch>) -> Vec<String> {
        let set = self.matcher.set();
        let names = out.iter().map(|found| {
            format!(
                "{}{}",
                if found.is_orig { ">" } else { "<" },
                set.get(found.signature).unwrap().id
            )
        });
        let names = names.collect();
        self.last = out;
        names
    }

    fn status(&self) -> FlowStatus {
        FlowStatus {
            established: self.established,
        }
    }

    fn begin(&mut self, is_orig: bool) -> Vec<String> {
        let mut facts = PacketFacts {
            is_orig,
            ..self.facts
        };
        if !is_orig {
            std::mem::swap(&mut facts.source, &mut facts.destination);
            std::mem::swap(&mut facts.source_port, &mut facts.destination_port);
        }
        let mut out = Vec::new();
        let status = self.status();
        self.flow
            .begin(&mut self.matcher, &facts, status, &mut *self.agrees, &mut out);
        self.names(out)
    }

    fn packet(&mut self, is_orig: bool, data: &[u8]) -> Vec<String> {
        let mut found = self.begin(is_orig);
        let mut out = Vec::new();
        let status = self.status();
        self.flow.packet(
            &mut self.matcher,
            data,
            is_orig,
            status,
            &mut *self.agrees,
            &mut out,
        );
        found.extend(self.names(out));
        found
    }

    fn chunk(&mut self, is_orig: bool, data: &[u8], begin: bool, end: bool) -> Vec<String> {
        let mut found = self.begin(is_orig);
        let mut out = Vec::new();
        let status = self.status();
        let chunk = Chunk {
            data,
            is_orig,
            begin,
            end,
        };
        self.flow
            .stream(&mut self.matcher, chunk, status, &mut *self.agrees, &mut out);
        found.extend(self.names(out));
        found
    }

    fn stream(&mut self, is_orig: bool, data: &[u8]) -> Vec<String> {
        self.chunk(is_orig, data, false, false)
    }

    fn content(&mut self, context: Context, is_orig: bool, data: &[u8], begin: bool) -> Vec<String> {
        let mut found = self.begin(is_orig);
        let mut out = Vec::new();
        let status = self.status();
        let chunk = Chunk {
            data,
            is_orig,
            begin,
            end: false,
        };
        self.flow.content(
            &mut self.matcher,
            context,
            chunk,
            status,
            &mut *self.agrees,
            &mut out,
        );
        found.extend(self.names(out));
        found
    }

    fn finish(&mut self) -> Vec<String> {
        let mut out = Vec::new();
        let status = self.status();
        self.flow
            .finish(&mut self.matcher, status, &mut *self.agrees, &mut out);
        self.names(out)
    }
}

const NOTHING: [&str; 0] = [];

// The language.

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

// Header conditions.

fn header_holds(conditions: &str, change: impl FnOnce(&mut PacketFacts<'static>)) -> bool {
    let mut flow = Flow::tcp(&format!("signature a {{ {conditions} }}"));
    change(&mut flow.facts);
    !flow.begin(flow.facts.is_orig).is_empty()
}

#[test]
fn addresses_compare() {
    let holds = |conditions: &str| header_holds(conditions, |_| {});
    assert!(holds("src-ip == 10.0.0.1"));
    assert!(holds("src-ip == 9.9.9.9, 10.0.0.0/8"));
    assert!(!holds("src-ip == 10.0.0.2"));
    assert!(holds("src-ip != 9.9.9.9, 10.0.0.2"));
    assert!(!holds("src-ip != 9.9.9.9, 10.0.0.1"), "with !=, all must differ");
    assert!(holds("dst-ip > 192.168.1.79"));
    assert!(holds("dst-ip == 192.168.1.1-192.168.1.99"));
    assert!(!holds("dst-ip == [::]/0"));
    assert!(holds("dst-ip != [::]/0"));
    assert!(
        holds("dst-ip == [::ffff:192.168.1.80]"),
        "a mapped address is the one it maps"
    );
    assert!(holds("src-ip == 0.0.0.0/0"));
    assert!(!holds("same-ip"));
    assert!(header_holds("same-ip", |facts| facts.destination = facts.source));
    let v6 = |facts: &mut PacketFacts<'static>| facts.source = "fe80::1".parse::<IpAddr>().unwrap();
    assert!(header_holds("src-ip == [fe80::0]/16", v6));
    assert!(!header_holds("src-ip == [fe80::2]/128", v6));
}

#[test]
fn ports_and_protocols_compare() {
    let holds = |conditions: &str| header_holds(conditions, |_| {});
    assert!(holds("dst-port == 80"));
    assert!(holds("dst-port == 1,79-81"));
    assert!(!holds("dst-port == 81-90"));
    assert!(holds("dst-port < 1024 src-port >= 1024"));
    assert!(holds("dst-port != 25"));
    assert!(holds("dst-port == 1-65535"));
    assert!(holds("dst-port == 80 src-port == 40000"));
    assert!(!holds("dst-port == 80 src-port == 40001"));
    assert!(holds("src-port == 40000"));
    assert!(holds("ip-proto == tcp"));
    assert!(holds("ip-proto == udp, 6"));
    assert!(!holds("ip-proto != tcp"));
    assert!(holds("ip-proto == ip"), "this restricts nothing");
    assert!(!holds("ip-proto == udp"));
    assert!(header_holds("ip-proto == 132", |facts| facts.protocol = 132));
    assert!(!header_holds("ip-proto == tcp", |facts| facts.protocol = 132));
    assert!(header_holds("ip-proto == icmp6", |facts| facts.protocol = 58));
    assert!(!holds("udp-state originator"));
    assert!(holds("tcp-state originator"));
    assert!(!holds("tcp-state responder"));
    assert!(holds("tcp-state stateless"));
}

/// 10.0.0.1 to 192.168.1.80, with options NOP and record route.
const IP: &[u8] = &[
    0x47, 0, 0, 48, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 192, 168, 1, 80, // fixed
    1, 7, 7, 4, 0, 0, 0, 0, // options
    0x1f, 0x90,
];

#[test]
fn header_bytes_compare() {
    let holds = |conditions: &str| {
        header_holds(conditions, |facts| {
            facts.ip_header = IP;
            facts.transport_header = &IP[28..];
        })
    };
    assert!(holds("header ip[16:4] == 1.2.3.4/16, 192.168.99.99/16"));
    assert!(!holds("header ip[16:4] == 192.169.0.0/16"));
    assert!(holds("header ip[16:4] != 192.169.0.0/16"));
    assert!(holds("header ip[0:1] & 0xf0 == 0x40"));
    assert!(holds("header ip[2:2] == 40-50"));
    assert!(holds("header ip[2:2] > 47"));
    assert!(holds("header tcp[0:2] == 8080"));
    assert!(
        !holds("header tcp[1:2] == 0x9000"),
        "what lies beyond the packet compares with nothing"
    );
    assert!(!holds("header tcp[1:2] != 0x9000"));
    assert!(!holds("header udp[0:2] == 8080"));
    assert!(!holds("header ip6[0:1] == 0x47"));
    assert!(holds("ip-options rr"));
    assert!(holds("ip-options lsrr, nop"));
    assert!(!holds("ip-options lsrr, ssrr"));
}

#[test]
fn malformed_options_end_the_list() {
    let with = |options: &'static [u8]| header_holds("ip-options rr", |facts| facts.ip_header = options);
    assert!(!with(&[]));
    assert!(!with(&[0x4f; 19]));
    let mut header = [0u8; 60];
    header[0] = 0x4f;
    header[20] = 68;
    header[21] = 0;
    header[22] = 7;
    assert!(!with(header.to_vec().leak()), "a length of 0 would never end");
    header[21] = 2;
    assert!(with(header.to_vec().leak()));
    header[21] = 200;
    assert!(!with(header.to_vec().leak()));
}

#[test]
fn header_conditions_hold_per_direction() {
    let text = "signature a { dst-port == 80 payload /x/ } signature b { src-port == 80 payload /x/ }";
    let mut flow = Flow::tcp(text);
    assert_eq!(flow.stream(true, b"x"), [">a"]);
    assert_eq!(flow.stream(false, b"x"), ["<b"]);
}

// Contents.

#[test]
fn expressions_are_anchored_and_matched_once() {
    let text =
        "signature a { payload /GET / } signature b { payload /.*root/ } signature c { payload /root/ }";
    let mut flow = Flow::tcp(text);
    assert_eq!(flow.stream(true, b"GET /ro"), [">a"]);
    assert_eq!(flow.last[0].end_of_match, 4);
    assert!(!flow.flow.payload_done(true));
    assert_eq!(flow.stream(true, b"ot/root"), [">b"], "across pieces");
    assert_eq!((flow.last[0].end_of_match, flow.last[0].payload_size), (2, 7));
    assert!(flow.flow.payload_done(true), "all that could match has");
    assert_eq!(flow.stream(true, b"GET /root"), NOTHING);
    assert_eq!(flow.stream(false, b"GET /"), ["<a"], "once for each direction");
}

#[test]
fn a_stream_is_done_when_nothing_can_match() {
    let mut flow = Flow::tcp("signature a { ip-proto == tcp payload /\\x16\\x03/ tcp-state originator }");
    assert!(!flow.flow.payload_done(true));
    assert_eq!(flow.begin(false), NOTHING);
    assert!(
        flow.flow.payload_done(false),
        "no signature is for this direction"
    );
    assert_eq!(flow.stream(true, b"\x16"), NOTHING);
    assert!(!flow.flow.payload_done(true));
    assert_eq!(flow.stream(true, b"\x04"), NOTHING);
    assert!(flow.flow.payload_done(true));

    let mut flow = Flow::tcp("signature a { payload /.*x/ }");
    flow.stream(true, b"abc");
    assert!(!flow.flow.payload_done(true));
    flow.flow.gap(true);
    assert!(flow.flow.payload_done(true));
    assert_eq!(flow.stream(true, b"x"), NOTHING);
}

#[test]
fn datagrams_are_matched_each_by_itself() {
    let mut flow = Flow::udp("signature a { payload /ab/ } signature b { payload /[a-z]+$/ event \"b\" }");
    assert_eq!(flow.packet(true, b"a"), [">b"]);
    assert_eq!(flow.packet(true, b"b"), NOTHING);
    assert_eq!(flow.packet(true, b"ab."), [">a"]);
    assert!(flow.flow.payload_done(true), "both have matched");
}

#[test]
fn the_end_of_a_stream_counts() {
    let mut flow = Flow::tcp("signature a { payload /.*bye$/ }");
    assert_eq!(flow.chunk(true, b"bye", true, false), NOTHING);
    assert_eq!(flow.chunk(true, b"bye", false, true), [">a"]);
    let mut flow = Flow::tcp("signature a { payload /.*bye$/ }");
    assert_eq!(flow.stream(true, b"bye"), NOTHING);
    assert_eq!(
        flow.chunk(true, b"", false, true),
        [">a"],
        "the end may come by itself"
    );
}

#[test]
fn all_conditions_must_hold() {
    let text = "signature a { payload /.*one/ payload /.*two/ http-request /\\/x/ }";
    let mut flow = Flow::tcp(text);
    assert_eq!(flow.stream(true, b"two one"), NOTHING);
    assert_eq!(flow.content(Context::HttpRequest, true, b"/y", true), NOTHING);
    assert_eq!(flow.content(Context::HttpRequest, true, b"/", true), NOTHING);
    assert_eq!(
        flow.content(Context::HttpRequest, true, b"x", false),
        [">a"],
        "contents go on in pieces"
    );
    assert_eq!(flow.content(Context::HttpRequest, true, b"/x", true), NOTHING);
}

#[test]
fn contexts_are_apart() {
    let text =
        "signature a { http-request /x/ } signature b { http-reply-body /x/ } signature c { payload /y/ }";
    let set = compiled(text);
    assert!(set.uses(Context::HttpRequest) && !set.uses(Context::Ftp));
    let mut flow = Flow::with(set, 6);
    assert_eq!(flow.stream(true, b"x"), NOTHING);
    assert_eq!(flow.content(Context::HttpReplyBody, false, b"x", true), ["<b"]);
    assert_eq!(flow.content(Context::HttpRequest, true, b"x", true), [">a"]);
    assert_eq!(flow.content(Context::Ftp, true, b"x", true), NOTHING);
}

// Dependencies and context.

#[test]
fn requirements_are_met_in_any_order() {
    let text = r#"
        signature client { payload /GET / tcp-state originator requires-reverse-signature server enable "http" }
        signature server { payload /HTTP/ tcp-state responder }
        signature late { requires-signature server payload /GET/ }
    "#;
    let mut flow = Flow::tcp(text);
    assert_eq!(flow.stream(true, b"GET / HTTP/1.1"), NOTHING);
    assert_eq!(
        flow.stream(false, b"HTTP/1.1 200 OK"),
        ["<server", ">client", ">late"]
    );
    assert!(flow.last[0].by_data && !flow.last[1].by_data);
    assert!(flow
        .flow
        .has_matched(flow.matcher.set().find("client").unwrap(), true));

    let mut flow = Flow::tcp(text);
    assert_eq!(flow.stream(false, b"HTTP/1.1 200 OK"), ["<server"]);
    assert_eq!(flow.stream(true, b"GET / HTTP/1.1"), [">late", ">client"]);
}

#[test]
fn a_reverse_requirement_is_about_the_other_direction() {
    let text = "signature a { payload /x/ } signature b { payload /.y/ requires-reverse-signature a }";
    let mut flow = Flow::tcp(text);
    assert_eq!(flow.stream(true, b"xy"), [">a"]);
    assert_eq!(flow.stream(false, b"zy"), ["<b"]);
}

#[test]
fn requirements_in_a_circle_never_hold() {
    let text =
        "signature a { payload /x/ requires-signature b } signature b { payload /x/ requires-signature a }";
    let mut flow = Flow::tcp(text);
    assert_eq!(flow.stream(true, b"x"), NOTHING);
    assert_eq!(flow.finish(), NOTHING);
}

#[test]
fn what_must_not_match_is_decided_in_the_end() {
    let text = r#"
        signature a { payload /x/ requires-signature !b }
        signature b { payload /x/ requires-signature !c }
        signature c { payload /y/ }
        signature d { payload /x/ requires-reverse-signature !c }
    "#;
    let mut flow = Flow::tcp(text);
    assert_eq!(flow.stream(true, b"x"), NOTHING);
    assert_eq!(
        flow.finish(),
        [">b", ">d"],
        "a is decided after b, on which it depends"
    );
    assert_eq!(flow.finish(), NOTHING);

    let mut flow = Flow::tcp(text);
    assert_eq!(flow.stream(true, b"x"), NOTHING);
    assert_eq!(flow.stream(false, b"y"), ["<c"]);
    assert_eq!(flow.finish(), [">a"]);
}

#[test]
fn established_is_waited_for() {
    let text =
        "signature a { payload /x/ tcp-state established } signature b { tcp-state established,responder }";
    let mut flow = Flow::tcp(text);
    flow.established = false;
    assert_eq!(flow.stream(true, b"x"), NOTHING);
    assert!(!flow.flow.payload_done(true), "it still waits");
    flow.established = true;
    assert_eq!(flow.stream(true, b"z"), [">a"]);
    assert!(flow.flow.payload_done(true));
    assert_eq!(flow.begin(false), ["<b"]);

    let mut flow = Flow::tcp(text);
    flow.established = false;
    assert_eq!(flow.stream(true, b"x"), NOTHING);
    let mut out = Vec::new();
    flow.flow.update(
        &mut flow.matcher,
        FlowStatus { established: true },
        &mut NoEval,
        &mut out,
    );
    assert_eq!(out.len(), 1);
}

#[test]
fn payload_size_is_that_of_the_first_piece_or_of_each_datagram() {
    let text = "signature a { payload-size > 3 payload /x/ } signature b { payload-size == 2 }";
    let mut flow = Flow::tcp(text);
    assert_eq!(flow.begin(true), NOTHING);
    assert_eq!(flow.chunk(true, b"", true, false), NOTHING, "no payload yet");
    assert_eq!(flow.stream(true, b"xx"), [">b"]);
    assert_eq!(flow.stream(true, b"xxxx"), NOTHING);
    let mut flow = Flow::udp(text);
    assert_eq!(flow.packet(true, b"x"), NOTHING);
    assert_eq!(flow.packet(true, b"xxxx"), [">a"]);
    assert_eq!(flow.packet(true, b"yy"), [">b"]);
    let mut flow = Flow::udp("signature a { payload-size == 0 }");
    assert_eq!(flow.packet(true, b""), [">a"], "an empty datagram has a size");
}

#[test]
fn functions_are_asked_last() {
    use std::sync::Mutex;
    let calls: &'static Mutex<Vec<String>> = Box::leak(Box::new(Mutex::new(Vec::new())));
    let host = |request: &EvalRequest<'_>| {
        let data = String::from_utf8_lossy(request.data).into_owned();
        calls
            .lock()
            .unwrap()
            .push(format!("{}({data})", request.function));
        request.data == b"ok"
    };
    let text = "signature a { payload /.*k/ payload /o/ eval f } signature b { payload /n/ eval g }";
    let mut flow = Flow::udp(text);
    flow.agrees = Box::new(host);
    assert_eq!(flow.packet(true, b"o"), NOTHING);
    assert_eq!(flow.packet(true, b"no k"), NOTHING);
    assert_eq!(flow.packet(true, b"ok"), [">a"], "a datagram is a new chance");
    assert_eq!(
        std::mem::take(&mut *calls.lock().unwrap()),
        ["g(no k)", "f(no k)", "f(ok)"]
    );

    let mut flow = Flow::tcp(text);
    flow.agrees = Box::new(host);
    assert_eq!(flow.stream(true, b"n"), NOTHING);
    assert_eq!(
        flow.stream(true, b"ok"),
        NOTHING,
        "in a stream, a function's no is final"
    );
    assert_eq!(*calls.lock().unwrap(), ["g(n)"]);
    assert_eq!(flow.matcher.set().eval_functions(), ["f", "g"]);
}

#[test]
fn signatures_without_contents_match_the_first_packet() {
    let mut flow = Flow::tcp("signature a { dst-port == 80 event \"seen\" } signature b { ip-proto == tcp }");
    assert_eq!(flow.begin(true), [">a", ">b"]);
    assert_eq!(flow.begin(true), NOTHING);
    assert_eq!(flow.packet(true, b""), NOTHING);
    assert!(flow.flow.payload_done(true));
}

#[test]
fn data_before_the_first_packet_is_ignored() {
    let mut flow = Flow::tcp("signature a { payload /x/ }");
    let mut out = Vec::new();
    let chunk = Chunk {
        data: b"x",
        is_orig: true,
        begin: true,
        end: false,
    };
    flow.flow.stream(
        &mut flow.matcher,
        chunk,
        FlowStatus::default(),
        &mut NoEval,
        &mut out,
    );
    assert!(out.is_empty());
}

#[test]
fn a_flow_is_small() {
    assert!(
        std::mem::size_of::<FlowMatcher>() <= 64,
        "{}",
        std::mem::size_of::<FlowMatcher>()
    );
}

#[test]
fn many_signatures_are_matched_in_one_pass() {
    let text: String = (0..500)
        .map(|number| {
            format!("signature s{number} {{ ip-proto == tcp payload /.*(word{number}|w{number}[0-9]x)$/ }}\n")
        })
        .collect();
    let mut flow = Flow::tcp(&text);
    let data = b"nothing to see here, move along, word77 word499";
    assert_eq!(flow.chunk(true, data, true, true), [">s499"]);
    let stats = flow.matcher.stats(Context::Payload).unwrap();
    assert_eq!(stats.scanned, data.len() as u64);
}

#[test]
fn candidates_are_shared() {
    let set = Arc::new(compiled(
        "signature a { dst-port == 80 payload /.*x/ } signature b { payload /.*y/ }",
    ));
    let mut matcher = SignatureMatcher::new(set);
    let mut flows = Vec::new();
    for number in 0..10 {
        let facts = PacketFacts {
            is_orig: true,
            source: CLIENT.parse().unwrap(),
            destination: SERVER.parse().unwrap(),
            source_port: number,
            destination_port: 79 + number % 2,
            protocol: 6,
            ip_header: &[],
            transport_header: &[],
        };
        let mut flow = FlowMatcher::default();
        let mut out = Vec::new();
        flow.begin(&mut matcher, &facts, FlowStatus::default(), &mut NoEval, &mut out);
        let chunk = Chunk {
            data: b"abc",
            is_orig: true,
            begin: true,
            end: false,
        };
        flow.stream(&mut matcher, chunk, FlowStatus::default(), &mut NoEval, &mut out);
        flows.push(flow);
    }
    // The dead state, and one state for each of the two kinds of connection.
    assert_eq!(matcher.stats(Context::Payload).unwrap().states, 3);
}

// Files.

#[test]
fn file_types_come_strongest_first() {
    let text = r#"
        signature pdf { file-magic /^%PDF-/ file-mime "application/pdf", 110 }
        signature text { file-magic /[[:print:][:space:]]+$/ file-mime "text/plain", -20 }
        signature b { file-magic /%/ file-mime "b/b", 5 }
        signature a { file-magic /.P/ file-mime "a/a", 5 file-mime "x/x" }
        signature two { file-magic /%PDF/ file-magic /.*trailer/ file-mime "application/pdf", 110 }
        signature both { file-magic /%PDF/ file-magic /nothing/ file-mime "no/no", 500 }
        signature traffic { payload /%PDF/ event "no file" }
    "#;
    let matcher = MimeMatcher::compile(&parsed(text)).unwrap();
    assert_eq!(matcher.len(), 6);
    let types = |data: &[u8], complete| -> Vec<String> {
        let found = matcher.identify(data, complete);
        found
            .iter()
            .map(|found| format!("{} {}", found.mime, found.strength))
            .collect()
    };
    assert_eq!(
        types(b"%PDF-1.4 trailer", false),
        ["application/pdf 110", "a/a 5", "b/b 5", "x/x 0"]
    );
    assert_eq!(types(b"some text\n", false), NOTHING);
    assert_eq!(types(b"some text\n", true), ["text/plain -20"]);
    assert_eq!(
        matcher.best(b"%!", false),
        Some(MimeMatch {
            mime: "b/b",
            strength: 5
        })
    );
    assert_eq!(matcher.best(b"", true), None);
    let none = MimeMatcher::compile(&[]).unwrap();
    assert!(none.is_empty() && none.identify(b"x", true).is_empty());
}

#[test]
fn file_signatures_do_not_match_traffic() {
    let mut flow = Flow::tcp("signature a { file-magic /x/ file-mime \"a/b\" }");
    assert_eq!(flow.stream(true, b"x"), NOTHING);
}

#[test]
fn everything_can_go_to_another_thread() {
    fn is_send<T: Send>() {}
    fn is_shared<T: Send + Sync>() {}
    is_send::<SignatureMatcher>();
    is_send::<FlowMatcher>();
    is_shared::<SignatureSet>();
    is_shared::<MimeMatcher>();
    is_shared::<crate::Pattern>();
    is_shared::<crate::PatternSet>();
}

#[test]
fn a_flow_of_another_set_is_safe() {
    let long = format!(
        "signature a {{ payload /.*{}x/ }} signature b {{ payload /.*y/ }}",
        "[a-w]{50}"
    );
    let mut flow = Flow::tcp(&long);
    assert_eq!(flow.stream(true, &[b'a'; 30]), NOTHING);
    flow.matcher = SignatureMatcher::new(Arc::new(compiled("signature c { payload /z/ }")));
    assert_eq!(flow.stream(true, b"zy"), NOTHING);
    assert_eq!(flow.stream(false, b"z"), ["<c"]);
}
