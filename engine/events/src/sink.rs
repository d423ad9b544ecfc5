//! Where events go.

use crate::{
    Command, ConnId, ConnSnapshot, Event, FileCommand, FileId, FileSnapshot, FlowId, Question, Value,
};

/// Something strange that is no error of ours, reported to policy (`conn_weird` and its kin).
#[derive(Clone, Debug, PartialEq)]
pub struct Weird {
    /// Its name, such as `data_before_established`
    pub name: &'static str,
    /// What it is about
    pub about: WeirdAbout,
    /// More of it, may be empty
    pub addl: String,
    /// The analyzer that saw it, may be empty
    pub source: &'static str,
}

/// What a [`Weird`] is about.
#[derive(Clone, Debug, PartialEq)]
pub enum WeirdAbout {
    /// A connection (`conn_weird`)
    Conn(ConnId),
    /// A connection that is no more (`expired_conn_weird`)
    Expired(FlowId, std::sync::Arc<str>),
    /// Two hosts (`flow_weird`)
    Flow(std::net::IpAddr, std::net::IpAddr),
    /// A file (`file_weird`)
    File(FileId),
    /// The network (`net_weird`)
    Net,
}

/// Takes events from the engine.  The order of calls is the order in which policy sees them.
pub trait EventSink {
    /// Whether anybody handles the event.  One that nobody wants need not be built.
    fn wants(&self, event: &'static Event) -> bool;

    /// Raises an event with its arguments in the order of its parameters.
    fn emit(&mut self, event: &'static Event, args: Vec<Value>);

    /// Says which analyzer, by its instance number, raises the events that follow; 0: none does.
    fn set_analyzer(&mut self, instance: u64) {
        let _ = instance;
    }

    /// Raises an event whose name comes from a signature (`event name "message"`), if a script declares and handles it.
    fn emit_named(&mut self, name: &str, args: Vec<Value>) {
        let _ = (name, args);
    }

    /// Calls a script function for a signature's `eval` condition, at once: with the record `signature_state` and the
    /// data at hand.  False if there is no such function.
    fn eval_signature(&mut self, function: &str, state: Value, data: &[u8]) -> bool {
        let _ = (function, state, data);
        false
    }

    /// Asks a function or hook of scripts, at once and after what waits before it.  `None` if there is none, or if it
    /// failed, which was reported.
    fn ask(&mut self, question: Question, args: Vec<Value>) -> Option<bool> {
        let _ = (question, args);
        None
    }

    /// Asks scripts which file some content belongs to, at once.  `None` if it is for the analyzer to say, as it is unless
    /// scripts name files themselves; empty if the content is not to be analyzed.
    fn file_handle(&mut self, tag: &'static str, conn: ConnId, is_orig: bool) -> Option<Vec<u8>> {
        let _ = (tag, conn, is_orig);
        None
    }

    /// Hands over the changed state of a connection, before the first event that carries it.
    fn conn_update(&mut self, snapshot: ConnSnapshot);

    /// No event about this connection will follow.
    fn conn_gone(&mut self, conn: ConnId);

    /// Hands over the changed state of a file, before the first event that carries it.
    fn file_update(&mut self, snapshot: FileSnapshot);

    /// A file and a connection it came over, before the first event that carries both.
    fn file_conn(&mut self, file: FileId, conn: ConnId, is_orig: bool);

    /// No event about this file will follow.
    fn file_gone(&mut self, file: FileId);

    /// Reports something strange; the sink samples and raises the event.
    fn weird(&mut self, weird: Weird);

    /// Runs the handlers of all events raised so far, now.  Only for the few places where policy must decide before
    /// the packet goes on (a new file: which analyzers?); all else waits for the end of the packet.
    fn drain(&mut self);

    /// The commands that handlers gave since the last call.
    fn take_commands(&mut self) -> Vec<Command>;

    /// Of the commands that handlers gave, those about one file; the others stay.
    fn take_file_commands(&mut self, file: FileId) -> Vec<FileCommand>;
}
