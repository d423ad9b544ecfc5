//! Teredo (RFC 4380): IPv6 in UDP, behind up to two indications.

use std::net::{IpAddr, Ipv4Addr};

use super::Inner;
use crate::cursor::Cursor;
use crate::link::Link;
use crate::net::ipv6;
use crate::protocol::ip as proto;
use crate::{Malformed, Snap, Weird};

const SOURCE: &str = "TEREDO";

/// What indications begin with; IPv6 begins with its version.
const ORIGIN: u16 = 0x0000;
const AUTHENTICATION: u16 = 0x0001;

/// The authentication indication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Authentication<'a> {
    /// Client identifier.
    pub id: &'a [u8],
    /// Authentication value.
    pub value: &'a [u8],
    /// Nonce.
    pub nonce: u64,
    /// Confirmation byte; 0 unless the client's key must be renewed.
    pub confirm: u8,
}

/// The origin indication: what a client looks like from outside its NAT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// Port; in the packet its bits are inverted.
    pub port: u16,
    /// Address; likewise.
    pub address: IpAddr,
}

/// A decoded Teredo packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Teredo<'a> {
    /// The authentication indication.
    pub authentication: Option<Authentication<'a>>,
    /// The origin indication.
    pub origin: Option<Origin>,
    /// A bubble: an IPv6 header that nothing follows, which keeps NATs open. Nothing tells it from chance, so it
    /// says little about whether this is Teredo.
    pub bubble: bool,
    /// The IPv6 packet inside.
    pub inner: Inner<'a>,
    /// What is strange about it.
    pub weirds: Vec<Weird>,
}

/// Decapsulates the payload of UDP.
///
/// Errors: a violation, if indications are not complete, or if no IPv6 header follows or one that claims more than
/// there is.
/// Weirds: `Teredo_bubble_with_payload`, about the connection, when something follows the header of a bubble.
#[inline]
pub fn decapsulate(payload: Snap<'_>) -> Result<Teredo<'_>, Malformed> {
    let mut cursor = Cursor::new(payload.data());
    let Some((authentication, origin)) = indications(&mut cursor) else {
        return Err(Malformed::violation(
            SOURCE,
            "Teredo indication incomplete",
            cursor.pos(),
        ));
    };
    let at = cursor.pos();
    let rest = payload.skip(at);
    let fields =
        ipv6::header(rest.data()).filter(|_| rest.data().first().is_some_and(|first| first >> 4 == 6));
    let Some(fields) = fields else {
        return Err(Malformed::violation(SOURCE, "no IPv6 header in Teredo", at));
    };
    if ipv6::HEADER_LEN + usize::from(fields.payload_len) > rest.wire_len() {
        return Err(Malformed::violation(
            SOURCE,
            "IPv6 packet longer than its Teredo packet",
            at + 4,
        ));
    }
    let bubble = fields.next_header == proto::NO_NEXT;
    let mut weirds = Vec::new();
    if bubble && rest.wire_len() > ipv6::HEADER_LEN {
        weirds.push(Weird::connection("Teredo_bubble_with_payload", SOURCE));
    }
    let inner = Inner {
        link: Link::Ip,
        payload: rest,
    };
    Ok(Teredo {
        authentication,
        origin,
        bubble,
        inner,
        weirds,
    })
}

/// Reads the indications: authentication first, if there are both.
fn indications<'a>(cursor: &mut Cursor<'a>) -> Option<(Option<Authentication<'a>>, Option<Origin>)> {
    let authentication = if next_is(cursor, AUTHENTICATION) {
        cursor.skip(2)?;
        let [id_len, value_len] = cursor.array()?;
        Some(Authentication {
            id: cursor.take(id_len.into())?,
            value: cursor.take(value_len.into())?,
            nonce: cursor.be64()?,
            confirm: cursor.u8()?,
        })
    } else {
        None
    };
    let origin = if next_is(cursor, ORIGIN) {
        cursor.skip(2)?;
        Some(Origin {
            port: !cursor.be16()?,
            address: IpAddr::V4(Ipv4Addr::from(!cursor.be32()?)),
        })
    } else {
        None
    };
    Some((authentication, origin))
}

fn next_is(cursor: &Cursor<'_>, kind: u16) -> bool {
    cursor.rest().starts_with(&kind.to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::hex;

    fn ipv6(next: u8, payload: &str) -> String {
        let length = hex(payload).len();
        format!(
            "60000000 {length:04x} {next:02x} 15 {} {payload}",
            "20010000000000000000000000000001".repeat(2)
        )
    }

    #[test]
    fn plain() {
        let bytes = hex(&ipv6(17, "0001000200080000"));
        let teredo = decapsulate(Snap::whole(&bytes)).expect("Teredo");
        assert_eq!(
            (teredo.authentication, teredo.origin, teredo.bubble),
            (None, None, false)
        );
        assert_eq!(
            teredo.inner,
            Inner {
                link: Link::Ip,
                payload: Snap::whole(&bytes)
            }
        );
    }

    #[test]
    fn both_indications() {
        let text = format!(
            "0001 02 03 aabb ccddee 0000000000000007 01 0000 {} {}",
            "9f01 3f57fe92",
            ipv6(58, "00")
        );
        let bytes = hex(&text);
        let teredo = decapsulate(Snap::whole(&bytes)).expect("Teredo");
        let authentication = Authentication {
            id: &[0xaa, 0xbb],
            value: &[0xcc, 0xdd, 0xee],
            nonce: 7,
            confirm: 1,
        };
        assert_eq!(teredo.authentication, Some(authentication));
        let origin = Origin {
            port: 0x60fe,
            address: IpAddr::from([192, 168, 1, 109]),
        };
        assert_eq!(teredo.origin, Some(origin));
        assert_eq!(teredo.inner.payload.data().len(), 41);
    }

    #[test]
    fn bubbles() {
        let bytes = hex(&ipv6(59, ""));
        let bubble = decapsulate(Snap::whole(&bytes)).expect("Teredo");
        assert!(bubble.bubble && bubble.weirds.is_empty());
        let bytes = hex(&format!("{} 0104", ipv6(59, "")));
        let bubble = decapsulate(Snap::whole(&bytes)).expect("Teredo");
        assert_eq!(bubble.weirds[0].name, "Teredo_bubble_with_payload");
    }

    #[test]
    fn not_teredo() {
        let short = hex(&ipv6(17, "0001000200080000"));
        for bytes in [
            &short[..47],
            &short[..39],
            &hex("0001 02 03 aabb ccddee 00000000000000")[..],
            &hex("0000 9f01 3f57fe")[..],
            &hex("0000 9f01 3f57fe92 45")[..],
            &[][..],
        ] {
            assert!(decapsulate(Snap::whole(bytes)).expect_err("not Teredo").violation);
        }
        assert!(decapsulate(Snap::new(&short[..47], 48)).is_ok());
    }
}
