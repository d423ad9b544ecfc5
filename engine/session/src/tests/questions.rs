//! What scripts decide in the middle of a packet.

use bro_events::{Question, Questions};

use super::*;

fn asking(answers: &[(Question, bool)]) -> Bench {
    let mut bench = Bench::with(|options| {
        options.discarder_maxlen = 3;
        options.tcp_inactivity_timeout = 10.0;
    });
    bench.recorder.answers = answers.to_vec();
    let questions: Questions = answers.iter().map(|(question, _)| *question).collect();
    bench.sessions.set_questions(questions);
    bench
}

#[test]
fn discarded_packets_leave_no_trace() {
    for question in [Question::DiscardIp, Question::DiscardTcp] {
        let mut bench = asking(&[(question, true)]);
        bench.handshake().finish();
        assert!(bench.conns().is_empty(), "{question:?}");
        assert_eq!(
            (bench.count("packet_not_processed"), bench.weirds().len()),
            (0, 0)
        );
        assert_eq!(bench.recorder.asked.len(), 3);
    }
}

#[test]
fn packets_that_are_wanted_go_on_and_others_are_not_asked_about() {
    let mut bench = asking(&[(Question::DiscardUdp, false), (Question::DiscardIcmp, true)]);
    bench.handshake();
    assert!(bench.recorder.asked.is_empty());
    bench.udp(true, b"abcdef").finish();
    assert_eq!(bench.count("udp_request"), 1);
    let (question, args) = &bench.recorder.asked[0];
    assert_eq!(*question, Question::DiscardUdp);
    assert_eq!(args[1], b"abc"[..].into());
}

#[test]
fn fragments_are_asked_about_each_and_their_datagram_by_its_transport() {
    let mut bench = asking(&[(Question::DiscardIp, false), (Question::DiscardUdp, true)]);
    let datagram = udp(true, &[7; 100]);
    bench.ip(&ipv4_part(ORIG.0, RESP.0, UDP, &datagram[..64], (1, 0, true)));
    bench.ip(&ipv4_part(ORIG.0, RESP.0, UDP, &datagram[64..], (1, 64, false)));
    let asked: Vec<Question> = bench
        .recorder
        .asked
        .iter()
        .map(|(question, _)| *question)
        .collect();
    assert_eq!(
        asked,
        [Question::DiscardIp, Question::DiscardIp, Question::DiscardUdp]
    );
    assert!(bench.conns().is_empty());
}

#[test]
fn other_timers_of_a_connection_that_is_kept_ask_nothing() {
    let mut bench = asking(&[(Question::ConnectionTimingOut, false)]);
    let mut options = bench.sessions.options().clone();
    options.status_update_interval = 0.7;
    bench.sessions.set_options(options);
    bench.handshake();
    for _ in 0..350 {
        bench.wait(0.1);
    }
    assert!(bench.count("connection_status_update") > 40);
    assert_eq!(bench.recorder.asked.len(), 3);
}

#[test]
fn a_silent_connection_is_kept_as_long_as_scripts_want() {
    let mut bench = asking(&[(Question::ConnectionTimingOut, false)]);
    bench.handshake();
    for _ in 0..35 {
        bench.wait(1.0);
    }
    assert_eq!(bench.count("connection_timeout"), 0);
    let asked = bench.recorder.asked.len();
    assert!((3..=4).contains(&asked), "asked {asked} times");
    bench.recorder.answers[0].1 = true;
    bench.wait(10.0);
    assert_eq!(bench.count("connection_timeout"), 1);
    assert_eq!(bench.sessions.current_connections(), 0);
}
