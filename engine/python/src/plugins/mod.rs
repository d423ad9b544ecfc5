//! Components written in Python: analyzers of protocols and of files, and packet sources.
//!
//! The Python side is the package `bro.plugins`: it says what there is (classes, tags, which calls they implement) when
//! a program is bound.  Here each such class is made an analyzer like any other.  A Python analyzer never holds the
//! engine's context: what it asks for during a call is noted on its [`handle`](handle::AnalyzerHandle), and carried out
//! in that order when the call has returned.

mod analyzer;
mod events;
mod file;
mod handle;
mod said;
mod source;

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use bro_events::Command;
use bro_session::analyzer::{AnalyzerDef, AnalyzerRegistry};
use pyo3::exceptions::{PyException, PySystemExit};
use pyo3::intern;
use pyo3::prelude::*;

use crate::shared::{lock, Shared};

pub use analyzer::add as add_analyzer;
pub use events::{Entry, Raised, PLUGIN_EVENT};
pub use file::add as add_file_analyzer;
pub use source::PythonSource;

/// Errors of a component after which it is switched off for the rest of the run.
const MAX_ERRORS: u32 = 20;

/// Names made for plugins at most (of weirds); what is beyond goes by one name.
const MAX_NAMES: usize = 4096;

/// What the engine keeps for plugins of a run.
#[derive(Default)]
pub struct Plugins {
    /// What is known of events, by name
    entries: Mutex<HashMap<String, Arc<Entry>>>,
    /// Events that wait for their turn in the queue, in its order
    raised: Mutex<VecDeque<Raised>>,
    /// What ends the run, beyond errors of plugins
    failure: Mutex<Option<PyErr>>,
    /// File analyzers that policy has switched off, by tag
    pub disabled_files: Mutex<HashSet<String>>,
    /// The program, once one is bound
    pub program: OnceLock<Py<PyAny>>,
}

impl Plugins {
    /// Puts an event in; its place in the queue is that of a marker.
    fn push(&self, raised: Raised) {
        lock(&self.raised).push_back(raised);
    }

    /// The event of the next marker.
    pub fn next_raised(&self) -> Option<Raised> {
        lock(&self.raised).pop_front()
    }

    /// What ended the run.
    pub fn take_failure(&self) -> Option<PyErr> {
        lock(&self.failure).take()
    }
}

/// A component as the Python side describes it.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct Component {
    /// Full name of its tag
    tag: String,
    /// Its name as in logs
    name: String,
    /// One line of what it is
    about: String,
    /// The plugin it belongs to
    plugin: String,
    /// Its class
    class: Py<PyAny>,
    /// The calls it implements
    calls: HashSet<String>,
    /// Whether it works on streams whose beginning is missing
    #[pyo3(default)]
    handles_partial: bool,
}

/// What instances of a component share.
struct Kind {
    tag: &'static str,
    name: &'static str,
    plugin: String,
    class: Py<PyAny>,
    calls: HashSet<String>,
    shared: Arc<Shared>,
    errors: AtomicU32,
}

impl Kind {
    fn new(component: Component, tag: &'static str, name: &'static str, shared: Arc<Shared>) -> Self {
        Kind {
            tag,
            name,
            plugin: component.plugin,
            class: component.class,
            calls: component.calls,
            shared,
            errors: AtomicU32::new(0),
        }
    }

    fn implements(&self, call: &str) -> bool {
        self.calls.contains(call)
    }

    /// Whether it failed too often to be used again.
    fn is_off(&self) -> bool {
        self.errors.load(Ordering::Relaxed) >= MAX_ERRORS
    }

    /// A call has raised something: an error is the plugin's and reported, anything else ends the run.
    fn failed(&self, call: &str, error: PyErr) {
        let errors = self.errors.fetch_add(1, Ordering::Relaxed) + 1;
        let last = errors == MAX_ERRORS;
        let fatal = Python::attach(|py| {
            let is_error =
                error.is_instance_of::<PyException>(py) || error.is_instance_of::<PySystemExit>(py);
            if !is_error {
                return Some(error);
            }
            let args = (&self.plugin, self.name, call, error.into_value(py), last);
            py.import(intern!(py, "bro.plugins.reporting"))
                .and_then(|module| module.call_method1(intern!(py, "failed"), args))
                .err()
        });
        if last {
            self.shared.command(Command::EnableAnalyzer {
                tag: self.tag.to_owned(),
                enabled: false,
            });
        }
        if let Some(error) = fatal {
            lock(&self.shared.plugins.failure).get_or_insert(error);
            self.shared.stop.store(true, Ordering::Relaxed);
        }
    }
}

/// A name that lives as long as the process.  Their number is bounded.
fn interned(name: &str) -> &'static str {
    static NAMES: OnceLock<Mutex<HashSet<&'static str>>> = OnceLock::new();
    let mut names = lock(NAMES.get_or_init(Mutex::default));
    if let Some(known) = names.get(name) {
        return known;
    }
    if names.len() >= MAX_NAMES {
        return "plugin_weird";
    }
    let name: &'static str = Box::leak(name.to_owned().into_boxed_str());
    names.insert(name);
    name
}

/// Definitions of analyzers that were added, by tag.  They belong to the process: its plugins are imported once.
fn definitions() -> &'static Mutex<HashMap<String, &'static AnalyzerDef>> {
    static ADDED: OnceLock<Mutex<HashMap<String, &'static AnalyzerDef>>> = OnceLock::new();
    ADDED.get_or_init(Mutex::default)
}

/// Tags of analyzers that were added.
pub fn added_tags() -> Vec<&'static str> {
    lock(definitions()).values().map(|def| def.tag).collect()
}

/// The full name of the tag of an analyzer, by that name or the analyzer's.
fn tag_of(name: &str) -> Option<&'static str> {
    let fits = |def: &AnalyzerDef| def.tag == name || def.name.eq_ignore_ascii_case(name);
    if let Some(def) = lock(definitions()).values().find(|def| fits(def)) {
        return Some(def.tag);
    }
    bro_analyzers::ALL.iter().find(|def| fits(def)).map(|def| def.tag)
}

/// Adds the analyzers of plugins to a registry.
pub fn add_analyzers(registry: &mut AnalyzerRegistry, components: Vec<Component>, shared: &Arc<Shared>) {
    for component in components {
        add_analyzer(registry, component, shared.clone());
    }
}

/// Adds the classes to the module.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<handle::AnalyzerHandle>()?;
    m.add_class::<file::FileAnalyzerHandle>()
}
