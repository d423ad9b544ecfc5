//! From packets to connections.

use std::net::IpAddr;

use bro_decode::protocol::ip as proto;
use bro_decode::transport::checksum::{verify, Status};
use bro_decode::transport::{icmp, icmpv6, tcp, udp};
use bro_decode::{Malformed, Scope};
use bro_events::{FlowId, Transport};

use super::{headers, report_fault, udp_tunnel, Place};
use crate::conn::{threshold, Connection, Core, TransportState};
use crate::env::{Env, Headers};
use crate::events;
use crate::flow::FlowKey;
use crate::icmp::Icmp;
use crate::packet::Packet;
use crate::sessions::{env, Io, Sessions};
use crate::table::Slot;
use crate::tcp::{Tcp, Work};
use crate::tree::Tree;
use crate::udp::Udp;

/// A connection at work: its place in the table, and whether its originator sent the packet at hand.
struct Found {
    slot: Slot,
    conn: Box<Connection>,
    is_orig: bool,
}

/// Source and destination port, and what they are ports of.
#[derive(Clone, Copy)]
struct Ports {
    src: u16,
    dst: u16,
    transport: Transport,
    one_way: bool,
}

impl Ports {
    fn new(src: u16, dst: u16, transport: Transport) -> Self {
        Ports {
            src,
            dst,
            transport,
            one_way: false,
        }
    }

    /// The key of the packet's flow, and whether its sender is the lower end.
    #[inline(always)] // it is half of finding a connection, which is done for every packet
    fn key(&self, packet: &Packet<'_>) -> (FlowKey, bool) {
        let ip = packet.ip;
        let (key, src_is_low) = if self.one_way {
            (
                FlowKey::one_way(ip.src, self.src, ip.dst, self.dst, ip.protocol),
                true,
            )
        } else {
            FlowKey::new(ip.src, self.src, ip.dst, self.dst, ip.protocol)
        };
        (key.within(packet.scope), src_is_low)
    }
}

/// What a packet means for what its connection counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Arrival {
    Usual,
    /// The connection has ended already, so the packet does not make it last longer.
    AfterEnd,
    /// Neither the packet nor its bytes count.
    Uncounted,
}

/// Follows an analyzer that has exchanged the roles.
pub(crate) fn turn(core: &mut Core, transport: &mut TransportState, env: &mut Env<'_>) {
    if std::mem::take(&mut core.flipped) {
        if let TransportState::Tcp(tcp) = transport {
            core.sides.swap(0, 1);
            tcp.flipped();
            env.mptcp.flip(core.id);
        }
        core.raise(env.sink, &events::CONNECTION_FLIPPED);
    }
}

impl Sessions {
    /// Whether the transport's checksum is wrong, and matters.
    fn has_bad_checksum(&self, place: &Place<'_>, packet: &Packet<'_>) -> bool {
        !place.unsummed
            && !self.options.ignores_checksum_of(packet.ip.src)
            && verify(packet.ip) == Status::Invalid
    }

    fn headers<'p>(packet: &Packet<'p>, is_orig: bool) -> Headers<'p> {
        Headers {
            ip: packet.ip.header,
            transport: packet.ip.payload.data(),
            is_orig,
        }
    }

    /// The connection a packet belongs to.
    fn find_for(&mut self, packet: &Packet<'_>, ports: Ports) -> Option<Found> {
        let (key, src_is_low) = ports.key(packet);
        let slot = self.table.find(&key)?;
        let conn = self.table.take(slot)?;
        let is_orig = conn.core.orig_is_low == src_is_low;
        Some(Found { slot, conn, is_orig })
    }

    /// Makes a connection for a packet, whose sender is the responder if `flip` is set.  `None` if the table is full.
    fn make(
        &mut self,
        io: &mut Io<'_>,
        packet: &Packet<'_>,
        ports: Ports,
        flip: bool,
        transport: TransportState,
        timeout: f64,
    ) -> Option<Found> {
        let Some((slot, id)) = self.table.reserve() else {
            self.stats.refused += 1;
            Self::net_weird(io, "connection_table_full", "", "");
            return None;
        };
        let (key, src_is_low) = ports.key(packet);
        let ip = packet.ip;
        let ends = |a: IpAddr, ap: u16, b: IpAddr, bp: u16| FlowId {
            orig_h: a,
            orig_p: ap,
            resp_h: b,
            resp_p: bp,
            transport: ports.transport,
            ip_proto: ip.protocol,
        };
        let flow = if flip {
            ends(ip.dst, ports.dst, ip.src, ports.src)
        } else {
            ends(ip.src, ports.src, ip.dst, ports.dst)
        };
        let mut core = Core::new(id, key, flow, src_is_low != flip, packet, self.uids.clone());
        if flip {
            core.history.push(b'^');
            core.sides.swap(0, 1);
        }
        core.inactivity_timeout = timeout;
        core.expected = self.bindings.expected(&flow, packet.ts);
        self.stats.created(transport.kind());
        let mut conn = Box::new(Connection {
            core,
            transport,
            tree: None,
        });
        super::tunnel::announce(&mut conn.core, io.sink);
        conn.core.raise(io.sink, &events::NEW_CONNECTION);
        self.table.insert(slot, conn);
        let conn = self.table.take(slot)?;
        Some(Found {
            slot,
            conn,
            is_orig: !flip,
        })
    }

    /// What is done for a packet of any connection before its transport looks at it.
    fn arrive(
        core: &mut Core,
        tree: &mut Option<Box<Tree>>,
        env: &mut Env<'_>,
        packet: &Packet<'_>,
        is_orig: bool,
        arrival: Arrival,
    ) {
        if arrival != Arrival::AfterEnd {
            core.last = packet.ts;
        }
        core.dirty = true;
        if env.options.use_conn_size_analyzer && arrival != Arrival::Uncounted {
            core.count(packet, is_orig);
        }
        if !core.expected.is_empty() {
            // Policy is told of a connection that it expects, whether it ever carries data or not.
            Tree::grow(tree, core, env);
        }
        let ip = packet.ip;
        if ip.version == 6 {
            core.flow_label(env, is_orig, ip.flow_label);
        }
        super::tunnel::follow(core, env, packet);
        if env.sink.wants(&events::NEW_PACKET) {
            core.emit(env.sink, &events::NEW_PACKET, || [headers::pkt_hdr(ip)]);
        }
        if ip.version == 6 && ip.header_len > bro_decode::net::ipv6::HEADER_LEN {
            core.emit(env.sink, &events::IPV6_EXT_HEADERS, || [headers::pkt_hdr(ip)]);
        }
        if env.sink.wants(&events::PACKET_CONTENTS) && !ip.payload.data().is_empty() {
            core.emit(env.sink, &events::PACKET_CONTENTS, || [ip.payload.data().into()]);
        }
        if env.bindings.matches_headers && !core.skip {
            Tree::grow(tree, core, env).match_headers(core, env, is_orig);
        }
    }

    /// What is done for a packet of any connection afterwards.
    fn leave(&mut self, io: &mut Io<'_>, found: Found, now: f64) {
        let Found { slot, mut conn, .. } = found;
        let mut env = env!(self, io, now, Headers::default());
        let Connection { core, transport, .. } = &mut *conn;
        turn(core, transport, &mut env);
        if core.thresholds.is_some() {
            threshold::check(core, &mut env);
        }
        if !env.options.generic_packet_thresholds.is_empty() {
            threshold::check_total(core, &mut env);
        }
        conn.core.dirty = true;
        self.record = conn.core.record;
        self.put_back(io, slot, conn, now);
    }

    /// Reports why a transport header could not be decoded: to the connection, if its ports could be read and it is known.
    fn transport_fault(
        &mut self,
        io: &mut Io<'_>,
        packet: &Packet<'_>,
        fault: Malformed,
        ports: Option<Ports>,
    ) -> bool {
        let hosts = (packet.ip.src, packet.ip.dst);
        let found = match ports {
            Some(ports) if fault.weird.scope == Scope::Connection => self.find_for(packet, ports),
            _ => None,
        };
        match found {
            Some(Found { slot, mut conn, .. }) => {
                let weird = &fault.weird;
                let addl = weird.detail.clone().unwrap_or_default();
                conn.core
                    .weird(io.sink, weird.name, addl, weird.source.unwrap_or_default());
                self.table.put(slot, conn);
            }
            None => report_fault(io, fault, Some(hosts)),
        }
        false
    }

    pub(super) fn tcp(&mut self, io: &mut Io<'_>, place: &Place<'_>, packet: &Packet<'_>) -> bool {
        let view = match tcp::parse(packet.ip.payload) {
            Ok(view) => view,
            Err(fault) => {
                let ports = tcp::ports(packet.ip.payload.data());
                let ports = ports.map(|(src, dst)| Ports::new(src, dst, Transport::Tcp));
                return self.transport_fault(io, packet, fault, ports);
            }
        };
        if let (true, Some(options)) = (self.special, &mut self.tcp_options) {
            view.raw_options.clone_into(options);
        }
        let ports = Ports::new(view.src_port, view.dst_port, Transport::Tcp);
        let bad_checksum = self.has_bad_checksum(place, packet);
        let mut found = self.find_for(packet, ports);
        if let Some(Found {
            slot,
            mut conn,
            is_orig,
        }) = found
        {
            let mut env = env!(self, io, packet.ts, Self::headers(packet, is_orig));
            let Connection {
                core,
                transport,
                tree,
            } = &mut *conn;
            let reused = match transport {
                TransportState::Tcp(tcp) if !bad_checksum => {
                    let mut work = Work {
                        core,
                        tree,
                        env: &mut env,
                        packet,
                        tcp: &view,
                    };
                    tcp.is_reuse(&mut work, is_orig)
                }
                _ => false,
            };
            found = if reused {
                conn.core.raise(io.sink, &events::CONNECTION_REUSED);
                conn.core.remove = true;
                if self.mptcp.holds(conn.core.id) {
                    // Other subflows go on, and their content is for the analyzers here; only the name is free.
                    self.table.free_key(slot, &conn.core.key);
                }
                self.put_back(io, slot, conn, packet.ts);
                self.settle(io, packet.ts);
                None
            } else {
                Some(Found { slot, conn, is_orig })
            };
        }
        let mut found = match found {
            Some(found) => found,
            None => {
                let Some(flip) = Tcp::may_begin(&self.options, &view) else {
                    return false;
                };
                let state = Tcp::new(&self.options, packet.ts);
                let timeout = self.options.tcp_inactivity_timeout;
                let found = self.make(
                    io,
                    packet,
                    ports,
                    flip,
                    TransportState::Tcp(Box::new(state)),
                    timeout,
                );
                let Some(mut found) = found else { return false };
                found.conn.core.raise(io.sink, &events::NEW_CONNECTION_CONTENTS);
                found
            }
        };
        let is_orig = found.is_orig;
        let mut env = env!(self, io, packet.ts, Self::headers(packet, is_orig));
        let Connection {
            core,
            transport,
            tree,
        } = &mut *found.conn;
        let ended = matches!(transport, TransportState::Tcp(tcp) if tcp.has_ended());
        let arrival = if ended { Arrival::AfterEnd } else { Arrival::Usual };
        Self::arrive(core, tree, &mut env, packet, is_orig, arrival);
        if let TransportState::Tcp(tcp) = transport {
            if bad_checksum {
                tcp.bad_checksum(core, &mut env, is_orig);
            } else {
                let mut work = Work {
                    core,
                    tree,
                    env: &mut env,
                    packet,
                    tcp: &view,
                };
                tcp.process(&mut work, is_orig);
            }
        }
        let id = core.id;
        self.leave(io, found, packet.ts);
        if !self.mptcp.has_settled() {
            self.settle_mptcp(io, packet.ts, id, Self::headers(packet, is_orig));
        }
        true
    }

    pub(super) fn udp(&mut self, io: &mut Io<'_>, place: &Place<'_>, packet: &Packet<'_>) -> bool {
        let view = match udp::parse(packet.ip.payload) {
            Ok(view) => view,
            Err(fault) => {
                self.transport_fault(io, packet, fault, None);
                return true;
            }
        };
        let ports = Ports::new(view.src_port, view.dst_port, Transport::Udp);
        let mut bad_checksum = self.has_bad_checksum(place, packet);
        if bad_checksum && !self.options.validate_vxlan_checksums {
            bad_checksum = !self.tunnels.is_vxlan(view.src_port, view.dst_port);
        }
        let found = match self.find_for(packet, ports) {
            Some(found) => Some(found),
            None => {
                let flip = Udp::is_from_responder(&self.options, &view);
                let timeout = self.options.udp_inactivity_timeout;
                self.make(
                    io,
                    packet,
                    ports,
                    flip,
                    TransportState::Udp(Box::default()),
                    timeout,
                )
            }
        };
        let Some(mut found) = found else { return false };
        let is_orig = found.is_orig;
        let mut env = env!(self, io, packet.ts, Self::headers(packet, is_orig));
        let Connection {
            core,
            transport,
            tree,
        } = &mut *found.conn;
        Self::arrive(core, tree, &mut env, packet, is_orig, Arrival::Usual);
        let mut inside = None;
        if let TransportState::Udp(udp) = transport {
            if bad_checksum {
                udp.bad_checksum(core, &mut env, is_orig);
            } else {
                udp.process(core, tree, &mut env, &view, is_orig);
                inside = udp_tunnel::look_into(
                    &self.tunnels,
                    core,
                    &mut udp.tunnel,
                    &mut env,
                    place,
                    &view,
                    is_orig,
                );
            }
        }
        self.leave(io, found, packet.ts);
        if let Some((inner, layers)) = inside {
            self.descend(io, place, inner, &layers);
        }
        true
    }

    pub(super) fn icmp(&mut self, io: &mut Io<'_>, place: &Place<'_>, packet: &Packet<'_>) -> bool {
        let view = match icmp::parse(packet.ip.payload) {
            Ok(view) => view,
            Err(fault) => {
                self.transport_fault(io, packet, fault, None);
                return true;
            }
        };
        let (src, dst) = if packet.ip.protocol == proto::ICMPV6 {
            icmpv6::flow_ports(view.kind, view.code)
        } else {
            icmp::flow_ports(view.kind, view.code)
        };
        let one_way = crate::icmp::is_one_way(packet.ip.protocol, src, dst);
        let ports = Ports {
            src,
            dst,
            transport: Transport::Icmp,
            one_way,
        };
        let bad_checksum = self.has_bad_checksum(place, packet);
        let found = match self.find_for(packet, ports) {
            Some(found) => Some(found),
            None => {
                let timeout = self.options.icmp_inactivity_timeout;
                self.make(io, packet, ports, false, TransportState::Icmp(Icmp), timeout)
            }
        };
        let Some(mut found) = found else { return false };
        let is_orig = found.is_orig;
        let mut env = env!(self, io, packet.ts, Self::headers(packet, is_orig));
        let Connection { core, tree, .. } = &mut *found.conn;
        // A message that was not captured whole does not count, as it does not go to analyzers.
        let arrival = if view.payload.is_truncated() {
            Arrival::Uncounted
        } else {
            Arrival::Usual
        };
        Self::arrive(core, tree, &mut env, packet, is_orig, arrival);
        if bad_checksum {
            Icmp::bad_checksum(core, &mut env);
        } else {
            Icmp::process(core, &mut env, packet, &view, is_orig);
        }
        self.leave(io, found, packet.ts);
        true
    }

    /// A packet of a protocol that is neither of the above: its two hosts make a flow of that protocol.
    pub(super) fn other(&mut self, io: &mut Io<'_>, _: &Place<'_>, packet: &Packet<'_>) -> bool {
        let ports = Ports::new(0, 0, Transport::Unknown);
        let found = match self.find_for(packet, ports) {
            Some(found) => Some(found),
            None => {
                let timeout = self.options.unknown_ip_inactivity_timeout;
                self.make(io, packet, ports, false, TransportState::Other, timeout)
            }
        };
        let Some(mut found) = found else { return false };
        let is_orig = found.is_orig;
        let mut env = env!(self, io, packet.ts, Self::headers(packet, is_orig));
        let Connection { core, tree, .. } = &mut *found.conn;
        Self::arrive(core, tree, &mut env, packet, is_orig, Arrival::Usual);
        self.leave(io, found, packet.ts);
        true
    }
}
