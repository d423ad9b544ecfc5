//! Multipath TCP (RFC 6824, RFC 8684): the options of segments as events, and the connections that subflows make up.
//!
//! `options.rs` takes each option of a segment apart once and raises its event; `follow.rs` hands it on to the
//! connections (`connections.rs`, with the cryptography in `keys.rs`) and raises what they learn from it.

mod connections;
mod follow;
mod keys;
mod options;
#[cfg(test)]
mod tests;

pub(crate) use connections::Connections;
pub(crate) use options::{is_possible, segment};
