//! What policy sees of a connection.

use std::net::IpAddr;
use std::sync::Arc;

use crate::Transport;

/// Names a connection for as long as the engine runs; never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnId(pub u64);

/// The five-tuple as policy sees it: who opened the connection is the originator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FlowId {
    /// Originator's address
    pub orig_h: IpAddr,
    /// Originator's port (ICMP: type)
    pub orig_p: u16,
    /// Responder's address
    pub resp_h: IpAddr,
    /// Responder's port (ICMP: the type of the answer, or the code)
    pub resp_p: u16,
    /// Transport of both ports
    pub transport: Transport,
    /// IP protocol number (6, 17, 1, 58, …)
    pub ip_proto: u8,
}

/// One side's volatile fields (record `endpoint`).
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct EndpointSnapshot {
    /// Payload bytes, by sequence numbers for TCP
    pub size: u64,
    /// `TCP_INACTIVE` … `TCP_RESET`, or `UDP_INACTIVE`/`UDP_ACTIVE`
    pub state: u64,
    /// Packets sent
    pub num_pkts: u64,
    /// IP bytes sent, headers included
    pub num_bytes_ip: u64,
    /// IPv6 flow label of the latest packet
    pub flow_label: u32,
    /// Link-layer address, where there was one
    pub l2_addr: Option<[u8; 6]>,
}

/// One layer of encapsulation around a connection (record `Tunnel::EncapsulatingConn`).
#[derive(Clone, Debug, PartialEq)]
pub struct EncapsulationLayer {
    /// The tunnel's outer flow; ports are 0 where the tunnel has none
    pub id: FlowId,
    /// A value of `Tunnel::Type` by its full name, such as `Tunnel::VXLAN`
    pub tunnel_type: &'static str,
    /// Id of the outer connection, or of the tunnel where there is none
    pub uid: Arc<str>,
}

/// The fields of the record `connection` that the engine sets, at the moment an event was raised.
#[derive(Clone, Debug, PartialEq)]
pub struct ConnSnapshot {
    /// Which connection
    pub conn: ConnId,
    /// Unique id, such as `CHhAvVGS1DHFjwGM9`
    pub uid: Arc<str>,
    /// Who talks with whom; changes when the roles are flipped
    pub id: FlowId,
    /// Originator
    pub orig: EndpointSnapshot,
    /// Responder
    pub resp: EndpointSnapshot,
    /// Time of the first packet, seconds
    pub start_time: f64,
    /// Seconds from the first to the latest packet
    pub duration: f64,
    /// The letters of what happened
    pub history: String,
    /// Outer VLAN id
    pub vlan: Option<u16>,
    /// Inner VLAN id
    pub inner_vlan: Option<u16>,
    /// Encapsulation, outermost first
    pub tunnel: Option<Arc<[EncapsulationLayer]>>,
}
