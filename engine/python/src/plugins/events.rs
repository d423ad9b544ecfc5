//! Events that plugins raise: what is known of each, and what waits for its turn.

use std::sync::Arc;

use bro_events::{Event, Value};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyFloat, PyInt, PyString, PyTuple};

use crate::records::Records;
use crate::shared::{lock, Shared};

/// Stands in the queue for an event of a plugin, with what it is about as the only argument.
pub static PLUGIN_EVENT: Event = Event::declare("(event of a plugin)", &[]);

/// What an event is about: the argument that the engine puts before those of the plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Subject {
    Nothing,
    Conn,
    File,
}

/// How an argument is checked and converted.
enum Param {
    Bool,
    Count,
    Int,
    Float,
    Str,
    /// By a Python function
    Converted(Py<PyAny>),
}

/// An event that plugins can raise.
pub struct Entry {
    name: String,
    /// `None` if nobody handles it
    dispatcher: Option<Py<PyAny>>,
    subject: Subject,
    names: Vec<String>,
    params: Vec<Param>,
}

/// An event on its way.
pub struct Raised {
    entry: Arc<Entry>,
    args: Vec<Py<PyAny>>,
}

impl Entry {
    /// What is known of the event of a name.
    ///
    /// # Errors
    /// ValueError if scripts do not declare it.
    pub fn find(py: Python<'_>, shared: &Shared, name: &str) -> PyResult<Arc<Entry>> {
        if let Some(known) = lock(&shared.plugins.entries).get(name) {
            return Ok(known.clone());
        }
        let program = shared
            .plugins
            .program
            .get()
            .ok_or_else(|| PyValueError::new_err("no program is bound"))?;
        let found = py
            .import("bro.plugins.values")?
            .call_method1("event_parameters", (program, name))?;
        type Found<'py> = (Bound<'py, PyAny>, String, Vec<String>, Vec<Bound<'py, PyAny>>);
        let (dispatcher, subject, names, converters): Found<'_> = found.extract()?;
        let entry = Arc::new(Entry {
            name: name.to_owned(),
            dispatcher: (!dispatcher.is_none()).then(|| dispatcher.unbind()),
            subject: match subject.as_str() {
                "connection" => Subject::Conn,
                "file" => Subject::File,
                _ => Subject::Nothing,
            },
            names,
            params: converters.into_iter().map(param).collect(),
        });
        lock(&shared.plugins.entries).insert(name.to_owned(), entry.clone());
        Ok(entry)
    }

    /// Whether anybody handles it.
    pub fn is_handled(&self) -> bool {
        self.dispatcher.is_some()
    }

    /// The arguments as scripts need them.
    ///
    /// # Errors
    /// TypeError for a number of arguments or a value that does not fit the declaration.
    pub fn arguments(&self, py: Python<'_>, args: &Bound<'_, PyTuple>) -> PyResult<Vec<Py<PyAny>>> {
        if args.len() != self.params.len() {
            return Err(PyTypeError::new_err(format!(
                "event {} takes ({}), got {} arguments",
                self.name,
                self.names.join(", "),
                args.len()
            )));
        }
        let mut found = Vec::with_capacity(self.params.len());
        for (index, (param, arg)) in self.params.iter().zip(args.iter()).enumerate() {
            let value = param.convert(py, &arg)?.ok_or_else(|| {
                let kind = arg.get_type().name().map(|name| name.to_string());
                PyTypeError::new_err(format!(
                    "event {}: parameter {} is a {}, got a value of type {}",
                    self.name,
                    self.names.get(index).map_or("?", String::as_str),
                    param.name(),
                    kind.unwrap_or_default()
                ))
            })?;
            found.push(value);
        }
        Ok(found)
    }

    /// Takes note of the event; the caller puts [`PLUGIN_EVENT`] into the queue for it.
    pub fn raise(self: Arc<Self>, shared: &Shared, args: Vec<Py<PyAny>>) {
        shared.plugins.push(Raised { entry: self, args });
    }
}

impl Raised {
    /// Runs the handlers; `about` is the connection or file of the analyzer that raised the event.
    pub fn run(self, py: Python<'_>, shared: &Shared, about: &Value) -> PyResult<()> {
        let Some(dispatcher) = &self.entry.dispatcher else {
            return Ok(());
        };
        let fits = match (self.entry.subject, about) {
            (Subject::Nothing, _) => false,
            (Subject::Conn, Value::Conn(_)) | (Subject::File, Value::File(_)) => true,
            _ => return Ok(()),
        };
        let mut all = Vec::with_capacity(self.args.len() + 1);
        if fits {
            let mut records: std::sync::MutexGuard<'_, Records> = shared.records();
            all.push(records.value(py, about)?);
        }
        all.extend(self.args);
        dispatcher.bind(py).call1(PyTuple::new(py, all)?)?;
        Ok(())
    }
}

fn param(converter: Bound<'_, PyAny>) -> Param {
    match converter.extract::<String>().as_deref() {
        Ok("bool") => Param::Bool,
        Ok("count") => Param::Count,
        Ok("int") => Param::Int,
        Ok("float") => Param::Float,
        Ok("string") => Param::Str,
        _ => Param::Converted(converter.unbind()),
    }
}

impl Param {
    fn name(&self) -> &'static str {
        match self {
            Param::Bool => "bool",
            Param::Count => "count",
            Param::Int => "int",
            Param::Float => "number",
            Param::Str => "string (bytes or str)",
            Param::Converted(_) => "value of another type",
        }
    }

    /// The value for scripts; `None` if it does not fit.
    fn convert(&self, py: Python<'_>, value: &Bound<'_, PyAny>) -> PyResult<Option<Py<PyAny>>> {
        let fits = match self {
            Param::Bool => value.is_instance_of::<PyBool>(),
            Param::Count => is_int(value) && value.extract::<u64>().is_ok(),
            Param::Int => is_int(value) && value.extract::<i64>().is_ok(),
            Param::Float => {
                if is_int(value) {
                    return Ok(Some(
                        PyFloat::new(py, value.extract::<f64>()?).into_any().unbind(),
                    ));
                }
                value.is_instance_of::<PyFloat>()
            }
            Param::Str => {
                if let Ok(text) = value.cast::<PyString>() {
                    let bytes = PyBytes::new(py, text.to_str()?.as_bytes());
                    return Ok(Some(bytes.into_any().unbind()));
                }
                value.is_instance_of::<PyBytes>()
            }
            Param::Converted(convert) => return convert.bind(py).call1((value,)).map(|v| Some(v.unbind())),
        };
        Ok(fits.then(|| value.clone().unbind()))
    }
}

fn is_int(value: &Bound<'_, PyAny>) -> bool {
    value.is_instance_of::<PyInt>() && !value.is_instance_of::<PyBool>()
}
