//! The host of the packet loop: the queue, filters of policy, signals, and progress on the terminal.

use std::sync::atomic::Ordering;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bro_capture::{CaptureError, Packet, Progress, Statistics};
use bro_events::{
    Command, ConnId, ConnSnapshot, Event, EventSink, FileCommand, FileId, FileSnapshot, Question, Value,
    Weird,
};
use bro_pipeline::Host;
use pyo3::prelude::*;

use crate::queue::{reporter, Queue};
use crate::shared::{lock, Shared};

/// Time between two looks at signals.
const SIGNAL_INTERVAL: Duration = Duration::from_millis(20);

/// Time between two calls of the heartbeat.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(1);

/// Time between two lines of progress.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(500);

/// Runs the handlers of a program for the packet loop.
pub struct PythonHost {
    queue: Queue,
    shared: Arc<Shared>,
    polled: Instant,
    beaten: Instant,
    started: Instant,
    shown: Instant,
    /// Whether to draw progress on standard error
    show: bool,
    heartbeat: Option<Py<PyAny>>,
    /// Whether to go on until policy ends the run
    stay: bool,
    link_known: bool,
    profile: Option<Profile>,
}

/// After what a line about packets is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stretch {
    Seconds,
    Packets,
    Bytes,
}

/// The profile of packets: how many there are, and, in Python, what they take.
pub struct Profile {
    stretch: Stretch,
    /// How many of them
    length: f64,
    /// Packet time at the beginning of the stretch, seconds
    since: Option<f64>,
    latest: f64,
    packets: u64,
    bytes: u64,
    write: Py<PyAny>,
}

impl Profile {
    /// The profile that a value of `pkt_profile_modes` and `pkt_profile_freq` stand for; none if none is wanted.
    pub fn new(
        mode: &str,
        length: f64,
        write: impl FnOnce() -> PyResult<Py<PyAny>>,
    ) -> PyResult<Option<Self>> {
        let stretch = match mode {
            "PKT_PROFILE_MODE_SECS" => Stretch::Seconds,
            "PKT_PROFILE_MODE_PKTS" => Stretch::Packets,
            "PKT_PROFILE_MODE_BYTES" => Stretch::Bytes,
            _ => return Ok(None),
        };
        Ok(Some(Profile {
            stretch,
            length,
            since: None,
            latest: 0.0,
            packets: 0,
            bytes: 0,
            write: write()?,
        }))
    }

    /// Counts a packet, and writes when a stretch is over.
    fn count(&mut self, packet: &Packet<'_>) -> PyResult<()> {
        let ts = packet.ts.seconds();
        let since = *self.since.get_or_insert(ts);
        if self.stretch == Stretch::Seconds && ts - since >= self.length {
            self.tell(ts)?;
        }
        self.latest = ts;
        self.packets += 1;
        self.bytes += u64::from(packet.original_len);
        match self.stretch {
            Stretch::Packets if self.packets as f64 >= self.length => self.tell(ts),
            Stretch::Bytes if self.bytes as f64 >= self.length => self.tell(ts),
            _ => Ok(()),
        }
    }

    fn tell(&mut self, now: f64) -> PyResult<()> {
        let (packets, bytes) = (std::mem::take(&mut self.packets), std::mem::take(&mut self.bytes));
        let seconds = now - self.since.replace(now).unwrap_or(now);
        if packets == 0 {
            return Ok(());
        }
        Python::attach(|py| self.write.call1(py, (now, seconds, packets, bytes)).map(|_| ()))
    }
}

impl PythonHost {
    /// A host for a queue.  `show` draws progress on standard error; `heartbeat` is called once a second; with `stay`
    /// the run goes on, without packets, when the input has ended.
    pub fn new(
        queue: Queue,
        shared: Arc<Shared>,
        show: bool,
        heartbeat: Option<Py<PyAny>>,
        stay: bool,
    ) -> Self {
        let now = Instant::now();
        PythonHost {
            queue,
            shared,
            polled: now,
            beaten: now,
            started: now,
            shown: now,
            show,
            heartbeat,
            stay,
            link_known: false,
            profile: None,
        }
    }

    /// Profiles the packets.
    pub fn set_profile(&mut self, profile: Option<Profile>) {
        self.profile = profile;
    }

    /// The queue, and what ended the run before its time.
    pub fn into_parts(mut self) -> (Queue, Option<PyErr>) {
        self.shared.clear_progress();
        let mut failure = self.queue.failure.take();
        if let Some(profile) = &mut self.profile {
            let told = profile.tell(profile.latest);
            failure = failure.or_else(|| told.err());
        }
        (self.queue, failure)
    }

    fn complain(&mut self, text: &str) {
        Python::attach(|py| {
            if let Err(error) = reporter(py).and_then(|reporter| reporter.call_method1("error", (text,))) {
                error.print(py);
            }
        });
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
    fn set_analyzer(&mut self, instance: u64) {
        self.queue.set_analyzer(instance);
    }
    fn emit_named(&mut self, name: &str, args: Vec<Value>) {
        self.queue.emit_named(name, args);
    }
    fn eval_signature(&mut self, function: &str, state: Value, data: &[u8]) -> bool {
        self.queue.eval_signature(function, state, data)
    }
    fn ask(&mut self, question: Question, args: Vec<Value>) -> Option<bool> {
        self.queue.ask(question, args)
    }
    fn file_handle(&mut self, tag: &'static str, conn: ConnId, is_orig: bool) -> Option<Vec<u8>> {
        self.queue.file_handle(tag, conn, is_orig)
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
        // Policy may have set its clock ahead.
        let before = self.shared.now();
        if now > before {
            self.shared.set_now(now);
        }
        if before == 0.0 {
            self.queue.emit_named("network_time_init", Vec::new());
        }
    }

    #[inline]
    fn has_work(&self) -> bool {
        self.queue.has_work()
    }

    fn work(&mut self) {
        self.queue.work();
    }

    #[inline]
    fn show_packet(&mut self, packet: &Packet<'_>) {
        if self.shared.keeps_packets.load(Ordering::Relaxed) {
            lock(&self.shared.recording).shown.show(packet);
        }
        if let Some(profile) = &mut self.profile {
            if let Err(error) = profile.count(packet) {
                self.profile = None;
                self.queue.failure.get_or_insert(error);
                self.shared.stop.store(true, Ordering::Relaxed);
            }
        }
        if !self.link_known {
            self.link_known = true;
            if let Some(source) = &mut *lock(&self.shared.source) {
                source.link_type = i64::from(packet.link_type.0);
            }
        }
    }

    #[inline]
    fn hide_packet(&mut self) {
        if self.shared.keeps_packets.load(Ordering::Relaxed) {
            lock(&self.shared.recording).shown.hide();
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Terminate => self.shared.stop.store(true, Ordering::Relaxed),
            Command::DumpPacket(path) => {
                let written = lock(&self.shared.recording).dump_shown(&path.to_string_lossy());
                if let Err(error) = written {
                    self.complain(&error);
                }
            }
            // All others are the business of sessions and files.
            _ => {}
        }
    }

    #[inline]
    fn stopped(&self) -> bool {
        self.shared.stop.load(Ordering::Relaxed)
    }

    #[inline]
    fn suspended(&self) -> bool {
        self.shared.suspended.load(Ordering::Relaxed) > 0
    }

    fn stays(&self) -> bool {
        self.stay
    }

    #[inline]
    fn admits(&mut self, packet: &Packet<'_>) -> bool {
        if !self.shared.filtering.load(Ordering::Relaxed) {
            return true;
        }
        let mut complaint = None;
        if let Some(filter) = &mut *lock(&self.shared.filter) {
            match filter.accepts(packet) {
                Ok(true) => {}
                Ok(false) => return false,
                Err(error) => complaint = Some(error.to_string()),
            }
        }
        if let Some(complaint) = complaint {
            // It cannot be used for packets of this kind, so for none.
            *lock(&self.shared.filter) = None;
            self.complain(&complaint);
        }
        !lock(&self.shared.drops).drops(packet)
    }

    fn input_ended(&mut self) {
        for path in std::mem::take(&mut *lock(&self.shared.captures)) {
            self.queue
                .emit_named("Pcap::file_done", vec![path.as_slice().into()]);
        }
    }

    fn fault(&mut self, fault: &CaptureError) {
        self.shared.clear_progress();
        eprintln!("bro: {fault}");
    }

    fn poll(&mut self) {
        if self.polled.elapsed() >= SIGNAL_INTERVAL {
            self.polled = Instant::now();
            self.queue.check_signals();
            if self.beaten.elapsed() >= HEARTBEAT_INTERVAL {
                self.beaten = self.polled;
                if let Some(heartbeat) = &self.heartbeat {
                    self.queue.call(heartbeat);
                }
            }
        }
    }

    fn progress(&mut self, progress: Option<Progress>, source: Statistics, packets: u64) {
        *lock(&self.shared.source_statistics) = source;
        if !self.show || self.shown.elapsed() < PROGRESS_INTERVAL {
            return;
        }
        self.shown = Instant::now();
        let line = progress_line(progress, packets, self.started.elapsed().as_secs_f64());
        self.shared.show_progress(&line);
    }
}

/// How far it is after so many seconds.
fn progress_line(progress: Option<Progress>, packets: u64, seconds: f64) -> String {
    let rate = packets as f64 / seconds.max(1e-3);
    match progress {
        Some(Progress {
            read,
            total: Some(total),
        }) if total > 0 && read > 0 => {
            let share = (read as f64 / total as f64).min(1.0);
            let left = seconds / share - seconds;
            format!(
                "{:3.0} %, {packets} packets, {rate:.0}/s, {left:.0} s left",
                share * 100.0
            )
        }
        _ => format!("{packets} packets, {rate:.0}/s"),
    }
}
