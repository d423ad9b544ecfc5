//! A TCP connection as a subflow.

use bro_events::ConnId;

use super::mapping::{Out, Side};
use super::stream::PathIndex;
use super::tasks::{Task, Tasks};

/// How far the handshake of a join has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    Syn,
    SynAck,
    Ack,
    Joined,
    Refused,
}

/// A join in progress, or done.
#[derive(Debug)]
pub(super) struct Joining {
    pub progress: Progress,
    /// Random numbers of the subflow's originator and responder
    pub nonces: [u32; 2],
    /// Whether each side's HMAC was right, if it has come and could be told
    pub verified: [Option<bool>; 2],
}

/// What a subflow is to its connection.
#[derive(Debug)]
pub(super) struct Subflow {
    pub mptcp: u64,
    /// The end of the connection that is the subflow's originator
    pub orig_end: usize,
    /// Its place in the connection's list
    pub path: PathIndex,
    /// `None`: it is the first, or its handshake was not seen
    pub joining: Option<Joining>,
    /// What each end of the connection sends on it
    pub sides: [Side; 2],
    /// The responder has sent something.
    pub heard: bool,
    /// Content that waits until it is told whether the ends believe the subflow: whether it is the originator's, its number as
    /// TCP knows it, its bytes
    pub pending: Vec<(bool, u64, Vec<u8>)>,
    pub pending_bytes: usize,
    /// The latest segment was without any option of MPTCP.
    pub bare: bool,
    /// How far what each end sends was acknowledged, as numbers of TCP
    pub acked: [u64; 2],
    /// New bytes of each end were acknowledged without any option of MPTCP, and nothing with one has come since.
    pub bare_acks: [bool; 2],
    /// TCP has segments of each end that wait behind a hole.
    pub waiting: [bool; 2],
}

impl Subflow {
    pub fn new(mptcp: u64, orig_end: usize, path: PathIndex, joining: Option<Joining>, seen: bool) -> Self {
        Subflow {
            mptcp,
            orig_end,
            path,
            joining,
            sides: [Side::new(seen), Side::new(seen)],
            heard: false,
            pending: Vec::new(),
            pending_bytes: 0,
            bare: false,
            acked: [0; 2],
            bare_acks: [false; 2],
            waiting: [false; 2],
        }
    }

    /// The end of the connection that sends on that side.
    pub fn end(&self, is_orig: bool) -> usize {
        if is_orig {
            self.orig_end
        } else {
            1 - self.orig_end
        }
    }

    /// Whether its ends take what comes on it for data of the connection; `None` if that is not known yet.  Who does not know
    /// the keys is sent away; if the handshake goes on all the same, the keys are other ones than the monitor has seen.  Of a
    /// subflow whose responder was never heard, though others were, nothing may have arrived at all.
    pub fn is_believed(&self, others_are_heard: bool) -> Option<bool> {
        match &self.joining {
            None => Some(true),
            Some(joining) => match joining.progress {
                Progress::Joined => Some(true),
                Progress::Refused => Some(false),
                _ if joining.verified.contains(&Some(false)) => Some(false),
                Progress::Syn if others_are_heard && !self.heard => None,
                _ => Some(true),
            },
        }
    }

    /// Originator and responder were exchanged.
    pub fn flip(&mut self) {
        self.orig_end = 1 - self.orig_end;
        if let Some(joining) = &mut self.joining {
            joining.nonces.swap(0, 1);
            joining.verified.swap(0, 1);
        }
    }

    /// Memory that data takes, about, in bytes.
    pub fn memory(&self) -> usize {
        self.sides.iter().map(Side::memory).sum::<usize>() + self.pending_bytes
    }

    /// It is a TCP connection after all: what has waited is its content.
    pub fn give_back(&mut self, conn: ConnId, tasks: &mut Tasks) {
        for (is_orig, _, bytes) in std::mem::take(&mut self.pending) {
            tasks.push(conn, Task::Plain { is_orig, bytes });
        }
        for is_orig in [true, false] {
            let end = self.end(is_orig);
            self.sides[end].go_on(0, &mut |out| {
                if let Out::Data(_, bytes) = out {
                    let bytes = bytes.to_vec();
                    tasks.push(conn, Task::Plain { is_orig, bytes });
                }
            });
        }
    }
}
