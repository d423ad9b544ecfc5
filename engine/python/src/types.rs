//! What the bound program brings for conversion: its record classes, enum values and containers.

use std::net::IpAddr;

use bro_events::{RecordDef, Transport};
use hashbrown::HashMap;
use pyo3::exceptions::{PyKeyError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};

use crate::netvalues::{Addr, Port};

/// Places in the cache of addresses, and in that of ports; a power of two.
const CACHED: usize = 1024;

/// What conversion needs of a program.
pub struct Types {
    program: Py<PyAny>,
    table: Py<PyAny>,
    set: Py<PyAny>,
    records: HashMap<usize, Py<PyAny>>,
    /// The class of `conn_id_ctx`, and the one object there is of it while it has no fields
    conn_ctx: Option<(Py<PyAny>, Option<Py<PyAny>>)>,
    /// By place and length of the name, which is a constant of the engine.
    enums: HashMap<(usize, usize), Py<PyAny>>,
    /// Objects of addresses, ports and link-layer addresses made lately.  Traffic repeats them, and a look here is cheaper than making one.
    addrs: Vec<Option<(IpAddr, Py<PyAny>)>>,
    ports: Vec<Option<(u16, Transport, Py<PyAny>)>>,
    macs: Vec<Option<([u8; 6], Py<PyAny>)>>,
}

/// The place of a number in a cache.
fn place(number: u64) -> usize {
    // Fibonacci hashing: the high bits of the product depend on all bits of the number.
    (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 54) as usize % CACHED
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
            conn_ctx: None,
            enums: HashMap::new(),
            addrs: std::iter::repeat_with(|| None).take(CACHED).collect(),
            ports: std::iter::repeat_with(|| None).take(CACHED).collect(),
            macs: std::iter::repeat_with(|| None).take(CACHED).collect(),
        })
    }

    /// A new empty table.
    pub fn new_table(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        self.table.call0(py)
    }

    /// A new empty set.
    pub fn new_set(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        self.set.call0(py)
    }

    /// The object of an address.
    pub fn addr(&mut self, py: Python<'_>, addr: IpAddr) -> PyResult<Py<PyAny>> {
        let number = match addr {
            IpAddr::V4(v4) => u64::from(u32::from(v4)),
            IpAddr::V6(v6) => {
                let bits = u128::from(v6);
                (bits ^ (bits >> 64)) as u64
            }
        };
        let slot = &mut self.addrs[place(number)];
        if let Some((known, object)) = slot {
            if *known == addr {
                return Ok(object.clone_ref(py));
            }
        }
        let object = Bound::new(py, Addr(addr))?.into_any().unbind();
        *slot = Some((addr, object.clone_ref(py)));
        Ok(object)
    }

    /// The object of a port.
    pub fn port(&mut self, py: Python<'_>, number: u16, transport: Transport) -> PyResult<Py<PyAny>> {
        let slot = &mut self.ports[place(u64::from(number) << 2 | transport as u64)];
        if let Some((known, of, object)) = slot {
            if *known == number && *of == transport {
                return Ok(object.clone_ref(py));
            }
        }
        let object = Bound::new(py, Port { transport, number })?.into_any().unbind();
        *slot = Some((number, transport, object.clone_ref(py)));
        Ok(object)
    }

    /// A link-layer address as text, such as `02:00:5e:10:00:01`.
    pub fn mac(&mut self, py: Python<'_>, addr: [u8; 6]) -> Py<PyAny> {
        let [a, b, c, d, e, f] = addr;
        let slot = &mut self.macs[place(u64::from_be_bytes([0, 0, a, b, c, d, e, f]))];
        if let Some((known, object)) = slot {
            if *known == addr {
                return object.clone_ref(py);
            }
        }
        let text = format!("{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}");
        let object = PyBytes::new(py, text.as_bytes()).into_any().unbind();
        *slot = Some((addr, object.clone_ref(py)));
        object
    }

    /// A record of this shape; `fields` are its leading fields.
    pub fn record(
        &mut self,
        py: Python<'_>,
        def: &'static RecordDef,
        fields: Vec<Py<PyAny>>,
    ) -> PyResult<Py<PyAny>> {
        let key = std::ptr::from_ref(def) as usize;
        if !self.records.contains_key(&key) {
            let class = self.class(py, def)?;
            self.records.insert(key, class);
        }
        self.records[&key].call1(py, PyTuple::new(py, fields)?)
    }

    /// A `conn_id_ctx` as it is by default.
    pub fn conn_ctx(&mut self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        if self.conn_ctx.is_none() {
            let class = self
                .program
                .bind(py)
                .call_method1("record_class", ("conn_id_ctx",))?;
            if class.is_none() {
                return Ok(py.None());
            }
            // Without fields nothing can be written to it, so that nobody can tell whether it is shared.
            let shared = if class.getattr("_fields")?.len()? == 0 {
                Some(class.call0()?.unbind())
            } else {
                None
            };
            self.conn_ctx = Some((class.unbind(), shared));
        }
        match &self.conn_ctx {
            Some((_, Some(shared))) => Ok(shared.clone_ref(py)),
            Some((class, None)) => class.call0(py),
            None => Ok(py.None()),
        }
    }

    /// The class of a shape, if the scripts declare the fields that the engine sets.
    fn class(&self, py: Python<'_>, def: &'static RecordDef) -> PyResult<Py<PyAny>> {
        let class = self.program.bind(py).call_method1("record_class", (def.name,))?;
        if class.is_none() {
            return Err(PyKeyError::new_err(format!(
                "the scripts do not declare the record type {}",
                def.name
            )));
        }
        let declared: Vec<String> = class.getattr("_fields")?.extract()?;
        let agrees =
            declared.len() >= def.fields.len() && def.fields.iter().zip(&declared).all(|(a, b)| a == b);
        if !agrees {
            return Err(PyTypeError::new_err(format!(
                "record {}: the engine sets the fields {:?}, the scripts declare {:?}",
                def.name, def.fields, declared
            )));
        }
        Ok(class.unbind())
    }

    /// The object of an enum value.
    pub fn enum_value(&mut self, py: Python<'_>, name: &'static str) -> PyResult<Py<PyAny>> {
        let key = (name.as_ptr() as usize, name.len());
        if let Some(known) = self.enums.get(&key) {
            return Ok(known.clone_ref(py));
        }
        let value = self.program.bind(py).call_method1("enum_value", (name,))?;
        if value.is_none() {
            return Err(PyKeyError::new_err(format!(
                "the scripts do not declare the enum value {name}"
            )));
        }
        let value = value.unbind();
        self.enums.insert(key, value.clone_ref(py));
        Ok(value)
    }
}
