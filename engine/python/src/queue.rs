//! The event queue: the one place where the engine and policy meet.
//!
//! The engine puts events in; [`Queue::drain`] turns them into Python calls, in order, and then runs the events that
//! scripts posted, until nothing is left.  What scripts ask of the engine is collected in [`Shared`].

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bro_events::weird::Sampler;
use bro_events::command::take_file_commands;
use bro_events::{Command, ConnId, ConnSnapshot, Event, EventSink, FileCommand, FileId, FileSnapshot, Value, Weird};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::convert::Types;
use crate::records::Records;

/// What the engine's loop, the queue and Python code all look at.
#[derive(Default)]
pub struct Shared {
    now: AtomicU64,
    /// Set to end the run as if the input had ended.
    pub stop: AtomicBool,
    /// Commands given by scripts and not yet taken by the engine.
    pub commands: Mutex<Vec<Command>>,
    /// The analyzer that raised the event being handled; 0: none.
    pub current_analyzer: AtomicU64,
    /// Packets come from an interface.
    pub live: AtomicBool,
    /// Packets come from captures.
    pub traces: AtomicBool,
    /// Events that handlers were run for.
    pub dispatched: AtomicU64,
    weirds: Mutex<Vec<Weird>>,
    sampling: Mutex<Vec<(String, Value)>>,
    records: Mutex<Records>,
}

impl Shared {
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
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The record of a connection that scripts have not seen yet.
    pub fn make_conn(&self, py: Python<'_>, snapshot: ConnSnapshot) -> PyResult<Py<PyAny>> {
        let conn = snapshot.conn;
        let mut records = self.records();
        records.update_conn(py, snapshot)?;
        Ok(records.conn(conn).map_or_else(|| py.None(), |record| record.clone_ref(py)))
    }

    /// Takes a weird that a script reports (`Reporter::conn_weird` and its kin).
    pub fn weird(&self, weird: Weird) {
        self.weirds.lock().unwrap_or_else(PoisonError::into_inner).push(weird);
    }

    /// Takes a setting of the sampling of weirds.
    pub fn set_sampling(&self, name: String, value: Value) {
        self.sampling.lock().unwrap_or_else(PoisonError::into_inner).push((name, value));
    }

    /// Puts a command in for the engine.
    pub fn command(&self, command: Command) {
        self.commands.lock().unwrap_or_else(PoisonError::into_inner).push(command);
    }
}

enum Item {
    Event(&'static Event, Vec<Value>),
    ConnUpdate(Box<ConnSnapshot>),
    ConnGone(ConnId),
    FileUpdate(Box<FileSnapshot>),
    FileConn(FileId, ConnId),
    FileGone(FileId),
}

/// Events on their way to handlers.
pub struct Queue {
    items: VecDeque<Item>,
    events_waiting: usize,
    wanted: Vec<bool>,
    dispatchers: Vec<Option<Py<PyAny>>>,
    posted: Py<PyAny>,
    timers: Py<PyAny>,
    script_due: f64,
    shared: Arc<Shared>,
    sampler: Sampler,
    /// The first thing that went wrong beyond a handler's own errors; ends the run.
    pub failure: Option<PyErr>,
}

impl Queue {
    /// A queue for a program.  `posted` is the deque of events that scripts post, `timers` the scripts' timers.
    pub fn new(
        program: &Bound<'_, PyAny>,
        posted: &Bound<'_, PyAny>,
        timers: &Bound<'_, PyAny>,
        shared: Arc<Shared>,
        events: usize,
    ) -> PyResult<Self> {
        shared.records().bind(Types::new(program)?);
        Ok(Queue {
            items: VecDeque::with_capacity(64),
            events_waiting: 0,
            wanted: vec![false; events],
            dispatchers: (0..events).map(|_| None).collect(),
            posted: posted.clone().unbind(),
            timers: timers.clone().unbind(),
            script_due: f64::NEG_INFINITY,
            shared,
            sampler: Sampler::default(),
            failure: None,
        })
    }

    /// The sampling of weirds, to be configured.
    pub fn sampler(&mut self) -> &mut Sampler {
        &mut self.sampler
    }

    /// Sets what is called for an event; `None` when nobody handles it.
    pub fn set_dispatcher(&mut self, index: usize, dispatcher: Option<Py<PyAny>>) {
        if let (Some(wanted), Some(slot)) = (self.wanted.get_mut(index), self.dispatchers.get_mut(index)) {
            *wanted = dispatcher.is_some();
            *slot = dispatcher;
        }
    }

    /// Whether scripts have something to do at this time.
    pub fn is_due(&self, now: f64) -> bool {
        self.events_waiting > 0 || now >= self.script_due
    }

    /// Lets scripts' timers expire up to now, then runs all handlers there is work for.
    pub fn run_due(&mut self) {
        if self.failure.is_some() || !self.is_due(self.shared.now()) {
            return;
        }
        Python::attach(|py| {
            let result = self.expire(py).and_then(|()| self.drain_attached(py));
            self.keep_failure(result);
        });
    }

    /// Lets Python's signal handlers run.
    pub fn check_signals(&mut self) {
        let result = Python::attach(|py| py.check_signals());
        self.keep_failure(result);
    }

    fn keep_failure(&mut self, result: PyResult<()>) {
        if let Err(error) = result {
            self.shared.stop.store(true, Ordering::Relaxed);
            self.items.clear();
            self.events_waiting = 0;
            self.failure.get_or_insert(error);
        }
    }

    fn expire(&mut self, py: Python<'_>) -> PyResult<()> {
        let now = self.shared.now();
        if now >= self.script_due {
            let timers = self.timers.bind(py);
            timers.call_method1(intern!(py, "advance"), (now,))?;
            self.read_due(py)?;
        }
        Ok(())
    }

    fn read_due(&mut self, py: Python<'_>) -> PyResult<()> {
        let due = self.timers.bind(py).getattr(intern!(py, "next_due"))?;
        self.script_due = if due.is_none() { f64::INFINITY } else { due.extract()? };
        Ok(())
    }

    /// Runs handlers until neither the engine nor scripts have an event left.
    pub fn drain_attached(&mut self, py: Python<'_>) -> PyResult<()> {
        py.check_signals()?;
        loop {
            while let Some(item) = self.items.pop_front() {
                self.run_item(py, item)?;
            }
            self.take_script_weirds();
            if !self.items.is_empty() {
                continue;
            }
            let posted = self.posted.bind(py);
            if posted.len()? == 0 {
                break;
            }
            let (dispatcher, args): (Bound<'_, PyAny>, Bound<'_, PyTuple>) =
                posted.call_method0(intern!(py, "popleft"))?.extract()?;
            dispatcher.call1(args)?;
            self.shared.dispatched.fetch_add(1, Ordering::Relaxed);
        }
        self.events_waiting = 0;
        self.read_due(py)
    }

    fn take_script_weirds(&mut self) {
        let sampling = std::mem::take(&mut *self.shared.sampling.lock().unwrap_or_else(PoisonError::into_inner));
        for (name, value) in sampling {
            self.sampler.set(&name, value);
        }
        let weirds = std::mem::take(&mut *self.shared.weirds.lock().unwrap_or_else(PoisonError::into_inner));
        for weird in weirds {
            self.weird(weird);
        }
    }

    fn run_item(&mut self, py: Python<'_>, item: Item) -> PyResult<()> {
        match item {
            Item::Event(event, args) => {
                let Some(Some(dispatcher)) = self.dispatchers.get(event.index()) else { return Ok(()) };
                let args = self.shared.records().arguments(py, &args)?;
                self.shared.dispatched.fetch_add(1, Ordering::Relaxed);
                dispatcher.bind(py).call1(args)?;
            }
            Item::ConnUpdate(snapshot) => self.shared.records().update_conn(py, *snapshot)?,
            Item::ConnGone(conn) => self.shared.records().conn_gone(conn),
            Item::FileUpdate(snapshot) => self.shared.records().update_file(py, *snapshot)?,
            Item::FileConn(file, conn) => self.shared.records().file_conn(py, file, conn)?,
            Item::FileGone(file) => self.shared.records().file_gone(file),
        }
        Ok(())
    }
}

impl EventSink for Queue {
    #[inline]
    fn wants(&self, event: &'static Event) -> bool {
        self.wanted.get(event.index()).copied().unwrap_or(false)
    }

    fn emit(&mut self, event: &'static Event, args: Vec<Value>) {
        if self.wants(event) {
            self.events_waiting += 1;
            self.items.push_back(Item::Event(event, args));
        }
    }

    fn conn_update(&mut self, snapshot: ConnSnapshot) {
        self.items.push_back(Item::ConnUpdate(Box::new(snapshot)));
    }

    fn conn_gone(&mut self, conn: ConnId) {
        self.items.push_back(Item::ConnGone(conn));
    }

    fn file_update(&mut self, snapshot: FileSnapshot) {
        self.items.push_back(Item::FileUpdate(Box::new(snapshot)));
    }

    fn file_conn(&mut self, file: FileId, conn: ConnId, _is_orig: bool) {
        self.items.push_back(Item::FileConn(file, conn));
    }

    fn file_gone(&mut self, file: FileId) {
        self.items.push_back(Item::FileGone(file));
    }

    fn weird(&mut self, weird: Weird) {
        if self.sampler.permits(&weird, self.shared.now()) {
            let (event, args) = weird.into_event();
            self.emit(event, args);
        }
    }

    fn drain(&mut self) {
        if self.failure.is_none() && self.events_waiting > 0 {
            Python::attach(|py| {
                let result = self.drain_attached(py);
                self.keep_failure(result);
            });
        }
    }

    fn take_commands(&mut self) -> Vec<Command> {
        let mut commands = self.shared.commands.lock().unwrap_or_else(PoisonError::into_inner);
        if commands.is_empty() {
            Vec::new()
        } else {
            std::mem::take(&mut *commands)
        }
    }

    fn take_file_commands(&mut self, file: FileId) -> Vec<FileCommand> {
        let mut commands = self.shared.commands.lock().unwrap_or_else(PoisonError::into_inner);
        take_file_commands(&mut commands, file)
    }
}
