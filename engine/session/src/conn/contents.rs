//! One side's contents of a connection, written to a file on policy's request.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::Core;
use crate::env::Env;
use crate::events;

/// The files for both sides.
#[derive(Debug, Default)]
pub(crate) struct ContentsFiles {
    files: [Option<(PathBuf, BufWriter<File>)>; 2],
}

impl ContentsFiles {
    /// Whether anything is written.
    pub fn any(&self) -> bool {
        self.files.iter().any(Option::is_some)
    }
}

/// Opens the file for a side, or closes it.
pub(crate) fn set(core: &mut Core, env: &mut Env<'_>, side: usize, path: Option<&Path>) {
    let files = core.contents.get_or_insert_with(Box::default);
    files.files[side] = None;
    let Some(path) = path else { return };
    match File::create(path) {
        Ok(file) => files.files[side] = Some((path.to_owned(), BufWriter::new(file))),
        Err(error) => fail(
            core,
            env,
            side,
            format!("cannot create {}: {error}", path.display()),
        ),
    }
}

/// Writes a side's next bytes.
pub(crate) fn write(core: &mut Core, env: &mut Env<'_>, side: usize, data: &[u8]) {
    let Some(files) = &mut core.contents else { return };
    let Some((path, file)) = &mut files.files[side] else {
        return;
    };
    if let Err(error) = file.write_all(data) {
        let message = format!("cannot write {}: {error}", path.display());
        files.files[side] = None;
        fail(core, env, side, message);
    }
}

/// Leaves a mark where bytes are missing.
pub(crate) fn gap(core: &mut Core, env: &mut Env<'_>, side: usize, len: u64) {
    if core.contents.is_some() {
        write(core, env, side, format!("<gap {len}>\n").as_bytes());
    }
}

/// Writes what is buffered; the connection ends.
pub(crate) fn close(core: &mut Core, env: &mut Env<'_>) {
    let Some(mut files) = core.contents.take() else {
        return;
    };
    for side in 0..2 {
        if let Some((path, mut file)) = files.files[side].take() {
            if let Err(error) = file.flush() {
                fail(
                    core,
                    env,
                    side,
                    format!("cannot write {}: {error}", path.display()),
                );
            }
        }
    }
}

fn fail(core: &mut Core, env: &mut Env<'_>, side: usize, message: String) {
    core.emit(env.sink, &events::CONTENTS_FILE_WRITE_FAILURE, || {
        [(side == 0).into(), message.into()]
    });
}
