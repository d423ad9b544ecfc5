//! GRE: version 0 (RFC 2784, RFC 2890) and the enhanced version 1 of PPTP (RFC 2637).

use super::{erspan, ip_in_ip, Inner};
use crate::cursor::Cursor;
use crate::link::Link;
use crate::protocol::ethertype;
use crate::{Malformed, Snap, Weird};

const SOURCE: &str = "GRE";

/// Bits of the first word.
const CHECKSUM: u16 = 0x8000;
const ROUTING: u16 = 0x4000;
const KEY: u16 = 0x2000;
const SEQUENCE: u16 = 0x1000;
const ACKNOWLEDGEMENT: u16 = 0x0080;
const VERSION: u16 = 0x0007;

/// IEEE 802.11 frames as the access points of one maker tunnel them: 0x8200, 0x8210 and so on, by traffic class.
const WLAN_FIRST: u16 = 0x8200;
const WLAN_LAST: u16 = 0x8370;

/// A decoded GRE packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gre<'a> {
    /// 0 or 1.
    pub version: u8,
    /// EtherType of the payload.
    pub protocol: u16,
    /// Key of version 0; in version 1 the call identifier.
    pub key: Option<u32>,
    /// Sequence number.
    pub sequence: Option<u32>,
    /// Acknowledgement number of version 1.
    pub acknowledgement: Option<u32>,
    /// The packet inside; `None` if there is none, as in a mere acknowledgement or a keepalive.
    pub inner: Option<Inner<'a>>,
    /// What is strange about it.
    pub weirds: Vec<Weird>,
}

/// Decapsulates the payload of an IP packet whose protocol is 47, or of UDP on the GRE port.
///
/// Errors, about the hosts of the outer packet: `truncated_GRE`, `unknown_gre_version`, `gre_routing` (source
/// routes, which RFC 2784 took out), `egre_protocol_type` (version 1 with anything but PPP), and those of
/// [`ip_in_ip::decapsulate`] for IP inside.
/// Weirds: as there.
#[inline]
pub fn decapsulate(payload: Snap<'_>) -> Result<Gre<'_>, Malformed> {
    let mut cursor = Cursor::new(payload.data());
    let (Some(flags), Some(protocol)) = (cursor.be16(), cursor.be16()) else {
        return Err(short(payload));
    };
    let rest = (payload, cursor);
    match flags & VERSION {
        0 => version_0(flags, protocol, rest),
        1 => version_1(flags, protocol, rest),
        version => Err(Weird::flow("unknown_gre_version", SOURCE)
            .detail(version.to_string())
            .fatal(1)),
    }
}

#[cold]
fn short(payload: Snap<'_>) -> Malformed {
    Weird::flow("truncated_GRE", SOURCE).fatal(payload.data().len())
}

/// An optional field: read if its flag is set, an error if it is not there then.
fn field<T>(set: bool, payload: Snap<'_>, read: impl FnOnce() -> Option<T>) -> Result<Option<T>, Malformed> {
    if !set {
        return Ok(None);
    }
    read().map(Some).ok_or_else(|| short(payload))
}

fn version_0<'a>(
    flags: u16,
    protocol: u16,
    (payload, mut cursor): (Snap<'a>, Cursor<'a>),
) -> Result<Gre<'a>, Malformed> {
    if flags & ROUTING != 0 {
        return Err(Weird::flow("gre_routing", SOURCE).fatal(0));
    }
    // Not verified: the transport inside has a checksum of its own.
    field(flags & CHECKSUM != 0, payload, || cursor.be32())?;
    let key = field(flags & KEY != 0, payload, || cursor.be32())?;
    let sequence = field(flags & SEQUENCE != 0, payload, || cursor.be32())?;
    let rest = payload.skip(cursor.pos());
    let mut weirds = Vec::new();
    let inner = if rest.is_empty() {
        None
    } else {
        Some(inner(protocol, sequence, rest, &mut weirds)?)
    };
    Ok(Gre {
        version: 0,
        protocol,
        key,
        sequence,
        acknowledgement: None,
        inner,
        weirds,
    })
}

fn inner<'a>(
    protocol: u16,
    sequence: Option<u32>,
    payload: Snap<'a>,
    weirds: &mut Vec<Weird>,
) -> Result<Inner<'a>, Malformed> {
    Ok(match protocol {
        ethertype::IPV4 | ethertype::IPV6 => {
            let version = if protocol == ethertype::IPV4 { 4 } else { 6 };
            let packet = ip_in_ip::check(version, payload)?;
            *weirds = packet.weirds;
            packet.inner
        }
        ethertype::ERSPAN => erspan::type_1_or_2(payload, sequence.is_some())?.inner,
        ethertype::ERSPAN_III => erspan::type_3(payload)?.inner,
        WLAN_FIRST..=WLAN_LAST if protocol & 0x000f == 0 => Inner {
            link: Link::Ieee80211,
            payload,
        },
        other => Inner {
            link: Link::EtherType(other),
            payload,
        },
    })
}

/// The payload of version 1 is PPP; its length is the upper half of the key, the call identifier the lower.
fn version_1<'a>(
    flags: u16,
    protocol: u16,
    (payload, mut cursor): (Snap<'a>, Cursor<'a>),
) -> Result<Gre<'a>, Malformed> {
    if protocol != ethertype::PPP || flags & KEY == 0 {
        let weird = Weird::flow("egre_protocol_type", SOURCE);
        return Err(weird.detail(protocol.to_string()).fatal(2));
    }
    let (Some(length), Some(call)) = (cursor.be16(), cursor.be16()) else {
        return Err(short(payload));
    };
    let sequence = field(flags & SEQUENCE != 0, payload, || cursor.be32())?;
    let acknowledgement = field(flags & ACKNOWLEDGEMENT != 0, payload, || cursor.be32())?;
    let rest = payload.skip(cursor.pos()).limit(length.into());
    let inner = (!rest.is_empty()).then_some(Inner {
        link: Link::Ppp,
        payload: rest,
    });
    let key = Some(call.into());
    Ok(Gre {
        version: 1,
        protocol,
        key,
        sequence,
        acknowledgement,
        inner,
        weirds: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::{hex, NetworkPayload};

    const IPV4: &str = "45000015 00010000 40fd0000 0a000001 0a000002 aa";

    fn gre(bytes: &[u8]) -> Gre<'_> {
        decapsulate(Snap::whole(bytes)).expect("GRE")
    }

    fn is_ipv4(gre: &Gre<'_>) -> bool {
        let frame = gre.inner.expect("inner").decode().expect("frame");
        matches!(frame.payload, NetworkPayload::Ipv4(packet) if packet.data() == hex(IPV4))
    }

    #[test]
    fn all_optional_fields() {
        let bytes = hex(&format!("0000 0800 {IPV4}"));
        let plain = gre(&bytes);
        assert_eq!(
            (plain.version, plain.protocol, plain.key, plain.sequence),
            (0, 0x0800, None, None)
        );
        assert!(is_ipv4(&plain));
        let bytes = hex(&format!("b000 0800 ffff0000 00000007 00000009 {IPV4}"));
        let full = gre(&bytes);
        assert_eq!((full.key, full.sequence), (Some(7), Some(9)));
        assert!(is_ipv4(&full));
    }

    #[test]
    fn pptp() {
        let bytes = hex(&format!(
            "3081 880b 0019 0678 00000001 00000002 ff030021 {IPV4} ffff"
        ));
        let call = gre(&bytes);
        assert_eq!(
            (call.version, call.key, call.sequence, call.acknowledgement),
            (1, Some(0x678), Some(1), Some(2))
        );
        assert!(is_ipv4(&call));
        let bytes = hex("2081 880b 0000 0678 00000002");
        assert_eq!(gre(&bytes).inner, None);
    }

    #[test]
    fn payloads() {
        let ethernet = format!("020000000001 020000000002 0800 {IPV4}");
        let wlan = format!("0802 0000 020000000001 020000000002 020000000003 0000 aaaa03 000000 0800 {IPV4}");
        for text in [
            format!("0000 6558 {ethernet}"),
            format!("0000 88be {ethernet}"),
            format!("1000 88be 00000001 1064 0001 00000000 {ethernet}"),
            format!("0000 22eb 200a0000 70507e55 00000000 {ethernet}"),
            format!("0000 8240 {wlan}"),
            format!("0000 8847 00010140 {IPV4}"),
            format!("0000 8100 0001 0800 {IPV4}"),
            format!("0000 880b ff03 0021 {IPV4}"),
        ] {
            assert!(is_ipv4(&gre(&hex(&text))), "{text}");
        }
        let bytes = hex("0000 0bad 01");
        let frame = gre(&bytes).inner.expect("inner").decode().expect("frame");
        assert!(matches!(
            frame.payload,
            NetworkPayload::Other { protocol: 0x0bad, .. }
        ));
        assert_eq!(gre(&hex("0000 0000")).inner, None);
    }

    #[test]
    fn malformed() {
        for (text, name) in [
            ("0000 08", "truncated_GRE"),
            ("8000 0800 ffff00", "truncated_GRE"),
            ("2000 0800 ffff00", "truncated_GRE"),
            ("1000 0800 ffff00", "truncated_GRE"),
            ("1000 88be 00000001 1064", "truncated_GRE"),
            ("2001 880b 0000 06", "truncated_GRE"),
            ("3001 880b 0000 0678 0000", "truncated_GRE"),
            ("4000 0800", "gre_routing"),
            ("0002 0800", "unknown_gre_version"),
            ("2001 0800 0000 0678", "egre_protocol_type"),
            ("0001 880b 0000 0678", "egre_protocol_type"),
            ("0000 0800 60", "invalid_inner_IP_version"),
            ("0000 86dd 60", "truncated_inner_IP"),
        ] {
            assert_eq!(
                decapsulate(Snap::whole(&hex(text))).expect_err(name).name(),
                name,
                "{text}"
            );
        }
    }
}
