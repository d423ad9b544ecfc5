//! All of PyO3: the module `bro._engine`, where the engine and policy meet.
#![deny(unsafe_code)]

use pyo3::prelude::*;

mod catalogue;
mod commands;
mod convert;
mod engine;
mod host;
mod input;
mod logs;
mod netvalues;
mod pattern;
mod plugins;
mod queue;
mod records;
mod shared;
mod signatures;
mod types;

/// The engine of Bro: packets to events.
#[pymodule]
fn _engine(m: &Bound<'_, PyModule>) -> PyResult<()> {
    netvalues::register(m)?;
    pattern::register(m)?;
    logs::register(m)?;
    catalogue::register(m)?;
    plugins::register(m)?;
    m.add("OutputError", m.py().get_type::<input::OutputError>())?;
    m.add_class::<engine::Engine>()
}
