//! What analyzers of several protocols share.

pub mod coding;
pub mod cursor;
#[cfg(test)]
pub mod harness;
pub mod lines;
pub mod nvt;
