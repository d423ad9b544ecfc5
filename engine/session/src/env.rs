//! What the work on one connection needs from around it.

use bro_events::{EventSink, FileSink};

use crate::bindings::Bindings;
use crate::mptcp;
use crate::options::Options;
use crate::stats::Stats;

/// The headers of the packet at hand, for signatures.
#[derive(Clone, Copy, Default)]
pub(crate) struct Headers<'a> {
    /// From the IP header's first byte on, with extension headers
    pub ip: &'a [u8],
    /// From the transport header's first byte on
    pub transport: &'a [u8],
    /// Sent by the originator
    pub is_orig: bool,
}

/// Lent to transports, trees and detectors while they work on a connection.
pub(crate) struct Env<'a> {
    /// Time of the packet or timer, seconds
    pub now: f64,
    pub headers: Headers<'a>,
    pub options: &'a Options,
    pub bindings: &'a mut Bindings,
    pub stats: &'a mut Stats,
    pub mptcp: &'a mut mptcp::Connections,
    pub sink: &'a mut dyn EventSink,
    pub files: &'a mut dyn FileSink,
}
