//! Expressions over datagrams, streams and the contexts that analyzers give.

use super::*;

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
