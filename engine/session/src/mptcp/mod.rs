//! Multipath TCP (RFC 6824, RFC 8684): the options of segments as events, and the connections that subflows make up.
//!
//! `options.rs` takes each option of a segment apart once and raises its event; `follow.rs` hands it on to the connections
//! (`connections.rs`, with the cryptography in `keys.rs`, and `unseen.rs` for those whose beginning was missed) and raises
//! what they learn from it.  The bytes of a subflow go through its mappings (`mapping.rs`) into the stream of their
//! direction (`stream.rs`); `data.rs` leads them there.  What comes out is for the first subflow, which has the analyzers;
//! it waits as a task (`tasks.rs`) until the connection at hand is back in its place, and is then delivered
//! (`deliver.rs`).  `ending.rs` is how it all ends.

mod connection;
mod connections;
mod data;
mod deliver;
mod ending;
mod follow;
mod keys;
mod mapping;
mod options;
mod stream;
mod subflow;
mod tasks;
#[cfg(test)]
mod tests;
mod unseen;

pub(crate) use connections::Connections;
pub(crate) use data::{After, Place};
pub(crate) use deliver::{leave, NO_CONN};
pub(crate) use follow::{Segment, Standing};
pub(crate) use options::{is_possible, segment};
