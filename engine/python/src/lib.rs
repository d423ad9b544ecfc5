//! All of PyO3: the module `bro._engine`, where the engine and policy meet.
//!
//! Built so far: values, patterns, log writers.  The files beside this one that are no modules here (`engine.rs`,
//! `queue.rs`, `records.rs` and what they use) wait for the sessions to be complete.
#![deny(unsafe_code)]

use pyo3::prelude::*;

mod logs;
mod netvalues;
mod pattern;

/// The engine of Bro: packets to events.
#[pymodule]
fn _engine(m: &Bound<'_, PyModule>) -> PyResult<()> {
    netvalues::register(m)?;
    pattern::register(m)?;
    logs::register(m)
}
