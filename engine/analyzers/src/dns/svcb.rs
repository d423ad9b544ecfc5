//! Service bindings: SVCB and HTTPS (RFC 9460).

use bro_events::{Event, Value};

use super::message::{Message, Record};
use super::rdata::{character_string, name, need, Bad, Parsed};
use super::vocabulary as v;
use crate::support::cursor::Cursor;

/// Keys of parameters (RFC 9460 section 14.3).
mod keys {
    pub const MANDATORY: u16 = 0;
    pub const ALPN: u16 = 1;
    pub const PORT: u16 = 3;
    pub const IPV4HINT: u16 = 4;
    pub const ECH: u16 = 5;
    pub const IPV6HINT: u16 = 6;
}

/// A binding: priority, target, parameters.
pub fn svcb(m: &mut Message<'_, '_>, rr: &Record<'_>, c: &mut Cursor<'_>, event: &'static Event) -> Parsed {
    let priority = need(c.u16())?;
    let target = name(m, c)?;
    let mut params = Vec::new();
    while c.left() > 0 {
        let (key, len) = (need(c.u16())?, need(c.u16())?);
        let value = need(c.take(usize::from(len)))?;
        match param(key, value) {
            Ok(param) => params.push(param),
            Err(weird) => m.ctx.weird(weird, ""),
        }
    }
    // Priority 0 makes it an alias, which has no parameters.
    let params = if priority == 0 && params.is_empty() {
        Value::Unset
    } else {
        Value::Vector(params)
    };
    let svcb = Value::Record(&v::DNS_SVCB_RR, vec![priority.into(), target.into(), params]);
    m.emit_rr(rr, event, |msg, ans| [msg, ans, svcb]);
    Ok(())
}

/// A parameter as the record `dns_svcb_param`, or the weird it gives.  One that is not known, or is malformed in a way
/// that has no weird of its own, is passed on raw.
fn param(key: u16, value: &[u8]) -> Result<Value, &'static str> {
    let [mut mandatory, mut alpn, mut port, mut hint, mut ech, mut raw] = [const { Value::Unset }; 6];
    let mut c = Cursor::new(value);
    match key {
        keys::MANDATORY => {
            mandatory = items(&mut c, |c| need(c.u16()).map(Value::from))
                .map_err(|_| "DNS_SVCB_mandatory_length_invalid")?;
        }
        keys::ALPN => {
            alpn = items(&mut c, |c| character_string(c).map(Value::from))
                .map_err(|_| "DNS_SVCB_alpn_length_invalid")?;
        }
        keys::PORT if value.len() == 2 => port = c.u16().into(),
        keys::IPV4HINT => {
            hint = items(&mut c, |c| {
                need(c.u32()).map(|a| Value::Addr(a.to_be_bytes().into()))
            })
            .map_err(|_| "DNS_SVCB_ipv4hint_length_invalid")?;
        }
        keys::IPV6HINT => {
            let address = |c: &mut Cursor<'_>| {
                let octets = need(c.take(16))?;
                <[u8; 16]>::try_from(octets)
                    .map(|a| Value::Addr(a.into()))
                    .map_err(|_| Bad::Short)
            };
            hint = items(&mut c, address).map_err(|_| "DNS_SVCB_ipv6hint_length_invalid")?;
        }
        keys::ECH => ech = value.into(),
        _ => raw = value.into(),
    }
    Ok(Value::Record(
        &v::DNS_SVCB_PARAM,
        vec![key.into(), mandatory, alpn, port, hint, ech, raw],
    ))
}

/// Items up to the end, as a vector.
fn items<'a>(c: &mut Cursor<'a>, item: impl Fn(&mut Cursor<'a>) -> Result<Value, Bad>) -> Result<Value, Bad> {
    let mut all = Vec::new();
    while c.left() > 0 {
        all.push(item(c)?);
    }
    Ok(Value::Vector(all))
}
