//! Records of DNSSEC (RFC 4034, RFC 5155) and of transaction security (RFC 8945, RFC 2930).

use bro_events::Value;

use super::message::{Message, Record};
use super::rdata::{character_string, name, need, Bad, Parsed};
use super::vocabulary as v;
use crate::support::cursor::Cursor;

fn seconds(time: u32) -> Value {
    Value::Time(f64::from(time))
}

/// Signature over a set of records (RFC 4034 section 3).
pub fn rrsig(m: &mut Message<'_, '_>, rr: &Record<'_>, c: &mut Cursor<'_>) -> Parsed {
    let (covered, algorithm, labels) = (need(c.u16())?, need(c.u8())?, need(c.u8())?);
    let (ttl, expiration, inception) = (need(c.u32())?, need(c.u32())?, need(c.u32())?);
    let key_tag = need(c.u16())?;
    let signer = name(m, c)?;
    let signature = c.rest();
    let rrsig = Value::Record(
        &v::DNS_RRSIG_RR,
        vec![
            rr.owner.into(),
            Value::from(rr.section as u8),
            covered.into(),
            algorithm.into(),
            labels.into(),
            Value::Interval(f64::from(ttl)),
            seconds(expiration),
            seconds(inception),
            key_tag.into(),
            signer.into(),
            signature.into(),
            m.is_query(),
        ],
    );
    m.emit_rr(rr, &v::DNS_RRSIG, |msg, ans| [msg, ans, rrsig]);
    Ok(())
}

/// Public key of a zone (RFC 4034 section 2).
pub fn dnskey(m: &mut Message<'_, '_>, rr: &Record<'_>, c: &mut Cursor<'_>) -> Parsed {
    let (flags, protocol, algorithm) = (need(c.u16())?, need(c.u8())?, need(c.u8())?);
    let key = c.rest();
    let dnskey = Value::Record(
        &v::DNS_DNSKEY_RR,
        vec![
            rr.owner.into(),
            Value::from(rr.section as u8),
            flags.into(),
            protocol.into(),
            algorithm.into(),
            key.into(),
            m.is_query(),
        ],
    );
    m.emit_rr(rr, &v::DNS_DNSKEY, |msg, ans| [msg, ans, dnskey]);
    Ok(())
}

/// Digest of a child zone's key (RFC 4034 section 5).
pub fn ds(m: &mut Message<'_, '_>, rr: &Record<'_>, c: &mut Cursor<'_>) -> Parsed {
    let (key_tag, algorithm, digest_type) = (need(c.u16())?, need(c.u8())?, need(c.u8())?);
    let digest = c.rest();
    let ds = Value::Record(
        &v::DNS_DS_RR,
        vec![
            rr.owner.into(),
            Value::from(rr.section as u8),
            key_tag.into(),
            algorithm.into(),
            digest_type.into(),
            digest.into(),
            m.is_query(),
        ],
    );
    m.emit_rr(rr, &v::DNS_DS, |msg, ans| [msg, ans, ds]);
    Ok(())
}

/// Type bit maps (RFC 4034 section 4.1.2): blocks of window number, length, and bits.  One string a block, of its bits.
fn bitmaps(c: &mut Cursor<'_>) -> Result<Value, Bad> {
    let mut blocks = Vec::new();
    while c.left() > 0 {
        let _window = need(c.u8())?;
        blocks.push(Value::from(character_string(c)?));
    }
    Ok(Value::Vector(blocks))
}

/// Which name comes next, and which types there are (RFC 4034 section 4).
pub fn nsec(m: &mut Message<'_, '_>, rr: &Record<'_>, c: &mut Cursor<'_>) -> Parsed {
    let next = name(m, c)?;
    let bitmaps = bitmaps(c)?;
    m.emit_rr(rr, &v::DNS_NSEC, |msg, ans| [msg, ans, next.into(), bitmaps]);
    Ok(())
}

/// The same for hashed names (RFC 5155 section 3).
pub fn nsec3(m: &mut Message<'_, '_>, rr: &Record<'_>, c: &mut Cursor<'_>) -> Parsed {
    let (algorithm, flags, iterations) = (need(c.u8())?, need(c.u8())?, need(c.u16())?);
    let salt = character_string(c)?;
    let hash = character_string(c)?;
    let bitmaps = bitmaps(c)?;
    let nsec3 = Value::Record(
        &v::DNS_NSEC3_RR,
        vec![
            rr.owner.into(),
            Value::from(rr.section as u8),
            flags.into(),
            algorithm.into(),
            iterations.into(),
            Value::from(salt.len() as u64),
            salt.into(),
            Value::from(hash.len() as u64),
            hash.into(),
            bitmaps,
            m.is_query(),
        ],
    );
    m.emit_rr(rr, &v::DNS_NSEC3, |msg, ans| [msg, ans, nsec3]);
    Ok(())
}

/// How the names of a zone are hashed (RFC 5155 section 4).
pub fn nsec3param(m: &mut Message<'_, '_>, rr: &Record<'_>, c: &mut Cursor<'_>) -> Parsed {
    let (algorithm, flags, iterations) = (need(c.u8())?, need(c.u8())?, need(c.u16())?);
    let salt = character_string(c)?;
    let nsec3param = Value::Record(
        &v::DNS_NSEC3PARAM_RR,
        vec![
            rr.owner.into(),
            Value::from(rr.section as u8),
            flags.into(),
            algorithm.into(),
            iterations.into(),
            Value::from(salt.len() as u64),
            salt.into(),
            m.is_query(),
        ],
    );
    m.emit_rr(rr, &v::DNS_NSEC3PARAM, |msg, ans| [msg, ans, nsec3param]);
    Ok(())
}

/// Establishes a secret key (RFC 2930 section 2).
pub fn tkey(m: &mut Message<'_, '_>, rr: &Record<'_>, c: &mut Cursor<'_>) -> Parsed {
    let algorithm = name(m, c)?;
    let (inception, expiration) = (need(c.u32())?, need(c.u32())?);
    let (mode, error, key_len) = (need(c.u16())?, need(c.u16())?, need(c.u16())?);
    let key = need(c.take(usize::from(key_len)))?;
    let other_len = need(c.u16())?;
    need(c.take(usize::from(other_len)))?;
    let tkey = Value::Record(
        &v::DNS_TKEY_RR,
        vec![
            rr.owner.into(),
            rr.rtype.into(),
            algorithm.into(),
            seconds(inception),
            seconds(expiration),
            mode.into(),
            error.into(),
            key.into(),
            m.is_query(),
        ],
    );
    m.emit(&v::DNS_TKEY, |msg| [msg, tkey]);
    Ok(())
}

/// Signature of a message (RFC 8945 section 4.2).
pub fn tsig(m: &mut Message<'_, '_>, rr: &Record<'_>, c: &mut Cursor<'_>) -> Parsed {
    let algorithm = name(m, c)?;
    let (signed, fudge, mac_len) = (need(c.u48())?, need(c.u16())?, need(c.u16())?);
    let mac = need(c.take(usize::from(mac_len)))?;
    let (original_id, error, other_len) = (need(c.u16())?, need(c.u16())?, need(c.u16())?);
    need(c.take(usize::from(other_len)))?;
    let tsig = Value::Record(
        &v::DNS_TSIG_RR,
        vec![
            rr.owner.into(),
            rr.rtype.into(),
            algorithm.into(),
            mac.into(),
            Value::Time(signed as f64),
            Value::Time(f64::from(fudge)),
            original_id.into(),
            error.into(),
            m.is_query(),
        ],
    );
    m.emit(&v::DNS_TSIG_ADDL, |msg| [msg, tsig]);
    Ok(())
}
