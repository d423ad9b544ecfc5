//! One entry to all decoders, for fuzzing.

use crate::link::{self, routes, Link, NetworkPayload, Routes};
use crate::net::fragments::{FragmentTable, Limits};
use crate::net::{arp, ip, mobility};
use crate::protocol::ip as proto;
use crate::transport::tcp_options::Value;
use crate::transport::{checksum, context, icmp, icmpv6, mptcp, tcp, udp};
use crate::tunnel::{ayiya, geneve, gre, gtp, gtp_elements, ip_in_ip, teredo, vxlan, Inner};
use crate::Snap;

/// Tunnels in tunnels beyond which the walk stops.
const MAX_DEPTH: usize = 4;

/// Where decoding may start.
const LINKS: [Link; 23] = [
    Link::Ethernet,
    Link::EtherType(crate::protocol::ethertype::VLAN),
    Link::EtherType(crate::protocol::ethertype::MPLS),
    Link::EtherType(crate::protocol::ethertype::PPPOE_SESSION),
    Link::EtherType(crate::protocol::ethertype::PBB),
    Link::Llc,
    Link::Ip,
    Link::Null,
    Link::Loop,
    Link::Ppp,
    Link::PppSerial,
    Link::Fddi,
    Link::LinuxSll,
    Link::LinuxSll2,
    Link::Ieee80211,
    Link::Ieee80211Padded,
    Link::Radiotap,
    Link::Prism,
    Link::Avs,
    Link::Ppi,
    Link::Nflog,
    Link::Snap,
    Link::Skip,
];

/// Runs the bytes through every decoder: as a frame of every link type, as the payload of IP and UDP in every
/// protocol and tunnel, and onwards to what these carry. Must not panic, whatever the bytes.
pub fn fuzz(data: &[u8]) {
    // The first byte stretches the length on the wire, so that cut packets are met too.
    let extra = data.first().map_or(0, |&b| usize::from(b & 0x0f) * 16);
    for snap in [Snap::whole(data), Snap::new(data, data.len() + extra)] {
        let mut table = FragmentTable::new(Limits::default());
        for link in LINKS {
            frame(link, snap, &mut table, 0);
        }
        let _ = link::history(Link::Ethernet, snap);
        directed(snap);
        let _ = mobility::parse(data);
        let _ = (context::Context::v4(data), context::Context::v6(data));
        transport(proto::TCP, snap);
        transport(proto::ICMP, snap);
        datagram(snap, &mut table, 0);
        let _ = udp::parse(snap).map(|view| view.weird());
        for protocol in [proto::IPIP, proto::IPV6, proto::GRE] {
            tunnel(protocol, snap, &mut table, 0);
        }
        table.expire(1.0, 1.0);
    }
}

/// Frames whose bytes also say which way they take: each parent passes on under the EtherType of IPv4, under a small number
/// and by default.
fn directed(snap: Snap<'_>) {
    let mut routes = Routes::default();
    routes.skip = snap.data().len() % 5;
    let mut child = snap
        .data()
        .iter()
        .map(|byte| LINKS[usize::from(*byte) % LINKS.len()]);
    for parent in routes::PARENTS {
        for number in [0x0800, 2] {
            routes.add(parent, number, child.next().unwrap_or(Link::Skip));
        }
        routes.set_default(parent, child.next().unwrap_or(Link::Ip));
    }
    for link in LINKS {
        let _ = link::decode_by(Some(&routes), link, snap);
    }
}

fn frame(link: Link, snap: Snap<'_>, table: &mut FragmentTable, depth: usize) {
    let Ok(frame) = link::decode(link, snap) else {
        return;
    };
    match frame.payload {
        NetworkPayload::Amsdu(subframes) => {
            for subframe in subframes.flatten() {
                network(subframe.payload, table, depth);
            }
        }
        payload => network(payload, table, depth),
    }
}

fn network(payload: NetworkPayload<'_>, table: &mut FragmentTable, depth: usize) {
    match payload {
        NetworkPayload::Ipv4(packet) | NetworkPayload::Ipv6(packet) => internet(packet, table, depth),
        NetworkPayload::Arp(packet) => {
            let _ = arp::parse(packet).map(|arp| arp.meaning(None));
        }
        _ => (),
    }
}

fn internet(packet: Snap<'_>, table: &mut FragmentTable, depth: usize) {
    let Ok(view) = ip::parse(packet) else { return };
    let _ = (
        view.ext_headers().count(),
        view.header_checksum_ok(),
        checksum::verify(&view),
    );
    if view.fragment.is_some() {
        if let Some(whole) = table.insert(0.0, &view, &mut Vec::new()) {
            if depth < MAX_DEPTH {
                internet(Snap::whole(&whole), table, depth + 1);
            }
        }
        return;
    }
    transport(view.protocol, view.payload);
    tunnel(view.protocol, view.payload, table, depth);
    if view.protocol == proto::UDP {
        if let Ok(view) = udp::parse(view.payload) {
            datagram(view.payload, table, depth);
        }
    }
}

fn transport(protocol: u8, payload: Snap<'_>) {
    match protocol {
        proto::TCP => {
            let _ = tcp::ports(payload.data());
            if let Ok(view) = tcp::parse(payload) {
                for option in view.options().flatten() {
                    look(option.value());
                    if let Value::Mptcp(data) = option.value() {
                        look(mptcp::parse(data, view.flags));
                    }
                }
                let _ = view.weird();
            }
        }
        proto::ICMP | proto::ICMPV6 => {
            if let Ok(view) = icmp::parse(payload) {
                let _ = (view.context(4), view.context(6));
                if let Some(Ok(message)) = icmpv6::discovery(&view) {
                    message.options.flatten().for_each(|option| look(option.value()));
                }
            }
        }
        _ => (),
    }
}

fn tunnel(protocol: u8, payload: Snap<'_>, table: &mut FragmentTable, depth: usize) {
    match protocol {
        proto::GRE => enter(
            gre::decapsulate(payload).ok().and_then(|gre| gre.inner),
            table,
            depth,
        ),
        _ => enter(
            ip_in_ip::decapsulate(protocol, payload).ok().map(|ip| ip.inner),
            table,
            depth,
        ),
    }
}

fn datagram(payload: Snap<'_>, table: &mut FragmentTable, depth: usize) {
    enter(
        vxlan::decapsulate(payload).ok().and_then(|vxlan| vxlan.inner),
        table,
        depth,
    );
    if let Ok(geneve) = geneve::decapsulate(payload) {
        let _ = geneve.options.count();
        enter(geneve.inner, table, depth);
    }
    if let Ok(gtp) = gtp::parse(payload) {
        let _ = gtp_elements::Elements::new(gtp.elements).count();
        enter(gtp.inner, table, depth);
    }
    enter(
        teredo::decapsulate(payload).ok().map(|teredo| teredo.inner),
        table,
        depth,
    );
    enter(
        ayiya::decapsulate(payload).ok().and_then(|ayiya| ayiya.inner),
        table,
        depth,
    );
}

fn enter(inner: Option<Inner<'_>>, table: &mut FragmentTable, depth: usize) {
    if let (Some(inner), true) = (inner, depth < MAX_DEPTH) {
        frame(inner.link, inner.payload, table, depth + 1);
    }
}

/// Keeps the compiler from leaving out what nobody uses.
fn look<T>(value: T) {
    let _ = std::hint::black_box(value);
}
