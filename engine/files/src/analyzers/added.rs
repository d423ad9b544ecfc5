//! File analyzers that are not part of the engine, such as those written in Python.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use bro_events::FileAnalyzerArgs;

use super::{by_tag, FileAnalyzer};

/// Makes instances, or says why not.
pub type Maker = Arc<dyn Fn(&FileAnalyzerArgs) -> Result<Box<dyn FileAnalyzer>, String> + Send + Sync>;

/// Name and maker by tag.  They belong to the process, as the code they run does.
fn added() -> &'static RwLock<HashMap<String, (&'static str, Maker)>> {
    static ADDED: OnceLock<RwLock<HashMap<String, (&'static str, Maker)>>> = OnceLock::new();
    ADDED.get_or_init(RwLock::default)
}

/// Adds a file analyzer, or replaces the one that was added under this tag before.
pub fn add(tag: &str, name: &'static str, make: Maker) {
    let mut added = added().write().unwrap_or_else(PoisonError::into_inner);
    added.insert(tag.to_owned(), (name, make));
}

/// Whether there is an analyzer of that tag.
pub fn exists(tag: &str) -> bool {
    by_tag(tag).is_some()
        || added()
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .contains_key(tag)
}

/// An instance and its analyzer's name, or why there is none; `None` if no analyzer has that tag.
#[allow(clippy::type_complexity)]
pub(crate) fn make(
    tag: &str,
    args: &FileAnalyzerArgs,
) -> Option<(&'static str, Result<Box<dyn FileAnalyzer>, String>)> {
    let other = {
        let added = added().read().unwrap_or_else(PoisonError::into_inner);
        added.get(tag).map(|(name, make)| (*name, make.clone()))
    };
    match other {
        Some((name, make)) => Some((name, make(args))),
        None => by_tag(tag).map(|def| (def.name, (def.new)(args))),
    }
}
