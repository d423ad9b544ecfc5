//! The packet loop: takes packets from a source, moves the clock, lets timers expire, walks each packet through the
//! sessions, and lets the host run what came of it before the next packet is read.
#![forbid(unsafe_code)]

mod drop_filters;
mod recording;
mod report;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bro_capture::{CaptureError, Dumper, Packet, PacketSource, Progress, Statistics, Step};
use bro_events::{Command, EventSink};
use bro_files::FileManager;
use bro_session::Sessions;

pub use drop_filters::DropFilters;
pub use recording::{Recording, Shown};
pub use report::Report;

/// Who runs the loop: takes the events, keeps the clock that policy sees, and can end it.
pub trait Host: EventSink {
    /// Sets packet time, in seconds.
    fn set_now(&mut self, now: f64);
    /// Whether policy has something to do: events that wait, or timers that are due.
    fn has_work(&self) -> bool;
    /// Lets policy do it.
    fn work(&mut self);
    /// Shows the packet that is about to be processed.
    fn show_packet(&mut self, packet: &Packet<'_>);
    /// The packet shown last was processed, with all that came of it.
    fn hide_packet(&mut self);
    /// Carries out a command that neither sessions nor files know.
    fn obey(&mut self, command: Command);
    /// Whether to end as if the input had ended.
    fn stopped(&self) -> bool;
    /// Whether no packets are to be read for now.
    fn suspended(&self) -> bool;
    /// Whether to go on, without packets, when the input has ended.
    fn stays(&self) -> bool;
    /// Whether to process a packet: no, if a filter that policy installed is against it.
    fn admits(&mut self, packet: &Packet<'_>) -> bool;
    /// All captures were read to their ends; called before what is still open is ended.
    fn input_ended(&mut self) {}
    /// The input has a fault, or the capture that is written: told at once, because a live run may go on for weeks.
    fn fault(&mut self, fault: &CaptureError);
    /// Called every few thousand packets and while waiting, for signals and what is done once a second.
    fn poll(&mut self);
    /// How far the input is, and what the source counted; called along with `poll`.
    fn progress(&mut self, progress: Option<Progress>, source: Statistics, packets: u64);
}

/// Packets between two looks at signals and the terminal.
const POLL_INTERVAL: u64 = 4096;

/// As how many packets one counts whose handlers ran: these may take their time.
const HANDLERS_COST: u64 = 255;

/// How long to wait for a packet of an idle interface before timers are looked at again.
const IDLE: Duration = Duration::from_millis(50);

/// How often at most policy answers to what came of its own commands before the next packet is read.  Only scripts whose
/// commands cause the events that give these commands get there.
const MOST_ROUNDS: usize = 100;

/// Packet time begins here, in seconds since 1970, so that it is told apart from a clock that was never set: packets that
/// claim to be older are processed at this time (what is known of the packet itself keeps its own).
const EARLIEST: f64 = 1.0;

/// Connections or files that may fail to end, before the others are left as they are.
const MOST_TRIES: usize = 1000;

/// All stages of the engine, in order.
pub struct Pipeline {
    source: Option<Box<dyn PacketSource>>,
    dumper: Option<Dumper>,
    sessions: Arc<Mutex<Sessions>>,
    files: FileManager,
    now: f64,
    /// Why the capture that is written could not be begun anew
    reopen_fault: Option<CaptureError>,
}

/// What a panic left behind is still the best there is; the panic itself is counted.
fn lock(sessions: &Mutex<Sessions>) -> MutexGuard<'_, Sessions> {
    sessions.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Pipeline {
    /// A pipeline that reads from `source`; without one it only waits for the end.  The sessions are locked while a
    /// packet is in them; between packets they answer questions of policy.
    pub fn new(
        source: Option<Box<dyn PacketSource>>,
        dumper: Option<Dumper>,
        sessions: Arc<Mutex<Sessions>>,
        files: FileManager,
    ) -> Self {
        Pipeline {
            source,
            dumper,
            sessions,
            files,
            now: 0.0,
            reopen_fault: None,
        }
    }

    /// Processes packets until the input ends or the host wants to stop, then ends all connections and files.
    pub fn run(&mut self, host: &mut dyn Host) -> Report {
        let mut report = Report::default();
        let sessions = Arc::clone(&self.sessions);
        self.settle(&sessions, host);
        if let Some(mut source) = self.source.take() {
            self.read(&sessions, &mut *source, host, &mut report);
            report.source = source.statistics();
        }
        while host.stays() && !host.stopped() {
            std::thread::sleep(IDLE);
            self.pause(&sessions, true, host);
        }
        self.finish(&sessions, host, &mut report);
        report
    }

    fn read(
        &mut self,
        shared: &Mutex<Sessions>,
        source: &mut dyn PacketSource,
        host: &mut dyn Host,
        report: &mut Report,
    ) {
        let live = source.is_live();
        let mut until_poll = POLL_INTERVAL;
        let mut sessions = Some(lock(shared));
        while !host.stopped() {
            if host.suspended() {
                sessions = None;
                std::thread::sleep(IDLE);
                self.pause(shared, live, host);
                continue;
            }
            match source.advance() {
                Ok(Step::Packet) => {}
                Ok(Step::Pending) => {
                    sessions = None;
                    if let Err(fault) = source.wait(IDLE) {
                        report.fault(fault, host);
                    }
                    self.pause(shared, live, host);
                    host.progress(source.progress(), source.statistics(), report.packets);
                    continue;
                }
                Ok(Step::End) => {
                    host.input_ended();
                    break;
                }
                Err(fault) => {
                    if report.packets == 0 {
                        // Who ends `tcpdump -w - | bro -r -` before the first packet ends both: that nothing came is no
                        // fault.  The signal may have come while the pipe was waited for.
                        sessions = None;
                        host.poll();
                        if host.stopped() {
                            break;
                        }
                    }
                    let hopeless = matches!(fault, CaptureError::Filter(_));
                    if !report.fault(fault, host) || hopeless {
                        break;
                    }
                    continue;
                }
            }
            let Some(packet) = source.packet() else { continue };
            if !host.admits(&packet) {
                continue;
            }
            report.packets += 1;
            let mut inside = sessions.take().unwrap_or_else(|| lock(shared));
            let now = packet.ts.seconds().max(EARLIEST);
            if now > self.now {
                self.now = now;
                host.set_now(now);
                report.survive(|| {
                    inside.advance(now, host, &mut self.files);
                    self.files.advance(now, host);
                });
                if host.has_work() {
                    drop(inside);
                    self.settle(shared, host);
                    inside = lock(shared);
                }
            }
            host.show_packet(&packet);
            report.survive(|| inside.packet(&packet, host, &mut self.files));
            let recorded = inside.records_current_packet();
            if host.has_work() {
                drop(inside);
                self.settle(shared, host);
                until_poll = until_poll.saturating_sub(HANDLERS_COST);
            } else {
                sessions = Some(inside);
            }
            host.hide_packet();
            if recorded && self.dumper.is_some() {
                self.dump(&packet, host, report);
            }
            until_poll = until_poll.saturating_sub(1);
            if until_poll == 0 {
                until_poll = POLL_INTERVAL;
                host.poll();
                host.progress(source.progress(), source.statistics(), report.packets);
            }
        }
    }

    /// What is done while no packet comes: the clock of live traffic goes on, and everything that is due is done.
    fn pause(&mut self, sessions: &Mutex<Sessions>, by_wall_clock: bool, host: &mut dyn Host) {
        host.poll();
        if by_wall_clock {
            let now = wall_clock();
            if now > self.now {
                self.now = now;
                host.set_now(now);
            }
            let mut more = true;
            while more && !host.stopped() {
                more = lock(sessions).advance(self.now, host, &mut self.files);
                self.settle(sessions, host);
            }
            self.files.advance(self.now, host);
        }
        self.settle(sessions, host);
    }

    /// Lets policy do what it has to do and carries out what it asked for, until there is nothing left of either.
    fn settle(&mut self, sessions: &Mutex<Sessions>, host: &mut dyn Host) {
        for _ in 0..MOST_ROUNDS {
            if host.has_work() {
                host.work();
            }
            let commands = host.take_commands();
            if commands.is_empty() {
                break;
            }
            for command in commands {
                match command {
                    Command::File(file, command) => self.files.apply(host, file, command),
                    Command::Content { handle, source, data } => {
                        self.files.content(host, &handle, &source, &data);
                    }
                    Command::ReopenTrace => self.reopen_trace(host),
                    Command::ContentEnd { handle } => self.files.content_end(host, &handle),
                    command => {
                        let left = lock(sessions).apply(command, host, &mut self.files);
                        if let Some(command) = left {
                            host.obey(command);
                        }
                    }
                }
            }
        }
    }

    /// Ends the capture that is written and makes its file anew, because the one so far was moved away.  What goes wrong is
    /// told at once, and at the end.
    fn reopen_trace(&mut self, host: &mut dyn Host) {
        let Some(dumper) = self.dumper.take() else { return };
        match dumper.reopen() {
            Ok(dumper) => self.dumper = Some(dumper),
            Err(fault) => {
                host.fault(&fault);
                self.reopen_fault = Some(fault);
            }
        }
    }

    fn dump(&mut self, packet: &Packet<'_>, host: &mut dyn Host, report: &mut Report) {
        let Some(dumper) = &mut self.dumper else { return };
        if let Err(fault) = dumper.write(packet) {
            host.fault(&fault);
            report.write_faults.push(fault);
            self.dumper = None;
        }
    }

    fn finish(&mut self, sessions: &Mutex<Sessions>, host: &mut dyn Host, report: &mut Report) {
        // What fails to end is gone when the next try begins, so each comes further.
        for _ in 0..MOST_TRIES {
            if report.survive(|| lock(sessions).finish(host, &mut self.files)) {
                break;
            }
        }
        self.settle(sessions, host);
        for _ in 0..MOST_TRIES {
            if report.survive(|| self.files.finish(host)) {
                break;
            }
        }
        self.settle(sessions, host);
        report.write_faults.extend(self.reopen_fault.take());
        if let Some(dumper) = self.dumper.take() {
            if let Err(fault) = dumper.finish() {
                report.write_faults.push(fault);
            }
        }
    }
}

/// Seconds since 1970 of this machine's clock; only live input uses it.
fn wall_clock() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0.0, |d| d.as_secs_f64())
}
