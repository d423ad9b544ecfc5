//! The writer of one log: batches of rows on the caller's side, a thread with the file on the other.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::file::{file_name, LogFile};
use crate::{Action, AsciiOptions, Column, Formatter, Limits, LogError, RowBuffer, RowEncoder};

/// Rows that are handed over together.
const BATCH_ROWS: usize = 256;
/// Bytes from which on a batch is handed over even if it has fewer rows.
const BATCH_BYTES: usize = 64 << 10;
/// Batches that may wait for the thread.  With a full batch each that is at most 16,384 rows or about 4 MiB a log (rows
/// larger than a batch aside); beyond it the caller waits for the disk.
const WAITING_BATCHES: usize = 64;
/// Emptied batches kept for use again.
const SPARE_BATCHES: usize = 4;
/// How long the thread lets text wait in memory when nothing comes after it.
const IDLE: Duration = Duration::from_secs(1);

/// What a log is: its columns, its file, its form.
#[derive(Clone, Debug)]
pub struct LogSpec {
    /// Columns in order
    pub columns: Vec<Column>,
    /// Name of the log, such as `conn`; may have directories
    pub path: String,
    /// Where relative names begin; empty for the current directory
    pub directory: PathBuf,
    /// Extension of the file, `log`
    pub extension: String,
    /// Form of the file
    pub options: AsciiOptions,
    /// How large values may be
    pub limits: Limits,
    /// Content of a file `.shadow.NAME` that is there while the log is open, so that a log left over by a crash can be
    /// told and rotated later; `None` for none
    pub shadow: Option<Vec<u8>>,
}

impl LogSpec {
    /// A log of that name in the current directory, with everything else as by default.
    pub fn new(path: impl Into<String>, columns: Vec<Column>) -> Self {
        LogSpec {
            columns,
            path: path.into(),
            directory: PathBuf::new(),
            extension: "log".to_owned(),
            options: AsciiOptions::default(),
            limits: Limits::default(),
            shadow: None,
        }
    }

    /// The file it is written to.
    pub fn file(&self) -> PathBuf {
        file_name(&self.directory, &self.path, &self.extension, &self.options)
    }
}

/// What a writer did, once it is finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct LogSummary {
    /// Rows written
    pub rows: u64,
}

enum Message {
    Rows(RowBuffer),
    Unbuffered(bool),
    Flush(SyncSender<()>),
    Rotate {
        to: PathBuf,
        closed: String,
        reply: SyncSender<Result<bool, LogError>>,
    },
    Finish {
        closed: String,
    },
}

/// What both sides see.
#[derive(Debug, Default)]
struct Shared {
    /// Set together with the error, so that looking is cheap
    failed: AtomicBool,
    error: Mutex<Option<LogError>>,
    spare: Mutex<Vec<RowBuffer>>,
    /// Time that the next file's header will state
    opened: Mutex<String>,
}

impl Shared {
    fn fail(&self, error: LogError) {
        *lock(&self.error) = Some(error);
        self.failed.store(true, Ordering::Release);
    }
}

/// A lock that is as good after a panic elsewhere: all values behind ours are whole at any time.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The way to a thread, and what it returns in the end.
type Thread = (SyncSender<Message>, JoinHandle<Result<LogSummary, LogError>>);

/// Writes one log.  Dropped without [`finish`](LogWriter::finish), it still writes what it was given.
#[derive(Debug)]
pub struct LogWriter {
    spec: Arc<LogSpec>,
    batch: RowBuffer,
    unbuffered: bool,
    thread: Option<Thread>,
    shared: Arc<Shared>,
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Message")
    }
}

impl LogWriter {
    /// A writer that has neither thread nor file before its first row.
    pub fn new(spec: LogSpec) -> Self {
        LogWriter {
            spec: Arc::new(spec),
            batch: RowBuffer::new(),
            unbuffered: false,
            thread: None,
            shared: Arc::new(Shared::default()),
        }
    }

    /// What it writes.
    pub fn spec(&self) -> &LogSpec {
        &self.spec
    }

    /// Whether any row was handed over or is about to be.
    pub fn has_rows(&self) -> bool {
        self.thread.is_some() || !self.batch.is_empty()
    }

    /// States the time that the header of the next file gives as its opening.
    pub fn set_opened(&mut self, opened: &str) {
        opened.clone_into(&mut lock(&self.shared.opened));
    }

    /// Begins a row; when it is finished call [`row_done`](LogWriter::row_done).
    #[inline]
    pub fn row(&mut self) -> RowEncoder<'_> {
        self.batch.row(self.spec.limits)
    }

    /// Hands the batch over if it is full and there is room in the channel.  Returns `false` if there is none; the caller
    /// then calls [`hand_over`](LogWriter::hand_over), which waits.
    #[inline]
    pub fn row_done(&mut self) -> bool {
        if self.batch.rows() < BATCH_ROWS && self.batch.len() < BATCH_BYTES && !self.unbuffered {
            return true;
        }
        self.try_hand_over()
    }

    fn try_hand_over(&mut self) -> bool {
        let next = self.spare();
        let Some(channel) = self.channel().cloned() else {
            self.batch.clear(0); // there is no thread and will be none; the error was stored
            return true;
        };
        let full = std::mem::replace(&mut self.batch, next);
        match channel.try_send(Message::Rows(full)) {
            Ok(()) => true,
            Err(TrySendError::Full(Message::Rows(back))) => {
                self.batch = back;
                false
            }
            Err(_) => true, // the thread is gone, which only a panic there brings about; `finish` reports it
        }
    }

    /// Hands over what is in the batch, waiting for room.
    pub fn hand_over(&mut self) {
        if !self.batch.is_empty() {
            let next = self.spare();
            let full = std::mem::replace(&mut self.batch, next);
            self.send(Message::Rows(full));
        }
    }

    /// Without buffering every row is in the file as soon as the thread has it.
    pub fn set_unbuffered(&mut self, unbuffered: bool) {
        if self.unbuffered != unbuffered {
            self.unbuffered = unbuffered;
            if self.has_rows() {
                self.hand_over();
                self.send(Message::Unbuffered(unbuffered));
            }
        }
    }

    /// Returns once everything so far is in the file.
    pub fn flush(&mut self) {
        if self.has_rows() {
            self.hand_over();
            let (reply, done) = mpsc::sync_channel(1);
            self.send(Message::Flush(reply));
            let _ = done.recv(); // fails only if the thread is gone
        }
    }

    /// Closes the file and renames it; the next row begins a new one.  Returns whether there was a file.
    pub fn rotate(&mut self, to: &Path, closed: &str) -> Result<bool, LogError> {
        if !self.has_rows() {
            return Ok(false);
        }
        self.hand_over();
        let (reply, done) = mpsc::sync_channel(1);
        self.send(Message::Rotate {
            to: to.to_owned(),
            closed: closed.to_owned(),
            reply,
        });
        done.recv().unwrap_or(Ok(false))
    }

    /// Writes everything, closes the file, ends the thread.
    pub fn finish(&mut self, closed: &str) -> Result<LogSummary, LogError> {
        self.hand_over();
        let Some((channel, thread)) = self.thread.take() else {
            return lock(&self.shared.error)
                .clone()
                .map_or(Ok(LogSummary::default()), Err);
        };
        let _ = channel.send(Message::Finish {
            closed: closed.to_owned(),
        });
        drop(channel);
        thread.join().unwrap_or_else(|_| {
            let source = std::io::Error::other("the thread that writes it panicked");
            Err(LogError::new(&self.spec.file(), Action::Write, source))
        })
    }

    /// Whether something failed that [`take_error`](LogWriter::take_error) has not returned yet.
    #[inline]
    pub fn has_failed(&self) -> bool {
        self.shared.failed.load(Ordering::Relaxed)
    }

    /// What failed, once.  The writer drops the rows that follow, until a rotation begins a new file.
    pub fn take_error(&self) -> Option<LogError> {
        self.shared.failed.store(false, Ordering::Release);
        lock(&self.shared.error).take()
    }

    fn spare(&self) -> RowBuffer {
        lock(&self.shared.spare).pop().unwrap_or_default()
    }

    fn send(&mut self, message: Message) {
        if let Some(channel) = self.channel() {
            let _ = channel.send(message); // fails only if the thread panicked, which `finish` reports
        }
    }

    /// The way to the thread, which is started if need be.  `None` if it cannot be; that is stored as the error.
    fn channel(&mut self) -> Option<&SyncSender<Message>> {
        if self.thread.is_none() {
            let (sender, receiver) = mpsc::sync_channel(WAITING_BATCHES);
            let (spec, shared, unbuffered) = (self.spec.clone(), self.shared.clone(), self.unbuffered);
            // A zero byte, which scripts may put into a path, would be a panic here; opening the file refuses it.
            let name = format!("log {}", self.spec.path.replace('\0', "?"));
            let started = std::thread::Builder::new()
                .name(name)
                .spawn(move || Worker::new(spec, shared, unbuffered).run(&receiver));
            match started {
                Ok(thread) => self.thread = Some((sender, thread)),
                Err(e) => self
                    .shared
                    .fail(LogError::new(&self.spec.file(), Action::Start, e)),
            }
        }
        self.thread.as_ref().map(|(sender, _)| sender)
    }
}

impl Drop for LogWriter {
    fn drop(&mut self) {
        if self.has_rows() {
            // nobody is left to be told
            let _ = self.finish("");
        }
    }
}

/// The thread's side.
struct Worker {
    spec: Arc<LogSpec>,
    shared: Arc<Shared>,
    formatter: Formatter,
    file: Option<LogFile>,
    unbuffered: bool,
    summary: LogSummary,
    /// The first error since the file was begun; rows are counted and dropped from there on
    failure: Option<LogError>,
}

impl Worker {
    fn new(spec: Arc<LogSpec>, shared: Arc<Shared>, unbuffered: bool) -> Self {
        let formatter = Formatter::new(&spec.options, &spec.columns, &spec.path);
        Worker {
            spec,
            shared,
            formatter,
            file: None,
            unbuffered,
            summary: LogSummary::default(),
            failure: None,
        }
    }

    fn run(mut self, messages: &Receiver<Message>) -> Result<LogSummary, LogError> {
        let mut dirty = false;
        loop {
            let message = if dirty {
                match messages.recv_timeout(IDLE) {
                    Err(RecvTimeoutError::Timeout) => {
                        self.attempt(Self::flush);
                        dirty = false;
                        continue;
                    }
                    other => other.ok(),
                }
            } else {
                messages.recv().ok()
            };
            match message {
                Some(Message::Rows(mut batch)) => {
                    self.rows(&batch);
                    dirty = !self.unbuffered;
                    batch.clear(2 * BATCH_BYTES);
                    let mut spare = lock(&self.shared.spare);
                    if spare.len() < SPARE_BATCHES {
                        spare.push(batch);
                    }
                }
                Some(Message::Unbuffered(unbuffered)) => {
                    self.unbuffered = unbuffered;
                    self.attempt(Self::flush);
                }
                Some(Message::Flush(reply)) => {
                    self.attempt(Self::flush);
                    dirty = false;
                    let _ = reply.send(());
                }
                Some(Message::Rotate { to, closed, reply }) => {
                    let _ = reply.send(self.rotate(&to, &closed));
                    dirty = false;
                }
                Some(Message::Finish { closed }) => return self.finish(&closed),
                None => return self.finish(""),
            }
        }
    }

    /// Does something with the file, unless it failed before, and keeps the error for the caller's side to see.
    fn attempt(&mut self, action: impl FnOnce(&mut Self) -> Result<(), LogError>) {
        if self.failure.is_none() {
            if let Err(error) = action(self) {
                self.shared.fail(error.clone());
                self.failure = Some(error);
            }
        }
    }

    fn rows(&mut self, batch: &RowBuffer) {
        self.attempt(|worker| worker.write(batch));
        match &mut self.failure {
            Some(failure) => failure.lost_rows += batch.rows() as u64,
            None => self.summary.rows += batch.rows() as u64,
        }
    }

    fn write(&mut self, batch: &RowBuffer) -> Result<(), LogError> {
        if self.file.is_none() {
            let opened = lock(&self.shared.opened).clone();
            let spec = &self.spec;
            let shadow = spec.shadow.as_deref();
            self.file = Some(LogFile::create(
                &spec.file(),
                &spec.options,
                &self.formatter,
                &opened,
                shadow,
            )?);
        }
        let Some(file) = &mut self.file else { return Ok(()) };
        let mut cells = batch.cells();
        for _ in 0..batch.rows() {
            self.formatter.row(file.buffer(), &mut cells);
            file.written()?;
        }
        if self.unbuffered {
            file.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), LogError> {
        self.file.as_mut().map_or(Ok(()), LogFile::flush)
    }

    /// Closes the file.  What failed before is reported with the rows it cost.
    fn close(&mut self, closed: &str) -> Result<bool, LogError> {
        let file = self.file.take();
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        file.map_or(Ok(false), |file| {
            file.close(&self.formatter, closed).map(|()| true)
        })
    }

    fn rotate(&mut self, to: &Path, closed: &str) -> Result<bool, LogError> {
        let existed = self.close(closed)?;
        if existed && !self.spec.options.output_to_stdout {
            let from = self.spec.file();
            fs::rename(&from, to).map_err(|e| LogError::new(&from, Action::Rename, e))?;
        }
        Ok(existed)
    }

    fn finish(mut self, closed: &str) -> Result<LogSummary, LogError> {
        self.close(closed)?;
        Ok(self.summary)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Cell;

    fn spec(directory: &Path, json: bool) -> LogSpec {
        let columns = vec![
            Column::new("n", "count".parse().unwrap()),
            Column::new("s", "string".parse().unwrap()),
        ];
        let mut spec = LogSpec::new("test", columns);
        spec.directory = directory.to_owned();
        spec.options.use_json = json;
        spec
    }

    fn write(writer: &mut LogWriter, numbers: std::ops::Range<u64>) {
        for n in numbers {
            let mut row = writer.row();
            row.count(n);
            row.cell(&Cell::Str(b"text".to_vec()));
            row.finish();
            if !writer.row_done() {
                writer.hand_over();
            }
        }
    }

    fn lines(path: &Path) -> Vec<String> {
        fs::read_to_string(path)
            .unwrap()
            .lines()
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn a_path_with_a_zero_byte_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let mut odd = spec(dir.path(), false);
        odd.path = "a\0b".into();
        let mut writer = LogWriter::new(odd);
        write(&mut writer, 0..3);
        let text = writer.finish("").unwrap_err().to_string();
        assert!(text.contains("cannot create"), "{text}");
    }

    #[test]
    fn everything_arrives_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let mut writer = LogWriter::new(spec(dir.path(), true));
        write(&mut writer, 0..50_000);
        assert_eq!(writer.finish("").unwrap().rows, 50_000);
        let lines = lines(&dir.path().join("test.log"));
        assert_eq!(lines.len(), 50_000);
        assert!(lines
            .iter()
            .enumerate()
            .all(|(i, l)| *l == format!("{{\"n\":{i},\"s\":\"text\"}}")));
    }

    #[test]
    fn no_rows_no_file() {
        let dir = tempfile::tempdir().unwrap();
        let mut writer = LogWriter::new(spec(dir.path(), false));
        writer.flush();
        assert!(!writer.rotate(&dir.path().join("x"), "").unwrap());
        writer.finish("").unwrap();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn dropping_writes_too() {
        let dir = tempfile::tempdir().unwrap();
        let mut writer = LogWriter::new(spec(dir.path(), true));
        write(&mut writer, 0..3);
        drop(writer);
        assert_eq!(lines(&dir.path().join("test.log")).len(), 3);
    }

    #[test]
    fn flushed_rows_can_be_read() {
        let dir = tempfile::tempdir().unwrap();
        let mut writer = LogWriter::new(spec(dir.path(), true));
        write(&mut writer, 0..3);
        writer.flush();
        assert_eq!(lines(&dir.path().join("test.log")).len(), 3);
        writer.set_unbuffered(true);
        write(&mut writer, 3..4);
        writer.flush();
        assert_eq!(lines(&dir.path().join("test.log")).len(), 4);
    }

    #[test]
    fn rotation() {
        let dir = tempfile::tempdir().unwrap();
        let mut writer = LogWriter::new(spec(dir.path(), false));
        writer.set_opened("first");
        write(&mut writer, 0..300);
        writer.flush();
        writer.set_opened("second");
        assert!(writer.rotate(&dir.path().join("old.log"), "mid").unwrap());
        assert!(!dir.path().join("test.log").exists());
        assert!(
            !writer.rotate(&dir.path().join("none.log"), "mid").unwrap(),
            "there is no new file yet"
        );
        write(&mut writer, 300..302);
        writer.finish("end").unwrap();
        let (old, new) = (
            lines(&dir.path().join("old.log")),
            lines(&dir.path().join("test.log")),
        );
        assert!(
            old.contains(&"#open\tfirst".to_owned())
                && old.ends_with(&["299\ttext".into(), "#close\tmid".into()])
        );
        assert!(
            new.contains(&"#open\tsecond".to_owned())
                && new.ends_with(&["301\ttext".into(), "#close\tend".into()])
        );
    }

    /// A pipe that nobody reads stands for a disk that is too slow.
    #[test]
    fn a_slow_disk_makes_the_caller_wait() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("test.log");
        if !std::process::Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .is_ok_and(|s| s.success())
        {
            return; // only some systems have pipes with names
        }
        let mut writer = LogWriter::new(spec(dir.path(), true));
        let mut rows = 0u64;
        loop {
            let mut row = writer.row();
            row.count(rows);
            row.unset();
            row.finish();
            rows += 1;
            if !writer.row_done() {
                break;
            }
            assert!(rows < 100_000, "the queue has no end");
        }
        assert!(
            rows > (WAITING_BATCHES * BATCH_ROWS) as u64,
            "it waited too early"
        );
        let reader = std::thread::spawn(move || lines(&pipe).len() as u64);
        writer.hand_over();
        assert_eq!(writer.finish("").unwrap().rows, rows);
        assert_eq!(reader.join().unwrap(), rows);
    }

    #[test]
    fn a_missing_directory_is_reported_and_drops_rows() {
        let dir = tempfile::tempdir().unwrap();
        let mut writer = LogWriter::new(spec(&dir.path().join("missing"), true));
        write(&mut writer, 0..1000);
        writer.flush();
        assert!(writer.has_failed());
        let text = writer.take_error().unwrap().to_string();
        assert!(
            text.contains("cannot create") && text.contains("missing/test.log"),
            "{text}"
        );
        assert!(
            !writer.has_failed() && writer.take_error().is_none(),
            "reported once"
        );
        write(&mut writer, 0..1000);
        assert_eq!(writer.finish("").unwrap_err().lost_rows, 2000);
    }

    #[test]
    fn a_full_disk_is_reported() {
        if !Path::new("/dev/full").exists() {
            return; // only some systems have a file that is always full
        }
        let dir = tempfile::tempdir().unwrap();
        let mut full = spec(dir.path(), true);
        full.path = "/dev/full".to_owned();
        let mut writer = LogWriter::new(full);
        write(&mut writer, 0..10);
        writer.flush();
        let error = writer.take_error().unwrap();
        assert_eq!(error.action, Action::Write);
        assert!(error.to_string().contains("space"), "{error}");
        assert!(writer.finish("").is_err());
    }

    #[test]
    fn a_rotation_that_fails_is_reported() {
        let dir = tempfile::tempdir().unwrap();
        let mut writer = LogWriter::new(spec(dir.path(), true));
        write(&mut writer, 0..10);
        let error = writer
            .rotate(&dir.path().join("missing/old.log"), "")
            .unwrap_err();
        assert_eq!(error.action, Action::Rename);
        assert!(dir.path().join("test.log").exists());
    }

    #[test]
    fn a_note_beside_an_open_file() {
        let dir = tempfile::tempdir().unwrap();
        let mut spec = spec(dir.path(), true);
        spec.shadow = Some(b"note".to_vec());
        let mut writer = LogWriter::new(spec);
        write(&mut writer, 0..1);
        writer.flush();
        assert_eq!(lines(&dir.path().join(".shadow.test.log")), ["note"]);
        writer.finish("").unwrap();
        assert!(!dir.path().join(".shadow.test.log").exists());
    }

    #[test]
    fn compressed() {
        use std::io::Read;
        let dir = tempfile::tempdir().unwrap();
        let mut spec = spec(dir.path(), true);
        spec.options.gzip_level = 9;
        let mut writer = LogWriter::new(spec);
        write(&mut writer, 0..2000);
        writer.finish("").unwrap();
        let mut text = String::new();
        let file = fs::File::open(dir.path().join("test.log.gz")).unwrap();
        flate2::read::GzDecoder::new(file)
            .read_to_string(&mut text)
            .unwrap();
        assert_eq!(text.lines().count(), 2000);
    }
}
