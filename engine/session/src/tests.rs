//! What crosses the layers: evasion, tunnels, fragments, timeouts by protocol.

mod on_demand;
mod questions;

use std::net::Ipv4Addr;

use bro_events::{Command, ThresholdKind, Transport, Value};
use proptest::prelude::*;

use crate::testing::{
    ipv4, ipv4_part, orig, resp, udp, Bench, Segment, ICMP, IPIP, ORIG, PLAIN, RESP, TCP, UDP,
};

/// The ways to make a monitor see another stream than the receiver (Ptacek and Newsham 1998; Handley, Kreibich and
/// Paxson 2001).
mod evasion {
    use super::*;

    #[test]
    fn other_bytes_in_place_of_bytes_sent_before_are_reported_and_do_not_count() {
        let mut bench = Bench::new();
        bench.handshake();
        bench.tcp(&[orig("PA", 101, 501, b"USER root"), orig("PA", 106, 501, b"nice")]);
        bench.tcp(&[resp("A", 501, 110, b"")]).finish();
        assert_eq!(bench.content(true), b"USER root");
        let told = bench.recorder.named("rexmit_inconsistency");
        assert_eq!(told.len(), 1);
        assert_eq!(
            told[0][1..],
            [b"root"[..].into(), b"nice"[..].into(), "AP".to_owned().into()]
        );
    }

    #[test]
    fn overlaps_behind_a_hole_are_compared_too() {
        let mut bench = Bench::new();
        bench.handshake();
        bench.tcp(&[
            orig("PA", 104, 501, b"DEF"),
            orig("PA", 102, 501, b"bcXYZg"),
            orig("PA", 101, 501, b"a"),
        ]);
        bench.finish();
        assert_eq!(bench.content(true), b"abcDEFg");
        assert_eq!(bench.count("rexmit_inconsistency"), 1);
    }

    #[test]
    fn a_repetition_of_the_same_bytes_is_no_inconsistency() {
        let mut bench = Bench::new();
        bench.handshake();
        bench
            .tcp(&[orig("PA", 101, 501, b"abcdef"), orig("PA", 103, 501, b"cdefgh")])
            .finish();
        assert_eq!(
            (bench.content(true), bench.count("rexmit_inconsistency")),
            (b"abcdefgh".to_vec(), 0)
        );
    }

    #[test]
    fn a_segment_with_a_bad_checksum_is_not_there() {
        let mut bench = Bench::new();
        bench.handshake();
        let mut forged = orig("PA", 101, 501, b"good");
        forged.sound = false;
        bench.tcp(&[forged, orig("PA", 101, 501, b"evil")]).finish();
        assert_eq!((bench.content(true), bench.sizes()), (b"evil".to_vec(), (4, 0)));
        assert_eq!(
            (bench.history().as_str(), bench.weirds()),
            ("ShACD", vec!["bad_TCP_checksum"])
        );
        assert_eq!(bench.count("rexmit_inconsistency"), 0);
    }

    #[test]
    fn a_reset_with_a_bad_checksum_ends_nothing() {
        let mut bench = Bench::new();
        bench.handshake();
        let mut forged = orig("R", 101, 0, b"");
        forged.sound = false;
        bench.tcp(&[forged, orig("PA", 101, 501, b"goes on")]).finish();
        assert_eq!(
            (bench.content(true), bench.count("connection_reset")),
            (b"goes on".to_vec(), 0)
        );
    }

    #[test]
    fn a_reset_that_the_receiver_ignores_does_not_hide_what_the_other_side_sends() {
        let mut bench = Bench::new();
        bench.handshake();
        // Far outside of the window, more than once: sent to blind the monitor.
        let forged = orig("R", 101 + (1 << 30), 0, b"");
        bench.tcp(&[
            forged.clone(),
            forged,
            orig("PA", 101, 501, b"evil"),
            resp("PA", 501, 105, b"yes"),
        ]);
        assert!(
            bench.weirds().contains(&"data_after_reset"),
            "{:?}",
            bench.weirds()
        );
        bench.wait(60.0).tcp(&[orig("PA", 105, 504, b"!")]).finish();
        assert_eq!(
            (bench.content(true), bench.content(false)),
            (b"evil!".to_vec(), b"yes".to_vec())
        );
        assert_eq!((bench.history().as_str(), bench.sizes()), ("ShARDd", (5, 3)));
    }

    #[test]
    fn a_reset_with_a_number_that_is_not_the_next_one_does_not_hide_what_follows() {
        // In the window, where hosts ask whether it was meant (RFC 5961, section 3.2); again, and once more later.
        for number in [106, 1101, 101 + 8000] {
            let mut bench = Bench::new();
            bench.handshake();
            let forged = orig("R", number, 0, b"");
            bench.tcp(&[
                orig("PA", 101, 501, b"good"),
                resp("A", 501, 105, b""),
                forged.clone(),
                forged,
                resp("A", 501, 105, b""),
                orig("PA", 105, 501, b"evil"),
                // What lies behind a hole does not make the number behind it the next one.
                orig("PA", 200, 501, b"x"),
                orig("R", 201, 0, b""),
                orig("PA", 109, 501, b"!"),
            ]);
            assert_eq!(bench.content(true), b"goodevil!", "{number}");
            bench.tcp(&[orig("R", 110, 0, b""), orig("PA", 110, 501, b"not any more")]);
            assert_eq!(bench.content(true), b"goodevil!", "{number}");
        }
    }

    #[test]
    fn a_fin_that_nobody_takes_does_not_make_a_reset_credible() {
        let mut bench = Bench::new();
        bench.handshake();
        bench.tcp(&[
            orig("FA", 101 + (1 << 28), 501, b""),
            orig("R", 102 + (1 << 28), 0, b""),
            orig("PA", 101, 501, b"evil"),
            resp("A", 501, 105, b""),
        ]);
        assert_eq!(bench.content(true), b"evil");
        // One behind a FIN in order is.
        let mut bench = Bench::new();
        bench.handshake();
        bench.tcp(&[
            orig("FA", 101, 501, b""),
            orig("R", 102, 0, b""),
            orig("PA", 102, 501, b"no"),
        ]);
        assert_eq!(bench.content(true), b"");
    }

    #[test]
    fn a_fin_among_bytes_that_are_there_already_ends_nothing() {
        let mut bench = Bench::new();
        bench.handshake();
        bench.tcp(&[
            orig("PA", 101, 501, b"good"),
            resp("A", 501, 105, b""),
            orig("FA", 102, 501, b""),
        ]);
        assert_eq!(bench.count("connection_EOF"), 0);
        bench.tcp(&[orig("PA", 105, 501, b"evil"), orig("FA", 109, 501, b"")]);
        assert_eq!(
            (bench.content(true), bench.count("connection_EOF")),
            (b"goodevil".to_vec(), 1)
        );
    }

    #[test]
    fn a_reset_in_the_handshake_must_have_the_next_number_too() {
        let mut bench = Bench::new();
        bench.tcp(&[
            orig("S", 100, 0, b""),
            orig("R", 5000, 0, b""),
            resp("SA", 500, 101, b""),
            orig("A", 101, 501, b""),
            orig("PA", 101, 501, b"evil"),
        ]);
        assert_eq!(bench.content(true), b"evil");
    }

    #[test]
    fn a_credible_reset_ends_the_stream() {
        let mut bench = Bench::new();
        bench.handshake();
        bench.tcp(&[
            orig("PA", 101, 501, b"last"),
            orig("R", 105, 0, b""),
            orig("PA", 105, 501, b"more"),
        ]);
        bench.wait(6.0);
        assert_eq!(
            (bench.content(true), bench.sessions.current_connections()),
            (b"last".to_vec(), 0)
        );
    }

    #[test]
    fn a_syn_in_the_stream_does_not_move_it() {
        let mut bench = Bench::new();
        bench.handshake();
        bench.tcp(&[
            orig("PA", 101, 501, b"before "),
            resp("A", 501, 108, b""),
            resp("SA", 900_000, 108, b""),
            orig("PA", 108, 501, b"after"),
            resp("PA", 501, 113, b"answer"),
        ]);
        bench.finish();
        assert_eq!(
            (bench.content(true), bench.content(false)),
            (b"before after".to_vec(), b"answer".to_vec())
        );
        assert!(bench.weirds().contains(&"SYN_seq_jump"));
    }

    #[test]
    fn overlapping_fragments_keep_what_came_first() {
        let mut bench = Bench::with(|options| options.udp_content_deliver_all_orig = true);
        let datagram = udp(true, &[b'a'; 120]);
        let mut other = datagram.clone();
        other[64..].fill(b'X');
        for (from, to, bytes) in [(64, 128, &datagram), (64, 128, &other), (0, 64, &datagram)] {
            let part = ipv4_part(ORIG.0, RESP.0, UDP, &bytes[from..to], (7, from, to < 128));
            bench.ip(&part);
        }
        bench.finish();
        assert_eq!(bench.weirds(), ["fragment_inconsistency"]);
        let contents = bench.recorder.named("udp_contents");
        assert_eq!(contents.len(), 1);
        assert_eq!(contents[0][2], vec![b'a'; 120].into());
    }

    #[test]
    fn a_segment_in_tiny_fragments_is_put_together() {
        let mut bench = Bench::new();
        bench.handshake();
        let segment = orig("PA", 101, 501, b"GET /evil").bytes(ORIG, RESP);
        let parts: Vec<&[u8]> = segment.chunks(8).collect();
        for (i, part) in parts.iter().enumerate().rev() {
            bench.ip(&ipv4_part(
                ORIG.0,
                RESP.0,
                TCP,
                part,
                (9, 8 * i, i + 1 < parts.len()),
            ));
        }
        bench.finish();
        assert_eq!(bench.content(true), b"GET /evil");
        assert!(bench.weirds().contains(&"excessively_small_fragment"));
    }
}

mod memory {
    use super::*;

    #[test]
    fn data_behind_a_hole_that_nobody_acknowledges_is_given_up() {
        let mut bench = Bench::new();
        bench.handshake();
        for i in 0..100 {
            bench.tcp(&[orig("PA", 200 + i * 1000, 501, &[b'x'; 1000])]);
        }
        assert_eq!(bench.weirds(), ["above_hole_data_without_any_acks"]);
        assert_eq!(bench.sessions.stats().reassembly_bytes, 0);
        assert_eq!(bench.content(true), b"");
    }

    #[test]
    fn unacknowledged_data_is_kept_up_to_a_limit() {
        let mut bench = Bench::with(|options| {
            options.tcp_excessive_data_without_further_acks = 50_000;
            options.tcp_max_initial_window = 0;
        });
        bench
            .handshake()
            .tcp(&[orig("PA", 101, 501, b"x"), resp("A", 501, 102, b"")]);
        let mut most = 0;
        for i in 0..100 {
            bench.tcp(&[orig("PA", 102 + i * 1000, 501, &[b'x'; 1000])]);
            most = most.max(bench.sessions.stats().reassembly_bytes);
        }
        assert_eq!(bench.weirds(), ["excessive_data_without_further_acks"]);
        assert!((10_000..=50_000).contains(&most), "{most} bytes were held");
        assert_eq!(bench.sessions.stats().reassembly_bytes, 0);
    }

    #[test]
    fn what_a_connection_held_is_given_back_when_it_goes() {
        let mut bench = Bench::new();
        bench.handshake().tcp(&[
            orig("PA", 101, 501, b"kept"),
            orig("PA", 200, 501, b"behind a hole"),
        ]);
        assert!(bench.sessions.stats().reassembly_bytes > 0);
        bench.finish();
        assert_eq!(bench.sessions.stats().reassembly_bytes, 0);
    }
}

mod analyzers {
    use super::*;

    /// What the analyzer was given.
    fn given(bench: &Bench) -> Vec<(&'static str, &str)> {
        bench
            .recorder
            .weirds
            .iter()
            .map(|weird| (weird.name, weird.addl.as_str()))
            .collect()
    }

    fn registered(transport: Transport) -> Bench {
        let mut bench = Bench::new();
        bench.apply(Command::RegisterPort {
            tag: PLAIN.tag.to_owned(),
            port: RESP.1,
            transport,
        });
        bench
    }

    #[test]
    fn a_stream_goes_to_the_analyzer_of_the_port_in_order_and_with_its_gaps() {
        let mut bench = registered(Transport::Tcp);
        bench.handshake().tcp(&[
            orig("PA", 104, 501, b"def"),
            orig("PA", 101, 501, b"abc"),
            resp("PA", 511, 107, b"late"),
            orig("A", 107, 515, b""),
            orig("FA", 107, 515, b""),
        ]);
        bench.finish();
        let expected = [
            ("stream", "true abc"),
            ("stream", "true def"),
            ("gap", "false 0 10"),
            ("stream", "false late"),
            ("end", "true"),
        ];
        assert_eq!(given(&bench), expected);
        assert_eq!(bench.count("analyzer_confirmation_info"), 1);
    }

    #[test]
    fn datagrams_go_to_the_analyzer_of_the_port() {
        let mut bench = registered(Transport::Udp);
        bench.udp(true, b"ask").udp(false, b"tell").finish();
        assert_eq!(given(&bench), [("packet", "true ask"), ("packet", "false tell")]);
    }

    #[test]
    fn an_expected_connection_gets_its_analyzer_and_one_that_is_skipped_none() {
        for skip in [false, true] {
            let mut bench = Bench::new();
            // The clock is set before anything can be expected.
            bench.wait(0.0).apply(Command::ScheduleAnalyzer {
                orig: Some(ORIG.0.into()),
                resp: RESP.0.into(),
                port: RESP.1,
                transport: Transport::Tcp,
                tag: PLAIN.tag.to_owned(),
                timeout: 10.0,
            });
            bench.handshake();
            if skip {
                let id = bench.conn().conn;
                bench.apply(Command::SkipFurtherProcessing(id));
            }
            bench.tcp(&[orig("PA", 101, 501, b"data")]).finish();
            assert_eq!(given(&bench).contains(&("stream", "true data")), !skip);
            assert_eq!(bench.history(), if skip { "ShAXD" } else { "ShAD" });
        }
    }

    #[test]
    fn an_expected_connection_is_told_of_although_it_carries_nothing() {
        let mut bench = Bench::new();
        bench.wait(0.0).apply(Command::ScheduleAnalyzer {
            orig: None,
            resp: RESP.0.into(),
            port: RESP.1,
            transport: Transport::Tcp,
            tag: PLAIN.tag.to_owned(),
            timeout: 10.0,
        });
        bench
            .tcp(&[orig("S", 100, 0, b""), resp("RA", 0, 101, b"")])
            .finish();
        assert_eq!(bench.count("scheduled_analyzer_applied"), 1);
    }

    #[test]
    fn an_analyzer_that_needs_the_beginning_does_not_get_the_middle() {
        let mut bench = registered(Transport::Tcp);
        bench
            .tcp(&[orig("PA", 101, 501, b"middle"), resp("A", 501, 107, b"")])
            .finish();
        assert_eq!(given(&bench), []);
    }
}

mod tunnels {
    use super::*;

    /// A datagram in that many tunnels.
    fn nested(depth: u8) -> Vec<u8> {
        let mut packet = ipv4(ORIG.0, RESP.0, UDP, &udp(true, b"deep"));
        for i in 0..depth {
            let outer = |last| Ipv4Addr::new(192, 0, 2, 2 * i + last);
            packet = ipv4(outer(0), outer(1), IPIP, &packet);
        }
        packet
    }

    #[test]
    fn tunnels_are_followed_up_to_the_limit() {
        for (depth, seen) in [(0, true), (1, true), (4, true), (5, false), (40, false)] {
            let mut bench = Bench::new();
            bench.ip(&nested(depth)).finish();
            assert_eq!(bench.conns().len(), usize::from(seen), "{depth} tunnels");
            assert_eq!(
                bench.weirds().contains(&"exceeded_tunnel_max_depth"),
                !seen,
                "{depth} tunnels"
            );
            if seen {
                let layers = bench.conn().tunnel.map_or(0, |layers| layers.len());
                assert_eq!(layers, usize::from(depth));
            }
        }
    }

    #[test]
    fn only_tunneled_packets_confirm_gtp() {
        let mut bench = Bench::new();
        let tag = "PacketAnalyzer::ANALYZER_GTPV1".to_owned();
        bench.apply(Command::RegisterPort {
            tag,
            port: RESP.1,
            transport: Transport::Udp,
        });
        let gtp = |kind: u8, inside: &[u8]| {
            let len = (inside.len() as u16).to_be_bytes();
            [&[0x30, kind, len[0], len[1], 0, 0, 0, 1], inside].concat()
        };
        bench.udp(true, &gtp(1, b""));
        assert_eq!(
            (
                bench.count("gtpv1_message"),
                bench.count("analyzer_confirmation_info")
            ),
            (1, 0)
        );
        let inside = ipv4(Ipv4Addr::new(10, 9, 9, 9), RESP.0, UDP, &udp(true, b"inside"));
        bench
            .udp(true, &gtp(255, &inside))
            .udp(true, &gtp(255, &inside))
            .finish();
        assert_eq!(
            (
                bench.count("gtpv1_message"),
                bench.count("analyzer_confirmation_info")
            ),
            (3, 1)
        );
        assert_eq!((bench.count("new_gtpv1_state"), bench.conns().len()), (1, 2));
    }

    #[test]
    fn a_connection_that_keeps_changing_its_tunnel_is_followed_no_more() {
        let mut bench = Bench::new();
        for i in 0..20 {
            bench.ip(&nested(i % 2));
        }
        bench.finish();
        assert_eq!(bench.count("tunnel_changed"), 5);
        let weird = &bench.recorder.weirds[0];
        assert_eq!(
            (weird.name, weird.addl.as_str()),
            ("tunnel_max_changes_per_connection_exceeded", "5")
        );
        assert_eq!((bench.weirds().len(), bench.history().as_str()), (1, "DX"));
        assert_eq!(bench.conn().orig.num_pkts, 20, "its packets count all the same");
    }
}

mod timeouts {
    use super::*;

    #[test]
    fn udp_and_icmp_flows_end_after_a_minute() {
        for protocol in [UDP, ICMP] {
            let mut bench = Bench::with(|options| options.ignore_checksums = true);
            let payload = if protocol == UDP {
                udp(true, b"x")
            } else {
                vec![8, 0, 0, 0, 0, 1, 0, 1, b'x']
            };
            let packet = ipv4(ORIG.0, RESP.0, protocol, &payload);
            bench.ip(&packet).wait(59.0).ip(&packet).wait(59.0);
            assert_eq!(bench.sessions.current_connections(), 1);
            bench.wait(1.5);
            assert_eq!(bench.sessions.current_connections(), 0);
            assert_eq!(bench.conn().orig.num_pkts, 2);
        }
    }

    #[test]
    fn policy_sets_another_timeout() {
        let mut bench = Bench::new();
        bench.udp(true, b"x");
        let id = bench.conn().conn;
        bench.apply(Command::InactivityTimeout(id, 5.0)).wait(4.0);
        assert_eq!(bench.sessions.current_connections(), 1);
        bench.wait(1.5);
        assert_eq!(bench.sessions.current_connections(), 0);
    }

    #[test]
    fn thresholds_are_crossed_once() {
        let mut bench = Bench::new();
        bench.udp(true, b"x");
        let id = bench.conn().conn;
        let threshold = |kind, value| Command::Threshold {
            conn: id,
            is_orig: true,
            kind,
            value,
        };
        bench
            .apply(threshold(ThresholdKind::Packets, 3.0))
            .apply(threshold(ThresholdKind::Duration, 10.0));
        bench.udp(true, b"x").udp(true, b"x").udp(true, b"x");
        assert_eq!(bench.count("conn_packets_threshold_crossed"), 1);
        assert_eq!(bench.count("conn_duration_threshold_crossed"), 0);
        bench.wait(11.0).wait(11.0);
        assert_eq!(bench.count("conn_duration_threshold_crossed"), 1);
    }

    #[test]
    fn connections_go_in_the_order_in_which_they_are_due() {
        let mut bench = Bench::new();
        bench.udp(true, b"a");
        for last in 1..=3u8 {
            bench.wait(1.0);
            let host = Ipv4Addr::new(10, 0, 1, last);
            let payload = orig("S", 1, 0, b"").bytes((host, 1), RESP);
            bench.ip(&ipv4(host, RESP.0, TCP, &payload));
        }
        bench.wait(1000.0);
        let order: Vec<&Value> = bench
            .recorder
            .named("connection_state_remove")
            .into_iter()
            .map(|args| &args[0])
            .collect();
        let ids: Vec<Value> = bench.conns().iter().map(|conn| Value::Conn(conn.conn)).collect();
        assert_eq!(order, [&ids[1], &ids[2], &ids[3], &ids[0]]);
    }
}

#[test]
fn a_message_that_was_not_captured_whole_is_not_counted() {
    let mut bench = Bench::with(|options| options.ignore_checksums = true);
    let packet = ipv4(
        ORIG.0,
        RESP.0,
        ICMP,
        &[&[8, 0, 0, 0, 0, 1, 0, 1][..], &[0; 56]].concat(),
    );
    bench.captured(&packet[..40], packet.len()).finish();
    let conn = bench.conn();
    assert_eq!(
        (conn.orig.num_pkts, conn.orig.num_bytes_ip, conn.orig.size),
        (0, 0, 56)
    );
}

#[test]
fn a_datagram_counts_as_long_as_it_claims_to_be() {
    let mut bench = Bench::with(|options| options.ignore_checksums = true);
    let mut datagram = udp(true, b"abc");
    datagram[4..6].copy_from_slice(&256u16.to_be_bytes());
    bench.ip(&ipv4(ORIG.0, RESP.0, UDP, &datagram)).finish();
    assert_eq!(
        (bench.sizes(), bench.weirds()),
        ((248, 0), vec!["UDP_datagram_length_mismatch"])
    );
}

#[test]
fn a_packet_whose_length_is_left_to_the_network_card_counts_nothing() {
    let mut bench = Bench::with(|options| options.ignore_checksums = true);
    let mut packet = ipv4(
        ORIG.0,
        RESP.0,
        TCP,
        &orig("PA", 1, 1, b"offloaded").bytes(ORIG, RESP),
    );
    packet[2..4].fill(0);
    bench.ip(&packet).finish();
    let conn = bench.conn();
    assert_eq!(
        (conn.orig.num_pkts, conn.orig.num_bytes_ip, conn.orig.size),
        (1, 0, 9)
    );
}

/// Segments of a stream: cut anywhere, in any order, some twice, overlapping; and acknowledgements that do not run
/// ahead of what was sent.
fn segmentations() -> impl Strategy<Value = (Vec<u8>, Vec<(usize, usize)>)> {
    proptest::collection::vec(any::<u8>(), 1..200).prop_flat_map(|data| {
        let len = data.len();
        let piece = (0..len).prop_flat_map(move |from| (Just(from), from + 1..=len));
        (Just(data), proptest::collection::vec(piece, 0..20))
    })
}

proptest! {
    #[test]
    fn any_segmentation_gives_the_stream((data, pieces) in segmentations(), start in any::<u32>(), partial: bool) {
        let mut bench = Bench::new();
        if partial {
            // What comes first of a connection whose beginning was not seen is its beginning.
            bench.tcp(&[orig("A", start.wrapping_add(1), 501, b""), resp("A", 501, start.wrapping_add(1), b"")]);
        } else {
            bench.tcp(&[orig("S", start, 0, b""), resp("SA", 500, start.wrapping_add(1), b"")]);
        }
        let segment = |&(from, to): &(usize, usize)| -> Segment {
            orig("PA", start.wrapping_add(1 + from as u32), 501, &data[from..to])
        };
        let segments: Vec<Segment> = pieces.iter().chain(&[(0, data.len())]).map(segment).collect();
        bench.tcp(&segments);
        bench.tcp(&[resp("A", 501, start.wrapping_add(1 + data.len() as u32), b"")]).finish();
        prop_assert_eq!(bench.content(true), data.clone());
        prop_assert_eq!(bench.count("rexmit_inconsistency"), 0);
        prop_assert_eq!(bench.count("content_gap"), 0);
        prop_assert_eq!(bench.sizes(), (data.len() as u64, 0));
        prop_assert_eq!(bench.sessions.stats().reassembly_bytes, 0);
    }

    #[test]
    fn no_packets_make_the_sessions_fail_or_keep_memory(
        segments in proptest::collection::vec(
            (any::<bool>(), any::<u8>(), 0u32..64, 0u32..64, 0usize..16, 0u8..4), 1..60)
    ) {
        let mut bench = Bench::new();
        for (from_orig, flags, seq, ack, len, wait) in segments {
            let mut segment = if from_orig { orig("", seq, ack, b"") } else { resp("", seq, ack, b"") };
            segment.flags = flags;
            segment.payload = vec![seq as u8; len];
            bench.tcp(&[segment]).wait(f64::from(wait) * 2.0);
        }
        bench.wait(1000.0);
        prop_assert_eq!(bench.sessions.current_connections(), 0);
        prop_assert_eq!(bench.sessions.stats().reassembly_bytes, 0);
        prop_assert_eq!(bench.count("new_connection"), bench.count("connection_state_remove"));
    }
}
