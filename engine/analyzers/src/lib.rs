//! Protocol analyzers: one folder a protocol, each with its parser, its events (`events.bro`), and its signature
//! (`dpd.sig`).  A new one is a folder and a line in [`ALL`].
#![forbid(unsafe_code)]

use bro_session::analyzer::AnalyzerDef;

pub mod dns;
pub mod http;
pub mod mime;
pub mod support;

/// Every analyzer there is.
pub static ALL: &[&AnalyzerDef] = &[&dns::DNS, &http::HTTP];
