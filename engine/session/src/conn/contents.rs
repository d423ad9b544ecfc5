//! What is done with the contents of a connection beside analysis: a side is written to a file on policy's request, and its
//! beginning collected.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::banner::{self, Banners};
use super::Core;
use crate::env::Env;
use crate::events;

/// Where the contents of both sides go.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    files: [Option<(PathBuf, BufWriter<File>)>; 2],
    /// Their beginnings, if policy asks for them
    pub(super) banners: Option<Banners>,
}

impl Contents {
    /// Whether anybody looks at the contents of a side.
    pub fn any(&self, s: usize) -> bool {
        self.files.iter().any(Option::is_some) || self.banners.as_ref().is_some_and(|b| b.collects(s))
    }

    /// The beginnings, which are collected from now on.
    pub fn banners(&mut self) -> &mut Banners {
        self.banners.get_or_insert_with(Banners::default)
    }

    /// Whether the beginnings of both sides were handed to policy.
    pub fn banners_told(&self) -> bool {
        self.banners
            .as_ref()
            .is_some_and(|b| b.is_told(0) && b.is_told(1))
    }

    /// The roles were exchanged.
    pub fn flip(&mut self) {
        if let Some(banners) = &mut self.banners {
            banners.flip();
        }
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

/// A side's next bytes.
pub(crate) fn take(core: &mut Core, env: &mut Env<'_>, side: usize, data: &[u8]) {
    if core.contents.is_some() {
        banner::data(core, env, side, data);
        write(core, env, side, data);
    }
}

/// Writes a side's next bytes.
fn write(core: &mut Core, env: &mut Env<'_>, side: usize, data: &[u8]) {
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
    if files.banners.is_some() {
        core.contents = Some(files);
        banner::finish(core, env, 0);
        banner::finish(core, env, 1);
        let Some(kept) = core.contents.take() else { return };
        files = kept;
    }
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
