//! One file under analysis.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use bro_events::{ConnId, EventSink, FileAnalyzerArgs, FileCommand, FileId, FileSnapshot, Value};

use crate::analyzers::{make, FileAnalyzer, FileContext, NOT_ATTACHED};
use crate::events::{FA_METADATA, FILE_GAP, FILE_REASSEMBLY_OVERFLOW, FILE_SNIFF, MIME_MATCH};
use crate::mime::MimeTypes;
use crate::reassembly::Pending;

/// Holes ahead of what was delivered that are remembered; with more, what is missing before them is given up.
const MAX_HOLES: usize = 1024;

/// Analyzers of one file at most; more are refused.
const MAX_ANALYZERS: usize = 64;

struct Attached {
    tag: String,
    args: FileAnalyzerArgs,
    analyzer: Box<dyn FileAnalyzer>,
    finished: bool,
}

/// A file: what is known of it, the beginning, and its analyzers.
pub(crate) struct File {
    pub state: FileSnapshot,
    pub conns: HashSet<ConnId>,
    pub ignored: bool,
    /// Whether its time is up and policy was asked
    pub timed_out: bool,
    bof: Vec<u8>,
    bof_complete: bool,
    sniffed: bool,
    /// Everything before this offset was delivered, or is a gap
    offset: u64,
    pending: Pending,
    /// Holes that the protocol reported ahead of `offset`, by where they begin: where they end
    holes: BTreeMap<u64, u64>,
    reassemble: bool,
    reassembly_limit: u64,
    attached: Vec<Attached>,
    /// Whether the state changed since policy was told
    dirty: bool,
}

impl File {
    pub fn new(state: FileSnapshot, reassemble: bool, reassembly_limit: u64) -> Self {
        File {
            state,
            conns: HashSet::new(),
            ignored: false,
            timed_out: false,
            bof: Vec::new(),
            bof_complete: false,
            sniffed: false,
            offset: 0,
            pending: Pending::default(),
            holes: BTreeMap::new(),
            reassemble,
            reassembly_limit,
            attached: Vec::new(),
            dirty: true,
        }
    }

    pub fn id(&self) -> FileId {
        self.state.file
    }

    /// Says what became of the file before an event about it.
    pub fn tell(&mut self, sink: &mut dyn EventSink) {
        if self.dirty {
            self.dirty = false;
            sink.file_update(self.state.clone());
        }
    }

    pub fn touch(&mut self, now: f64) {
        self.timed_out = false;
        if self.state.last_active != now {
            self.state.last_active = now;
            self.dirty = true;
        }
    }

    pub fn set_total(&mut self, size: u64) {
        if self.state.total_bytes != Some(size) {
            self.state.total_bytes = Some(size);
            self.dirty = true;
        }
    }

    /// Whether all bytes that were announced are accounted for.
    pub fn is_complete(&self) -> bool {
        self.state
            .total_bytes
            .is_some_and(|total| self.state.seen_bytes + self.state.missing_bytes >= total)
    }

    /// Offset at which content without one goes on.
    pub fn next_offset(&self) -> u64 {
        self.offset
    }

    /// Content at an offset.
    pub fn data(&mut self, sink: &mut dyn EventSink, mimes: &MimeTypes, offset: u64, data: &[u8]) {
        if offset.checked_add(data.len() as u64).is_none() {
            // No file is that long: what says so is made up.
            self.overflow(data.len() as u64);
            return;
        }
        if data.is_empty() {
            return;
        }
        if offset == self.offset && self.pending.held() == 0 {
            self.deliver(sink, mimes, data);
            if !self.holes.is_empty() {
                self.deliver_pending(sink, mimes);
            }
            return;
        }
        if !self.reassemble && offset > self.offset {
            // Without reassembly a jump forward is a gap, and what comes too late is not analyzed.
            self.go_to(sink, mimes, offset);
        }
        let already = self.offset.saturating_sub(offset).min(data.len() as u64);
        if already > 0 {
            self.overflow(already);
        }
        let data = &data[already as usize..];
        let offset = offset + already;
        if data.is_empty() {
            return;
        }
        let twice = self.pending.insert(offset, data);
        if twice > 0 {
            self.overflow(twice);
        }
        self.deliver_pending(sink, mimes);
        while self.pending.held() > self.reassembly_limit {
            let Some(first) = self.pending.first() else { break };
            self.tell(sink);
            let skipped = first.saturating_sub(self.offset);
            let args = vec![Value::File(self.id()), Value::Count(first), Value::Count(skipped)];
            sink.emit(&FILE_REASSEMBLY_OVERFLOW, args);
            self.go_to(sink, mimes, first);
        }
    }

    /// Delivers what waits at the offset, and passes over what is known to be missing there.
    fn deliver_pending(&mut self, sink: &mut dyn EventSink, mimes: &MimeTypes) {
        loop {
            if let Some(piece) = self.pending.take(self.offset) {
                self.deliver(sink, mimes, &piece);
                continue;
            }
            let Some(hole) = self.holes.first_entry().filter(|hole| *hole.key() <= self.offset) else {
                return;
            };
            let end = hole.remove();
            if end > self.offset {
                // What came for a part of it under another name is no hole.
                let next = self.pending.first().map_or(end, |first| first.min(end));
                if next < end {
                    self.holes.insert(next, end);
                }
                self.skip_to(sink, mimes, next);
            }
        }
    }

    fn overflow(&mut self, len: u64) {
        self.state.overflow_bytes += len;
        self.dirty = true;
    }

    /// Bytes that will never come, unless they came already or wait.  What is missing before them may still come: parts
    /// of a file come in any order.
    pub fn gap(&mut self, sink: &mut dyn EventSink, mimes: &MimeTypes, offset: u64, len: u64) {
        if len == 0 {
            return;
        }
        let end = offset.saturating_add(len);
        if offset > self.offset && self.reassemble && self.holes.len() < MAX_HOLES {
            let known = self.holes.entry(offset).or_default();
            *known = end.max(*known);
            self.deliver_pending(sink, mimes);
        } else {
            self.go_to(sink, mimes, end);
        }
    }

    /// Goes on at an offset at least: what waits before it is delivered, and what is missing is a gap.  Afterwards
    /// nothing waits at the offset reached.
    fn go_to(&mut self, sink: &mut dyn EventSink, mimes: &MimeTypes, offset: u64) {
        loop {
            self.deliver_pending(sink, mimes);
            if self.offset >= offset {
                return;
            }
            self.skip_to(
                sink,
                mimes,
                self.pending.first().map_or(offset, |first| first.min(offset)),
            );
        }
    }

    /// Leaves out the bytes up to an offset.
    fn skip_to(&mut self, sink: &mut dyn EventSink, mimes: &MimeTypes, end: u64) {
        let offset = self.offset;
        let len = end.saturating_sub(offset);
        if len == 0 {
            return;
        }
        self.complete_beginning(sink, mimes);
        self.state.missing_bytes += len;
        self.dirty = true;
        self.offset = end;
        self.tell(sink);
        sink.emit(
            &FILE_GAP,
            vec![Value::File(self.id()), Value::Count(offset), Value::Count(len)],
        );
        self.each(sink, |analyzer, ctx| analyzer.undelivered(ctx, offset, len));
    }

    fn deliver(&mut self, sink: &mut dyn EventSink, mimes: &MimeTypes, data: &[u8]) {
        let at = self.offset;
        self.offset += data.len() as u64;
        self.state.seen_bytes += data.len() as u64;
        self.dirty = true;
        if self.bof_complete {
            self.feed(sink, at, data);
            return;
        }
        // The beginning is held back until policy could say what to do with it.
        self.bof.extend_from_slice(data);
        if self.bof.len() as u64 >= self.state.bof_buffer_size {
            self.complete_beginning(sink, mimes);
        }
    }

    fn bof_limit(&self) -> usize {
        usize::try_from(self.state.bof_buffer_size).unwrap_or(usize::MAX)
    }

    /// The beginning is all there will be: recognise it, tell policy, and let it go to the analyzers.
    fn complete_beginning(&mut self, sink: &mut dyn EventSink, mimes: &MimeTypes) {
        if self.bof_complete {
            return;
        }
        self.bof_complete = true;
        let held = std::mem::take(&mut self.bof);
        let size = usize::try_from(self.state.bof_buffer_size)
            .unwrap_or(usize::MAX)
            .min(held.len());
        let beginning: Arc<[u8]> = Arc::from(&held[..size]);
        self.state.bof_buffer = Some(beginning.clone());
        self.dirty = true;
        if !self.sniffed && !beginning.is_empty() {
            self.sniffed = true;
            let complete = size == held.len() && size < self.bof_limit();
            self.sniff(sink, mimes, &beginning, complete);
        }
        let start = self.offset - held.len() as u64;
        self.feed(sink, start, &held);
    }

    fn sniff(&mut self, sink: &mut dyn EventSink, mimes: &MimeTypes, beginning: &[u8], complete: bool) {
        if !sink.wants(&FILE_SNIFF) {
            return;
        }
        let found = mimes.matches(beginning, complete);
        let meta = match found.first() {
            None => vec![Value::Unset, Value::Unset, Value::Bool(true)],
            Some(best) => {
                let mime = Value::from(best.mime.to_owned());
                let all = found
                    .iter()
                    .map(|m| {
                        Value::Record(
                            &MIME_MATCH,
                            vec![Value::Int(m.strength), m.mime.to_owned().into()],
                        )
                    })
                    .collect();
                vec![mime, Value::Vector(all), Value::Bool(true)]
            }
        };
        self.raise_sniff(sink, meta);
    }

    /// The protocol says for sure what the file is.
    pub fn set_mime(&mut self, sink: &mut dyn EventSink, mime: &[u8]) {
        if self.sniffed {
            return;
        }
        self.sniffed = true;
        self.raise_sniff(sink, vec![mime.into(), Value::Unset, Value::Bool(false)]);
    }

    fn raise_sniff(&mut self, sink: &mut dyn EventSink, meta: Vec<Value>) {
        self.tell(sink);
        sink.emit(
            &FILE_SNIFF,
            vec![Value::File(self.id()), Value::Record(&FA_METADATA, meta)],
        );
        self.decide(sink);
    }

    /// Lets policy decide about the file now, before its content goes on.
    pub fn decide(&mut self, sink: &mut dyn EventSink) {
        sink.drain();
        for command in sink.take_file_commands(self.id()) {
            self.apply(sink, command);
        }
    }

    pub fn apply(&mut self, sink: &mut dyn EventSink, command: FileCommand) {
        match command {
            FileCommand::AddAnalyzer { tag, args } => self.attach(sink, tag, args),
            FileCommand::RemoveAnalyzer { tag, args } => {
                self.detach(sink, |a| a.tag == tag && a.args == args)
            }
            FileCommand::Stop => {
                self.ignored = true;
                self.detach(sink, |_| true);
                self.bof = Vec::new();
                self.pending = Pending::default();
            }
            FileCommand::SetTimeout(seconds) => {
                self.state.timeout_interval = seconds;
                self.timed_out = false;
                self.dirty = true;
            }
            FileCommand::EnableReassembly(on) => self.reassemble = on,
            FileCommand::ReassemblyLimit(bytes) => self.reassembly_limit = bytes,
            FileCommand::ExtractLimit { path, limit } => {
                let extracts = |a: &&mut Attached| a.args.extract_filename.as_deref() == Some(&path);
                if let Some(attached) = self.attached.iter_mut().find(extracts) {
                    attached.analyzer.set_limit(limit);
                }
            }
        }
    }

    fn attach(&mut self, sink: &mut dyn EventSink, tag: String, args: FileAnalyzerArgs) {
        let there = self.attached.iter().any(|a| a.tag == tag && a.args == args);
        if there || self.ignored || self.attached.len() >= MAX_ANALYZERS {
            return;
        }
        let Some((name, made)) = make(&tag, &args) else {
            return;
        };
        match made {
            Ok(mut analyzer) => {
                self.tell(sink);
                let mut later = Vec::new();
                analyzer.init(&mut FileContext {
                    file: self.state.file,
                    sink,
                    later: &mut later,
                });
                self.attached.push(Attached {
                    tag,
                    args,
                    analyzer,
                    finished: false,
                });
                self.apply_later(sink, later);
            }
            Err(reason) => sink.weird(bro_events::Weird {
                name: NOT_ATTACHED,
                about: bro_events::WeirdAbout::File(self.id()),
                addl: reason,
                source: name,
            }),
        }
    }

    /// Takes analyzers off the file, each after its last call.
    fn detach(&mut self, sink: &mut dyn EventSink, which: impl Fn(&Attached) -> bool) {
        if self.attached.is_empty() {
            return;
        }
        let mut later = Vec::new();
        let file = self.id();
        self.attached.retain_mut(|attached| {
            if !which(attached) {
                return true;
            }
            attached.analyzer.done(&mut FileContext {
                file,
                sink: &mut *sink,
                later: &mut later,
            });
            false
        });
        self.apply_later(sink, later);
    }

    /// What analyzers asked for while they were called.
    fn apply_later(&mut self, sink: &mut dyn EventSink, later: Vec<FileCommand>) {
        for command in later {
            self.apply(sink, command);
        }
    }

    fn feed(&mut self, sink: &mut dyn EventSink, offset: u64, data: &[u8]) {
        if data.is_empty() {
            return;
        }
        self.each(sink, |analyzer, ctx| {
            let more = analyzer.deliver_stream(ctx, data);
            analyzer.deliver_chunk(ctx, offset, data) && more
        });
    }

    /// Calls every analyzer; those that have no more use for the file are removed.
    fn each(
        &mut self,
        sink: &mut dyn EventSink,
        mut call: impl FnMut(&mut dyn FileAnalyzer, &mut FileContext<'_>) -> bool,
    ) {
        if self.attached.is_empty() {
            return;
        }
        self.tell(sink);
        let file = self.id();
        let mut later = Vec::new();
        for attached in &mut self.attached {
            let mut ctx = FileContext {
                file,
                sink,
                later: &mut later,
            };
            attached.finished = !call(&mut *attached.analyzer, &mut ctx);
        }
        self.detach(sink, |attached| attached.finished);
        self.apply_later(sink, later);
    }

    /// The file ends: what was held back goes to the analyzers, which then finish.
    pub fn end(&mut self, sink: &mut dyn EventSink, mimes: &MimeTypes) {
        if self.ignored {
            return;
        }
        self.complete_beginning(sink, mimes);
        loop {
            let waits = self.pending.first();
            let hole = self.holes.first_key_value().map(|(&first, _)| first);
            match waits.into_iter().chain(hole).min() {
                Some(first) => self.go_to(sink, mimes, first),
                None => break,
            }
        }
        self.each(sink, |analyzer, ctx| {
            analyzer.end_of_file(ctx);
            true
        });
        self.detach(sink, |_| true);
    }
}
