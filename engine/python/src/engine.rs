//! The class `Engine`: a run of the packet loop, and what scripts can ask of it.

use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, OnceLock};

use bro_capture::{CaptureError, PacketSource};
use bro_decode::link;
use bro_events::{Event, UidMaker};
use bro_files::{FileManager, FileOptions};
use bro_pipeline::{Pipeline, Report};
use bro_session::analyzer::AnalyzerRegistry;
use bro_session::{Options, Sessions};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::catalogue;
use crate::commands::{self, SharedSessions};
use crate::convert::option_value;
use crate::host::{Profile, PythonHost};
use crate::input::{self, Input};
use crate::plugins::{self, Component, PythonSource};
use crate::queue::Queue;
use crate::shared::{lock, Shared, SourceInfo};
use crate::signatures;

/// What belongs to a run; taken apart while it runs.
struct Core {
    input: Input,
    seed: [u8; 16],
    ignore_checksums: bool,
    show_progress: bool,
    ready: Option<(Pipeline, Queue)>,
    profile: Option<Profile>,
}

/// The engine: packets to events.
#[pyclass(frozen, module = "bro._engine")]
pub struct Engine {
    core: Mutex<Core>,
    shared: Arc<Shared>,
    sessions: OnceLock<SharedSessions>,
    uids: UidMaker,
}

#[pymethods]
impl Engine {
    /// Opens the input.
    ///
    /// Raises OSError for a capture or an interface that cannot be opened, OutputError for a capture that cannot be
    /// written, ValueError for a filter that makes no sense.
    #[new]
    #[pyo3(signature = (*, read=Vec::new(), interfaces=Vec::new(), filter=None, write=None, ignore_checksums=false,
                        seed=[0; 16], progress=false, sources=Vec::new()))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        py: Python<'_>,
        read: Vec<PathBuf>,
        interfaces: Vec<String>,
        filter: Option<String>,
        write: Option<PathBuf>,
        ignore_checksums: bool,
        seed: [u8; 16],
        progress: bool,
        sources: Vec<(String, u32, bool, Py<PyAny>)>,
    ) -> PyResult<Self> {
        let live = !interfaces.is_empty() || sources.iter().any(|(_, _, live, _)| *live);
        let traces = !read.is_empty() || sources.iter().any(|(_, _, live, _)| !*live);
        let sources = sources
            .into_iter()
            .map(|(name, link_type, live, packets)| PythonSource::new(name, link_type, live, packets))
            .collect();
        let input =
            py.detach(|| input::open(&read, &interfaces, sources, filter.as_deref(), write.as_deref()))?;
        let shared = Arc::new(Shared::new(catalogue::events().len()));
        *lock(&shared.captures) = read
            .iter()
            .map(|path| path.as_os_str().as_encoded_bytes().to_vec())
            .collect();
        shared.live.store(live, Ordering::Relaxed);
        shared.traces.store(traces, Ordering::Relaxed);
        shared
            .writes_trace
            .store(input.dumper.is_some(), Ordering::Relaxed);
        *lock(&shared.source) = input.source.as_ref().map(|source| SourceInfo {
            name: source.name().to_owned(),
            link_type: source.link_type().map_or(-1, |link| i64::from(link.0)),
        });
        let core = Core {
            input,
            seed,
            ignore_checksums,
            show_progress: progress,
            ready: None,
            profile: None,
        };
        Ok(Engine {
            core: Mutex::new(core),
            shared,
            sessions: OnceLock::new(),
            uids: UidMaker::new(seed),
        })
    }

    /// Connects a program whose globals have their values: its handlers get the events, its options configure the
    /// engine.  `posted` is the deque of events that scripts post, `timers` are theirs, and `signature_files` are pairs of
    /// name and content.  `analyzers` and `file_analyzers` are those of plugins, each a dict (see `bro.plugins.binding`).
    ///
    /// Raises ValueError when an event of the engine is declared with other parameters, an option is of another type, or
    /// a signature is wrong.
    #[pyo3(signature = (program, posted, timers, signature_files=Vec::new(), analyzers=Vec::new(),
                        file_analyzers=Vec::new()))]
    fn bind(
        &self,
        program: &Bound<'_, PyAny>,
        posted: &Bound<'_, PyAny>,
        timers: &Bound<'_, PyAny>,
        signature_files: Vec<(String, Vec<u8>)>,
        analyzers: Vec<Component>,
        file_analyzers: Vec<Component>,
    ) -> PyResult<()> {
        let mut queue = make_queue(program, posted, timers, &self.shared)?;
        let mut core = lock(&self.core);
        let mut options = Options::default();
        for name in Options::names() {
            if let Some(value) = option_value(program, name) {
                options
                    .set(name, &value)
                    .map_err(|e| PyValueError::new_err(format!("option {name}: {e}")))?;
            }
        }
        options.ignore_checksums |= core.ignore_checksums;
        let mut file_options = FileOptions::default();
        for name in FileOptions::names() {
            if let Some(value) = option_value(program, name) {
                file_options.set(name, &value);
            }
        }
        for name in ["threshold", "rate", "duration", "whitelist", "global_list"] {
            if let Some(value) = option_value(program, &format!("Weird::sampling_{name}")) {
                lock(&self.shared.sampler).set(name, value);
            }
        }
        let mut registry = AnalyzerRegistry::new(bro_analyzers::ALL);
        // One program is bound to an engine, so the cell is empty.
        let _ = self.shared.plugins.program.set(program.clone().unbind());
        plugins::add_analyzers(&mut registry, analyzers, &self.shared);
        for component in file_analyzers {
            plugins::add_file_analyzer(component, self.shared.clone());
        }
        let mut sessions = Sessions::new(registry, options, core.seed);
        sessions.set_questions(queue.find_answers(program)?);
        for analyzer in bro_analyzers::ALL {
            for name in analyzer.options {
                if let Some(value) = option_value(program, name) {
                    sessions.analyzer_options().set(*name, value);
                }
            }
        }
        let mut files = FileManager::new(file_options, core.seed);
        if !signature_files.is_empty() {
            let compiled = signatures::compile(program, &signature_files)?;
            sessions.set_signatures(compiled.network);
            if let Some(types) = compiled.files {
                files.set_mime_types(types);
            }
        }
        let namespace = program.getattr("namespace")?;
        let looks = PACKET_BUILTINS
            .iter()
            .any(|name| namespace.contains(name).unwrap_or(false));
        self.shared.keeps_packets.store(looks, Ordering::Relaxed);
        direct_packets(program, &mut sessions)?;
        let factory = program.call_method1("global_value", ("ConnKey::factory",))?;
        if !factory.is_none() && factory.getattr("name")?.eq("ConnKey::CONNKEY_VLAN_FIVETUPLE")? {
            let ctx = program.call_method1("record_class", ("conn_id_ctx",))?;
            if ctx.is_none() || !ctx.hasattr("vlan")? || !ctx.hasattr("inner_vlan")? {
                return Err(PyValueError::new_err(
                    "ConnKey::factory is CONNKEY_VLAN_FIVETUPLE, but the record conn_id_ctx has no fields vlan and \
                     inner_vlan; load policy/frameworks/conn_key/vlan_fivetuple, which sets both",
                ));
            }
            sessions.key_by_vlan();
            self.shared.keys_by_vlan.store(true, Ordering::Relaxed);
            self.shared.records().key_by_vlan();
        }
        // The framework has a handler that is for those who register functions with it.
        let asks = program.call_method1("is_handled_outside", ("get_file_handle", "Files"))?;
        self.shared
            .asks_file_handles
            .fetch_or(asks.is_truthy()?, Ordering::Relaxed);
        if namespace.contains("TCP__raw_options").unwrap_or(false) {
            sessions.keep_tcp_options();
        }
        let sessions = Arc::new(Mutex::new(sessions));
        if self.sessions.set(sessions.clone()).is_err() {
            return Err(PyRuntimeError::new_err(
                "a program is bound to this engine already",
            ));
        }
        let input = std::mem::take(&mut core.input);
        let pipeline = Pipeline::new(input.source, input.dumper, sessions, files);
        core.ready = Some((pipeline, queue));
        let mode = program.call_method1("global_value", ("pkt_profile_mode",))?;
        if !mode.is_none() {
            let mode: String = mode.getattr("name")?.extract()?;
            let length = program
                .call_method1("global_value", ("pkt_profile_freq",))?
                .extract()?;
            core.profile = Profile::new(&mode, length, || {
                let profiling = program.py().import("bro.runtime.profiling")?;
                Ok(profiling.call_method0("packet_profile")?.unbind())
            })?;
        }
        Ok(())
    }

    /// Processes all input and returns what happened: packets, bytes, filtered, dropped, panics, events, and texts:
    /// faults of the input, which were written to standard error when they were met, and write_faults, those of captures
    /// that were written, which were not.
    ///
    /// `heartbeat` is called about once a second of real time; with `stay` the run goes on, when the input has ended,
    /// until scripts or `stop` end it.  Raises what a handler raised that is no script error (`exit()`, KeyboardInterrupt,
    /// errors of Python itself).
    #[pyo3(signature = (heartbeat=None, stay=false))]
    fn run<'py>(
        &self,
        py: Python<'py>,
        heartbeat: Option<Py<PyAny>>,
        stay: bool,
    ) -> PyResult<Bound<'py, PyDict>> {
        let (ready, profile, show_progress) = {
            let mut core = lock(&self.core);
            (core.ready.take(), core.profile.take(), core.show_progress)
        };
        let (mut pipeline, queue) = ready.ok_or_else(|| PyRuntimeError::new_err("bind a program first"))?;
        let mut host = PythonHost::new(queue, self.shared.clone(), show_progress, heartbeat, stay);
        host.set_profile(profile);
        let report = py.detach(|| pipeline.run(&mut host));
        let (mut queue, failure) = host.into_parts();
        if let Some(failure) = failure.or_else(|| self.shared.plugins.take_failure()) {
            return Err(failure);
        }
        queue.drain_attached(py)?;
        let dict = describe(py, &report)?;
        let texts = |faults: &[CaptureError]| faults.iter().map(ToString::to_string).collect::<Vec<_>>();
        dict.set_item("faults", texts(&report.faults))?;
        let mut write_faults = texts(&report.write_faults);
        write_faults.extend(texts(&lock(&self.shared.recording).finish()));
        write_faults.extend(self.shared.failed_extractions());
        dict.set_item("write_faults", write_faults)?;
        dict.set_item("events", self.shared.dispatched.load(Ordering::Relaxed))?;
        lock(&self.core).ready = Some((pipeline, queue));
        Ok(dict)
    }

    /// Packet time in seconds since 1970; 0 before the first packet.
    #[getter]
    fn now(&self) -> f64 {
        self.shared.now()
    }

    /// Sets the clock, for programs without packets.
    #[setter]
    fn set_now(&self, now: f64) {
        self.shared.set_now(now);
    }

    /// Ends the run as if the input had ended.
    fn stop(&self) {
        self.shared.stop.store(true, Ordering::Relaxed);
    }

    /// Takes the line of progress off the terminal before something else is written there.
    fn clear_progress(&self) {
        self.shared.clear_progress();
    }

    /// A new unique id of a kind (`C`, `F`, …), for scripts.
    fn unique_id(&self, prefix: char, n: u64) -> String {
        // The engine's own numbers do not get as far.
        self.uids.nth(prefix, n | 1 << 63).to_string()
    }

    /// Asks the engine for something by name; see `engine/python/src/commands` for what there is.
    ///
    /// Returns None or what the command gives; a command about a connection or file that is gone gives False.
    #[pyo3(signature = (name, *args))]
    fn command(&self, py: Python<'_>, name: &str, args: &Bound<'_, PyTuple>) -> PyResult<Py<PyAny>> {
        commands::run(py, &self.shared, self.sessions.get(), name, args)
    }
}

/// What packet analyzers pass on to by default: the parent, the variable that says it, and what it says at first.
const PACKET_DEFAULTS: [(&str, &str); 12] = [
    ("ROOT", "IP"),
    ("FDDI", "IP"),
    ("GRE", "IPTUNNEL"),
    ("GTPV1", "IP"),
    ("IP", "UNKNOWN_IP_TRANSPORT"),
    ("IPTUNNEL", "IP"),
    ("MPLS", "IP"),
    ("PBB", "ETHERNET"),
    ("SKIP", "IP"),
    ("TEREDO", "IP"),
    ("VXLAN", "ETHERNET"),
    ("GENEVE", "ETHERNET"),
];

/// Takes over what a site has set about packet analyzers; without that the sessions need not look.
fn direct_packets(program: &Bound<'_, PyAny>, sessions: &mut Sessions) -> PyResult<()> {
    for (parent, usual) in PACKET_DEFAULTS {
        let name = format!("PacketAnalyzer::{parent}::default_analyzer");
        let value = program.call_method1("global_value", (&name,))?;
        if value.is_none() {
            continue;
        }
        let tag: String = value.getattr("name")?.extract()?;
        let child = tag.rsplit_once("ANALYZER_").map_or(&*tag, |(_, name)| name);
        if child != usual && !sessions.route_by_default(parent, child) {
            let text = format!("{name} is {tag}, which cannot get what {parent} carries");
            return Err(PyValueError::new_err(text));
        }
    }
    let count = |name: &str, usual: usize| -> PyResult<usize> {
        let value = program.call_method1("global_value", (name,))?;
        if value.is_none() {
            Ok(usual)
        } else {
            value.extract()
        }
    };
    let max_depth = count("PacketAnalyzer::max_depth", link::MAX_DEPTH)?;
    let skip = count("PacketAnalyzer::SKIP::skip_bytes", 0)?;
    if (max_depth, skip) != (link::MAX_DEPTH, 0) {
        sessions.set_link_limits(max_depth, skip);
    }
    Ok(())
}

/// Built-in functions that look at the packet at hand; packets are kept for them.
const PACKET_BUILTINS: [&str; 5] = [
    "PacketAnalyzer__PPPoE__session_id",
    "get_current_packet",
    "get_current_packet_header",
    "get_current_packet_ts",
    "dump_current_packet",
];

/// A queue with the dispatchers of all events that have handlers.
fn make_queue(
    program: &Bound<'_, PyAny>,
    posted: &Bound<'_, PyAny>,
    timers: &Bound<'_, PyAny>,
    shared: &Arc<Shared>,
) -> PyResult<Queue> {
    let events = catalogue::events();
    let mut queue = Queue::new(program, posted, timers, shared.clone(), events.len())?;
    let dispatchers = program.getattr("dispatchers")?;
    let dispatchers = dispatchers.cast::<PyDict>().map_err(PyErr::from)?;
    for (index, event) in events.iter().enumerate() {
        if let Some(dispatcher) = dispatchers.get_item(event.name)? {
            check_parameters(program, event)?;
            queue.set_dispatcher(index, Some(dispatcher.unbind()));
        }
    }
    Ok(queue)
}

/// The scripts' declaration of an event must have the engine's parameters; their names may differ.
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

fn describe<'py>(py: Python<'py>, report: &Report) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("packets", report.packets)?;
    dict.set_item("bytes", report.source.bytes)?;
    dict.set_item("filtered", report.source.filtered)?;
    dict.set_item("dropped", report.source.dropped.unwrap_or(0))?;
    dict.set_item("panics", report.panics)?;
    Ok(dict)
}
