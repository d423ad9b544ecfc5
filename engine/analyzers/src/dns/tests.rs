//! Messages made by hand, and any bytes at all.

use std::sync::Arc;

use bro_events::{Transport, Value};
use bro_session::analyzer::OptionStore;
use proptest::prelude::*;

use super::DNS;
use crate::support::harness::{field, text, Harness};

/// A message: header words, then its body.
fn message(words: [u16; 6], body: &[u8]) -> Vec<u8> {
    let mut m: Vec<u8> = words.iter().flat_map(|w| w.to_be_bytes()).collect();
    m.extend_from_slice(body);
    m
}

/// A record whose owner is the name at offset 12.
fn record(rtype: u16, class: u16, ttl: u32, data: &[u8]) -> Vec<u8> {
    let mut r = vec![0xc0, 12];
    r.extend_from_slice(&rtype.to_be_bytes());
    r.extend_from_slice(&class.to_be_bytes());
    r.extend_from_slice(&ttl.to_be_bytes());
    r.extend_from_slice(&(data.len() as u16).to_be_bytes());
    r.extend_from_slice(data);
    r
}

const QUESTION: &[u8] = b"\x03wWw\x07example\x03com\x00\x00\x01\x00\x01";

fn udp(port: u16) -> Harness {
    Harness::new(&DNS, port, Transport::Udp)
}

/// A reply with one answer of a type; gives the events between question and end, and the weirds.
fn reply(rtype: u16, data: &[u8]) -> (Vec<(&'static str, Vec<Value>)>, Vec<&'static str>) {
    let mut h = udp(53);
    let body = [QUESTION, &record(rtype, 1, 60, data)].concat();
    h.packet(false, &message([7, 0x8580, 1, 1, 0, 0], &body));
    let names = h.event_names();
    assert_eq!(names.first(), Some(&"dns_message"));
    assert_eq!(names.last(), Some(&"dns_end"));
    let weirds = h.sink.weird_names();
    let n = h.sink.events.len();
    (h.sink.events.drain(2..n - 1).collect(), weirds)
}

fn string(s: &str) -> Value {
    Value::Str(s.as_bytes().to_vec())
}

/// Whoever a flow begins with a reply of is no client; but an announcement to a group answers nobody.
#[test]
fn a_reply_first_turns_the_roles_round() {
    let reply = message([7, 0x8400, 0, 1, 0, 0], &record(1, 1, 60, &[10, 0, 0, 9]));
    let mut h = udp(53);
    h.packet(true, &reply);
    assert_eq!(h.flow().resp_p, 40000);
    assert_eq!(h.sink.events[0].1[1], Value::Bool(false));

    let mut h = udp(5353);
    h.flow_mut().resp_h = [224, 0, 0, 251].into();
    h.packet(true, &reply);
    assert_eq!(h.flow().resp_p, 5353);

    let mut h = udp(53);
    h.packet(true, &message([7, 0x0100, 1, 0, 0, 0], QUESTION));
    h.packet(true, &reply);
    assert_eq!(h.flow().resp_p, 53);
}

#[test]
fn a_query() {
    let mut h = udp(53);
    h.packet(true, &message([0x1234, 0x0110, 1, 0, 0, 0], QUESTION));
    assert_eq!(h.event_names(), ["dns_message", "dns_request", "dns_end"]);
    let args = &h.sink.events[1].1;
    assert_eq!(text(&args[2]), "www.example.com");
    assert_eq!(args[3..5], [Value::Count(1), Value::Count(1)]);
    assert_eq!(text(&args[5]), "wWw.example.com");
    let msg = &args[1];
    assert_eq!(field(msg, "id"), &Value::Count(0x1234));
    assert_eq!(field(msg, "QR"), &Value::Bool(false));
    assert_eq!(field(msg, "RD"), &Value::Bool(true));
    assert_eq!(field(msg, "Z"), &Value::Count(1));
    assert_eq!(field(msg, "CD"), &Value::Bool(true));
    assert_eq!(field(msg, "AD"), &Value::Bool(false));
    assert_eq!(field(msg, "is_netbios"), &Value::Bool(false));
    assert_eq!(h.confirmations(), 1);
    h.packet(true, &message([0x1234, 0x0110, 1, 0, 0, 0], QUESTION));
    assert_eq!(h.confirmations(), 1);
}

#[test]
fn a_reply_without_records_is_a_rejection() {
    let mut h = udp(53);
    h.packet(false, &message([1, 0x8583, 1, 0, 0, 0], QUESTION));
    assert_eq!(h.event_names(), ["dns_message", "dns_rejected", "dns_end"]);
    assert_eq!(field(&h.sink.events[1].1[1], "rcode"), &Value::Count(3));
    h.sink.events.clear();
    let soa = record(
        6,
        1,
        60,
        b"\x00\x00\0\0\0\x01\0\0\0\x02\0\0\0\x03\0\0\0\x04\0\0\0\x05",
    );
    h.packet(
        false,
        &message([1, 0x8583, 1, 0, 1, 0], &[QUESTION, &soa].concat()),
    );
    assert_eq!(
        h.event_names(),
        ["dns_message", "dns_query_reply", "dns_SOA_reply", "dns_end"]
    );
    let args = &h.sink.events[2].1;
    assert_eq!(field(&args[2], "answer_type"), &Value::Count(2));
    assert_eq!(field(&args[3], "serial"), &Value::Count(1));
    assert_eq!(field(&args[3], "minimum"), &Value::Interval(5.0));
}

#[test]
fn common_records() {
    let (events, weirds) = reply(1, &[192, 0, 2, 1]);
    assert_eq!(weirds, Vec::<&str>::new());
    let (name, args) = &events[0];
    assert_eq!(*name, "dns_A_reply");
    assert_eq!(text(field(&args[2], "query")), "www.example.com");
    assert_eq!(field(&args[2], "TTL"), &Value::Interval(60.0));
    assert_eq!(field(&args[2], "answer_type"), &Value::Count(1));
    assert_eq!(args[3], Value::Addr([192, 0, 2, 1].into()));

    let (events, _) = reply(28, &[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    assert_eq!(events[0].1[3], Value::Addr("2001:db8::1".parse().unwrap()));
    // A6 with a 64 bit prefix under the name at 16.
    let (events, weirds) = reply(38, &[64, 0, 0, 0, 0, 0, 0, 0, 1, 0xc0, 16]);
    assert_eq!(
        (events[0].1[3].clone(), weirds),
        (Value::Addr("::1".parse().unwrap()), vec![])
    );
    let (events, _) = reply(15, b"\x00\x0a\x02MX\xc0\x10");
    assert_eq!(events[0].1[3..], [string("mx.example.com"), Value::Count(10)]);
    let (events, _) = reply(16, b"\x02ab\x00\x01c");
    assert_eq!(
        events[0].1[3],
        Value::Vector(vec![string("ab"), string(""), string("c")])
    );
    let (events, _) = reply(33, b"\x00\x01\x00\x02\x00\x50\x00");
    assert_eq!(
        events[0].1[3..],
        [string(""), Value::Count(1), Value::Count(2), Value::Count(80)]
    );
    let (events, _) = reply(257, b"\x80\x05issueca.test");
    assert_eq!(
        events[0].1[3..],
        [Value::Count(128), string("issue"), string("ca.test")]
    );
    let (events, _) = reply(13, b"\x03x86\x05linux");
    assert_eq!(events[0].1[3..], [string("x86"), string("linux")]);
    let (events, weirds) = reply(35, b"\0\x01\0\x02\x01s\x00\x00\x00");
    assert_eq!(text(field(&events[0].1[3], "flags")), "s");
    assert_eq!(weirds, Vec::<&str>::new());
    let (events, _) = reply(99, b"\x06v=spf1");
    assert_eq!(events[0].0, "dns_SPF_reply");
    let (events, _) = reply(11, b"\x0a\0\0\x01\x06\x40");
    assert_eq!(events[0].0, "dns_WKS_reply");
    let (events, _) = reply(39, b"\0");
    assert_eq!(events[0].0, "dns_unknown_reply");
    let (events, _) = reply(65534, &[5, 1, 2, 0, 1]);
    assert_eq!(field(&events[0].1[3], "key_id"), &Value::Count(0x102));
    let (events, _) = reply(44, &[1, 2, 0xaa, 0xbb]);
    assert_eq!(
        events[0].1[3..],
        [Value::Count(1), Value::Count(2), Value::Str(vec![0xaa, 0xbb])]
    );
    let (events, _) = reply(29, &[0, 18, 21, 19, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3]);
    assert_eq!(field(&events[0].1[3], "horiz_pre"), &Value::Count(21));
    assert_eq!(field(&events[0].1[3], "altitude"), &Value::Count(3));
}

#[test]
fn dnssec_records() {
    let rrsig = b"\0\x01\x08\x02\0\0\0\x3c\0\0\0\x64\0\0\0\x32\x12\x34\x04Test\0sig";
    let (events, _) = reply(46, rrsig);
    let rr = &events[0].1[3];
    assert_eq!(text(field(rr, "signer_name")), "test");
    assert_eq!(field(rr, "sig_exp"), &Value::Time(100.0));
    assert_eq!(field(rr, "key_tag"), &Value::Count(0x1234));
    assert_eq!(field(rr, "signature"), &string("sig"));
    assert_eq!(field(rr, "is_query"), &Value::Count(0));
    let (events, _) = reply(47, b"\x01b\0\x00\x02\x40\x01\x01\x01\x80");
    assert_eq!(events[0].1[3], string("b"));
    assert_eq!(
        events[0].1[4],
        Value::Vector(vec![Value::Str(vec![0x40, 1]), Value::Str(vec![0x80])])
    );
    let (events, _) = reply(50, b"\x01\x00\0\x0a\x02\xaa\xbb\x01\xcc\0\x01\x40");
    let rr = &events[0].1[3];
    assert_eq!(field(rr, "nsec_iter"), &Value::Count(10));
    assert_eq!(field(rr, "nsec_salt"), &Value::Str(vec![0xaa, 0xbb]));
    assert_eq!(field(rr, "nsec_hlen"), &Value::Count(1));
    let (events, _) = reply(51, b"\x01\x00\0\x0a\x02\xaa\xbb");
    assert_eq!(field(&events[0].1[3], "nsec_salt_len"), &Value::Count(2));
    let (events, _) = reply(48, b"\x01\x01\x03\x08key");
    assert_eq!(field(&events[0].1[3], "flags"), &Value::Count(257));
    let (events, _) = reply(43, b"\x00\x01\x08\x02digest");
    assert_eq!(field(&events[0].1[3], "digest_val"), &string("digest"));
    let tsig = b"\x04hmac\0\0\0\0\0\0\x64\x01\x2c\0\x02ab\0\x07\0\0\0\0";
    let (events, weirds) = reply(250, tsig);
    assert_eq!(events[0].0, "dns_TSIG_addl");
    assert_eq!(field(&events[0].1[2], "time_signed"), &Value::Time(100.0));
    assert_eq!(field(&events[0].1[2], "orig_id"), &Value::Count(7));
    assert!(weirds.is_empty());
    let (events, weirds) = reply(249, b"\x03gss\0\0\0\0\x01\0\0\0\x02\0\x03\0\0\0\x01k\0\0");
    assert_eq!(field(&events[0].1[2], "mode"), &Value::Count(3));
    assert!(weirds.is_empty());
}

#[test]
fn service_bindings() {
    let (events, weirds) = reply(
        65,
        b"\0\x01\0\0\x01\0\x06\x02h2\x02h3\0\x04\0\x04\xc0\0\x02\x01\x02\x00\0\x01x",
    );
    assert!(weirds.is_empty());
    let rr = &events[0].1[3];
    let Value::Vector(params) = field(rr, "svc_params") else {
        panic!("{rr:?}")
    };
    assert_eq!(
        field(&params[0], "alpn"),
        &Value::Vector(vec![string("h2"), string("h3")])
    );
    assert_eq!(
        field(&params[1], "hint"),
        &Value::Vector(vec![Value::Addr([192, 0, 2, 1].into())])
    );
    assert_eq!(field(&params[2], "raw"), &string("x"));
    let (events, weirds) = reply(64, b"\0\x01\0\0\x01\0\x03\x05h2");
    assert_eq!(weirds, ["DNS_SVCB_alpn_length_invalid"]);
    assert_eq!(events[0].0, "dns_SVCB");
    let (events, _) = reply(64, b"\0\0\x01a\0");
    assert_eq!(field(&events[0].1[3], "svc_params"), &Value::Unset);
}

#[test]
fn edns() {
    let options =
        b"\0\x08\0\x07\0\x01\x18\x10\xc0\0\x02\0\x0b\0\x02\0\x05\0\x0a\0\x10clientckserverck\0\x0b\0\0";
    let (events, weirds) = reply(41, options);
    assert_eq!(weirds, Vec::<&str>::new());
    let names: Vec<_> = events.iter().map(|e| e.0).collect();
    let keepalive = "dns_EDNS_tcp_keepalive";
    assert_eq!(
        names,
        [
            "dns_EDNS_addl",
            "dns_EDNS_ecs",
            keepalive,
            "dns_EDNS_cookie",
            keepalive
        ]
    );
    assert_eq!(text(field(&events[1].1[2], "family")), "v4");
    assert_eq!(
        field(&events[1].1[2], "address"),
        &Value::Addr([192, 0, 2, 0].into())
    );
    assert_eq!(field(&events[2].1[2], "keepalive_timeout"), &Value::Count(5));
    assert_eq!(text(field(&events[3].1[2], "server_cookie")), "serverck");
    assert_eq!(
        field(&events[4].1[2], "keepalive_timeout_omitted"),
        &Value::Bool(true)
    );
    let (_, weirds) = reply(41, b"\0\x08\0\x05\0\x01\x18\x10\xc0\0\x0a\0\x09123456789");
    assert_eq!(
        weirds,
        ["EDNS_ECS_invalid_option_len", "EDNS_Cookie_invalid_cookie_len"]
    );
}

#[test]
fn dynamic_updates() {
    let body = [
        b"\x04zone\0\x00\x06\x00\x01".as_slice(),
        &record(1, 255, 0, b""),
        &record(1, 255, 0, b""),
        &record(1, 1, 60, &[10, 0, 0, 1]),
        &record(250, 255, 0, b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
    ]
    .concat();
    let mut h = udp(53);
    h.packet(true, &message([1, 0x2800, 1, 1, 2, 1], &body));
    let names = h.event_names();
    assert_eq!(
        names,
        [
            "dns_message",
            "dns_dynamic_update",
            "dns_dynamic_update_pre",
            "dns_dynamic_update_del",
            "dns_A_reply",
            "dns_TSIG_addl",
            "dns_end"
        ]
    );
    assert_eq!(h.sink.events[1].1[2..], [string("zone"), Value::Count(1)]);
    assert_eq!(field(&h.sink.events[2].1[2], "answer_type"), &Value::Count(4));
    assert_eq!(field(&h.sink.events[4].1[2], "answer_type"), &Value::Count(5));
}

#[test]
fn netbios() {
    let mut h = udp(137);
    // Registration: opcode 5 is no dynamic update here; type 33 is NBSTAT and no SRV.
    let body = [b"\x01a\0\0\x20\0\x01".as_slice(), &record(33, 1, 0, b"\x00")].concat();
    h.packet(true, &message([1, 0x2910, 1, 0, 0, 1], &body));
    assert_eq!(
        h.event_names(),
        ["dns_message", "dns_request", "dns_unknown_reply", "dns_end"]
    );
    assert_eq!(field(&h.sink.events[0].1[2], "is_netbios"), &Value::Bool(true));
    assert!(h.sink.weirds.is_empty());
}

#[test]
fn malformed_messages() {
    let weirds = |data: &[u8]| {
        let mut h = udp(53);
        h.packet(true, data);
        (h.sink.weird_names(), h.violations().len(), h.confirmations())
    };
    assert_eq!(weirds(b"abc"), (vec!["DNS_truncated_len_lt_hdr_len"], 1, 0));
    assert_eq!(
        weirds(&message([1, 0x0800, 1, 0, 0, 0], QUESTION)),
        (vec!["DNS_unknown_opcode"], 1, 0)
    );
    assert_eq!(
        weirds(&message([1, 0, 26, 0, 0, 0], b"")),
        (vec!["DNS_Conn_count_too_large"], 1, 0)
    );
    assert_eq!(
        weirds(&message([1, 0, 1, 0, 0, 0], b"\x01a\0\0")),
        (vec!["DNS_truncated_quest_too_short"], 1, 0)
    );
    assert_eq!(
        weirds(&message([1, 0, 1, 0, 0, 0], b"\xc0\x0c\0\0")).0,
        ["DNS_label_forward_compress_offset"]
    );
    let answer = |tail: &[u8]| weirds(&message([1, 0x8000, 1, 1, 0, 0], &[QUESTION, tail].concat()));
    assert_eq!(answer(b""), (vec!["DNS_truncated_ans_too_short"], 0, 1));
    assert_eq!(answer(b"\xc0"), (vec!["DNS_truncated_ans_too_short"], 0, 1));
    assert_eq!(
        answer(b"\xc0\x0c\0\x01\0\x01"),
        (vec!["DNS_truncated_ans_too_short"], 0, 1)
    );
    assert_eq!(
        answer(b"\0\0\x01\0\x01\0\0\0\0\0\x05\0").0,
        ["DNS_truncated_RR_rdlength_lt_len"]
    );
    assert_eq!(reply(1, b"\x01").1, ["DNS_RR_bad_length"]);
    assert_eq!(reply(1, b"\x01\x02\x03\x04\x05").1, ["DNS_RR_bad_length"]);
    assert_eq!(reply(15, b"\0\x01\0mx").1, ["DNS_RR_length_mismatch"]);
    assert_eq!(reply(1234, b"any").1, ["DNS_RR_unknown_type"]);
    assert_eq!(reply(2, b"\x05abc").1, ["DNS_label_len_gt_pkt"]);
    assert_eq!(reply(2, b"\xc0\xff").1, ["DNS_label_forward_compress_offset"]);
}

#[test]
fn options_are_heeded() {
    let mut options = OptionStore::new();
    options.set("dns_max_queries", Value::Count(0));
    options.set(
        "dns_skip_auth",
        Value::Set(vec![Value::Addr([10, 0, 0, 2].into())]),
    );
    options.set("dns_skip_all_addl", Value::Bool(true));
    let mut h = Harness::with_options(&DNS, 53, Transport::Udp, &options);
    let a = record(1, 1, 1, &[1, 2, 3, 4]);
    let body = [QUESTION.repeat(30).as_slice(), &a, &a, &a].concat();
    h.packet(false, &message([1, 0x8000, 30, 1, 1, 1], &body));
    assert_eq!(h.sink.named("dns_query_reply").len(), 30);
    assert_eq!(h.sink.named("dns_A_reply").len(), 1);
    assert_eq!(h.sink.named("dns_end").len(), 1);
}

fn framed(message: &[u8]) -> Vec<u8> {
    [&(message.len() as u16).to_be_bytes()[..], message].concat()
}

#[test]
fn messages_over_tcp_survive_holes_within_them() {
    let query = framed(&message([1, 0, 1, 0, 0, 0], QUESTION));
    let mut h = Harness::new(&DNS, 53, Transport::Tcp);
    h.stream(true, &query);
    h.stream(true, &query[..10]);
    let missing = query.len() - 10;
    h.gap(true, (query.len() + 10) as u64, missing as u64 - 1);
    h.stream(true, &query[query.len() - 1..]);
    h.stream(true, &query);
    assert_eq!(h.sink.named("dns_request").len(), 2);
    // One that reaches into the next message: nothing more can be found on that side.
    h.stream(true, &query[..10]);
    h.gap(true, 0, missing as u64 + 1);
    h.stream(true, &query);
    assert_eq!(h.sink.named("dns_request").len(), 2);
    h.stream(false, &framed(&message([1, 0x8000, 1, 0, 0, 0], QUESTION)));
    assert_eq!(h.sink.named("dns_rejected").len(), 1);
}

/// A message of plausible shape, so that tests get beyond the header.
fn plausible() -> impl Strategy<Value = Vec<u8>> {
    let rtype = prop::sample::select(vec![
        1u16, 2, 6, 11, 12, 13, 15, 16, 28, 29, 33, 35, 38, 41, 43, 44, 46, 47, 48, 50, 51, 64, 65, 99, 249,
        250, 257, 65534, 10,
    ]);
    let rr = (rtype, prop::collection::vec(any::<u8>(), 0..40)).prop_map(|(t, d)| record(t, 1, 5, &d));
    (any::<u16>(), prop::collection::vec(rr, 0..6)).prop_map(|(flags, rrs)| {
        let n = rrs.len() as u16;
        message(
            [9, flags & 0x87ff, 1, n / 2, n - n / 2, 0],
            &[QUESTION.to_vec(), rrs.concat()].concat(),
        )
    })
}

proptest! {
    #[test]
    fn any_datagram_is_survived(data in prop::collection::vec(any::<u8>(), 0..300), port in prop::sample::select(vec![53u16, 137])) {
        let mut h = udp(port);
        h.packet(true, &data);
        h.finish();
    }

    #[test]
    fn plausible_datagrams_are_survived(mut data in plausible(), flips in prop::collection::vec((any::<usize>(), any::<u8>()), 0..4)) {
        for (at, byte) in flips {
            let n = data.len();
            data[at % n] = byte;
        }
        let mut h = udp(53);
        h.packet(false, &data);
        h.finish();
    }

    #[test]
    fn segmentation_over_tcp_does_not_matter(
        messages in prop::collection::vec(plausible(), 1..5),
        cuts in prop::collection::vec(1usize..90, 1..8),
    ) {
        let stream: Vec<u8> = messages.iter().flat_map(|m| framed(m)).collect();
        let mut whole = Harness::new(&DNS, 53, Transport::Tcp);
        whole.stream(true, &stream);
        let mut cut = Harness::new(&DNS, 53, Transport::Tcp);
        cut.stream_cut(true, &stream, &cuts);
        prop_assert_eq!(&whole.sink.events, &cut.sink.events);
        prop_assert_eq!(&whole.sink.weirds, &cut.sink.weirds);
        prop_assert_eq!(whole.sink.named("dns_message").len(), messages.len());
    }
}

#[test]
fn options_are_shared_between_connections() {
    let store = OptionStore::new();
    let (a, b) = (super::Dns::new(&store), super::Dns::new(&store));
    assert!(Arc::ptr_eq(&a.options, &b.options));
}
