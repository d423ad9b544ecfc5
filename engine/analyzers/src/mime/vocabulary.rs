//! Record shapes of MIME; `types.bro` documents them for scripts.

bro_events::records! {
    /// A header field
    MIME_HEADER_REC = "mime_header_rec" { original_name, name, value };
}
