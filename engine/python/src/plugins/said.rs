//! What every analyzer written in Python can ask for, be it of a protocol or of files.

use std::sync::Arc;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString, PyTuple};
use pyo3::IntoPyObjectExt;

use super::events::Entry;
use crate::shared::Shared;

/// Something an analyzer asked for.
pub enum Said {
    /// Raise an event
    Event(Arc<Entry>, Vec<Py<PyAny>>),
    /// The same outside of an engine, as in a plugin's own tests
    Named(String, Py<PyTuple>),
    Confirm,
    /// Reason and data
    Violation(String, Option<Vec<u8>>),
    /// Name and further text
    Weird(String, String),
}

/// The name of an event: a str, or something that has one (`bro.plugins.Event`).
fn event_name<'py>(event: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyString>> {
    if let Ok(name) = event.cast::<PyString>() {
        return Ok(name.clone());
    }
    event
        .getattr("name")
        .and_then(|name| name.cast_into::<PyString>().map_err(PyErr::from))
        .map_err(|_| PyTypeError::new_err("an event is named by a str or a bro.plugins.Event"))
}

/// Whether anybody handles an event.  Outside of an engine, a test does.
///
/// # Errors
/// TypeError for what names no event, ValueError for a name that scripts do not declare.
pub fn wants(py: Python<'_>, shared: Option<&Shared>, event: &Bound<'_, PyAny>) -> PyResult<bool> {
    match shared {
        Some(shared) => Ok(Entry::find(py, shared, event_name(event)?.to_str()?)?.is_handled()),
        None => Ok(true),
    }
}

impl Said {
    /// An event to be raised; `None` if nobody handles it.
    ///
    /// # Errors
    /// Those of [`wants`], and TypeError for arguments that do not fit the declaration.
    pub fn event(
        py: Python<'_>,
        shared: Option<&Shared>,
        event: &Bound<'_, PyAny>,
        args: &Bound<'_, PyTuple>,
    ) -> PyResult<Option<Self>> {
        let name = event_name(event)?;
        let name = name.to_str()?;
        let Some(shared) = shared else {
            return Ok(Some(Said::Named(name.to_owned(), args.clone().unbind())));
        };
        let entry = Entry::find(py, shared, name)?;
        // Arguments that do not fit are an error whether anybody handles the event or not.
        let args = entry.arguments(py, args)?;
        Ok(entry.is_handled().then_some(Said::Event(entry, args)))
    }

    /// As a tuple that begins with its name, for tests of plugins.
    pub fn describe(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        match self {
            Said::Event(_, args) => ("event", args).into_py_any(py),
            Said::Named(name, args) => ("event", name, args).into_py_any(py),
            Said::Confirm => ("confirm",).into_py_any(py),
            Said::Violation(reason, data) => {
                let data = data.map(|data| PyBytes::new(py, &data).unbind());
                ("violation", reason, data).into_py_any(py)
            }
            Said::Weird(name, addl) => ("weird", name, addl).into_py_any(py),
        }
    }
}
