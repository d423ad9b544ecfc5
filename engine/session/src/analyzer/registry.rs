//! Which analyzers there are.

use std::collections::HashMap;

use bro_events::{Event, RecordDef};

use super::{Analyzer, OptionStore};

/// All there is to know of a protocol analyzer: one static beside its code, listed in the registry of `bro-analyzers`.
pub struct AnalyzerDef {
    /// Its name as in logs, such as `HTTP`
    pub name: &'static str,
    /// Its tag as scripts write it, such as `Analyzer::ANALYZER_HTTP`
    pub tag: &'static str,
    /// One line for `bro -N`
    pub about: &'static str,
    /// Whether it works on a stream whose beginning was not seen (`partial` connections)
    pub handles_partial: bool,
    /// Makes an instance for a connection, with the options of the engine it runs in
    pub new: fn(&OptionStore) -> Box<dyn Analyzer>,
    /// Names of the options it reads (see [`super::OptionGroup`]); the engine puts their values into the store
    pub options: &'static [&'static str],
    /// Events it can raise
    pub events: &'static [&'static Event],
    /// Shapes of the records it makes
    pub records: &'static [&'static RecordDef],
    /// The text of its `events.bro`: types and events in Bro's syntax with their documentation
    pub declarations: &'static str,
    /// The text of its `dpd.sig`, or empty: loaded by scripts as `@load-sigs dpd/<name in lower case>`
    pub signatures: &'static str,
}

impl std::fmt::Debug for AnalyzerDef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AnalyzerDef")
            .field("name", &self.name)
            .field("tag", &self.tag)
            .finish_non_exhaustive()
    }
}

/// Finds analyzers by tag.
#[derive(Debug, Default)]
pub struct AnalyzerRegistry {
    all: Vec<&'static AnalyzerDef>,
    by_tag: HashMap<&'static str, &'static AnalyzerDef>,
    by_name: HashMap<String, &'static AnalyzerDef>,
}

impl AnalyzerRegistry {
    /// A registry of these.
    pub fn new(defs: &[&'static AnalyzerDef]) -> Self {
        let mut registry = Self::default();
        for &def in defs {
            registry.all.push(def);
            registry.by_tag.insert(def.tag, def);
            registry.by_name.insert(def.name.to_ascii_lowercase(), def);
        }
        registry
    }

    /// All of them, in order of registration.
    pub fn all(&self) -> &[&'static AnalyzerDef] {
        &self.all
    }

    /// By its tag (`Analyzer::ANALYZER_HTTP`).
    pub fn by_tag(&self, tag: &str) -> Option<&'static AnalyzerDef> {
        self.by_tag.get(tag).copied()
    }

    /// By its name in any case (`http`), as signatures write it.
    pub fn by_name(&self, name: &str) -> Option<&'static AnalyzerDef> {
        self.by_name.get(&name.to_ascii_lowercase()).copied()
    }
}
