//! The file manager: which files there are, and when they end.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use bro_events::{
    EventSink, FileCommand, FileConn, FileId, FileKey, FileSink, FileSnapshot, UidMaker, Value, Weird,
    WeirdAbout,
};

use crate::events::{FILE_NEW, FILE_OVER_NEW_CONNECTION, FILE_STATE_REMOVE, FILE_TIMEOUT};
use crate::file::File;
use crate::mime::MimeTypes;

/// Files under analysis at most; content of further ones is not looked at.
const MAX_FILES: usize = 200_000;

/// What policy sets about file analysis as a whole.
#[derive(Clone, Debug)]
pub struct FileOptions {
    /// Bytes of the beginning that are kept (`default_file_bof_buffer_size`)
    pub bof_buffer_size: u64,
    /// Seconds without content until a file is given up (`default_file_timeout_interval`)
    pub timeout: f64,
    /// Whether content out of order is put in order (`Files::enable_reassembler`)
    pub reassemble: bool,
    /// Bytes out of order that are kept for a file (`Files::reassembly_buffer_size`)
    pub reassembly_limit: u64,
}

impl Default for FileOptions {
    fn default() -> Self {
        FileOptions {
            bof_buffer_size: 4096,
            timeout: 120.0,
            reassemble: true,
            reassembly_limit: 524_288,
        }
    }
}

impl FileOptions {
    /// Names of the script variables that [`FileOptions::set`] takes.
    pub fn names() -> &'static [&'static str] {
        &[
            "default_file_bof_buffer_size",
            "default_file_timeout_interval",
            "Files::enable_reassembler",
            "Files::reassembly_buffer_size",
        ]
    }

    /// Takes over a script variable's value; one of another type is ignored.
    pub fn set(&mut self, name: &str, value: &Value) {
        match (name, value) {
            ("default_file_bof_buffer_size", Value::Count(n)) => self.bof_buffer_size = *n,
            ("default_file_timeout_interval", Value::Double(x) | Value::Interval(x)) => self.timeout = *x,
            ("Files::enable_reassembler", Value::Bool(on)) => self.reassemble = *on,
            ("Files::reassembly_buffer_size", Value::Count(n)) => self.reassembly_limit = *n,
            _ => {}
        }
    }
}

/// All files under analysis.
pub struct FileManager {
    options: FileOptions,
    uids: UidMaker,
    mimes: MimeTypes,
    files: HashMap<FileId, File>,
    by_key: HashMap<FileKey, FileId>,
    /// Keys of analyzers for which scripts gave a handle: the key with that; nothing for content they do not want
    renamed: HashMap<FileKey, Option<FileKey>>,
    /// How many keys of analyzers go by the same handle
    sharers: HashMap<FileKey, usize>,
    keys: HashMap<FileId, FileKey>,
    /// When to look after which file; a file has one entry
    timeouts: BinaryHeap<Reverse<(u64, FileId)>>,
    next: u64,
    now: f64,
    limit_reported: bool,
}

/// Packet time as an integer that sorts like it, microseconds.
fn micros(seconds: f64) -> u64 {
    (seconds.max(0.0) * 1e6) as u64
}

/// The key of a file that comes from outside of the traffic.
fn outside_key(handle: &[u8]) -> FileKey {
    FileKey {
        tag: "INPUT",
        handle: handle.to_vec(),
    }
}

/// Sources that are named to policy; what scripts name beyond that is called `INPUT`.
const MAX_SOURCES: usize = 1000;

/// A name that lasts as long as the program.  Scripts give few of them, the same again and again.
fn interned(name: &str) -> &'static str {
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = names.get(name) {
        return known;
    }
    if names.len() >= MAX_SOURCES {
        return "INPUT";
    }
    let kept: &'static str = Box::leak(name.to_owned().into_boxed_str());
    names.insert(kept);
    kept
}

/// The name of a protocol's analyzer, from its tag.
fn source_of(tag: &'static str) -> &'static str {
    tag.rsplit_once("ANALYZER_").map_or(tag, |(_, name)| name)
}

impl FileManager {
    /// A manager whose files' ids come from this seed.
    pub fn new(options: FileOptions, seed: [u8; 16]) -> Self {
        FileManager {
            options,
            uids: UidMaker::new(seed),
            mimes: MimeTypes::builtin(),
            files: HashMap::new(),
            by_key: HashMap::new(),
            renamed: HashMap::new(),
            sharers: HashMap::new(),
            keys: HashMap::new(),
            timeouts: BinaryHeap::new(),
            next: 0,
            now: 0.0,
            limit_reported: false,
        }
    }

    /// Files under analysis.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether no file is under analysis.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The MIME types that content suggests, the likeliest first.
    pub fn mime_types(&self) -> &MimeTypes {
        &self.mimes
    }

    /// More signatures of MIME types, from `file-magic` signatures of scripts.
    pub fn set_mime_types(&mut self, mimes: MimeTypes) {
        self.mimes = mimes;
    }

    /// Moves packet time and gives up files for which nothing came.
    pub fn advance(&mut self, now: f64, sink: &mut dyn EventSink) {
        self.now = now;
        while let Some(&Reverse((due, id))) = self.timeouts.peek() {
            if due > micros(now) {
                break;
            }
            self.timeouts.pop();
            self.look_after(id, sink);
        }
    }

    fn look_after(&mut self, id: FileId, sink: &mut dyn EventSink) {
        let Some(file) = self.files.get_mut(&id) else {
            return;
        };
        let due = micros(file.state.last_active + file.state.timeout_interval);
        if due > micros(self.now) {
            self.timeouts.push(Reverse((due, id)));
            return;
        }
        // Policy may want to wait longer: it says so by setting the interval.
        file.timed_out = true;
        file.tell(sink);
        sink.emit(&FILE_TIMEOUT, vec![Value::File(id)]);
        file.decide(sink);
        if file.timed_out {
            self.remove(id, sink);
        } else {
            // Not before time has moved, even if the interval is zero.
            let due = micros(self.now + file.state.timeout_interval).max(micros(self.now).saturating_add(1));
            self.timeouts.push(Reverse((due, id)));
        }
    }

    /// Carries out a request of policy.
    pub fn apply(&mut self, sink: &mut dyn EventSink, id: FileId, command: FileCommand) {
        if let Some(file) = self.files.get_mut(&id) {
            file.apply(sink, command);
        }
    }

    /// The input has ended: all files end, in the order in which they began.  Nothing more can come for them, so that is
    /// what policy hears, but waiting longer is no choice it has.
    pub fn finish(&mut self, sink: &mut dyn EventSink) {
        let mut left: Vec<FileId> = self.files.keys().copied().collect();
        left.sort_unstable();
        for id in left {
            if let Some(file) = self.files.get_mut(&id) {
                file.timed_out = true;
                file.tell(sink);
                sink.emit(&FILE_TIMEOUT, vec![Value::File(id)]);
                file.decide(sink);
            }
            self.remove(id, sink);
        }
    }

    fn remove(&mut self, id: FileId, sink: &mut dyn EventSink) {
        let Some(mut file) = self.files.remove(&id) else {
            return;
        };
        if let Some(key) = self.keys.remove(&id) {
            self.by_key.remove(&key);
        }
        file.end(sink, &self.mimes);
        file.tell(sink);
        sink.emit(&FILE_STATE_REMOVE, vec![Value::File(id)]);
        sink.file_gone(id);
    }

    /// Content that comes from outside of the traffic, such as from a local file; it has no connection.
    ///
    /// `handle` sets the file apart from others of this kind, `source` is where policy is told it comes from.
    pub fn content(&mut self, sink: &mut dyn EventSink, handle: &[u8], source: &str, data: &[u8]) {
        let key = outside_key(handle);
        let id = match self.by_key.get(&key) {
            Some(&id) => Some(id),
            None => self.begin(sink, &key, None, interned(source)),
        };
        let Some(file) = id.and_then(|id| self.files.get_mut(&id)) else {
            return;
        };
        file.touch(self.now);
        if !file.ignored {
            file.data(sink, &self.mimes, file.next_offset(), data);
        }
    }

    /// Such content has ended.
    pub fn content_end(&mut self, sink: &mut dyn EventSink, handle: &[u8]) {
        self.end_of_file(sink, &outside_key(handle));
    }

    /// The key that a file goes by: the analyzer's, or that of scripts; `None` if they do not want it.
    fn known_key<'k>(&'k self, key: &'k FileKey) -> Option<&'k FileKey> {
        if self.renamed.is_empty() {
            return Some(key);
        }
        self.renamed.get(key).map_or(Some(key), Option::as_ref)
    }

    /// The same for content that is about to be analyzed: of a key that was not met before scripts may say what file it is.
    fn key_of(&mut self, sink: &mut dyn EventSink, key: &FileKey, from: &FileConn<'_>) -> Option<FileKey> {
        if !self.by_key.contains_key(key) && !self.renamed.contains_key(key) && self.renamed.len() < MAX_FILES
        {
            if let Some(handle) = sink.file_handle(key.tag, from.conn, from.is_orig) {
                let renamed = (!handle.is_empty()).then_some(FileKey { tag: key.tag, handle });
                if let Some(name) = &renamed {
                    *self.sharers.entry(name.clone()).or_default() += 1;
                }
                self.renamed.insert(key.clone(), renamed);
            }
        }
        self.known_key(key).cloned()
    }

    /// The file of a key, made if need be; `None` when there are too many or it is ignored.
    fn file(&mut self, sink: &mut dyn EventSink, key: &FileKey, from: &FileConn<'_>) -> Option<FileId> {
        let id = match self.by_key.get(key) {
            Some(&id) => id,
            None => self.begin(sink, key, Some(from), source_of(key.tag))?,
        };
        let file = self.files.get_mut(&id)?;
        file.touch(self.now);
        if file.conns.insert(from.conn) {
            file.tell(sink);
            sink.file_conn(id, from.conn, from.is_orig);
            let args = vec![Value::File(id), Value::Conn(from.conn), Value::Bool(from.is_orig)];
            sink.emit(&FILE_OVER_NEW_CONNECTION, args);
            file.decide(sink);
        }
        (!file.ignored).then_some(id)
    }

    fn begin(
        &mut self,
        sink: &mut dyn EventSink,
        key: &FileKey,
        from: Option<&FileConn<'_>>,
        source: &'static str,
    ) -> Option<FileId> {
        if self.files.len() >= MAX_FILES {
            if !self.limit_reported {
                self.limit_reported = true;
                sink.weird(Weird {
                    name: "too_many_files",
                    about: WeirdAbout::Net,
                    addl: MAX_FILES.to_string(),
                    source: "FILES",
                });
            }
            return None;
        }
        self.next += 1;
        let id = FileId(self.next);
        let mut what = key.tag.as_bytes().to_vec();
        what.push(0);
        what.extend_from_slice(&key.handle);
        let state = FileSnapshot {
            file: id,
            fuid: self.uids.make('F', &what),
            parent_fuid: None,
            source,
            is_orig: from.map(|from| from.is_orig),
            last_active: self.now,
            seen_bytes: 0,
            total_bytes: None,
            missing_bytes: 0,
            overflow_bytes: 0,
            timeout_interval: self.options.timeout,
            bof_buffer_size: self.options.bof_buffer_size,
            bof_buffer: None,
        };
        let due = self.now + state.timeout_interval;
        let mut file = File::new(state, self.options.reassemble, self.options.reassembly_limit);
        file.tell(sink);
        // The connection is in the file's table before its first event.
        if let Some(from) = from {
            sink.file_conn(id, from.conn, from.is_orig);
        }
        sink.emit(&FILE_NEW, vec![Value::File(id)]);
        file.decide(sink);
        self.timeouts.push(Reverse((micros(due), id)));
        self.by_key.insert(key.clone(), id);
        self.keys.insert(id, key.clone());
        self.files.insert(id, file);
        Some(id)
    }

    /// Runs a step on a file and ends it when it is complete.
    fn step(
        &mut self,
        sink: &mut dyn EventSink,
        key: &FileKey,
        from: &FileConn<'_>,
        step: impl FnOnce(&mut File, &mut dyn EventSink, &MimeTypes),
    ) {
        let id = if self.by_key.contains_key(key) {
            self.file(sink, key, from)
        } else {
            let key = self.key_of(sink, key, from);
            key.and_then(|key| self.file(sink, &key, from))
        };
        let Some(id) = id else {
            return;
        };
        let Some(file) = self.files.get_mut(&id) else {
            return;
        };
        step(file, sink, &self.mimes);
        if file.is_complete() {
            self.remove(id, sink);
        }
    }
}

impl FileSink for FileManager {
    fn data(
        &mut self,
        sink: &mut dyn EventSink,
        key: &FileKey,
        from: &FileConn<'_>,
        data: &[u8],
        mime: Option<&[u8]>,
    ) {
        self.step(sink, key, from, |file, sink, mimes| {
            if let Some(mime) = mime {
                file.set_mime(sink, mime);
            }
            file.data(sink, mimes, file.next_offset(), data);
        });
    }

    fn data_at(
        &mut self,
        sink: &mut dyn EventSink,
        key: &FileKey,
        from: &FileConn<'_>,
        offset: u64,
        data: &[u8],
        mime: Option<&[u8]>,
    ) {
        self.step(sink, key, from, |file, sink, mimes| {
            if let Some(mime) = mime {
                file.set_mime(sink, mime);
            }
            file.data(sink, mimes, offset, data);
        });
    }

    fn gap(&mut self, sink: &mut dyn EventSink, key: &FileKey, from: &FileConn<'_>, offset: u64, len: u64) {
        self.step(sink, key, from, |file, sink, mimes| {
            file.gap(sink, mimes, offset, len)
        });
    }

    fn set_size(&mut self, sink: &mut dyn EventSink, key: &FileKey, from: &FileConn<'_>, size: u64) {
        self.step(sink, key, from, |file, _, _| file.set_total(size));
    }

    fn end_of_file(&mut self, sink: &mut dyn EventSink, key: &FileKey) {
        let renamed = if self.renamed.is_empty() {
            None
        } else {
            self.renamed.remove(key)
        };
        let key = match &renamed {
            None => key,
            Some(None) => return,
            Some(Some(name)) => {
                let left = self.sharers.remove(name).unwrap_or(1) - 1;
                if left > 0 {
                    // Other content may still come for the same file.
                    self.sharers.insert(name.clone(), left);
                    return;
                }
                name
            }
        };
        if let Some(&id) = self.by_key.get(key) {
            self.remove(id, sink);
        }
    }

    fn mime_type(&self, beginning: &[u8], complete: bool) -> Option<String> {
        let found = self.mimes.matches(beginning, complete);
        found.first().map(|found| found.mime.to_owned())
    }

    fn fuid(&self, key: &FileKey) -> Option<Arc<str>> {
        self.by_key
            .get(self.known_key(key)?)
            .and_then(|id| self.files.get(id))
            .map(|file| file.state.fuid.clone())
    }

    fn is_ignored(&self, key: &FileKey) -> bool {
        let Some(key) = self.known_key(key) else {
            return true;
        };
        self.by_key
            .get(key)
            .and_then(|id| self.files.get(id))
            .is_some_and(|file| file.ignored)
    }
}
