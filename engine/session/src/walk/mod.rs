//! The walk of a packet from the outside in: link layer, network layer, fragments, tunnels, transport.
//!
//! The headers themselves are `bro-decode`'s business; here it is decided where to go on, what is strange is reported,
//! and tunnels lead back to the beginning.

mod arp;
mod discard;
mod gtp;
mod headers;
mod ip;
pub(crate) mod routes;
pub(crate) mod transport;
pub(crate) mod tunnel;
mod udp_tunnel;
pub(crate) mod unknown;

use std::net::IpAddr;
use std::sync::Arc;

use bro_decode::link::{self, Encap, Link, NetworkPayload, L2};
use bro_decode::{Malformed, Scope, Snap};
use bro_events::{EncapsulationLayer, EventSink, FileSink, Value, Weird, WeirdAbout};

pub(crate) use headers::raw_packet;

use crate::events;
use crate::sessions::{Io, Sessions};

/// Where the walk is: what lies around what comes next.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    /// Seconds
    pub ts: f64,
    /// The frame this is in
    pub link: &'a L2,
    /// Where that frame began, for the history of unknown protocols
    pub first: Link,
    pub frame: Snap<'a>,
    /// The tunnels around it, outermost first
    pub encapsulation: Option<&'a Arc<[EncapsulationLayer]>>,
    /// Checksums are not filled in yet.
    pub unsummed: bool,
}

impl Place<'_> {
    /// How many tunnels there are around it.
    fn depth(&self) -> u64 {
        self.encapsulation.map_or(0, |layers| layers.len() as u64)
    }
}

impl Sessions {
    /// Processes a packet.  Time is the packet's; [`Sessions::advance`] has been called with it before.
    pub fn packet(
        &mut self,
        packet: &bro_capture::Packet<'_>,
        sink: &mut dyn EventSink,
        files: &mut dyn FileSink,
    ) {
        let ts = packet.ts.seconds();
        self.now = ts;
        self.record = true;
        self.stats.packets += 1;
        self.stats.bytes += u64::from(packet.original_len);
        let mut io = Io { sink, files };
        let frame = Snap::new(packet.captured, packet.original_len as usize);
        let first = if self.special {
            if let Some(options) = &mut self.tcp_options {
                options.clear();
            }
            self.first_link(packet.link_type.0)
        } else {
            Link::from_dlt(packet.link_type.0)
        };
        if io.sink.wants(&events::RAW_PACKET) {
            io.sink
                .emit(&events::RAW_PACKET, vec![headers::raw_packet(first, frame)]);
        }
        let place = Place {
            ts,
            link: &L2::default(),
            first,
            frame,
            encapsulation: None,
            unsummed: packet.checksum_pending,
        };
        if !self.frame(&mut io, &place) {
            self.stats.unprocessed += 1;
            if io.sink.wants(&events::PACKET_NOT_PROCESSED) {
                io.sink
                    .emit(&events::PACKET_NOT_PROCESSED, vec![pcap_packet(packet)]);
            }
        }
    }

    /// Decodes a frame and goes on with what it carries.  False if nothing of it was of use.
    fn frame(&mut self, io: &mut Io<'_>, place: &Place<'_>) -> bool {
        let frame = if self.special {
            link::decode_by(self.link_routes(), place.first, place.frame)
        } else {
            link::decode(place.first, place.frame)
        };
        match frame {
            Ok(frame) => {
                report(io, frame.weirds, None);
                // A tunnel's inner frame has no place in what the connection says of its own link layer.
                let link = frame.l2;
                self.network(
                    io,
                    &Place {
                        link: &link,
                        ..*place
                    },
                    frame.payload,
                )
            }
            Err(fault) => {
                report_fault(io, fault, None);
                false
            }
        }
    }

    fn network(&mut self, io: &mut Io<'_>, place: &Place<'_>, payload: NetworkPayload<'_>) -> bool {
        match payload {
            NetworkPayload::Ipv4(packet) | NetworkPayload::Ipv6(packet) => self.ip(io, place, packet),
            NetworkPayload::Arp(packet) => arp::process(io, place, packet),
            NetworkPayload::Amsdu(subframes) => {
                let mut processed = false;
                for frame in subframes {
                    match frame {
                        Ok(frame) => {
                            report(io, frame.weirds, None);
                            let link = frame.l2;
                            processed |= match frame.payload {
                                // Frames in frames in frames are no use to anybody.
                                NetworkPayload::Amsdu(_) => false,
                                payload => self.network(
                                    io,
                                    &Place {
                                        link: &link,
                                        ..*place
                                    },
                                    payload,
                                ),
                            };
                        }
                        Err(fault) => report_fault(io, fault, None),
                    }
                }
                processed
            }
            NetworkPayload::Other {
                analyzer,
                protocol,
                payload,
            } => {
                self.unknown_protocol(io, place, analyzer, protocol.into(), payload.data());
                false
            }
            NetworkPayload::None => true,
        }
    }
}

/// Reports what is strange.  `hosts`: source and destination, where these are known.
#[inline]
fn report(io: &mut Io<'_>, weirds: Vec<bro_decode::Weird>, hosts: Option<(IpAddr, IpAddr)>) {
    if !weirds.is_empty() {
        report_all(io, weirds, hosts);
    }
}

#[cold]
fn report_all(io: &mut Io<'_>, weirds: Vec<bro_decode::Weird>, hosts: Option<(IpAddr, IpAddr)>) {
    for weird in weirds {
        let about = match (weird.scope, weird.endpoints.or(hosts)) {
            (Scope::Flow | Scope::Connection, Some((src, dst))) => WeirdAbout::Flow(src, dst),
            _ => WeirdAbout::Net,
        };
        let addl = weird.detail.unwrap_or_default();
        io.sink.weird(Weird {
            name: weird.name,
            about,
            addl,
            source: weird.source.unwrap_or_default(),
        });
    }
}

/// Reports why a header could not be decoded.
fn report_fault(io: &mut Io<'_>, fault: Malformed, hosts: Option<(IpAddr, IpAddr)>) {
    report(io, fault.into_weirds(), hosts);
}

/// The record `pcap_packet`.
pub(crate) fn pcap_packet(packet: &bro_capture::Packet<'_>) -> Value {
    let (seconds, nanos) = packet.ts.split();
    let encap = match Link::from_dlt(packet.link_type.0) {
        Link::Ethernet => Encap::Ethernet,
        _ => Encap::Unknown,
    };
    Value::Record(
        &events::PCAP_PACKET,
        vec![
            Value::Count(u64::try_from(seconds).unwrap_or(0)),
            Value::Count(u64::from(nanos / 1000)),
            Value::Count(packet.captured.len() as u64),
            packet.original_len.into(),
            packet.captured.into(),
            headers::encap(encap),
        ],
    )
}
