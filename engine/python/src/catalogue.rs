//! What the engine brings along: all events, all declarations, all signatures, all components.

use std::sync::OnceLock;

use bro_events::Event;
use pyo3::prelude::*;

/// Every event of the engine; its place is its number.
pub fn events() -> &'static [&'static Event] {
    static ALL: OnceLock<Vec<&'static Event>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut all: Vec<&'static Event> = Vec::new();
        all.extend(bro_events::weird::EVENTS);
        all.extend(bro_session::EVENTS.iter());
        all.extend(bro_files::EVENTS);
        for analyzer in bro_analyzers::ALL {
            all.extend(analyzer.events);
        }
        for (number, event) in all.iter().enumerate() {
            event.register(u16::try_from(number).unwrap_or(u16::MAX));
        }
        all
    })
}

/// (name, text) of all declarations in Bro's syntax, in the order in which they build on each other.
#[pyfunction]
pub fn declarations() -> Vec<(String, &'static str)> {
    let mut all: Vec<(String, &'static str)> = Vec::new();
    all.extend(
        bro_session::DECLARATIONS
            .iter()
            .map(|(name, text)| (format!("engine/session/{name}"), *text)),
    );
    all.push(("engine/files/events.bro".into(), bro_files::DECLARATIONS));
    all.push(("engine/events/weird.bro".into(), bro_events::weird::DECLARATIONS));
    for analyzer in bro_analyzers::ALL {
        all.push((
            format!("engine/analyzers/{}/events.bro", analyzer.name.to_lowercase()),
            analyzer.declarations,
        ));
    }
    all
}

/// (name, text) of the signatures that come with analyzers; `@load-sigs dpd/http` loads the one of that name.
#[pyfunction]
pub fn signatures() -> Vec<(String, &'static str)> {
    bro_analyzers::ALL
        .iter()
        .filter(|analyzer| !analyzer.signatures.is_empty())
        .map(|analyzer| {
            (
                format!("dpd/{}", analyzer.name.to_lowercase()),
                analyzer.signatures,
            )
        })
        .collect()
}

/// (kind, name, tag, what it is, names of its events) of every component.
#[pyfunction]
pub fn components() -> Vec<(
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    Vec<&'static str>,
)> {
    let mut all = Vec::new();
    for analyzer in bro_analyzers::ALL {
        let events = analyzer.events.iter().map(|e| e.name).collect();
        all.push(("Analyzer", analyzer.name, analyzer.tag, analyzer.about, events));
    }
    for analyzer in bro_files::analyzers::ALL {
        all.push((
            "File Analyzer",
            analyzer.name,
            analyzer.tag,
            analyzer.about,
            Vec::new(),
        ));
    }
    all
}

/// Adds the functions to the module.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(declarations, m)?)?;
    m.add_function(wrap_pyfunction!(signatures, m)?)?;
    m.add_function(wrap_pyfunction!(components, m)?)
}
