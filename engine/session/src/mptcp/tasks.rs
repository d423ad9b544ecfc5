//! What is to be done for a connection other than the one at hand, once that is back in its place.

use std::collections::VecDeque;
use std::sync::Arc;

use bro_events::ConnId;

/// Something to be done.  All but [`Task::WrongChecksum`], [`Task::Closed`] and [`Task::Plain`] are for the first subflow,
/// which has the analyzers.
#[derive(Debug, PartialEq)]
pub(super) enum Task {
    /// The next bytes of the connection
    Data {
        is_orig: bool,
        offset: u64,
        bytes: Vec<u8>,
    },
    /// Bytes that were not seen
    Gap { is_orig: bool, offset: u64, len: u64 },
    /// Bytes came again and are other ones; unique ids of the subflows
    Conflict {
        is_orig: bool,
        offset: u64,
        old: Vec<u8>,
        new: Vec<u8>,
        paths: [Option<Arc<str>>; 2],
    },
    /// A side has ended.
    End { is_orig: bool },
    /// Both sides have.
    Finished,
    /// The connection was reset.
    Reset,
    /// It goes on as TCP: why
    Fallback(&'static str),
    /// Something strange
    Weird(&'static str),
    /// The other subflows are gone, so it may go too.
    Release,
    /// For a subflow: a checksum is wrong.
    WrongChecksum {
        first: Arc<str>,
        is_orig: bool,
        offset: u64,
        len: u64,
    },
    /// For a subflow: it has ended.
    Closed {
        first: Arc<str>,
        reset: bool,
        /// Of originator and responder of the connection
        bytes: [u64; 2],
    },
    /// For what was taken for a subflow: content
    Plain { is_orig: bool, bytes: Vec<u8> },
}

/// Tasks in order.
#[derive(Debug, Default)]
pub(crate) struct Tasks {
    queue: VecDeque<(ConnId, Task)>,
}

impl Tasks {
    pub(super) fn push(&mut self, conn: ConnId, task: Task) {
        self.queue.push_back((conn, task));
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// The connection that the next task is for.
    pub fn next_conn(&self) -> Option<ConnId> {
        self.queue.front().map(|(conn, _)| *conn)
    }

    /// Takes all tasks for a connection.
    pub(super) fn take(&mut self, conn: ConnId) -> Vec<Task> {
        let (mine, others): (VecDeque<_>, VecDeque<_>) = std::mem::take(&mut self.queue)
            .into_iter()
            .partition(|(whose, _)| *whose == conn);
        self.queue = others;
        mine.into_iter().map(|(_, task)| task).collect()
    }
}
