//! Python values as engine values: options, and arguments of commands.

use bro_events::Value;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

use crate::netvalues::{Addr, Port, Subnet};

/// A Python value as an engine value.  Records, functions and the like have no engine form and are an error.
///
/// Python's classes do not tell a count from an int or a double from an interval: a number that is not negative is a
/// count, a float a double; see [`option_value`] for values of a declared type.
pub fn from_python(value: &Bound<'_, PyAny>) -> PyResult<Value> {
    if value.is_none() {
        return Ok(Value::Unset);
    }
    if let Ok(b) = value.cast::<PyBool>() {
        return Ok(Value::Bool(b.is_true()));
    }
    if value.is_instance_of::<PyInt>() {
        return value
            .extract::<u64>()
            .map(Value::Count)
            .or_else(|_| value.extract::<i64>().map(Value::Int));
    }
    if let Ok(x) = value.cast::<PyFloat>() {
        return Ok(Value::Double(x.value()));
    }
    if let Ok(s) = value.cast::<PyBytes>() {
        return Ok(Value::Str(s.as_bytes().to_vec()));
    }
    if let Ok(s) = value.cast::<PyString>() {
        return Ok(Value::Str(s.to_str()?.as_bytes().to_vec()));
    }
    if let Ok(a) = value.cast::<Addr>() {
        return Ok(Value::Addr(a.get().0));
    }
    if let Ok(s) = value.cast::<Subnet>() {
        return Ok(Value::Subnet(s.get().addr, s.get().width));
    }
    if let Ok(p) = value.cast::<Port>() {
        return Ok(Value::Port(p.get().number, p.get().transport));
    }
    if let Ok(items) = value.cast::<PyList>() {
        return items
            .iter()
            .map(|v| from_python(&v))
            .collect::<PyResult<_>>()
            .map(Value::Vector);
    }
    if let Ok(items) = value.cast::<PyTuple>() {
        return items
            .iter()
            .map(|v| from_python(&v))
            .collect::<PyResult<_>>()
            .map(Value::Vector);
    }
    if let Ok(table) = value.cast::<PyDict>() {
        let is_set = value
            .getattr("is_set")
            .and_then(|flag| flag.extract::<bool>())
            .unwrap_or(false);
        if is_set {
            return table
                .keys()
                .iter()
                .map(|v| from_python(&v))
                .collect::<PyResult<_>>()
                .map(Value::Set);
        }
        return table
            .iter()
            .map(|(k, v)| Ok((from_python(&k)?, from_python(&v)?)))
            .collect::<PyResult<_>>()
            .map(Value::Table);
    }
    if let Ok(name) = value.getattr("name") {
        // An enum value: by its full name.
        if let Ok(name) = name.cast::<PyString>() {
            return Ok(Value::Str(name.to_str()?.as_bytes().to_vec()));
        }
    }
    Err(PyTypeError::new_err(format!(
        "a {} has no form in the engine",
        value.get_type().name()?
    )))
}

/// The value of an option that the scripts declare, by its declared type; `None` if they declare none of that name, it
/// has no value, or none that the engine could use.
pub fn option_value(program: &Bound<'_, PyAny>, name: &str) -> Option<Value> {
    let value = program.call_method1("global_value", (name,)).ok()?;
    if value.is_none() {
        return None;
    }
    let value = from_python(&value).ok()?;
    let declared = || -> Option<String> {
        let declared = program.call_method1("variable_type", (name,)).ok()?;
        declared.getattr("tag").ok()?.extract().ok()
    };
    Some(match value {
        Value::Double(x) => match declared().as_deref() {
            Some("interval") => Value::Interval(x),
            Some("time") => Value::Time(x),
            _ => Value::Double(x),
        },
        Value::Count(n) if declared().as_deref() == Some("int") => Value::Int(i64::try_from(n).ok()?),
        other => other,
    })
}
