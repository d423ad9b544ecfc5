//! Calls and replies, as programs make them and as nobody should.

use bro_events::{Transport, Value};
use bro_session::analyzer::{AnalyzerDef, OptionStore, TreeChange};

use super::{MOUNT, NFS, PORTMAPPER};
use crate::support::harness::{field, text, Harness};

/// Numbers and strings in their external form.
#[derive(Default, Clone)]
struct Out(Vec<u8>);

impl Out {
    fn n(mut self, numbers: &[u32]) -> Self {
        for number in numbers {
            self.0.extend_from_slice(&number.to_be_bytes());
        }
        self
    }
    fn s(self, string: &[u8]) -> Self {
        let mut out = self.n(&[string.len() as u32]);
        out.0.extend_from_slice(string);
        while out.0.len() % 4 != 0 {
            out.0.push(0);
        }
        out
    }
}

fn call(xid: u32, program: u32, version: u32, procedure: u32) -> Out {
    let who = Out::default().n(&[7]).s(b"client").n(&[501, 20, 2, 20, 80]);
    Out::default()
        .n(&[xid, 0, 2, program, version, procedure, 1])
        .s(&who.0)
        .n(&[0, 0])
}

fn reply(xid: u32) -> Out {
    Out::default().n(&[xid, 1, 0, 0, 0, 0])
}

fn record(message: &Out) -> Vec<u8> {
    let mut out = (0x8000_0000 | message.0.len() as u32).to_be_bytes().to_vec();
    out.extend_from_slice(&message.0);
    out
}

fn udp(def: &'static AnalyzerDef) -> Harness {
    Harness::new(def, 111, Transport::Udp)
}

/// The arguments of the first event of that name, behind the connection.
fn event<'h>(h: &'h Harness, name: &str) -> &'h [Value] {
    let found = h.sink.events.iter().find(|(n, _)| *n == name);
    &found
        .unwrap_or_else(|| panic!("no {name} in {:?}", h.event_names()))
        .1[1..]
}

fn weirds(h: &Harness) -> Vec<&'static str> {
    h.sink.weirds.iter().map(|w| w.name).collect()
}

#[test]
fn the_six_requests_of_the_portmapper() {
    let mut h = udp(&PORTMAPPER);
    let nfs = [100_003, 3, 6, 2049];
    let mappings = Out::default().n(&[1]).n(&nfs).n(&[1, 100_005, 3, 17, 635, 0]);
    for (procedure, arguments, results) in [
        (0, Out::default(), Out::default()),
        (1, Out::default().n(&nfs), Out::default().n(&[1])),
        (2, Out::default().n(&nfs), Out::default().n(&[0])),
        (
            3,
            Out::default().n(&[100_003, 3, 6, 0]),
            Out::default().n(&[2049]),
        ),
        (4, Out::default(), mappings),
        (
            5,
            Out::default().n(&[100_005, 3, 1]).s(b"/home"),
            Out::default().n(&[635]).s(b"done"),
        ),
    ] {
        let mut asked = call(procedure, 100_000, 2, procedure);
        asked.0.extend(arguments.0);
        let mut answered = reply(procedure);
        answered.0.extend(results.0);
        h.packet(true, &asked.0);
        h.packet(false, &answered.0);
    }
    h.finish();
    assert!(weirds(&h).is_empty(), "{:?}", weirds(&h));
    let port = |number, transport| Value::Port(number, transport);
    assert!(event(&h, "pm_request_null").is_empty());
    let set = event(&h, "pm_request_set");
    assert_eq!(field(&set[0], "p"), &port(2049, Transport::Tcp));
    assert_eq!(set[1], Value::Bool(true));
    assert_eq!(event(&h, "pm_request_unset")[1], Value::Bool(false));
    let getport = event(&h, "pm_request_getport");
    assert_eq!(field(&getport[0], "is_tcp"), &Value::Bool(true));
    assert_eq!(getport[1], port(2049, Transport::Tcp));
    let Value::Table(dump) = &event(&h, "pm_request_dump")[0] else {
        panic!()
    };
    assert_eq!(field(&dump[1].1, "p"), &port(635, Transport::Udp));
    let callit = event(&h, "pm_request_callit");
    assert_eq!(field(&callit[0], "arg_size"), &Value::Count(5));
    assert_eq!(callit[1], port(635, Transport::Udp));
    assert_eq!(
        h.event_names().iter().filter(|n| **n == "rpc_dialogue").count(),
        6
    );
    // NFS is expected at the port that was told.
    let expected = h.changes.iter().any(|change| {
        matches!(
            change,
            TreeChange::Expect {
                port: 2049,
                tag: "Analyzer::ANALYZER_NFS",
                ..
            }
        )
    });
    assert!(expected);
}

#[test]
fn attempts_by_denial_and_by_silence() {
    let mut h = udp(&PORTMAPPER);
    let arguments = |out: Out| out.n(&[100_003, 3, 17, 0]);
    h.packet(true, &arguments(call(1, 100_000, 2, 3)).0);
    h.packet(false, &Out::default().n(&[1, 1, 1, 1, 5]).0);
    h.packet(true, &arguments(call(2, 100_000, 2, 1)).0);
    h.packet(true, &call(3, 100_000, 2, 4).0);
    h.finish();
    assert_eq!(event(&h, "pm_attempt_getport")[0], Value::Enum("RPC_AUTH_ERROR"));
    assert_eq!(event(&h, "pm_attempt_set")[0], Value::Enum("RPC_TIMEOUT"));
    assert_eq!(event(&h, "pm_attempt_dump")[0], Value::Enum("RPC_TIMEOUT"));
}

#[test]
fn a_port_that_is_none() {
    let mut h = udp(&PORTMAPPER);
    h.packet(true, &call(1, 100_000, 2, 3).n(&[100_003, 3, 6, 0]).0);
    h.packet(false, &reply(1).n(&[70_000]).0);
    assert_eq!(event(&h, "pm_bad_port")[0], Value::Count(70_000));
    assert_eq!(event(&h, "pm_request_getport")[1], Value::Port(0, Transport::Tcp));
}

#[test]
fn what_is_strange() {
    let mut h = udp(&PORTMAPPER);
    h.packet(false, &reply(9).0);
    h.packet(true, &reply(9).0);
    h.packet(false, &call(1, 100_000, 2, 0).0);
    h.packet(true, &call(1, 100_000, 2, 3).n(&[100_003]).0);
    h.packet(false, &reply(1).n(&[1]).0);
    h.packet(true, &call(2, 100_000, 2, 0).n(&[0]).0);
    h.packet(true, &call(2, 100_000, 2, 4).0);
    h.packet(true, &call(3, 100_001, 2, 0).0);
    h.packet(true, b"rubbish");
    assert!(h.violations().is_empty());
    h.packet(false, b"rubbish");
    assert_eq!(
        weirds(&h),
        [
            "unpaired_RPC_response",
            "originator_RPC_reply",
            "responder_RPC_call",
            "RPC_underflow",
            "successful_RPC_reply_to_invalid_request",
            "excess_RPC",
            "RPC_rexmit_inconsistency",
            "bad_RPC_program",
            "bad_RPC",
            "bad_RPC"
        ]
    );
    assert_eq!(h.violations(), ["not a message of RPC"]);
}

#[test]
fn the_same_call_again_is_one_call() {
    let mut h = udp(&PORTMAPPER);
    for _ in 0..3 {
        h.packet(true, &call(1, 100_000, 2, 0).0);
    }
    h.packet(false, &reply(1).0);
    h.finish();
    assert_eq!(
        h.event_names()
            .iter()
            .filter(|n| **n == "pm_request_null")
            .count(),
        1
    );
    assert!(weirds(&h).is_empty());
}

#[test]
fn calls_that_nobody_answers_are_bounded() {
    let mut options = OptionStore::new();
    options.set("rpc_max_pending_calls", Value::Count(10));
    let mut h = Harness::with_options(&PORTMAPPER, 111, Transport::Udp, &options);
    for xid in 0..25 {
        h.packet(true, &call(xid, 100_000, 2, 0).0);
    }
    h.finish();
    let discarded = h
        .event_names()
        .iter()
        .filter(|n| **n == "rpc_discarded_pending_calls")
        .count();
    assert_eq!(discarded, 2);
    assert_eq!(weirds(&h), ["RPC_pending_calls_discarded"; 2]);
    assert_eq!(
        h.event_names()
            .iter()
            .filter(|n| **n == "pm_attempt_null")
            .count(),
        5
    );
}

#[test]
fn over_tcp_in_any_pieces() {
    let message = record(&call(1, 100_000, 2, 3).n(&[100_003, 3, 6, 0]));
    let answer = record(&reply(1).n(&[2049]));
    for cut in [1, 3, 7, 1000] {
        let mut h = Harness::new(&PORTMAPPER, 111, Transport::Tcp);
        h.stream_cut(true, &message, &[cut]);
        h.stream_cut(false, &answer, &[cut]);
        assert_eq!(
            event(&h, "pm_request_getport")[1],
            Value::Port(2049, Transport::Tcp)
        );
    }
    let mut h = Harness::new(&PORTMAPPER, 111, Transport::Tcp);
    h.stream(true, b"GET / HTTP/1.0\r\n\r\n");
    assert!(h.violations().is_empty());
    // A client that wants the monitor to look away does not succeed.
    h.stream(true, &record(&call(1, 100_000, 2, 0)));
    assert_eq!(h.event_names(), ["rpc_call"]);
    h.stream(false, b"HTTP/1.0 400 What\r\n\r\n");
    assert_eq!(h.violations(), ["not a record of RPC"]);
}

#[test]
fn holes_cost_what_they_touch() {
    let mut h = Harness::new(&PORTMAPPER, 111, Transport::Tcp);
    let first = record(&call(1, 100_000, 2, 3).n(&[100_003, 3, 6, 0]));
    h.stream(true, &first[..20]);
    h.gap(true, 20, 20);
    h.stream(true, &first[40..]);
    h.stream(true, &record(&call(2, 100_000, 2, 0)));
    h.stream(false, &record(&reply(2)));
    assert_eq!(
        h.event_names(),
        ["rpc_call", "rpc_reply", "rpc_dialogue", "pm_request_null"]
    );
    assert!(weirds(&h).is_empty() && h.violations().is_empty());
    h.gap(true, 200, 30);
    h.stream(true, b"the rest of something");
    h.stream(true, &record(&call(3, 100_000, 2, 0)));
    h.stream(false, &record(&reply(3)));
    assert_eq!(weirds(&h), ["partial_RPC"]);
    assert_eq!(
        h.event_names()
            .iter()
            .filter(|n| **n == "pm_request_null")
            .count(),
        2
    );
}

#[test]
fn later_versions_ask_the_same() {
    let nfs = |out: Out, address: &[u8]| out.n(&[100_003, 3]).s(b"tcp").s(address).s(b"superuser");
    let mut h = udp(&PORTMAPPER);
    for (version, procedure, arguments, results) in [
        (3, 0, Out::default(), Out::default()),
        (4, 1, nfs(Out::default(), b"0.0.0.0.8.1"), Out::default().n(&[1])),
        (3, 2, nfs(Out::default(), b""), Out::default().n(&[0])),
        (4, 3, nfs(Out::default(), b""), Out::default().s(b"10.0.0.2.8.1")),
        (4, 9, nfs(Out::default(), b""), Out::default().s(b"")),
        (
            4,
            4,
            Out::default(),
            nfs(Out::default().n(&[1]), b"0.0.0.0.8.1").n(&[0]),
        ),
        (
            4,
            10,
            Out::default().n(&[100_005, 3, 1]).s(b"/home"),
            Out::default().s(b"10.0.0.2.2.123").s(b"done"),
        ),
        (4, 6, Out::default(), Out::default().n(&[77])),
    ] {
        let xid = version << 8 | procedure;
        let mut asked = call(xid, 100_000, version, procedure);
        asked.0.extend(arguments.0);
        let mut answered = reply(xid);
        answered.0.extend(results.0);
        h.packet(true, &asked.0);
        h.packet(false, &answered.0);
    }
    assert!(weirds(&h).is_empty(), "{:?}", weirds(&h));
    let port = |number, transport| Value::Port(number, transport);
    assert_eq!(
        field(&event(&h, "pm_request_set")[0], "p"),
        &port(2049, Transport::Tcp)
    );
    assert_eq!(event(&h, "pm_request_unset")[1], Value::Bool(false));
    let asked: Vec<_> = h
        .sink
        .named("pm_request_getport")
        .iter()
        .map(|args| args[2].clone())
        .collect();
    assert_eq!(asked, [port(2049, Transport::Tcp), port(0, Transport::Tcp)]);
    let Value::Table(dump) = &event(&h, "pm_request_dump")[0] else {
        panic!()
    };
    assert_eq!(field(&dump[0].1, "p"), &port(2049, Transport::Tcp));
    assert_eq!(event(&h, "pm_request_callit")[1], port(635, Transport::Udp));
    assert!(!event(&h, "pm_request_null").iter().any(|_| true));
}

#[test]
fn credentials_that_make_no_sense_do_not_hide_a_call() {
    let mut h = udp(&PORTMAPPER);
    h.packet(
        true,
        &Out::default()
            .n(&[1, 0, 2, 100_000, 2, 0, 1])
            .s(b"short")
            .n(&[0, 0])
            .0,
    );
    h.packet(false, &Out::default().n(&[1, 1, 1, 1, 1]).0);
    assert_eq!(event(&h, "pm_attempt_null")[0], Value::Enum("RPC_AUTH_ERROR"));
}

#[test]
fn mounting() {
    let mut h = udp(&MOUNT);
    h.packet(true, &call(1, 100_005, 3, 1).s(b"/home").0);
    h.packet(false, &reply(1).n(&[0]).s(b"handle").n(&[3, 0, 1, 390_003]).0);
    h.packet(true, &call(2, 100_005, 3, 1).s(b"/root").0);
    h.packet(false, &reply(2).n(&[13]).0);
    h.packet(true, &call(3, 100_005, 3, 3).s(b"/home").0);
    h.packet(false, &reply(3).0);
    h.packet(true, &call(4, 100_005, 3, 5).0);
    h.packet(false, &reply(4).n(&[0]).0);
    let [info, request, result] = event(&h, "mount_proc_mnt") else {
        panic!()
    };
    assert_eq!(text(field(request, "dirname")), "/home");
    assert_eq!(text(field(result, "dirfh")), "handle");
    assert_eq!(text(field(info, "rpc_machine_name")), "client");
    assert_eq!(field(info, "rpc_uid"), &Value::Count(501));
    assert_eq!(
        field(result, "auth_flavors"),
        &Value::Vector(vec![
            Value::Enum("MOUNT3::AUTH_NULL"),
            Value::Enum("MOUNT3::AUTH_UNIX")
        ])
    );
    let refused = &h
        .sink
        .events
        .iter()
        .filter(|(n, _)| *n == "mount_proc_mnt")
        .nth(1)
        .unwrap()
        .1;
    assert_eq!(
        field(&refused[1], "mnt_stat"),
        &Value::Enum("MOUNT3::MNT3ERR_ACCES")
    );
    assert_eq!(text(field(&event(&h, "mount_proc_umnt")[1], "dirname")), "/home");
    let other = event(&h, "mount_proc_not_implemented");
    assert_eq!(other[1], Value::Enum("MOUNT3::PROC_EXPORT"));
    assert_eq!(
        h.event_names()
            .iter()
            .filter(|n| **n == "mount_reply_status")
            .count(),
        4
    );
}

fn attributes(out: Out, size: u32) -> Out {
    out.n(&[
        1,
        0o644,
        1,
        501,
        20,
        0,
        size,
        0,
        4096,
        0,
        0,
        0,
        9,
        0,
        77,
        10,
        500_000_000,
        11,
        0,
        12,
        0,
    ])
}

#[test]
fn files_by_nfs() {
    let mut options = OptionStore::new();
    options.set("NFS3::return_data", Value::Bool(true));
    let mut h = Harness::with_options(&NFS, 2049, Transport::Udp, &options);
    h.packet(true, &call(1, 100_003, 3, 3).s(b"dir").s(b"name").0);
    h.packet(
        false,
        &attributes(reply(1).n(&[0]).s(b"file").n(&[1]), 5).n(&[0]).0,
    );
    let looked_up = event(&h, "nfs_proc_lookup");
    assert_eq!(text(field(&looked_up[1], "fname")), "name");
    assert_eq!(text(field(&looked_up[2], "fh")), "file");
    let found = field(&looked_up[2], "obj_attr");
    assert_eq!(field(found, "size"), &Value::Count(5));
    assert_eq!(field(found, "atime"), &Value::Time(10.5));
    assert_eq!(field(&looked_up[2], "dir_attr"), &Value::Unset);

    h.packet(true, &call(2, 100_003, 3, 6).s(b"file").n(&[0, 0, 4096]).0);
    h.packet(
        false,
        &attributes(reply(2).n(&[0, 1]), 5).n(&[5, 1]).s(b"hello").0,
    );
    assert_eq!(text(field(&event(&h, "nfs_proc_read")[2], "data")), "hello");

    h.packet(
        true,
        &call(3, 100_003, 3, 7).s(b"file").n(&[0, 5, 5, 2]).s(b"world").0,
    );
    h.packet(false, &reply(3).n(&[0, 1, 0, 5, 1, 2, 3, 4, 0, 5, 2, 0, 9]).0);
    let written = event(&h, "nfs_proc_write");
    assert_eq!(field(&written[1], "data"), &Value::Unset);
    assert_eq!(field(&written[2], "commited"), &Value::Enum("NFS3::FILE_SYNC"));

    h.packet(true, &call(4, 100_003, 3, 14).s(b"a").s(b"x").s(b"b").s(b"y").0);
    h.packet(false, &reply(4).n(&[2, 0, 0, 0, 0]).0);
    let renamed = event(&h, "nfs_proc_rename");
    assert_eq!(
        field(&renamed[0], "nfs_stat"),
        &Value::Enum("NFS3::NFS3ERR_NOENT")
    );
    assert_eq!(text(field(&renamed[1], "dst_fname")), "y");

    h.packet(
        true,
        &call(5, 100_003, 3, 17).s(b"dir").n(&[0, 0, 0, 0, 512, 4096]).0,
    );
    h.packet(
        false,
        &reply(5)
            .n(&[0, 0, 0, 3, 1, 0, 77])
            .s(b"name")
            .n(&[0, 1, 0, 1])
            .s(b"file")
            .n(&[0, 1])
            .0,
    );
    let listed = event(&h, "nfs_proc_readdir");
    let Value::Vector(entries) = field(&listed[2], "entries") else {
        panic!()
    };
    assert_eq!(text(field(&entries[0], "fname")), "name");
    assert_eq!(text(field(&entries[0], "fh")), "file");
    assert_eq!(field(&listed[2], "eof"), &Value::Bool(true));

    h.packet(true, &call(6, 100_003, 3, 4).s(b"file").n(&[63]).0);
    h.packet(false, &reply(6).n(&[0, 0, 31]).0);
    assert_eq!(
        event(&h, "nfs_proc_not_implemented")[1],
        Value::Enum("NFS3::PROC_ACCESS")
    );
    h.finish();
    assert!(weirds(&h).is_empty(), "{:?}", weirds(&h));
}

#[test]
fn a_call_that_makes_no_sense_does_not_hide_the_one_behind_it() {
    let mut h = udp(&PORTMAPPER);
    h.packet(true, &call(1, 100_000, 2, 3).n(&[100_003]).0);
    h.packet(true, &call(1, 100_000, 2, 3).n(&[100_003, 3, 6, 0]).0);
    h.packet(false, &reply(1).n(&[2049]).0);
    assert_eq!(
        event(&h, "pm_request_getport")[1],
        Value::Port(2049, Transport::Tcp)
    );
    assert_eq!(weirds(&h), ["RPC_underflow", "RPC_rexmit_inconsistency"]);
}
