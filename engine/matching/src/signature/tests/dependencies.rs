//! Signatures that wait: for others, for a state of the connection, for a function.

use super::*;

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
