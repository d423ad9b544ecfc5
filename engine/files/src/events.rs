//! The events of file analysis.

bro_events::events! {
    /// Scripts are to say which file some content belongs to.
    GET_FILE_HANDLE = get_file_handle(tag, c, is_orig);
    /// A file was seen for the first time.
    FILE_NEW = file_new(f);
    /// Content of a file came over a connection for the first time.
    FILE_OVER_NEW_CONNECTION = file_over_new_connection(f, c, is_orig);
    /// The beginning of a file was looked at.
    FILE_SNIFF = file_sniff(f, meta);
    /// Nothing came for a file for too long.
    FILE_TIMEOUT = file_timeout(f);
    /// A part of a file is missing.
    FILE_GAP = file_gap(f, offset, len);
    /// The buffer for content out of order is full.
    FILE_REASSEMBLY_OVERFLOW = file_reassembly_overflow(f, offset, skipped);
    /// A file has ended.
    FILE_STATE_REMOVE = file_state_remove(f);
    /// A digest of a whole file.
    FILE_HASH = file_hash(f, kind, hash);
    /// How random a file's content is.
    FILE_ENTROPY = file_entropy(f, ent);
    /// A file is larger than may be extracted.
    FILE_EXTRACTION_LIMIT = file_extraction_limit(f, args, limit, len);
}

bro_events::records! {
    /// A MIME type and how sure it is.
    MIME_MATCH = "mime_match" { strength, mime };
    /// What the beginning of a file tells.
    FA_METADATA = "fa_metadata" { mime_type, mime_types, inferred };
    /// Result of an entropy test.
    ENTROPY_TEST_RESULT = "entropy_test_result" { entropy, chi_square, mean, monte_carlo_pi, serial_correlation };
    /// Arguments of a file analyzer.
    ANALYZER_ARGS = "Files::AnalyzerArgs" {
        chunk_event, stream_event, extract_filename, extract_limit, extract_limit_includes_missing
    };
}

/// The text that declares these types and events in Bro's syntax.
pub const DECLARATIONS: &str = include_str!("events.bro");

#[cfg(test)]
mod tests {
    #[test]
    fn declarations_agree_with_what_is_raised() {
        for event in super::EVENTS {
            let head = format!("global {}: event(", event.name);
            let at = super::DECLARATIONS
                .find(&head)
                .unwrap_or_else(|| panic!("{} is not declared", event.name));
            let params = &super::DECLARATIONS[at + head.len()..];
            let params = &params[..params.find(");").expect("end of parameters")];
            let names: Vec<&str> = params
                .split(", ")
                .map(|p| p.split(':').next().unwrap_or_default())
                .collect();
            assert_eq!(names, event.params, "parameters of {}", event.name);
        }
    }
}
