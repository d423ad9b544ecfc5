//! Tunnels: what they are known by, and the way into them.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;

use bro_decode::link;
use bro_decode::tunnel::{gre, ip_in_ip, Inner};
use bro_events::{EncapsulationLayer, EventSink, FlowId, Transport, UidMaker, Value, Weird, WeirdAbout};
use foldhash::fast::FixedState;

use super::{report, report_fault, Place};
use crate::conn::{conn_id_value, Core};
use crate::env::Env;
use crate::events;
use crate::options::Options;
use crate::packet::Packet;
use crate::sessions::{Io, Sessions};

/// Tunnels directly on IP that are remembered at most; beyond that the oldest is forgotten.
const MOST: usize = 1 << 16;

/// How many of them are looked at each time whether they have expired.
const MOST_LOOKS: usize = 256;

/// A protocol that carries packets in UDP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UdpTunnel {
    Teredo,
    Vxlan,
    Geneve,
    Gtpv1,
    Ayiya,
    Gre,
}

impl UdpTunnel {
    const ALL: [UdpTunnel; 6] = [
        UdpTunnel::Teredo,
        UdpTunnel::Vxlan,
        UdpTunnel::Geneve,
        UdpTunnel::Gtpv1,
        UdpTunnel::Ayiya,
        UdpTunnel::Gre,
    ];

    /// The tag of the packet analyzer.
    pub fn tag(self) -> &'static str {
        match self {
            UdpTunnel::Teredo => "PacketAnalyzer::ANALYZER_TEREDO",
            UdpTunnel::Vxlan => "PacketAnalyzer::ANALYZER_VXLAN",
            UdpTunnel::Geneve => "PacketAnalyzer::ANALYZER_GENEVE",
            UdpTunnel::Gtpv1 => "PacketAnalyzer::ANALYZER_GTPV1",
            UdpTunnel::Ayiya => "PacketAnalyzer::ANALYZER_AYIYA",
            UdpTunnel::Gre => "PacketAnalyzer::ANALYZER_GRE",
        }
    }

    /// The value of `Tunnel::Type`.
    pub fn kind(self) -> &'static str {
        match self {
            UdpTunnel::Teredo => "Tunnel::TEREDO",
            UdpTunnel::Vxlan => "Tunnel::VXLAN",
            UdpTunnel::Geneve => "Tunnel::GENEVE",
            UdpTunnel::Gtpv1 => "Tunnel::GTPv1",
            UdpTunnel::Ayiya => "Tunnel::AYIYA",
            UdpTunnel::Gre => "Tunnel::GRE",
        }
    }

    fn by_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tunnel| tunnel.tag() == tag)
    }

    fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A tunnel directly on IP: both hosts, the lower first, and its kind.
type IpTunnelKey = (IpAddr, IpAddr, &'static str);

/// A tunnel directly on IP.
struct IpTunnel {
    layer: EncapsulationLayer,
    last: f64,
}

/// What the walk knows of tunnels.
pub(crate) struct Tunnels {
    uids: UidMaker,
    /// Tunnels made, for their ids
    made: u64,
    ip: HashMap<IpTunnelKey, IpTunnel>,
    /// In the order in which they were made or looked at
    order: VecDeque<IpTunnelKey>,
    /// When to look for expired ones again
    look_at: f64,
    ports: HashMap<u16, UdpTunnel, FixedState>,
    /// Ports that policy registered or took away, which outlast a change of options
    changes: Vec<(u16, UdpTunnel, bool)>,
    /// By bit
    disabled: u8,
}

impl Tunnels {
    pub fn new(uids: UidMaker) -> Self {
        Tunnels {
            uids,
            made: 0,
            ip: HashMap::new(),
            order: VecDeque::new(),
            look_at: f64::NEG_INFINITY,
            ports: HashMap::default(),
            changes: Vec::new(),
            disabled: 0,
        }
    }

    /// Uses the ports that the options name.
    pub fn use_ports(&mut self, options: &Options) {
        self.ports.clear();
        let sets = [
            (UdpTunnel::Teredo, &options.teredo_ports),
            (UdpTunnel::Vxlan, &options.vxlan_ports),
            (UdpTunnel::Geneve, &options.geneve_ports),
            (UdpTunnel::Gtpv1, &options.gtpv1_ports),
            (UdpTunnel::Ayiya, &options.ayiya_ports),
            (UdpTunnel::Gre, &options.gre_ports),
        ];
        for (tunnel, ports) in sets {
            for &(transport, port) in ports {
                if transport == Transport::Udp {
                    self.ports.insert(port, tunnel);
                }
            }
        }
        for &(port, tunnel, there) in &self.changes {
            if there {
                self.ports.insert(port, tunnel);
            } else {
                self.ports.remove(&port);
            }
        }
    }

    fn change(&mut self, tag: &str, transport: Transport, port: u16, there: bool) -> bool {
        let Some(tunnel) = UdpTunnel::by_tag(tag) else {
            return false;
        };
        if transport == Transport::Udp {
            self.changes.retain(|&(changed, ..)| changed != port);
            self.changes.push((port, tunnel, there));
            if there {
                self.ports.insert(port, tunnel);
            } else if self.ports.get(&port) == Some(&tunnel) {
                self.ports.remove(&port);
            }
        }
        true
    }

    /// Takes UDP at a port for a tunnel.  False if there is no tunnel with that tag.
    pub fn register(&mut self, tag: &str, transport: Transport, port: u16) -> bool {
        self.change(tag, transport, port, true)
    }

    /// No longer takes UDP at a port for a tunnel.  False if there is no tunnel with that tag.
    pub fn unregister(&mut self, tag: &str, transport: Transport, port: u16) -> bool {
        self.change(tag, transport, port, false)
    }

    /// Switches a tunnel on or off.  False if there is none with that tag.
    pub fn enable(&mut self, tag: &str, enabled: bool) -> bool {
        let Some(tunnel) = UdpTunnel::by_tag(tag) else {
            return false;
        };
        if enabled {
            self.disabled &= !tunnel.bit();
        } else {
            self.disabled |= tunnel.bit();
        }
        true
    }

    fn is_enabled(&self, tunnel: UdpTunnel) -> bool {
        self.disabled & tunnel.bit() == 0
    }

    /// The tunnel that a datagram's ports announce.
    pub fn at_ports(&self, src: u16, dst: u16) -> Option<UdpTunnel> {
        let tunnel = *self.ports.get(&dst).or_else(|| self.ports.get(&src))?;
        self.is_enabled(tunnel).then_some(tunnel)
    }

    /// Whether a datagram's ports are those of VXLAN.
    pub fn is_vxlan(&self, src: u16, dst: u16) -> bool {
        self.at_ports(src, dst) == Some(UdpTunnel::Vxlan)
    }

    /// Whether Teredo is looked for at ports that announce nothing.
    pub fn looks_for_teredo(&self) -> bool {
        self.is_enabled(UdpTunnel::Teredo)
    }

    /// The layer of a tunnel directly on IP.
    fn ip_tunnel(
        &mut self,
        src: IpAddr,
        dst: IpAddr,
        protocol: u8,
        kind: &'static str,
        now: f64,
    ) -> EncapsulationLayer {
        let key = (src.min(dst), src.max(dst), kind);
        if let Some(tunnel) = self.ip.get_mut(&key) {
            tunnel.last = now;
            return tunnel.layer.clone();
        }
        while self.ip.len() >= MOST {
            let Some(oldest) = self.order.pop_front() else {
                break;
            };
            self.ip.remove(&oldest);
        }
        let id = FlowId {
            orig_h: src,
            orig_p: 0,
            resp_h: dst,
            resp_p: 0,
            transport: Transport::Unknown,
            ip_proto: protocol,
        };
        // Connections count from below.
        let uid = self.uids.nth('C', u64::MAX - self.made);
        self.made += 1;
        let layer = EncapsulationLayer {
            id,
            tunnel_type: kind,
            uid,
        };
        self.ip.insert(
            key,
            IpTunnel {
                layer: layer.clone(),
                last: now,
            },
        );
        self.order.push_back(key);
        layer
    }

    /// Forgets tunnels directly on IP on which nothing was seen for long.  Looks at a few of them, once a second.
    #[inline]
    pub fn expire(&mut self, now: f64, options: &Options) {
        if now >= self.look_at {
            self.look_at = now + 1.0;
            self.look(now, options);
        }
    }

    fn look(&mut self, now: f64, options: &Options) {
        if options.ip_tunnel_timeout <= 0.0 {
            return;
        }
        for _ in 0..self.order.len().min(MOST_LOOKS) {
            let Some(key) = self.order.pop_front() else { return };
            let last = self.ip.get(&key).map_or(f64::NEG_INFINITY, |tunnel| tunnel.last);
            if last + options.ip_tunnel_timeout <= now {
                self.ip.remove(&key);
            } else {
                self.order.push_back(key);
            }
        }
    }
}

/// What lies around a packet in a tunnel, itself in what lies around the tunnel.
pub(super) fn layers(
    around: Option<&Arc<[EncapsulationLayer]>>,
    layer: EncapsulationLayer,
) -> Arc<[EncapsulationLayer]> {
    around
        .map_or(&[][..], |layers| layers)
        .iter()
        .cloned()
        .chain(std::iter::once(layer))
        .collect()
}

/// The value of an `EncapsulatingConnVector`.
pub(crate) fn value(layers: &[EncapsulationLayer]) -> Value {
    let layer = |layer: &EncapsulationLayer| {
        let fields = vec![
            conn_id_value(&layer.id),
            Value::Enum(layer.tunnel_type),
            layer.uid.to_string().into(),
        ];
        Value::Record(&events::ENCAPSULATING_CONN, fields)
    };
    Value::Vector(layers.iter().map(layer).collect())
}

/// Notes that a connection's packets come through other tunnels than before.
pub(super) fn follow(core: &mut Core, env: &mut Env<'_>, packet: &Packet<'_>) {
    let same = match (&core.tunnel, packet.encapsulation) {
        (None, None) => true,
        (Some(old), Some(new)) => Arc::ptr_eq(old, new) || old[..] == new[..],
        _ => false,
    };
    if same {
        return;
    }
    let most = env.options.tunnel_max_changes;
    if most > 0 && u64::from(core.tunnel_changes) >= most {
        // Only the tunnels are not followed any more: what the connection carries goes on being analyzed, or switching
        // tunnels would be a way to hide it.
        if u64::from(core.tunnel_changes) == most {
            core.tunnel_changes = core.tunnel_changes.saturating_add(1);
            core.weird(
                env.sink,
                "tunnel_max_changes_per_connection_exceeded",
                most.to_string(),
                "",
            );
            core.mark_unfollowed();
        }
        return;
    }
    core.tunnel_changes += 1;
    core.tunnel = packet.encapsulation.map(Arc::clone);
    core.dirty = true;
    let layers = core.tunnel.clone();
    core.emit(env.sink, &events::TUNNEL_CHANGED, || {
        [value(layers.as_deref().unwrap_or_default())]
    });
}

/// Tells policy of a new connection's tunnels, if there are any.
pub(super) fn announce(core: &mut Core, sink: &mut dyn EventSink) {
    if let Some(layers) = core.tunnel.clone() {
        core.emit(sink, &events::TUNNELED_CONNECTION, || [value(&layers)]);
    }
}

impl Sessions {
    /// Goes on with the packet in a tunnel.
    pub(super) fn descend(
        &mut self,
        io: &mut Io<'_>,
        place: &Place<'_>,
        inner: Inner<'_>,
        layers: &Arc<[EncapsulationLayer]>,
    ) {
        let inner = self.directed_inner(layers, inner);
        let frame = match link::decode_by(self.link_routes(), inner.link, inner.payload) {
            Ok(frame) => frame,
            Err(fault) => {
                report_fault(io, fault, None);
                return;
            }
        };
        report(io, frame.weirds, None);
        let link = frame.l2;
        let place = Place {
            link: &link,
            first: inner.link,
            frame: inner.payload,
            encapsulation: Some(layers),
            ..*place
        };
        self.network(io, &place, frame.payload);
    }

    /// Whether there is room for one more tunnel around a packet; reports it if not.
    fn is_too_deep(&self, io: &mut Io<'_>, place: &Place<'_>, packet: &Packet<'_>) -> bool {
        let too_deep = place.depth() >= self.options.tunnel_max_depth;
        if too_deep {
            let about = WeirdAbout::Flow(packet.ip.src, packet.ip.dst);
            io.sink.weird(Weird {
                name: "exceeded_tunnel_max_depth",
                about,
                addl: String::new(),
                source: "",
            });
        }
        too_deep
    }

    fn enter_ip_tunnel(
        &mut self,
        io: &mut Io<'_>,
        place: &Place<'_>,
        packet: &Packet<'_>,
        inner: Inner<'_>,
        kind: &'static str,
    ) {
        let ip = packet.ip;
        let layer = self
            .tunnels
            .ip_tunnel(ip.src, ip.dst, ip.protocol, kind, place.ts);
        let layers = layers(place.encapsulation, layer);
        self.descend(io, place, inner, &layers);
    }

    /// What a site takes for a tunnel directly on IP.
    pub(super) fn inner(
        &mut self,
        io: &mut Io<'_>,
        place: &Place<'_>,
        packet: &Packet<'_>,
        inner: Inner<'_>,
    ) -> bool {
        if self.is_too_deep(io, place, packet) {
            return false;
        }
        self.enter_ip_tunnel(io, place, packet, inner, "Tunnel::IP");
        true
    }

    /// IP in IP.
    pub(super) fn ip_in_ip(&mut self, io: &mut Io<'_>, place: &Place<'_>, packet: &Packet<'_>) -> bool {
        if self.is_too_deep(io, place, packet) {
            return false;
        }
        let ip = packet.ip;
        match ip_in_ip::decapsulate(ip.protocol, ip.payload) {
            Ok(tunnel) => {
                report(io, tunnel.weirds, Some((ip.src, ip.dst)));
                self.enter_ip_tunnel(io, place, packet, tunnel.inner, "Tunnel::IP");
                true
            }
            Err(fault) => {
                report_fault(io, fault, Some((ip.src, ip.dst)));
                false
            }
        }
    }

    /// GRE.
    pub(super) fn gre(&mut self, io: &mut Io<'_>, place: &Place<'_>, packet: &Packet<'_>) -> bool {
        if self.is_too_deep(io, place, packet) {
            return false;
        }
        let ip = packet.ip;
        match gre::decapsulate(ip.payload) {
            Ok(tunnel) => {
                report(io, tunnel.weirds, Some((ip.src, ip.dst)));
                if let Some(inner) = tunnel.inner {
                    self.enter_ip_tunnel(io, place, packet, inner, "Tunnel::GRE");
                }
                true
            }
            Err(fault) => {
                report_fault(io, fault, Some((ip.src, ip.dst)));
                false
            }
        }
    }
}
