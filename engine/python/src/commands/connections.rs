//! Connections: looking them up, and what policy sets on them.

use bro_events::{Command, ConnId, ThresholdKind};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use pyo3::IntoPyObjectExt;

use super::{Answer, Args, Desk};

fn threshold_kind(name: &str) -> PyResult<ThresholdKind> {
    Ok(match name {
        "bytes" => ThresholdKind::Bytes,
        "packets" => ThresholdKind::Packets,
        "duration" => ThresholdKind::Duration,
        _ => return Err(PyValueError::new_err(format!("no threshold is called {name:?}"))),
    })
}

pub(super) fn run(py: Python<'_>, desk: &Desk<'_>, name: &str, args: &Args<'_, '_>) -> Answer {
    let shared = desk.shared;
    let conn = || desk.first_conn(args);
    let answer = match name {
        "connection_exists" => conn()?.is_some().into_py_any(py)?,
        "lookup_connection" => return lookup(py, desk, args).map(Some),
        "skip_further_processing" => desk
            .order(conn()?, Command::SkipFurtherProcessing)
            .into_py_any(py)?,
        "set_record_packets" => {
            let on = args.get(1)?;
            desk.order(conn()?, |c| Command::RecordPackets(c, on))
                .into_py_any(py)?
        }
        "set_inactivity_timeout" => {
            let seconds: f64 = args.get(1)?;
            let Some(id) = conn()? else {
                return Ok(Some(py.None()));
            };
            let asked = shared.commands().iter().rev().find_map(|command| match command {
                Command::InactivityTimeout(conn, seconds) if *conn == id => Some(*seconds),
                _ => None,
            });
            let known = || desk.ask(|sessions| sessions.inactivity_timeout(id)).flatten();
            let before = asked.or_else(known).unwrap_or(0.0);
            shared.command(Command::InactivityTimeout(id, seconds));
            before.into_py_any(py)?
        }
        "get_seq" => {
            let is_orig = args.get(1)?;
            let found = conn()?;
            found
                .and_then(|id| desk.ask(|s| s.sequence(id, is_orig)).flatten())
                .into_py_any(py)?
        }
        "tcp_ends" => {
            let found = conn()?;
            found
                .and_then(|id| desk.ask(|s| s.tcp_ends(id)).flatten())
                .map(|[orig, resp]| (orig, resp))
                .into_py_any(py)?
        }
        "set_contents_file" => {
            let Some(id) = conn()? else {
                return Ok(Some(false.into_py_any(py)?));
            };
            let (direction, path): (u64, String) = (args.get(1)?, args.text(2)?);
            for (is_orig, bit) in [(true, 1), (false, 2)] {
                if direction == 0 || direction & bit != 0 {
                    let path = (direction != 0).then(|| path.clone().into());
                    shared.command(Command::ContentsFile {
                        conn: id,
                        is_orig,
                        path,
                    });
                }
            }
            true.into_py_any(py)?
        }
        "set_threshold" => {
            let (kind, is_orig, value) = (threshold_kind(&args.text(1)?)?, args.get(2)?, args.get(3)?);
            desk.order(conn()?, |conn| Command::Threshold {
                conn,
                is_orig,
                kind,
                value,
            })
            .into_py_any(py)?
        }
        "get_threshold" => {
            let (kind, is_orig) = (threshold_kind(&args.text(1)?)?, args.get(2)?);
            let found = conn()?;
            let value = found.and_then(|id| threshold(desk, id, kind, is_orig));
            match (value, kind) {
                (None, _) => py.None(),
                (Some(seconds), ThresholdKind::Duration) => seconds.into_py_any(py)?,
                (Some(count), _) => (count as u64).into_py_any(py)?,
            }
        }
        "match_signatures" => {
            let data = args
                .any(2)?
                .cast::<PyBytes>()
                .map_err(PyErr::from)?
                .as_bytes()
                .to_vec();
            let (context, begin, end, is_orig, afresh): (usize, bool, bool, bool, bool) = (
                args.get(1)?,
                args.get(3)?,
                args.get(4)?,
                args.get(5)?,
                args.get(6)?,
            );
            let bounds = (begin || afresh, end);
            desk.order(conn()?, |conn| Command::MatchSignatures {
                conn,
                context,
                is_orig,
                data,
                bounds,
            })
            .into_py_any(py)?
        }
        _ => return Ok(None),
    };
    Ok(Some(answer))
}

/// What a threshold is set to, or is about to be.
fn threshold(desk: &Desk<'_>, id: ConnId, wanted: ThresholdKind, is_orig: bool) -> Option<f64> {
    let asked = desk
        .shared
        .commands()
        .iter()
        .rev()
        .find_map(|command| match command {
            Command::Threshold {
                conn,
                is_orig: side,
                kind,
                value,
            } if *conn == id && *kind == wanted => {
                (*side == is_orig || wanted == ThresholdKind::Duration).then_some(*value)
            }
            _ => None,
        });
    asked.or_else(|| {
        desk.ask(|sessions| sessions.threshold(id, wanted, is_orig))
            .flatten()
    })
}

/// The record of a connection; made now if scripts have not seen it.
fn lookup(py: Python<'_>, desk: &Desk<'_>, args: &Args<'_, '_>) -> PyResult<Py<PyAny>> {
    let Some(id) = desk.first_conn(args)? else {
        return Ok(py.None());
    };
    if let Some(records) = desk.shared.idle_records() {
        if let Some(record) = records.conn(id) {
            return Ok(record.clone_ref(py));
        }
    }
    match desk.ask(|sessions| sessions.snapshot(id)).flatten() {
        Some(snapshot) => desk.shared.make_conn(py, snapshot),
        None => Ok(py.None()),
    }
}
