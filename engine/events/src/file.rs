//! Files seen in traffic: what policy sees of them, and how analyzers hand over their content.

use std::sync::Arc;

use crate::{ConnId, EventSink, FlowId};

/// Names a file under analysis for as long as the engine runs; never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u64);

/// The fields of the record `fa_file` that the engine sets, at the moment an event was raised.
#[derive(Clone, Debug, PartialEq)]
pub struct FileSnapshot {
    /// Which file
    pub file: FileId,
    /// Unique id, such as `FMnxxt3xjVcWNS2141`
    pub fuid: Arc<str>,
    /// The file this one was taken out of
    pub parent_fuid: Option<Arc<str>>,
    /// Name of the analyzer it came from, such as `HTTP`
    pub source: &'static str,
    /// Whether the originator sent it; `None` where that has no meaning
    pub is_orig: Option<bool>,
    /// Time of the latest data, seconds
    pub last_active: f64,
    /// Bytes seen
    pub seen_bytes: u64,
    /// Size announced by the protocol
    pub total_bytes: Option<u64>,
    /// Bytes known to be missing
    pub missing_bytes: u64,
    /// Bytes not analyzed because they came twice or too late
    pub overflow_bytes: u64,
    /// Seconds without data after which the file is given up
    pub timeout_interval: f64,
    /// How much of the beginning is kept
    pub bof_buffer_size: u64,
    /// The beginning, once it is complete
    pub bof_buffer: Option<Arc<[u8]>>,
}

/// Which file some content belongs to: the same key always names the same file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FileKey {
    /// Full name of the protocol analyzer's tag, such as `Analyzer::ANALYZER_HTTP`
    pub tag: &'static str,
    /// What sets it apart from the analyzer's other files, such as uid, direction and number of the message
    pub handle: Vec<u8>,
}

/// The connection some file content came over.
#[derive(Clone, Debug)]
pub struct FileConn<'a> {
    /// The connection
    pub conn: ConnId,
    /// Its id as in logs
    pub uid: &'a Arc<str>,
    /// Its endpoints
    pub flow: &'a FlowId,
    /// Whether the originator sends the content
    pub is_orig: bool,
}

/// Takes the content of files from protocol analyzers.  Implemented by the file manager.
pub trait FileSink {
    /// Content that continues the file.  `mime_hint` is what the protocol says it is, used when nothing better is known.
    fn data(
        &mut self,
        sink: &mut dyn EventSink,
        key: &FileKey,
        from: &FileConn<'_>,
        data: &[u8],
        mime_hint: Option<&[u8]>,
    );
    /// Content at an offset, for protocols that transfer parts (HTTP ranges).
    fn data_at(
        &mut self,
        sink: &mut dyn EventSink,
        key: &FileKey,
        from: &FileConn<'_>,
        offset: u64,
        data: &[u8],
        mime_hint: Option<&[u8]>,
    );
    /// A hole of `len` bytes.
    fn gap(&mut self, sink: &mut dyn EventSink, key: &FileKey, from: &FileConn<'_>, offset: u64, len: u64);
    /// The size the protocol announces.
    fn set_size(&mut self, sink: &mut dyn EventSink, key: &FileKey, from: &FileConn<'_>, size: u64);
    /// No more content will come under this key.
    fn end_of_file(&mut self, sink: &mut dyn EventSink, key: &FileKey);
    /// The likeliest MIME type of a file that begins like this, if any; `complete`: it is no longer than that.
    fn mime_type(&self, beginning: &[u8], complete: bool) -> Option<String> {
        let _ = (beginning, complete);
        None
    }
    /// The unique id of the file, if content came under this key.
    fn fuid(&self, key: &FileKey) -> Option<Arc<str>>;
    /// Policy asked to ignore the file: its producer can stop.
    fn is_ignored(&self, key: &FileKey) -> bool;
}
