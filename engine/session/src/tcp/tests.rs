//! The states of a TCP connection, its history, and how it ends.

use bro_events::{Transport, Value};

use super::endpoint::State;
use crate::testing::{orig, resp, Bench, ORIG, RESP};

const INACTIVE: u64 = State::Inactive as u64;
const SYN_SENT: u64 = State::SynSent as u64;
const SYN_ACK_SENT: u64 = State::SynAckSent as u64;
const PARTIAL: u64 = State::Partial as u64;
const ESTABLISHED: u64 = State::Established as u64;
const CLOSED: u64 = State::Closed as u64;
const RESET: u64 = State::Reset as u64;

/// A FIN from each side, and the last acknowledgement.
fn close_both(bench: &mut Bench, seq: u32, ack: u32) {
    bench.tcp(&[
        orig("FA", seq, ack, b""),
        resp("FA", ack, seq + 1, b""),
        orig("A", seq + 1, ack + 1, b""),
    ]);
}

#[test]
fn a_connection_from_handshake_to_close() {
    let mut bench = Bench::new();
    bench.handshake().tcp(&[
        orig("PA", 101, 501, b"question"),
        resp("A", 501, 109, b""),
        resp("PA", 501, 109, b"answer"),
        orig("A", 109, 507, b""),
    ]);
    assert_eq!(bench.states(), (ESTABLISHED, ESTABLISHED));
    close_both(&mut bench, 109, 507);
    bench.finish();
    assert_eq!(
        (bench.history().as_str(), bench.states()),
        ("ShADadFf", (CLOSED, CLOSED))
    );
    assert_eq!(bench.sizes(), (8, 6));
    assert_eq!(
        (bench.content(true), bench.content(false)),
        (b"question".to_vec(), b"answer".to_vec())
    );
    for event in [
        "new_connection",
        "connection_established",
        "connection_finished",
        "connection_state_remove",
    ] {
        assert_eq!(bench.count(event), 1, "{event}");
    }
    assert_eq!(bench.count("connection_EOF"), 2);
    assert_eq!(bench.weirds(), Vec::<&str>::new());
    let conn = bench.conn();
    assert_eq!((conn.orig.num_pkts, conn.resp.num_pkts), (6, 4));
    assert_eq!(
        (conn.orig.num_bytes_ip, conn.resp.num_bytes_ip),
        (6 * 40 + 8, 4 * 40 + 6)
    );
}

#[test]
fn the_acknowledgement_of_the_last_fin_does_not_lengthen_the_connection() {
    let mut bench = Bench::new();
    bench.handshake();
    let begin = bench.conn().start_time;
    bench.tcp(&[orig("FA", 101, 501, b""), resp("FA", 501, 102, b"")]);
    let end = bench.now;
    bench
        .wait(1.0)
        .tcp(&[orig("A", 102, 502, b""), orig("A", 102, 502, b"")])
        .finish();
    let conn = bench.conn();
    assert!((conn.duration - (end - begin)).abs() < 1e-4, "{}", conn.duration);
    assert_eq!(conn.orig.num_pkts, 5, "it counts as a packet all the same");
}

#[test]
fn what_the_first_to_close_has_sent_must_be_acknowledged_before_the_end_is_the_end() {
    let mut bench = Bench::new();
    bench.handshake();
    let begin = bench.conn().start_time;
    bench.tcp(&[orig("FPA", 101, 501, b"unheard"), resp("FA", 501, 101, b"")]);
    bench.wait(1.0).tcp(&[resp("A", 502, 109, b"")]);
    let end = bench.now;
    bench.wait(1.0).tcp(&[orig("A", 109, 502, b"")]).finish();
    assert!((bench.conn().duration - (end - begin)).abs() < 1e-4);
}

#[test]
fn a_refused_syn() {
    let mut bench = Bench::new();
    bench
        .tcp(&[orig("S", 100, 0, b""), resp("RA", 0, 101, b"")])
        .finish();
    assert_eq!(
        (bench.history().as_str(), bench.states()),
        ("Sr", (SYN_SENT, RESET))
    );
    assert_eq!(bench.count("connection_rejected"), 1);
    assert_eq!(bench.sizes(), (0, 0));
}

#[test]
fn a_reset_of_either_side() {
    for side in [true, false] {
        let mut bench = Bench::new();
        let reset = if side {
            orig("RA", 101, 501, b"")
        } else {
            resp("RA", 501, 101, b"")
        };
        bench.handshake().tcp(&[reset]).finish();
        assert_eq!(bench.history(), if side { "ShAR" } else { "ShAr" });
        assert_eq!(
            bench.states(),
            if side {
                (RESET, ESTABLISHED)
            } else {
                (ESTABLISHED, RESET)
            }
        );
        assert_eq!(bench.count("connection_reset"), 1);
    }
}

#[test]
fn a_fin_after_fin_and_reset_closes_in_order() {
    let mut bench = Bench::new();
    bench.handshake();
    bench
        .tcp(&[
            orig("FA", 101, 501, b""),
            orig("R", 102, 0, b""),
            resp("FA", 501, 102, b""),
        ])
        .finish();
    assert_eq!(
        (bench.history().as_str(), bench.states()),
        ("ShAFRf", (CLOSED, CLOSED))
    );
}

#[test]
fn sequence_numbers_after_a_reset_are_not_believed() {
    let mut bench = Bench::new();
    bench.tcp(&[
        orig("S", 100, 0, b""),
        resp("RA", 0, 101, b""),
        resp("SA", 77_777, 101, b""),
        orig("A", 101, 77_778, b""),
        resp("RA", 77_778, 101, b""),
    ]);
    bench.finish();
    assert_eq!((bench.history().as_str(), bench.sizes()), ("SrhA", (0, 0)));
    assert!(bench.weirds().contains(&"SYN_after_reset"));
}

#[test]
fn an_unanswered_syn_is_an_attempt() {
    let mut bench = Bench::new();
    bench.tcp(&[orig("S", 100, 0, b"")]).wait(4.9);
    assert_eq!(bench.count("connection_attempt"), 0);
    bench.wait(0.2);
    assert_eq!(
        (
            bench.count("connection_attempt"),
            bench.count("connection_state_remove")
        ),
        (1, 1)
    );
    assert_eq!(
        (bench.history().as_str(), bench.states()),
        ("S", (SYN_SENT, INACTIVE))
    );
    assert_eq!(bench.sessions.current_connections(), 0);
}

#[test]
fn a_syn_ack_first_makes_its_receiver_the_originator() {
    let mut bench = Bench::new();
    // The first packet comes from the responder.
    bench
        .tcp(&[
            resp("SA", 500, 101, b""),
            orig("A", 101, 501, b""),
            orig("PA", 101, 501, b"x"),
        ])
        .finish();
    let conn = bench.conn();
    assert_eq!((conn.id.orig_h, conn.id.orig_p), (ORIG.0.into(), ORIG.1));
    assert_eq!((conn.id.resp_h, conn.id.resp_p), (RESP.0.into(), RESP.1));
    assert_eq!(conn.history, "^hAD");
    assert_eq!(
        (conn.orig.size, conn.orig.num_pkts, conn.resp.num_pkts),
        (1, 2, 1)
    );
}

#[test]
fn a_syn_ack_to_a_known_server_port_does_not_flip() {
    let mut bench = Bench::with(|options| {
        options.likely_server_ports.insert((Transport::Tcp, RESP.1));
    });
    bench.tcp(&[orig("SA", 100, 501, b"")]).finish();
    assert_eq!(
        (bench.history().as_str(), bench.states()),
        ("H", (SYN_ACK_SENT, INACTIVE))
    );
    assert!(bench.weirds().contains(&"connection_originator_SYN_ack"));
}

#[test]
fn a_packet_from_a_known_server_port_comes_from_the_responder() {
    let mut bench = Bench::with(|options| {
        options.likely_server_ports.insert((Transport::Tcp, RESP.1));
    });
    bench
        .tcp(&[resp("PA", 501, 101, b"midstream"), orig("A", 101, 510, b"")])
        .finish();
    assert_eq!(
        (bench.history().as_str(), bench.states()),
        ("^dA", (PARTIAL, PARTIAL))
    );
    assert_eq!(bench.sizes(), (0, 9));
}

#[test]
fn a_connection_from_its_middle_on() {
    let mut bench = Bench::new();
    bench.tcp(&[
        orig("PA", 1000, 2000, b"first seen"),
        resp("PA", 2000, 1010, b"reply"),
        orig("A", 1010, 2005, b""),
    ]);
    assert_eq!(
        (bench.states(), bench.count("partial_connection")),
        ((PARTIAL, PARTIAL), 1)
    );
    assert_eq!(bench.content(true), b"first seen");
    close_both(&mut bench, 1010, 2005);
    bench.finish();
    assert_eq!(
        (bench.history().as_str(), bench.states()),
        ("DdAFf", (CLOSED, CLOSED))
    );
    assert_eq!(bench.sizes(), (10, 5));
}

#[test]
fn gaps_of_partial_connections_are_only_told_on_request() {
    for (wanted, gaps) in [(false, 0), (true, 1)] {
        let mut bench = Bench::with(|options| options.report_gaps_for_partial = wanted);
        bench.tcp(&[
            orig("PA", 1000, 2000, b"abc"),
            resp("A", 2000, 1003, b""),
            orig("PA", 1013, 2000, b"xyz"),
            resp("A", 2000, 1016, b""),
        ]);
        bench.finish();
        assert_eq!(bench.count("content_gap"), gaps);
        assert_eq!(bench.content(true), b"abcxyz");
    }
}

#[test]
fn both_open_at_once() {
    let mut bench = Bench::new();
    bench.tcp(&[
        orig("S", 100, 0, b""),
        resp("S", 500, 0, b""),
        orig("SA", 100, 501, b""),
        resp("SA", 500, 101, b""),
    ]);
    bench.finish();
    assert!(
        bench.weirds().contains(&"simultaneous_open"),
        "{:?}",
        bench.weirds()
    );
    assert_eq!(bench.conns().len(), 1);
    assert_eq!(&bench.history()[..2], "Ss");
}

#[test]
fn one_side_only() {
    let mut bench = Bench::new();
    bench.tcp(&[
        orig("S", 100, 0, b""),
        orig("A", 101, 501, b""),
        orig("PA", 101, 501, b"hello"),
    ]);
    assert_eq!(
        bench.weirds(),
        ["possible_split_routing", "data_before_established"]
    );
    bench.tcp(&[orig("FA", 106, 501, b"")]).finish();
    assert_eq!(
        (bench.history().as_str(), bench.states()),
        ("SADF", (CLOSED, INACTIVE))
    );
    assert_eq!((bench.sizes(), bench.content(true)), ((5, 0), b"hello".to_vec()));
}

#[test]
fn a_syn_of_other_number_after_the_close_begins_a_new_connection() {
    let mut bench = Bench::new();
    bench.handshake();
    close_both(&mut bench, 101, 501);
    bench.tcp(&[orig("S", 70_000, 0, b"")]).finish();
    let histories: Vec<String> = bench.conns().into_iter().map(|conn| conn.history).collect();
    assert_eq!(histories, ["ShAFf", "S"]);
    assert!(bench.weirds().contains(&"premature_connection_reuse"));
    assert_eq!(bench.count("connection_reused"), 1);
}

#[test]
fn a_repeated_syn_is_none() {
    let mut bench = Bench::new();
    bench.handshake().tcp(&[orig("S", 100, 0, b"")]);
    close_both(&mut bench, 101, 501);
    bench.tcp(&[orig("S", 100, 0, b"")]).finish();
    assert_eq!((bench.conns().len(), bench.count("connection_reused")), (1, 0));
}

#[test]
fn who_was_refused_may_try_again_with_the_same_number() {
    let mut bench = Bench::new();
    for _ in 0..3 {
        bench
            .tcp(&[orig("S", 100, 0, b""), resp("RA", 0, 101, b"")])
            .wait(0.5);
    }
    bench.finish();
    let histories: Vec<String> = bench.conns().into_iter().map(|conn| conn.history).collect();
    assert_eq!(histories, ["Sr", "Sr", "Sr"]);
    assert_eq!(bench.weirds(), Vec::<&str>::new());
}

#[test]
fn another_syn_in_an_open_connection_replaces_it() {
    let mut bench = Bench::new();
    bench.handshake().tcp(&[orig("S", 70_000, 0, b"")]).finish();
    assert_eq!(bench.conns().len(), 2);
    assert!(bench.weirds().contains(&"active_connection_reuse"));
}

#[test]
fn silence_removes_an_open_connection_after_the_inactivity_timeout_only() {
    let mut bench = Bench::new();
    bench
        .handshake()
        .wait(299.0)
        .tcp(&[orig("A", 101, 501, b"")])
        .wait(299.0);
    assert_eq!(bench.sessions.current_connections(), 1);
    bench.wait(2.0);
    assert_eq!(bench.sessions.current_connections(), 0);
    assert_eq!(bench.sessions.stats().killed_by_inactivity, 1);
    assert_eq!(bench.count("connection_timeout"), 1);
}

#[test]
fn a_half_closed_connection_is_waited_for() {
    let mut bench = Bench::new();
    bench
        .handshake()
        .tcp(&[orig("FA", 101, 501, b""), resp("A", 501, 102, b"")])
        .wait(200.0);
    bench
        .tcp(&[resp("PA", 501, 102, b"late"), resp("FA", 505, 102, b"")])
        .finish();
    assert_eq!((bench.history().as_str(), bench.sizes()), ("ShAFadf", (0, 4)));
}

#[test]
fn a_closed_connection_is_forgotten_soon() {
    let mut bench = Bench::new();
    bench.handshake();
    close_both(&mut bench, 101, 501);
    bench.wait(4.0);
    assert_eq!(bench.sessions.current_connections(), 1);
    bench.wait(2.0);
    assert_eq!(bench.sessions.current_connections(), 0);
}

#[test]
fn a_reset_connection_is_forgotten_soon() {
    let mut bench = Bench::new();
    bench.handshake().tcp(&[resp("R", 501, 0, b"")]).wait(6.0);
    assert_eq!(bench.sessions.current_connections(), 0);
}

#[test]
fn retransmissions_are_noted_at_powers_of_ten() {
    let mut bench = Bench::new();
    bench.handshake();
    for _ in 0..101 {
        bench.tcp(&[orig("PA", 101, 501, b"again")]);
    }
    bench.finish();
    assert_eq!((bench.history().as_str(), bench.sizes()), ("ShADTTT", (5, 0)));
    assert_eq!(bench.count("tcp_multiple_retransmissions"), 2);
    assert_eq!(bench.content(true), b"again");
}

#[test]
fn data_on_a_syn_counts_as_retransmitted_and_is_delivered_once() {
    let mut bench = Bench::new();
    bench
        .tcp(&[
            orig("S", 100, 0, b"fast"),
            resp("SA", 500, 105, b""),
            orig("A", 105, 501, b""),
        ])
        .finish();
    assert_eq!((bench.history().as_str(), bench.sizes()), ("SThA", (4, 0)));
    assert_eq!(
        (bench.weirds(), bench.content(true)),
        (vec!["SYN_with_data"], b"fast".to_vec())
    );
}

#[test]
fn zero_windows_are_noted() {
    let mut bench = Bench::new();
    let mut closed = resp("A", 501, 101, b"");
    closed.window = 0;
    bench.handshake().tcp(&[closed]).finish();
    assert_eq!(bench.history(), "ShAaw");
}

#[test]
fn a_window_that_shrinks_is_only_told_where_windows_are_scaled() {
    for (scaled, told) in [(true, true), (false, false)] {
        let mut bench = Bench::new();
        let (mut syn, mut syn_ack) = (orig("S", 100, 0, b""), resp("SA", 500, 101, b""));
        if scaled {
            syn.options = vec![3, 3, 4, 1];
            syn_ack.options = vec![3, 3, 4, 1];
        }
        let (mut wide, mut narrow) = (resp("A", 501, 101, b""), resp("A", 501, 101, b""));
        (wide.window, narrow.window) = (4000, 100);
        bench.tcp(&[syn, syn_ack, orig("A", 101, 501, b""), wide, narrow]);
        assert_eq!(bench.weirds().contains(&"window_recision"), told);
    }
}

#[test]
fn a_hole_that_is_acknowledged_is_a_gap() {
    let mut bench = Bench::new();
    bench.handshake().tcp(&[
        resp("PA", 501, 101, b"abc"),
        resp("PA", 514, 101, b"xyz"),
        orig("A", 101, 517, b""),
    ]);
    bench.finish();
    assert_eq!(
        (bench.history().as_str(), bench.content(false)),
        ("ShAdg", b"abcxyz".to_vec())
    );
    let gap = bench.recorder.named("content_gap")[0];
    assert_eq!(gap[1..], [Value::Bool(false), Value::Count(4), Value::Count(10)]);
}

#[test]
fn an_acknowledgement_of_one_more_may_be_of_an_unseen_fin() {
    let mut bench = Bench::new();
    bench
        .handshake()
        .tcp(&[resp("PA", 501, 101, b"abc"), orig("A", 101, 505, b"")])
        .finish();
    assert_eq!(
        (bench.count("content_gap"), bench.history().as_str()),
        (0, "ShAd")
    );
}

#[test]
fn a_segment_that_was_not_captured_whole_is_a_gap() {
    let mut bench = Bench::new();
    bench.handshake();
    let segment = resp("PA", 501, 101, &[b'x'; 1000]);
    let whole = crate::testing::ipv4(RESP.0, ORIG.0, crate::testing::TCP, &segment.bytes(RESP, ORIG));
    bench.captured(&whole[..68], whole.len());
    bench
        .tcp(&[orig("A", 101, 1501, b""), resp("PA", 1501, 101, b"rest")])
        .finish();
    assert_eq!((bench.history().as_str(), bench.sizes()), ("ShAdg", (0, 1004)));
    assert_eq!(
        (bench.weirds(), bench.content(false)),
        (vec!["truncated_tcp_payload"], b"rest".to_vec())
    );
}

#[test]
fn sequence_numbers_wrap() {
    let mut bench = Bench::new();
    let start = u32::MAX - 3;
    bench.tcp(&[orig("S", start, 0, b""), resp("SA", 500, start + 1, b"")]);
    let mut seq = start.wrapping_add(1);
    for chunk in [&b"ab"[..], b"cdef", b"gh"] {
        bench.tcp(&[orig("PA", seq, 501, chunk)]);
        seq = seq.wrapping_add(chunk.len() as u32);
        bench.tcp(&[resp("A", 501, seq, b"")]);
    }
    bench.finish();
    assert_eq!(
        (bench.content(true), bench.sizes()),
        (b"abcdefgh".to_vec(), (8, 0))
    );
    assert_eq!(bench.weirds(), Vec::<&str>::new());
}

#[test]
fn strange_flags_are_noted() {
    let mut bench = Bench::new();
    bench.tcp(&[orig("SFRPU", 100, 0, b"")]).finish();
    assert_eq!(bench.history(), "Q");
    assert!(bench.weirds().contains(&"TCP_christmas") && bench.weirds().contains(&"baroque_SYN"));
}

#[test]
fn the_memory_of_an_idle_connection_stays_small() {
    use std::mem::size_of;
    let (connection, tcp) = (size_of::<crate::conn::Connection>(), size_of::<super::Tcp>());
    println!("a connection takes {connection} bytes, TCP {tcp} more");
    let (most, most_tcp) = crate::conn::MOST_BYTES;
    assert!(
        connection <= most && tcp <= most_tcp,
        "{connection} and {tcp} bytes"
    );
}

/// What `tcp_banner` told: whose, what, whether first, whether certain.
fn banners(bench: &Bench) -> Vec<(bool, String, bool, bool)> {
    let told = |args: &&[Value]| match args {
        [_, Value::Bool(is_orig), Value::Str(text), Value::Bool(first), Value::Bool(certain)] => (
            *is_orig,
            String::from_utf8_lossy(text).into_owned(),
            *first,
            *certain,
        ),
        other => panic!("{other:?}"),
    };
    bench.recorder.named("tcp_banner").iter().map(told).collect()
}

fn banner(is_orig: bool, text: &str, first: bool, certain: bool) -> (bool, String, bool, bool) {
    (is_orig, text.to_owned(), first, certain)
}

#[test]
fn a_banner_is_what_a_side_says_before_the_other() {
    let mut bench = Bench::new();
    bench.handshake().tcp(&[
        resp("PA", 501, 101, b"220 ready,"),
        resp("PA", 511, 101, b" speak\r\n"),
        orig("A", 101, 519, b""),
    ]);
    assert!(banners(&bench).is_empty());
    bench.tcp(&[
        orig("PA", 101, 519, b"USER x\r\n"),
        resp("PA", 519, 109, b"331\r\n"),
    ]);
    assert_eq!(
        banners(&bench),
        [
            banner(false, "220 ready, speak\r\n", true, true),
            banner(true, "USER x\r\n", false, true)
        ]
    );
    bench.tcp(&[orig("PA", 109, 524, b"PASS y\r\n")]).finish();
    assert_eq!(banners(&bench).len(), 2);
}

#[test]
fn a_banner_needs_no_acknowledgement_of_the_handshake() {
    // The server's own segment says that it has heard nothing.
    let mut bench = Bench::new();
    bench
        .tcp(&[
            orig("S", 100, 0, b""),
            resp("SA", 500, 101, b""),
            resp("PA", 501, 101, b"DATA"),
        ])
        .finish();
    assert_eq!(banners(&bench), [banner(false, "DATA", true, true)]);
}

#[test]
fn an_answer_is_no_banner() {
    let begin = [orig("S", 100, 0, b""), resp("SA", 500, 101, b"")];
    // The question was seen, or only that it was acknowledged.
    for question in [vec![orig("PA", 101, 501, b"DATA")], vec![]] {
        let seen = !question.is_empty();
        let mut bench = Bench::new();
        bench
            .tcp(&begin)
            .tcp(&question)
            .tcp(&[resp("PA", 501, 105, b"DATA")])
            .finish();
        let of_server: Vec<_> = banners(&bench).into_iter().filter(|b| !b.0).collect();
        assert_eq!(of_server, [banner(false, "DATA", false, true)], "{seen}");
    }
}

#[test]
fn a_beginning_that_was_missed_is_not_certain() {
    // The server's first bytes were lost to the monitor; the client acknowledges them.
    let mut bench = Bench::new();
    bench
        .handshake()
        .tcp(&[resp("PA", 505, 101, b"rest"), orig("A", 101, 509, b"")])
        .finish();
    assert_eq!(banners(&bench), [banner(false, "rest", true, false)]);
    // No handshake was seen.
    let mut bench = Bench::new();
    bench
        .tcp(&[resp("PA", 501, 101, b"hello"), orig("PA", 101, 506, b"you too")])
        .finish();
    assert!(banners(&bench).iter().all(|b| !b.3), "{:?}", banners(&bench));
    // The bytes come again, and are certain then.
    let mut bench = Bench::new();
    bench
        .handshake()
        .tcp(&[
            resp("PA", 505, 101, b"rest"),
            resp("PA", 501, 101, b"the "),
            orig("PA", 101, 509, b"ok"),
        ])
        .finish();
    assert_eq!(banners(&bench)[0], banner(false, "the rest", true, true));
}

#[test]
fn a_banner_is_limited_and_probes_are_none() {
    let mut bench = Bench::with(|options| options.tcp_banner_size = 4);
    bench
        .handshake()
        .tcp(&[orig("A", 100, 501, b"\0"), resp("PA", 501, 101, b"123456")]);
    assert_eq!(banners(&bench), [banner(false, "1234", true, true)]);
}
