//! The event queue: the one place where the engine and policy meet.
//!
//! The engine puts events in; [`Queue::drain`] turns them into Python calls, in order, and then runs the events that
//! scripts posted, until nothing is left.  What scripts ask of the engine is collected in [`Shared`].

use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::sync::Arc;

use bro_events::command::take_file_commands;
use bro_events::{
    Command, ConnId, ConnSnapshot, Event, EventSink, FileCommand, FileId, FileSnapshot, Question, Questions,
    Value, Weird,
};
use pyo3::exceptions::PyException;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple};

use crate::plugins::PLUGIN_EVENT;
use crate::shared::{lock, Shared};
use crate::types::Types;

/// Items that may wait before handlers run although the packet is not done with: at the end of the input, or when many
/// connections time out at once, there are as many events as there are connections.
const FLOOD: usize = 2048;

enum Item {
    /// An event, its arguments, and the analyzer that raised it
    Event(&'static Event, Vec<Value>, u64),
    /// An event of a plugin, which waits elsewhere: what it is about, and the analyzer that raised it
    Plugin(Value, u64),
    /// An event that is known by name only
    Named(String, Vec<Value>),
    ConnUpdate(Box<ConnSnapshot>),
    ConnGone(ConnId),
    FileUpdate(Box<FileSnapshot>),
    FileConn(FileId, ConnId),
    FileGone(FileId),
}

/// Reports an error of a script, as dispatchers do.
fn report(py: Python<'_>, error: PyErr) -> PyResult<()> {
    reporter(py)?.call_method1("exception", (error.into_value(py),))?;
    Ok(())
}

/// Who takes messages for people.
pub fn reporter(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    py.import("bro.runtime.context")?
        .getattr("current")?
        .getattr("reporter")
}

/// Events on their way to handlers.
pub struct Queue {
    items: VecDeque<Item>,
    events_waiting: usize,
    wanted: Vec<bool>,
    dispatchers: Vec<Option<Py<PyAny>>>,
    /// What answers the questions, by their numbers
    answers: [Option<Py<PyAny>>; Question::ALL.len()],
    /// What is called before the events that wait are run, if somebody handles that
    flush_point: Option<Py<PyAny>>,
    by_name: Py<PyAny>,
    program: Py<PyAny>,
    posted: Py<PyAny>,
    next_posted: Py<PyAny>,
    /// Scripts' conditions that wait (`when`), and the function that looks at them again
    whens: Py<PyDict>,
    look_again: Py<PyAny>,
    timers: Py<PyAny>,
    script_due: f64,
    /// Python code of another thread has posted something
    posted_beside: bool,
    analyzer: u64,
    shared: Arc<Shared>,
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
        let when = program.py().import("bro.runtime.when")?;
        Ok(Queue {
            items: VecDeque::with_capacity(64),
            events_waiting: 0,
            wanted: vec![false; events],
            dispatchers: (0..events).map(|_| None).collect(),
            answers: Default::default(),
            flush_point: program
                .getattr("dispatchers")?
                .call_method1("get", ("event_queue_flush_point",))?
                .extract()?,
            by_name: program.getattr("dispatchers")?.unbind(),
            program: program.clone().unbind(),
            posted: posted.clone().unbind(),
            next_posted: posted.getattr("popleft")?.unbind(),
            whens: when
                .getattr("pending")?
                .cast_into::<PyDict>()
                .map_err(PyErr::from)?
                .unbind(),
            look_again: when.getattr("poll")?.unbind(),
            timers: timers.clone().unbind(),
            script_due: f64::NEG_INFINITY,
            posted_beside: false,
            analyzer: 0,
            shared,
            failure: None,
        })
    }

    /// Sets what is called for an event; `None` when nobody handles it.
    pub fn set_dispatcher(&mut self, index: usize, dispatcher: Option<Py<PyAny>>) {
        if let (Some(wanted), Some(slot)) = (self.wanted.get_mut(index), self.dispatchers.get_mut(index)) {
            *wanted = dispatcher.is_some();
            *slot = dispatcher;
        }
    }

    /// Takes the functions and hooks of scripts that answer questions; which questions those are.
    pub fn find_answers(&mut self, program: &Bound<'_, PyAny>) -> PyResult<Questions> {
        let hooks = program.getattr("hooks")?;
        let mut answered = Questions::default();
        for question in Question::ALL {
            let name = question.name();
            let found = if question == Question::ConnectionTimingOut {
                hooks.call_method1("get", (name,))?
            } else {
                program.call_method1("get", (name,))?
            };
            if !found.is_none() {
                self.answers[question.number()] = Some(found.unbind());
                answered.insert(question);
            }
        }
        Ok(answered)
    }

    /// Whether handlers or timers of scripts have something to do, or they asked for something.
    #[inline]
    pub fn has_work(&self) -> bool {
        self.events_waiting > 0
            || self.shared.now() >= self.script_due
            || self.shared.has_commands()
            || self.posted_beside
            || self.items.len() >= FLOOD
    }

    /// Lets scripts' timers expire up to now, then runs all handlers there is work for.
    pub fn work(&mut self) {
        if self.failure.is_none() {
            self.attached(|queue, py| {
                queue.expire(py)?;
                queue.drain_attached(py)
            });
        }
    }

    /// Lets Python's signal handlers run, and looks for events that other threads posted.
    pub fn check_signals(&mut self) {
        self.attached(|queue, py| {
            py.check_signals()?;
            queue.posted_beside = queue.posted.bind(py).len()? > 0;
            Ok(())
        });
    }

    /// Calls a Python function that takes nothing, such as the heartbeat of logs.
    pub fn call(&mut self, function: &Py<PyAny>) {
        self.attached(|_, py| function.call0(py).map(|_| ()));
    }

    fn attached(&mut self, work: impl FnOnce(&mut Self, Python<'_>) -> PyResult<()>) {
        Python::attach(|py| {
            if let Err(error) = work(self, py) {
                self.fail(error);
            }
        });
    }

    /// Notes what ends the run: from here on nobody wants an event.
    fn fail(&mut self, error: PyErr) {
        self.shared.stop.store(true, Ordering::Relaxed);
        self.items.clear();
        self.events_waiting = 0;
        self.script_due = f64::INFINITY;
        self.wanted.iter_mut().for_each(|wanted| *wanted = false);
        self.failure.get_or_insert(error);
    }

    fn expire(&mut self, py: Python<'_>) -> PyResult<()> {
        let now = self.shared.now();
        if now >= self.script_due {
            self.timers
                .bind(py)
                .call_method1(intern!(py, "advance"), (now,))?;
        }
        Ok(())
    }

    fn read_due(&mut self, py: Python<'_>) -> PyResult<()> {
        let due = self.timers.bind(py).getattr(intern!(py, "next_due"))?;
        self.script_due = if due.is_none() {
            f64::INFINITY
        } else {
            due.extract()?
        };
        Ok(())
    }

    /// Runs handlers until neither the engine nor scripts have an event left.
    pub fn drain_attached(&mut self, py: Python<'_>) -> PyResult<()> {
        py.check_signals()?;
        if let Some(flush_point) = &self.flush_point {
            if self.events_waiting > 0 {
                flush_point.call0(py)?;
            }
        }
        let mut looked_again = false;
        loop {
            while let Some(item) = self.items.pop_front() {
                self.run_item(py, item)?;
            }
            if self.posted.bind(py).len()? > 0 {
                let next = self.next_posted.bind(py).call0()?;
                let next = next.cast::<PyTuple>().map_err(PyErr::from)?;
                let args = next.get_item(1)?.cast_into::<PyTuple>().map_err(PyErr::from)?;
                self.shared.current_analyzer.store(0, Ordering::Relaxed);
                next.get_item(0)?.call1(args)?;
                self.shared.dispatched.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            // Only what handlers did can have changed the conditions that wait.
            if looked_again || self.whens.bind(py).is_empty() {
                break;
            }
            looked_again = true;
            self.look_again.call0(py)?;
        }
        self.events_waiting = 0;
        self.posted_beside = false;
        self.read_due(py)
    }

    fn run_item(&mut self, py: Python<'_>, item: Item) -> PyResult<()> {
        match item {
            Item::Event(event, args, analyzer) => {
                let Some(Some(dispatcher)) = self.dispatchers.get(event.index()) else {
                    return Ok(());
                };
                let Some(args) = self.arguments(py, event.name, &args)? else {
                    return Ok(());
                };
                self.count(analyzer);
                dispatcher.bind(py).call1(args)?;
            }
            Item::Named(name, args) => {
                let Ok(dispatcher) = self.by_name.bind(py).get_item(&name) else {
                    return Ok(());
                };
                // Nothing has compared these with the scripts' declaration before.
                let declared = self
                    .program
                    .bind(py)
                    .call_method1(intern!(py, "event_params"), (&name,))?
                    .len()?;
                // Where a signature's match ends is for those who ask for it.
                let args = match args.split_last() {
                    Some((_, first)) if first.len() == declared => first,
                    _ => &args[..],
                };
                if declared != args.len() {
                    let text = format!(
                        "event {name} is raised with {} arguments, but declared with {declared}",
                        args.len()
                    );
                    reporter(py)?.call_method1(intern!(py, "error"), (text,))?;
                    return Ok(());
                }
                let Some(args) = self.arguments(py, &name, args)? else {
                    return Ok(());
                };
                self.count(0);
                dispatcher.call1(args)?;
            }
            Item::Plugin(about, analyzer) => {
                if let Some(raised) = self.shared.plugins.next_raised() {
                    self.count(analyzer);
                    raised.run(py, &self.shared, &about)?;
                }
            }
            Item::ConnUpdate(snapshot) => self.shared.records().update_conn(py, *snapshot)?,
            Item::ConnGone(conn) => self.shared.records().conn_gone(conn),
            Item::FileUpdate(snapshot) => self.shared.records().update_file(py, *snapshot)?,
            Item::FileConn(file, conn) => self.shared.records().file_conn(py, file, conn)?,
            Item::FileGone(file) => self.shared.records().file_gone(file),
        }
        Ok(())
    }

    /// The arguments of an event; `None`, after a report, if there is one that cannot be made.
    fn arguments<'py>(
        &self,
        py: Python<'py>,
        event: &str,
        args: &[Value],
    ) -> PyResult<Option<Bound<'py, PyTuple>>> {
        match self.shared.records().arguments(py, args) {
            Ok(args) => Ok(Some(args)),
            Err(error) => {
                let text = format!(
                    "internal error: event {event} cannot be raised: {}",
                    error.value(py)
                );
                reporter(py)?.call_method1(intern!(py, "error"), (text,))?;
                Ok(None)
            }
        }
    }

    fn count(&self, analyzer: u64) {
        self.shared.dispatched.fetch_add(1, Ordering::Relaxed);
        self.shared.current_analyzer.store(analyzer, Ordering::Relaxed);
    }

    fn put(&mut self, item: Item) {
        if self.failure.is_none() {
            self.items.push_back(item);
        }
    }

    fn put_event(&mut self, item: Item) {
        self.events_waiting += 1;
        self.shared.queued.fetch_add(1, Ordering::Relaxed);
        self.put(item);
    }
}

impl EventSink for Queue {
    #[inline]
    fn wants(&self, event: &'static Event) -> bool {
        match self.wanted.get(event.index()) {
            Some(wanted) => *wanted,
            None => std::ptr::eq(event, &PLUGIN_EVENT),
        }
    }

    fn emit(&mut self, event: &'static Event, args: Vec<Value>) {
        match self.wanted.get(event.index()) {
            Some(true) => {
                if let Some(count) = self.shared.raised.get(event.index()) {
                    count.fetch_add(1, Ordering::Relaxed);
                }
                self.put_event(Item::Event(event, args, self.analyzer));
            }
            Some(false) => {}
            None if std::ptr::eq(event, &PLUGIN_EVENT) => {
                let about = args.into_iter().next().unwrap_or_default();
                self.put_event(Item::Plugin(about, self.analyzer));
            }
            // Not one of the engine's own: policy gave the name.
            None => self.emit_named(event.name, args),
        }
    }

    fn set_analyzer(&mut self, instance: u64) {
        self.analyzer = instance;
    }

    fn emit_named(&mut self, name: &str, args: Vec<Value>) {
        self.put_event(Item::Named(name.to_owned(), args));
    }

    fn eval_signature(&mut self, function: &str, state: Value, data: &[u8]) -> bool {
        let mut answer = false;
        if self.failure.is_none() {
            self.attached(|queue, py| {
                // The connection's record has to be as it is now, and what waits comes before.
                queue.drain_attached(py)?;
                let function = queue
                    .program
                    .bind(py)
                    .call_method1(intern!(py, "get"), (function,))?;
                if function.is_none() {
                    return Ok(());
                }
                let args = queue
                    .shared
                    .records()
                    .arguments(py, std::slice::from_ref(&state))?;
                match function.call1((args.get_item(0)?, PyBytes::new(py, data))) {
                    Ok(result) => answer = result.is_truthy()?,
                    // An error of the script: it is reported, and the condition does not hold.
                    Err(error) if error.is_instance_of::<PyException>(py) => report(py, error)?,
                    Err(error) => return Err(error),
                }
                Ok(())
            });
        }
        answer
    }

    fn ask(&mut self, question: Question, args: Vec<Value>) -> Option<bool> {
        let mut answer = None;
        if self.failure.is_none() {
            self.attached(|queue, py| {
                // The connection's record has to be as it is now, and what waits comes before.
                queue.drain_attached(py)?;
                let Some(function) = &queue.answers[question.number()] else {
                    return Ok(());
                };
                let Some(args) = queue.arguments(py, question.name(), &args)? else {
                    return Ok(());
                };
                match function.call1(py, args) {
                    Ok(result) => answer = Some(result.is_truthy(py)?),
                    // An error of the script: it is reported, and there is no answer.
                    Err(error) if error.is_instance_of::<PyException>(py) => report(py, error)?,
                    Err(error) => return Err(error),
                }
                Ok(())
            });
        }
        answer
    }

    fn file_handle(&mut self, tag: &'static str, conn: ConnId, is_orig: bool) -> Option<Vec<u8>> {
        if !self.shared.asks_file_handles.load(Ordering::Relaxed) {
            return None;
        }
        *lock(&self.shared.file_handle) = None;
        let args = vec![Value::Enum(tag), Value::Conn(conn), Value::Bool(is_orig)];
        self.emit(&bro_files::GET_FILE_HANDLE, args);
        self.drain();
        lock(&self.shared.file_handle).take()
    }

    fn conn_update(&mut self, snapshot: ConnSnapshot) {
        self.put(Item::ConnUpdate(Box::new(snapshot)));
    }

    fn conn_gone(&mut self, conn: ConnId) {
        self.put(Item::ConnGone(conn));
        if self.items.len() >= FLOOD {
            self.drain();
        }
    }

    fn file_update(&mut self, snapshot: FileSnapshot) {
        self.put(Item::FileUpdate(Box::new(snapshot)));
    }

    fn file_conn(&mut self, file: FileId, conn: ConnId, _is_orig: bool) {
        self.put(Item::FileConn(file, conn));
    }

    fn file_gone(&mut self, file: FileId) {
        self.put(Item::FileGone(file));
        if self.items.len() >= FLOOD {
            self.drain();
        }
    }

    fn weird(&mut self, weird: Weird) {
        if bro_files::is_extraction_failure(&weird) {
            self.shared.note_failed_extraction(&weird.addl);
        }
        if self.shared.permits_weird(&weird) {
            let (event, args) = weird.into_event();
            self.emit(event, args);
        }
    }

    fn drain(&mut self) {
        if self.failure.is_none() && !self.items.is_empty() {
            self.attached(Self::drain_attached);
        }
    }

    fn take_commands(&mut self) -> Vec<Command> {
        if !self.shared.has_commands() {
            return Vec::new();
        }
        self.shared.take_commands()
    }

    fn take_file_commands(&mut self, file: FileId) -> Vec<FileCommand> {
        if !self.shared.has_commands() {
            return Vec::new();
        }
        take_file_commands(&mut self.shared.commands(), file)
    }
}
