//! Writing logs: rows in, text files out, with the formatting on a thread of the log's own.
//!
//! A log is described by a [`LogSpec`]: its columns, where it goes and how it is written.  Rows are built column by column
//! with a [`RowEncoder`], which puts them into the current batch of a [`LogWriter`] and applies the [`Limits`] of the
//! stream on the way.  Full batches go through a bounded channel to the writer's thread, which formats them
//! ([`format`]) and writes the file ([`file`]).  The thread and the file come into being with the first row, so a log
//! without rows leaves no file.
//!
//! Nothing here knows Python or any script; the crate that binds it to Python extracts the columns.
#![forbid(unsafe_code)]

pub mod column;
pub mod error;
pub mod escape;
pub mod file;
pub mod format;
pub mod number;
pub mod options;
pub mod rows;
pub mod writer;

pub use column::{Column, ColumnType, ScalarType};
pub use error::{Action, LogError};
pub use format::Formatter;
pub use options::{AsciiOptions, JsonTimestamps, OptionError};
pub use rows::{Cell, CellRef, Cells, Limits, RowBuffer, RowEncoder, RowOutcome};
pub use writer::{LogSpec, LogSummary, LogWriter};
