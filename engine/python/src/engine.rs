//! The class `Engine`: a run of the packet loop, and what scripts can ask of it.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use bro_events::{Event, UidMaker};
use bro_files::{FileManager, FileOptions};
use bro_pipeline::{Pipeline, Report};
use bro_session::analyzer::AnalyzerRegistry;
use bro_session::{Options, Sessions};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::commands::{self, SharedSessions};
use crate::convert::from_python;
use crate::host::PythonHost;
use crate::input::{self, Input};
use crate::queue::{Queue, Shared};
use crate::catalogue;

/// What belongs to a run; taken apart while it runs.
struct Core {
    input: Input,
    seed: [u8; 16],
    ignore_checksums: bool,
    show_progress: bool,
    ready: Option<(Pipeline, Queue)>,
}

/// The engine: packets to events.
#[pyclass(frozen, module = "bro._engine")]
pub struct Engine {
    core: Mutex<Core>,
    shared: Arc<Shared>,
    sessions: OnceLock<SharedSessions>,
    uids: UidMaker,
}

impl Engine {
    fn core(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl Engine {
    /// Opens the input.
    ///
    /// Raises OSError for a capture or an interface that cannot be opened, ValueError for a filter that makes no sense.
    #[new]
    #[pyo3(signature = (*, read, interfaces, filter, write, ignore_checksums, seed, progress))]
    fn new(
        py: Python<'_>,
        read: Vec<String>,
        interfaces: Vec<String>,
        filter: Option<String>,
        write: Option<String>,
        ignore_checksums: bool,
        seed: [u8; 16],
        progress: bool,
    ) -> PyResult<Self> {
        let input = py.detach(|| input::open(&read, &interfaces, filter.as_deref(), write.as_deref()))?;
        let core = Core { input, seed, ignore_checksums, show_progress: progress, ready: None };
        let shared = Arc::<Shared>::default();
        shared.live.store(!interfaces.is_empty(), Ordering::Relaxed);
        shared.traces.store(!read.is_empty(), Ordering::Relaxed);
        Ok(Engine { core: Mutex::new(core), shared, sessions: OnceLock::new(), uids: UidMaker::new(seed) })
    }

    /// Connects a program: its handlers get the events, its options configure the engine.
    ///
    /// Raises ValueError when an event of the engine is declared with other parameters.
    fn bind(
        &self,
        program: &Bound<'_, PyAny>,
        posted: &Bound<'_, PyAny>,
        timers: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let events = catalogue::events();
        let mut queue = Queue::new(program, posted, timers, self.shared.clone(), events.len())?;
        let dispatchers = program.getattr("dispatchers")?;
        for (index, event) in events.iter().enumerate() {
            let Ok(dispatcher) = dispatchers.get_item(event.name) else { continue };
            check_parameters(program, event)?;
            queue.set_dispatcher(index, Some(dispatcher.unbind()));
        }
        let global = |name: &str| -> Option<bro_events::Value> {
            let value = program.call_method1("global_value", (name,)).ok()?;
            if value.is_none() {
                return None;
            }
            from_python(&value).ok()
        };
        let mut core = self.core();
        let mut options = Options::default();
        for name in Options::names() {
            if let Some(value) = global(name) {
                options
                    .set(name, &value)
                    .map_err(|e| PyValueError::new_err(format!("option {name}: {e}")))?;
            }
        }
        if core.ignore_checksums {
            options.ignore_checksums = true;
        }
        let mut file_options = FileOptions::default();
        for name in FileOptions::names() {
            if let Some(value) = global(name) {
                file_options.set(name, &value);
            }
        }
        configure_sampling(&mut queue, global);
        let registry = AnalyzerRegistry::new(bro_analyzers::ALL);
        let sessions = Arc::new(Mutex::new(Sessions::new(registry, options, core.seed)));
        if self.sessions.set(sessions.clone()).is_err() {
            return Err(PyRuntimeError::new_err("a program is bound to this engine already"));
        }
        let files = FileManager::new(file_options, core.seed);
        let input = std::mem::take(&mut core.input);
        let pipeline = Pipeline::new(input.source, input.dumper, sessions, files);
        core.ready = Some((pipeline, queue));
        Ok(())
    }

    /// Processes all input and returns what happened: packets, bytes, dropped, faults (texts), panics, events.
    ///
    /// Raises what a handler raised that is no script error (KeyboardInterrupt, errors of Python itself).
    fn run<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let (ready, show_progress) = {
            let mut core = self.core();
            (core.ready.take(), core.show_progress)
        };
        let (mut pipeline, queue) = ready.ok_or_else(|| PyRuntimeError::new_err("bind a program first"))?;
        let mut host = PythonHost::new(queue, self.shared.clone(), show_progress);
        let report = py.detach(|| pipeline.run(&mut host));
        let (mut queue, failure) = host.into_parts();
        if let Some(failure) = failure {
            return Err(failure);
        }
        queue.drain_attached(py)?;
        let dict = describe(py, &report)?;
        dict.set_item("events", self.shared.dispatched.load(Ordering::Relaxed))?;
        self.core().ready = Some((pipeline, queue));
        Ok(dict)
    }

    /// Packet time in seconds since 1970; 0 before the first packet.
    #[getter]
    fn now(&self) -> f64 {
        self.shared.now()
    }

    /// Ends the run as if the input had ended.
    fn stop(&self) {
        self.shared.stop.store(true, Ordering::Relaxed);
    }

    /// A new unique id of a kind (`C`, `F`, …), for scripts.
    fn unique_id(&self, prefix: char, n: u64) -> String {
        self.uids.nth(prefix, n | 1 << 63).to_string()
    }

    /// Asks the engine for something by name; see `bro.runtime.builtins.connections` for what there is.
    ///
    /// Returns None or what the command gives; a command about a connection or file that is gone gives False.
    #[pyo3(signature = (name, *args))]
    fn command(&self, py: Python<'_>, name: &str, args: &Bound<'_, PyTuple>) -> PyResult<Py<PyAny>> {
        commands::run(py, &self.shared, self.sessions.get(), name, args)
    }
}

/// The scripts' declaration of an event must have the engine's parameters; a name in front may differ.
fn check_parameters(program: &Bound<'_, PyAny>, event: &'static Event) -> PyResult<()> {
    let declared = program.call_method1("event_params", (event.name,))?;
    if declared.is_none() {
        return Ok(());
    }
    let declared: Vec<String> = declared.extract()?;
    if declared.len() != event.params.len() {
        return Err(PyValueError::new_err(format!(
            "event {} is raised with ({}), but scripts declare it with ({})",
            event.name,
            event.params.join(", "),
            declared.join(", ")
        )));
    }
    Ok(())
}

fn configure_sampling(queue: &mut Queue, global: impl Fn(&str) -> Option<bro_events::Value>) {
    for name in ["threshold", "rate", "duration", "whitelist", "global_list"] {
        if let Some(value) = global(&format!("Weird::sampling_{name}")) {
            queue.sampler().set(name, value);
        }
    }
}

fn describe<'py>(py: Python<'py>, report: &Report) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("packets", report.packets)?;
    dict.set_item("bytes", report.source.bytes)?;
    dict.set_item("filtered", report.source.filtered)?;
    dict.set_item("dropped", report.source.dropped.unwrap_or(0))?;
    dict.set_item("faults", report.faults.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    dict.set_item("panics", report.panics)?;
    Ok(dict)
}
