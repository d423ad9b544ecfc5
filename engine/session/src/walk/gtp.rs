//! GTP messages as values for policy (3GPP TS 29.060).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use bro_decode::tunnel::gtp::{Gtp, G_PDU};
use bro_decode::tunnel::gtp_elements::{Element, Elements};
use bro_decode::Malformed;
use bro_events::{Event, RecordDef, Value};

use super::headers;
use crate::conn::Core;
use crate::env::Env;
use crate::events;

/// Elements of one message that are looked at, at most.
const MOST: usize = 256;

/// Types of messages (TS 29.060, table 1).
const CREATE_REQUEST: u8 = 16;
const CREATE_RESPONSE: u8 = 17;
const UPDATE_REQUEST: u8 = 18;
const UPDATE_RESPONSE: u8 = 19;
const DELETE_REQUEST: u8 = 20;
const DELETE_RESPONSE: u8 = 21;

/// Types of information elements (TS 29.060, table 37).
mod kind {
    pub const CAUSE: u8 = 1;
    pub const IMSI: u8 = 2;
    pub const RAI: u8 = 3;
    pub const REORDER: u8 = 8;
    pub const RECOVERY: u8 = 14;
    pub const SELECTION_MODE: u8 = 15;
    pub const DATA_I: u8 = 16;
    pub const CONTROL_PLANE: u8 = 17;
    pub const TEARDOWN: u8 = 19;
    pub const NSAPI: u8 = 20;
    pub const CHARGING_CHARACTERISTICS: u8 = 26;
    pub const TRACE_REFERENCE: u8 = 27;
    pub const TRACE_TYPE: u8 = 28;
    pub const CHARGING_ID: u8 = 127;
    pub const END_USER_ADDRESS: u8 = 128;
    pub const ACCESS_POINT_NAME: u8 = 131;
    pub const PROTOCOL_OPTIONS: u8 = 132;
    pub const GSN_ADDRESS: u8 = 133;
    pub const MSISDN: u8 = 134;
    pub const QOS_PROFILE: u8 = 135;
    pub const TRAFFIC_FLOW_TEMPLATE: u8 = 137;
    pub const TRIGGER_ID: u8 = 142;
    pub const OMC_ID: u8 = 143;
    pub const CHARGING_GATEWAY: u8 = 251;
    pub const PRIVATE_EXTENSION: u8 = 255;
}

/// Raises the events of a message.
///
/// # Errors
/// A violation, if the elements of a message that has an event cannot be told apart.
pub(super) fn raise(core: &mut Core, env: &mut Env<'_>, gtp: &Gtp<'_>) -> Result<(), Malformed> {
    core.emit(env.sink, &events::GTPV1_MESSAGE, || [header(gtp)]);
    if gtp.message_type == G_PDU {
        if let Some(inner) = &gtp.inner {
            core.emit(env.sink, &events::GTPV1_G_PDU_PACKET, || {
                [header(gtp), headers::inner_frame_hdr(inner)]
            });
        }
        return Ok(());
    }
    let (event, build): (&'static Event, fn(&Found<'_>) -> Value) = match gtp.message_type {
        CREATE_REQUEST => (&events::GTPV1_CREATE_PDP_CTX_REQUEST, create_request),
        CREATE_RESPONSE => (&events::GTPV1_CREATE_PDP_CTX_RESPONSE, create_response),
        UPDATE_REQUEST => (&events::GTPV1_UPDATE_PDP_CTX_REQUEST, update_request),
        UPDATE_RESPONSE => (&events::GTPV1_UPDATE_PDP_CTX_RESPONSE, update_response),
        DELETE_REQUEST => (&events::GTPV1_DELETE_PDP_CTX_REQUEST, delete_request),
        DELETE_RESPONSE => (&events::GTPV1_DELETE_PDP_CTX_RESPONSE, delete_response),
        _ => return Ok(()),
    };
    if env.sink.wants(event) {
        let found = Found::new(gtp.elements)?;
        core.emit(env.sink, event, || [header(gtp), build(&found)]);
    }
    Ok(())
}

/// The record `gtpv1_hdr`.
fn header(gtp: &Gtp<'_>) -> Value {
    Value::Record(
        &events::GTPV1_HDR,
        vec![
            gtp.version.into(),
            gtp.protocol_type.into(),
            gtp.reserved.into(),
            gtp.has_extension.into(),
            gtp.has_sequence.into(),
            gtp.has_n_pdu.into(),
            gtp.message_type.into(),
            gtp.length.into(),
            gtp.teid.into(),
            gtp.sequence.into(),
            gtp.n_pdu.into(),
            gtp.next_type.into(),
        ],
    )
}

/// The elements of a message.
struct Found<'a>(Vec<Element<'a>>);

impl<'a> Found<'a> {
    fn new(elements: &'a [u8]) -> Result<Self, Malformed> {
        Elements::new(elements)
            .take(MOST)
            .collect::<Result<_, _>>()
            .map(Found)
    }

    /// The value of the n-th element of a type.
    fn nth(&self, kind: u8, n: usize) -> Option<&'a [u8]> {
        self.0
            .iter()
            .filter(|element| element.kind == kind)
            .nth(n)
            .map(|element| element.value)
    }

    fn bytes(&self, kind: u8) -> Value {
        self.nth(kind, 0).map_or(Value::Unset, Value::from)
    }

    /// An element as a number, most significant byte first; its lower bits if there are more than 64.
    fn number(&self, kind: u8) -> Value {
        self.number_of(kind, 0, u64::MAX)
    }

    fn number_of(&self, kind: u8, n: usize, mask: u64) -> Value {
        let number = |value: &[u8]| {
            value
                .iter()
                .fold(0u64, |number, &byte| number << 8 | u64::from(byte))
        };
        self.nth(kind, n)
            .map_or(Value::Unset, |value| Value::Count(number(value) & mask))
    }

    fn flag(&self, kind: u8) -> Value {
        self.nth(kind, 0).map_or(Value::Unset, |value| {
            value.first().is_some_and(|byte| byte & 1 != 0).into()
        })
    }

    fn record(
        &self,
        kind: u8,
        n: usize,
        def: &'static RecordDef,
        fields: fn(&[u8]) -> Option<Vec<Value>>,
    ) -> Value {
        match self.nth(kind, n).and_then(fields) {
            Some(fields) => Value::Record(def, fields),
            None => Value::Unset,
        }
    }

    /// The subscriber: decimal digits, low nibble first, filled up with 15.
    fn imsi(&self) -> Value {
        let digits = |value: &[u8]| {
            let nibbles = value
                .iter()
                .flat_map(|byte| [byte & 15, byte >> 4])
                .take_while(|&nibble| nibble < 10);
            nibbles.fold(0u64, |number, digit| {
                number.wrapping_mul(10).wrapping_add(u64::from(digit))
            })
        };
        self.nth(kind::IMSI, 0)
            .map_or(Value::Unset, |value| Value::Count(digits(value)))
    }

    fn rai(&self) -> Value {
        self.record(kind::RAI, 0, &events::GTP_RAI, |value| {
            let &[a, b, c, l0, l1, rac] = value.first_chunk()?;
            // The third digit of the network is 15 if it has two.
            let mcc = u64::from(a & 15) * 100 + u64::from(a >> 4) * 10 + u64::from(b & 15);
            let (mnc1, mnc2, mnc3) = (u64::from(c & 15), u64::from(c >> 4), u64::from(b >> 4));
            let mnc = if mnc3 == 15 {
                mnc1 * 10 + mnc2
            } else {
                mnc1 * 100 + mnc2 * 10 + mnc3
            };
            Some(vec![
                Value::Count(mcc),
                Value::Count(mnc),
                u16::from_be_bytes([l0, l1]).into(),
                rac.into(),
            ])
        })
    }

    fn end_user_address(&self) -> Value {
        self.record(kind::END_USER_ADDRESS, 0, &events::GTP_END_USER_ADDR, |value| {
            let (&[organization, number], rest) = value.split_first_chunk()?;
            let organization = organization & 15;
            // Organization 1 is the IETF, whose numbers are those of IPv4 and IPv6 in PPP.
            let (ip, other) = match (organization, number, address(rest)) {
                (1, 0x21 | 0x57, Some(ip)) => (Value::Addr(ip), Value::Unset),
                _ if rest.is_empty() => (Value::Unset, Value::Unset),
                _ => (Value::Unset, rest.into()),
            };
            Some(vec![organization.into(), number.into(), ip, other])
        })
    }

    /// The n-th address of a node.  `needed`: the field is not optional.
    fn node(&self, n: usize, needed: bool) -> Value {
        let fields = |value: &[u8]| {
            Some(match address(value) {
                Some(ip) => vec![Value::Addr(ip), Value::Unset],
                None => vec![Value::Unset, value.into()],
            })
        };
        match self.record(kind::GSN_ADDRESS, n, &events::GTP_GSN_ADDR, fields) {
            Value::Unset if needed => Value::Record(&events::GTP_GSN_ADDR, vec![]),
            value => value,
        }
    }

    fn quality(&self, needed: bool) -> Value {
        let fields = |value: &[u8]| {
            let (priority, data) = value.split_first()?;
            Some(vec![(*priority).into(), data.into()])
        };
        match self.record(kind::QOS_PROFILE, 0, &events::GTP_QOS_PROFILE, fields) {
            Value::Unset if needed => {
                Value::Record(&events::GTP_QOS_PROFILE, vec![0u64.into(), Value::Text("")])
            }
            value => value,
        }
    }

    fn gateway(&self) -> Value {
        self.nth(kind::CHARGING_GATEWAY, 0)
            .and_then(address)
            .map_or(Value::Unset, Value::Addr)
    }

    fn extension(&self) -> Value {
        self.record(
            kind::PRIVATE_EXTENSION,
            0,
            &events::GTP_PRIVATE_EXTENSION,
            |value| {
                let (id, rest) = value.split_first_chunk()?;
                Some(vec![u16::from_be_bytes(*id).into(), rest.into()])
            },
        )
    }
}

/// A number that a record cannot do without.
fn needed(value: Value) -> Value {
    match value {
        Value::Unset => Value::Count(0),
        value => value,
    }
}

/// An address by its length.
fn address(bytes: &[u8]) -> Option<IpAddr> {
    match bytes.len() {
        4 => bytes
            .first_chunk::<4>()
            .map(|&bytes| Ipv4Addr::from(bytes).into()),
        16 => bytes
            .first_chunk::<16>()
            .map(|&bytes| Ipv6Addr::from(bytes).into()),
        _ => None,
    }
}

fn create_request(found: &Found<'_>) -> Value {
    Value::Record(
        &events::GTP_CREATE_PDP_CTX_REQUEST_ELEMENTS,
        vec![
            found.imsi(),
            found.rai(),
            found.number(kind::RECOVERY),
            found.number_of(kind::SELECTION_MODE, 0, 3),
            needed(found.number(kind::DATA_I)),
            found.number(kind::CONTROL_PLANE),
            needed(found.number_of(kind::NSAPI, 0, 15)),
            found.number_of(kind::NSAPI, 1, 15),
            found.number(kind::CHARGING_CHARACTERISTICS),
            found.number(kind::TRACE_REFERENCE),
            found.number(kind::TRACE_TYPE),
            found.end_user_address(),
            found.bytes(kind::ACCESS_POINT_NAME),
            found.bytes(kind::PROTOCOL_OPTIONS),
            found.node(0, true),
            found.node(1, true),
            found.bytes(kind::MSISDN),
            found.quality(true),
            found.bytes(kind::TRAFFIC_FLOW_TEMPLATE),
            found.bytes(kind::TRIGGER_ID),
            found.bytes(kind::OMC_ID),
            found.extension(),
        ],
    )
}

fn create_response(found: &Found<'_>) -> Value {
    Value::Record(
        &events::GTP_CREATE_PDP_CTX_RESPONSE_ELEMENTS,
        vec![
            needed(found.number(kind::CAUSE)),
            found.flag(kind::REORDER),
            found.number(kind::RECOVERY),
            found.number(kind::DATA_I),
            found.number(kind::CONTROL_PLANE),
            found.number(kind::CHARGING_ID),
            found.end_user_address(),
            found.bytes(kind::PROTOCOL_OPTIONS),
            found.node(0, false),
            found.node(1, false),
            found.quality(false),
            found.gateway(),
            found.extension(),
        ],
    )
}

fn update_request(found: &Found<'_>) -> Value {
    Value::Record(
        &events::GTP_UPDATE_PDP_CTX_REQUEST_ELEMENTS,
        vec![
            found.imsi(),
            found.rai(),
            found.number(kind::RECOVERY),
            needed(found.number(kind::DATA_I)),
            found.number(kind::CONTROL_PLANE),
            needed(found.number_of(kind::NSAPI, 0, 15)),
            found.number(kind::TRACE_REFERENCE),
            found.number(kind::TRACE_TYPE),
            found.node(0, true),
            found.node(1, true),
            found.quality(true),
            found.bytes(kind::TRAFFIC_FLOW_TEMPLATE),
            found.bytes(kind::TRIGGER_ID),
            found.bytes(kind::OMC_ID),
            found.extension(),
            found.end_user_address(),
        ],
    )
}

fn update_response(found: &Found<'_>) -> Value {
    Value::Record(
        &events::GTP_UPDATE_PDP_CTX_RESPONSE_ELEMENTS,
        vec![
            needed(found.number(kind::CAUSE)),
            found.number(kind::RECOVERY),
            found.number(kind::DATA_I),
            found.number(kind::CONTROL_PLANE),
            found.number(kind::CHARGING_ID),
            found.node(0, false),
            found.node(1, false),
            found.quality(false),
            found.gateway(),
            found.extension(),
        ],
    )
}

fn delete_request(found: &Found<'_>) -> Value {
    let fields = vec![
        found.flag(kind::TEARDOWN),
        needed(found.number_of(kind::NSAPI, 0, 15)),
        found.extension(),
    ];
    Value::Record(&events::GTP_DELETE_PDP_CTX_REQUEST_ELEMENTS, fields)
}

fn delete_response(found: &Found<'_>) -> Value {
    let fields = vec![needed(found.number(kind::CAUSE)), found.extension()];
    Value::Record(&events::GTP_DELETE_PDP_CTX_RESPONSE_ELEMENTS, fields)
}
