//! Which analyzers there are.

use std::collections::HashMap;
use std::sync::Arc;

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

/// Makes instances of an analyzer that is not part of the engine, such as one written in Python.
#[derive(Clone)]
pub struct Factory(Arc<dyn Fn() -> Box<dyn Analyzer> + Send + Sync>);

impl Factory {
    /// From a function.
    pub fn new(make: impl Fn() -> Box<dyn Analyzer> + Send + Sync + 'static) -> Self {
        Factory(Arc::new(make))
    }
}

impl std::fmt::Debug for Factory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Factory")
    }
}

/// Finds analyzers by tag.
#[derive(Debug, Default)]
pub struct AnalyzerRegistry {
    all: Vec<&'static AnalyzerDef>,
    by_tag: HashMap<&'static str, &'static AnalyzerDef>,
    by_name: HashMap<String, &'static AnalyzerDef>,
    /// Of those that were added; by tag
    factories: HashMap<&'static str, Factory>,
}

impl AnalyzerRegistry {
    /// A registry of these.
    pub fn new(defs: &[&'static AnalyzerDef]) -> Self {
        let mut registry = Self::default();
        for &def in defs {
            registry.insert(def);
        }
        registry
    }

    fn insert(&mut self, def: &'static AnalyzerDef) {
        self.all.push(def);
        self.by_tag.insert(def.tag, def);
        self.by_name.insert(def.name.to_ascii_lowercase(), def);
    }

    /// Adds an analyzer whose instances this makes instead of [`AnalyzerDef::new`].  One of the same tag or name is
    /// replaced: whoever adds an analyzer wants that one.
    pub fn add(&mut self, def: &'static AnalyzerDef, factory: Factory) {
        self.all.retain(|known| known.tag != def.tag);
        self.insert(def);
        self.factories.insert(def.tag, factory);
    }

    /// Makes an instance.
    pub fn make(&self, def: &'static AnalyzerDef, options: &OptionStore) -> Box<dyn Analyzer> {
        if !self.factories.is_empty() {
            if let Some(Factory(make)) = self.factories.get(def.tag) {
                return make();
            }
        }
        (def.new)(options)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::PLAIN;

    struct Added;
    impl Analyzer for Added {}

    static ADDED: AnalyzerDef = AnalyzerDef {
        name: "ADDED",
        tag: "Analyzer::ANALYZER_ADDED",
        about: "added by a test",
        handles_partial: false,
        new: |_| Box::new(Added),
        options: &[],
        events: &[],
        records: &[],
        declarations: "",
        signatures: "",
    };

    #[test]
    fn what_was_added_is_found_and_made_by_its_factory() {
        use std::sync::atomic::{AtomicU32, Ordering};
        static MADE: AtomicU32 = AtomicU32::new(0);
        let mut registry = AnalyzerRegistry::new(&[&PLAIN]);
        let factory = Factory::new(|| {
            MADE.fetch_add(1, Ordering::Relaxed);
            Box::new(Added)
        });
        registry.add(&ADDED, factory.clone());
        registry.add(&ADDED, factory);
        assert_eq!(registry.all().len(), 2);
        let found = registry.by_name("added").unwrap();
        assert!(std::ptr::eq(found, registry.by_tag(ADDED.tag).unwrap()));
        registry.make(found, &OptionStore::new());
        registry.make(registry.by_tag(PLAIN.tag).unwrap(), &OptionStore::new());
        assert_eq!(MADE.load(Ordering::Relaxed), 1);
    }
}
