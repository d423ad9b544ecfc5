//! What an analyzer can do during a call.

use std::sync::Arc;

use bro_events::{
    ConnId, ConnSnapshot, Event, EventSink, FileConn, FileKey, FileSink, FlowId, Value, Weird, WeirdAbout,
};
use bro_matching::signature;

use super::AnalyzerDef;

/// What analyzers can ask of the connection they are on.  Implemented by the session's connection.
pub trait Facts {
    /// The connection's name
    fn conn(&self) -> ConnId;
    /// Its unique id as in logs
    fn uid(&self) -> &Arc<str>;
    /// Its endpoints
    fn flow(&self) -> &FlowId;
    /// Time of the packet being processed, seconds
    fn now(&self) -> f64;
    /// The connection's fields, if they changed since the last time they were handed to policy; clears that mark.
    fn take_snapshot(&mut self) -> Option<ConnSnapshot>;
    /// Whether the beginning of the connection was not seen
    fn is_partial(&self) -> bool;
    /// Adds a letter to the history, once.
    fn add_history(&mut self, letter: char);
    /// How many bytes of a side were lost to the monitor so far
    fn missed_bytes(&self, is_orig: bool) -> u64;
    /// Exchanges originator and responder, now.
    fn flip_roles(&mut self) {}
    /// Whether any signature looks at data of this context
    fn uses_signatures(&self, context: signature::Context) -> bool {
        let _ = context;
        false
    }
}

/// A change of the tree that an analyzer asked for; carried out by the session when the call has returned.
#[derive(Debug)]
pub enum TreeChange {
    /// Add a child below the analyzer that asks.  It gets data by [`Context::forward_stream`] and its kin.
    AddChild(&'static str),
    /// Look for the protocol by signatures below the analyzer that asks (a stream within a stream, such as behind
    /// `CONNECT`).
    AddDetector,
    /// Remove the analyzer that asks, from now on.
    RemoveSelf,
    /// The protocol is what the analyzer takes it for.
    Confirm,
    /// It is not, or is broken.
    Violate {
        /// What was wrong
        reason: String,
        /// The offending data, shortened
        data: Option<Vec<u8>>,
    },
    /// Expect a connection and analyze it with the analyzer of that tag.
    Expect {
        /// Who will open it, if that is known
        orig: Option<std::net::IpAddr>,
        /// Who will accept it
        resp: std::net::IpAddr,
        /// At which port
        port: u16,
        /// Over what
        transport: bro_events::Transport,
        /// By which analyzer
        tag: &'static str,
        /// Seconds the expectation lasts
        timeout: f64,
    },
    /// No analyzer needs more of this connection's content.
    SkipRest,
    /// Remove the connection once it was idle for so many seconds, if that is sooner than otherwise (a DNS client takes a
    /// new port for its next query).
    IdleTimeout(f64),
    /// Data for the children of the analyzer that asks, in the order in which it was forwarded.
    Forward(Forwarded),
    /// Data for signatures that look at what analyzers extract.
    Match {
        /// What it is
        context: signature::Context,
        /// Who sent it
        is_orig: bool,
        /// The data
        data: Vec<u8>,
        /// Expressions match from here on.
        begin: bool,
        /// Nothing follows.
        end: bool,
    },
}

/// What is passed down to children.
#[derive(Debug)]
pub enum Forwarded {
    /// Bytes of a side's stream
    Stream(bool, Vec<u8>),
    /// A packet of a side
    Packet(bool, Vec<u8>),
    /// A hole: side, offset, length
    Gap(bool, u64, u64),
    /// End of a side's data
    EndOfData(bool),
}

/// Lent to an analyzer for a call.
pub struct Context<'a> {
    facts: &'a mut dyn Facts,
    sink: &'a mut dyn EventSink,
    files: &'a mut dyn FileSink,
    def: &'static AnalyzerDef,
    changes: &'a mut Vec<TreeChange>,
}

impl<'a> Context<'a> {
    /// For the session (and tests): a context for one call of an analyzer of this kind.
    pub fn new(
        facts: &'a mut dyn Facts,
        sink: &'a mut dyn EventSink,
        files: &'a mut dyn FileSink,
        def: &'static AnalyzerDef,
        changes: &'a mut Vec<TreeChange>,
    ) -> Self {
        Context {
            facts,
            sink,
            files,
            def,
            changes,
        }
    }

    /// Time of the packet being processed, seconds since 1970.
    pub fn now(&self) -> f64 {
        self.facts.now()
    }

    /// The connection's name.
    pub fn conn(&self) -> ConnId {
        self.facts.conn()
    }

    /// The connection's unique id as in logs.
    pub fn uid(&self) -> &Arc<str> {
        self.facts.uid()
    }

    /// The connection's endpoints.
    pub fn flow(&self) -> &FlowId {
        self.facts.flow()
    }

    /// Whether the beginning of the connection was not seen.
    pub fn is_partial(&self) -> bool {
        self.facts.is_partial()
    }

    /// How many bytes of a side were lost to the monitor so far.
    pub fn missed_bytes(&self, is_orig: bool) -> u64 {
        self.facts.missed_bytes(is_orig)
    }

    /// Exchanges originator and responder, because the protocol shows who opened the connection.  Takes effect at once:
    /// events raised from here on see the new roles.  The other analyzers are told by [`Analyzer::flip_roles`]; the one
    /// that asks exchanges what it keeps itself.  Of the call at hand, `is_orig` still is what it was.
    ///
    /// [`Analyzer::flip_roles`]: super::Analyzer::flip_roles
    pub fn flip_roles(&mut self) {
        self.facts.flip_roles();
    }

    /// Lets signatures look at data that was taken out of the stream, such as a decoded URI.  Costs nothing if none does.
    pub fn match_content(
        &mut self,
        context: signature::Context,
        is_orig: bool,
        data: &[u8],
        begin: bool,
        end: bool,
    ) {
        if self.facts.uses_signatures(context) {
            self.changes.push(TreeChange::Match {
                context,
                is_orig,
                data: data.to_vec(),
                begin,
                end,
            });
        }
    }

    /// Adds a letter to the connection's history, once.
    pub fn add_history(&mut self, letter: char) {
        self.facts.add_history(letter);
    }

    /// Whether anybody handles the event; work that only serves an unhandled one can be skipped.
    pub fn wants(&self, event: &'static Event) -> bool {
        self.sink.wants(event)
    }

    /// Raises an event whose first parameter is the connection; `args` are the ones behind it.  Nothing happens when
    /// nobody handles it, but building `args` has a cost: ask [`Context::wants`] first where that matters.
    pub fn emit<const N: usize>(&mut self, event: &'static Event, args: [Value; N]) {
        if !self.sink.wants(event) {
            return;
        }
        if let Some(snapshot) = self.facts.take_snapshot() {
            self.sink.conn_update(snapshot);
        }
        let mut all = Vec::with_capacity(N + 1);
        all.push(Value::Conn(self.facts.conn()));
        all.extend(args);
        self.sink.emit(event, all);
    }

    /// Raises an event whose parameters have the connection somewhere else than first; `args` gets it to put it there.
    /// Nothing is built when nobody handles the event.
    pub fn emit_about<const N: usize>(
        &mut self,
        event: &'static Event,
        args: impl FnOnce(Value) -> [Value; N],
    ) {
        if !self.sink.wants(event) {
            return;
        }
        if let Some(snapshot) = self.facts.take_snapshot() {
            self.sink.conn_update(snapshot);
        }
        let args = args(Value::Conn(self.facts.conn()));
        self.sink.emit(event, args.into());
    }

    /// Reports something strange about the connection (`conn_weird`).
    pub fn weird(&mut self, name: &'static str, addl: impl Into<String>) {
        self.weird_from(self.def.name, name, addl);
    }

    /// The same in the name of a part that several analyzers share, such as `CONTENTLINE`.
    pub fn weird_from(&mut self, source: &'static str, name: &'static str, addl: impl Into<String>) {
        if let Some(snapshot) = self.facts.take_snapshot() {
            self.sink.conn_update(snapshot);
        }
        self.sink.weird(Weird {
            name,
            about: WeirdAbout::Conn(self.facts.conn()),
            addl: addl.into(),
            source,
        });
    }

    /// Says that the protocol is what this analyzer takes it for.  Saying it again does nothing.
    pub fn confirm(&mut self) {
        self.changes.push(TreeChange::Confirm);
    }

    /// Says that the data does not fit the protocol; the analyzer may be removed for it.
    pub fn violation(&mut self, reason: impl Into<String>, data: Option<&[u8]>) {
        /// Of offending data, this much is reported.
        const SHOWN: usize = 1024;
        let data = data.map(|d| d[..d.len().min(SHOWN)].to_vec());
        self.changes.push(TreeChange::Violate {
            reason: reason.into(),
            data,
        });
    }

    /// Asks for a change of the tree, carried out when this call has returned.
    pub fn change(&mut self, change: TreeChange) {
        self.changes.push(change);
    }

    /// Passes stream bytes on to this analyzer's children.
    pub fn forward_stream(&mut self, is_orig: bool, data: &[u8]) {
        self.changes
            .push(TreeChange::Forward(Forwarded::Stream(is_orig, data.to_vec())));
    }

    /// Passes a hole on to this analyzer's children.
    pub fn forward_gap(&mut self, is_orig: bool, offset: u64, len: u64) {
        self.changes
            .push(TreeChange::Forward(Forwarded::Gap(is_orig, offset, len)));
    }

    /// Tells this analyzer's children that a side has ended.
    pub fn forward_end_of_data(&mut self, is_orig: bool) {
        self.changes
            .push(TreeChange::Forward(Forwarded::EndOfData(is_orig)));
    }

    fn with_files(
        &mut self,
        is_orig: bool,
        call: impl FnOnce(&mut dyn FileSink, &mut dyn EventSink, &FileConn<'_>),
    ) {
        if let Some(snapshot) = self.facts.take_snapshot() {
            self.sink.conn_update(snapshot);
        }
        let uid = self.facts.uid().clone();
        let flow = *self.facts.flow();
        let from = FileConn {
            conn: self.facts.conn(),
            uid: &uid,
            flow: &flow,
            is_orig,
        };
        call(self.files, self.sink, &from);
    }

    /// Hands over content that continues a file; `key` says which (see [`Context::file_key`]).
    pub fn file_data(&mut self, key: &FileKey, is_orig: bool, data: &[u8], mime_hint: Option<&[u8]>) {
        self.with_files(is_orig, |files, sink, from| {
            files.data(sink, key, from, data, mime_hint)
        });
    }

    /// Hands over content at an offset of a file.
    pub fn file_data_at(
        &mut self,
        key: &FileKey,
        is_orig: bool,
        offset: u64,
        data: &[u8],
        mime_hint: Option<&[u8]>,
    ) {
        self.with_files(is_orig, |files, sink, from| {
            files.data_at(sink, key, from, offset, data, mime_hint)
        });
    }

    /// Says that bytes of a file are missing.
    pub fn file_gap(&mut self, key: &FileKey, is_orig: bool, offset: u64, len: u64) {
        self.with_files(is_orig, |files, sink, from| {
            files.gap(sink, key, from, offset, len)
        });
    }

    /// Announces a file's size.
    pub fn file_size(&mut self, key: &FileKey, is_orig: bool, size: u64) {
        self.with_files(is_orig, |files, sink, from| files.set_size(sink, key, from, size));
    }

    /// Ends a file.
    pub fn file_end(&mut self, key: &FileKey) {
        self.files.end_of_file(self.sink, key);
    }

    /// The MIME type that content with this beginning suggests, if any; `complete`: nothing follows it.
    pub fn mime_type(&self, beginning: &[u8], complete: bool) -> Option<String> {
        self.files.mime_type(beginning, complete)
    }

    /// The unique id of a file that content was handed over for.
    pub fn fuid(&self, key: &FileKey) -> Option<Arc<str>> {
        self.files.fuid(key)
    }

    /// Whether policy has given up the file.
    pub fn file_is_ignored(&self, key: &FileKey) -> bool {
        self.files.is_ignored(key)
    }

    /// A key for a file of this connection: `what` sets it apart from the connection's other files, such as direction
    /// and number of the message.
    pub fn file_key(&self, what: &str) -> FileKey {
        FileKey {
            tag: self.def.tag,
            handle: format!("{} {}", self.facts.uid(), what).into_bytes(),
        }
    }
}
