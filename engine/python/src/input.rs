//! Opens what packets come from and go to.

use bro_capture::{merge, CaptureError, CaptureFile, DumpOptions, Dumper, FilterError, FilteredSource, LiveOptions, LiveSource, PacketSource};
use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;

/// Where packets come from and go to.
#[derive(Default)]
pub struct Input {
    /// All captures or interfaces as one; none where only scripts run
    pub source: Option<Box<dyn PacketSource>>,
    /// The capture that processed packets are written to
    pub dumper: Option<Dumper>,
}

/// Opens captures (`-r`) or interfaces (`-i`), with a filter, and the capture to write.
pub fn open(read: &[String], interfaces: &[String], filter: Option<&str>, write: Option<&str>) -> PyResult<Input> {
    let mut sources: Vec<Box<dyn PacketSource>> = Vec::new();
    for path in read {
        sources.push(Box::new(CaptureFile::open(path).map_err(os_error)?));
    }
    for interface in interfaces {
        sources.push(Box::new(LiveSource::open(interface, LiveOptions::default()).map_err(os_error)?));
    }
    let mut source = match sources.len() {
        0 => None,
        1 => sources.pop(),
        _ => Some(merge(sources)),
    };
    if let Some(expression) = filter {
        source = match source {
            Some(inner) => Some(Box::new(FilteredSource::new(inner, expression).map_err(filter_error)?)),
            None => return Err(PyValueError::new_err("a filter (-f) needs packets: -r FILE or -i IFACE")),
        };
    }
    let dumper = match write {
        Some(path) => Some(Dumper::create(path, DumpOptions::default()).map_err(os_error)?),
        None => None,
    };
    Ok(Input { source, dumper })
}

fn os_error(error: CaptureError) -> PyErr {
    PyOSError::new_err(error.to_string())
}

fn filter_error(error: FilterError) -> PyErr {
    PyValueError::new_err(error.to_string())
}
