//! AYIYA (draft-massar-v6ops-ayiya-02): IP in UDP with the identity of its sender.

use super::Inner;
use crate::cursor::Cursor;
use crate::link::Link;
use crate::protocol::ip as proto;
use crate::{Malformed, Snap};

const SOURCE: &str = "AYIYA";

/// Operation: forward the packet inside.
const FORWARD: u8 = 1;

/// A decoded AYIYA packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ayiya<'a> {
    /// Type of the identity.
    pub identity_type: u8,
    /// Method of the signature.
    pub hash: u8,
    /// Method of authentication.
    pub authentication: u8,
    /// Operation.
    pub operation: u8,
    /// Protocol of the packet inside.
    pub next_header: u8,
    /// When it was sent, in seconds since 1970.
    pub epoch: u32,
    /// Identity of the sender.
    pub identity: &'a [u8],
    /// Signature.
    pub signature: &'a [u8],
    /// The packet inside, of a forward operation with IPv4 or IPv6.
    pub inner: Option<Inner<'a>>,
}

/// Decapsulates the payload of UDP.
///
/// Errors: a violation, if the header with identity and signature is not complete, or if a forwarded packet is not
/// of the version that the header names.
#[inline]
pub fn decapsulate(payload: Snap<'_>) -> Result<Ayiya<'_>, Malformed> {
    let mut cursor = Cursor::new(payload.data());
    let Some(mut ayiya) = header(&mut cursor) else {
        return Err(Malformed::violation(
            SOURCE,
            "AYIYA header incomplete",
            cursor.pos(),
        ));
    };
    let at = cursor.pos();
    let rest = payload.skip(at);
    let expected = match ayiya.next_header {
        proto::IPIP => 4,
        proto::IPV6 => 6,
        _ => return Ok(ayiya),
    };
    if ayiya.operation == FORWARD {
        if rest.data().first().is_none_or(|first| first >> 4 != expected) {
            let reason = format!("no IPv{expected} packet in AYIYA");
            return Err(Malformed::violation(SOURCE, reason, at));
        }
        ayiya.inner = Some(Inner {
            link: Link::Ip,
            payload: rest,
        });
    }
    Ok(ayiya)
}

fn header<'a>(cursor: &mut Cursor<'a>) -> Option<Ayiya<'a>> {
    let [identity, signature, methods, next_header] = cursor.array()?;
    let epoch = cursor.be32()?;
    Some(Ayiya {
        identity_type: identity & 0x0f,
        hash: signature & 0x0f,
        authentication: methods >> 4,
        operation: methods & 0x0f,
        next_header,
        epoch,
        // The length is a power of two, at most 32,768; that of a signature counts words.
        identity: cursor.take(1 << (identity >> 4))?,
        signature: cursor.take(usize::from(signature >> 4) * 4)?,
        inner: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::hex;

    fn packet(methods: &str, next: &str, rest: &str) -> Vec<u8> {
        hex(&format!(
            "21 11 {methods} {next} 4af64c00 20014978 11223344 {rest}"
        ))
    }

    #[test]
    fn forwarded_packets() {
        let bytes = packet("21", "29", "6000");
        let ayiya = decapsulate(Snap::whole(&bytes)).expect("AYIYA");
        assert_eq!(
            (
                ayiya.identity_type,
                ayiya.hash,
                ayiya.authentication,
                ayiya.operation
            ),
            (1, 1, 2, 1)
        );
        assert_eq!(
            (ayiya.epoch, ayiya.identity, ayiya.signature.len()),
            (0x4af6_4c00, &[0x20, 1, 0x49, 0x78][..], 4)
        );
        assert_eq!(
            ayiya.inner,
            Some(Inner {
                link: Link::Ip,
                payload: Snap::whole(&[0x60, 0])
            })
        );
        let bytes = packet("21", "04", "45");
        assert!(decapsulate(Snap::whole(&bytes)).expect("AYIYA").inner.is_some());
    }

    #[test]
    fn without_a_packet() {
        for (methods, next) in [("20", "29"), ("21", "3b"), ("22", "04")] {
            assert_eq!(
                decapsulate(Snap::whole(&packet(methods, next, "60")))
                    .expect("AYIYA")
                    .inner,
                None
            );
        }
    }

    #[test]
    fn not_ayiya() {
        assert!(
            decapsulate(Snap::whole(&packet("21", "29", "45")))
                .expect_err("IPv4")
                .violation
        );
        assert!(
            decapsulate(Snap::whole(&packet("21", "29", "")))
                .expect_err("empty")
                .violation
        );
        for length in [0, 7, 11, 15] {
            let bytes = packet("21", "29", "60");
            assert!(
                decapsulate(Snap::whole(&bytes[..length]))
                    .expect_err("short")
                    .violation
            );
        }
    }
}
