//! Ways of packets between analyzers that a site has set (`PacketAnalyzer::register_packet_analyzer` and its kin).
//!
//! What follows what by the standards is known to the walk itself.  Only for a site that has set something there is a
//! [`Directions`], which is asked first.

use std::collections::HashMap;

use bro_decode::link::{Link, NetworkPayload, Routes};
use bro_decode::net::ip::IpView;
use bro_decode::protocol::ip as proto;
use bro_decode::tunnel::Inner;
use bro_events::{EncapsulationLayer, Transport};

use super::Place;
use crate::packet::Packet;
use crate::sessions::{Io, Sessions};

/// What gets the payload of an IP packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IpChild {
    Tcp,
    Udp,
    Icmp,
    Igmp,
    Gre,
    /// A flow of the protocol as such
    Unknown,
    /// A frame or packet of its own
    Inner(Link),
}

impl IpChild {
    fn by_analyzer(name: &str) -> Option<Self> {
        Some(match name {
            "TCP" => IpChild::Tcp,
            "UDP" => IpChild::Udp,
            "ICMP" => IpChild::Icmp,
            "IGMP" => IpChild::Igmp,
            "GRE" => IpChild::Gre,
            "UNKNOWN_IP_TRANSPORT" => IpChild::Unknown,
            name => IpChild::Inner(Link::by_analyzer(name)?),
        })
    }
}

/// What a site has set.
#[derive(Debug, Default)]
pub(crate) struct Directions {
    pub link: Routes,
    ip: HashMap<u8, IpChild>,
    ip_default: Option<IpChild>,
}

/// A way as it was asked for, by the names of analyzers.
enum Way {
    Link(&'static str, u32, Link),
    Ip(u8, IpChild),
    UdpPort(u16),
}

/// The way from `parent` to `child` for what has this number; `None` if there is none, because one of them is no packet
/// analyzer, or the child cannot be there.
fn way(parent: &str, number: u64, child: &str) -> Option<Way> {
    match parent {
        "IP" => Some(Way::Ip(u8::try_from(number).ok()?, IpChild::by_analyzer(child)?)),
        // A port; the tunnels over UDP know which.
        "UDP" => {
            const TUNNELS: [&str; 6] = ["TEREDO", "VXLAN", "GENEVE", "GTPV1", "AYIYA", "GRE"];
            TUNNELS
                .contains(&child)
                .then_some(Way::UdpPort(u16::try_from(number).ok()?))
        }
        parent => Some(Way::Link(
            Routes::parent(parent)?,
            u32::try_from(number).ok()?,
            Link::by_analyzer(child)?,
        )),
    }
}

/// The analyzer of a tunnel, by the value of `Tunnel::Type`.
fn tunnel_analyzer(kind: &str) -> &'static str {
    match kind {
        "Tunnel::GRE" => "GRE",
        "Tunnel::GENEVE" => "GENEVE",
        "Tunnel::VXLAN" => "VXLAN",
        "Tunnel::TEREDO" => "TEREDO",
        "Tunnel::GTPv1" => "GTPV1",
        _ => "IPTUNNEL",
    }
}

/// Whether the walk knows what to do with a packet's protocol.
fn is_known(view: &IpView<'_>) -> bool {
    match view.protocol {
        proto::TCP | proto::UDP | proto::IPIP | proto::IPV6 | proto::GRE | proto::IGMP => true,
        proto::ICMP => view.version == 4,
        proto::ICMPV6 | proto::ESP | proto::MOBILITY | proto::NO_NEXT => view.version == 6,
        _ => false,
    }
}

impl Sessions {
    /// Whether packets can be directed from one packet analyzer to another, given by their names such as `ETHERNET`.
    pub fn can_route(parent: &str, number: u64, child: &str) -> bool {
        way(parent, number, child).is_some()
    }

    fn directions(&mut self) -> &mut Directions {
        self.special = true;
        self.directions.get_or_insert_with(Box::default)
    }

    /// Directs what `parent` carries under a number to `child`.  False if that is no way, see [`Sessions::can_route`].
    pub fn route(&mut self, parent: &str, number: u64, child: &str) -> bool {
        match way(parent, number, child) {
            Some(Way::Link(parent, number, child)) => self.directions().link.add(parent, number, child),
            Some(Way::Ip(protocol, child)) => {
                self.directions().ip.insert(protocol, child);
            }
            Some(Way::UdpPort(port)) => {
                let tag = format!("PacketAnalyzer::ANALYZER_{child}");
                return self.tunnels.register(&tag, Transport::Udp, port);
            }
            None => return false,
        }
        true
    }

    /// Directs what `parent` carries to `child` where nothing else is known for it.  False if that cannot be.
    pub fn route_by_default(&mut self, parent: &str, child: &str) -> bool {
        if parent == "IP" {
            let child = IpChild::by_analyzer(child);
            let known = child.is_some();
            self.directions().ip_default = child;
            return known;
        }
        match Link::by_analyzer(child) {
            Some(child) => self.directions().link.set_default(parent, child),
            None => false,
        }
    }

    /// Sets how many link headers a frame may have, and how many bytes the analyzer `SKIP` leaves out.
    pub fn set_link_limits(&mut self, max_depth: usize, skip: usize) {
        let routes = &mut self.directions().link;
        (routes.max_depth, routes.skip) = (max_depth, skip);
    }

    /// What the site has set about frames, if anything.
    pub(super) fn link_routes(&self) -> Option<&Routes> {
        self.directions.as_deref().map(|directions| &directions.link)
    }

    /// The first header of frames of a link type.
    pub(super) fn first_link(&self, link_type: u32) -> Link {
        match self.link_routes() {
            None => Link::from_dlt(link_type),
            Some(routes) => routes.first(link_type),
        }
    }

    /// What gets the payload of an IP packet, if the site has set it.
    pub(super) fn ip_child(&self, view: &IpView<'_>) -> Option<IpChild> {
        let directions = self.directions.as_deref()?;
        let set = directions.ip.get(&view.protocol).copied();
        set.or_else(|| directions.ip_default.filter(|_| !is_known(view)))
    }

    /// Goes on with an IP packet's payload as the site wants it.
    pub(super) fn directed(
        &mut self,
        io: &mut Io<'_>,
        place: &Place<'_>,
        packet: &Packet<'_>,
        child: IpChild,
    ) -> bool {
        match child {
            IpChild::Tcp => self.tcp(io, place, packet),
            IpChild::Udp => self.udp(io, place, packet),
            IpChild::Icmp => self.icmp(io, place, packet),
            IpChild::Gre => self.gre(io, place, packet),
            IpChild::Igmp => true,
            IpChild::Unknown => self.other(io, place, packet),
            IpChild::Inner(link) => {
                let inner = Inner {
                    link,
                    payload: packet.ip.payload,
                };
                self.inner(io, place, packet, inner)
            }
        }
    }

    /// The packet in a tunnel as the site wants it decoded, if it has set anything about that.
    pub(super) fn directed_inner<'p>(&self, layers: &[EncapsulationLayer], inner: Inner<'p>) -> Inner<'p> {
        let Some(routes) = self.link_routes() else {
            return inner;
        };
        let parent = tunnel_analyzer(layers.last().map_or("", |layer| layer.tunnel_type));
        let directed = match inner.link {
            Link::EtherType(kind) => {
                let set = Routes::parent(parent).and_then(|parent| routes.get(parent, kind.into()));
                set.or_else(|| {
                    let unknown = matches!(inner.decode(), Ok(frame) if matches!(frame.payload, NetworkPayload::Other { .. }));
                    routes.default_of(parent).filter(|_| unknown)
                })
            }
            _ => routes.default_of(parent),
        };
        Inner {
            link: directed.unwrap_or(inner.link),
            ..inner
        }
    }
}
