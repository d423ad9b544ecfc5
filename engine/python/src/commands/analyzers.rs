//! Protocol analyzers: which are used for what, and those on a connection.

use std::sync::atomic::Ordering;

use bro_events::Command;
use bro_session::Sessions;
use pyo3::prelude::*;
use pyo3::IntoPyObjectExt;

use super::{Answer, Args, Desk};
use crate::shared::lock;

pub(super) fn run(py: Python<'_>, desk: &Desk<'_>, name: &str, args: &Args<'_, '_>) -> Answer {
    let shared = desk.shared;
    let conn = || desk.first_conn(args);
    let answer = match name {
        "current_analyzer" => shared.current_analyzer.load(Ordering::Relaxed).into_py_any(py)?,
        "lookup_connection_analyzer_id" => {
            let tag = args.text(1)?;
            let found = conn()?;
            let instance = found.and_then(|id| desk.ask(|s| s.analyzer_instance(id, &tag)).flatten());
            instance.unwrap_or(0).into_py_any(py)?
        }
        "analyzer_tag" => {
            let instance = args.get(1)?;
            let found = conn()?;
            found
                .and_then(|id| desk.ask(|s| s.analyzer_tag(id, instance)).flatten())
                .into_py_any(py)?
        }
        "disable_analyzer" => {
            let (instance, prevent): (u64, bool) = (args.get(1)?, args.get(2)?);
            let Some(conn) = conn()? else {
                return Ok(Some(py.None()));
            };
            let there = desk
                .ask(|s| s.analyzer_tag(conn, instance).is_some())
                .unwrap_or(true);
            shared.command(Command::DisableAnalyzer {
                conn,
                instance,
                prevent,
            });
            there.into_py_any(py)?
        }
        "enable_analyzer" => {
            let (tag, enabled) = (args.text(0)?, args.get(1)?);
            if tag.starts_with("Files::") {
                // They are attached one by one, and refused there.
                let mut disabled = lock(&shared.plugins.disabled_files);
                if enabled {
                    disabled.remove(&tag);
                } else {
                    disabled.insert(tag);
                }
            } else {
                shared.command(Command::EnableAnalyzer { tag, enabled });
            }
            true.into_py_any(py)?
        }
        "disable_all_analyzers" => {
            let added = crate::plugins::added_tags();
            for tag in bro_analyzers::ALL.iter().map(|a| a.tag).chain(added) {
                shared.command(Command::EnableAnalyzer {
                    tag: tag.to_owned(),
                    enabled: false,
                });
            }
            true.into_py_any(py)?
        }
        "register_port" => {
            let port = args.port(1)?;
            let (port, transport) = (port.number, port.transport);
            shared.command(Command::RegisterPort {
                tag: args.text(0)?,
                port,
                transport,
            });
            true.into_py_any(py)?
        }
        "route_packets" => {
            let (parent, number, child) = (args.text(0)?, args.get(1)?, args.text(2)?);
            let possible = Sessions::can_route(&parent, number, &child);
            if possible {
                shared.command(Command::RoutePackets {
                    parent,
                    number,
                    child,
                });
            }
            possible.into_py_any(py)?
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
            true.into_py_any(py)?
        }
        "skip_http_entity_data" => {
            let is_orig: bool = args.get(1)?;
            let order = |conn| Command::Analyzer {
                conn,
                name: "skip_http_entity_data".into(),
                argument: if is_orig { b"T".to_vec() } else { b"F".to_vec() },
            };
            desk.order(conn()?, order);
            py.None()
        }
        "get_login_state" => {
            let state =
                conn()?.and_then(|id| desk.ask(|s| s.query_analyzer(id, "get_login_state")).flatten());
            match state {
                Some(bro_events::Value::Count(state)) => state.into_py_any(py)?,
                _ => py.None(),
            }
        }
        "set_login_state" => {
            let state: u8 = args.get(1)?;
            let found = conn()?;
            let known = found.and_then(|id| desk.ask(|s| s.query_analyzer(id, "get_login_state")).flatten());
            let order = |conn| Command::Analyzer {
                conn,
                name: "set_login_state".into(),
                argument: vec![state],
            };
            desk.order(found, order);
            known.is_some().into_py_any(py)?
        }
        "skip_smtp_data" => {
            let order = |conn| Command::Analyzer {
                conn,
                name: "skip_smtp_data".into(),
                argument: Vec::new(),
            };
            desk.order(conn()?, order);
            py.None()
        }
        _ => return Ok(None),
    };
    Ok(Some(answer))
}
