//! The packet at hand, its source, and which packets are looked at.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use bro_capture::{FilterSet, LinkType, Packet, Timestamp};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};
use pyo3::IntoPyObjectExt;

use super::{Answer, Args, Desk};
use crate::netvalues::Addr;
use crate::queue::reporter;
use crate::shared::lock;

/// Longest packet that a filter has to work on, as captures have it.
const SNAPLEN: u32 = bro_capture::MAX_CAPTURED;

pub(super) fn run(py: Python<'_>, desk: &Desk<'_>, name: &str, args: &Args<'_, '_>) -> Answer {
    let shared = desk.shared;
    let answer = match name {
        "current_packet" => shown(py, desk, bro_session::packet_value)?,
        "current_packet_header" => shown(py, desk, bro_session::packet_header_value)?,
        "current_packet_time" => lock(&shared.recording)
            .shown
            .packet()
            .map_or(0.0, |packet| packet.ts.seconds())
            .into_py_any(py)?,
        "pppoe_session_id" => lock(&shared.recording)
            .shown
            .packet()
            .and_then(|packet| bro_session::pppoe_session_id(&packet))
            .into_py_any(py)?,
        "tcp_options" => {
            let stop = args.get::<bool>(0)?;
            let options = desk
                .ask(|sessions| sessions.tcp_options(stop))
                .unwrap_or_default();
            let options: Vec<_> = options
                .iter()
                .map(|(kind, data)| (*kind, PyBytes::new(py, data)))
                .collect();
            options.into_py_any(py)?
        }
        "dump_current_packet" => {
            let written = lock(&shared.recording).dump_shown(&args.text(0)?);
            told(py, written)?
        }
        "reopen_trace_file" => {
            let writes = shared.writes_trace.load(Ordering::Relaxed);
            if writes {
                shared.command(bro_events::Command::ReopenTrace);
            }
            writes.into_py_any(py)?
        }
        "dump_packet" => told(py, dump(desk, args)?)?,
        "packet_source" => match &*lock(&shared.source) {
            Some(source) => {
                let live = shared.live.load(Ordering::Relaxed);
                (
                    live,
                    PyBytes::new(py, source.name.as_bytes()),
                    source.link_type,
                    0,
                )
                    .into_py_any(py)?
            }
            None => py.None(),
        },
        "reading_live" => shared.live.load(Ordering::Relaxed).into_py_any(py)?,
        "reading_traces" => shared.traces.load(Ordering::Relaxed).into_py_any(py)?,
        "packet_lag" => lag(desk).into_py_any(py)?,
        "compile_filter" => compile(&args.text(0)?, source_link_type(desk))
            .err()
            .into_py_any(py)?,
        "install_filter" => match compile(&args.text(0)?, source_link_type(desk)) {
            Ok(filter) => {
                *lock(&shared.filter) = Some(filter);
                shared.filtering.store(true, Ordering::Relaxed);
                py.None()
            }
            Err(complaint) => complaint.into_py_any(py)?,
        },
        "install_drop_filter" => {
            let (net, width) = args.net(1)?;
            lock(&shared.drops).install(args.get(0)?, net, width, args.get(2)?, args.get(3)?);
            shared.filtering.store(true, Ordering::Relaxed);
            py.None()
        }
        "uninstall_drop_filter" => {
            let (net, width) = args.net(1)?;
            lock(&shared.drops)
                .uninstall(args.get(0)?, net, width)
                .into_py_any(py)?
        }
        "interfaces" => interfaces(py)?,
        _ => return Ok(None),
    };
    Ok(Some(answer))
}

/// The interfaces of this machine: name, description, addresses, whether it is a loopback, up, running; None if the
/// system does not tell.
fn interfaces(py: Python<'_>) -> PyResult<Py<PyAny>> {
    use nix::net::if_::InterfaceFlags;
    let Ok(found) = nix::ifaddrs::getifaddrs() else {
        return Ok(py.None());
    };
    let mut all: BTreeMap<String, (Vec<Addr>, InterfaceFlags)> = BTreeMap::new();
    for interface in found {
        let entry = all
            .entry(interface.interface_name)
            .or_insert((Vec::new(), interface.flags));
        let Some(address) = interface.address else {
            continue;
        };
        if let Some(v4) = address.as_sockaddr_in() {
            entry.0.push(Addr(v4.ip().into()));
        } else if let Some(v6) = address.as_sockaddr_in6() {
            entry.0.push(Addr(v6.ip().into()));
        }
    }
    let list = PyList::empty(py);
    for (name, (addrs, flags)) in all {
        list.append((
            PyBytes::new(py, name.as_bytes()),
            py.None(),
            addrs,
            flags.contains(InterfaceFlags::IFF_LOOPBACK),
            flags.contains(InterfaceFlags::IFF_UP),
            flags.contains(InterfaceFlags::IFF_RUNNING),
        ))?;
    }
    Ok(list.into_any().unbind())
}

/// Something about the packet at hand as a record; None if there is no packet.
fn shown(py: Python<'_>, desk: &Desk<'_>, what: fn(&Packet<'_>) -> bro_events::Value) -> PyResult<Py<PyAny>> {
    let value = lock(&desk.shared.recording)
        .shown
        .packet()
        .map(|packet| what(&packet));
    match (value, desk.shared.idle_records()) {
        (Some(value), Some(mut records)) => records.value(py, &value),
        _ => Ok(py.None()),
    }
}

/// Whether a packet was written; why not is reported.
fn told(py: Python<'_>, written: Result<(), String>) -> PyResult<Py<PyAny>> {
    if let Err(complaint) = &written {
        reporter(py)?.call_method1("error", (complaint,))?;
    }
    written.is_ok().into_py_any(py)
}

/// Writes a packet that a script has: seconds, microseconds, captured length, length, bytes, link type, path.
fn dump(desk: &Desk<'_>, args: &Args<'_, '_>) -> PyResult<Result<(), String>> {
    let (seconds, micros): (u64, u64) = (args.get(0)?, args.get(1)?);
    let data = args.any(4)?;
    let data = data.cast::<PyBytes>().map_err(PyErr::from)?.as_bytes();
    let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
    let ts = Timestamp::from_seconds_micros(seconds, u32::try_from(micros).unwrap_or(0));
    let link_type = match args.text(5)?.as_str() {
        "LINK_ETHERNET" => LinkType::ETHERNET,
        _ => LinkType::RAW,
    };
    let captured = args.get::<usize>(2)?.min(data.len());
    let packet = Packet {
        original_len: u32::try_from(args.get::<u64>(3)?).unwrap_or(u32::MAX),
        ..Packet::new(ts, &data[..captured], link_type)
    };
    Ok(lock(&desk.shared.recording).dump(&args.text(6)?, &packet))
}

/// By how much packet time is behind the machine's clock, in seconds; 0 for captures.
fn lag(desk: &Desk<'_>) -> f64 {
    use std::time::{SystemTime, UNIX_EPOCH};
    let now = desk.shared.now();
    if now == 0.0 || !desk.shared.live.load(Ordering::Relaxed) {
        return 0.0;
    }
    let clock = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0.0, |d| d.as_secs_f64());
    (clock - now).max(0.0)
}

/// The link type of the source; Ethernet where there is none or it is not known yet.
fn source_link_type(desk: &Desk<'_>) -> LinkType {
    let known = lock(&desk.shared.source)
        .as_ref()
        .and_then(|source| u32::try_from(source.link_type).ok());
    known.map_or(LinkType::ETHERNET, LinkType)
}

/// A filter for packets of that kind, or what is wrong with the expression.
fn compile(expression: &str, link_type: LinkType) -> Result<FilterSet, String> {
    let mut filter = FilterSet::new(expression, SNAPLEN);
    filter.prepare(link_type).map_err(|error| error.to_string())?;
    Ok(filter)
}
