//! MIME types by content: the `file-magic` signatures of `mime.sig`, and those that scripts add.

use std::sync::OnceLock;

use bro_matching::signature::{parse, MimeMatch, MimeMatcher, Signature, SignatureError};

/// All signatures of MIME types.  They are compiled when the first file is looked at, so a run without files does not
/// pay for them.
#[derive(Debug, Default)]
pub struct MimeTypes {
    more: Vec<Signature>,
    compiled: OnceLock<Option<MimeMatcher>>,
}

/// The signatures that come with the engine.
const BUILTIN: &str = include_str!("mime.sig");

impl MimeTypes {
    /// The ones that come with the engine.
    pub fn builtin() -> Self {
        Self::default()
    }

    /// The ones that come with the engine and these, which scripts brought.
    ///
    /// # Errors
    /// If all together are too many to compile.
    pub fn with(more: Vec<Signature>) -> Result<Self, SignatureError> {
        let compiled = compile(&more)?;
        Ok(MimeTypes {
            more,
            compiled: OnceLock::from(Some(compiled)),
        })
    }

    /// What the beginning of a file suggests, the likeliest first.  `complete`: the file is no longer than that.
    pub fn matches(&self, beginning: &[u8], complete: bool) -> Vec<MimeMatch<'_>> {
        let matcher = self.compiled.get_or_init(|| compile(&self.more).ok());
        matcher
            .as_ref()
            .map(|m| m.identify(beginning, complete))
            .unwrap_or_default()
    }
}

fn compile(more: &[Signature]) -> Result<MimeMatcher, SignatureError> {
    // The text is a constant of ours, and a test sees that all of it parses.
    let builtin = parse("mime.sig", BUILTIN.as_bytes()).unwrap_or_default();
    MimeMatcher::compile(builtin.iter().chain(more))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best(content: &[u8]) -> String {
        let types = MimeTypes::builtin();
        types
            .matches(content, true)
            .first()
            .map_or_else(String::new, |m| m.mime.to_owned())
    }

    #[test]
    fn all_signatures_parse_and_compile() {
        let signatures = match parse("mime.sig", BUILTIN.as_bytes()) {
            Ok(signatures) => signatures,
            Err(errors) => panic!(
                "{}",
                errors
                    .iter()
                    .map(|e| e.to_string())
                    .collect::<Vec<_>>()
                    .join("\n")
            ),
        };
        assert!(signatures.len() > 100);
        assert!(MimeMatcher::compile(&signatures).is_ok());
    }

    #[test]
    fn common_types() {
        for (content, mime) in [
            (&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], "image/png"),
            (b"GIF89a\x01\0", "image/gif"),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
            (b"%PDF-1.4\n%\xe2\xe3", "application/pdf"),
            (b"<!DOCTYPE html>\n<html>", "text/html"),
            (b"\n\n <HTML><HEAD>", "text/html"),
            (b"<?xml version=\"1.0\"?><a/>", "application/xml"),
            (b"{\"name\": 1}", "text/json"),
            (b"[1, 2, 3]", "text/json"),
            (b"hello", ""),
            (b"hello world", "text/plain"),
            (b"{\"name\": null, \"a\": 1}", "text/plain"),
            (b"A plain text that goes on for a while.\n", "text/plain"),
            (b"MZ\x90\0\x03\0", "application/x-dosexec"),
            (b"PK\x03\x04\x14\0\0\0\0\0", "application/zip"),
            (b"\x1f\x8b\x08\0", "application/x-gzip"),
            (
                b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0",
                "application/x-executable",
            ),
            (b"\x01\x02\x03\x04\x05\x06\x07\x08", ""),
            (b"#!/bin/sh\necho", "text/x-shellscript"),
            (b"document.write('<br>');", "application/javascript"),
            (b"function f(x) {\n}\n", "application/javascript"),
            (b"// a comment\nvar x = 1;\n", "text/plain"),
        ] {
            assert_eq!(best(content), mime, "{}", content.escape_ascii());
        }
    }
}
