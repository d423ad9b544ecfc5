//! Policy that keeps nothing, for benches, fuzzing and tools that only look at the engine.

use std::sync::Arc;

use crate::{
    Command, ConnId, ConnSnapshot, Event, EventSink, FileCommand, FileConn, FileId, FileKey, FileSink,
    FileSnapshot, Value, Weird,
};

/// Counts events and forgets them.
#[derive(Debug, Default)]
pub struct Discard {
    /// Whether every event is wanted; none otherwise
    pub wants_all: bool,
    /// Events raised
    pub events: u64,
}

impl EventSink for Discard {
    fn wants(&self, _: &'static Event) -> bool {
        self.wants_all
    }
    fn emit(&mut self, _: &'static Event, _: Vec<Value>) {
        self.events += 1;
    }
    fn conn_update(&mut self, _: ConnSnapshot) {}
    fn conn_gone(&mut self, _: ConnId) {}
    fn file_update(&mut self, _: FileSnapshot) {}
    fn file_conn(&mut self, _: FileId, _: ConnId, _: bool) {}
    fn file_gone(&mut self, _: FileId) {}
    fn weird(&mut self, _: Weird) {}
    fn drain(&mut self) {}
    fn take_commands(&mut self) -> Vec<Command> {
        Vec::new()
    }
    fn take_file_commands(&mut self, _: FileId) -> Vec<FileCommand> {
        Vec::new()
    }
}

/// Takes no files.
#[derive(Debug, Default)]
pub struct NoFiles;

impl FileSink for NoFiles {
    fn data(&mut self, _: &mut dyn EventSink, _: &FileKey, _: &FileConn<'_>, _: &[u8], _: Option<&[u8]>) {}
    fn data_at(
        &mut self,
        _: &mut dyn EventSink,
        _: &FileKey,
        _: &FileConn<'_>,
        _: u64,
        _: &[u8],
        _: Option<&[u8]>,
    ) {
    }
    fn gap(&mut self, _: &mut dyn EventSink, _: &FileKey, _: &FileConn<'_>, _: u64, _: u64) {}
    fn set_size(&mut self, _: &mut dyn EventSink, _: &FileKey, _: &FileConn<'_>, _: u64) {}
    fn end_of_file(&mut self, _: &mut dyn EventSink, _: &FileKey) {}
    fn fuid(&self, _: &FileKey) -> Option<Arc<str>> {
        None
    }
    fn is_ignored(&self, _: &FileKey) -> bool {
        false
    }
}
