//! A packet on its way to its connection.

use std::sync::Arc;

use bro_decode::link::L2;
use bro_decode::net::ip::IpView;
use bro_events::EncapsulationLayer;

/// What the walk knows of an IP packet when it has come to its transport.
#[derive(Clone, Copy)]
pub(crate) struct Packet<'a> {
    /// Seconds since 1970
    pub ts: f64,
    pub link: &'a L2,
    pub ip: &'a IpView<'a>,
    /// Length of the IP packet as its header says; 0 if it leaves that to the network card
    pub ip_len: usize,
    /// The VLANs of its flow's key; see [`crate::flow::scope_of`]
    pub scope: u32,
    /// The tunnels it came through, outermost first
    pub encapsulation: Option<&'a Arc<[EncapsulationLayer]>>,
}
