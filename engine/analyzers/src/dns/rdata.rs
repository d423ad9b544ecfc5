//! Data of records (RFC 1035 section 3.3 and later ones).

use bro_events::{Event, Value};

use super::message::{Message, Record};
use super::vocabulary as v;
use super::{dnssec, edns, svcb};
use crate::support::cursor::Cursor;

/// Numbers of the types that are parsed, by the names of IANA's registry.
mod types {
    pub const A: u16 = 1;
    pub const NS: u16 = 2;
    pub const CNAME: u16 = 5;
    pub const SOA: u16 = 6;
    pub const WKS: u16 = 11;
    pub const PTR: u16 = 12;
    pub const HINFO: u16 = 13;
    pub const MX: u16 = 15;
    pub const TXT: u16 = 16;
    pub const AAAA: u16 = 28;
    pub const LOC: u16 = 29;
    pub const SRV: u16 = 33;
    pub const NAPTR: u16 = 35;
    pub const A6: u16 = 38;
    pub const OPT: u16 = 41;
    pub const DS: u16 = 43;
    pub const SSHFP: u16 = 44;
    pub const RRSIG: u16 = 46;
    pub const NSEC: u16 = 47;
    pub const DNSKEY: u16 = 48;
    pub const NSEC3: u16 = 50;
    pub const NSEC3PARAM: u16 = 51;
    pub const SVCB: u16 = 64;
    pub const HTTPS: u16 = 65;
    pub const SPF: u16 = 99;
    pub const TKEY: u16 = 249;
    pub const TSIG: u16 = 250;
    pub const CAA: u16 = 257;
    /// BIND's notes on the signing of a zone, in the range for private use
    pub const BINDS: u16 = 65534;
}

/// Why the data of a record could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bad {
    /// It ends before its fields do, or has another length than they have.
    Short,
    /// Reported already, such as a malformed name.
    Reported,
}

/// The result of reading a record's data.
pub type Parsed = Result<(), Bad>;

/// A field, or the error of its absence.
pub fn need<T>(field: Option<T>) -> Result<T, Bad> {
    field.ok_or(Bad::Short)
}

/// Reads the data at the cursor and raises the event of its type.  Data that is too short for its type, or an address of
/// another length, gives `DNS_RR_bad_length`, data with something behind its fields `DNS_RR_length_mismatch`, and a type
/// that is not known `DNS_RR_unknown_type` with its number.
pub fn process(m: &mut Message<'_, '_>, rr: &Record<'_>, c: &mut Cursor<'_>) {
    let event = event_of(rr.rtype, m.header.netbios);
    let parsed = match rr.rtype {
        types::OPT => edns::opt(m, rr, c),
        _ if std::ptr::eq(event, &v::DNS_UNKNOWN_REPLY) => {
            // To NetBIOS the number of SRV is that of a node's status: known, though not read.
            if rr.rtype != types::SRV {
                m.ctx.weird("DNS_RR_unknown_type", rr.rtype.to_string());
            }
            c.rest();
            plain(m, rr, event)
        }
        types::A => address::<4>(m, rr, c, event),
        types::AAAA => address::<16>(m, rr, c, event),
        types::A6 => a6(m, rr, c),
        types::NS | types::CNAME | types::PTR => named(m, rr, c, event),
        types::SOA => soa(m, rr, c),
        types::WKS => wks(m, rr, c),
        types::HINFO => hinfo(m, rr, c),
        types::MX => mx(m, rr, c),
        types::TXT | types::SPF => strings(m, rr, c, event),
        types::LOC => loc(m, rr, c),
        types::SRV => srv(m, rr, c),
        types::NAPTR => naptr(m, rr, c),
        types::SSHFP => sshfp(m, rr, c),
        types::CAA => caa(m, rr, c),
        types::BINDS => binds(m, rr, c),
        types::SVCB | types::HTTPS => svcb::svcb(m, rr, c, event),
        types::DS => dnssec::ds(m, rr, c),
        types::RRSIG => dnssec::rrsig(m, rr, c),
        types::NSEC => dnssec::nsec(m, rr, c),
        types::DNSKEY => dnssec::dnskey(m, rr, c),
        types::NSEC3 => dnssec::nsec3(m, rr, c),
        types::NSEC3PARAM => dnssec::nsec3param(m, rr, c),
        types::TKEY => dnssec::tkey(m, rr, c),
        types::TSIG => dnssec::tsig(m, rr, c),
        _ => Ok(()),
    };
    match parsed {
        Ok(()) if c.left() > 0 => m.ctx.weird("DNS_RR_length_mismatch", ""),
        Ok(()) | Err(Bad::Reported) => {}
        Err(Bad::Short) => m.ctx.weird("DNS_RR_bad_length", ""),
    }
}

/// The event for a type.
fn event_of(rtype: u16, netbios: bool) -> &'static Event {
    match rtype {
        types::A => &v::DNS_A_REPLY,
        types::AAAA => &v::DNS_AAAA_REPLY,
        types::A6 => &v::DNS_A6_REPLY,
        types::NS => &v::DNS_NS_REPLY,
        types::CNAME => &v::DNS_CNAME_REPLY,
        types::PTR => &v::DNS_PTR_REPLY,
        types::SOA => &v::DNS_SOA_REPLY,
        types::WKS => &v::DNS_WKS_REPLY,
        types::HINFO => &v::DNS_HINFO_REPLY,
        types::MX => &v::DNS_MX_REPLY,
        types::TXT => &v::DNS_TXT_REPLY,
        types::SPF => &v::DNS_SPF_REPLY,
        types::LOC => &v::DNS_LOC,
        // In NetBIOS this number is NBSTAT, a node's status.
        types::SRV if !netbios => &v::DNS_SRV_REPLY,
        types::NAPTR => &v::DNS_NAPTR_REPLY,
        types::SSHFP => &v::DNS_SSHFP,
        types::CAA => &v::DNS_CAA_REPLY,
        types::BINDS => &v::DNS_BINDS,
        types::SVCB => &v::DNS_SVCB,
        types::HTTPS => &v::DNS_HTTPS,
        types::DS => &v::DNS_DS,
        types::RRSIG => &v::DNS_RRSIG,
        types::NSEC => &v::DNS_NSEC,
        types::DNSKEY => &v::DNS_DNSKEY,
        types::NSEC3 => &v::DNS_NSEC3,
        types::NSEC3PARAM => &v::DNS_NSEC3PARAM,
        types::TKEY => &v::DNS_TKEY,
        types::TSIG => &v::DNS_TSIG_ADDL,
        types::OPT => &v::DNS_EDNS_ADDL,
        _ => &v::DNS_UNKNOWN_REPLY,
    }
}

/// A character string: a length octet and so many octets (RFC 1035 section 3.3).
pub fn character_string<'a>(c: &mut Cursor<'a>) -> Result<&'a [u8], Bad> {
    let len = need(c.u8())?;
    need(c.take(usize::from(len)))
}

/// A name within data, in lower case.
pub fn name(m: &mut Message<'_, '_>, c: &mut Cursor<'_>) -> Result<Vec<u8>, Bad> {
    m.name(c).ok_or(Bad::Reported)
}

fn plain(m: &mut Message<'_, '_>, rr: &Record<'_>, event: &'static Event) -> Parsed {
    m.emit_rr(rr, event, |msg, ans| [msg, ans]);
    Ok(())
}

fn address<const N: usize>(
    m: &mut Message<'_, '_>,
    rr: &Record<'_>,
    c: &mut Cursor<'_>,
    event: &'static Event,
) -> Parsed {
    // An address with something behind it is none: it may be meant as anything.
    let octets = need(if c.left() == N { c.take(N) } else { None })?;
    let address = match (<[u8; 4]>::try_from(octets), <[u8; 16]>::try_from(octets)) {
        (Ok(v4), _) => v4.into(),
        (_, Ok(v6)) => v6.into(),
        _ => return Err(Bad::Short),
    };
    m.emit_rr(rr, event, |msg, ans| [msg, ans, Value::Addr(address)]);
    Ok(())
}

/// An IPv6 address with part of its prefix under another name (RFC 2874, historic).  Bits that are under that name are
/// zero in the event's address.
fn a6(m: &mut Message<'_, '_>, rr: &Record<'_>, c: &mut Cursor<'_>) -> Parsed {
    let prefix_len = usize::from(need(c.u8())?);
    if prefix_len > 128 {
        return Err(Bad::Short);
    }
    let suffix = need(c.take(16 - prefix_len / 8))?;
    let mut octets = [0; 16];
    for (slot, octet) in octets.iter_mut().rev().zip(suffix.iter().rev()) {
        *slot = *octet;
    }
    if prefix_len > 0 {
        name(m, c)?;
    }
    m.emit_rr(rr, &v::DNS_A6_REPLY, |msg, ans| {
        [msg, ans, Value::Addr(octets.into())]
    });
    Ok(())
}

fn named(m: &mut Message<'_, '_>, rr: &Record<'_>, c: &mut Cursor<'_>, event: &'static Event) -> Parsed {
    let name = name(m, c)?;
    m.emit_rr(rr, event, |msg, ans| [msg, ans, name.into()]);
    Ok(())
}

fn soa(m: &mut Message<'_, '_>, rr: &Record<'_>, c: &mut Cursor<'_>) -> Parsed {
    let mname = name(m, c)?;
    let rname = name(m, c)?;
    let serial = need(c.u32())?;
    let mut interval = || Ok(Value::Interval(f64::from(need(c.u32())?)));
    let soa = Value::Record(
        &v::DNS_SOA,
        vec![
            mname.into(),
            rname.into(),
            serial.into(),
            interval()?,
            interval()?,
            interval()?,
            interval()?,
        ],
    );
    m.emit_rr(rr, &v::DNS_SOA_REPLY, |msg, ans| [msg, ans, soa]);
    Ok(())
}

/// Well-known services: address, protocol, and a bit per port (RFC 1035 section 3.4.2).
fn wks(m: &mut Message<'_, '_>, rr: &Record<'_>, c: &mut Cursor<'_>) -> Parsed {
    need(c.take(4))?;
    need(c.u8())?;
    c.rest();
    plain(m, rr, &v::DNS_WKS_REPLY)
}

fn hinfo(m: &mut Message<'_, '_>, rr: &Record<'_>, c: &mut Cursor<'_>) -> Parsed {
    let cpu = character_string(c)?;
    let os = character_string(c)?;
    m.emit_rr(rr, &v::DNS_HINFO_REPLY, |msg, ans| {
        [msg, ans, cpu.into(), os.into()]
    });
    Ok(())
}

fn mx(m: &mut Message<'_, '_>, rr: &Record<'_>, c: &mut Cursor<'_>) -> Parsed {
    let preference = need(c.u16())?;
    let exchange = name(m, c)?;
    m.emit_rr(rr, &v::DNS_MX_REPLY, |msg, ans| {
        [msg, ans, exchange.into(), preference.into()]
    });
    Ok(())
}

fn strings(m: &mut Message<'_, '_>, rr: &Record<'_>, c: &mut Cursor<'_>, event: &'static Event) -> Parsed {
    let mut strs = Vec::new();
    while c.left() > 0 {
        strs.push(Value::from(character_string(c)?));
    }
    m.emit_rr(rr, event, |msg, ans| [msg, ans, Value::Vector(strs)]);
    Ok(())
}

/// Location (RFC 1876).  The numbers are passed on as they are encoded.
fn loc(m: &mut Message<'_, '_>, rr: &Record<'_>, c: &mut Cursor<'_>) -> Parsed {
    let (version, size, horizontal, vertical) = (need(c.u8())?, need(c.u8())?, need(c.u8())?, need(c.u8())?);
    let (latitude, longitude, altitude) = (need(c.u32())?, need(c.u32())?, need(c.u32())?);
    let loc = Value::Record(
        &v::DNS_LOC_RR,
        vec![
            rr.owner.into(),
            Value::from(rr.section as u8),
            version.into(),
            size.into(),
            horizontal.into(),
            vertical.into(),
            latitude.into(),
            longitude.into(),
            altitude.into(),
            m.is_query(),
        ],
    );
    m.emit_rr(rr, &v::DNS_LOC, |msg, ans| [msg, ans, loc]);
    Ok(())
}

/// Service (RFC 2782).
fn srv(m: &mut Message<'_, '_>, rr: &Record<'_>, c: &mut Cursor<'_>) -> Parsed {
    let (priority, weight, port) = (need(c.u16())?, need(c.u16())?, need(c.u16())?);
    let target = name(m, c)?;
    m.emit_rr(rr, &v::DNS_SRV_REPLY, |msg, ans| {
        [
            msg,
            ans,
            target.into(),
            priority.into(),
            weight.into(),
            port.into(),
        ]
    });
    Ok(())
}

/// Naming authority pointer (RFC 3403).
fn naptr(m: &mut Message<'_, '_>, rr: &Record<'_>, c: &mut Cursor<'_>) -> Parsed {
    let (order, preference) = (need(c.u16())?, need(c.u16())?);
    let (flags, service, regexp) = (character_string(c)?, character_string(c)?, character_string(c)?);
    let replacement = name(m, c)?;
    let naptr = Value::Record(
        &v::DNS_NAPTR_RR,
        vec![
            order.into(),
            preference.into(),
            flags.into(),
            service.into(),
            regexp.into(),
            replacement.into(),
        ],
    );
    m.emit_rr(rr, &v::DNS_NAPTR_REPLY, |msg, ans| [msg, ans, naptr]);
    Ok(())
}

/// Fingerprint of an SSH host key (RFC 4255).
fn sshfp(m: &mut Message<'_, '_>, rr: &Record<'_>, c: &mut Cursor<'_>) -> Parsed {
    let (algorithm, kind) = (need(c.u8())?, need(c.u8())?);
    let fingerprint = c.rest();
    m.emit_rr(rr, &v::DNS_SSHFP, |msg, ans| {
        [msg, ans, algorithm.into(), kind.into(), fingerprint.into()]
    });
    Ok(())
}

/// Who may issue certificates (RFC 8659).
fn caa(m: &mut Message<'_, '_>, rr: &Record<'_>, c: &mut Cursor<'_>) -> Parsed {
    let flags = need(c.u8())?;
    let tag = character_string(c)?;
    let value = c.rest();
    m.emit_rr(rr, &v::DNS_CAA_REPLY, |msg, ans| {
        [msg, ans, flags.into(), tag.into(), value.into()]
    });
    Ok(())
}

fn binds(m: &mut Message<'_, '_>, rr: &Record<'_>, c: &mut Cursor<'_>) -> Parsed {
    let (algorithm, key, removal, complete) = (need(c.u8())?, need(c.u16())?, need(c.u8())?, need(c.u8())?);
    let binds = Value::Record(
        &v::DNS_BINDS_RR,
        vec![
            rr.owner.into(),
            Value::from(rr.section as u8),
            algorithm.into(),
            key.into(),
            removal.into(),
            complete.into(),
            m.is_query(),
        ],
    );
    m.emit_rr(rr, &v::DNS_BINDS, |msg, ans| [msg, ans, binds]);
    Ok(())
}
