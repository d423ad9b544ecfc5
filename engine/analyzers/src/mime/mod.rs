//! Messages in MIME format (RFC 2045, 2046, 2047), as they are in mail and in HTTP bodies: header fields, nested parts,
//! transfer encodings.

pub mod body;
pub mod field;
pub mod header;
pub mod options;
pub mod transfer;
pub mod vocabulary;

/// The types that events of several protocols have in common, in Bro's syntax.
pub const TYPES: &str = include_str!("types.bro");
