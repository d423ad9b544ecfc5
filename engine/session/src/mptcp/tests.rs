//! The events of options: of segments made by hand, and of recorded connections.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bro_capture::{CaptureFile, Next, PacketSource};
use bro_events::{NoFiles, Recorder, Transport, Value};

use crate::analyzer::AnalyzerRegistry;
use crate::testing::{orig, resp, Bench, Segment};
use crate::{Options, Sessions};

mod bounds;
mod evasions;
mod kernels;
mod net;

/// A segment with these bytes, in hexadecimal, as options; filled up with padding.
fn with(mut segment: Segment, options: &str) -> Segment {
    let digits: Vec<char> = options.chars().filter(|c| !c.is_whitespace()).collect();
    segment.options = digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).expect("two digits"))
        .collect();
    while segment.options.len() % 4 != 0 {
        segment.options.push(1);
    }
    segment
}

/// The MPTCP events raised, as text: name and arguments, without the connection.
fn told(recorder: &Recorder) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::Count(n) => n.to_string(),
        Value::Bool(flag) => if *flag { "T" } else { "F" }.to_owned(),
        Value::Str(bytes) => format!("{:?}", String::from_utf8_lossy(bytes)),
        Value::Addr(addr) => addr.to_string(),
        Value::Port(number, Transport::Tcp) => format!("{number}/tcp"),
        Value::Port(number, Transport::Unknown) => format!("{number}/unknown"),
        other => panic!("no argument of MPTCP: {other:?}"),
    };
    recorder
        .events
        .iter()
        .filter(|(name, _)| name.starts_with("mp_") || name.starts_with("mptcp"))
        // That one is looked at by itself.
        .filter(|(name, _)| *name != "mptcp_finished")
        .map(|(name, args)| {
            assert!(matches!(args.first(), Some(Value::Conn(_))), "{name}");
            let args: Vec<String> = args[1..].iter().map(text).collect();
            format!("{name} {}", args.join(" "))
        })
        .collect()
}

/// The same of these segments behind a handshake, without the event that all raise.
fn told_of(segments: &[Segment]) -> Vec<String> {
    let mut bench = Bench::new();
    bench.handshake().tcp(segments);
    options_of(&bench.recorder)
}

/// What options said, without the event that all raise and what connections made of it.
fn options_of(recorder: &Recorder) -> Vec<String> {
    let mut told = told(recorder);
    told.retain(|line| line.starts_with("mp_"));
    told
}

/// The same with the event that all raise.
fn all_options(recorder: &Recorder) -> Vec<String> {
    let mut told = told(recorder);
    told.retain(|line| !line.starts_with("mptcp_"));
    told
}

#[test]
fn a_handshake_of_version_0() {
    let mut bench = Bench::new();
    bench.tcp(&[
        with(orig("S", 100, 0, b""), "020405b4 1e0c 0081 0000000000000001"),
        with(resp("SA", 500, 101, b""), "1e0c 0081 0000000000000002"),
        with(
            orig("A", 101, 501, b""),
            "1e14 0081 0000000000000001 0000000000000002 1e08 2001 00000007",
        ),
    ]);
    assert_eq!(
        all_options(&bench.recorder),
        [
            "mptcp 12 0 T",
            "mp_capable 12 0 129 1 0 T",
            "mptcp 12 0 F",
            "mp_capable 12 0 129 2 0 F",
            "mptcp 20 0 T",
            "mp_capable 20 0 129 1 2 T",
            "mptcp 8 2 T",
            "mp_dss 8 1 7 0 0 0 0 T",
        ]
    );
}

#[test]
fn a_handshake_of_version_1_with_data() {
    let mut bench = Bench::new();
    bench.tcp(&[
        with(orig("S", 100, 0, b""), "1e04 0101"),
        with(resp("SA", 500, 101, b""), "1e0c 0101 ffffffffffffffff"),
        with(
            orig("PA", 101, 501, b"hello"),
            "1e16 0101 0000000000000001 ffffffffffffffff 0005",
        ),
    ]);
    assert_eq!(
        all_options(&bench.recorder),
        [
            "mptcp 4 0 T",
            "mp_capable 4 1 1 0 0 T",
            "mptcp 12 0 F",
            "mp_capable 12 1 1 18446744073709551615 0 F",
            "mptcp 22 0 T",
            "mp_capable 22 1 1 1 18446744073709551615 T",
            "mp_capable_data 22 5 0 T",
        ]
    );
}

#[test]
fn the_handshake_of_a_join() {
    let mut bench = Bench::new();
    bench.tcp(&[
        with(orig("S", 100, 0, b""), "1e0c 1105 0000000a 0000000b"),
        with(resp("SA", 500, 101, b""), "1e10 1006 4142434445464748 0000000c"),
        with(
            orig("A", 101, 501, b""),
            "1e18 1000 4142434445464748494a4b4c4d4e4f5051525354",
        ),
    ]);
    assert_eq!(
        options_of(&bench.recorder),
        [
            r#"mp_join 12 1 5 11 10 "" T"#,
            r#"mp_join 16 0 6 12 0 "ABCDEFGH" F"#,
            r#"mp_join 24 0 0 0 0 "ABCDEFGHIJKLMNOPQRST" T"#,
        ]
    );
}

#[test]
fn options_of_an_open_connection() {
    let packet = |options: &str| with(orig("A", 101, 501, b""), options);
    assert_eq!(
        told_of(&[
            packet("1e1c 200f 0000000000000001 0000000000000002 00000003 0004 0005"),
            packet("1e08 3402 c0a80139"),
            packet("1e0a 3402 c0a80139 1f90"),
            packet("1e08 3102 c0a80139"),
            packet("1e10 3002 c0a80139 4142434445464748"),
            packet("1e14 3603 20010db8000000000000000000000001"),
            packet("1e06 4a 010203"),
            packet("1e03 51"),
            packet("1e04 50 09"),
            packet("1e0c 6102 0000000000000003"),
            packet("1e0c 7000 0000000000000004"),
            packet("1e05 f3 6162"),
            with(resp("RA", 501, 101, b""), "1e04 81 06"),
        ]),
        [
            "mp_dss 28 15 1 2 3 4 5 T",
            "mp_add_addr 8 4 2 192.168.1.57 0/unknown T",
            "mp_add_addr 10 4 2 192.168.1.57 8080/tcp T",
            r#"mp_add_addr_v1 8 T 2 "" T"#,
            "mp_add_addr_echo 8 4 2 192.168.1.57 0/unknown T",
            r#"mp_add_addr_v1 16 F 2 "ABCDEFGH" T"#,
            "mp_add_addr 16 4 2 192.168.1.57 0/unknown T",
            "mp_add_addr 20 6 3 2001:db8::1 0/unknown T",
            "mp_remove_addr 6 10 1 T",
            "mp_remove_addr 6 10 2 T",
            "mp_remove_addr 6 10 3 T",
            "mp_prio 3 1 0 T",
            "mp_prio 4 0 9 T",
            "mp_fail 12 258 3 T",
            "mp_fastclose 12 0 4 T",
            r#"mp_experimental 5 3 "ab" T"#,
            "mp_tcprst 4 1 6 F",
        ]
    );
}

#[test]
fn wrong_options_raise_an_error_and_nothing_else() {
    let mut bench = Bench::new();
    bench.tcp(&[
        // The third packet's form in a SYN; a DSS has no place there.
        with(
            orig("S", 100, 0, b""),
            "1e14 0081 0000000000000001 0000000000000002 1e08 2001 00000007",
        ),
        with(resp("SA", 500, 101, b""), ""),
        // Two wrong ones and a right one in one segment.
        with(
            orig("A", 101, 501, b"x"),
            "1e04 90 00 1e02 1e07 2001 000000 1e03 51",
        ),
    ]);
    assert_eq!(
        all_options(&bench.recorder),
        [
            "mptcp 20 0 T",
            "mp_error 20 0 T",
            "mptcp 8 2 T",
            "mp_error 8 2 T",
            "mptcp 4 9 T",
            "mp_error 4 9 T",
            "mp_error 2 0 T",
            "mptcp 7 2 T",
            "mp_error 7 2 T",
            "mptcp 3 5 T",
            "mp_prio 3 1 0 T",
        ]
    );
}

#[test]
fn what_is_no_option_of_mptcp_raises_nothing() {
    // The number 30 as data of others, behind the end of the list, and in an option that is longer than the header.
    for options in [
        "0204 1e1e",
        "fd06 1e031e03",
        "00 1e0351",
        "1e28 2001",
        "0101 080a 1e03511e 03511e03",
    ] {
        assert_eq!(
            told_of(&[with(orig("A", 101, 501, b"x"), options)]),
            [""; 0],
            "{options}"
        );
    }
    let after = "0101 080a 00000001 00000002 1e04 50 02";
    assert_eq!(
        told_of(&[with(orig("A", 101, 501, b"x"), after)]),
        ["mp_prio 4 0 2 T"]
    );
}

/// What is raised for a capture that lies beside the repository; `None` if it is not there.
fn recorded(name: &str) -> Option<Recorder> {
    let folder = std::env::var_os("BRO_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    );
    let path = folder.join("mptcp").join(name);
    if !path.exists() {
        eprintln!("{} is not there: skipped", path.display());
        return None;
    }
    let mut source = CaptureFile::open(&path).expect("a capture");
    let options = Options {
        ignore_checksums: true,
        ..Options::default()
    };
    let mut sessions = Sessions::new(AnalyzerRegistry::new(&[]), options, [7; 16]);
    let mut recorder = Recorder::new();
    while let Next::Packet(packet) = source.next_packet().expect("a whole capture") {
        sessions.packet(&packet, &mut recorder, &mut NoFiles);
    }
    sessions.finish(&mut recorder, &mut NoFiles);
    assert!(sessions.mptcp.is_empty(), "nothing is left");
    Some(recorder)
}

/// How often each MPTCP event comes.
fn counts(recorder: &Recorder) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for line in told(recorder) {
        let mut name = line.split(' ').next().unwrap_or_default().to_owned();
        // Of these it matters whether they were verified.
        if name == "mptcp_subflow_joined" {
            name = format!("{name} {}", line.split(' ').next_back().unwrap_or_default());
        }
        *counts.entry(name).or_default() += 1;
    }
    counts
}

/// What is told of connections as they end: version, joined, verified, refused, bytes, missed, repeated, conflicting, end.
fn ends(recorder: &Recorder) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::Count(number) => number.to_string(),
        Value::Unset => "-".to_owned(),
        Value::Text(text) => (*text).to_owned(),
        other => panic!("no total: {other:?}"),
    };
    let finished = recorder.named("mptcp_finished").into_iter();
    finished
        .map(|args| {
            let [_, Value::Record(_, fields)] = args else {
                panic!("{args:?}")
            };
            let columns = [0, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14];
            columns.map(|at| text(&fields[at])).join(" ")
        })
        .collect()
}

#[track_caller]
fn expect(name: &str, expected: &[(&str, usize)]) {
    if let Some(found) = recorded(name).as_ref().map(counts) {
        let expected: BTreeMap<String, usize> = expected
            .iter()
            .map(|&(event, count)| (event.to_owned(), count))
            .collect();
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn recorded_visit_of_version_0() {
    expect(
        "mp_capable.pcapng",
        &[
            ("mptcp", 67),
            ("mp_capable", 6),
            ("mp_join", 18),
            ("mp_dss", 35),
            ("mp_add_addr", 8),
            ("mptcp_attempt", 2),
            ("mptcp_established", 2),
            ("mptcp_subflow", 8),
            ("mptcp_subflow_joined T", 4),
            ("mptcp_subflow_closed", 8),
            ("mptcp_contents", 11),
            ("mptcp_address_advertised", 8),
        ],
    );
}

#[test]
fn recorded_connection_of_version_1() {
    expect(
        "linux-v1-two-paths.pcap",
        &[
            ("mptcp", 242),
            ("mp_capable", 3),
            ("mp_join", 6),
            ("mp_dss", 231),
            ("mp_add_addr", 1),
            ("mp_add_addr_echo", 1),
            ("mp_add_addr_v1", 2),
            ("mptcp_attempt", 1),
            ("mptcp_established", 1),
            ("mptcp_subflow", 3),
            ("mptcp_subflow_joined T", 2),
            ("mptcp_subflow_closed", 3),
            ("mptcp_contents", 103),
            ("mptcp_address_advertised", 1),
            ("mptcp_address_echoed", 1),
        ],
    );
}

#[test]
fn recorded_change_of_keys() {
    expect(
        "mp_key_change.pcap",
        &[
            ("mptcp", 4),
            ("mp_capable", 3),
            ("mp_dss", 1),
            ("mptcp_attempt", 1),
            ("mptcp_keys_changed", 1),
            ("mptcp_subflow", 1),
            ("mptcp_subflow_closed", 1),
        ],
    );
}

#[test]
fn recorded_id_of_two_addresses() {
    expect(
        "wrongAdd_Addr.pcap",
        &[
            ("mptcp", 8),
            ("mp_capable", 3),
            ("mp_dss", 3),
            ("mp_add_addr", 2),
            ("mptcp_attempt", 1),
            ("mptcp_established", 1),
            ("mptcp_address_advertised", 2),
            ("mptcp_address_id_reused", 1),
            ("mptcp_subflow", 1),
            ("mptcp_subflow_closed", 1),
        ],
    );
}

#[test]
fn recorded_flood_of_joins() {
    expect(
        "flood.pcap",
        &[
            ("mptcp", 10_000),
            ("mp_join", 10_000),
            ("mptcp_join_unknown", 10_000),
        ],
    );
}

#[test]
fn totals_of_recorded_connections() {
    for name in [
        "mp_capable.pcapng",
        "linux-v1-two-paths.pcap",
        "mp_key_change.pcap",
        "wrongAdd_Addr.pcap",
    ] {
        if let Some(recorder) = recorded(name) {
            eprintln!("{name} {:?} {:?}", ends(&recorder), counts(&recorder));
        }
    }
}
