//! IP directly in IP: IPv4 (RFC 2003) and IPv6 (RFC 4213, also 6to4) in either version.

use super::Inner;
use crate::link::Link;
use crate::net::{ipv4, ipv6};
use crate::protocol::ip as proto;
use crate::{Malformed, Snap, Weird};

const SOURCE: &str = "IPTUNNEL";

/// A packet in a packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IpInIp<'a> {
    /// The packet inside.
    pub inner: Inner<'a>,
    /// What is strange about it.
    pub weirds: Vec<Weird>,
}

/// Decapsulates the payload of an IP packet whose protocol is 4 (IPv4) or 41 (IPv6).
///
/// Errors, about the hosts of the outer packet: `invalid_inner_IP_version` (not the version that the protocol
/// names), `truncated_inner_IP` (no room for its header or for the length it claims), or a violation for any other
/// protocol.
/// Weirds: `inner_IP_payload_mismatch` when the outer packet has more than the inner one claims.
#[inline]
pub fn decapsulate(protocol: u8, payload: Snap<'_>) -> Result<IpInIp<'_>, Malformed> {
    match protocol {
        proto::IPIP => check(4, payload),
        proto::IPV6 => check(6, payload),
        _ => Err(Malformed::violation(
            SOURCE,
            format!("protocol {protocol} does not carry IP"),
            0,
        )),
    }
}

/// Checks a packet of the version given that a tunnel carries, as [`decapsulate`] does.
pub(super) fn check(version: u8, payload: Snap<'_>) -> Result<IpInIp<'_>, Malformed> {
    let data = payload.data();
    let truncated = || Weird::flow("truncated_inner_IP", SOURCE).fatal(data.len());
    let Some(first) = data.first() else {
        return Err(truncated());
    };
    if first >> 4 != version {
        return Err(Weird::flow("invalid_inner_IP_version", SOURCE).fatal(0));
    }
    let claimed = if version == 4 {
        ipv4::header(data).map(|fields| usize::from(fields.total_len))
    } else {
        ipv6::header(data).map(|fields| ipv6::HEADER_LEN + usize::from(fields.payload_len))
    };
    let Some(claimed) = claimed.filter(|&claimed| claimed <= payload.wire_len()) else {
        return Err(truncated());
    };
    let mut weirds = Vec::new();
    // A claim of 0 leaves the length to the network card.
    if claimed != 0 && claimed < payload.wire_len() {
        weirds.push(Weird::flow("inner_IP_payload_mismatch", SOURCE));
    }
    Ok(IpInIp {
        inner: Inner {
            link: Link::Ip,
            payload,
        },
        weirds,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::{hex, NetworkPayload};

    fn ipv4_packet() -> Vec<u8> {
        hex("4500001c 00010000 40110000 0a000001 0a000002 0001000200080000")
    }

    fn ipv6_packet() -> Vec<u8> {
        hex(&format!("60000000 0004 3b40 {} 01020304", "00".repeat(32)))
    }

    #[test]
    fn both_versions() {
        let packet = ipv4_packet();
        let tunnel = decapsulate(proto::IPIP, Snap::whole(&packet)).expect("IPv4");
        assert!(tunnel.weirds.is_empty());
        let frame = tunnel.inner.decode().expect("frame");
        assert_eq!(frame.payload, NetworkPayload::Ipv4(Snap::whole(&packet)));
        let packet = ipv6_packet();
        let tunnel = decapsulate(proto::IPV6, Snap::whole(&packet)).expect("IPv6");
        assert_eq!(
            tunnel.inner.decode().expect("frame").payload,
            NetworkPayload::Ipv6(Snap::whole(&packet))
        );
    }

    #[test]
    fn versions_that_do_not_fit() {
        for (protocol, packet) in [(proto::IPIP, ipv6_packet()), (proto::IPV6, ipv4_packet())] {
            let fault = decapsulate(protocol, Snap::whole(&packet)).expect_err("other version");
            assert_eq!(fault.name(), "invalid_inner_IP_version");
        }
        assert!(
            decapsulate(17, Snap::whole(&ipv4_packet()))
                .expect_err("UDP")
                .violation
        );
    }

    #[test]
    fn lengths_that_do_not_fit() {
        let packet = ipv6_packet();
        for length in [0, 1, 39, 43] {
            let fault = decapsulate(proto::IPV6, Snap::whole(&packet[..length])).expect_err("short");
            assert_eq!(fault.name(), "truncated_inner_IP", "{length}");
        }
        // Cut by the snapshot length only.
        assert!(decapsulate(proto::IPV6, Snap::new(&packet[..41], 44)).is_ok());
        let padded = [packet, vec![0; 4]].concat();
        let tunnel = decapsulate(proto::IPV6, Snap::whole(&padded)).expect("IPv6");
        assert_eq!(tunnel.weirds[0].name, "inner_IP_payload_mismatch");
    }
}
