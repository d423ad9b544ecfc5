//! Files seen in traffic: put together, recognised by content, and given to file analyzers.
//!
//! Protocol analyzers hand content to the [`FileManager`] under a key.  It keeps the beginning of each file to find out
//! its MIME type, tells policy (`file_new`, `file_sniff`), attaches the analyzers that policy asks for, and gives them
//! the content in order.
#![forbid(unsafe_code)]

pub mod analyzers;
mod events;
mod file;
mod manager;
pub mod mime;
mod reassembly;
#[cfg(test)]
mod tests;

pub use analyzers::is_extraction_failure;
pub use events::{DECLARATIONS, EVENTS, GET_FILE_HANDLE, RECORDS};
pub use manager::{FileManager, FileOptions};
