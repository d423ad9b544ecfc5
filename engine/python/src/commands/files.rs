//! Files under analysis.

use std::sync::atomic::Ordering;

use bro_events::{Command, FileAnalyzerArgs, FileCommand, FileId};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use pyo3::IntoPyObjectExt;

use super::{Answer, Args, Desk};
use crate::shared::lock;

fn file_args(args: &Args<'_, '_>) -> PyResult<FileAnalyzerArgs> {
    Ok(FileAnalyzerArgs {
        extract_filename: args.get(2)?,
        extract_limit: args.get(3)?,
        extract_limit_includes_missing: args.get(4)?,
        chunk_event: args.get(5)?,
        stream_event: args.get(6)?,
    })
}

/// The file that the first argument names.
fn file(desk: &Desk<'_>, args: &Args<'_, '_>) -> PyResult<Option<FileId>> {
    let fuid = args.text(0)?;
    Ok(desk
        .shared
        .idle_records()
        .and_then(|records| records.file_of_fuid(&fuid)))
}

pub(super) fn run(py: Python<'_>, desk: &Desk<'_>, name: &str, args: &Args<'_, '_>) -> Answer {
    let command = match name {
        "file_add_analyzer" => {
            // An analyzer there is none of is no request; whoever asks is told.
            let tag = args.text(1)?;
            let off = lock(&desk.shared.plugins.disabled_files).contains(&tag);
            if off || !bro_files::analyzers::exists(&tag) {
                return Ok(Some(false.into_py_any(py)?));
            }
            FileCommand::AddAnalyzer {
                tag,
                args: file_args(args)?,
            }
        }
        "file_remove_analyzer" => FileCommand::RemoveAnalyzer {
            tag: args.text(1)?,
            args: file_args(args)?,
        },
        "file_stop" => FileCommand::Stop,
        "file_set_timeout" => FileCommand::SetTimeout(args.get(1)?),
        "file_enable_reassembly" => FileCommand::EnableReassembly(args.get(1)?),
        "file_reassembly_limit" => FileCommand::ReassemblyLimit(args.get(1)?),
        "file_extract_limit" => FileCommand::ExtractLimit {
            path: args.text(1)?,
            limit: args.get(2)?,
        },
        "input_data" => {
            desk.shared.command(Command::Content {
                handle: args.get::<Vec<u8>>(0)?,
                source: args.text(1)?,
                data: args.get::<Vec<u8>>(2)?,
            });
            return Ok(Some(py.None()));
        }
        "input_end" => {
            desk.shared.command(Command::ContentEnd {
                handle: args.get::<Vec<u8>>(0)?,
            });
            return Ok(Some(py.None()));
        }
        "lookup_file" => {
            let Some(id) = file(desk, args)? else {
                return Ok(Some(py.None()));
            };
            let record = desk
                .shared
                .idle_records()
                .and_then(|records| records.file(id).map(|r| r.clone_ref(py)));
            return Ok(Some(record.unwrap_or_else(|| py.None())));
        }
        "file_magic" => return magic(py, args).map(Some),
        "set_file_handle" => {
            *lock(&desk.shared.file_handle) = Some(args.get::<Vec<u8>>(0)?);
            return Ok(Some(py.None()));
        }
        "ask_file_handles" => {
            desk.shared.asks_file_handles.store(true, Ordering::Relaxed);
            return Ok(Some(py.None()));
        }
        _ => return Ok(None),
    };
    let known = desk.order(file(desk, args)?, |file| Command::File(file, command));
    Ok(Some(known.into_py_any(py)?))
}

/// What kinds of file the data can be: strength and MIME type, the likeliest first.
fn magic(py: Python<'_>, args: &Args<'_, '_>) -> PyResult<Py<PyAny>> {
    use std::sync::OnceLock;
    static TYPES: OnceLock<bro_files::mime::MimeTypes> = OnceLock::new();
    let data = args.any(0)?;
    let data = data.cast::<PyBytes>().map_err(PyErr::from)?;
    let types = TYPES.get_or_init(bro_files::mime::MimeTypes::builtin);
    let found = types.matches(data.as_bytes(), true);
    let found: Vec<_> = found
        .iter()
        .map(|m| (m.strength, PyBytes::new(py, m.mime.as_bytes())))
        .collect();
    found.into_py_any(py)
}
