use bro_events::{Transport, Value};
use bro_session::analyzer::{Forwarded, OptionStore, TreeChange};
use proptest::prelude::*;

use super::*;
use crate::support::harness::{text, Harness};

fn talk(turns: &[(bool, &[u8])]) -> Harness {
    let mut h = Harness::new(&FTP, 21, Transport::Tcp);
    for (is_orig, data) in turns {
        h.stream(*is_orig, data);
    }
    h
}

fn requests(h: &Harness) -> Vec<(String, String)> {
    h.sink
        .named("ftp_request")
        .iter()
        .map(|a| (text(&a[1]), text(&a[2])))
        .collect()
}

fn replies(h: &Harness) -> Vec<(u64, String, bool)> {
    h.sink
        .named("ftp_reply")
        .iter()
        .map(|a| match (&a[1], &a[3]) {
            (Value::Count(code), Value::Bool(more)) => (*code, text(&a[2]), *more),
            other => panic!("{other:?}"),
        })
        .collect()
}

fn pair(command: &str, arg: &str) -> (String, String) {
    (command.to_owned(), arg.to_owned())
}

fn forwarded(h: &Harness, is_orig: bool) -> Vec<u8> {
    let mut all = Vec::new();
    for change in &h.changes {
        if let TreeChange::Forward(Forwarded::Stream(side, data)) = change {
            if *side == is_orig {
                all.extend_from_slice(data);
            }
        }
    }
    all
}

fn children(h: &Harness) -> Vec<&'static str> {
    h.changes
        .iter()
        .filter_map(|c| match c {
            TreeChange::AddChild(tag) => Some(*tag),
            _ => None,
        })
        .collect()
}

#[test]
fn a_session() {
    let h = talk(&[
        (false, b"220-Hello\r\n there\r\n220 ready\r\n"),
        (true, b"user  anonymous\r\nPASS a@b c\r\n"),
        (false, b"331 go\r\n230 in\r\n"),
        (true, b"  RETR\tsome file \r\n\r\nPWD\n"),
    ]);
    assert_eq!(
        requests(&h),
        [
            pair("USER", "anonymous"),
            pair("PASS", "a@b c"),
            pair("RETR", "some file "),
            pair("<missing>", ""),
            pair("PWD", ""),
        ]
    );
    let reply = |code, text: &str, more| (code, text.to_owned(), more);
    assert_eq!(
        replies(&h),
        [
            reply(220, "Hello", true),
            reply(220, " there", true),
            reply(220, "ready", false),
            reply(331, "go", false),
            reply(230, "in", false),
        ]
    );
    assert_eq!(h.confirmations(), 1);
    assert!(h.violations().is_empty() && h.sink.weirds.is_empty());
}

#[test]
fn a_word_with_an_option_or_a_nul_inside_is_seen_whole() {
    let h = talk(&[(
        true,
        b"RE\xff\xfb\x18TR /etc/pa\xff\xfa\x18\0x\xff\xf0sswd\r\nST\0OR x\r\n",
    )]);
    assert_eq!(requests(&h), [pair("RETR", "/etc/passwd"), pair("STOR", "x")]);
    assert_eq!(h.sink.weird_names(), ["NUL_in_line"]);
    assert_eq!(h.sink.weirds[0].source, "NVT");
}

#[test]
fn lines_with_cr_alone() {
    let h = talk(&[(true, b"USER a\rPASS b\r\n")]);
    assert_eq!(requests(&h), [pair("USER", "a"), pair("PASS", "b")]);
    assert_eq!(h.sink.weird_names(), ["line_terminated_with_single_CR"]);
}

#[test]
fn a_reply_that_is_none() {
    let h = talk(&[(true, b"SYST\r\n"), (false, b"99 PASV invalid\r\n")]);
    assert_eq!(h.violations(), ["non-numeric reply code"]);
    assert!(replies(&h).is_empty());
}

#[test]
fn long_commands_are_cut() {
    let mut options = OptionStore::new();
    options.set("FTP::max_command_length", Value::Count(4));
    let mut h = Harness::with_options(&FTP, 21, Transport::Tcp, &options);
    h.stream(true, b"abcdef x\r\nabcd x\r\n");
    assert_eq!(requests(&h), [pair("ABCD", "x"), pair("ABCD", "x")]);
    assert_eq!(h.sink.weird_names(), ["FTP_max_command_length_exceeded"]);
    assert_eq!(h.sink.weirds[0].addl, "6");
}

#[test]
fn overlong_lines_are_bounded() {
    let mut h = talk(&[]);
    for _ in 0..100 {
        h.stream(true, &[b'A'; 10_000]);
    }
    h.stream(true, b"\r\nQUIT\r\n");
    let seen = requests(&h);
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0].0.len(), 100);
    assert_eq!(seen[1], pair("QUIT", ""));
}

#[test]
fn authentication_with_tls_hands_the_connection_over() {
    let mut h = talk(&[
        (true, b"AUTH TLS\r\n"),
        (false, b"234 go\r\n\x16\x03"),
        (true, b"\x16\x03\x01\r\nUSER x\r\n"),
        (false, b"not a reply\r\n"),
    ]);
    assert_eq!(requests(&h), [pair("AUTH", "TLS")]);
    assert_eq!(h.sink.named("ftp_starttls").len(), 1);
    assert_eq!(children(&h), ["Analyzer::ANALYZER_SSL"]);
    assert_eq!(forwarded(&h, true), b"\x16\x03\x01\r\nUSER x\r\n");
    assert_eq!(forwarded(&h, false), b"\x16\x03not a reply\r\n");
    assert!(h.violations().is_empty());
    h.gap(true, 100, 10);
    h.finish();
    assert!(h
        .changes
        .iter()
        .any(|c| matches!(c, TreeChange::Forward(Forwarded::Gap(true, 100, 10)))));
    assert!(h.sink.weirds.is_empty());
}

#[test]
fn authentication_that_is_refused_leaves_commands_commands() {
    let h = talk(&[
        (true, b"AUTH SSL\r\n"),
        (false, b"534 no\r\n"),
        (true, b"USER x\r\n"),
        (false, b"234 not about it\r\n"),
        (true, b"PASS x\r\n"),
    ]);
    assert_eq!(requests(&h).len(), 3);
    assert!(h.sink.named("ftp_starttls").is_empty() && children(&h).is_empty());
}

#[test]
fn security_data_goes_to_its_analyzer() {
    let h = talk(&[
        (true, b"AUTH GSSAPI\r\n"),
        (false, b"334 send it\r\n"),
        (true, b"ADAT FgMB\r\n"),
        (false, b"335 ADAT=FgMC\r\n"),
    ]);
    assert_eq!(children(&h), ["Analyzer::ANALYZER_FTP_ADAT"]);
    assert_eq!(forwarded(&h, true), b"AUTH GSSAPI\r\nADAT FgMB\r\n");
    let mut adat = Harness::new(&FTP_ADAT, 21, Transport::Tcp);
    adat.stream_cut(true, &forwarded(&h, true), &[3]);
    adat.stream_cut(false, &forwarded(&h, false), &[5]);
    assert_eq!(children(&adat), ["Analyzer::ANALYZER_SSL"]);
    assert_eq!(forwarded(&adat, true), b"\x16\x03\x01");
    assert_eq!(forwarded(&adat, false), b"\x16\x03\x02");
    let mut kerberos = Harness::new(&FTP_ADAT, 21, Transport::Tcp);
    kerberos.stream(true, b"ADAT YIIB\r\nADAT FgMB\r\n");
    assert!(kerberos.changes.is_empty());
}

#[test]
fn a_hole_in_replies_is_no_violation() {
    let mut h = talk(&[(true, b"LIST\r\n"), (false, b"211-many\r\nli")]);
    h.gap(false, 10, 100);
    h.stream(false, b"e\r\n text that goes on\r\n211 end\r\n200 ok\r\n");
    assert_eq!(replies(&h).last().unwrap(), &(200, "ok".to_owned(), false));
    assert_eq!(replies(&h).len(), 3);
    assert!(h.violations().is_empty());
    h.stream(false, b"junk\r\n");
    assert_eq!(h.violations().len(), 1);
}

#[test]
fn an_unfinished_command_is_one() {
    let mut h = talk(&[(true, b"QUIT")]);
    h.finish();
    assert_eq!(requests(&h), [pair("QUIT", "")]);
}

#[test]
fn data_connections_are_files() {
    let mut h = Harness::new(&FTP_DATA, 20, Transport::Tcp);
    h.stream(false, b"some ");
    h.gap(false, 5, 3);
    h.stream(false, b"data");
    h.call(|a, ctx| a.end_of_data(ctx, false));
    assert_eq!(h.files.files[0].1.ended, 0);
    h.finish();
    assert_eq!(h.files.files.len(), 1);
    let file = &h.files.files[0].1;
    assert_eq!((file.data.as_slice(), file.ended), (&b"some data"[..], 1));
    assert_eq!(file.gaps, [(5, 3)]);
}

proptest! {
    #[test]
    fn segments_do_not_matter(cuts in prop::collection::vec(1usize..9, 1..5)) {
        let requests_bytes = b"USER a\r\nPA\xff\xf1SS b\0c\r\nRETR x\ry\r\n";
        let replies_bytes = b"220-a\r\n220 b\r\n331 c\r\n";
        let whole = talk(&[(true, requests_bytes), (false, replies_bytes)]);
        let mut cut = talk(&[]);
        cut.stream_cut(true, requests_bytes, &cuts);
        cut.stream_cut(false, replies_bytes, &cuts);
        prop_assert_eq!(requests(&whole), requests(&cut));
        prop_assert_eq!(replies(&whole), replies(&cut));
        prop_assert_eq!(whole.sink.weird_names(), cut.sink.weird_names());
    }
}

#[test]
fn a_data_connection_tells_what_it_carries_once() {
    for (data, told) in [(&[b'a'; 3000][..], 1024), (b"short", 5), (b"", 0)] {
        let mut h = Harness::new(&FTP_DATA, 40_001, Transport::Tcp);
        h.stream_cut(false, data, &[700]);
        h.finish();
        let raised = h.sink.named("file_transferred");
        assert_eq!(raised.len(), usize::from(told > 0));
        if let Some(args) = raised.first() {
            assert_eq!(text(&args[1]).len(), told);
        }
    }
}
