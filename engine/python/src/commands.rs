//! What scripts can ask of the engine by name (`Engine.command`); the built-in functions are thin calls of these.
//!
//! Requests are put in for the packet loop, which obeys before the next packet.  Questions are answered from the
//! sessions, which are free between packets; while a packet is in them (a file's handlers run then) only connections
//! that scripts have seen are known.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use bro_events::weird::{CONN_WEIRD, FILE_WEIRD, FLOW_WEIRD, NET_WEIRD};
use bro_events::{
    Command, ConnId, FileAnalyzerArgs, FileCommand, FileId, FlowId, ThresholdKind, Transport, Weird, WeirdAbout,
};
use bro_session::Sessions;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple};
use pyo3::IntoPyObjectExt;

use crate::netvalues::{Addr, Port};
use crate::queue::Shared;

/// The sessions, shared between the packet loop and questions of scripts.
pub type SharedSessions = Arc<Mutex<Sessions>>;

/// The arguments of a command.
struct Args<'a, 'py>(&'a Bound<'py, PyTuple>);

impl<'py> Args<'_, 'py> {
    fn any(&self, index: usize) -> PyResult<Bound<'py, PyAny>> {
        self.0.get_item(index).map_err(|_| PyTypeError::new_err(format!("the command lacks argument {}", index + 1)))
    }

    fn get<T>(&self, index: usize) -> PyResult<T>
    where
        T: for<'b> FromPyObject<'b, 'py>,
        for<'b> PyErr: From<<T as FromPyObject<'b, 'py>>::Error>,
    {
        Ok(self.any(index)?.extract::<T>()?)
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
        if let Ok(uid) = value.getattr("uid") {
            let uid = uid.cast::<PyBytes>().map_err(PyErr::from)?;
            let uid = std::str::from_utf8(uid.as_bytes()).unwrap_or_default();
            return Ok(self.shared.records().conn_of_uid(uid));
        }
        let flow = flow_of(value)?;
        if let Some(known) = self.shared.records().conn_of_flow(&flow) {
            return Ok(Some(known));
        }
        Ok(self.ask(|sessions| sessions.find(&flow)).flatten())
    }

    /// Puts a request in, if there is something to ask it of.
    fn order<T>(&self, what: Option<T>, order: impl FnOnce(T) -> Command) -> bool {
        what.map(|what| self.shared.command(order(what))).is_some()
    }

    fn file(&self, args: &Args<'_, '_>) -> PyResult<Option<FileId>> {
        let fuid = args.text(0)?;
        Ok(self.shared.records().file_of_fuid(&fuid))
    }

    fn file_order(&self, args: &Args<'_, '_>, command: FileCommand) -> PyResult<bool> {
        Ok(self.order(self.file(args)?, |file| Command::File(file, command)))
    }
}

/// The endpoints of a record `conn_id`.
fn flow_of(id: &Bound<'_, PyAny>) -> PyResult<FlowId> {
    let addr = |name: &str| -> PyResult<std::net::IpAddr> {
        Ok(id.getattr(name)?.cast::<Addr>().map_err(PyErr::from)?.get().0)
    };
    let port = |name: &str| -> PyResult<Port> { Ok(*id.getattr(name)?.cast::<Port>().map_err(PyErr::from)?.get()) };
    let (orig, resp) = (port("orig_p")?, port("resp_p")?);
    let ip_proto = match orig.transport {
        Transport::Tcp => 6,
        Transport::Udp => 17,
        Transport::Icmp => 1,
        Transport::Unknown => id.getattr("proto").and_then(|p| p.extract::<u8>()).unwrap_or(0),
    };
    Ok(FlowId {
        orig_h: addr("orig_h")?,
        orig_p: orig.number,
        resp_h: addr("resp_h")?,
        resp_p: resp.number,
        transport: orig.transport,
        ip_proto,
    })
}

fn threshold_kind(name: &str) -> PyResult<ThresholdKind> {
    Ok(match name {
        "bytes" => ThresholdKind::Bytes,
        "packets" => ThresholdKind::Packets,
        "duration" => ThresholdKind::Duration,
        _ => return Err(PyValueError::new_err(format!("no threshold is called {name:?}"))),
    })
}

fn file_args(args: &Args<'_, '_>) -> PyResult<FileAnalyzerArgs> {
    Ok(FileAnalyzerArgs {
        extract_filename: args.get(2)?,
        extract_limit: args.get(3)?,
        extract_limit_includes_missing: args.get(4)?,
        chunk_event: args.get(5)?,
        stream_event: args.get(6)?,
    })
}

/// Names of weirds that scripts made; each is kept once, and scripts have a limited number of them.
fn lasting(name: &str) -> &'static str {
    use std::collections::HashSet;
    use std::sync::OnceLock;
    /// Beyond so many names (scripts that make names out of traffic) the rest share one.
    const MOST: usize = 10_000;
    static NAMES: OnceLock<Mutex<HashSet<&'static str>>> = OnceLock::new();
    let mut names = NAMES.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = names.get(name) {
        return known;
    }
    if names.len() >= MOST {
        return "weird_of_too_many_names";
    }
    let text: &'static str = Box::leak(name.to_owned().into_boxed_str());
    names.insert(text);
    text
}

fn weird(desk: &Desk<'_>, args: &Args<'_, '_>) -> PyResult<()> {
    let event = args.text(0)?;
    let name = lasting(&args.text(1)?);
    let (about, next) = if event == CONN_WEIRD.name {
        (desk.conn(&args.any(2)?)?.map(WeirdAbout::Conn), 3)
    } else if event == FLOW_WEIRD.name {
        (Some(WeirdAbout::Flow(args.addr(2)?, args.addr(3)?)), 4)
    } else if event == FILE_WEIRD.name {
        let fuid = args.any(2)?.getattr("id")?;
        let fuid = String::from_utf8_lossy(fuid.extract::<&[u8]>()?).into_owned();
        (desk.shared.records().file_of_fuid(&fuid).map(WeirdAbout::File), 3)
    } else if event == NET_WEIRD.name {
        (Some(WeirdAbout::Net), 2)
    } else {
        return Err(PyValueError::new_err(format!("{event} is no event of weirds")));
    };
    let weird = Weird {
        name,
        about: about.unwrap_or(WeirdAbout::Net),
        addl: args.text(next)?,
        source: lasting(&args.text(next + 1)?),
    };
    desk.shared.weird(weird);
    Ok(())
}

/// Runs a command; see the module.
pub fn run(
    py: Python<'_>,
    shared: &Shared,
    sessions: Option<&SharedSessions>,
    name: &str,
    args: &Bound<'_, PyTuple>,
) -> PyResult<Py<PyAny>> {
    let desk = Desk { shared, sessions };
    let args = Args(args);
    let conn = || -> PyResult<Option<ConnId>> { desk.conn(&args.any(0)?) };
    let answer = match name {
        "connection_exists" => {
            let found = conn()?;
            found.is_some().into_py_any(py)
        }
        "lookup_connection" => {
            let found = conn()?;
            let record = found.and_then(|id| desk.shared.records().conn(id).map(|r| r.clone_ref(py)));
            match (record, found) {
                (Some(record), _) => return Ok(record),
                // Scripts have not seen it: its record is made now.
                (None, Some(id)) => match desk.ask(|sessions| sessions.snapshot(id)).flatten() {
                    Some(snapshot) => return desk.shared.make_conn(py, snapshot),
                    None => return Ok(py.None()),
                },
                (None, None) => return Ok(py.None()),
            }
        }
        "skip_further_processing" => desk.order(conn()?, Command::SkipFurtherProcessing).into_py_any(py),
        "set_record_packets" => {
            let on = args.get(1)?;
            desk.order(conn()?, |c| Command::RecordPackets(c, on)).into_py_any(py)
        }
        "set_inactivity_timeout" => {
            let seconds: f64 = args.get(1)?;
            let Some(id) = conn()? else { return Ok(py.None()) };
            let before = desk.ask(|sessions| sessions.inactivity_timeout(id)).flatten().unwrap_or(0.0);
            shared.command(Command::InactivityTimeout(id, seconds));
            before.into_py_any(py)
        }
        "get_seq" => {
            let is_orig = args.get(1)?;
            let found = conn()?;
            found.and_then(|id| desk.ask(|s| s.sequence(id, is_orig)).flatten()).into_py_any(py)
        }
        "set_contents_file" => {
            let Some(id) = conn()? else { return false.into_py_any(py) };
            let (direction, path): (u64, String) = (args.get(1)?, args.text(2)?);
            for (is_orig, bit) in [(true, 1), (false, 2)] {
                if direction == 0 || direction & bit != 0 {
                    let path = (direction != 0).then(|| path.clone().into());
                    shared.command(Command::ContentsFile { conn: id, is_orig, path });
                }
            }
            true.into_py_any(py)
        }
        "set_threshold" => {
            let (kind, is_orig, value) = (threshold_kind(&args.text(1)?)?, args.get(2)?, args.get(3)?);
            desk.order(conn()?, |conn| Command::Threshold { conn, is_orig, kind, value }).into_py_any(py)
        }
        "get_threshold" => {
            let (kind, is_orig) = (threshold_kind(&args.text(1)?)?, args.get(2)?);
            let found = conn()?;
            found.and_then(|id| desk.ask(|s| s.threshold(id, kind, is_orig)).flatten()).into_py_any(py)
        }
        "current_analyzer" => shared.current_analyzer.load(Ordering::Relaxed).into_py_any(py),
        "lookup_connection_analyzer_id" => {
            let tag = args.text(1)?;
            let found = conn()?;
            let instance = found.and_then(|id| desk.ask(|s| s.analyzer_instance(id, &tag)).flatten());
            instance.unwrap_or(0).into_py_any(py)
        }
        "analyzer_tag" => {
            let instance = args.get(1)?;
            let found = conn()?;
            found.and_then(|id| desk.ask(|s| s.analyzer_tag(id, instance)).flatten()).into_py_any(py)
        }
        "disable_analyzer" => {
            let (instance, prevent): (u64, bool) = (args.get(1)?, args.get(2)?);
            let Some(conn) = conn()? else { return Ok(py.None()) };
            let there = desk.ask(|s| s.analyzer_tag(conn, instance).is_some()).unwrap_or(true);
            shared.command(Command::DisableAnalyzer { conn, instance, prevent });
            there.into_py_any(py)
        }
        "enable_analyzer" => {
            shared.command(Command::EnableAnalyzer { tag: args.text(0)?, enabled: args.get(1)? });
            true.into_py_any(py)
        }
        "disable_all_analyzers" => {
            for analyzer in bro_analyzers::ALL {
                shared.command(Command::EnableAnalyzer { tag: analyzer.tag.to_owned(), enabled: false });
            }
            true.into_py_any(py)
        }
        "register_port" => {
            let port = args.port(1)?;
            let (port, transport) = (port.number, port.transport);
            shared.command(Command::RegisterPort { tag: args.text(0)?, port, transport });
            true.into_py_any(py)
        }
        "register_packet_port" => {
            let port = args.port(2)?;
            let (port, transport) = (port.number, port.transport);
            shared.command(Command::RegisterPort { tag: args.text(1)?, port, transport });
            true.into_py_any(py)
        }
        "schedule_analyzer" => {
            let (orig, resp, port) = (args.addr(0)?, args.addr(1)?, args.port(2)?);
            shared.command(Command::ScheduleAnalyzer {
                orig: (!orig.is_unspecified()).then_some(orig),
                resp,
                port: port.number,
                transport: port.transport,
                tag: args.text(3)?,
                timeout: args.get(4)?,
            });
            true.into_py_any(py)
        }
        "skip_http_entity_data" => {
            let is_orig: bool = args.get(1)?;
            let order = |conn| Command::Analyzer { conn, name: "skip_entity_data".into(), argument: vec![is_orig.into()] };
            desk.order(conn()?, order).into_py_any(py)
        }
        "file_add_analyzer" => {
            let command = FileCommand::AddAnalyzer { tag: args.text(1)?, args: file_args(&args)? };
            desk.file_order(&args, command)?.into_py_any(py)
        }
        "file_remove_analyzer" => {
            let command = FileCommand::RemoveAnalyzer { tag: args.text(1)?, args: file_args(&args)? };
            desk.file_order(&args, command)?.into_py_any(py)
        }
        "file_stop" => desk.file_order(&args, FileCommand::Stop)?.into_py_any(py),
        "file_set_timeout" => desk.file_order(&args, FileCommand::SetTimeout(args.get(1)?))?.into_py_any(py),
        "file_enable_reassembly" => {
            desk.file_order(&args, FileCommand::EnableReassembly(args.get(1)?))?.into_py_any(py)
        }
        "file_reassembly_limit" => {
            desk.file_order(&args, FileCommand::ReassemblyLimit(args.get(1)?))?.into_py_any(py)
        }
        "file_extract_limit" => {
            let command = FileCommand::ExtractLimit { path: args.text(1)?, limit: args.get(2)? };
            desk.file_order(&args, command)?.into_py_any(py)
        }
        "lookup_file" => {
            let found = desk.file(&args)?;
            let record = found.and_then(|id| desk.shared.records().file(id).map(|r| r.clone_ref(py)));
            record.into_py_any(py)
        }
        "file_magic" => {
            let data: Vec<u8> = args.get(0)?;
            let types = bro_files::mime::MimeTypes::builtin();
            let found = types.matches(&data, true);
            let found: Vec<(i64, &[u8])> = found.iter().map(|m| (m.strength, m.mime.as_bytes())).collect();
            let found: Vec<(i64, Bound<'_, PyBytes>)> =
                found.into_iter().map(|(strength, mime)| (strength, PyBytes::new(py, mime))).collect();
            found.into_py_any(py)
        }
        "weird" => {
            weird(&desk, &args)?;
            Ok(py.None())
        }
        "set_weird_sampling" => {
            let value = crate::convert::from_python(&args.any(1)?)?;
            shared.set_sampling(args.text(0)?, value);
            true.into_py_any(py)
        }
        "dump_current_packet" => {
            shared.command(Command::DumpPacket(args.text(0)?.into()));
            true.into_py_any(py)
        }
        "statistics" => return statistics(py, &desk, &args.text(0)?),
        "current_packet_time" => shared.now().into_py_any(py),
        "reading_live" => shared.live.load(Ordering::Relaxed).into_py_any(py),
        "reading_traces" => shared.traces.load(Ordering::Relaxed).into_py_any(py),
        "terminate" => {
            shared.stop.store(true, Ordering::Relaxed);
            true.into_py_any(py)
        }
        "is_terminating" => shared.stop.load(Ordering::Relaxed).into_py_any(py),
        _ => return Err(PyValueError::new_err(format!("the engine has no command {name:?}"))),
    };
    answer
}

fn statistics(py: Python<'_>, desk: &Desk<'_>, kind: &str) -> PyResult<Py<PyAny>> {
    let dict = PyDict::new(py);
    let stats = desk.ask(|sessions| sessions.stats().clone()).unwrap_or_default();
    match kind {
        "conn" => {
            dict.set_item("total_conns", stats.cumulative.iter().sum::<u64>())?;
            dict.set_item("current_conns", stats.current.iter().sum::<u64>())?;
            dict.set_item("num_packets", stats.packets)?;
            dict.set_item("num_fragments", stats.fragments)?;
            dict.set_item("max_fragments", stats.max_fragments)?;
            for (index, name) in ["tcp", "udp", "icmp"].iter().enumerate() {
                dict.set_item(format!("num_{name}_conns"), stats.current[index])?;
                dict.set_item(format!("max_{name}_conns"), stats.most[index])?;
                dict.set_item(format!("cumulative_{name}_conns"), stats.cumulative[index])?;
            }
            dict.set_item("killed_by_inactivity", stats.killed_by_inactivity)?;
        }
        "gap" => {
            dict.set_item("ack_events", stats.ack_events)?;
            dict.set_item("ack_bytes", stats.ack_bytes)?;
            dict.set_item("gap_events", stats.gap_events)?;
            dict.set_item("gap_bytes", stats.gap_bytes)?;
        }
        "reassembler" => dict.set_item("tcp_size", stats.reassembly_bytes)?,
        "timer" => {
            dict.set_item("current", stats.timers[0])?;
            dict.set_item("max", stats.timers[1])?;
            dict.set_item("cumulative", stats.timers[2])?;
        }
        "net" => {
            dict.set_item("pkts_recvd", stats.packets)?;
            dict.set_item("pkts_link", stats.packets)?;
            dict.set_item("bytes_recvd", stats.bytes)?;
        }
        "event" => dict.set_item("dispatched", desk.shared.dispatched.load(Ordering::Relaxed))?,
        _ => {}
    }
    Ok(dict.into_any().unbind())
}
