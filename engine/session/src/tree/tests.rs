//! The tree as analyzers see it: children, removal, limits, detection below.

use std::sync::Arc;

use bro_events::{Command, NoFiles, Recorder, Transport};
use bro_matching::signature::{parse, NoNames, SignatureSet};

use crate::analyzer::{Analyzer, AnalyzerDef, AnalyzerRegistry, Context, Factory, TreeChange};
use crate::testing::{orig, resp, Bench, RESP};
use crate::{Options, Sessions};

/// What an analyzer does with a piece of a stream.
type OnStream = fn(&mut Context<'_>, bool, &[u8]);

/// An analyzer that tells of each call by a weird of its name, and does something with streams.
struct Scripted {
    name: &'static str,
    init: fn(&mut Context<'_>),
    stream: OnStream,
}

impl Scripted {
    fn tell(&self, ctx: &mut Context<'_>, what: &str) {
        ctx.weird(self.name, what);
    }
}

impl Analyzer for Scripted {
    fn init(&mut self, ctx: &mut Context<'_>) {
        self.tell(ctx, "init");
        (self.init)(ctx);
    }
    fn deliver_stream(&mut self, ctx: &mut Context<'_>, is_orig: bool, data: &[u8]) {
        self.tell(ctx, &String::from_utf8_lossy(data));
        (self.stream)(ctx, is_orig, data);
    }
    fn undelivered(&mut self, ctx: &mut Context<'_>, is_orig: bool, offset: u64, len: u64) {
        self.tell(ctx, &format!("gap {offset} {len}"));
        ctx.forward_gap(is_orig, offset, len);
    }
    fn end_of_data(&mut self, ctx: &mut Context<'_>, is_orig: bool) {
        self.tell(ctx, &format!("end {is_orig}"));
        ctx.forward_end_of_data(is_orig);
    }
    fn connection_finished(&mut self, ctx: &mut Context<'_>, half: bool) {
        self.tell(ctx, &format!("finished {half}"));
    }
    fn connection_reset(&mut self, ctx: &mut Context<'_>) {
        self.tell(ctx, "reset");
    }
    fn flip_roles(&mut self, ctx: &mut Context<'_>) {
        self.tell(ctx, "flip");
    }
    fn done(&mut self, ctx: &mut Context<'_>) {
        self.tell(ctx, "done");
    }
}

macro_rules! def {
    ($ident:ident, $name:literal) => {
        static $ident: AnalyzerDef = AnalyzerDef {
            name: $name,
            tag: concat!("Analyzer::ANALYZER_", $name),
            about: "of a test",
            handles_partial: false,
            new: |_| unreachable!("instances come from a factory"),
            options: &[],
            events: &[],
            records: &[],
            declarations: "",
            signatures: "",
        };
    };
}

def!(OUTER, "OUTER");
def!(INNER, "INNER");

fn nothing(_: &mut Context<'_>) {}

fn scripted(def: &'static AnalyzerDef, init: fn(&mut Context<'_>), stream: OnStream) -> Factory {
    Factory::new(move || {
        Box::new(Scripted {
            name: def.name,
            init,
            stream,
        })
    })
}

/// Sessions in which `OUTER` is registered for the usual port.
fn bench(outer: Factory, inner: Factory, change: impl FnOnce(&mut Options)) -> Bench {
    let mut registry = AnalyzerRegistry::default();
    registry.add(&OUTER, outer);
    registry.add(&INNER, inner);
    let mut options = Options::default();
    change(&mut options);
    let mut bench = Bench {
        sessions: Sessions::new(registry, options, [7; 16]),
        recorder: Recorder::new(),
        now: 1000.0,
    };
    bench.apply(Command::RegisterPort {
        tag: OUTER.tag.to_owned(),
        port: RESP.1,
        transport: Transport::Tcp,
    });
    bench.handshake();
    bench
}

fn told(bench: &Bench) -> Vec<String> {
    let calls = bench.recorder.weirds.iter();
    calls
        .map(|weird| format!("{} {}", weird.name, weird.addl))
        .collect()
}

fn plain(def: &'static AnalyzerDef) -> Factory {
    scripted(def, nothing, |_, _, _| {})
}

#[test]
fn children_get_what_is_forwarded_and_go_with_their_parent() {
    let outer = scripted(
        &OUTER,
        |ctx| ctx.change(TreeChange::AddChild(INNER.tag)),
        |ctx, is_orig, data| {
            // In the order asked for: to the child as it is, then changed.
            ctx.forward_stream(is_orig, data);
            ctx.forward_stream(is_orig, &data.to_ascii_uppercase());
        },
    );
    let mut bench = bench(outer, plain(&INNER), |_| {});
    bench.tcp(&[
        orig("PA", 101, 501, b"ab"),
        orig("PA", 106, 501, b"z"),
        resp("A", 501, 107, b""),
        orig("FA", 107, 501, b""),
        resp("FA", 501, 108, b""),
        orig("A", 108, 502, b""),
    ]);
    bench.finish();
    let expected = [
        "OUTER init",
        "INNER init",
        "OUTER ab",
        "INNER ab",
        "INNER AB",
        "OUTER gap 2 3",
        "INNER gap 2 3",
        "OUTER z",
        "INNER z",
        "INNER Z",
        "OUTER end true",
        "INNER end true",
        "OUTER end false",
        "INNER end false",
        "OUTER finished false",
        "INNER finished false",
        "OUTER done",
        "INNER done",
    ];
    assert_eq!(told(&bench), expected);
}

#[test]
fn an_analyzer_that_removes_itself_is_called_no_more_and_nobody_else_is_touched() {
    let outer = scripted(
        &OUTER,
        |ctx| ctx.change(TreeChange::AddChild(INNER.tag)),
        |ctx, is_orig, data| {
            ctx.forward_stream(is_orig, data);
        },
    );
    let inner = scripted(&INNER, nothing, |ctx, _, _| ctx.change(TreeChange::RemoveSelf));
    let mut bench = bench(outer, inner, |_| {});
    bench.tcp(&[orig("PA", 101, 501, b"a"), orig("PA", 102, 501, b"b")]);
    bench.finish();
    let expected = [
        "OUTER init",
        "INNER init",
        "OUTER a",
        "INNER a",
        "INNER done",
        "OUTER b",
        "OUTER done",
    ];
    assert_eq!(told(&bench), expected);
}

#[test]
fn violations_are_told_up_to_a_limit_after_which_the_analyzer_goes() {
    let outer = scripted(&OUTER, nothing, |ctx, _, data| ctx.violation("no", Some(data)));
    let mut bench = bench(outer, plain(&INNER), |options| {
        options.max_analyzer_violations = 3
    });
    for number in 0..6 {
        bench.tcp(&[orig("PA", 101 + number, 501, b"x")]);
    }
    bench.finish();
    assert_eq!(bench.count("analyzer_violation_info"), 3);
    assert_eq!(told(&bench).iter().filter(|call| *call == "OUTER x").count(), 3);
    assert_eq!(
        bench
            .weirds()
            .iter()
            .filter(|name| **name == "too_many_analyzer_violations")
            .count(),
        1
    );
    assert_eq!(told(&bench).last().map(String::as_str), Some("OUTER done"));
}

#[test]
fn a_confirmation_counts_once_an_instance() {
    let outer = scripted(&OUTER, nothing, |ctx, _, _| ctx.confirm());
    let mut bench = bench(outer, plain(&INNER), |_| {});
    bench
        .tcp(&[orig("PA", 101, 501, b"a"), resp("PA", 501, 102, b"b")])
        .finish();
    assert_eq!(bench.count("analyzer_confirmation_info"), 1);
}

#[test]
fn analyzers_that_nest_themselves_without_end_are_stopped() {
    fn nest(ctx: &mut Context<'_>, is_orig: bool, data: &[u8]) {
        ctx.change(TreeChange::AddChild(INNER.tag));
        ctx.forward_stream(is_orig, data);
    }
    let mut bench = bench(
        scripted(&OUTER, nothing, nest),
        scripted(&INNER, nothing, nest),
        |_| {},
    );
    for number in 0..10 {
        bench.tcp(&[orig("PA", 101 + number, 501, b"x")]);
    }
    bench.finish();
    assert!(bench.weirds().contains(&"analyzers_nested_too_deep"));
    let made = told(&bench).iter().filter(|call| call.ends_with(" init")).count();
    assert!(made <= 64, "{made} analyzers on one connection");
}

#[test]
fn what_is_forwarded_can_be_recognised_by_signatures() {
    let outer = scripted(
        &OUTER,
        |ctx| ctx.change(TreeChange::AddDetector),
        |ctx, is_orig, data| {
            ctx.forward_stream(is_orig, data.strip_prefix(b"wrapped:").unwrap_or(data));
        },
    );
    let mut bench = bench(outer, plain(&INNER), |_| {});
    let text = br#"signature inner { payload /^HELLO/ enable "inner" }"#;
    let signatures = parse("test.sig", text).unwrap();
    bench
        .sessions
        .set_signatures(Arc::new(SignatureSet::compile(signatures, &mut NoNames).unwrap()));
    bench.tcp(&[
        orig("PA", 101, 501, b"wrapped:HEL"),
        orig("PA", 112, 501, b"LO"),
        resp("PA", 501, 114, b"hi"),
    ]);
    bench.finish();
    let inner: Vec<String> = told(&bench)
        .into_iter()
        .filter(|call| call.starts_with("INNER"))
        .collect();
    // The beginning is replayed to it.
    assert_eq!(
        inner,
        ["INNER init", "INNER HEL", "INNER LO", "INNER hi", "INNER done"]
    );
}

#[test]
fn an_exchange_of_roles_is_told_to_all_others() {
    let outer = scripted(
        &OUTER,
        |ctx| ctx.change(TreeChange::AddChild(INNER.tag)),
        |ctx, _, _| {
            ctx.flip_roles();
        },
    );
    let mut bench = bench(outer, plain(&INNER), |_| {});
    bench.tcp(&[orig("PA", 101, 501, b"a")]);
    assert_eq!(
        told(&bench),
        ["OUTER init", "INNER init", "OUTER a", "INNER flip"]
    );
    assert_eq!(bench.conn().id.orig_h, std::net::IpAddr::from(RESP.0));
    bench.finish();
}

#[test]
fn a_reset_is_told_to_all() {
    let outer = scripted(
        &OUTER,
        |ctx| ctx.change(TreeChange::AddChild(INNER.tag)),
        |_, _, _| {},
    );
    let mut bench = bench(outer, plain(&INNER), |_| {});
    bench.tcp(&[orig("PA", 101, 501, b"a"), resp("RA", 501, 102, b"")]);
    bench.finish();
    let calls = told(&bench);
    assert!(
        calls.contains(&"OUTER reset".to_owned()) && calls.contains(&"INNER reset".to_owned()),
        "{calls:?}"
    );
}

#[test]
fn one_that_policy_prevents_does_not_come_back() {
    let add = |ctx: &mut Context<'_>, _: bool, _: &[u8]| ctx.change(TreeChange::AddChild(INNER.tag));
    let mut bench = bench(scripted(&OUTER, nothing, add), plain(&INNER), |_| {});
    bench.tcp(&[orig("PA", 101, 501, b"a")]);
    let conn = bench.conn().conn;
    let instance = bench.sessions.analyzer_instance(conn, INNER.tag).unwrap();
    let command = Command::DisableAnalyzer {
        conn,
        instance,
        prevent: true,
    };
    bench.sessions.apply(command, &mut bench.recorder, &mut NoFiles);
    bench.tcp(&[orig("PA", 102, 501, b"b")]).finish();
    assert_eq!(
        told(&bench),
        [
            "OUTER init",
            "OUTER a",
            "INNER init",
            "INNER done",
            "OUTER b",
            "OUTER done"
        ]
    );
}
