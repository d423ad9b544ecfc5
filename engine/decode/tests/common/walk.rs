//! Walks packets through all decoders the way the session layer does, and notes the flows and weirds it finds.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::net::IpAddr;

use bro_decode::link::{self, Link, NetworkPayload};
use bro_decode::net::fragments::FragmentTable;
use bro_decode::net::ip::{self, IpView};
use bro_decode::protocol::ip as proto;
use bro_decode::transport::{icmp, icmpv6, tcp, udp};
use bro_decode::tunnel::{ayiya, geneve, gre, gtp, ip_in_ip, teredo, vxlan, Inner};
use bro_decode::{Malformed, Scope, Snap, Weird};

/// An address and a port.
pub type Endpoint = (IpAddr, u16);

/// A flow without its direction: protocol and the two endpoints in order.
pub type Flow = (u8, Endpoint, Endpoint);

/// A weird as it ends up in the log: name, detail, source, hosts in order, whether about a connection.
pub type Noted = (
    String,
    Option<String>,
    Option<String>,
    Option<(IpAddr, IpAddr)>,
    bool,
);

const MAX_DEPTH: usize = 4;

#[derive(Default)]
pub struct Walk {
    pub flows: BTreeSet<Flow>,
    pub weirds: BTreeSet<Noted>,
    pub outcomes: BTreeMap<String, usize>,
    table: FragmentTable,
    teredo_clients: HashSet<Endpoint>,
    now: f64,
}

/// What of the packet is known to those who report.
#[derive(Clone, Copy)]
struct At {
    depth: usize,
    hosts: Option<(IpAddr, IpAddr)>,
    in_gtp: bool,
}

impl Walk {
    pub fn packet(&mut self, now: f64, dlt: u32, data: &[u8], wire_len: usize) {
        self.now = now;
        self.table.expire(now, 300.0);
        let at = At {
            depth: 0,
            hosts: None,
            in_gtp: false,
        };
        self.frame(Link::from_dlt(dlt), Snap::new(data, wire_len), at);
    }

    fn count(&mut self, outcome: impl Into<String>) {
        *self.outcomes.entry(outcome.into()).or_default() += 1;
    }

    fn note(&mut self, weird: &Weird, at: At) {
        let hosts = match weird.scope {
            Scope::Net => None,
            _ => weird.endpoints.or(at.hosts).map(|(a, b)| (a.min(b), a.max(b))),
        };
        self.count(format!("weird {}", weird.name));
        self.weirds.insert((
            weird.name.into(),
            weird.detail.clone(),
            weird.source.map(Into::into),
            hosts,
            weird.scope == Scope::Connection,
        ));
    }

    fn fault(&mut self, fault: Malformed, at: At) {
        if fault.violation {
            self.count(format!("violation {}", fault.weird.source.unwrap_or_default()));
        }
        for weird in fault.into_weirds() {
            self.note(&weird, at);
        }
    }

    fn frame(&mut self, link: Link, snap: Snap<'_>, at: At) {
        match link::decode(link, snap) {
            Ok(frame) => {
                frame.weirds.iter().for_each(|weird| self.note(weird, at));
                if let NetworkPayload::Amsdu(subframes) = frame.payload {
                    for subframe in subframes {
                        match subframe {
                            Ok(subframe) => self.network(subframe.payload, at),
                            Err(fault) => self.fault(fault, at),
                        }
                    }
                } else {
                    self.network(frame.payload, at);
                }
            }
            Err(fault) => self.fault(fault, at),
        }
    }

    fn network(&mut self, payload: NetworkPayload<'_>, at: At) {
        match payload {
            NetworkPayload::Ipv4(packet) | NetworkPayload::Ipv6(packet) => self.internet(packet, at),
            NetworkPayload::Arp(_) => self.count("arp"),
            NetworkPayload::Other {
                analyzer, protocol, ..
            } => {
                self.count(format!("unknown protocol {analyzer} {protocol:#x}"));
            }
            _ => self.count("nothing"),
        }
    }

    fn internet(&mut self, packet: Snap<'_>, at: At) {
        let view = match ip::parse(packet) {
            Ok(view) => view,
            Err(fault) => return self.fault(fault, at),
        };
        let at = At {
            hosts: Some((view.src, view.dst)),
            ..at
        };
        view.weirds.iter().for_each(|weird| self.note(weird, at));
        if view.fragment.is_some() {
            self.count("fragment");
            let mut weirds = Vec::new();
            let whole = self.table.insert(self.now, &view, &mut weirds);
            weirds.iter().for_each(|weird| self.note(weird, at));
            if let Some(whole) = whole {
                self.count("reassembled");
                self.internet(Snap::whole(&whole), at);
            }
            return;
        }
        self.transport(&view, at);
    }

    fn flow(&mut self, view: &IpView<'_>, ports: (u16, u16)) {
        let (one, two) = ((view.src, ports.0), (view.dst, ports.1));
        self.flows.insert((view.protocol, one.min(two), one.max(two)));
    }

    fn transport(&mut self, view: &IpView<'_>, at: At) {
        self.count(format!("IPv{} protocol {}", view.version, view.protocol));
        match (view.protocol, view.version) {
            (proto::TCP, _) => match tcp::parse(view.payload) {
                Ok(segment) => {
                    self.flow(view, (segment.src_port, segment.dst_port));
                    segment.weird().iter().for_each(|weird| self.note(weird, at));
                }
                Err(fault) => {
                    if let (Scope::Connection, Some(ports)) =
                        (fault.weird.scope, tcp::ports(view.payload.data()))
                    {
                        self.flow(view, ports);
                    }
                    self.fault(fault, at);
                }
            },
            (proto::UDP, _) => match udp::parse(view.payload) {
                Ok(datagram) => {
                    self.flow(view, (datagram.src_port, datagram.dst_port));
                    datagram.weird().iter().for_each(|weird| self.note(weird, at));
                    self.datagram(view, &datagram, at);
                }
                Err(fault) => self.fault(fault, at),
            },
            (proto::ICMP, 4) => match icmp::parse(view.payload) {
                Ok(message) => self.flow(view, icmp::flow_ports(message.kind, message.code)),
                Err(fault) => self.fault(fault, at),
            },
            (proto::ICMPV6, 6) => match icmp::parse(view.payload) {
                Ok(message) => self.flow(view, icmpv6::flow_ports(message.kind, message.code)),
                Err(fault) => self.fault(fault, at),
            },
            (proto::IPIP | proto::IPV6, _) => match ip_in_ip::decapsulate(view.protocol, view.payload) {
                Ok(tunnel) => {
                    tunnel.weirds.iter().for_each(|weird| self.note(weird, at));
                    self.enter(Some(tunnel.inner), at);
                }
                Err(fault) => self.fault(fault, at),
            },
            (proto::GRE, _) => match gre::decapsulate(view.payload) {
                Ok(tunnel) => {
                    tunnel.weirds.iter().for_each(|weird| self.note(weird, at));
                    self.enter(tunnel.inner, at);
                }
                Err(fault) => self.fault(fault, at),
            },
            (proto::IGMP, _) | (proto::ESP | proto::MOBILITY | proto::NO_NEXT, 6) => (),
            _ => self.flow(view, (0, 0)),
        }
    }

    fn enter(&mut self, inner: Option<Inner<'_>>, at: At) {
        match inner {
            Some(inner) if at.depth < MAX_DEPTH => {
                self.frame(
                    inner.link,
                    inner.payload,
                    At {
                        depth: at.depth + 1,
                        ..at
                    },
                );
            }
            Some(_) => self.count("too deep"),
            None => self.count("empty tunnel packet"),
        }
    }

    fn datagram(&mut self, view: &IpView<'_>, datagram: &udp::UdpView<'_>, at: At) {
        let ends = [(view.src, datagram.src_port), (view.dst, datagram.dst_port)];
        let is = |port| datagram.src_port == port || datagram.dst_port == port;
        let payload = datagram.payload;
        if is(4789) {
            match vxlan::decapsulate(payload) {
                Ok(tunnel) => {
                    tunnel.weirds.iter().for_each(|weird| self.note(weird, at));
                    self.enter(tunnel.inner, at);
                }
                Err(fault) => self.fault(fault, at),
            }
        } else if is(6081) {
            match geneve::decapsulate(payload) {
                Ok(tunnel) => {
                    tunnel.weirds.iter().for_each(|weird| self.note(weird, at));
                    self.enter(tunnel.inner, at);
                }
                Err(fault) => self.fault(fault, at),
            }
        } else if (is(2152) || is(2123)) && !at.in_gtp {
            match gtp::parse(payload) {
                Ok(tunnel) => self.enter(tunnel.inner, At { in_gtp: true, ..at }),
                Err(fault) => self.fault(fault, at),
            }
        } else if is(5072) {
            match ayiya::decapsulate(payload) {
                Ok(tunnel) => self.enter(tunnel.inner, at),
                Err(fault) => self.fault(fault, at),
            }
        } else if is(3544) || ends.iter().any(|end| self.teredo_clients.contains(end)) {
            match teredo::decapsulate(payload) {
                Ok(tunnel) => {
                    self.teredo_clients
                        .extend(ends.iter().filter(|end| end.1 != 3544));
                    tunnel.weirds.iter().for_each(|weird| self.note(weird, at));
                    self.enter(Some(tunnel.inner), at);
                }
                Err(fault) => self.fault(fault, at),
            }
        }
    }
}
