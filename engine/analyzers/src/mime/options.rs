//! What policy can set.

use bro_events::Value;
use bro_session::analyzer::OptionGroup;

/// Limits on MIME messages.
#[derive(Debug)]
pub struct MimeOptions {
    /// Levels of nested parts
    pub max_depth: u64,
    /// Bytes of a part's header fields
    pub max_header_bytes: u64,
}

impl Default for MimeOptions {
    fn default() -> Self {
        MimeOptions {
            max_depth: 100,
            max_header_bytes: 65536,
        }
    }
}

impl OptionGroup for MimeOptions {
    const NAMES: &'static [&'static str] = &["MIME::max_depth", "MIME::max_header_bytes"];

    fn set(&mut self, name: &str, value: &Value) {
        match (name, value) {
            ("MIME::max_depth", Value::Count(n)) => self.max_depth = *n,
            ("MIME::max_header_bytes", Value::Count(n)) => self.max_header_bytes = *n,
            _ => {}
        }
    }
}
