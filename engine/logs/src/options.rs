//! How a log is written, as scripts state it: the `LogAscii` options, overridden by the `config` table of a filter.

use std::fmt;

/// How JSON shows a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum JsonTimestamps {
    /// Seconds since 1970 as a double
    #[default]
    Epoch,
    /// Milliseconds since 1970 as a whole number
    Millis,
    /// The same, with times before 1970 as 0
    MillisUnsigned,
    /// `2006-01-02T15:04:05.000000Z`
    Iso8601,
}

impl JsonTimestamps {
    /// By the name of the enum value, with or without `JSON::`.
    pub fn from_name(name: &str) -> Option<Self> {
        match name.strip_prefix("JSON::").unwrap_or(name) {
            "TS_EPOCH" => Some(JsonTimestamps::Epoch),
            "TS_MILLIS" => Some(JsonTimestamps::Millis),
            "TS_MILLIS_UNSIGNED" => Some(JsonTimestamps::MillisUnsigned),
            "TS_ISO8601" => Some(JsonTimestamps::Iso8601),
            _ => None,
        }
    }
}

/// Everything about the form of a log, but its columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AsciiOptions {
    /// Between columns
    pub separator: Vec<u8>,
    /// Between the elements of a set or vector
    pub set_separator: Vec<u8>,
    /// For an empty string, set or vector
    pub empty_field: Vec<u8>,
    /// For a field without value
    pub unset_field: Vec<u8>,
    /// Before the lines of the header
    pub meta_prefix: Vec<u8>,
    /// Whether there are header and footer at all
    pub include_meta: bool,
    /// Whether the header is one line with the names of the columns, and nothing else (a plain TSV file)
    pub only_single_header_row: bool,
    /// Whether valid UTF-8 is shown as it is
    pub enable_utf_8: bool,
    /// One JSON object a line instead of separated values
    pub use_json: bool,
    /// Form of times in JSON
    pub json_timestamps: JsonTimestamps,
    /// Whether JSON has `null` for fields without value, instead of leaving them out
    pub json_include_unset_fields: bool,
    /// Level of compression, 1 to 9; 0: none
    pub gzip_level: u32,
    /// What is appended to the name of a compressed file, without the dot
    pub gzip_file_extension: String,
    /// Writes to the standard output instead of a file
    pub output_to_stdout: bool,
}

impl Default for AsciiOptions {
    fn default() -> Self {
        AsciiOptions {
            separator: b"\t".to_vec(),
            set_separator: b",".to_vec(),
            empty_field: b"(empty)".to_vec(),
            unset_field: b"-".to_vec(),
            meta_prefix: b"#".to_vec(),
            include_meta: true,
            only_single_header_row: false,
            enable_utf_8: true,
            use_json: false,
            json_timestamps: JsonTimestamps::Epoch,
            json_include_unset_fields: false,
            gzip_level: 0,
            gzip_file_extension: "gz".to_owned(),
            output_to_stdout: false,
        }
    }
}

/// A value that an option cannot have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionError {
    /// Name of the option
    pub option: String,
    /// The value it was to have
    pub value: String,
    /// What it can have
    pub expected: &'static str,
}

impl fmt::Display for OptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "log option {} cannot be '{}': it takes {}",
            self.option, self.value, self.expected
        )
    }
}

impl std::error::Error for OptionError {}

impl AsciiOptions {
    /// Sets one option by its name in scripts.  Returns whether there is an option of that name: what is meant for
    /// other writers is not an error.
    pub fn set(&mut self, name: &str, value: &[u8]) -> Result<bool, OptionError> {
        let error = |expected| OptionError {
            option: name.to_owned(),
            value: String::from_utf8_lossy(value).into_owned(),
            expected,
        };
        let truth = || match value {
            b"T" | b"true" | b"1" => Ok(true),
            b"F" | b"false" | b"0" => Ok(false),
            _ => Err(error("T or F")),
        };
        let filled = || {
            if value.is_empty() {
                Err(error("at least one character"))
            } else {
                Ok(value.to_vec())
            }
        };
        match name {
            "separator" => self.separator = filled()?,
            "set_separator" => self.set_separator = filled()?,
            "empty_field" => self.empty_field = value.to_vec(),
            "unset_field" => self.unset_field = value.to_vec(),
            "meta_prefix" => self.meta_prefix = value.to_vec(),
            "include_meta" => self.include_meta = truth()?,
            "tsv" | "only_single_header_row" => self.only_single_header_row = truth()?,
            "enable_utf_8" => self.enable_utf_8 = truth()?,
            "use_json" => self.use_json = truth()?,
            "json_timestamps" => {
                self.json_timestamps = std::str::from_utf8(value)
                    .ok()
                    .and_then(JsonTimestamps::from_name)
                    .ok_or_else(|| {
                        error("JSON::TS_EPOCH, JSON::TS_MILLIS, JSON::TS_MILLIS_UNSIGNED or JSON::TS_ISO8601")
                    })?;
            }
            "json_include_unset_fields" => self.json_include_unset_fields = truth()?,
            "gzip_level" => {
                self.gzip_level = std::str::from_utf8(value)
                    .ok()
                    .and_then(|text| text.parse().ok())
                    .filter(|level| *level <= 9)
                    .ok_or_else(|| error("a number from 0 to 9"))?;
            }
            "gzip_file_extension" => self.gzip_file_extension = String::from_utf8_lossy(value).into_owned(),
            "output_to_stdout" => self.output_to_stdout = truth()?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_by_name() {
        let mut options = AsciiOptions::default();
        assert_eq!(options.set("use_json", b"T"), Ok(true));
        assert_eq!(options.set("json_timestamps", b"JSON::TS_ISO8601"), Ok(true));
        assert_eq!(options.set("dbpath", b"/x"), Ok(false));
        assert!(options.use_json);
        assert_eq!(options.json_timestamps, JsonTimestamps::Iso8601);
    }

    #[test]
    fn bad_values_are_explained() {
        let mut options = AsciiOptions::default();
        for (name, value) in [
            ("use_json", "yes"),
            ("gzip_level", "10"),
            ("separator", ""),
            ("json_timestamps", "TS_X"),
        ] {
            let error = options.set(name, value.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(name) && error.contains("takes"), "{error}");
        }
        assert_eq!(options, AsciiOptions::default());
    }
}
