//! The `connection` and `fa_file` records that scripts see: made when the first event about the thing fires, kept while
//! it lives, and changed only where its state changed.

use bro_events::weird::CONN_ID;
use bro_events::{records, ConnId, ConnSnapshot, EndpointSnapshot, FileId, FileSnapshot, FlowId, Transport, Value};
use hashbrown::HashMap;
use pyo3::exceptions::PyRuntimeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};

use crate::convert::{simple, Types};
use crate::netvalues::{Addr, Port};

records! {
    /// A connection.
    CONNECTION = "connection" {
        id, orig, resp, start_time, duration, service, history, uid, tunnel, vlan, inner_vlan
    };
    /// One side.
    ENDPOINT = "endpoint" { size, state, num_pkts, num_bytes_ip, flow_label, l2_addr };
    /// A layer of encapsulation.
    ENCAPSULATING_CONN = "Tunnel::EncapsulatingConn" { cid, tunnel_type, uid };
    /// A file.
    FA_FILE = "fa_file" {
        id, parent_id, source, is_orig, conns, last_active, seen_bytes, total_bytes, missing_bytes,
        overflow_bytes, timeout_interval, bof_buffer_size, bof_buffer
    };
}

/// A connection as scripts see it, and what was last written there.
struct Conn {
    record: Py<PyAny>,
    id: Py<PyAny>,
    orig: Py<PyAny>,
    resp: Py<PyAny>,
    written: ConnSnapshot,
}

struct File {
    record: Py<PyAny>,
    written: FileSnapshot,
}

/// All records that scripts hold of living connections and files.
#[derive(Default)]
pub struct Records {
    types: Option<Types>,
    conns: HashMap<ConnId, Conn>,
    files: HashMap<FileId, File>,
    by_uid: HashMap<std::sync::Arc<str>, ConnId>,
    by_flow: HashMap<FlowId, ConnId>,
    by_fuid: HashMap<std::sync::Arc<str>, FileId>,
}

fn py_any<'py, T>(py: Python<'py>, value: T) -> PyResult<Py<PyAny>>
where
    T: IntoPyObject<'py>,
    PyErr: From<T::Error>,
{
    Ok(value.into_pyobject(py)?.into_any().unbind())
}

fn bytes(py: Python<'_>, text: &[u8]) -> Py<PyAny> {
    PyBytes::new(py, text).into_any().unbind()
}

fn mac(py: Python<'_>, addr: Option<[u8; 6]>) -> Py<PyAny> {
    match addr {
        Some([a, b, c, d, e, f]) => {
            bytes(py, format!("{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}").as_bytes())
        }
        None => py.None(),
    }
}

fn port(py: Python<'_>, number: u16, transport: Transport) -> PyResult<Py<PyAny>> {
    Ok(Bound::new(py, Port { transport, number })?.into_any().unbind())
}

fn addr(py: Python<'_>, addr: std::net::IpAddr) -> PyResult<Py<PyAny>> {
    Ok(Bound::new(py, Addr(addr))?.into_any().unbind())
}

/// The record `conn_id` of a flow.
pub fn conn_id<'py>(py: Python<'py>, types: &mut Types, id: &bro_events::FlowId) -> PyResult<Bound<'py, PyAny>> {
    let fields = [
        addr(py, id.orig_h)?,
        port(py, id.orig_p, id.transport)?,
        addr(py, id.resp_h)?,
        port(py, id.resp_p, id.transport)?,
        py_any(py, id.ip_proto)?,
    ];
    types.record(py, &CONN_ID, &fields)
}

fn endpoint(py: Python<'_>, types: &mut Types, e: &EndpointSnapshot) -> PyResult<Py<PyAny>> {
    let fields = [
        py_any(py, e.size)?,
        py_any(py, e.state)?,
        py_any(py, e.num_pkts)?,
        py_any(py, e.num_bytes_ip)?,
        py_any(py, e.flow_label)?,
        mac(py, e.l2_addr),
    ];
    Ok(types.record(py, &ENDPOINT, &fields)?.unbind())
}

fn update_endpoint(py: Python<'_>, record: &Py<PyAny>, new: &EndpointSnapshot, old: &EndpointSnapshot) -> PyResult<()> {
    let record = record.bind(py);
    if new.size != old.size {
        record.setattr(intern!(py, "size"), new.size)?;
    }
    if new.state != old.state {
        record.setattr(intern!(py, "state"), new.state)?;
    }
    if new.num_pkts != old.num_pkts {
        record.setattr(intern!(py, "num_pkts"), new.num_pkts)?;
    }
    if new.num_bytes_ip != old.num_bytes_ip {
        record.setattr(intern!(py, "num_bytes_ip"), new.num_bytes_ip)?;
    }
    if new.flow_label != old.flow_label {
        record.setattr(intern!(py, "flow_label"), new.flow_label)?;
    }
    if new.l2_addr != old.l2_addr {
        record.setattr(intern!(py, "l2_addr"), mac(py, new.l2_addr))?;
    }
    Ok(())
}

fn tunnel(py: Python<'_>, types: &mut Types, s: &ConnSnapshot) -> PyResult<Py<PyAny>> {
    let Some(layers) = &s.tunnel else { return Ok(py.None()) };
    let mut list = Vec::with_capacity(layers.len());
    for layer in layers.iter() {
        let cid = conn_id(py, types, &layer.id)?.unbind();
        let kind = types.enum_value(py, layer.tunnel_type)?;
        let fields = [cid, kind, bytes(py, layer.uid.as_bytes())];
        list.push(types.record(py, &ENCAPSULATING_CONN, &fields)?.unbind());
    }
    py_any(py, list)
}

/// Types are bound before the first event.
fn bound(types: &mut Option<Types>) -> PyResult<&mut Types> {
    types.as_mut().ok_or_else(|| PyRuntimeError::new_err("no program is bound to the engine"))
}

impl Records {
    /// Takes the types of a program.
    pub fn bind(&mut self, types: Types) {
        self.types = Some(types);
    }

    /// The arguments of an event as Python values.
    pub fn arguments<'py>(&mut self, py: Python<'py>, args: &[Value]) -> PyResult<Bound<'py, PyTuple>> {
        let mut values = Vec::with_capacity(args.len());
        for arg in args {
            values.push(self.to_python(py, arg)?);
        }
        PyTuple::new(py, values)
    }

    fn to_python(&mut self, py: Python<'_>, value: &Value) -> PyResult<Py<PyAny>> {
        let missing = |what: &str| PyRuntimeError::new_err(format!("an event carries a {what} never handed over"));
        match value {
            Value::Conn(conn) => {
                self.conn(*conn).map(|r| r.clone_ref(py)).ok_or_else(|| missing("connection"))
            }
            Value::File(file) => self.file(*file).map(|r| r.clone_ref(py)).ok_or_else(|| missing("file")),
            Value::Enum(name) => bound(&mut self.types)?.enum_value(py, name),
            Value::Record(def, fields) => {
                let fields = fields.iter().map(|v| self.to_python(py, v)).collect::<PyResult<Vec<_>>>()?;
                Ok(bound(&mut self.types)?.record(py, def, &fields)?.unbind())
            }
            Value::Vector(items) => {
                let items = items.iter().map(|v| self.to_python(py, v)).collect::<PyResult<Vec<_>>>()?;
                py_any(py, items)
            }
            Value::Set(items) => {
                let set = bound(&mut self.types)?.new_set(py)?;
                for item in items {
                    set.set_item(self.key_to_python(py, item)?, true)?;
                }
                Ok(set.unbind())
            }
            Value::Table(items) => {
                let table = bound(&mut self.types)?.new_table(py)?;
                for (key, value) in items {
                    table.set_item(self.key_to_python(py, key)?, self.to_python(py, value)?)?;
                }
                Ok(table.unbind())
            }
            simple_value => match simple(py, simple_value) {
                Some(value) => Ok(value.unbind()),
                None => Err(PyRuntimeError::new_err("a value without a Python form")),
            },
        }
    }

    fn key_to_python(&mut self, py: Python<'_>, key: &Value) -> PyResult<Py<PyAny>> {
        let Value::Vector(parts) = key else { return self.to_python(py, key) };
        Ok(self.arguments(py, parts)?.into_any().unbind())
    }

    /// The record of a connection, if scripts have seen it.
    pub fn conn(&self, id: ConnId) -> Option<&Py<PyAny>> {
        self.conns.get(&id).map(|c| &c.record)
    }

    /// The record of a file, if scripts have seen it.
    pub fn file(&self, id: FileId) -> Option<&Py<PyAny>> {
        self.files.get(&id).map(|f| &f.record)
    }

    /// The living connection of a unique id.
    pub fn conn_of_uid(&self, uid: &str) -> Option<ConnId> {
        self.by_uid.get(uid).copied()
    }

    /// The living connection of these endpoints.
    pub fn conn_of_flow(&self, flow: &FlowId) -> Option<ConnId> {
        self.by_flow.get(flow).copied()
    }

    /// The living file of a unique id.
    pub fn file_of_fuid(&self, fuid: &str) -> Option<FileId> {
        self.by_fuid.get(fuid).copied()
    }

    /// Writes a connection's changed state, making its record if there is none.
    pub fn update_conn(&mut self, py: Python<'_>, new: ConnSnapshot) -> PyResult<()> {
        let types = bound(&mut self.types)?;
        let Some(conn) = self.conns.get_mut(&new.conn) else {
            return self.make_conn(py, new);
        };
        let record = conn.record.bind(py);
        if new.id != conn.written.id {
            let old = conn.id.bind(py);
            let fresh = conn_id(py, types, &new.id)?;
            for name in CONN_ID.fields {
                old.setattr(*name, fresh.getattr(*name)?)?;
            }
            self.by_flow.remove(&conn.written.id);
            self.by_flow.insert(new.id, new.conn);
        }
        update_endpoint(py, &conn.orig, &new.orig, &conn.written.orig)?;
        update_endpoint(py, &conn.resp, &new.resp, &conn.written.resp)?;
        if new.duration != conn.written.duration {
            record.setattr(intern!(py, "duration"), new.duration)?;
        }
        if new.start_time != conn.written.start_time {
            record.setattr(intern!(py, "start_time"), new.start_time)?;
        }
        if new.history != conn.written.history {
            record.setattr(intern!(py, "history"), bytes(py, new.history.as_bytes()))?;
        }
        if new.tunnel != conn.written.tunnel {
            record.setattr(intern!(py, "tunnel"), tunnel(py, types, &new)?)?;
        }
        if new.vlan != conn.written.vlan {
            record.setattr(intern!(py, "vlan"), new.vlan)?;
        }
        if new.inner_vlan != conn.written.inner_vlan {
            record.setattr(intern!(py, "inner_vlan"), new.inner_vlan)?;
        }
        conn.written = new;
        Ok(())
    }

    fn make_conn(&mut self, py: Python<'_>, new: ConnSnapshot) -> PyResult<()> {
        let types = bound(&mut self.types)?;
        let id = conn_id(py, types, &new.id)?.unbind();
        let orig = endpoint(py, types, &new.orig)?;
        let resp = endpoint(py, types, &new.resp)?;
        let fields = [
            id.clone_ref(py),
            orig.clone_ref(py),
            resp.clone_ref(py),
            py_any(py, new.start_time)?,
            py_any(py, new.duration)?,
            types.new_set(py)?.unbind(),
            bytes(py, new.history.as_bytes()),
            bytes(py, new.uid.as_bytes()),
            tunnel(py, types, &new)?,
            py_any(py, new.vlan)?,
            py_any(py, new.inner_vlan)?,
        ];
        let record = types.record(py, &CONNECTION, &fields)?.unbind();
        self.by_uid.insert(new.uid.clone(), new.conn);
        self.by_flow.insert(new.id, new.conn);
        self.conns.insert(new.conn, Conn { record, id, orig, resp, written: new });
        Ok(())
    }

    /// Forgets a connection; scripts may keep its record.
    pub fn conn_gone(&mut self, id: ConnId) {
        if let Some(conn) = self.conns.remove(&id) {
            self.by_uid.remove(&conn.written.uid);
            if self.by_flow.get(&conn.written.id) == Some(&id) {
                self.by_flow.remove(&conn.written.id);
            }
        }
    }

    /// Writes a file's changed state, making its record if there is none.
    pub fn update_file(&mut self, py: Python<'_>, new: FileSnapshot) -> PyResult<()> {
        let Some(file) = self.files.get_mut(&new.file) else {
            return self.make_file(py, new);
        };
        let (record, old) = (file.record.bind(py), &file.written);
        if new.last_active != old.last_active {
            record.setattr(intern!(py, "last_active"), new.last_active)?;
        }
        if new.seen_bytes != old.seen_bytes {
            record.setattr(intern!(py, "seen_bytes"), new.seen_bytes)?;
        }
        if new.total_bytes != old.total_bytes {
            record.setattr(intern!(py, "total_bytes"), new.total_bytes)?;
        }
        if new.missing_bytes != old.missing_bytes {
            record.setattr(intern!(py, "missing_bytes"), new.missing_bytes)?;
        }
        if new.overflow_bytes != old.overflow_bytes {
            record.setattr(intern!(py, "overflow_bytes"), new.overflow_bytes)?;
        }
        if new.timeout_interval != old.timeout_interval {
            record.setattr(intern!(py, "timeout_interval"), new.timeout_interval)?;
        }
        if new.bof_buffer != old.bof_buffer {
            record.setattr(intern!(py, "bof_buffer"), new.bof_buffer.as_deref().map(|b| bytes(py, b)))?;
        }
        file.written = new;
        Ok(())
    }

    fn make_file(&mut self, py: Python<'_>, new: FileSnapshot) -> PyResult<()> {
        let types = bound(&mut self.types)?;
        let fields = [
            bytes(py, new.fuid.as_bytes()),
            py_any(py, new.parent_fuid.as_deref().map(|p| bytes(py, p.as_bytes())))?,
            bytes(py, new.source.as_bytes()),
            py_any(py, new.is_orig)?,
            types.new_table(py)?.unbind(),
            py_any(py, new.last_active)?,
            py_any(py, new.seen_bytes)?,
            py_any(py, new.total_bytes)?,
            py_any(py, new.missing_bytes)?,
            py_any(py, new.overflow_bytes)?,
            py_any(py, new.timeout_interval)?,
            py_any(py, new.bof_buffer_size)?,
            py_any(py, new.bof_buffer.as_deref().map(|b| bytes(py, b)))?,
        ];
        let record = types.record(py, &FA_FILE, &fields)?.unbind();
        self.by_fuid.insert(new.fuid.clone(), new.file);
        self.files.insert(new.file, File { record, written: new });
        Ok(())
    }

    /// Puts a connection into a file's table of connections.
    pub fn file_conn(&mut self, py: Python<'_>, file: FileId, conn: ConnId) -> PyResult<()> {
        let (Some(file), Some(conn)) = (self.files.get(&file), self.conns.get(&conn)) else { return Ok(()) };
        let conns = file.record.bind(py).getattr(intern!(py, "conns"))?;
        conns.set_item(conn.id.bind(py), conn.record.bind(py))
    }

    /// Forgets a file; scripts may keep its record.
    pub fn file_gone(&mut self, id: FileId) {
        if let Some(file) = self.files.remove(&id) {
            self.by_fuid.remove(&file.written.fuid);
        }
    }
}
