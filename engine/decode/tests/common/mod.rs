//! Helpers of the tests over captures.

pub mod pcap;
pub mod walk;

use std::path::PathBuf;

/// The folder with captures and expected logs: `BRO_CONFORMANCE`, or `../shared/conformance` beside the repository.
/// `None` where there is none; tests over captures then have nothing to do.
pub fn conformance() -> Option<PathBuf> {
    let folder = match std::env::var_os("BRO_CONFORMANCE") {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .canonicalize()
            .ok()?
            .join("../../../shared/conformance"),
    };
    folder.join("traces").is_dir().then_some(folder)
}
