//! A file analyzer whose calls go to an object of Python.

use std::sync::{Arc, Mutex};

use bro_events::{FileId, Value};
use bro_files::analyzers::{FileAnalyzer, FileContext};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple};
use pyo3::IntoPyObjectExt;

use super::events::{Entry, PLUGIN_EVENT};
use super::handle::event_name;
use super::{interned, Component, Kind};
use crate::shared::{lock, Shared};

enum Action {
    Event(Arc<Entry>, Vec<Py<PyAny>>),
    Named(String, Py<PyTuple>),
    Confirm,
    Violation(String, Option<Vec<u8>>),
    Weird(String, String),
}

#[derive(Default)]
struct State {
    actions: Vec<Action>,
    place: Option<(Arc<Shared>, FileId)>,
}

/// The engine's side of a file analyzer written in Python: the base of the class `bro.plugins.FileAnalyzer`.
#[pyclass(subclass, frozen, module = "bro._engine")]
pub struct FileAnalyzerHandle {
    state: Mutex<State>,
}

impl FileAnalyzerHandle {
    fn push(&self, action: Action) {
        lock(&self.state).actions.push(action);
    }

    fn shared(&self) -> Option<Arc<Shared>> {
        lock(&self.state).place.as_ref().map(|(shared, _)| shared.clone())
    }
}

#[pymethods]
impl FileAnalyzerHandle {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> Self {
        FileAnalyzerHandle {
            state: Mutex::default(),
        }
    }

    #[pyo3(signature = (event, *args))]
    fn raise_event(
        &self,
        py: Python<'_>,
        event: &Bound<'_, PyAny>,
        args: &Bound<'_, PyTuple>,
    ) -> PyResult<bool> {
        let name = event_name(event)?;
        let name = name.to_str()?;
        let Some(shared) = self.shared() else {
            self.push(Action::Named(name.to_owned(), args.clone().unbind()));
            return Ok(true);
        };
        let entry = Entry::find(py, &shared, name)?;
        let args = entry.arguments(py, args)?;
        let handled = entry.is_handled();
        if handled {
            self.push(Action::Event(entry, args));
        }
        Ok(handled)
    }

    fn wants(&self, py: Python<'_>, event: &Bound<'_, PyAny>) -> PyResult<bool> {
        match self.shared() {
            Some(shared) => Ok(Entry::find(py, &shared, event_name(event)?.to_str()?)?.is_handled()),
            None => Ok(true),
        }
    }

    fn confirm(&self) {
        self.push(Action::Confirm);
    }

    #[pyo3(signature = (reason, data=None))]
    fn violation(&self, reason: String, data: Option<&[u8]>) {
        self.push(Action::Violation(reason, data.map(<[u8]>::to_vec)));
    }

    #[pyo3(signature = (name, addl=""))]
    fn weird(&self, name: &str, addl: &str) {
        self.push(Action::Weird(name.to_owned(), addl.to_owned()));
    }

    #[getter]
    fn now(&self) -> f64 {
        self.shared().map_or(0.0, |shared| shared.now())
    }

    /// The record that scripts have of the file.
    #[getter]
    fn file(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        let Some((shared, file)) = lock(&self.state).place.clone() else {
            return Err(PyValueError::new_err("the analyzer is not on a file"));
        };
        let records = shared.records();
        Ok(records.file(file).map(|record| record.clone_ref(py)))
    }

    /// For tests without an engine: what was asked for since the last time, as tuples that begin with its name.
    fn take_actions(&self, py: Python<'_>) -> PyResult<Vec<Py<PyAny>>> {
        let actions = std::mem::take(&mut lock(&self.state).actions);
        let describe = |action| match action {
            Action::Event(_, args) => ("event", args).into_py_any(py),
            Action::Named(name, args) => ("event", name, args).into_py_any(py),
            Action::Confirm => ("confirm",).into_py_any(py),
            Action::Violation(reason, data) => {
                let data = data.map(|data| PyBytes::new(py, &data).unbind());
                ("violation", reason, data).into_py_any(py)
            }
            Action::Weird(name, addl) => ("weird", name, addl).into_py_any(py),
        };
        actions.into_iter().map(describe).collect()
    }
}

/// An instance on a file.
struct PythonFileAnalyzer {
    kind: Arc<Kind>,
    object: Option<Py<FileAnalyzerHandle>>,
    failed: bool,
    confirmed: bool,
}

/// Adds a file analyzer.
pub fn add(component: Component, shared: Arc<Shared>) {
    let (tag, name) = (interned(&component.tag), interned(&component.name));
    let kind = Arc::new(Kind::new(component, tag, name, shared));
    let make = move |_: &bro_events::FileAnalyzerArgs| -> Result<Box<dyn FileAnalyzer>, String> {
        if kind.is_off() {
            return Err(format!(
                "plugin {} failed too often and was switched off",
                kind.plugin
            ));
        }
        Ok(Box::new(PythonFileAnalyzer {
            kind: kind.clone(),
            object: None,
            failed: false,
            confirmed: false,
        }))
    };
    bro_files::analyzers::add(tag, name, Arc::new(make));
}

impl PythonFileAnalyzer {
    fn make(&self, py: Python<'_>, file: FileId) -> PyResult<Py<FileAnalyzerHandle>> {
        let object = self.kind.class.bind(py).call0()?;
        let handle = object.cast_into::<FileAnalyzerHandle>().map_err(|_| {
            PyTypeError::new_err("a file analyzer's class is derived from bro.plugins.FileAnalyzer")
        })?;
        lock(&handle.get().state).place = Some((self.kind.shared.clone(), file));
        Ok(handle.unbind())
    }

    /// Calls the object; whether the analyzer wants more of the file.
    fn call(
        &mut self,
        ctx: &mut FileContext<'_>,
        name: &'static str,
        call: impl for<'py> FnOnce(&Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>>,
    ) -> bool {
        if self.failed {
            return false;
        }
        if !self.kind.implements(name) {
            return true;
        }
        let result = Python::attach(|py| {
            if self.object.is_none() {
                self.object = Some(self.make(py, ctx.file)?);
            }
            match &self.object {
                // Only a plain False says that it has seen enough: most calls return nothing.
                Some(object) => call(object.bind(py).as_any())
                    .map(|answer| !answer.is(pyo3::types::PyBool::new(py, false).as_any())),
                None => Ok(true),
            }
        });
        if let Some(object) = &self.object {
            let actions = std::mem::take(&mut lock(&object.get().state).actions);
            for action in actions {
                self.apply(ctx, action);
            }
        }
        result.unwrap_or_else(|error| {
            self.failed = true;
            self.object = None;
            self.kind.failed(name, error);
            let reason = format!("{name} of plugin {} failed", self.kind.plugin);
            ctx.violation(self.kind.tag, reason, None);
            false
        })
    }

    fn apply(&mut self, ctx: &mut FileContext<'_>, action: Action) {
        match action {
            Action::Event(entry, args) => {
                entry.raise(&self.kind.shared, args);
                ctx.sink.emit(&PLUGIN_EVENT, vec![Value::File(ctx.file)]);
            }
            Action::Named(..) => {}
            Action::Confirm => {
                if !std::mem::replace(&mut self.confirmed, true) {
                    ctx.confirm(self.kind.tag);
                }
            }
            Action::Violation(reason, data) => ctx.violation(self.kind.tag, reason, data.as_deref()),
            Action::Weird(name, addl) => ctx.sink.weird(bro_events::Weird {
                name: interned(&name),
                about: bro_events::WeirdAbout::File(ctx.file),
                addl,
                source: self.kind.name,
            }),
        }
    }
}

impl FileAnalyzer for PythonFileAnalyzer {
    fn init(&mut self, ctx: &mut FileContext<'_>) {
        self.call(ctx, "init", |object| {
            object.call_method0(intern!(object.py(), "init"))
        });
    }

    fn deliver_stream(&mut self, ctx: &mut FileContext<'_>, data: &[u8]) -> bool {
        self.call(ctx, "deliver_stream", |object| {
            let py = object.py();
            object.call_method1(intern!(py, "deliver_stream"), (PyBytes::new(py, data),))
        })
    }

    fn deliver_chunk(&mut self, ctx: &mut FileContext<'_>, offset: u64, data: &[u8]) -> bool {
        self.call(ctx, "deliver_chunk", |object| {
            let py = object.py();
            object.call_method1(intern!(py, "deliver_chunk"), (PyBytes::new(py, data), offset))
        })
    }

    fn undelivered(&mut self, ctx: &mut FileContext<'_>, offset: u64, len: u64) -> bool {
        self.call(ctx, "undelivered", |object| {
            object.call_method1(intern!(object.py(), "undelivered"), (offset, len))
        })
    }

    fn end_of_file(&mut self, ctx: &mut FileContext<'_>) {
        self.call(ctx, "end_of_file", |object| {
            object.call_method0(intern!(object.py(), "end_of_file"))
        });
    }

    fn done(&mut self, ctx: &mut FileContext<'_>) {
        self.call(ctx, "done", |object| {
            object.call_method0(intern!(object.py(), "done"))
        });
    }
}
