//! A sink that remembers, for tests and fuzzing.

use std::collections::{HashMap, VecDeque};

use crate::{
    command::take_file_commands, Command, ConnId, ConnSnapshot, Event, EventSink, FileCommand, FileId,
    FileSnapshot, Question, Value, Weird,
};

/// Remembers everything it is told; wants every event.
#[derive(Debug, Default)]
pub struct Recorder {
    /// Events in order, by name
    pub events: Vec<(&'static str, Vec<Value>)>,
    /// Weirds in order
    pub weirds: Vec<Weird>,
    /// Latest state of each connection
    pub conns: HashMap<ConnId, ConnSnapshot>,
    /// Latest state of each file
    pub files: HashMap<FileId, FileSnapshot>,
    /// What is answered to which question
    pub answers: Vec<(Question, bool)>,
    /// Handles given for files, one a question; what is asked beyond that has none
    pub handles: VecDeque<Vec<u8>>,
    /// Questions that were asked, in order
    pub asked: Vec<(Question, Vec<Value>)>,
    /// Commands to be taken by the engine at its next look
    pub commands: Vec<Command>,
}

impl Recorder {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Arguments of every event of that name.
    pub fn named(&self, name: &str) -> Vec<&[Value]> {
        self.events
            .iter()
            .filter(|(n, _)| *n == name)
            .map(|(_, a)| a.as_slice())
            .collect()
    }

    /// Names of all weirds in order.
    pub fn weird_names(&self) -> Vec<&'static str> {
        self.weirds.iter().map(|w| w.name).collect()
    }
}

impl EventSink for Recorder {
    fn wants(&self, _event: &'static Event) -> bool {
        true
    }
    fn emit(&mut self, event: &'static Event, args: Vec<Value>) {
        debug_assert_eq!(event.params.len(), args.len(), "arguments of {}", event.name);
        self.events.push((event.name, args));
    }
    fn ask(&mut self, question: Question, args: Vec<Value>) -> Option<bool> {
        self.asked.push((question, args));
        let answer = self.answers.iter().find(|(asked, _)| *asked == question);
        answer.map(|(_, answer)| *answer)
    }
    fn file_handle(&mut self, _tag: &'static str, _conn: ConnId, _is_orig: bool) -> Option<Vec<u8>> {
        self.handles.pop_front()
    }
    fn conn_update(&mut self, snapshot: ConnSnapshot) {
        self.conns.insert(snapshot.conn, snapshot);
    }
    fn conn_gone(&mut self, _conn: ConnId) {}
    fn file_update(&mut self, snapshot: FileSnapshot) {
        self.files.insert(snapshot.file, snapshot);
    }
    fn file_conn(&mut self, _file: FileId, _conn: ConnId, _is_orig: bool) {}
    fn file_gone(&mut self, _file: FileId) {}
    fn weird(&mut self, weird: Weird) {
        self.weirds.push(weird);
    }
    fn drain(&mut self) {}
    fn take_commands(&mut self) -> Vec<Command> {
        std::mem::take(&mut self.commands)
    }
    fn take_file_commands(&mut self, file: FileId) -> Vec<FileCommand> {
        take_file_commands(&mut self.commands, file)
    }
}
