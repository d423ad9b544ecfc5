//! Extension mechanisms: the pseudo record OPT and its options (RFC 6891).

use std::net::IpAddr;

use bro_events::Value;

use super::message::{Message, Record};
use super::rdata::{need, Parsed};
use super::vocabulary as v;
use crate::support::cursor::Cursor;

/// Client subnet (RFC 7871)
const OPTION_SUBNET: u16 = 8;
/// Cookie (RFC 7873)
const OPTION_COOKIE: u16 = 10;
/// TCP keepalive (RFC 7828)
const OPTION_KEEPALIVE: u16 = 11;

/// OPT: buffer size, extended rcode, version, flags, and options.
pub fn opt(m: &mut Message<'_, '_>, rr: &Record<'_>, c: &mut Cursor<'_>) -> Parsed {
    if m.ctx.wants(&v::DNS_EDNS_ADDL) {
        let edns = Value::Record(
            &v::DNS_EDNS_RR,
            vec![
                rr.owner.into(),
                rr.rtype.into(),
                Value::from(rr.section as u8),
                rr.class.into(),
                Value::from(rr.ttl >> 24),
                Value::from(rr.ttl >> 16 & 0xff),
                Value::from(rr.ttl & 0xffff),
                Value::Interval(f64::from(rr.ttl)),
                m.is_query(),
            ],
        );
        m.emit(&v::DNS_EDNS_ADDL, |msg| [msg, edns]);
    }
    let wanted = [&v::DNS_EDNS_ECS, &v::DNS_EDNS_COOKIE, &v::DNS_EDNS_TCP_KEEPALIVE];
    if !wanted.iter().any(|event| m.ctx.wants(event)) {
        c.rest();
        return Ok(());
    }
    while c.left() > 0 {
        let (code, len) = (need(c.u16())?, need(c.u16())?);
        let data = need(c.take(usize::from(len)))?;
        match code {
            OPTION_SUBNET => subnet(m, data),
            OPTION_COOKIE => cookie(m, data),
            OPTION_KEEPALIVE => keepalive(m, data),
            _ => {}
        }
    }
    Ok(())
}

/// Client subnet: family, prefix lengths, and as many octets of the address as the source prefix needs.
fn subnet(m: &mut Message<'_, '_>, data: &[u8]) {
    let mut c = Cursor::new(data);
    let (Some(family), Some(source), Some(scope)) = (c.u16(), c.u8(), c.u8()) else {
        return m.ctx.weird("EDNS_ECS_invalid_option_len", "");
    };
    let octets = c.rest();
    if octets.len() != usize::from(source).div_ceil(8) {
        return m.ctx.weird("EDNS_ECS_invalid_option_len", "");
    }
    let (family, address): (_, IpAddr) = match family {
        1 => {
            let mut v4 = [0; 4];
            let Some(slots) = v4.get_mut(..octets.len()) else {
                return m.ctx.weird("EDNS_ECS_invalid_addr_v4_prefix", source.to_string());
            };
            slots.copy_from_slice(octets);
            ("v4", v4.into())
        }
        2 => {
            let mut v6 = [0; 16];
            let Some(slots) = v6.get_mut(..octets.len()) else {
                return m.ctx.weird("EDNS_ECS_invalid_addr_v6_prefix", source.to_string());
            };
            slots.copy_from_slice(octets);
            ("v6", v6.into())
        }
        other => return m.ctx.weird("EDNS_ECS_invalid_addr_family", other.to_string()),
    };
    let subnet = Value::Record(
        &v::DNS_EDNS_ECS_OPT,
        vec![family.into(), source.into(), scope.into(), address.into()],
    );
    m.emit(&v::DNS_EDNS_ECS, |msg| [msg, subnet]);
}

/// Cookie: 8 octets of the client, then none or 8 to 32 of the server.
fn cookie(m: &mut Message<'_, '_>, data: &[u8]) {
    if data.len() != 8 && !(16..=40).contains(&data.len()) {
        return m
            .ctx
            .weird("EDNS_Cookie_invalid_cookie_len", data.len().to_string());
    }
    let (client, server) = data.split_at(8);
    let server = if server.is_empty() {
        Value::Unset
    } else {
        server.into()
    };
    let cookie = Value::Record(&v::DNS_EDNS_COOKIE_OPT, vec![client.into(), server]);
    m.emit(&v::DNS_EDNS_COOKIE, |msg| [msg, cookie]);
}

/// TCP keepalive: a timeout in units of 100 ms, or nothing.
fn keepalive(m: &mut Message<'_, '_>, data: &[u8]) {
    let timeout = match *data {
        [] => None,
        [high, low] => Some(u16::from_be_bytes([high, low])),
        _ => {
            return m
                .ctx
                .weird("EDNS_TCP_Keepalive_invalid_option_len", data.len().to_string())
        }
    };
    let keepalive = Value::Record(
        &v::DNS_EDNS_KEEPALIVE_OPT,
        vec![Value::Bool(timeout.is_none()), Value::from(timeout.unwrap_or(0))],
    );
    m.emit(&v::DNS_EDNS_TCP_KEEPALIVE, |msg| [msg, keepalive]);
}
