//! Conversations made by hand, cut in any way, and any bytes at all.

use std::io::Write;

use bro_events::{Transport, Value};
use bro_session::analyzer::{Forwarded, OptionStore, TreeChange};
use flate2::write::GzEncoder;
use flate2::Compression;
use proptest::prelude::*;

use super::HTTP;
use crate::support::harness::{field, text, Harness};

fn http() -> Harness {
    Harness::new(&HTTP, 80, Transport::Tcp)
}

/// A conversation in which the originator says all it has to say first.
fn talk(request: &[u8], reply: &[u8]) -> Harness {
    let mut h = http();
    h.stream(true, request);
    h.stream(false, reply);
    h
}

/// The stat of the last message of a side.
fn last_stat(h: &Harness, is_orig: bool) -> &Value {
    let done = h.sink.named("http_message_done");
    let of_side = |args: &&[Value]| args[1] == Value::Bool(is_orig);
    &done.into_iter().rev().find(of_side).expect("a finished message")[2]
}

fn body_length(h: &Harness, is_orig: bool) -> u64 {
    match field(last_stat(h, is_orig), "body_length") {
        Value::Count(n) => *n,
        other => panic!("{other:?}"),
    }
}

const GET: &[u8] = b"GET /a%20b HTTP/1.1\r\nHost: h\r\nX-Y: 1\r\n 2\r\n\r\n";

#[test]
fn a_request_and_its_reply() {
    let mut h = talk(
        GET,
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: text/html; x=y\r\n\r\nhello",
    );
    let request = [
        "http_request",
        "http_begin_entity",
        "http_header",
        "http_header",
        "http_all_headers",
        "http_content_type",
    ];
    let end = ["http_end_entity", "http_message_done"];
    let reply = [
        "http_reply",
        "http_begin_entity",
        "http_header",
        "http_header",
        "http_all_headers",
        "http_content_type",
    ];
    let expected = [&request[..], &end, &reply, &["http_entity_data"], &end].concat();
    assert_eq!(h.event_names(), expected);
    let args = h.sink.named("http_request")[0];
    let texts: Vec<_> = args[1..].iter().map(text).collect();
    assert_eq!(texts, ["GET", "/a%20b", "/a b", "1.1"]);
    let folded = h.sink.named("http_header")[1];
    assert_eq!(
        [text(&folded[2]), text(&folded[3]), text(&folded[4])],
        ["X-Y", "X-Y", "1 2"]
    );
    let reply = h.sink.named("http_reply")[0];
    assert_eq!(
        (text(&reply[1]), &reply[2], text(&reply[3])),
        ("1.1".into(), &Value::Count(200), "OK".into())
    );
    let ty = h.sink.named("http_content_type")[1];
    assert_eq!([text(&ty[2]), text(&ty[3])], ["TEXT", "HTML"]);
    let Value::Table(list) = &h.sink.named("http_all_headers")[1][2] else {
        panic!()
    };
    assert_eq!(list.len(), 2);
    assert_eq!(list[0].0, Value::Count(1));
    assert_eq!(text(field(&list[0].1, "name")), "CONTENT-LENGTH");
    assert_eq!(field(last_stat(&h, false), "interrupted"), &Value::Bool(false));
    assert_eq!(body_length(&h, false), 5);
    assert_eq!(h.files.files.len(), 1);
    let file = &h.files.files[0].1;
    assert_eq!(
        (file.data.as_slice(), file.size, file.ended),
        (b"hello".as_slice(), Some(5), 1)
    );
    assert_eq!(
        (h.confirmations(), h.violations().len(), h.sink.weirds.len()),
        (1, 0, 0)
    );
    h.finish();
    let stats = &h.sink.named("http_stats")[0][1];
    assert_eq!(field(stats, "num_replies"), &Value::Count(1));
    assert_eq!(field(stats, "request_version"), &Value::Double(1.1));
}

#[test]
fn pipelined_requests_and_replies_without_bodies() {
    let requests = b"HEAD / HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\nGET /3 HTTP/1.1\r\n\r\n";
    let replies = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n\
        HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n\
        HTTP/1.1 204 None\r\n\r\n";
    let h = talk(requests, replies);
    assert_eq!(h.sink.named("http_reply").len(), 4);
    assert_eq!(h.sink.named("http_message_done").len(), 7);
    assert!(h.files.files.is_empty());
    assert!(h.sink.weirds.is_empty() && h.violations().is_empty());
}

#[test]
fn chunks() {
    let reply = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
        5;ext=1\r\nhello\r\n00006 \r\n world\r\n0\r\nX-Trailer: t\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    let h = talk(&[GET, GET].concat(), reply);
    assert_eq!(h.files.files[0].1.data, b"hello world");
    assert_eq!(h.files.files[0].1.size, None);
    assert_eq!(h.sink.named("http_reply").len(), 2);
    assert_eq!(
        text(&h.sink.named("http_header").last().unwrap()[3]),
        "CONTENT-LENGTH"
    );
    assert!(h
        .sink
        .named("http_header")
        .iter()
        .any(|a| text(&a[3]) == "X-TRAILER"));
    assert!(h.sink.weirds.is_empty());
}

#[test]
fn chunk_sizes_that_are_none() {
    for size in ["10000000000000000", "x", "", "-1", "+5"] {
        let request = format!(
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{size}\r\n\r\nGET /2 HTTP/1.1\r\n\r\n"
        );
        let h = talk(request.as_bytes(), b"");
        assert_eq!(h.sink.weird_names(), ["HTTP_bad_chunk_size"], "{size}");
        assert_eq!(h.sink.weirds[0].addl, size);
        assert_eq!(h.sink.named("http_request").len(), 2);
    }
}

#[test]
fn a_body_up_to_the_end() {
    let mut h = talk(GET, b"HTTP/1.0 200 OK\r\n\r\nsome");
    h.stream(false, b" content");
    assert_eq!(h.sink.named("http_message_done").len(), 1);
    h.call(|a, ctx| a.end_of_data(ctx, false));
    assert_eq!(body_length(&h, false), 12);
    assert_eq!(field(last_stat(&h, false), "interrupted"), &Value::Bool(false));
    assert_eq!(h.files.files[0].1.ended, 1);
}

#[test]
fn interrupted_messages() {
    let mut h = talk(GET, b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
    h.finish();
    assert_eq!(field(last_stat(&h, false), "interrupted"), &Value::Bool(true));
    assert_eq!(body_length(&h, false), 3);
    let mut h = talk(b"GET / HTTP/1.1\r\nHost: x\r\nUser-", b"");
    h.finish();
    assert_eq!(h.sink.named("http_header").len(), 1);
    assert_eq!(field(last_stat(&h, true), "interrupted"), &Value::Bool(true));
    assert_eq!(h.sink.named("http_event").len(), 1);
}

#[test]
fn a_reply_without_its_request() {
    let h = talk(b"", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    assert_eq!(h.sink.named("http_reply").len(), 1);
    assert_eq!(h.confirmations(), 0);
}

#[test]
fn http_0_9() {
    let mut h = talk(b"GET /old\r\n", b"<ht");
    assert_eq!(h.sink.named("http_reply").len(), 1);
    assert_eq!(text(&h.sink.named("http_reply")[0][1]), "0.9");
    h.stream(false, b"ml>\r\nmore");
    h.call(|a, ctx| a.end_of_data(ctx, false));
    assert_eq!(h.files.files[0].1.data, b"<html>\r\nmore");
    assert_eq!(h.sink.named("http_message_done").len(), 1);
    h.call(|a, ctx| a.end_of_data(ctx, true));
    assert_eq!(field(last_stat(&h, true), "interrupted"), &Value::Bool(false));
    // A server of today answers with a status line.
    let mut h = talk(b"GET /\r\n\r\n", b"HT");
    h.stream(false, b"TP/1.1 400 Bad\r\n\r\n");
    assert_eq!(h.sink.named("http_reply")[0][2], Value::Count(400));
    // One whose reply is shorter than a status line's keyword.
    let mut h = talk(b"GET /\r\n\r\n", b"ht");
    h.finish();
    assert_eq!(h.files.files[0].1.data, b"ht");
    // A reply is under way already.
    let mut h = talk(b"", b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n");
    h.stream(true, b"GET /\r\n\r\n");
    h.stream(false, b"this is too much.\r\n");
    h.finish();
    assert_eq!(
        h.sink.weird_names(),
        ["http_09_reply_before_request", "HTTP_version_mismatch"]
    );
    assert_eq!(h.files.files[0].1.data, b"this is too much.\r\n");
}

#[test]
fn lines_that_are_no_requests() {
    let h = talk(b"\x16\x03\x01 hello\n\x01\r\x02 junk\n", b"");
    assert_eq!(
        h.sink.weird_names(),
        ["bad_HTTP_request", "line_terminated_with_single_CR"]
    );
    assert_eq!(h.sink.weirds[1].source, "CONTENTLINE");
    assert_eq!(h.violations(), ["not a http request line"]);
    let h = talk(b"\0 GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\n\r\n", b"");
    assert_eq!(h.sink.weird_names(), ["bad_HTTP_request_with_version"]);
    assert_eq!(h.sink.named("http_request").len(), 1);
    assert!(h.violations().is_empty());
    let h = talk(b"GET / HTTP/1.1\n\nGET / HTTP\n\n", b"");
    assert_eq!(
        h.sink.weird_names(),
        ["HTTP_version_mismatch", "bad_HTTP_request"]
    );
    let h = talk(GET, b"SSH-2.0-x\r\nmore\r\n");
    assert_eq!(h.violations(), ["not a http reply line"]);
    let h = talk(GET, b"HTTP/1.1 OK\r\n");
    assert_eq!(h.sink.weird_names(), ["bad_HTTP_reply"]);
}

#[test]
fn odd_requests() {
    let weirds = |request: &str| talk(request.as_bytes(), b"").sink.weird_names();
    assert_eq!(weirds("GET HTTP/1.1\r\n\r\n"), ["missing_HTTP_uri"]);
    assert_eq!(weirds("GET / http/1.1\r\n\r\n"), ["lowercase_HTTP_keyword"]);
    assert_eq!(weirds("GET /% HTTP/1.1\r\n\r\n"), ["illegal_%_at_end_of_URI"]);
    assert_eq!(
        weirds("GET / HTTP/1.0\r\n\r\nGET / HTTP/1.0\r\n\r\n"),
        ["unexpected_multiple_HTTP_requests"]
    );
    assert!(weirds("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.0\r\n\r\n").is_empty());
    let header = |h: &str| weirds(&format!("POST / HTTP/1.1\r\n{h}\r\n\r\n"));
    assert_eq!(
        header("Content-Length: 00"),
        ["HTTP_content_length_leading_zeros"]
    );
    assert_eq!(
        header("Content-Length: 5\r\nTransfer-Encoding: chunked"),
        ["HTTP_content_length_and_chunked"]
    );
    assert_eq!(
        header("Content-Length: 0\r\nExpect: 100-continue"),
        ["HTTP_content_length_0_and_expect_100_cont"]
    );
    assert_eq!(
        weirds(&format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(300_000))),
        ["contentline_size_exceeded", "bad_HTTP_request"]
    );
    assert_eq!(
        header(&format!("A: {}", "b".repeat(70_000))),
        ["exceeded_mime_max_header_bytes"]
    );
    assert_eq!(
        weirds("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\r\n"),
        Vec::<&str>::new()
    );
}

#[test]
fn content_codings() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(b"hello, hello, hello").unwrap();
    let body = encoder.finish().unwrap();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let h = talk(GET, &[head.as_bytes(), &body].concat());
    assert_eq!(h.files.files[0].1.data, b"hello, hello, hello");
    assert_eq!(h.files.files[0].1.size, None);
    assert_eq!(body_length(&h, false), 19);
    // With a hole, the rest cannot be decoded.
    let mut h = talk(GET, &[head.as_bytes(), &body[..12]].concat());
    h.gap(false, 0, 2);
    h.stream(false, &body[14..]);
    assert_eq!(
        field(last_stat(&h, false), "content_gap_length"),
        &Value::Count(2)
    );
    let h = talk(
        GET,
        &[head.as_bytes(), b"this is not in that format at all!!!!!!!!"].concat(),
    );
    assert_eq!(h.sink.weird_names()[0], "inflate_failed");
}

#[test]
fn parts_are_files_of_their_own() {
    let body =
        "--b\r\nContent-Disposition: form-data; name=f; filename=x\r\nContent-Length: 99\r\n\r\none\r\n\r\n\
        --b\r\nContent-Type: message/rfc822\r\n\r\nSubject: s\r\n\r\ntwo\r\n--b--\r\n";
    let request = format!(
        "POST / HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let h = talk(request.as_bytes(), b"");
    let contents: Vec<_> = h.files.files.iter().map(|f| f.1.data.as_slice()).collect();
    assert_eq!(contents, [b"one\r\n".as_slice(), b"two"]);
    assert_eq!(h.files.files[0].1.size, Some(99));
    assert!(h.files.files.iter().all(|f| f.1.ended == 1));
    assert_eq!(h.sink.named("http_begin_entity").len(), 4);
    assert_eq!(h.sink.named("http_end_entity").len(), 4);
    assert_eq!(body_length(&h, true), body.len() as u64);
}

#[test]
fn ranges_are_parts_of_one_file() {
    let request = b"GET /f HTTP/1.1\r\nHost: h\r\nRange: bytes=0-\r\n\r\n";
    let replies = b"HTTP/1.1 206 Partial\r\nContent-Range: bytes 5-7/10\r\nContent-Length: 3\r\n\r\nfgh\
        HTTP/1.1 206 Partial\r\nContent-Range: bytes 0-1/10\r\nContent-Length: 2\r\n\r\nab";
    let h = talk(&request.repeat(2), replies);
    assert_eq!(h.files.files.len(), 1);
    let file = &h.files.files[0].1;
    assert_eq!(file.at, [(5, b"fgh".to_vec()), (0, b"ab".to_vec())]);
    assert_eq!((file.size, file.ended), (Some(10), 0));
    let bytes = b"--x\r\nContent-Range: bytes 2-3/10\r\n\r\ncd\r\n--x\r\nContent-Range: bytes 8-8/10\r\n\r\ni\r\n--x--";
    let head = format!(
        "HTTP/1.1 206 Partial\r\nContent-Type: multipart/byteranges; boundary=x\r\nContent-Length: {}\r\n\r\n",
        bytes.len()
    );
    let h = talk(request, &[head.as_bytes(), bytes].concat());
    assert_eq!(h.files.files[0].1.at, [(2, b"cd".to_vec()), (8, b"i".to_vec())]);
    assert_eq!(h.files.files.len(), 1);
    let h = talk(
        GET,
        b"HTTP/1.1 206 P\r\nContent-Range: bytes foo-bar/baz\r\nContent-Length: 1\r\n\r\nx",
    );
    assert_eq!(
        (h.sink.weird_names(), &h.sink.weirds[0].addl),
        (vec!["HTTP_content_range_cannot_parse"], &"foo-bar/baz".into())
    );
}

#[test]
fn holes() {
    // Within a body.
    let mut h = talk(GET, b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
    h.gap(false, 0, 4);
    h.stream(false, b"hijHTTP/1.1 200 OK\r\n\r\n");
    assert_eq!(h.files.files[0].1.gaps, [(3, 4)]);
    assert_eq!(h.files.files[0].1.data, b"abchij");
    assert_eq!(
        (body_length(&h, false), h.sink.named("http_reply").len()),
        (10, 2)
    );
    // At the end of a body: the next message is found.
    let mut h = talk(
        &[GET, GET].concat(),
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc",
    );
    h.gap(false, 0, 2);
    h.stream(false, b"HTTP/1.1 200 OK\r\n");
    assert_eq!(h.sink.named("http_reply").len(), 2);
    // Within a chunk, and beyond it.
    let mut h = talk(
        GET,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\na",
    );
    h.gap(false, 0, 4);
    h.stream(false, b"\r\n3\r\nx");
    h.gap(false, 0, 9);
    h.stream(false, b"HTTP/1.1 200 OK\r\n");
    assert_eq!(h.sink.named("http_reply").len(), 1);
    assert_eq!(field(last_stat(&h, false), "interrupted"), &Value::Bool(true));
    assert_eq!(body_length(&h, false), 8);
    // Between messages and within headers: it is not known what follows.
    let mut h = talk(GET, b"");
    h.gap(true, 0, 100);
    h.stream(true, GET);
    h.stream(false, b"HTTP/1.1 200 OK\r\nA: ");
    h.gap(false, 0, 1);
    h.stream(false, b"b\r\n\r\n");
    assert_eq!(
        (
            h.sink.named("http_request").len(),
            h.sink.named("http_message_done").len()
        ),
        (1, 2)
    );
}

fn forwarded(h: &Harness) -> (Vec<u8>, Vec<u8>) {
    let mut sides = (Vec::new(), Vec::new());
    for change in &h.changes {
        if let TreeChange::Forward(Forwarded::Stream(is_orig, data)) = change {
            if *is_orig { &mut sides.0 } else { &mut sides.1 }.extend_from_slice(data);
        }
    }
    sides
}

#[test]
fn tunnels_and_upgrades_go_to_children() {
    let mut h = talk(
        b"CONNECT h:443 HTTP/1.1\r\n\r\n",
        b"HTTP/1.1 200 Established\r\nContent-Length: 5\r\n\r\n",
    );
    h.stream(true, b"client");
    h.stream(false, b"server");
    h.gap(true, 10, 2);
    assert!(h.changes.iter().any(|c| matches!(c, TreeChange::AddDetector)));
    assert!(h
        .changes
        .iter()
        .any(|c| matches!(c, TreeChange::Forward(Forwarded::Gap(true, 10, 2)))));
    assert_eq!(forwarded(&h), (b"client".to_vec(), b"server".to_vec()));
    assert!(h.sink.named("http_connection_upgrade").is_empty());
    h.finish();
    // A tunnel that is refused.
    let h = talk(
        b"CONNECT h:443 HTTP/1.1\r\n\r\n",
        b"HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno",
    );
    assert_eq!(forwarded(&h).1, b"");
    assert_eq!(body_length(&h, false), 2);
    // WebSocket, with data of the protocol behind the reply.
    let request = b"GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
    let h = talk(
        request,
        b"HTTP/1.1 101 Switching\r\nUpgrade: WebSocket\r\n\r\n\x89\x04ping",
    );
    assert_eq!(h.sink.weird_names(), ["protocol_data_with_HTTP_upgrade_reply"]);
    assert_eq!(h.sink.weirds[0].addl, "6");
    assert!(h
        .changes
        .iter()
        .any(|c| matches!(c, TreeChange::AddChild("Analyzer::ANALYZER_WEBSOCKET"))));
    assert_eq!(text(&h.sink.named("http_connection_upgrade")[0][1]), "WebSocket");
    assert_eq!(forwarded(&h).1, b"\x89\x04ping");
    let h = talk(request, b"HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\n");
    assert!(h.changes.iter().any(|c| matches!(c, TreeChange::AddDetector)));
}

#[test]
fn options_are_heeded() {
    let mut options = OptionStore::new();
    options.set("http_entity_data_delivery_size", Value::Count(4));
    options.set("truncate_http_URI", Value::Int(3));
    let mut h = Harness::with_options(&HTTP, 80, Transport::Tcp, &options);
    h.stream(true, GET);
    h.stream(false, b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789");
    let pieces: Vec<_> = h
        .sink
        .named("http_entity_data")
        .iter()
        .map(|a| text(&a[3]))
        .collect();
    assert_eq!(pieces, ["0123", "4567", "89"]);
    assert_eq!(text(&h.sink.named("http_request")[0][2]), "/a%");
    let mut options = OptionStore::new();
    options.set("skip_http_data", Value::Bool(true));
    options.set("HTTP::upgrade_analyzers", Value::Table(vec![]));
    let mut h = Harness::with_options(&HTTP, 80, Transport::Tcp, &options);
    h.stream(true, GET);
    h.stream(
        false,
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 101 X\r\nUpgrade: websocket\r\n\r\n",
    );
    assert!(h.files.files.is_empty() && h.sink.named("http_entity_data").is_empty());
    assert_eq!(body_length(&h, false), 0);
    assert!(h.changes.iter().any(|c| matches!(c, TreeChange::AddDetector)));
}

#[test]
fn policy_can_skip_an_entity() {
    let mut h = talk(GET, b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc");
    h.call(|a, ctx| a.command(ctx, "skip_http_entity_data", b"F"));
    h.stream(false, b"defHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");
    let contents: Vec<_> = h.files.files.iter().map(|f| f.1.data.as_slice()).collect();
    assert_eq!(contents, [b"abc".as_slice(), b"x"]);
}

/// Pieces of messages, some of them broken.
fn conversation() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
    let request = prop::sample::select(vec![
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "HEAD /%4 HTTP/1.1\nA: 1\n\t2\n\n",
        "POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nab\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n0\r\nT: x\r\n\r\n",
        "POST / HTTP/1.1\rContent-Type: multipart/x; boundary=b\rContent-Length: 26\r\r--b\r\nA: b\r\n\r\n\r\n-c\n--b--\n",
        "CONNECT a HTTP/1.1\r\n\r\n",
        "GET /\r\n\r\n",
        "\r\n",
        "junk",
    ]);
    let reply = prop::sample::select(vec![
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.0 206 Part\r\nContent-Range: bytes 1-2/9\r\nContent-Length: 2\r\n\r\nab",
        "http/1.1 204\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\nrest",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na2\r\nbc\r\n0\r\n\r\n",
        "\r",
    ]);
    let join = |pieces: Vec<&'static str>| pieces.concat().into_bytes();
    (
        prop::collection::vec(request, 0..5).prop_map(join),
        prop::collection::vec(reply, 0..5).prop_map(join),
    )
}

/// Events, weirds, and files: what must not depend on how the streams are cut.
type Outcome = (
    Vec<(&'static str, Vec<Value>)>,
    Vec<&'static str>,
    Vec<(String, Vec<u8>)>,
);

fn outcome(h: &mut Harness) -> Outcome {
    h.finish();
    let files = h
        .files
        .files
        .iter()
        .map(|(k, f)| (k.clone(), f.data.clone()))
        .collect();
    (std::mem::take(&mut h.sink.events), h.sink.weird_names(), files)
}

proptest! {
    #[test]
    fn segmentation_does_not_matter(
        (request, reply) in conversation(), cuts in prop::collection::vec(1usize..30, 1..6),
    ) {
        let mut whole = talk(&request, &reply);
        let mut cut = http();
        cut.stream_cut(true, &request, &cuts);
        cut.stream_cut(false, &reply, &cuts);
        prop_assert_eq!(forwarded(&whole), forwarded(&cut));
        prop_assert_eq!(outcome(&mut whole), outcome(&mut cut));
    }

    #[test]
    fn any_bytes_are_survived(
        pieces in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 0..60), 0u64..9), 0..8),
    ) {
        let mut h = http();
        for (is_orig, data, gap) in pieces {
            h.stream(is_orig, &data);
            if gap > 6 {
                h.gap(is_orig, 0, gap);
            }
        }
        h.finish();
    }

    #[test]
    fn broken_conversations_are_survived(
        (mut request, mut reply) in conversation(),
        flips in prop::collection::vec((any::<bool>(), any::<usize>(), any::<u8>()), 0..5),
        at in any::<usize>(),
        gap in 0u64..40,
    ) {
        for (is_orig, at, byte) in flips {
            let bytes = if is_orig { &mut request } else { &mut reply };
            if !bytes.is_empty() {
                let n = bytes.len();
                bytes[at % n] = byte;
            }
        }
        let mut h = http();
        h.stream(true, &request);
        let (a, b) = reply.split_at(at % (reply.len() + 1));
        h.stream(false, a);
        if gap > 0 {
            h.gap(false, 0, gap);
        }
        h.stream(false, b);
        h.finish();
    }
}
