//! What analyzers of several protocols share.

pub mod cursor;
pub mod lines;
#[cfg(test)]
pub mod harness;
