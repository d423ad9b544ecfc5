//! The class `LogStreamWriter`: rows out of script records, on their way to a writer's thread.
//!
//! What to take out of a record is put together once, as a tree of attribute names in the order of the columns.  Taking a
//! row out runs no Python code: attributes are slots, values are of classes known here.

use std::path::PathBuf;

use bro_logs::{Column, ColumnType, LogError, LogSpec, LogWriter, RowEncoder, RowOutcome, ScalarType};
use pyo3::create_exception;
use pyo3::exceptions::{PyOSError, PyRuntimeError, PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyList, PyString, PyTuple};

use crate::netvalues::{Addr, Port, Subnet};

create_exception!(
    bro._engine,
    LogWriterError,
    PyOSError,
    "A log file could not be written."
);

/// A string of the row was cut.
const STRING_TRUNCATED: u8 = 1;
/// Elements of a set or vector of the row were left out.
const CONTAINER_TRUNCATED: u8 = 2;
/// The row was dropped for its size.
const TOO_LARGE: u8 = 4;

/// A part of the plan: where columns come from.
enum Step {
    /// An attribute that is a column
    Value {
        attribute: Py<PyString>,
        kind: ColumnType,
        enum_name: Option<(Py<PyAny>, String)>,
    },
    /// An attribute that is a record with columns
    Record {
        attribute: Py<PyString>,
        steps: Vec<Step>,
    },
}

impl Step {
    fn columns(&self) -> usize {
        match self {
            Step::Value { .. } => 1,
            Step::Record { steps, .. } => steps.iter().map(Step::columns).sum(),
        }
    }

    /// Appends the columns of this step, taken out of `record`.
    #[inline]
    fn take(&mut self, record: &Bound<'_, PyAny>, row: &mut RowEncoder<'_>) -> PyResult<()> {
        let py = record.py();
        match self {
            Step::Value {
                attribute,
                kind,
                enum_name,
            } => {
                let value = record.getattr(attribute.bind(py))?;
                if value.is_none() {
                    row.unset();
                    return Ok(());
                }
                put(&value, *kind, enum_name, row).map_err(|error| in_field(py, attribute, &error))
            }
            Step::Record { attribute, steps } => {
                let inner = record.getattr(attribute.bind(py))?;
                if inner.is_none() {
                    let unset = steps.iter().map(Step::columns).sum();
                    (0..unset).for_each(|_| row.unset());
                    return Ok(());
                }
                steps.iter_mut().try_for_each(|step| step.take(&inner, row))
            }
        }
    }
}

/// Says which field the error is about.
#[cold]
fn in_field(py: Python<'_>, attribute: &Py<PyString>, error: &PyErr) -> PyErr {
    PyTypeError::new_err(format!("field {}: {}", attribute.bind(py), error.value(py)))
}

/// Appends a value that is set.
#[inline]
fn put(
    value: &Bound<'_, PyAny>,
    kind: ColumnType,
    enum_name: &mut Option<(Py<PyAny>, String)>,
    row: &mut RowEncoder<'_>,
) -> PyResult<()> {
    match kind {
        ColumnType::Scalar(scalar) => put_scalar(value, scalar, enum_name, row),
        ColumnType::Set(scalar) => {
            row.begin_set();
            for element in value.cast::<PyDict>()?.iter().map(|(key, _)| key) {
                if !row.admit_element() {
                    break;
                }
                put_scalar(&element, scalar, enum_name, row)?;
            }
            row.end();
            Ok(())
        }
        ColumnType::Vector(scalar) => {
            row.begin_vector();
            for element in value.cast::<PyList>()?.iter() {
                if !row.admit_element() {
                    break;
                }
                if element.is_none() {
                    row.unset();
                } else {
                    put_scalar(&element, scalar, enum_name, row)?;
                }
            }
            row.end();
            Ok(())
        }
    }
}

#[inline]
fn put_scalar(
    value: &Bound<'_, PyAny>,
    kind: ScalarType,
    enum_name: &mut Option<(Py<PyAny>, String)>,
    row: &mut RowEncoder<'_>,
) -> PyResult<()> {
    match kind {
        ScalarType::Bool => row.bool(value.cast::<PyBool>()?.is_true()),
        ScalarType::Count => row.count(value.extract()?),
        ScalarType::Int => row.int(value.extract()?),
        ScalarType::Double => row.double(number(value)?),
        ScalarType::Time => row.time(number(value)?),
        ScalarType::Interval => row.interval(number(value)?),
        ScalarType::String => row.string(value.cast::<PyBytes>()?.as_bytes()),
        ScalarType::Addr => row.addr(value.cast::<Addr>()?.get().0),
        ScalarType::Subnet => {
            let subnet = value.cast::<Subnet>()?.get();
            row.subnet(subnet.addr, subnet.width);
        }
        ScalarType::Port => row.port(value.cast::<Port>()?.get().number),
        ScalarType::Enum => match enum_name {
            Some((last, name)) if value.is(&*last) => row.enum_name(name),
            _ => {
                // values of an enum live as long as the program, and a column often has the same one again
                let name: String = value.getattr(intern!(value.py(), "name"))?.extract()?;
                row.enum_name(&name);
                *enum_name = Some((value.clone().unbind(), name));
            }
        },
        ScalarType::Pattern | ScalarType::Func | ScalarType::File => row.string(text(value)?.as_bytes()),
    }
    Ok(())
}

#[inline]
fn number(value: &Bound<'_, PyAny>) -> PyResult<f64> {
    match value.cast_exact::<PyFloat>() {
        Ok(float) => Ok(float.value()),
        Err(_) => value.extract(),
    }
}

/// What stands for a value that is no data: a pattern's text between slashes, a function's name, a file's.
#[cold]
fn text(value: &Bound<'_, PyAny>) -> PyResult<String> {
    let py = value.py();
    if let Some(pattern) = value.getattr_opt(intern!(py, "text"))? {
        let inner = match pattern.cast::<PyBytes>() {
            Ok(bytes) => String::from_utf8_lossy(bytes.as_bytes()).into_owned(),
            Err(_) => pattern.str()?.extract()?,
        };
        return Ok(format!("/{inner}/"));
    }
    for attribute in [intern!(py, "bro_name"), intern!(py, "name")] {
        if let Some(name) = value.getattr_opt(attribute)? {
            return name.str()?.extract();
        }
    }
    value.str()?.extract()
}

/// Puts columns with the same attribute in front under one step, so that a nested record is looked up once a row.
fn plan(py: Python<'_>, columns: &[(Vec<String>, ColumnType)]) -> PyResult<Vec<Step>> {
    let mut steps = Vec::new();
    let mut rest = columns;
    while let Some((path, kind)) = rest.first() {
        let Some(first) = path.first() else {
            return Err(PyValueError::new_err("a column without a field to take it from"));
        };
        let attribute = PyString::intern(py, first).unbind();
        if path.len() == 1 {
            steps.push(Step::Value {
                attribute,
                kind: *kind,
                enum_name: None,
            });
            rest = &rest[1..];
            continue;
        }
        let same = rest
            .iter()
            .take_while(|(p, _)| p.len() > 1 && p[0] == *first)
            .count();
        let inner: Vec<_> = rest[..same].iter().map(|(p, k)| (p[1..].to_vec(), *k)).collect();
        steps.push(Step::Record {
            attribute,
            steps: plan(py, &inner)?,
        });
        rest = &rest[same..];
    }
    Ok(steps)
}

/// The value of an option as text: T, F, digits, or the bytes themselves.
fn option_bytes(value: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    if let Ok(truth) = value.cast::<PyBool>() {
        return Ok(if truth.is_true() {
            b"T".to_vec()
        } else {
            b"F".to_vec()
        });
    }
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return Ok(bytes.as_bytes().to_vec());
    }
    Ok(value.str()?.extract::<String>()?.into_bytes())
}

fn apply(spec: &mut LogSpec, name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let limit = || value.extract::<usize>();
    match name {
        "directory" => spec.directory = value.extract::<PathBuf>()?,
        "extension" => spec.extension = value.extract()?,
        "shadow" => spec.shadow = value.extract::<Option<Vec<u8>>>()?,
        "max_field_string_bytes" => spec.limits.field_string_bytes = limit()?,
        "max_total_string_bytes" => spec.limits.total_string_bytes = limit()?,
        "max_field_container_elements" => spec.limits.field_container_elements = limit()?,
        "max_total_container_elements" => spec.limits.total_container_elements = limit()?,
        "max_log_record_size" => spec.limits.record_bytes = limit()?,
        _ => {
            let bytes = option_bytes(value)?;
            spec.options
                .set(name, &bytes)
                .map_err(|e| PyValueError::new_err(e.to_string()))?;
        }
    }
    Ok(())
}

fn outcome_bits(outcome: RowOutcome) -> u8 {
    if outcome.is_intact() {
        return 0;
    }
    let bit = |set, bit| if set { bit } else { 0 };
    bit(outcome.string_truncated, STRING_TRUNCATED)
        | bit(outcome.container_truncated, CONTAINER_TRUNCATED)
        | bit(outcome.too_large, TOO_LARGE)
}

fn failed(error: &LogError) -> PyErr {
    LogWriterError::new_err(error.to_string())
}

/// Writes one log file (and its successors after rotation) on a thread of its own.
///
/// `columns`: for each column its name in the log, its type as in log headers, the attributes that lead to it, and
/// whether it is taken from the extension record instead of the record that is logged.
/// `path`: name of the log, such as "conn".
/// `options`: options of `LogAscii` by name, further `directory`, `extension`, `shadow` (bytes), the limits
/// `max_field_string_bytes`, `max_total_string_bytes`, `max_field_container_elements`, `max_total_container_elements`
/// and `max_log_record_size`; names of other writers' options are ignored.
#[pyclass(module = "bro._engine")]
pub struct LogStreamWriter {
    writer: LogWriter,
    extension: Vec<Step>,
    steps: Vec<Step>,
    closed: bool,
}

#[pymethods]
impl LogStreamWriter {
    #[new]
    fn py_new(
        py: Python<'_>,
        columns: &Bound<'_, PyAny>,
        path: String,
        options: &Bound<'_, PyDict>,
    ) -> PyResult<Self> {
        let mut names = Vec::new();
        let (mut extension, mut fields) = (Vec::new(), Vec::new());
        for column in columns.try_iter()? {
            let column = column?;
            let (name, kind, attributes, extends): (String, String, Vec<String>, bool) =
                column.cast::<PyTuple>()?.extract()?;
            let kind: ColumnType = kind
                .parse()
                .map_err(|e| PyValueError::new_err(format!("log {path}, column {name}: {e}")))?;
            if extends && !fields.is_empty() {
                return Err(PyValueError::new_err(
                    "columns of the extension come before all others",
                ));
            }
            names.push(Column::new(name, kind));
            if extends { &mut extension } else { &mut fields }.push((attributes, kind));
        }
        let mut spec = LogSpec::new(path, names);
        for (name, value) in options.iter() {
            apply(&mut spec, &name.extract::<String>()?, &value)?;
        }
        Ok(LogStreamWriter {
            writer: LogWriter::new(spec),
            extension: plan(py, &extension)?,
            steps: plan(py, &fields)?,
            closed: false,
        })
    }

    /// Hands a record over.  Returns 0, or the sum of what the stream's limits did to the row: 1 a string was cut, 2
    /// elements of a set or vector were left out, 4 the row was too large and dropped.
    ///
    /// Raises LogWriterError, once, if the log could not be written; rows are dropped from then on.
    #[pyo3(signature = (record, extension=None, /))]
    fn write(&mut self, record: &Bound<'_, PyAny>, extension: Option<&Bound<'_, PyAny>>) -> PyResult<u8> {
        if self.writer.has_failed() || self.closed {
            self.poll()?;
        }
        let mut row = self.writer.row();
        match extension {
            Some(extension) => self
                .extension
                .iter_mut()
                .try_for_each(|step| step.take(extension, &mut row))?,
            None => self
                .extension
                .iter()
                .map(Step::columns)
                .for_each(|n| (0..n).for_each(|_| row.unset())),
        }
        for step in &mut self.steps {
            step.take(record, &mut row)?;
        }
        let outcome = row.finish();
        if !self.writer.row_done() {
            // the thread is behind by all it may be: wait, and let others use the interpreter meanwhile
            let writer = &mut self.writer;
            record.py().detach(|| writer.hand_over());
        }
        Ok(outcome_bits(outcome))
    }

    /// States the time of opening for the header of the next file.
    fn set_opened(&mut self, opened: &str) {
        self.writer.set_opened(opened);
    }

    /// Whether rows may wait in memory; they do unless told otherwise.
    fn set_buffering(&mut self, py: Python<'_>, buffered: bool) {
        let writer = &mut self.writer;
        py.detach(|| writer.set_unbuffered(!buffered));
    }

    /// Returns once everything written so far is in the file.
    fn flush(&mut self, py: Python<'_>) -> PyResult<()> {
        let writer = &mut self.writer;
        py.detach(|| writer.flush());
        self.poll()
    }

    /// Hands the waiting rows to the thread, which writes them to the file within a second.
    fn heartbeat(&mut self, py: Python<'_>) -> PyResult<()> {
        let writer = &mut self.writer;
        py.detach(|| writer.hand_over());
        self.poll()
    }

    /// Closes the file and renames it to `to`; the next row begins a new one.  `closed` is stated in the footer.
    /// Returns whether there was a file.
    fn rotate(&mut self, py: Python<'_>, to: PathBuf, closed: &str) -> PyResult<bool> {
        let writer = &mut self.writer;
        py.detach(|| writer.rotate(&to, closed)).map_err(|e| failed(&e))
    }

    /// Writes everything, closes the file, and returns the number of rows written to it and those before it.
    fn finish(&mut self, py: Python<'_>, closed: &str) -> PyResult<u64> {
        self.closed = true;
        let writer = &mut self.writer;
        py.detach(|| writer.finish(closed))
            .map(|summary| summary.rows)
            .map_err(|e| failed(&e))
    }

    /// Raises what failed on the thread, once.
    fn poll(&mut self) -> PyResult<()> {
        if self.closed {
            return Err(PyRuntimeError::new_err(format!(
                "log {} is closed",
                self.writer.spec().path
            )));
        }
        self.writer.take_error().map_or(Ok(()), |e| Err(failed(&e)))
    }

    /// The file it is written to.
    #[getter]
    fn file(&self) -> PathBuf {
        self.writer.spec().file()
    }

    /// Names of the columns.
    #[getter]
    fn columns(&self) -> Vec<String> {
        self.writer
            .spec()
            .columns
            .iter()
            .map(|c| c.name.clone())
            .collect()
    }
}

/// Adds the class and its error to the module.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add("LogWriterError", m.py().get_type::<LogWriterError>())?;
    m.add_class::<LogStreamWriter>()
}
