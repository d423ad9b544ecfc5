//! One harness for all analyzers: an analyzer is fuzzed from the day it is in the registry.

use std::sync::Arc;

use bro_events::{ConnId, ConnSnapshot, FlowId, NoFiles, Recorder, Transport, Value};
use bro_session::analyzer::{AnalyzerDef, Context, Facts, OptionStore, TreeChange};

/// A connection that is just there.
struct Conn {
    uid: Arc<str>,
    flow: FlowId,
}

impl Facts for Conn {
    fn conn(&self) -> ConnId {
        ConnId(1)
    }
    fn uid(&self) -> &Arc<str> {
        &self.uid
    }
    fn flow(&self) -> &FlowId {
        &self.flow
    }
    fn now(&self) -> f64 {
        1.0
    }
    fn take_snapshot(&mut self) -> Option<ConnSnapshot> {
        None
    }
    fn is_partial(&self) -> bool {
        false
    }
    fn add_history(&mut self, _letter: char) {}
    fn missed_bytes(&self, _is_orig: bool) -> u64 {
        0
    }
}

/// Gives the bytes to every analyzer, over UDP and over TCP, in pieces and with holes.  Any input must be survived in
/// time linear in its length.
///
/// The input is a sequence of pieces: an octet that says what comes (bit 0: side, bit 1: a hole instead of data, bit 2:
/// the side ends), an octet of length, and the data.
pub fn fuzz(data: &[u8]) {
    for def in super::ALL {
        for transport in [Transport::Udp, Transport::Tcp] {
            one(def, transport, data);
        }
    }
}

/// What policy would set, where nothing happens without it.
fn options() -> OptionStore {
    let mut options = OptionStore::new();
    for (name, phrase) in [
        ("login_prompts", "login:"),
        ("login_success_msgs", "Last"),
        ("login_failure_msgs", "bad"),
        ("login_non_failure_msgs", "no bad"),
        ("login_timeouts", "late"),
        ("Login::password_prompts", "word"),
    ] {
        options.set(name, Value::Set(vec![Value::Text(phrase)]));
    }
    options.set("NFS3::return_data", Value::Bool(true));
    options
}

fn one(def: &'static AnalyzerDef, transport: Transport, mut data: &[u8]) {
    let flow = FlowId {
        orig_h: [10, 0, 0, 1].into(),
        orig_p: 1,
        resp_h: [10, 0, 0, 2].into(),
        resp_p: 2,
        transport,
        ip_proto: if transport == Transport::Tcp { 6 } else { 17 },
    };
    let mut conn = Conn {
        uid: Arc::from("C"),
        flow,
    };
    let mut sink = Recorder::new();
    let mut files = NoFiles;
    let mut changes: Vec<TreeChange> = Vec::new();
    let mut analyzer = (def.new)(&options());
    let mut ctx = Context::new(&mut conn, &mut sink, &mut files, def, &mut changes);
    analyzer.init(&mut ctx);
    while let [what, len, rest @ ..] = data {
        let is_orig = what & 1 != 0;
        let len = usize::from(*len);
        if what & 2 != 0 {
            analyzer.undelivered(&mut ctx, is_orig, 0, len as u64 + 1);
            data = rest;
            continue;
        }
        if what & 4 != 0 {
            analyzer.end_of_data(&mut ctx, is_orig);
        }
        let (piece, rest) = rest.split_at(len.min(rest.len()));
        if transport == Transport::Udp {
            analyzer.deliver_packet(&mut ctx, is_orig, piece);
        } else {
            analyzer.deliver_stream(&mut ctx, is_orig, piece);
        }
        data = rest;
    }
    analyzer.end_of_data(&mut ctx, true);
    analyzer.end_of_data(&mut ctx, false);
    analyzer.done(&mut ctx);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_input_is_survived(data in prop::collection::vec(any::<u8>(), 0..400)) {
            super::fuzz(&data);
        }
    }
}
