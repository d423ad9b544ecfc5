//! What scripts can ask of the engine by name (`Engine.command`); the built-in functions are thin calls of these.
//!
//! Requests are put in for the packet loop, which obeys before the next packet.  Questions are answered from the
//! sessions, which are free between packets; while a packet is in them (a file's handlers run then) only connections
//! that scripts have seen are known.

mod analyzers;
mod connections;
mod files;
mod packets;
mod statistics;
mod weirds;

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use bro_events::{Command, ConnId, FlowId, Transport};
use bro_session::flow::scope_of;
use bro_session::{OptionError, Options, Sessions};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};
use pyo3::IntoPyObjectExt;

use crate::convert::option_value;
use crate::netvalues::{Addr, Port, Subnet};
use crate::shared::Shared;

/// The sessions, shared between the packet loop and questions of scripts.
pub type SharedSessions = Arc<Mutex<Sessions>>;

/// The arguments of a command.
struct Args<'a, 'py>(&'a Bound<'py, PyTuple>);

impl<'py> Args<'_, 'py> {
    fn any(&self, index: usize) -> PyResult<Bound<'py, PyAny>> {
        self.0
            .get_item(index)
            .map_err(|_| PyTypeError::new_err(format!("the command lacks argument {}", index + 1)))
    }

    fn get<T>(&self, index: usize) -> PyResult<T>
    where
        T: FromPyObjectOwned<'py>,
    {
        self.any(index)?.extract::<T>().map_err(Into::into)
    }

    /// Text given as bytes or str.
    fn text(&self, index: usize) -> PyResult<String> {
        let value = self.any(index)?;
        match value.cast::<PyBytes>() {
            Ok(bytes) => Ok(String::from_utf8_lossy(bytes.as_bytes()).into_owned()),
            Err(_) => Ok(value.extract()?),
        }
    }

    fn port(&self, index: usize) -> PyResult<Port> {
        Ok(*self.any(index)?.cast::<Port>().map_err(PyErr::from)?.get())
    }

    fn addr(&self, index: usize) -> PyResult<std::net::IpAddr> {
        Ok(self.any(index)?.cast::<Addr>().map_err(PyErr::from)?.get().0)
    }

    /// A network, or an address as one of all its bits.
    fn net(&self, index: usize) -> PyResult<(std::net::IpAddr, u8)> {
        let value = self.any(index)?;
        if let Ok(subnet) = value.cast::<Subnet>() {
            return Ok((subnet.get().addr, subnet.get().width));
        }
        let addr = self.addr(index)?;
        Ok((addr, if addr.is_ipv4() { 32 } else { 128 }))
    }
}

/// What a command works with.
struct Desk<'a> {
    shared: &'a Shared,
    sessions: Option<&'a SharedSessions>,
}

impl Desk<'_> {
    /// Asks the sessions something; `None` while a packet is in them, or before the start.
    fn ask<T>(&self, question: impl FnOnce(&mut Sessions) -> T) -> Option<T> {
        let mut sessions = self.sessions?.try_lock().ok()?;
        Some(question(&mut sessions))
    }

    /// The connection of a record `connection` or `conn_id`.
    fn conn(&self, value: &Bound<'_, PyAny>) -> PyResult<Option<ConnId>> {
        let id = value.getattr("id").unwrap_or_else(|_| value.clone());
        let flow = flow_of(&id)?;
        let scope = if self.shared.keys_by_vlan.load(Ordering::Relaxed) {
            scope_of_id(&id)
        } else {
            0
        };
        if let Some(found) = self.ask(|sessions| sessions.find(&flow, scope)) {
            return Ok(found);
        }
        // A packet is in the sessions, and they cannot be asked.
        Ok(self
            .shared
            .idle_records()
            .and_then(|mut records| records.conn_of_flow(&flow, scope)))
    }

    /// The connection that the first argument names.
    fn first_conn(&self, args: &Args<'_, '_>) -> PyResult<Option<ConnId>> {
        self.conn(&args.any(0)?)
    }

    /// Puts a request in, if there is something to ask it of.
    fn order<T>(&self, what: Option<T>, order: impl FnOnce(T) -> Command) -> bool {
        what.map(|what| self.shared.command(order(what))).is_some()
    }
}

/// The endpoints of a record `conn_id`.
fn flow_of(id: &Bound<'_, PyAny>) -> PyResult<FlowId> {
    let addr = |name: &str| -> PyResult<std::net::IpAddr> {
        Ok(id.getattr(name)?.cast::<Addr>().map_err(PyErr::from)?.get().0)
    };
    let port =
        |name: &str| -> PyResult<Port> { Ok(*id.getattr(name)?.cast::<Port>().map_err(PyErr::from)?.get()) };
    let (orig, resp) = (port("orig_p")?, port("resp_p")?);
    let (orig_h, resp_h) = (addr("orig_h")?, addr("resp_h")?);
    let ip_proto = match orig.transport {
        Transport::Tcp => 6,
        Transport::Udp => 17,
        Transport::Icmp if orig_h.is_ipv6() => 58,
        Transport::Icmp => 1,
        Transport::Unknown => id.getattr("proto").and_then(|p| p.extract::<u8>()).unwrap_or(0),
    };
    Ok(FlowId {
        orig_h,
        orig_p: orig.number,
        resp_h,
        resp_p: resp.number,
        transport: orig.transport,
        ip_proto,
    })
}

/// The VLANs of a record `conn_id`, where these set connections apart.
fn scope_of_id(id: &Bound<'_, PyAny>) -> u32 {
    let vlan = |name: &str| -> Option<u16> { id.getattr("ctx").ok()?.getattr(name).ok()?.extract().ok() };
    scope_of(vlan("vlan"), vlan("inner_vlan"))
}

/// A command that is carried out here; `None` if it is none of this file's.
type Answer = PyResult<Option<Py<PyAny>>>;

/// Carries out a command.
///
/// # Errors
/// ValueError for an unknown command, TypeError for arguments of another type; the built-in functions give neither.
pub fn run(
    py: Python<'_>,
    shared: &Shared,
    sessions: Option<&SharedSessions>,
    name: &str,
    args: &Bound<'_, PyTuple>,
) -> PyResult<Py<PyAny>> {
    let (desk, args) = (Desk { shared, sessions }, Args(args));
    for part in [
        connections::run,
        analyzers::run,
        files::run,
        packets::run,
        weirds::run,
        statistics::run,
        control,
    ] {
        if let Some(answer) = part(py, &desk, name, &args)? {
            return Ok(answer);
        }
    }
    Err(PyValueError::new_err(format!(
        "the engine has no command {name:?}"
    )))
}

/// The course of the run.
fn control(py: Python<'_>, desk: &Desk<'_>, name: &str, args: &Args<'_, '_>) -> Answer {
    let shared = desk.shared;
    let answer = match name {
        "terminate" => {
            shared.stop.store(true, Ordering::Relaxed);
            py.None()
        }
        "is_terminating" => shared.stop.load(Ordering::Relaxed).into_py_any(py)?,
        "suspend_processing" => {
            shared.suspended.fetch_add(1, Ordering::Relaxed);
            py.None()
        }
        "continue_processing" => {
            let less = |n: u64| n.checked_sub(1);
            // Nothing to take back is no error.
            let _ = shared
                .suspended
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
            py.None()
        }
        "is_processing_suspended" => (shared.suspended.load(Ordering::Relaxed) > 0).into_py_any(py)?,
        "set_network_time" => {
            let wanted: f64 = args.get(0)?;
            let forward = wanted.is_finite() && wanted >= shared.now();
            if forward {
                shared.set_now(wanted);
            }
            forward.into_py_any(py)?
        }
        "option_changed" => option_changed(py, desk, &args.text(0)?)?.into_py_any(py)?,
        // Handlers are what events are made for; there are none without.
        "generate_all_events" => py.None(),
        _ => return Ok(None),
    };
    Ok(Some(answer))
}

/// Takes over the value of an option that scripts changed.  False if that is not possible now, because a packet is in the
/// sessions; nothing happens for an option the engine does not read.
fn option_changed(py: Python<'_>, desk: &Desk<'_>, name: &str) -> PyResult<bool> {
    let known = Options::names().contains(&name);
    if !known
        && !bro_analyzers::ALL
            .iter()
            .any(|analyzer| analyzer.options.contains(&name))
    {
        return Ok(true);
    }
    let program = py
        .import("bro.runtime.context")?
        .getattr("current")?
        .getattr("program")?;
    let Some(value) = option_value(&program, name) else {
        return Ok(true);
    };
    let done = desk.ask(|sessions| {
        if !known {
            sessions.analyzer_options().set(name, value);
            return Ok(());
        }
        let mut options = sessions.options().clone();
        options.set(name, &value)?;
        sessions.set_options(options);
        Ok::<(), OptionError>(())
    });
    match done {
        Some(Err(error)) => Err(PyValueError::new_err(error.to_string())),
        Some(Ok(())) => Ok(true),
        None => Ok(false),
    }
}
