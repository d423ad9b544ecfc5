//! Patterns as Python values.

use std::hash::{Hash, Hasher};

use bro_matching::{Flags, Pattern as Matcher, PatternSet as Matchers};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

/// A Bro `pattern`: a regular expression in Bro's syntax.  Matching takes time linear in the data.
#[pyclass(frozen, eq, hash, from_py_object, module = "bro._engine")]
#[derive(Clone)]
pub struct Pattern(pub Matcher);

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.printed() == other.0.printed()
    }
}

impl Hash for Pattern {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.printed().hash(state);
    }
}

fn wrong(error: impl std::fmt::Display) -> PyErr {
    PyValueError::new_err(error.to_string())
}

/// The bytes of a pattern's text, given as bytes or str.
fn text_bytes(text: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    if let Ok(bytes) = text.cast::<PyBytes>() {
        return Ok(bytes.as_bytes().to_vec());
    }
    match text.cast::<PyString>() {
        Ok(text) => Ok(text.to_str()?.as_bytes().to_vec()),
        Err(_) => Err(PyTypeError::new_err("a pattern is made of bytes or str")),
    }
}

#[pymethods]
impl Pattern {
    /// What stands between the slashes; raises ValueError when it is no expression.
    #[new]
    #[pyo3(signature = (text, ignore_case = false, dot_all = false))]
    fn py_new(text: &Bound<'_, PyAny>, ignore_case: bool, dot_all: bool) -> PyResult<Self> {
        let flags = Flags { ignore_case, dot_all };
        Matcher::new(text_bytes(text)?, flags).map(Pattern).map_err(wrong)
    }

    /// A pattern that matches exactly these bytes.
    #[staticmethod]
    fn literal(data: &[u8]) -> Self {
        Pattern(Matcher::literal(data))
    }

    /// Whether the whole of the data matches.
    fn exact(&self, data: &[u8]) -> bool {
        self.0.exact(data)
    }

    /// Whether any part of the data matches.
    fn embedded(&self, data: &[u8]) -> bool {
        self.0.embedded(data)
    }

    /// Begin and end of the leftmost and then longest match at or after an offset; None without one.
    #[pyo3(signature = (data, start = 0))]
    fn find(&self, data: &[u8], start: usize) -> Option<(usize, usize)> {
        self.0.find(data, start)
    }

    /// As `find`, passing over matches of nothing.
    #[pyo3(signature = (data, start = 0))]
    fn find_nonempty(&self, data: &[u8], start: usize) -> Option<(usize, usize)> {
        self.0.find_nonempty(data, start)
    }

    /// All matches that are not empty and do not overlap.
    fn find_all(&self, data: &[u8]) -> Vec<(usize, usize)> {
        self.0.find_all(data)
    }

    /// Length of the longest match that begins exactly at an offset.
    #[pyo3(signature = (data, start = 0))]
    fn longest_at(&self, data: &[u8], start: usize) -> Option<usize> {
        self.0.longest_at(data, start)
    }

    /// A pattern that matches what either matches, as `redef p += /…/` makes it.
    fn extended(&self, addition: &Pattern) -> PyResult<Self> {
        self.0.extended(&addition.0).map(Pattern).map_err(wrong)
    }

    /// Its text without slashes.
    #[getter]
    fn text<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.0.text())
    }

    /// Its text as Bro prints it, without the slashes around it.
    #[getter]
    fn printed<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.0.printed())
    }

    #[getter]
    fn ignore_case(&self) -> bool {
        self.0.flags().ignore_case
    }

    #[getter]
    fn dot_all(&self) -> bool {
        self.0.flags().dot_all
    }

    fn __or__(&self, other: &Pattern) -> PyResult<Self> {
        self.0.or(&other.0).map(Pattern).map_err(wrong)
    }

    fn __and__(&self, other: &Pattern) -> PyResult<Self> {
        self.0.and(&other.0).map(Pattern).map_err(wrong)
    }

    fn __str__(&self) -> String {
        format!("/{}/", String::from_utf8_lossy(self.0.printed()))
    }

    fn __repr__(&self) -> String {
        format!("Pattern({:?})", String::from_utf8_lossy(self.0.text()))
    }

    #[allow(clippy::type_complexity)] // what pickle wants: a class and its arguments
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Py<PyAny>, (Bound<'py, PyBytes>, bool, bool))> {
        let (py, flags) = (slf.py(), slf.get().0.flags());
        let text = PyBytes::new(py, slf.get().0.text());
        Ok((
            slf.get_type().into_any().unbind(),
            (text, flags.ignore_case, flags.dot_all),
        ))
    }
}

/// Many patterns that are matched in one pass, for tables indexed by pattern.
#[pyclass(frozen, module = "bro._engine")]
pub struct PatternSet(Matchers);

#[pymethods]
impl PatternSet {
    #[new]
    fn py_new(patterns: Vec<Pattern>) -> PyResult<Self> {
        Matchers::new(patterns.iter().map(|p| &p.0))
            .map(PatternSet)
            .map_err(wrong)
    }

    /// Numbers of the patterns that match the whole of the data.
    fn exact(&self, data: &[u8]) -> Vec<usize> {
        self.0.exact(data)
    }

    /// Numbers of the patterns that match any part of the data.
    fn embedded(&self, data: &[u8]) -> Vec<usize> {
        self.0.embedded(data)
    }
}

/// Adds the classes to the module.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<Pattern>()?;
    m.add_class::<PatternSet>()
}
