//! A packet source whose packets come from an iterator of Python.

use std::time::Duration;

use bro_capture::{CaptureError, LinkType, Packet, PacketSource, Resolution, Statistics, Step, Timestamp};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyFloat, PyTuple};

/// Bytes of a packet at most; the rest of a longer one is cut off.
const MAX_CAPTURED: usize = bro_capture::MAX_CAPTURED as usize;

/// How long a source that has nothing is left alone, at most.
const NAP: Duration = Duration::from_millis(5);

/// Packets of a Python iterator.  Each item is a tuple: time (seconds as a float, or nanoseconds as an int), bytes, and
/// if need be the length on the wire; None says that there is nothing yet.
pub struct PythonSource {
    name: String,
    link_type: LinkType,
    live: bool,
    /// `None` once it has ended
    packets: Option<Py<PyAny>>,
    ts: Timestamp,
    data: Vec<u8>,
    original_len: u32,
    /// `data` holds a packet
    there: bool,
    statistics: Statistics,
}

impl PythonSource {
    /// A source with this name for messages.
    pub fn new(name: String, link_type: u32, live: bool, packets: Py<PyAny>) -> Self {
        PythonSource {
            name,
            link_type: LinkType(link_type),
            live,
            packets: Some(packets),
            ts: Timestamp::default(),
            data: Vec::new(),
            original_len: 0,
            there: false,
            statistics: Statistics::default(),
        }
    }

    fn next(&mut self, py: Python<'_>) -> PyResult<Step> {
        let Some(packets) = &self.packets else {
            return Ok(Step::End);
        };
        let mut packets = packets.bind(py).try_iter()?;
        let Some(item) = packets.next().transpose()? else {
            self.packets = None;
            return Ok(Step::End);
        };
        if item.is_none() {
            return Ok(Step::Pending);
        }
        let item = item.cast::<PyTuple>().map_err(|_| {
            PyTypeError::new_err("a packet is a tuple of time, bytes, and possibly its length on the wire")
        })?;
        self.ts = timestamp(&item.get_item(0)?)?;
        let data = item.get_item(1)?;
        let bytes = data
            .cast::<PyBytes>()
            .map_err(|_| PyTypeError::new_err("the second item of a packet is its bytes"))?
            .as_bytes();
        self.data.clear();
        self.data
            .extend_from_slice(bytes.get(..MAX_CAPTURED).unwrap_or(bytes));
        let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        self.original_len = if item.len() > 2 {
            item.get_item(2)?.extract()?
        } else {
            len
        };
        Ok(Step::Packet)
    }
}

/// Whole nanoseconds of an int, or of the microseconds of a float: it has room for no more.
fn timestamp(value: &Bound<'_, PyAny>) -> PyResult<Timestamp> {
    let Ok(seconds) = value.cast::<PyFloat>() else {
        return Ok(Timestamp::from_nanos(value.extract()?));
    };
    let micros = (seconds.value() * 1e6).round();
    if !micros.is_finite() || micros.abs() > 9e15 {
        return Err(PyValueError::new_err(format!(
            "{} seconds are no time of a packet",
            seconds.value()
        )));
    }
    Ok(Timestamp::from_nanos(micros as i64 * 1000))
}

impl PacketSource for PythonSource {
    fn advance(&mut self) -> Result<Step, CaptureError> {
        self.there = false;
        match Python::attach(|py| self.next(py)) {
            Ok(step) => {
                if step == Step::Packet {
                    self.there = true;
                    self.statistics.received += 1;
                    self.statistics.bytes += self.data.len() as u64;
                }
                Ok(step)
            }
            Err(error) => {
                self.packets = None;
                let what = Python::attach(|py| {
                    let kind = error.get_type(py).name().map(|name| name.to_string());
                    format!(
                        "the packet source failed: {}: {}",
                        kind.unwrap_or_default(),
                        error.value(py)
                    )
                });
                Err(CaptureError::Unsupported {
                    file: self.name.clone(),
                    what,
                })
            }
        }
    }

    fn packet(&self) -> Option<Packet<'_>> {
        self.there.then(|| {
            let mut packet = Packet::new(self.ts, &self.data, self.link_type);
            packet.original_len = self.original_len;
            packet
        })
    }

    fn wait(&mut self, timeout: Duration) -> Result<(), CaptureError> {
        std::thread::sleep(timeout.min(NAP));
        Ok(())
    }

    fn link_type(&self) -> Option<LinkType> {
        Some(self.link_type)
    }

    fn resolution(&self) -> Resolution {
        Resolution::Nano
    }

    fn is_live(&self) -> bool {
        self.live
    }

    fn statistics(&mut self) -> Statistics {
        self.statistics
    }

    fn name(&self) -> &str {
        &self.name
    }
}
