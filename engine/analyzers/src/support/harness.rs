//! Drives an analyzer in tests: a connection without a session, with everything it says remembered.

use std::collections::HashMap;
use std::sync::Arc;

use bro_events::{
    ConnId, ConnSnapshot, EventSink, FileConn, FileKey, FileSink, FlowId, Recorder, Transport, Value,
};
use bro_session::analyzer::{Analyzer, AnalyzerDef, Context, Facts, OptionStore, TreeChange};

/// Data cut into pieces of these lengths, over and over.
pub fn pieces<'a>(mut data: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
    let mut cuts = cuts.iter().copied().cycle();
    let mut pieces = Vec::new();
    while !data.is_empty() {
        let (piece, rest) = data.split_at(cuts.next().unwrap_or(data.len()).clamp(1, data.len()));
        pieces.push(piece);
        data = rest;
    }
    pieces
}

/// A connection that is just there.
struct StaticFacts {
    uid: Arc<str>,
    flow: FlowId,
    now: f64,
}

impl Facts for StaticFacts {
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
        self.now
    }
    fn take_snapshot(&mut self) -> Option<ConnSnapshot> {
        None
    }
    fn is_partial(&self) -> bool {
        false
    }
    fn flip_roles(&mut self) {
        let flow = &mut self.flow;
        std::mem::swap(&mut flow.orig_h, &mut flow.resp_h);
        std::mem::swap(&mut flow.orig_p, &mut flow.resp_p);
    }
    fn add_history(&mut self, _letter: char) {}
    fn missed_bytes(&self, _is_orig: bool) -> u64 {
        0
    }
}

/// What came under one file key.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct TestFile {
    /// Content in order of arrival
    pub data: Vec<u8>,
    /// Content with an offset
    pub at: Vec<(u64, Vec<u8>)>,
    /// Holes: offset, length
    pub gaps: Vec<(u64, u64)>,
    /// Announced size
    pub size: Option<u64>,
    /// MIME type the protocol gave first
    pub hint: Option<Vec<u8>>,
    /// How often it was ended
    pub ended: usize,
}

/// A file manager that remembers.
#[derive(Debug, Default)]
pub struct TestFiles {
    /// Files by their handles, in order of first appearance
    pub files: Vec<(String, TestFile)>,
    index: HashMap<Vec<u8>, usize>,
}

impl TestFiles {
    fn file(&mut self, key: &FileKey) -> &mut TestFile {
        let n = match self.index.get(&key.handle) {
            Some(&n) => n,
            None => {
                self.index.insert(key.handle.clone(), self.files.len());
                self.files.push((
                    String::from_utf8_lossy(&key.handle).into_owned(),
                    TestFile::default(),
                ));
                self.files.len() - 1
            }
        };
        &mut self.files[n].1
    }
}

impl FileSink for TestFiles {
    fn data(
        &mut self,
        _: &mut dyn EventSink,
        key: &FileKey,
        _: &FileConn<'_>,
        data: &[u8],
        hint: Option<&[u8]>,
    ) {
        let file = self.file(key);
        file.data.extend_from_slice(data);
        if file.hint.is_none() {
            file.hint = hint.map(<[u8]>::to_vec);
        }
    }
    fn data_at(
        &mut self,
        _: &mut dyn EventSink,
        key: &FileKey,
        _: &FileConn<'_>,
        offset: u64,
        data: &[u8],
        hint: Option<&[u8]>,
    ) {
        let file = self.file(key);
        match file.at.last_mut() {
            Some((at, bytes)) if *at + bytes.len() as u64 == offset => bytes.extend_from_slice(data),
            _ => file.at.push((offset, data.to_vec())),
        }
        if file.hint.is_none() {
            file.hint = hint.map(<[u8]>::to_vec);
        }
    }
    fn gap(&mut self, _: &mut dyn EventSink, key: &FileKey, _: &FileConn<'_>, offset: u64, len: u64) {
        self.file(key).gaps.push((offset, len));
    }
    fn set_size(&mut self, _: &mut dyn EventSink, key: &FileKey, _: &FileConn<'_>, size: u64) {
        self.file(key).size = Some(size);
    }
    fn end_of_file(&mut self, _: &mut dyn EventSink, key: &FileKey) {
        self.file(key).ended += 1;
    }
    fn fuid(&self, key: &FileKey) -> Option<Arc<str>> {
        self.index.get(&key.handle).map(|n| Arc::from(format!("F{n}")))
    }
    fn is_ignored(&self, _: &FileKey) -> bool {
        false
    }
}

/// One analyzer on one connection.
pub struct Harness {
    def: &'static AnalyzerDef,
    analyzer: Box<dyn Analyzer>,
    facts: StaticFacts,
    /// Events and weirds so far
    pub sink: Recorder,
    /// Files so far
    pub files: TestFiles,
    /// Changes of the tree asked for so far
    pub changes: Vec<TreeChange>,
}

impl Harness {
    /// On a connection to this port, with default options.
    pub fn new(def: &'static AnalyzerDef, port: u16, transport: Transport) -> Self {
        Self::with_options(def, port, transport, &OptionStore::new())
    }

    /// The same with options.
    pub fn with_options(
        def: &'static AnalyzerDef,
        port: u16,
        transport: Transport,
        options: &OptionStore,
    ) -> Self {
        let flow = FlowId {
            orig_h: [10, 0, 0, 1].into(),
            orig_p: 40000,
            resp_h: [10, 0, 0, 2].into(),
            resp_p: port,
            transport,
            ip_proto: if transport == Transport::Tcp { 6 } else { 17 },
        };
        let mut harness = Harness {
            def,
            analyzer: (def.new)(options),
            facts: StaticFacts {
                uid: Arc::from("Cuid"),
                flow,
                now: 1000.0,
            },
            sink: Recorder::new(),
            files: TestFiles::default(),
            changes: Vec::new(),
        };
        harness.call(|a, ctx| a.init(ctx));
        harness
    }

    /// Calls the analyzer.
    pub fn call(&mut self, f: impl FnOnce(&mut dyn Analyzer, &mut Context<'_>)) {
        let mut ctx = Context::new(
            &mut self.facts,
            &mut self.sink,
            &mut self.files,
            self.def,
            &mut self.changes,
        );
        f(self.analyzer.as_mut(), &mut ctx);
    }

    /// A datagram.
    pub fn packet(&mut self, is_orig: bool, data: &[u8]) {
        self.call(|a, ctx| a.deliver_packet(ctx, is_orig, data));
    }

    /// Bytes of a stream.
    pub fn stream(&mut self, is_orig: bool, data: &[u8]) {
        self.call(|a, ctx| a.deliver_stream(ctx, is_orig, data));
    }

    /// Bytes of a stream, cut into segments of these lengths, over and over.
    pub fn stream_cut(&mut self, is_orig: bool, data: &[u8], cuts: &[usize]) {
        for piece in pieces(data, cuts) {
            self.stream(is_orig, piece);
        }
    }

    /// A hole.
    pub fn gap(&mut self, is_orig: bool, offset: u64, len: u64) {
        self.call(|a, ctx| a.undelivered(ctx, is_orig, offset, len));
    }

    /// Both sides end and the connection goes.
    pub fn finish(&mut self) {
        self.call(|a, ctx| a.end_of_data(ctx, true));
        self.call(|a, ctx| a.end_of_data(ctx, false));
        self.call(|a, ctx| a.connection_finished(ctx, false));
        self.call(|a, ctx| a.done(ctx));
    }

    /// Names of all events in order.
    pub fn event_names(&self) -> Vec<&'static str> {
        self.sink.events.iter().map(|(name, _)| *name).collect()
    }

    /// Endpoints of the connection, as its roles are now.
    pub fn flow(&self) -> &FlowId {
        &self.facts.flow
    }

    /// The same, to be changed.
    pub fn flow_mut(&mut self) -> &mut FlowId {
        &mut self.facts.flow
    }

    /// How often the analyzer said that the protocol is right.
    pub fn confirmations(&self) -> usize {
        self.changes
            .iter()
            .filter(|c| matches!(c, TreeChange::Confirm))
            .count()
    }

    /// Reasons of all violations.
    pub fn violations(&self) -> Vec<&str> {
        self.changes
            .iter()
            .filter_map(|change| match change {
                TreeChange::Violate { reason, .. } => Some(reason.as_str()),
                _ => None,
            })
            .collect()
    }
}

/// The text of a string value.
pub fn text(value: &Value) -> String {
    match value {
        Value::Str(s) => String::from_utf8_lossy(s).into_owned(),
        Value::Text(s) => (*s).to_owned(),
        other => panic!("not a string: {other:?}"),
    }
}

/// A field of a record value by its name.
pub fn field<'v>(record: &'v Value, name: &str) -> &'v Value {
    match record {
        Value::Record(def, values) => {
            let n = def.fields.iter().position(|f| *f == name);
            &values[n.unwrap_or_else(|| panic!("{} has no field {name}", def.name))]
        }
        other => panic!("not a record: {other:?}"),
    }
}
