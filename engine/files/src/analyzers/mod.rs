//! File analyzers: one file each.  A new one is a file here and an entry in [`ALL`].

mod added;
mod data_event;
mod entropy;
mod extract;
mod hash;

pub use added::{add, exists, Maker};
pub use extract::is_extraction_failure;

pub(crate) use added::make;

use bro_events::{EventSink, FileAnalyzerArgs, FileCommand, FileId, Value};

bro_events::records! {
    /// What goes with a confirmation; declared with the events of analyzers of connections.
    ANALYZER_CONFIRMATION_INFO = "AnalyzerConfirmationInfo" { c, f, aid };
    /// What goes with a violation.
    ANALYZER_VIOLATION_INFO = "AnalyzerViolationInfo" { reason, c, f, aid, data };
}

/// What is reported when an analyzer cannot begin.
pub(crate) const NOT_ATTACHED: &str = "file_analyzer_not_attached";

/// What a file analyzer can use during a call.
pub struct FileContext<'a> {
    /// The file, for events
    pub file: FileId,
    /// Takes events; the file's state was handed over before
    pub sink: &'a mut dyn EventSink,
    /// What policy asked of the file during the call; carried out behind it
    pub later: &'a mut Vec<FileCommand>,
}

impl FileContext<'_> {
    /// Says that the file is what the analyzer takes it for (`analyzer_confirmation_info`); to be said once.
    pub fn confirm(&mut self, tag: &'static str) {
        let info = Value::Record(
            &ANALYZER_CONFIRMATION_INFO,
            vec![Value::Unset, self.value(), Value::Unset],
        );
        self.sink
            .emit_named("analyzer_confirmation_info", vec![Value::Enum(tag), info]);
    }

    /// Says that the content does not fit (`analyzer_violation_info`).
    pub fn violation(&mut self, tag: &'static str, reason: String, data: Option<&[u8]>) {
        /// Of offending data, this much is reported.
        const SHOWN: usize = 1024;
        let data = data.map(|data| data.get(..SHOWN).unwrap_or(data));
        let fields = vec![
            reason.into(),
            Value::Unset,
            self.value(),
            Value::Unset,
            data.into(),
        ];
        let info = Value::Record(&ANALYZER_VIOLATION_INFO, fields);
        self.sink
            .emit_named("analyzer_violation_info", vec![Value::Enum(tag), info]);
    }

    /// The file as an argument of an event.
    pub fn value(&self) -> Value {
        Value::File(self.file)
    }

    /// Lets policy handle the events raised so far.  Returns the limit it set for extraction to a path, if it did.
    pub fn ask_for_limit(&mut self, path: Option<&str>) -> Option<u64> {
        self.sink.drain();
        let mut answer = None;
        for command in self.sink.take_file_commands(self.file) {
            match command {
                FileCommand::ExtractLimit { path: of, limit } if path == Some(of.as_str()) => {
                    answer = Some(limit);
                }
                other => self.later.push(other),
            }
        }
        answer
    }
}

/// An analyzer of a file's content.  It must keep a bounded amount of it.
pub trait FileAnalyzer: Send {
    /// Called once, before anything else.
    fn init(&mut self, ctx: &mut FileContext<'_>) {
        let _ = ctx;
    }

    /// The next bytes, in order.  `false` when the analyzer has no more use for the file.
    fn deliver_stream(&mut self, ctx: &mut FileContext<'_>, data: &[u8]) -> bool {
        let _ = (ctx, data);
        true
    }

    /// Bytes at an offset, in the order in which they came.  `false` when the analyzer has no more use for the file.
    fn deliver_chunk(&mut self, ctx: &mut FileContext<'_>, offset: u64, data: &[u8]) -> bool {
        let _ = (ctx, offset, data);
        true
    }

    /// Bytes that will never come.  `false` when the analyzer has no more use for the file.
    fn undelivered(&mut self, ctx: &mut FileContext<'_>, offset: u64, len: u64) -> bool {
        let _ = (ctx, offset, len);
        true
    }

    /// The file has ended.
    fn end_of_file(&mut self, ctx: &mut FileContext<'_>) {
        let _ = ctx;
    }

    /// The last call: the file has ended, or the analyzer was taken off it.
    fn done(&mut self, ctx: &mut FileContext<'_>) {
        let _ = ctx;
    }

    /// Policy set a new limit (extraction only).
    fn set_limit(&mut self, limit: u64) {
        let _ = limit;
    }
}

/// All there is to know of a kind of file analyzer.
pub struct FileAnalyzerDef {
    /// Its name as in files.log, such as `MD5`
    pub name: &'static str,
    /// Its tag as scripts write it
    pub tag: &'static str,
    /// One line for `bro -N`
    pub about: &'static str,
    /// Makes an instance, or says why not
    pub new: fn(&FileAnalyzerArgs) -> Result<Box<dyn FileAnalyzer>, String>,
}

/// Every kind there is.
pub static ALL: &[FileAnalyzerDef] = &[
    data_event::DATA_EVENT,
    entropy::ENTROPY,
    extract::EXTRACT,
    hash::MD5,
    hash::SHA1,
    hash::SHA224,
    hash::SHA256,
    hash::SHA384,
    hash::SHA512,
];

/// By its tag.
pub fn by_tag(tag: &str) -> Option<&'static FileAnalyzerDef> {
    ALL.iter().find(|def| def.tag == tag)
}
