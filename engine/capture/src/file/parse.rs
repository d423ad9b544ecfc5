//! What the parsers of the two capture formats have in common.

use crate::link::LinkType;
use crate::packet::Timestamp;

/// A packet found in the window, described by offsets from the window's start.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record {
    pub ts: Timestamp,
    /// First byte of the packet.
    pub start: usize,
    /// Number of bytes of the packet.
    pub captured: usize,
    pub original_len: u32,
    pub link_type: LinkType,
    pub interface: u32,
    /// Bytes of the whole record; the next one follows.
    pub size: usize,
}

/// What a parser found at the window's start.
#[derive(Debug)]
pub(super) enum Found {
    Record(Record),
    /// The bytes are not there yet.
    Wait,
    /// A clean end.
    End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FaultKind {
    NotACapture,
    Truncated,
    Corrupt,
    Unsupported,
}

/// What is wrong at the window's start; the file adds its name and the offset.
#[derive(Debug)]
pub(super) struct Fault {
    pub kind: FaultKind,
    pub what: String,
}

impl Fault {
    pub fn not_a_capture(what: impl Into<String>) -> Self {
        Self {
            kind: FaultKind::NotACapture,
            what: what.into(),
        }
    }
    pub fn truncated(what: impl Into<String>) -> Self {
        Self {
            kind: FaultKind::Truncated,
            what: what.into(),
        }
    }
    pub fn corrupt(what: impl Into<String>) -> Self {
        Self {
            kind: FaultKind::Corrupt,
            what: what.into(),
        }
    }
    pub fn unsupported(what: impl Into<String>) -> Self {
        Self {
            kind: FaultKind::Unsupported,
            what: what.into(),
        }
    }
}
