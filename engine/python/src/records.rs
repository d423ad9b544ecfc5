//! The `connection` and `fa_file` records that scripts see: made when the first event about the thing fires, kept while
//! it lives, and changed only where its state changed.

use std::sync::Arc;

use bro_events::weird::CONN_ID;
use bro_events::{records, ConnId, ConnSnapshot, EndpointSnapshot, FileId, FileSnapshot, FlowId, Value};
use bro_session::flow::scope_of;
use hashbrown::HashMap;
use pyo3::exceptions::PyRuntimeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyFloat, PyString, PyTuple};
use pyo3::IntoPyObjectExt;

use crate::netvalues::Subnet;
use crate::types::Types;

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

/// Files that scripts have seen: now, at most, ever.
#[derive(Clone, Copy, Debug, Default)]
pub struct FileCounts {
    /// Now
    pub current: u64,
    /// The most at once
    pub most: u64,
    /// Ever
    pub cumulative: u64,
}

/// All records that scripts hold of living connections and files.
#[derive(Default)]
pub struct Records {
    types: Option<Types>,
    conns: HashMap<ConnId, Box<Conn>>,
    files: HashMap<FileId, Box<File>>,
    /// By endpoints, and VLANs where these set flows apart; kept from the first question on
    by_flow: Option<HashMap<(FlowId, u32), ConnId>>,
    /// Flows in different VLANs are different flows.
    keys_by_vlan: bool,
    by_fuid: HashMap<Arc<str>, FileId>,
    file_counts: FileCounts,
}

/// A number, or whatever else Python makes of a Rust value.
fn py_any<'py, T>(py: Python<'py>, value: T) -> PyResult<Py<PyAny>>
where
    T: IntoPyObject<'py>,
{
    value.into_py_any(py)
}

fn bytes(py: Python<'_>, text: &[u8]) -> Py<PyAny> {
    PyBytes::new(py, text).into_any().unbind()
}

fn mac(py: Python<'_>, types: &mut Types, addr: Option<[u8; 6]>) -> Py<PyAny> {
    match addr {
        Some(addr) => types.mac(py, addr),
        None => py.None(),
    }
}

/// What connections are found by: their endpoints, and VLANs where these set flows apart.
fn flow_key(by_vlan: bool, conn: &ConnSnapshot) -> (FlowId, u32) {
    let scope = if by_vlan {
        scope_of(conn.vlan, conn.inner_vlan)
    } else {
        0
    };
    (conn.id, scope)
}

/// The record `conn_id` of a flow, with what sets it apart from others of the same endpoints.
fn conn_id(py: Python<'_>, types: &mut Types, id: &FlowId, ctx: Py<PyAny>) -> PyResult<Py<PyAny>> {
    let fields = vec![
        types.addr(py, id.orig_h)?,
        types.port(py, id.orig_p, id.transport)?,
        types.addr(py, id.resp_h)?,
        types.port(py, id.resp_p, id.transport)?,
        py_any(py, id.ip_proto)?,
        ctx,
    ];
    types.record(py, &CONN_ID, fields)
}

fn endpoint(py: Python<'_>, types: &mut Types, e: &EndpointSnapshot) -> PyResult<Py<PyAny>> {
    let fields = vec![
        py_any(py, e.size)?,
        py_any(py, e.state)?,
        py_any(py, e.num_pkts)?,
        py_any(py, e.num_bytes_ip)?,
        py_any(py, e.flow_label)?,
        mac(py, types, e.l2_addr),
    ];
    types.record(py, &ENDPOINT, fields)
}

/// Writes a field if it is another than before.
fn write<'py, T>(record: &Bound<'py, PyAny>, name: &Bound<'py, PyString>, new: &T, old: &T) -> PyResult<()>
where
    T: PartialEq + Clone + IntoPyObject<'py>,
{
    if new == old {
        return Ok(());
    }
    record.setattr(name, new.clone())
}

fn update_endpoint(
    py: Python<'_>,
    types: &mut Types,
    record: &Py<PyAny>,
    new: &EndpointSnapshot,
    old: &EndpointSnapshot,
) -> PyResult<()> {
    if new == old {
        return Ok(());
    }
    let record = record.bind(py);
    write(record, intern!(py, "size"), &new.size, &old.size)?;
    write(record, intern!(py, "state"), &new.state, &old.state)?;
    write(record, intern!(py, "num_pkts"), &new.num_pkts, &old.num_pkts)?;
    write(
        record,
        intern!(py, "num_bytes_ip"),
        &new.num_bytes_ip,
        &old.num_bytes_ip,
    )?;
    write(
        record,
        intern!(py, "flow_label"),
        &new.flow_label,
        &old.flow_label,
    )?;
    if new.l2_addr != old.l2_addr {
        record.setattr(intern!(py, "l2_addr"), mac(py, types, new.l2_addr))?;
    }
    Ok(())
}

fn tunnel(py: Python<'_>, types: &mut Types, s: &ConnSnapshot) -> PyResult<Py<PyAny>> {
    let Some(layers) = &s.tunnel else {
        return Ok(py.None());
    };
    let mut list = Vec::with_capacity(layers.len());
    for layer in layers.iter() {
        let ctx = types.conn_ctx(py)?;
        let cid = conn_id(py, types, &layer.id, ctx)?;
        let kind = types.enum_value(py, layer.tunnel_type)?;
        list.push(types.record(
            py,
            &ENCAPSULATING_CONN,
            vec![cid, kind, bytes(py, layer.uid.as_bytes())],
        )?);
    }
    py_any(py, list)
}

/// Types are bound before the first event.
fn bound(types: &mut Option<Types>) -> PyResult<&mut Types> {
    types
        .as_mut()
        .ok_or_else(|| PyRuntimeError::new_err("no program is bound to the engine"))
}

impl Records {
    /// Takes the types of a program.
    pub fn bind(&mut self, types: Types) {
        self.types = Some(types);
    }

    /// The arguments of an event as Python values.
    pub fn arguments<'py>(&mut self, py: Python<'py>, args: &[Value]) -> PyResult<Bound<'py, PyTuple>> {
        let values = args
            .iter()
            .map(|arg| self.value(py, arg))
            .collect::<PyResult<Vec<_>>>()?;
        PyTuple::new(py, values)
    }

    /// A value as Python has it.
    pub fn value(&mut self, py: Python<'_>, value: &Value) -> PyResult<Py<PyAny>> {
        let missing =
            |what: &str| PyRuntimeError::new_err(format!("an event carries a {what} never handed over"));
        Ok(match value {
            Value::Conn(conn) => match self.conns.get(conn) {
                Some(conn) => conn.record.clone_ref(py),
                None => return Err(missing("connection")),
            },
            Value::File(file) => match self.files.get(file) {
                Some(file) => file.record.clone_ref(py),
                None => return Err(missing("file")),
            },
            Value::Unset => py.None(),
            Value::Bool(b) => PyBool::new(py, *b).to_owned().into_any().unbind(),
            Value::Count(n) => py_any(py, *n)?,
            Value::Int(n) => py_any(py, *n)?,
            Value::Double(x) | Value::Time(x) | Value::Interval(x) => {
                PyFloat::new(py, *x).into_any().unbind()
            }
            Value::Str(s) => bytes(py, s),
            Value::Text(s) => bytes(py, s.as_bytes()),
            Value::Addr(a) => bound(&mut self.types)?.addr(py, *a)?,
            Value::Subnet(addr, width) => Bound::new(
                py,
                Subnet {
                    addr: *addr,
                    width: *width,
                },
            )?
            .into_any()
            .unbind(),
            Value::Port(number, transport) => bound(&mut self.types)?.port(py, *number, *transport)?,
            Value::Enum(name) => bound(&mut self.types)?.enum_value(py, name)?,
            Value::Record(def, fields) => {
                let fields = fields
                    .iter()
                    .map(|v| self.value(py, v))
                    .collect::<PyResult<Vec<_>>>()?;
                bound(&mut self.types)?.record(py, def, fields)?
            }
            Value::Vector(items) => {
                let items = items
                    .iter()
                    .map(|v| self.value(py, v))
                    .collect::<PyResult<Vec<_>>>()?;
                py_any(py, items)?
            }
            Value::Set(items) => {
                let set = bound(&mut self.types)?.new_set(py)?;
                for item in items {
                    set.bind(py).set_item(self.index(py, item)?, true)?;
                }
                set
            }
            Value::Table(items) => {
                let table = bound(&mut self.types)?.new_table(py)?;
                for (key, value) in items {
                    table
                        .bind(py)
                        .set_item(self.index(py, key)?, self.value(py, value)?)?;
                }
                table
            }
        })
    }

    /// An index of several parts is a tuple.
    fn index(&mut self, py: Python<'_>, key: &Value) -> PyResult<Py<PyAny>> {
        let Value::Vector(parts) = key else {
            return self.value(py, key);
        };
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

    /// The living connection of these endpoints, if scripts have seen it.
    pub fn conn_of_flow(&mut self, flow: &FlowId, scope: u32) -> Option<ConnId> {
        let (conns, by_vlan) = (&self.conns, self.keys_by_vlan);
        let by_flow = self.by_flow.get_or_insert_with(|| {
            let keys = conns
                .iter()
                .map(|(id, conn)| (flow_key(by_vlan, &conn.written), *id));
            keys.collect()
        });
        by_flow.get(&(*flow, scope)).copied()
    }

    /// Takes flows in different VLANs for different flows, and writes that into their records.
    pub fn key_by_vlan(&mut self) {
        self.keys_by_vlan = true;
    }

    /// The living file of a unique id.
    pub fn file_of_fuid(&self, fuid: &str) -> Option<FileId> {
        self.by_fuid.get(fuid).copied()
    }

    /// How many files there are, were at most, and have been.
    pub fn file_counts(&self) -> FileCounts {
        self.file_counts
    }

    /// Writes a connection's changed state, making its record if there is none.
    pub fn update_conn(&mut self, py: Python<'_>, new: ConnSnapshot) -> PyResult<()> {
        let types = bound(&mut self.types)?;
        let Some(conn) = self.conns.get_mut(&new.conn) else {
            return self.make_conn(py, new);
        };
        let (record, old) = (conn.record.bind(py), &conn.written);
        if new.id != old.id {
            let (kept, fresh) = (conn.id.bind(py), conn_id(py, types, &new.id, py.None())?);
            for name in CONN_ID.fields {
                kept.setattr(*name, fresh.bind(py).getattr(*name)?)?;
            }
            if let Some(by_flow) = &mut self.by_flow {
                by_flow.remove(&flow_key(self.keys_by_vlan, old));
                by_flow.insert(flow_key(self.keys_by_vlan, &new), new.conn);
            }
        }
        update_endpoint(py, types, &conn.orig, &new.orig, &old.orig)?;
        update_endpoint(py, types, &conn.resp, &new.resp, &old.resp)?;
        write(record, intern!(py, "duration"), &new.duration, &old.duration)?;
        write(
            record,
            intern!(py, "start_time"),
            &new.start_time,
            &old.start_time,
        )?;
        if new.history != old.history {
            record.setattr(intern!(py, "history"), bytes(py, new.history.as_bytes()))?;
        }
        if new.tunnel != old.tunnel {
            record.setattr(intern!(py, "tunnel"), tunnel(py, types, &new)?)?;
        }
        write(record, intern!(py, "vlan"), &new.vlan, &old.vlan)?;
        write(
            record,
            intern!(py, "inner_vlan"),
            &new.inner_vlan,
            &old.inner_vlan,
        )?;
        conn.written = new;
        Ok(())
    }

    fn make_conn(&mut self, py: Python<'_>, new: ConnSnapshot) -> PyResult<()> {
        let types = bound(&mut self.types)?;
        let ctx = types.conn_ctx(py)?;
        if self.keys_by_vlan {
            let ctx = ctx.bind(py);
            ctx.setattr(intern!(py, "vlan"), new.vlan)?;
            ctx.setattr(intern!(py, "inner_vlan"), new.inner_vlan)?;
        }
        let id = conn_id(py, types, &new.id, ctx)?;
        let orig = endpoint(py, types, &new.orig)?;
        let resp = endpoint(py, types, &new.resp)?;
        let fields = vec![
            id.clone_ref(py),
            orig.clone_ref(py),
            resp.clone_ref(py),
            py_any(py, new.start_time)?,
            py_any(py, new.duration)?,
            types.new_set(py)?,
            bytes(py, new.history.as_bytes()),
            bytes(py, new.uid.as_bytes()),
            tunnel(py, types, &new)?,
            py_any(py, new.vlan)?,
            py_any(py, new.inner_vlan)?,
        ];
        let record = types.record(py, &CONNECTION, fields)?;
        if let Some(by_flow) = &mut self.by_flow {
            by_flow.insert(flow_key(self.keys_by_vlan, &new), new.conn);
        }
        let conn = Conn {
            record,
            id,
            orig,
            resp,
            written: new,
        };
        self.conns.insert(conn.written.conn, Box::new(conn));
        Ok(())
    }

    /// Forgets a connection; scripts may keep its record.
    pub fn conn_gone(&mut self, id: ConnId) {
        if let Some(conn) = self.conns.remove(&id) {
            if let Some(by_flow) = &mut self.by_flow {
                let key = flow_key(self.keys_by_vlan, &conn.written);
                if by_flow.get(&key) == Some(&id) {
                    by_flow.remove(&key);
                }
            }
        }
    }

    /// Writes a file's changed state, making its record if there is none.
    pub fn update_file(&mut self, py: Python<'_>, new: FileSnapshot) -> PyResult<()> {
        let Some(file) = self.files.get_mut(&new.file) else {
            return self.make_file(py, new);
        };
        let (record, old) = (file.record.bind(py), &file.written);
        write(
            record,
            intern!(py, "last_active"),
            &new.last_active,
            &old.last_active,
        )?;
        write(
            record,
            intern!(py, "seen_bytes"),
            &new.seen_bytes,
            &old.seen_bytes,
        )?;
        write(
            record,
            intern!(py, "total_bytes"),
            &new.total_bytes,
            &old.total_bytes,
        )?;
        write(
            record,
            intern!(py, "missing_bytes"),
            &new.missing_bytes,
            &old.missing_bytes,
        )?;
        write(
            record,
            intern!(py, "overflow_bytes"),
            &new.overflow_bytes,
            &old.overflow_bytes,
        )?;
        write(
            record,
            intern!(py, "timeout_interval"),
            &new.timeout_interval,
            &old.timeout_interval,
        )?;
        if new.bof_buffer != old.bof_buffer {
            record.setattr(
                intern!(py, "bof_buffer"),
                new.bof_buffer.as_deref().map(|b| bytes(py, b)),
            )?;
        }
        file.written = new;
        Ok(())
    }

    fn make_file(&mut self, py: Python<'_>, new: FileSnapshot) -> PyResult<()> {
        let types = bound(&mut self.types)?;
        let fields = vec![
            bytes(py, new.fuid.as_bytes()),
            py_any(py, new.parent_fuid.as_deref().map(|p| bytes(py, p.as_bytes())))?,
            bytes(py, new.source.as_bytes()),
            py_any(py, new.is_orig)?,
            types.new_table(py)?,
            py_any(py, new.last_active)?,
            py_any(py, new.seen_bytes)?,
            py_any(py, new.total_bytes)?,
            py_any(py, new.missing_bytes)?,
            py_any(py, new.overflow_bytes)?,
            py_any(py, new.timeout_interval)?,
            py_any(py, new.bof_buffer_size)?,
            py_any(py, new.bof_buffer.as_deref().map(|b| bytes(py, b)))?,
        ];
        let record = types.record(py, &FA_FILE, fields)?;
        self.by_fuid.insert(new.fuid.clone(), new.file);
        self.files
            .insert(new.file, Box::new(File { record, written: new }));
        let counts = &mut self.file_counts;
        counts.current += 1;
        counts.cumulative += 1;
        counts.most = counts.most.max(counts.current);
        Ok(())
    }

    /// Puts a connection into a file's table of connections.
    pub fn file_conn(&mut self, py: Python<'_>, file: FileId, conn: ConnId) -> PyResult<()> {
        let (Some(file), Some(conn)) = (self.files.get(&file), self.conns.get(&conn)) else {
            return Ok(());
        };
        let record = file.record.bind(py);
        let conns = record.getattr(intern!(py, "conns"))?;
        if conns.is_none() {
            // Scripts may have taken the table away.
            return Ok(());
        }
        conns.set_item(conn.id.bind(py), conn.record.bind(py))
    }

    /// Forgets a file; scripts may keep its record.
    pub fn file_gone(&mut self, id: FileId) {
        if let Some(file) = self.files.remove(&id) {
            self.by_fuid.remove(&file.written.fuid);
            self.file_counts.current -= 1;
        }
    }
}
