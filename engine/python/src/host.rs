//! The host of the packet loop: the queue, signals, and progress on the terminal.

use std::io::Write;
use std::sync::atomic::Ordering;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bro_capture::Progress;
use bro_events::{Command, ConnId, ConnSnapshot, Event, EventSink, FileCommand, FileId, FileSnapshot, Value, Weird};
use bro_pipeline::Host;
use pyo3::prelude::*;

use crate::queue::{Queue, Shared};

/// Time between two looks at signals.
const SIGNAL_INTERVAL: Duration = Duration::from_millis(20);

/// Time between two lines of progress.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(500);

/// Runs the handlers of a program for the packet loop.
pub struct PythonHost {
    queue: Queue,
    shared: Arc<Shared>,
    polled: Instant,
    started: Instant,
    shown: Instant,
    show: bool,
    line_open: bool,
}

impl PythonHost {
    /// A host for a queue; `show` draws progress on standard error.
    pub fn new(queue: Queue, shared: Arc<Shared>, show: bool) -> Self {
        let now = Instant::now();
        PythonHost { queue, shared, polled: now, started: now, shown: now, show, line_open: false }
    }

    /// The queue, and what ended the run before its time.
    pub fn into_parts(mut self) -> (Queue, Option<PyErr>) {
        if self.line_open {
            eprint!("\r\x1b[K");
        }
        let failure = self.queue.failure.take();
        (self.queue, failure)
    }
}

impl EventSink for PythonHost {
    #[inline]
    fn wants(&self, event: &'static Event) -> bool {
        self.queue.wants(event)
    }
    fn emit(&mut self, event: &'static Event, args: Vec<Value>) {
        self.queue.emit(event, args);
    }
    fn conn_update(&mut self, snapshot: ConnSnapshot) {
        self.queue.conn_update(snapshot);
    }
    fn conn_gone(&mut self, conn: ConnId) {
        self.queue.conn_gone(conn);
    }
    fn file_update(&mut self, snapshot: FileSnapshot) {
        self.queue.file_update(snapshot);
    }
    fn file_conn(&mut self, file: FileId, conn: ConnId, is_orig: bool) {
        self.queue.file_conn(file, conn, is_orig);
    }
    fn file_gone(&mut self, file: FileId) {
        self.queue.file_gone(file);
    }
    fn weird(&mut self, weird: Weird) {
        self.queue.weird(weird);
    }
    fn drain(&mut self) {
        self.queue.drain();
    }
    fn take_commands(&mut self) -> Vec<Command> {
        self.queue.take_commands()
    }
    fn take_file_commands(&mut self, file: FileId) -> Vec<FileCommand> {
        self.queue.take_file_commands(file)
    }
}

impl Host for PythonHost {
    fn set_now(&mut self, now: f64) {
        self.shared.set_now(now);
    }

    fn run_due(&mut self) {
        self.queue.run_due();
    }

    fn stopped(&self) -> bool {
        self.shared.stop.load(Ordering::Relaxed)
    }

    fn poll(&mut self) {
        if self.polled.elapsed() >= SIGNAL_INTERVAL {
            self.polled = Instant::now();
            self.queue.check_signals();
        }
    }

    fn progress(&mut self, progress: Option<Progress>, packets: u64) {
        if !self.show || self.shown.elapsed() < PROGRESS_INTERVAL {
            return;
        }
        self.shown = Instant::now();
        let seconds = self.started.elapsed().as_secs_f64();
        let rate = packets as f64 / seconds;
        let mut line = format!("\r\x1b[K{packets} packets, {rate:.0}/s");
        if let Some(Progress { read, total: Some(total) }) = progress {
            if total > 0 && read > 0 {
                let share = read as f64 / total as f64;
                let left = seconds / share - seconds;
                line = format!("\r\x1b[K{:3.0} %, {packets} packets, {rate:.0}/s, {left:.0} s left", share * 100.0);
            }
        }
        self.line_open = true;
        let mut stderr = std::io::stderr().lock();
        // Progress is for whoever watches; if the terminal is gone there is nobody.
        let _ = stderr.write_all(line.as_bytes()).and_then(|()| stderr.flush());
    }
}
