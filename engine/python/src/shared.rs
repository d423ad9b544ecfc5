//! What the engine's loop, the queue of events and Python code all look at.

use std::collections::HashMap;
use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bro_capture::{FilterSet, Statistics};
use bro_events::weird::Sampler;
use bro_events::{Command, ConnSnapshot, Weird};
use bro_pipeline::{DropFilters, Recording};
use pyo3::prelude::*;

use crate::plugins::Plugins;
use crate::records::Records;

/// Where packets come from, for policy.
#[derive(Clone, Debug)]
pub struct SourceInfo {
    /// File or interface
    pub name: String,
    /// By libpcap's number; -1 while it is not known
    pub link_type: i64,
}

/// What the engine's loop, the queue and Python code all look at.
#[derive(Default)]
pub struct Shared {
    now: AtomicU64,
    /// Set to end the run as if the input had ended.
    pub stop: AtomicBool,
    /// How often policy asked to read no more packets, less the times it took that back.
    pub suspended: AtomicU64,
    /// Something lies in `commands`.
    commanded: AtomicBool,
    commands: Mutex<Vec<Command>>,
    /// The analyzer that raised the event being handled; 0: none.
    pub current_analyzer: AtomicU64,
    /// Packets come from an interface.
    pub live: AtomicBool,
    /// Processed packets are written to a capture.
    pub writes_trace: AtomicBool,
    /// Packets come from captures.
    pub traces: AtomicBool,
    /// Events that handlers were run for.
    pub dispatched: AtomicU64,
    /// Events that were queued.
    pub queued: AtomicU64,
    /// How often each event was raised, by its number.
    pub raised: Vec<AtomicU64>,
    /// Decides which weirds policy sees.
    pub sampler: Mutex<Sampler>,
    /// How often each weird was reported, before sampling.
    pub weird_counts: Mutex<HashMap<&'static str, u64>>,
    /// Counters of the source, as of the latest look.
    pub source_statistics: Mutex<Statistics>,
    /// The source, if there is one.
    pub source: Mutex<Option<SourceInfo>>,
    /// The packet at hand, and captures that policy writes.
    pub recording: Mutex<Recording>,
    /// Policy looks at packets themselves, so they are kept while they are processed.
    pub keeps_packets: AtomicBool,
    /// There is a filter in `filter` or `drops`.
    pub filtering: AtomicBool,
    /// A line of progress is on the terminal, unfinished.
    progress_shown: AtomicBool,
    /// Files that could not be extracted, and the reason of the first.
    failed_extractions: Mutex<(u64, String)>,
    /// Flows in different VLANs are different flows.
    pub keys_by_vlan: AtomicBool,
    /// Scripts say themselves which content is which file.
    pub asks_file_handles: AtomicBool,
    /// What they said last
    pub file_handle: Mutex<Option<Vec<u8>>>,
    /// The captures that are read
    pub captures: Mutex<Vec<Vec<u8>>>,
    /// The filter that policy installed.
    pub filter: Mutex<Option<FilterSet>>,
    /// What policy wants dropped.
    pub drops: Mutex<DropFilters>,
    /// What plugins raise and know.
    pub plugins: Plugins,
    records: Mutex<Records>,
}

/// Locks what no panic leaves in a state that matters.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// A file could not be extracted; weirds tell of each, and at the end all are told of at once.
    pub fn note_failed_extraction(&self, reason: &str) {
        let mut failed = lock(&self.failed_extractions);
        if failed.0 == 0 {
            reason.clone_into(&mut failed.1);
        }
        failed.0 += 1;
    }

    /// What is to be told of them.
    pub fn failed_extractions(&self) -> Option<String> {
        match &*lock(&self.failed_extractions) {
            (0, _) => None,
            (1, first) => Some(format!("a file could not be extracted: {first}")),
            (count, first) => Some(format!(
                "{count} files could not be extracted, the first: {first}"
            )),
        }
    }

    /// Takes the line of progress off the terminal, so that something else can be written there.
    pub fn clear_progress(&self) {
        if self.progress_shown.swap(false, Ordering::Relaxed) {
            eprint!("\r\x1b[K");
        }
    }

    /// Draws a line of progress over the one before.
    pub fn show_progress(&self, line: &str) {
        self.progress_shown.store(true, Ordering::Relaxed);
        let mut stderr = std::io::stderr().lock();
        // Progress is for whoever watches; if the terminal is gone there is nobody.
        let _ = write!(stderr, "\r\x1b[K{line}").and_then(|()| stderr.flush());
    }

    /// For so many kinds of events.
    pub fn new(events: usize) -> Self {
        Shared {
            raised: (0..events).map(|_| AtomicU64::new(0)).collect(),
            ..Shared::default()
        }
    }

    /// Packet time, seconds since 1970; 0 before the first packet.
    pub fn now(&self) -> f64 {
        f64::from_bits(self.now.load(Ordering::Relaxed))
    }

    /// Sets packet time.
    pub fn set_now(&self, now: f64) {
        self.now.store(now.to_bits(), Ordering::Relaxed);
    }

    /// What scripts know of connections and files.  Never held while a handler runs.
    pub fn records(&self) -> MutexGuard<'_, Records> {
        lock(&self.records)
    }

    /// The same for whoever may be called while records are being made (by the default value of a field): `None` then.
    pub fn idle_records(&self) -> Option<MutexGuard<'_, Records>> {
        self.records.try_lock().ok()
    }

    /// The record of a connection that scripts have not seen yet.
    pub fn make_conn(&self, py: Python<'_>, snapshot: ConnSnapshot) -> PyResult<Py<PyAny>> {
        let conn = snapshot.conn;
        let Some(mut records) = self.idle_records() else {
            return Ok(py.None());
        };
        records.update_conn(py, snapshot)?;
        Ok(records
            .conn(conn)
            .map_or_else(|| py.None(), |record| record.clone_ref(py)))
    }

    /// Whether policy has asked for something since [`Shared::take_commands`].
    #[inline]
    pub fn has_commands(&self) -> bool {
        self.commanded.load(Ordering::Relaxed)
    }

    /// What policy asked for and the loop has not done yet, in order.
    pub fn commands(&self) -> MutexGuard<'_, Vec<Command>> {
        lock(&self.commands)
    }

    /// Takes all of that.
    pub fn take_commands(&self) -> Vec<Command> {
        let mut commands = self.commands();
        self.commanded.store(false, Ordering::Relaxed);
        std::mem::take(&mut *commands)
    }

    /// Puts a command in for the engine.
    pub fn command(&self, command: Command) {
        self.commands().push(command);
        self.commanded.store(true, Ordering::Relaxed);
    }

    /// Counts a weird and says whether policy is to see it.
    pub fn permits_weird(&self, weird: &Weird) -> bool {
        *lock(&self.weird_counts).entry(weird.name).or_default() += 1;
        lock(&self.sampler).permits(weird, self.now())
    }
}
