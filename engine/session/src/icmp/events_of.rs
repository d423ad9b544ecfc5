//! From ICMP messages to events.

use bro_decode::transport::context::Context;
use bro_decode::transport::icmp::{kind, IcmpView};
use bro_decode::transport::icmpv6::{
    self, kind as kind6, Discovery, DiscoveryView, NdOption, NdOptions, NdValue,
};
use bro_events::{Event, FlowId, Transport, Value};

use super::SOURCE;
use crate::conn::{conn_id_value, Core};
use crate::env::Env;
use crate::events;
use crate::packet::Packet;

/// Options of neighbor discovery that are handed over at most.
const MOST_OPTIONS: usize = 256;

/// Raises the event of a message.
pub(super) fn raise(core: &mut Core, env: &mut Env<'_>, packet: &Packet<'_>, message: &IcmpView<'_>) {
    if packet.ip.version == 6 {
        raise_v6(core, env, packet, message);
    } else {
        raise_v4(core, env, packet, message);
    }
}

/// The record `icmp_info`.
fn info(packet: &Packet<'_>, message: &IcmpView<'_>) -> Value {
    let len = Value::Count(message.payload.wire_len() as u64);
    let v6 = Value::Bool(packet.ip.version == 6);
    Value::Record(
        &events::ICMP_INFO,
        vec![
            v6,
            message.kind.into(),
            message.code.into(),
            len,
            packet.ip.ttl.into(),
        ],
    )
}

fn raise_v4(core: &mut Core, env: &mut Env<'_>, packet: &Packet<'_>, message: &IcmpView<'_>) {
    match message.kind {
        kind::ECHO_REQUEST => echo(core, env, packet, message, &events::ICMP_ECHO_REQUEST),
        kind::ECHO_REPLY => echo(core, env, packet, message, &events::ICMP_ECHO_REPLY),
        kind::UNREACHABLE => error(core, env, packet, message, &events::ICMP_UNREACHABLE),
        kind::TIME_EXCEEDED => error(core, env, packet, message, &events::ICMP_TIME_EXCEEDED),
        kind::PARAMETER_PROBLEM => error(core, env, packet, message, &events::ICMP_PARAMETER_PROBLEM),
        kind::REDIRECT => {
            core.emit(env.sink, &events::ICMP_REDIRECT, || {
                let gateway = std::net::Ipv4Addr::from(message.rest);
                let dest = message.context(4).dst;
                [
                    info(packet, message),
                    Value::Addr(gateway.into()),
                    Value::Addr(dest),
                    Value::Vector(Vec::new()),
                ]
            });
        }
        _ => sent(core, env, packet, message),
    }
}

fn raise_v6(core: &mut Core, env: &mut Env<'_>, packet: &Packet<'_>, message: &IcmpView<'_>) {
    match message.kind {
        kind6::ECHO_REQUEST => echo(core, env, packet, message, &events::ICMP_ECHO_REQUEST),
        kind6::ECHO_REPLY => echo(core, env, packet, message, &events::ICMP_ECHO_REPLY),
        kind6::UNREACHABLE => error(core, env, packet, message, &events::ICMP_UNREACHABLE),
        kind6::PACKET_TOO_BIG => error(core, env, packet, message, &events::ICMP_PACKET_TOO_BIG),
        kind6::TIME_EXCEEDED => error(core, env, packet, message, &events::ICMP_TIME_EXCEEDED),
        kind6::PARAMETER_PROBLEM => error(core, env, packet, message, &events::ICMP_PARAMETER_PROBLEM),
        // Types below 128 are errors (RFC 4443, section 2.1).
        0..=127 => error(core, env, packet, message, &events::ICMP_ERROR_MESSAGE),
        // Neighbor discovery is only looked into for those who ask for it.
        _ => match discovery_event(message.kind) {
            Some(event) if !env.sink.wants(event) => {}
            Some(_) => match icmpv6::discovery(message) {
                Some(Ok(view)) => discovery(core, env, packet, message, &view),
                Some(Err(fault)) => core.weird(env.sink, fault.name(), "", SOURCE),
                None => {}
            },
            None => sent(core, env, packet, message),
        },
    }
}

/// The event of a message of neighbor discovery (RFC 4861).
fn discovery_event(kind: u8) -> Option<&'static Event> {
    Some(match kind {
        kind6::ROUTER_SOLICITATION => &events::ICMP_ROUTER_SOLICITATION,
        kind6::ROUTER_ADVERTISEMENT => &events::ICMP_ROUTER_ADVERTISEMENT,
        kind6::NEIGHBOR_SOLICITATION => &events::ICMP_NEIGHBOR_SOLICITATION,
        kind6::NEIGHBOR_ADVERTISEMENT => &events::ICMP_NEIGHBOR_ADVERTISEMENT,
        kind6::REDIRECT => &events::ICMP_REDIRECT,
        _ => return None,
    })
}

fn sent(core: &mut Core, env: &mut Env<'_>, packet: &Packet<'_>, message: &IcmpView<'_>) {
    core.emit(env.sink, &events::ICMP_SENT, || [info(packet, message)]);
    core.emit(env.sink, &events::ICMP_SENT_PAYLOAD, || {
        [info(packet, message), message.payload.data().into()]
    });
}

fn echo(
    core: &mut Core,
    env: &mut Env<'_>,
    packet: &Packet<'_>,
    message: &IcmpView<'_>,
    event: &'static Event,
) {
    core.emit(env.sink, event, || {
        [
            info(packet, message),
            message.id().into(),
            message.seq().into(),
            message.payload.data().into(),
        ]
    });
}

fn error(
    core: &mut Core,
    env: &mut Env<'_>,
    packet: &Packet<'_>,
    message: &IcmpView<'_>,
    event: &'static Event,
) {
    core.emit(env.sink, event, || {
        let context = message.context(packet.ip.version);
        [
            info(packet, message),
            message.code.into(),
            context_value(&context),
        ]
    });
}

/// The record `icmp_context`.
fn context_value(context: &Context) -> Value {
    use bro_decode::protocol::ip as proto;
    let transport = match context.protocol {
        proto::TCP => Transport::Tcp,
        proto::UDP => Transport::Udp,
        proto::ICMP | proto::ICMPV6 => Transport::Icmp,
        _ => Transport::Unknown,
    };
    let flow = FlowId {
        orig_h: context.src,
        orig_p: context.src_port,
        resp_h: context.dst,
        resp_p: context.dst_port,
        transport,
        ip_proto: context.protocol,
    };
    Value::Record(
        &events::ICMP_CONTEXT,
        vec![
            conn_id_value(&flow),
            Value::Count(context.len as u64),
            context.protocol.into(),
            Value::Count(context.frag_offset as u64),
            context.bad_hdr_len.into(),
            context.bad_checksum.into(),
            context.more_fragments.into(),
            context.dont_fragment.into(),
        ],
    )
}

fn discovery(
    core: &mut Core,
    env: &mut Env<'_>,
    packet: &Packet<'_>,
    message: &IcmpView<'_>,
    view: &DiscoveryView<'_>,
) {
    let info = || info(packet, message);
    for option in view.options.take(MOST_OPTIONS) {
        if let Err(fault) = option {
            core.weird(env.sink, fault.name(), "", SOURCE);
        }
    }
    let addr = |addr: std::net::Ipv6Addr| Value::Addr(addr.into());
    let options = || options_value(view.options);
    match view.message {
        Discovery::RouterSolicitation => {
            core.emit(env.sink, &events::ICMP_ROUTER_SOLICITATION, || {
                [info(), options()]
            });
        }
        Discovery::NeighborSolicitation { target } => {
            core.emit(env.sink, &events::ICMP_NEIGHBOR_SOLICITATION, || {
                [info(), addr(target), options()]
            });
        }
        Discovery::NeighborAdvertisement {
            router,
            solicited,
            overrides,
            target,
        } => {
            core.emit(env.sink, &events::ICMP_NEIGHBOR_ADVERTISEMENT, || {
                [
                    info(),
                    router.into(),
                    solicited.into(),
                    overrides.into(),
                    addr(target),
                    options(),
                ]
            });
        }
        Discovery::Redirect { target, destination } => {
            core.emit(env.sink, &events::ICMP_REDIRECT, || {
                [info(), addr(target), addr(destination), options()]
            });
        }
        Discovery::RouterAdvertisement {
            hop_limit,
            managed,
            other,
            home_agent,
            preference,
            proxy,
            reserved,
            router_lifetime,
            reachable_time,
            retrans_timer,
        } => core.emit(env.sink, &events::ICMP_ROUTER_ADVERTISEMENT, || {
            [
                info(),
                hop_limit.into(),
                managed.into(),
                other.into(),
                home_agent.into(),
                preference.into(),
                proxy.into(),
                reserved.into(),
                Value::Interval(f64::from(router_lifetime)),
                Value::Interval(f64::from(reachable_time) / 1000.0),
                Value::Interval(f64::from(retrans_timer) / 1000.0),
                options(),
            ]
        }),
    }
}

fn options_value(options: NdOptions<'_>) -> Value {
    let options = options.take(MOST_OPTIONS).map_while(Result::ok);
    Value::Vector(options.map(|option| option_value(&option)).collect())
}

/// The record `icmp6_nd_option`.
fn option_value(option: &NdOption<'_>) -> Value {
    // link_address, prefix, redirect, mtu, payload
    let mut fields: [Value; 5] = Default::default();
    match option.value() {
        NdValue::LinkAddress(address) => fields[0] = address.into(),
        NdValue::Prefix {
            prefix_len,
            on_link,
            autonomous,
            valid_lifetime,
            preferred_lifetime,
            prefix,
        } => {
            fields[1] = Value::Record(
                &events::ICMP6_ND_PREFIX_INFO,
                vec![
                    prefix_len.into(),
                    on_link.into(),
                    autonomous.into(),
                    Value::Interval(f64::from(valid_lifetime)),
                    Value::Interval(f64::from(preferred_lifetime)),
                    Value::Addr(prefix.into()),
                ],
            );
        }
        NdValue::Redirected(context) => fields[2] = context_value(&context),
        NdValue::Mtu(mtu) => fields[3] = mtu.into(),
        NdValue::Other => fields[4] = option.data.into(),
    }
    let mut all = vec![option.kind.into(), option.len.into()];
    all.extend(fields);
    Value::Record(&events::ICMP6_ND_OPTION, all)
}
