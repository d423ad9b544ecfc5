//! Capturing from an interface.

#[cfg(target_os = "linux")]
mod frame;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
mod ring;
#[cfg(target_os = "linux")]
mod socket;
#[cfg(not(target_os = "linux"))]
mod unsupported;

#[cfg(target_os = "linux")]
pub use linux::LiveSource;
#[cfg(not(target_os = "linux"))]
pub use unsupported::LiveSource;

use crate::file::MAX_CAPTURED;

/// How an interface is captured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveOptions {
    /// Receive what is not addressed to this host, too.
    pub promiscuous: bool,
    /// Most bytes kept of a packet (a VLAN tag that is put back comes on top).
    pub snaplen: u32,
    /// Size of the buffer shared with the kernel in bytes, rounded to MiB, at least 4 MiB.  The memory is taken at once
    /// and cannot be paged out.
    pub buffer_size: usize,
    /// Filter expression.  The kernel runs it, unless it asks for VLAN tags, which the kernel does not see.
    pub filter: Option<String>,
}

impl Default for LiveOptions {
    /// Promiscuous, whole packets, 128 MiB, no filter.
    fn default() -> Self {
        Self {
            promiscuous: true,
            snaplen: MAX_CAPTURED,
            buffer_size: 128 * 1024 * 1024,
            filter: None,
        }
    }
}
