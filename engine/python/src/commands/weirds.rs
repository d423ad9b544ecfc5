//! Weirds that scripts report, and their sampling.

use std::collections::HashSet;
use std::sync::{Mutex, OnceLock};

use bro_events::weird::{CONN_WEIRD, FILE_WEIRD, FLOW_WEIRD, NET_WEIRD};
use bro_events::{Weird, WeirdAbout};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::{Answer, Args, Desk};
use crate::convert::from_python;
use crate::shared::lock;

pub(super) fn run(py: Python<'_>, desk: &Desk<'_>, name: &str, args: &Args<'_, '_>) -> Answer {
    match name {
        "weird" => weird(py, desk, args)?,
        "set_weird_sampling" => lock(&desk.shared.sampler).set(&args.text(0)?, from_python(&args.any(1)?)?),
        _ => return Ok(None),
    }
    Ok(Some(py.None()))
}

/// Names of weirds that scripts made; each is kept once, and scripts have a limited number of them.
fn lasting(name: &str) -> &'static str {
    /// Beyond so many names (scripts that make names out of traffic) the rest share one.
    const MOST: usize = 10_000;
    static NAMES: OnceLock<Mutex<HashSet<&'static str>>> = OnceLock::new();
    let mut names = lock(NAMES.get_or_init(Mutex::default));
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

/// Samples a weird along with the engine's, and posts its event with the arguments as they are.
fn weird(py: Python<'_>, desk: &Desk<'_>, args: &Args<'_, '_>) -> PyResult<()> {
    let event = args.text(0)?;
    let name = lasting(&args.text(1)?);
    let (about, next) = if event == CONN_WEIRD.name {
        (desk.conn(&args.any(2)?)?.map(WeirdAbout::Conn), 3)
    } else if event == FLOW_WEIRD.name {
        (Some(WeirdAbout::Flow(args.addr(2)?, args.addr(3)?)), 4)
    } else if event == FILE_WEIRD.name {
        let fuid = args.any(2)?.getattr("id")?;
        let fuid =
            String::from_utf8_lossy(fuid.cast::<PyBytes>().map_err(PyErr::from)?.as_bytes()).into_owned();
        (
            desk.shared
                .idle_records()
                .and_then(|r| r.file_of_fuid(&fuid))
                .map(WeirdAbout::File),
            3,
        )
    } else if event == NET_WEIRD.name {
        (Some(WeirdAbout::Net), 2)
    } else {
        return Err(PyValueError::new_err(format!("{event} is no event of weirds")));
    };
    let weird = Weird {
        name,
        // What is about a connection or file that is gone is counted for the network.
        about: about.unwrap_or(WeirdAbout::Net),
        addl: args.text(next)?,
        source: lasting(&args.text(next + 1)?),
    };
    if !desk.shared.permits_weird(&weird) {
        return Ok(());
    }
    let current = py.import("bro.runtime.context")?.getattr("current")?;
    let dispatchers = current.getattr("program")?.getattr("dispatchers")?;
    if let Ok(dispatcher) = dispatchers.get_item(&event) {
        let rest = args.0.get_slice(1, args.0.len());
        current
            .getattr("queue")?
            .call_method1("append", ((dispatcher, rest),))?;
    }
    Ok(())
}
