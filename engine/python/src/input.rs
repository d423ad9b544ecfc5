//! Opens what packets come from and go to.

use std::path::{Path, PathBuf};

use bro_capture::{
    merge, CaptureError, CaptureFile, DumpOptions, Dumper, FilterError, FilteredSource, LiveOptions,
    LiveSource, PacketSource,
};
use pyo3::create_exception;
use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;

use crate::plugins::PythonSource;

create_exception!(
    bro._engine,
    OutputError,
    PyOSError,
    "A capture that cannot be written."
);

/// Where packets come from and go to.
#[derive(Default)]
pub struct Input {
    /// All captures or interfaces as one; none where only scripts run
    pub source: Option<Box<dyn PacketSource>>,
    /// The capture that processed packets are written to
    pub dumper: Option<Dumper>,
}

/// Opens captures (`-r`), interfaces (`-i`) and sources of plugins, with a filter, and the capture to write.
pub fn open(
    read: &[PathBuf],
    interfaces: &[String],
    further: Vec<PythonSource>,
    filter: Option<&str>,
    write: Option<&Path>,
) -> PyResult<Input> {
    let mut sources: Vec<Box<dyn PacketSource>> = Vec::new();
    for path in read {
        let file = CaptureFile::open(path).map_err(os_error)?;
        sources.push(match filter {
            Some(expression) => Box::new(FilteredSource::new(file, expression).map_err(filter_error)?),
            None => Box::new(file),
        });
    }
    for interface in interfaces {
        // The kernel runs the filter.
        let options = LiveOptions {
            filter: filter.map(str::to_owned),
            ..LiveOptions::default()
        };
        sources.push(Box::new(LiveSource::open(interface, &options).map_err(os_error)?));
    }
    for source in further {
        sources.push(match filter {
            Some(expression) => Box::new(FilteredSource::new(source, expression).map_err(filter_error)?),
            None => Box::new(source),
        });
    }
    let source = (!sources.is_empty()).then(|| merge(sources));
    let dumper = match (write, &source) {
        (Some(path), Some(source)) => {
            let options = DumpOptions {
                resolution: source.resolution(),
                ..DumpOptions::default()
            };
            let dumper = Dumper::create(path, options);
            Some(dumper.map_err(|error| OutputError::new_err(error.to_string()))?)
        }
        _ => None,
    };
    Ok(Input { source, dumper })
}

fn os_error(error: CaptureError) -> PyErr {
    match error {
        CaptureError::Filter(error) => filter_error(error),
        error => PyOSError::new_err(error.to_string()),
    }
}

fn filter_error(error: FilterError) -> PyErr {
    PyValueError::new_err(error.to_string())
}
