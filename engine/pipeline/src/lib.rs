//! The packet loop: takes packets from a source, moves the clock, lets timers expire, walks each packet through the
//! sessions, and lets the host run what came of it before the next packet is read.
#![forbid(unsafe_code)]

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bro_capture::{CaptureError, Dumper, PacketSource, Progress, Statistics, Step};
use bro_events::{Command, EventSink};
use bro_files::FileManager;
use bro_session::Sessions;

/// Who runs the loop: takes the events, keeps the clock that policy sees, and can end it.
pub trait Host: EventSink {
    /// Sets packet time, in seconds.
    fn set_now(&mut self, now: f64);
    /// Lets policy do what is due: expired timers of scripts, events of expired timers of the engine.
    fn run_due(&mut self);
    /// Whether to end as if the input had ended.
    fn stopped(&self) -> bool;
    /// Called every few thousand packets and while waiting, for signals.
    fn poll(&mut self);
    /// How far the input is; called along with `poll`.
    fn progress(&mut self, progress: Option<Progress>, packets: u64);
}

/// Packets between two looks at signals and the terminal.
const POLL_INTERVAL: u64 = 4096;

/// How long to wait for a packet of an idle interface before timers are looked at again.
const IDLE: Duration = Duration::from_millis(50);

/// What happened in a run.
#[derive(Debug, Default)]
pub struct Report {
    /// Faults of the input, each after all packets before it were processed
    pub faults: Vec<CaptureError>,
    /// Packets that made the engine fail; they were skipped.  Not zero means a bug to be reported.
    pub panics: u64,
    /// Packets processed
    pub packets: u64,
    /// Counters of the source
    pub source: Statistics,
}

/// All stages of the engine, in order.
pub struct Pipeline {
    source: Option<Box<dyn PacketSource>>,
    dumper: Option<Dumper>,
    sessions: Arc<Mutex<Sessions>>,
    files: FileManager,
    now: f64,
}

impl Pipeline {
    /// A pipeline that reads from `source`; without one it only waits for the end.
    pub fn new(
        source: Option<Box<dyn PacketSource>>,
        dumper: Option<Dumper>,
        sessions: Arc<Mutex<Sessions>>,
        files: FileManager,
    ) -> Self {
        Pipeline { source, dumper, sessions, files, now: 0.0 }
    }

    /// The sessions.  They are locked while a packet is in them; between packets they answer questions of policy.
    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        // What a panic left behind is still the best there is; the panic itself is counted.
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The file manager.
    pub fn files(&mut self) -> &mut FileManager {
        &mut self.files
    }

    /// Counters of the source so far.
    pub fn source_statistics(&mut self) -> Statistics {
        self.source.as_mut().map(|s| s.statistics()).unwrap_or_default()
    }

    /// Processes packets until the input ends or the host wants to stop, then ends all connections and files.
    pub fn run(&mut self, host: &mut dyn Host) -> Report {
        let mut report = Report::default();
        self.obey(host);
        if let Some(mut source) = self.source.take() {
            self.read(&mut *source, host, &mut report);
            report.source = source.statistics();
            self.source = Some(source);
        }
        self.finish(host, &mut report);
        report
    }

    fn read(&mut self, source: &mut dyn PacketSource, host: &mut dyn Host, report: &mut Report) {
        let live = source.is_live();
        let mut until_poll = POLL_INTERVAL;
        while !host.stopped() {
            match source.advance() {
                Ok(Step::Packet) => {}
                Ok(Step::Pending) => {
                    if let Err(fault) = source.wait(IDLE) {
                        report.faults.push(fault);
                    }
                    if live {
                        self.advance_clock(wall_clock(), host);
                    }
                    host.poll();
                    continue;
                }
                Ok(Step::End) => break,
                Err(fault) => {
                    report.faults.push(fault);
                    continue;
                }
            }
            let Some(packet) = source.packet() else { continue };
            report.packets += 1;
            self.advance_clock(packet.ts.seconds(), host);
            // A bug that a packet triggers must not take the monitor down: the packet is given up, and it is said.
            let processed = catch_unwind(AssertUnwindSafe(|| {
                let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
                sessions.packet(&packet, host, &mut self.files);
            }));
            if processed.is_err() {
                report.panics += 1;
            }
            host.drain();
            self.obey(host);
            if self.dumper.is_some() && self.sessions().records_current_packet() {
                self.dump(&packet, report);
            }
            until_poll -= 1;
            if until_poll == 0 {
                until_poll = POLL_INTERVAL;
                host.poll();
                host.progress(source.progress(), report.packets);
            }
        }
    }

    fn advance_clock(&mut self, now: f64, host: &mut dyn Host) {
        if now > self.now {
            self.now = now;
            host.set_now(now);
            let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
            sessions.advance(now, host, &mut self.files);
            drop(sessions);
            self.files.advance(now, host);
        }
        host.run_due();
        self.obey(host);
    }

    /// Carries out what policy asked for.
    fn obey(&mut self, host: &mut dyn Host) {
        for command in host.take_commands() {
            match command {
                Command::File(file, command) => self.files.apply(host, file, command),
                command => {
                    let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
                    sessions.apply(command, host, &mut self.files);
                }
            }
        }
    }

    fn dump(&mut self, packet: &bro_capture::Packet<'_>, report: &mut Report) {
        let Some(dumper) = &mut self.dumper else { return };
        if let Err(fault) = dumper.write(packet) {
            report.faults.push(fault);
            self.dumper = None;
        }
    }

    fn finish(&mut self, host: &mut dyn Host, report: &mut Report) {
        let ended = catch_unwind(AssertUnwindSafe(|| {
            let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
            sessions.finish(host, &mut self.files);
        }));
        if ended.is_err() {
            report.panics += 1;
        }
        host.drain();
        self.obey(host);
        self.files.finish(host);
        host.drain();
        self.obey(host);
        if let Some(dumper) = self.dumper.take() {
            if let Err(fault) = dumper.finish() {
                report.faults.push(fault);
            }
        }
    }
}

/// Seconds since 1970 of this machine's clock; only live input uses it.
fn wall_clock() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |d| d.as_secs_f64())
}
