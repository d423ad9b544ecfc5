//! Hands a file's content to events that policy names.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use bro_events::{Event, FileAnalyzerArgs, Value};

use super::{FileAnalyzer, FileAnalyzerDef, FileContext};

/// Content as events.
pub const DATA_EVENT: FileAnalyzerDef = FileAnalyzerDef {
    name: "DATA_EVENT",
    tag: "Files::ANALYZER_DATA_EVENT",
    about: "Hands a file's content to events",
    new: |args: &FileAnalyzerArgs| {
        if args.chunk_event.is_none() && args.stream_event.is_none() {
            return Err("DATA_EVENT needs $chunk_event or $stream_event".into());
        }
        Ok(Box::new(DataEvent {
            chunk: args
                .chunk_event
                .as_deref()
                .map(|name| named(name, &["f", "data", "off"])),
            stream: args
                .stream_event
                .as_deref()
                .map(|name| named(name, &["f", "data"])),
        }))
    },
};

/// The event of a name that policy chose.  Each name is made once and lives as long as the process, so their number is
/// that of the events in the scripts.
pub fn named(name: &str, params: &'static [&'static str]) -> &'static Event {
    static MADE: OnceLock<Mutex<HashMap<String, &'static Event>>> = OnceLock::new();
    let mut made = MADE
        .get_or_init(Mutex::default)
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    if let Some(event) = made.get(name) {
        return event;
    }
    let text: &'static str = Box::leak(name.to_owned().into_boxed_str());
    let event: &'static Event = Box::leak(Box::new(Event::declare(text, params)));
    made.insert(name.to_owned(), event);
    event
}

struct DataEvent {
    chunk: Option<&'static Event>,
    stream: Option<&'static Event>,
}

impl FileAnalyzer for DataEvent {
    fn deliver_stream(&mut self, ctx: &mut FileContext<'_>, data: &[u8]) -> bool {
        if let Some(event) = self.stream {
            ctx.sink.emit(event, vec![ctx.value(), data.into()]);
        }
        true
    }

    fn deliver_chunk(&mut self, ctx: &mut FileContext<'_>, offset: u64, data: &[u8]) -> bool {
        if let Some(event) = self.chunk {
            ctx.sink
                .emit(event, vec![ctx.value(), data.into(), Value::Count(offset)]);
        }
        true
    }
}
