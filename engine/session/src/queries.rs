//! What policy can ask about a packet apart from all sessions.

use bro_capture::Packet;
use bro_decode::link::{self, Link};
use bro_decode::Snap;
use bro_events::Value;

use crate::walk;

/// A packet as the record `pcap_packet`.
pub fn packet_value(packet: &Packet<'_>) -> Value {
    walk::pcap_packet(packet)
}

/// The PPPoE session that a packet is part of, if it is (RFC 2516).
pub fn pppoe_session_id(packet: &Packet<'_>) -> Option<u16> {
    let frame = Snap::new(packet.captured, packet.original_len as usize);
    let frame = link::decode(Link::from_dlt(packet.link_type.0), frame).ok()?;
    frame.l2.pppoe_session_id
}

/// A packet's headers, from the link layer up, as the record `raw_pkt_hdr`.
pub fn packet_header_value(packet: &Packet<'_>) -> Value {
    let frame = Snap::new(packet.captured, packet.original_len as usize);
    walk::raw_packet(Link::from_dlt(packet.link_type.0), frame)
}
