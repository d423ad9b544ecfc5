//! What policy can set.

use bro_events::Value;
use bro_session::analyzer::OptionGroup;

/// Options of the HTTP analyzer.
#[derive(Debug)]
pub struct HttpOptions {
    /// Bytes of content that one `http_entity_data` carries
    pub entity_data_delivery_size: u64,
    /// Pass over all content
    pub skip_data: bool,
    /// Bytes of a URI that events carry; negative: all
    pub truncate_uri: i64,
    /// Which analyzer takes over after an upgrade to a protocol (in lower case)
    pub upgrade_analyzers: Vec<(Vec<u8>, &'static str)>,
}

impl Default for HttpOptions {
    fn default() -> Self {
        HttpOptions {
            entity_data_delivery_size: 1500,
            skip_data: false,
            truncate_uri: -1,
            upgrade_analyzers: vec![(b"websocket".to_vec(), "Analyzer::ANALYZER_WEBSOCKET")],
        }
    }
}

/// Names of [`HttpOptions`] and of the limits on MIME messages.
pub const NAMES: &[&str] = &[
    "http_entity_data_delivery_size",
    "skip_http_data",
    "truncate_http_URI",
    "HTTP::upgrade_analyzers",
    "MIME::max_depth",
    "MIME::max_header_bytes",
];

impl OptionGroup for HttpOptions {
    const NAMES: &'static [&'static str] = NAMES;

    fn set(&mut self, name: &str, value: &Value) {
        match (name, value) {
            ("http_entity_data_delivery_size", Value::Count(n)) => self.entity_data_delivery_size = *n,
            ("skip_http_data", Value::Bool(b)) => self.skip_data = *b,
            ("truncate_http_URI", Value::Int(n)) => self.truncate_uri = *n,
            ("HTTP::upgrade_analyzers", Value::Table(entries)) => {
                let analyzer = |(protocol, tag): &(Value, Value)| {
                    let protocol = match protocol {
                        Value::Str(s) => s.to_ascii_lowercase(),
                        Value::Text(s) => s.to_ascii_lowercase().into_bytes(),
                        _ => return None,
                    };
                    if let Value::Enum(tag) = tag {
                        Some((protocol, *tag))
                    } else {
                        None
                    }
                };
                self.upgrade_analyzers = entries.iter().filter_map(analyzer).collect();
            }
            _ => {}
        }
    }
}
