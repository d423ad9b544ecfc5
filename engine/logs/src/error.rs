//! What can go wrong with a log's file.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What was being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Making the file
    Create,
    /// Writing rows to it
    Write,
    /// Writing the end and closing it
    Close,
    /// Giving it another name
    Rename,
    /// Starting the thread that writes it
    Start,
}

/// A log that could not be written.  Cheap to clone, so that every caller can be told.
#[derive(Clone, Debug)]
pub struct LogError {
    /// The file
    pub path: PathBuf,
    /// What was being done
    pub action: Action,
    /// What the system said
    pub source: Arc<io::Error>,
    /// Rows that were handed over since and are not in the file
    pub lost_rows: u64,
}

impl LogError {
    /// An error about a file.
    pub fn new(path: &Path, action: Action, source: io::Error) -> Self {
        LogError {
            path: path.to_owned(),
            action,
            source: Arc::new(source),
            lost_rows: 0,
        }
    }
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (verb, advice) = match self.action {
            Action::Create => ("create", "check that its directory exists and may be written to"),
            Action::Write => ("write to", "check the space left on its disk"),
            Action::Close => ("finish", "check the space left on its disk"),
            Action::Rename => (
                "rename",
                "check that both directories exist and may be written to",
            ),
            Action::Start => ("start the thread that writes", "check the limit on threads"),
        };
        write!(
            f,
            "cannot {verb} log file {}: {}; {advice}",
            self.path.display(),
            self.source
        )?;
        if self.lost_rows > 0 {
            write!(f, " ({} rows lost)", self.lost_rows)?;
        }
        Ok(())
    }
}

impl std::error::Error for LogError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.source)
    }
}
