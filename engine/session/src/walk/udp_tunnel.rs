//! Tunnels in UDP.

use std::net::IpAddr;
use std::sync::Arc;

use bro_decode::link::Link;
use bro_decode::net::ip;
use bro_decode::transport::udp::UdpView;
use bro_decode::tunnel::{ayiya, geneve, gre, gtp, teredo, vxlan, Inner};
use bro_decode::{Malformed, Scope, Snap};
use bro_events::{EncapsulationLayer, Event, Transport, Value, Weird, WeirdAbout};

use super::tunnel::{layers, Tunnels, UdpTunnel};
use super::{gtp as gtp_events, headers, Place};
use crate::conn::{side, Core};
use crate::env::Env;
use crate::events;
use crate::tree;
use crate::udp::Tunnel;

/// A datagram of a tunnel, with what its decoder works on.
struct Look<'l, 'e, 'p> {
    tunnel: UdpTunnel,
    core: &'l mut Core,
    state: &'l mut Tunnel,
    env: &'l mut Env<'e>,
    place: &'l Place<'p>,
    is_orig: bool,
}

/// Looks into a datagram whose ports are those of a tunnel.  Returns the packet inside and what lies around it.
pub(super) fn look_into<'p>(
    tunnels: &Tunnels,
    core: &mut Core,
    state: &mut Tunnel,
    env: &mut Env<'_>,
    place: &Place<'_>,
    udp: &UdpView<'p>,
    is_orig: bool,
) -> Option<(Inner<'p>, Arc<[EncapsulationLayer]>)> {
    let tunnel = match tunnels.at_ports(udp.src_port, udp.dst_port) {
        Some(tunnel) => tunnel,
        // Teredo's clients talk to each other at ports that their servers told them.
        None if tunnels.looks_for_teredo() && is_teredo(udp.payload) => UdpTunnel::Teredo,
        None => return None,
    };
    if state.failed || udp.payload.is_empty() {
        return None;
    }
    if place.depth() >= env.options.tunnel_max_depth {
        let about = WeirdAbout::Flow(core.flow.orig_h, core.flow.resp_h);
        env.sink.weird(Weird {
            name: "exceeded_tunnel_max_depth",
            about,
            addl: String::new(),
            source: "",
        });
        return None;
    }
    let mut look = Look {
        tunnel,
        core,
        state,
        env,
        place,
        is_orig,
    };
    let inner = match tunnel {
        UdpTunnel::Teredo => look.teredo(udp.payload),
        UdpTunnel::Vxlan => look.vxlan(udp.payload),
        UdpTunnel::Geneve => look.geneve(udp.payload),
        UdpTunnel::Gtpv1 => look.gtp(udp.payload),
        UdpTunnel::Ayiya => look.ayiya(udp.payload),
        UdpTunnel::Gre => look.gre(udp.payload),
    };
    Some((inner?, look.layers()))
}

/// Whether a datagram at any port is Teredo beyond reasonable doubt: an IPv6 packet that fills it, one of whose addresses
/// is of Teredo's prefix (RFC 4380, section 2.6).
fn is_teredo(payload: Snap<'_>) -> bool {
    if !payload
        .data()
        .first()
        .is_some_and(|first| matches!(first >> 4, 0 | 6))
    {
        return false;
    }
    let Ok(teredo) = teredo::decapsulate(payload) else {
        return false;
    };
    let Ok(view) = ip::parse(teredo.inner.payload) else {
        return false;
    };
    let of_prefix = |addr: IpAddr| match addr {
        IpAddr::V6(addr) => addr.segments()[..2] == [0x2001, 0],
        IpAddr::V4(_) => false,
    };
    view.total_len == teredo.inner.payload.wire_len() && (of_prefix(view.src) || of_prefix(view.dst))
}

impl Look<'_, '_, '_> {
    fn instance(&mut self) -> u64 {
        if self.state.instance == 0 {
            self.state.instance = self.env.bindings.next_instance();
        }
        self.state.instance
    }

    /// A packet of the tunnel's protocol.  Confirms it, as soon as both sides have spoken it if `both` is set.
    fn valid(&mut self, both: bool) {
        self.state.valid[side(self.is_orig)] = true;
        if !self.state.confirmed && (!both || self.state.valid == [true, true]) {
            self.state.confirmed = true;
            let instance = self.instance();
            tree::confirmation(self.core, self.env, self.tunnel.tag(), instance);
        }
    }

    /// A packet that is not of the protocol, after which no more is looked into; or a strange one.
    fn fault(&mut self, fault: Malformed) {
        if fault.violation {
            let reason = fault
                .weird
                .detail
                .clone()
                .unwrap_or_else(|| fault.name().to_owned());
            self.violation(reason);
        } else {
            self.weirds(fault.into_weirds());
        }
    }

    fn violation(&mut self, reason: String) {
        self.state.failed = true;
        let instance = self.instance();
        tree::violation(self.core, self.env, self.tunnel.tag(), instance, reason, None);
    }

    fn weirds(&mut self, weirds: Vec<bro_decode::Weird>) {
        for weird in weirds {
            let addl = weird.detail.unwrap_or_default();
            let source = weird.source.unwrap_or_default();
            if weird.scope == Scope::Connection {
                self.core.weird(self.env.sink, weird.name, addl, source);
            } else {
                let about = WeirdAbout::Flow(self.core.flow.orig_h, self.core.flow.resp_h);
                self.env.sink.weird(Weird {
                    name: weird.name,
                    about,
                    addl,
                    source,
                });
            }
        }
    }

    /// What lies around the packet inside.
    fn layers(&mut self) -> Arc<[EncapsulationLayer]> {
        let around = self.place.encapsulation.map_or(&[][..], |layers| layers);
        if let Some(known) = &self.state.layers {
            // Nearly always nothing has changed.
            if let Some((last, rest)) = known.split_last() {
                if rest == around && last.id == self.core.flow && last.tunnel_type == self.tunnel.kind() {
                    return Arc::clone(known);
                }
            }
        }
        let layer = EncapsulationLayer {
            id: self.core.flow,
            tunnel_type: self.tunnel.kind(),
            uid: Arc::clone(self.core.uid()),
        };
        let made = layers(self.place.encapsulation, layer);
        self.state.layers = Some(Arc::clone(&made));
        made
    }

    fn teredo<'p>(&mut self, payload: Snap<'p>) -> Option<Inner<'p>> {
        let teredo = match teredo::decapsulate(payload) {
            Ok(teredo) => teredo,
            Err(fault) => {
                self.fault(fault);
                return None;
            }
        };
        if self.state.valid == [false, false] {
            self.core.raise(self.env.sink, &events::NEW_TEREDO_STATE);
        }
        self.valid(self.env.options.delay_teredo_confirmation);
        self.weirds(teredo.weirds.clone());
        self.teredo_event(&events::TEREDO_PACKET, &teredo);
        if teredo.authentication.is_some() {
            self.teredo_event(&events::TEREDO_AUTHENTICATION, &teredo);
        }
        if teredo.origin.is_some() {
            self.teredo_event(&events::TEREDO_ORIGIN_INDICATION, &teredo);
        }
        if teredo.bubble {
            self.teredo_event(&events::TEREDO_BUBBLE, &teredo);
        }
        Some(teredo.inner)
    }

    fn teredo_event(&mut self, event: &'static Event, teredo: &teredo::Teredo<'_>) {
        self.core.emit(self.env.sink, event, || {
            let auth = teredo.authentication.map_or(Value::Unset, |auth| {
                let fields = vec![
                    auth.id.into(),
                    auth.value.into(),
                    auth.nonce.into(),
                    auth.confirm.into(),
                ];
                Value::Record(&events::TEREDO_AUTH, fields)
            });
            let origin = teredo.origin.map_or(Value::Unset, |origin| {
                let fields = vec![
                    Value::Port(origin.port, Transport::Udp),
                    Value::Addr(origin.address),
                ];
                Value::Record(&events::TEREDO_ORIGIN, fields)
            });
            let header = headers::inner_pkt_hdr(teredo.inner.payload);
            [Value::Record(&events::TEREDO_HDR, vec![auth, origin, header])]
        });
    }

    fn vxlan<'p>(&mut self, payload: Snap<'p>) -> Option<Inner<'p>> {
        match vxlan::decapsulate(payload) {
            Ok(vxlan) => {
                self.valid(false);
                self.weirds(vxlan.weirds);
                if let Some(inner) = &vxlan.inner {
                    self.network_event(&events::VXLAN_PACKET, inner, vxlan.vni);
                }
                vxlan.inner
            }
            Err(fault) => {
                self.fault(fault);
                None
            }
        }
    }

    fn geneve<'p>(&mut self, payload: Snap<'p>) -> Option<Inner<'p>> {
        match geneve::decapsulate(payload) {
            Ok(geneve) => {
                self.valid(false);
                self.weirds(geneve.weirds);
                if let Some(inner) = &geneve.inner {
                    self.network_event(&events::GENEVE_PACKET, inner, geneve.vni);
                }
                geneve.inner
            }
            Err(fault) => {
                self.fault(fault);
                None
            }
        }
    }

    /// The event about a packet in a virtual network.
    fn network_event(&mut self, event: &'static Event, inner: &Inner<'_>, vni: u32) {
        self.core.emit(self.env.sink, event, || {
            [headers::inner_frame_hdr(inner), vni.into()]
        });
    }

    fn gtp<'p>(&mut self, payload: Snap<'p>) -> Option<Inner<'p>> {
        let layers = self.place.encapsulation;
        if layers
            .and_then(|layers| layers.last())
            .is_some_and(|layer| layer.tunnel_type == self.tunnel.kind())
        {
            // Nobody does that, and who does has something to hide.
            self.violation("GTP-in-GTP".to_owned());
            return None;
        }
        // The same ports serve version 2 and GTP', which are no tunnels of this kind and no mistake either.
        if payload.data().first().is_some_and(|flags| flags >> 4 != 0b0011) {
            return None;
        }
        let gtp = match gtp::parse(payload) {
            Ok(gtp) => gtp,
            Err(fault) => {
                self.fault(fault);
                return None;
            }
        };
        if self.state.instance == 0 {
            self.instance();
            self.core.raise(self.env.sink, &events::NEW_GTPV1_STATE);
        }
        if let Err(fault) = gtp_events::raise(self.core, self.env, &gtp) {
            self.fault(fault);
        }
        // Only tunneled packets make it a tunnel; much else may look like a message of its control.
        let inner = gtp.inner.filter(|inner| inner.link == Link::Ip);
        if inner.is_some() {
            self.valid(self.env.options.delay_gtp_confirmation);
        }
        inner
    }

    fn ayiya<'p>(&mut self, payload: Snap<'p>) -> Option<Inner<'p>> {
        match ayiya::decapsulate(payload) {
            Ok(ayiya) => {
                self.valid(false);
                ayiya.inner
            }
            Err(fault) => {
                self.fault(fault);
                None
            }
        }
    }

    fn gre<'p>(&mut self, payload: Snap<'p>) -> Option<Inner<'p>> {
        match gre::decapsulate(payload) {
            Ok(gre) => {
                self.weirds(gre.weirds);
                gre.inner
            }
            Err(fault) => {
                self.fault(fault);
                None
            }
        }
    }
}
