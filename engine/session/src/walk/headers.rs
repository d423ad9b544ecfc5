//! Headers as values for policy.

use std::net::Ipv6Addr;

use bro_decode::link::{self, Encap, Link, NetworkPayload, L2};
use bro_decode::net::ip::{self, IpView};
use bro_decode::net::ipv6_ext::{ExtHeader, Options};
use bro_decode::net::mobility::{self, Message};
use bro_decode::protocol::ip as proto;
use bro_decode::transport::{icmp, tcp, udp};
use bro_decode::Snap;
use bro_events::{RecordDef, Transport, Value};

use super::arp::mac;
use crate::events;

/// Options and extension headers handed over at most, of one packet.
const MOST: usize = 256;

fn record(def: &'static RecordDef, fields: Vec<Value>) -> Value {
    Value::Record(def, fields)
}

/// The enum `link_encap`.
pub(super) fn encap(encap: Encap) -> Value {
    Value::Enum(match encap {
        Encap::Ethernet => "LINK_ETHERNET",
        Encap::Unknown => "LINK_UNKNOWN",
    })
}

/// The record `pkt_hdr`.
pub(super) fn pkt_hdr(view: &IpView<'_>) -> Value {
    record(&events::PKT_HDR, network(view))
}

/// The record `pkt_hdr` of a packet inside a tunnel; without any header if it cannot be decoded.
pub(super) fn inner_pkt_hdr(packet: Snap<'_>) -> Value {
    match ip::parse(packet) {
        Ok(view) => pkt_hdr(&view),
        Err(_) => record(&events::PKT_HDR, vec![]),
    }
}

/// The record `pkt_hdr` of what a tunnel's inner frame carries.
pub(super) fn inner_frame_hdr(inner: &bro_decode::tunnel::Inner<'_>) -> Value {
    match inner.decode().map(|frame| frame.payload) {
        Ok(NetworkPayload::Ipv4(packet) | NetworkPayload::Ipv6(packet)) => inner_pkt_hdr(packet),
        _ => record(&events::PKT_HDR, vec![]),
    }
}

/// The fields `ip`, `ip6`, `tcp`, `udp` and `icmp`.
fn network(view: &IpView<'_>) -> Vec<Value> {
    let mut fields: [Value; 5] = Default::default();
    if let Some(header) = view.ipv4() {
        fields[0] = record(
            &events::IP4_HDR,
            vec![
                Value::Count(header.header_len as u64),
                header.tos.into(),
                header.total_len.into(),
                header.id.into(),
                header.dont_fragment.into(),
                header.more_fragments.into(),
                Value::Count(header.fragment_offset as u64),
                header.ttl.into(),
                header.protocol.into(),
                header.checksum.into(),
                Value::Addr(header.src.into()),
                Value::Addr(header.dst.into()),
            ],
        );
    }
    if let Some(header) = view.ipv6() {
        fields[1] = record(
            &events::IP6_HDR,
            vec![
                header.traffic_class.into(),
                header.flow_label.into(),
                header.payload_len.into(),
                header.hop_limit.into(),
                header.next_header.into(),
                Value::Addr(header.src.into()),
                Value::Addr(header.dst.into()),
                Value::Vector(
                    view.ext_headers()
                        .take(MOST)
                        .map(|header| ext_header(&header))
                        .collect(),
                ),
            ],
        );
    }
    match view.protocol {
        proto::TCP => {
            if let Ok(header) = tcp::parse(view.payload) {
                fields[2] = record(
                    &events::TCP_HDR,
                    vec![
                        Value::Port(header.src_port, Transport::Tcp),
                        Value::Port(header.dst_port, Transport::Tcp),
                        header.seq.into(),
                        header.ack.into(),
                        Value::Count(header.header_len as u64),
                        Value::Count(header.payload.wire_len() as u64),
                        header.reserved.into(),
                        header.flags.into(),
                        header.window.into(),
                    ],
                );
            }
        }
        proto::UDP => {
            if let Ok(header) = udp::parse(view.payload) {
                fields[3] = record(
                    &events::UDP_HDR,
                    vec![
                        Value::Port(header.src_port, Transport::Udp),
                        Value::Port(header.dst_port, Transport::Udp),
                        header.length.into(),
                    ],
                );
            }
        }
        proto::ICMP | proto::ICMPV6 => {
            if let Ok(header) = icmp::parse(view.payload) {
                fields[4] = record(&events::ICMP_HDR, vec![header.kind.into()]);
            }
        }
        _ => {}
    }
    fields.into()
}

/// The record `raw_pkt_hdr`.
pub(crate) fn raw_packet(first: Link, frame: Snap<'_>) -> Value {
    let (l2, payload) = match link::decode(first, frame) {
        Ok(frame) => (frame.l2, frame.payload),
        Err(_) => (L2::default(), NetworkPayload::None),
    };
    let (layer3, packet) = match payload {
        NetworkPayload::Ipv4(packet) => ("L3_IPV4", Some(packet)),
        NetworkPayload::Ipv6(packet) => ("L3_IPV6", Some(packet)),
        NetworkPayload::Arp(_) => ("L3_ARP", None),
        _ => ("L3_UNKNOWN", None),
    };
    let tag = |id: Option<u16>, pcp: u8, dei: bool| -> [Value; 3] {
        [id.into(), id.map(|_| pcp).into(), id.map(|_| dei).into()]
    };
    let mut link = vec![
        encap(l2.encap),
        Value::Count(frame.wire_len() as u64),
        Value::Count(frame.data().len() as u64),
        l2.src_mac.map_or(Value::Unset, mac),
        l2.dst_mac.map_or(Value::Unset, mac),
    ];
    link.extend(tag(l2.vlan, l2.vlan_pcp, l2.vlan_dei));
    link.extend(tag(l2.inner_vlan, l2.inner_vlan_pcp, l2.inner_vlan_dei));
    link.push(l2.eth_type.into());
    link.push(Value::Enum(layer3));
    let mut fields = vec![record(&events::L2_HDR, link)];
    if let Some(view) = packet.and_then(|packet| ip::parse(packet).ok()) {
        fields.extend(network(&view));
    }
    record(&events::RAW_PKT_HDR, fields)
}

/// The value of a `vector of ip6_option`.
fn options(options: Options<'_>) -> Value {
    let options = options.take(MOST).map_while(Result::ok);
    let value = |o: bro_decode::net::ipv6_ext::HeaderOption<'_>| {
        record(
            &events::IP6_OPTION,
            vec![o.kind.into(), o.len.into(), o.data.into()],
        )
    };
    Value::Vector(options.map(value).collect())
}

/// The record `ip6_ext_hdr`.
fn ext_header(header: &ExtHeader<'_>) -> Value {
    // hopopts, dstopts, routing, fragment, ah, esp, mobility
    let mut fields: [Value; 7] = Default::default();
    match *header {
        ExtHeader::HopByHop {
            next_header,
            len,
            options: o,
        } => {
            fields[0] = record(
                &events::IP6_HOPOPTS,
                vec![next_header.into(), len.into(), options(o)],
            );
        }
        ExtHeader::Destination {
            next_header,
            len,
            options: o,
        } => {
            fields[1] = record(
                &events::IP6_DSTOPTS,
                vec![next_header.into(), len.into(), options(o)],
            );
        }
        ExtHeader::Routing {
            next_header,
            len,
            kind,
            segments_left,
            data,
        } => {
            fields[2] = record(
                &events::IP6_ROUTING,
                vec![
                    next_header.into(),
                    len.into(),
                    kind.into(),
                    segments_left.into(),
                    data.into(),
                ],
            );
        }
        ExtHeader::Fragment {
            next_header,
            reserved,
            offset,
            reserved2,
            more,
            id,
        } => {
            fields[3] = record(
                &events::IP6_FRAGMENT,
                vec![
                    next_header.into(),
                    reserved.into(),
                    offset.into(),
                    reserved2.into(),
                    more.into(),
                    id.into(),
                ],
            );
        }
        ExtHeader::Authentication {
            next_header,
            len,
            reserved,
            spi,
            seq,
            data,
        } => {
            fields[4] = record(
                &events::IP6_AH,
                vec![
                    next_header.into(),
                    len.into(),
                    reserved.into(),
                    spi.into(),
                    seq.into(),
                    data.into(),
                ],
            );
        }
        ExtHeader::Esp { spi, seq } => fields[5] = record(&events::IP6_ESP, vec![spi.into(), seq.into()]),
        ExtHeader::Mobility(ref header) => fields[6] = mobility_header(header),
    }
    let mut all = vec![header.id().into()];
    all.extend(fields);
    record(&events::IP6_EXT_HDR, all)
}

/// The record `ip6_mobility_hdr`.
fn mobility_header(header: &mobility::Header<'_>) -> Value {
    // brr, hoti, coti, hot, cot, bu, back, be
    let mut fields: [Value; 8] = Default::default();
    let o = || options(header.options);
    let addr = |addr: Ipv6Addr| Value::Addr(addr.into());
    match header.message {
        Message::BindingRefreshRequest { reserved } => {
            fields[0] = record(&events::IP6_MOBILITY_BRR, vec![reserved.into(), o()]);
        }
        Message::HomeTestInit { reserved, cookie } => {
            fields[1] = record(
                &events::IP6_MOBILITY_HOTI,
                vec![reserved.into(), cookie.into(), o()],
            );
        }
        Message::CareOfTestInit { reserved, cookie } => {
            fields[2] = record(
                &events::IP6_MOBILITY_COTI,
                vec![reserved.into(), cookie.into(), o()],
            );
        }
        Message::HomeTest {
            nonce_index,
            cookie,
            token,
        } => {
            let values = vec![nonce_index.into(), cookie.into(), token.into(), o()];
            fields[3] = record(&events::IP6_MOBILITY_HOT, values);
        }
        Message::CareOfTest {
            nonce_index,
            cookie,
            token,
        } => {
            let values = vec![nonce_index.into(), cookie.into(), token.into(), o()];
            fields[4] = record(&events::IP6_MOBILITY_COT, values);
        }
        Message::BindingUpdate {
            seq,
            acknowledge,
            home,
            link_local,
            key,
            life,
        } => {
            let flags = [acknowledge, home, link_local, key].map(Value::Bool);
            let mut values = vec![seq.into()];
            values.extend(flags);
            values.extend([life.into(), o()]);
            fields[5] = record(&events::IP6_MOBILITY_BU, values);
        }
        Message::BindingAcknowledgement {
            status,
            key,
            seq,
            life,
        } => {
            let values = vec![status.into(), key.into(), seq.into(), life.into(), o()];
            fields[6] = record(&events::IP6_MOBILITY_BACK, values);
        }
        Message::BindingError { status, home_address } => {
            fields[7] = record(
                &events::IP6_MOBILITY_BE,
                vec![status.into(), addr(home_address), o()],
            );
        }
        Message::Other { .. } => {}
    }
    let mut message = vec![header.mh_type.into()];
    message.extend(fields);
    record(
        &events::IP6_MOBILITY_HDR,
        vec![
            header.next_header.into(),
            header.len.into(),
            header.mh_type.into(),
            header.reserved.into(),
            header.checksum.into(),
            record(&events::IP6_MOBILITY_MSG, message),
        ],
    )
}
