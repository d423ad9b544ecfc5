//! Engine values to Python values and back.

use bro_events::{RecordDef, Value};
use hashbrown::HashMap;
use pyo3::exceptions::{PyKeyError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

use crate::netvalues::{Addr, Port, Subnet};

/// What conversion needs of the bound program: its record classes, enum values and containers.
pub struct Types {
    program: Py<PyAny>,
    table: Py<PyAny>,
    set: Py<PyAny>,
    records: HashMap<usize, Py<PyAny>>,
    enums: HashMap<usize, Py<PyAny>>,
}

impl Types {
    /// For a program that was loaded.
    pub fn new(program: &Bound<'_, PyAny>) -> PyResult<Self> {
        let tables = program.py().import("bro.runtime.tables")?;
        Ok(Types {
            program: program.clone().unbind(),
            table: tables.getattr("Table")?.unbind(),
            set: tables.getattr("Set")?.unbind(),
            records: HashMap::new(),
            enums: HashMap::new(),
        })
    }

    /// The program these types are of.
    pub fn program<'py>(&self, py: Python<'py>) -> &Bound<'py, PyAny> {
        self.program.bind(py)
    }

    /// A new empty table.
    pub fn new_table<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.table.bind(py).call0()
    }

    /// A new empty set.
    pub fn new_set<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.set.bind(py).call0()
    }

    /// A record of this shape; `fields` are its leading fields.
    pub fn record<'py>(&mut self, py: Python<'py>, def: &'static RecordDef, fields: &[Py<PyAny>]) -> PyResult<Bound<'py, PyAny>> {
        let key = std::ptr::from_ref(def) as usize;
        if !self.records.contains_key(&key) {
            let class = self.program.bind(py).call_method1("record_class", (def.name,))?;
            if class.is_none() {
                return Err(PyKeyError::new_err(format!("the scripts do not declare the record type {}", def.name)));
            }
            let declared: Vec<String> = class.getattr("_fields")?.extract()?;
            let agrees = declared.len() >= def.fields.len() && def.fields.iter().zip(&declared).all(|(a, b)| a == b);
            if !agrees {
                return Err(PyTypeError::new_err(format!(
                    "record {}: the engine sets the fields {:?}, the scripts declare {:?}",
                    def.name, def.fields, declared
                )));
            }
            self.records.insert(key, class.getattr("_make")?.unbind());
        }
        let make = self.records[&key].bind(py);
        make.call1(PyTuple::new(py, fields)?)
    }

    /// The object of an enum value.
    pub fn enum_value(&mut self, py: Python<'_>, name: &'static str) -> PyResult<Py<PyAny>> {
        let key = name.as_ptr() as usize;
        if let Some(known) = self.enums.get(&key) {
            return Ok(known.clone_ref(py));
        }
        let value = self.program.bind(py).call_method1("enum_value", (name,))?;
        if value.is_none() {
            return Err(PyKeyError::new_err(format!("the scripts do not declare the enum value {name}")));
        }
        let value = value.unbind();
        self.enums.insert(key, value.clone_ref(py));
        Ok(value)
    }
}

/// A Python value of a type's own class, for engine values that need no context.
pub fn simple<'py>(py: Python<'py>, value: &Value) -> Option<Bound<'py, PyAny>> {
    Some(match value {
        Value::Unset => py.None().into_bound(py),
        Value::Bool(b) => PyBool::new(py, *b).to_owned().into_any(),
        Value::Count(n) => number(py, *n),
        Value::Int(n) => number(py, *n),
        Value::Double(x) | Value::Time(x) | Value::Interval(x) => PyFloat::new(py, *x).into_any(),
        Value::Str(s) => PyBytes::new(py, s).into_any(),
        Value::Text(s) => PyBytes::new(py, s.as_bytes()).into_any(),
        Value::Addr(a) => Bound::new(py, Addr(*a)).ok()?.into_any(),
        Value::Subnet(addr, width) => Bound::new(py, Subnet { addr: *addr, width: *width }).ok()?.into_any(),
        Value::Port(number, transport) => {
            Bound::new(py, Port { number: *number, transport: *transport }).ok()?.into_any()
        }
        _ => return None,
    })
}

fn number<'py, T>(py: Python<'py>, n: T) -> Bound<'py, PyAny>
where
    T: IntoPyObject<'py, Target = PyInt, Output = Bound<'py, PyInt>, Error = std::convert::Infallible>,
{
    match n.into_pyobject(py) {
        Ok(n) => n.into_any(),
        Err(never) => match never {},
    }
}

/// A Python value as an engine value, for options and arguments of commands.  Records, functions and the like have no
/// engine form and are an error.
pub fn from_python(value: &Bound<'_, PyAny>) -> PyResult<Value> {
    if value.is_none() {
        return Ok(Value::Unset);
    }
    if let Ok(b) = value.cast::<PyBool>() {
        return Ok(Value::Bool(b.is_true()));
    }
    if value.is_instance_of::<PyInt>() {
        return value.extract::<u64>().map(Value::Count).or_else(|_| value.extract::<i64>().map(Value::Int));
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
        return items.iter().map(|v| from_python(&v)).collect::<PyResult<_>>().map(Value::Vector);
    }
    if let Ok(items) = value.cast::<PyTuple>() {
        return items.iter().map(|v| from_python(&v)).collect::<PyResult<_>>().map(Value::Vector);
    }
    if let Ok(table) = value.cast::<PyDict>() {
        let is_set = value.get_type().name()?.to_str()?.ends_with("Set");
        if is_set {
            return table.keys().iter().map(|v| from_python(&v)).collect::<PyResult<_>>().map(Value::Set);
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
    Err(PyTypeError::new_err(format!("a {} has no form in the engine", value.get_type().name()?)))
}

