//! A file analyzer whose calls go to an object of Python.

use std::sync::{Arc, Mutex};

use bro_events::{FileId, Value};
use bro_files::analyzers::{FileAnalyzer, FileContext};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple};

use super::events::PLUGIN_EVENT;
use super::said::{self, Said};
use super::{interned, Component, Kind};
use crate::shared::{lock, Shared};

#[derive(Default)]
struct State {
    said: Vec<Said>,
    place: Option<(Arc<Shared>, FileId)>,
}

/// The engine's side of a file analyzer written in Python: the base of the class `bro.plugins.FileAnalyzer`.
#[pyclass(subclass, frozen, module = "bro._engine")]
pub struct FileAnalyzerHandle {
    state: Mutex<State>,
}

impl FileAnalyzerHandle {
    fn push(&self, said: Said) {
        lock(&self.state).said.push(said);
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
        let said = Said::event(py, self.shared().as_deref(), event, args)?;
        let handled = said.is_some();
        if let Some(said) = said {
            self.push(said);
        }
        Ok(handled)
    }

    fn wants(&self, py: Python<'_>, event: &Bound<'_, PyAny>) -> PyResult<bool> {
        said::wants(py, self.shared().as_deref(), event)
    }

    fn confirm(&self) {
        self.push(Said::Confirm);
    }

    #[pyo3(signature = (reason, data=None))]
    fn violation(&self, reason: String, data: Option<&[u8]>) {
        self.push(Said::Violation(reason, data.map(<[u8]>::to_vec)));
    }

    #[pyo3(signature = (name, addl=""))]
    fn weird(&self, name: &str, addl: &str) {
        self.push(Said::Weird(name.to_owned(), addl.to_owned()));
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
        let said = std::mem::take(&mut lock(&self.state).said);
        said.into_iter().map(|said| said.describe(py)).collect()
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
            let all = std::mem::take(&mut lock(&object.get().state).said);
            for said in all {
                self.apply(ctx, said);
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

    fn apply(&mut self, ctx: &mut FileContext<'_>, said: Said) {
        match said {
            Said::Event(entry, args) => {
                entry.raise(&self.kind.shared, args);
                ctx.sink.emit(&PLUGIN_EVENT, vec![Value::File(ctx.file)]);
            }
            Said::Named(..) => {}
            Said::Confirm => {
                if !std::mem::replace(&mut self.confirmed, true) {
                    ctx.confirm(self.kind.tag);
                }
            }
            Said::Violation(reason, data) => ctx.violation(self.kind.tag, reason, data.as_deref()),
            Said::Weird(name, addl) => ctx.sink.weird(bro_events::Weird {
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
