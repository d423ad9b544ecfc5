//! UDP (RFC 768).

use super::short;
use crate::{Malformed, Snap, Weird};

const SOURCE: &str = "UDP";

/// Length of the header.
pub const HEADER_LEN: usize = 8;

/// A decoded datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UdpView<'a> {
    /// Source port.
    pub src_port: u16,
    /// Destination port.
    pub dst_port: u16,
    /// Length of header and payload, as claimed.
    pub length: u16,
    /// Checksum; 0 if there is none.
    pub checksum: u16,
    /// The payload, as far as both the claimed length and the IP packet go.
    pub payload: Snap<'a>,
    /// Length of header and payload by the IP packet.
    pub ip_payload_len: usize,
}

impl UdpView<'_> {
    /// `UDP_datagram_length_mismatch`, about the connection, when the two lengths differ. A claim of 0 is right in
    /// packets of more than 65,535 bytes (RFC 2675).
    #[inline]
    pub fn weird(&self) -> Option<Weird> {
        let claimed = usize::from(self.length);
        if claimed == self.ip_payload_len || (claimed == 0 && self.ip_payload_len > usize::from(u16::MAX)) {
            return None;
        }
        let weird = Weird::connection("UDP_datagram_length_mismatch", SOURCE);
        Some(weird.detail(format!("{claimed} != {}", self.ip_payload_len)))
    }

    /// How much of the IP payload the checksum covers.
    pub(super) fn covered_len(&self, ip_payload: Snap<'_>) -> usize {
        match usize::from(self.length) {
            claimed if claimed >= HEADER_LEN => claimed.min(ip_payload.wire_len()),
            _ => ip_payload.wire_len(),
        }
    }
}

/// Decodes a datagram from the payload of an IP packet. The payload ends where the claimed length or the IP packet
/// does, whichever comes first; with a claim of 0 it is all of the packet, with one of less than a header nothing.
///
/// Errors: `truncated_header`, `internally_truncated_header`.
/// Weirds: see [`UdpView::weird`].
#[inline]
pub fn parse(payload: Snap<'_>) -> Result<UdpView<'_>, Malformed> {
    let Some(&[s0, s1, d0, d1, l0, l1, c0, c1]) = payload.data().first_chunk::<HEADER_LEN>() else {
        return Err(short(payload, HEADER_LEN, SOURCE));
    };
    let length = u16::from_be_bytes([l0, l1]);
    let bounded = if length == 0 {
        payload
    } else {
        payload.limit(length.into())
    };
    Ok(UdpView {
        src_port: u16::from_be_bytes([s0, s1]),
        dst_port: u16::from_be_bytes([d0, d1]),
        length,
        checksum: u16::from_be_bytes([c0, c1]),
        payload: bounded.skip(HEADER_LEN),
        ip_payload_len: payload.wire_len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(length: u16) -> Vec<u8> {
        let mut bytes = vec![0x12, 0x34, 0, 53, 0, 0, 0xab, 0xcd, 1, 2, 3, 4];
        bytes[4..6].copy_from_slice(&length.to_be_bytes());
        bytes
    }

    #[test]
    fn fields() {
        let bytes = bytes(12);
        let view = parse(Snap::whole(&bytes)).expect("datagram");
        assert_eq!(
            (view.src_port, view.dst_port, view.length, view.checksum),
            (0x1234, 53, 12, 0xabcd)
        );
        assert_eq!(view.payload, Snap::whole(&[1, 2, 3, 4]));
        assert_eq!(view.weird(), None);
        let cut = parse(Snap::new(&bytes[..10], 12)).expect("datagram");
        assert_eq!((cut.payload, cut.weird()), (Snap::new(&[1, 2], 4), None));
    }

    #[test]
    fn lengths_that_differ() {
        for (length, payload) in [(10, 2), (256, 4), (7, 0), (0, 4)] {
            let bytes = bytes(length);
            let view = parse(Snap::whole(&bytes)).expect("datagram");
            assert_eq!(view.payload.wire_len(), payload, "{length}");
            let weird = view.weird().expect("mismatch");
            assert_eq!(weird.name, "UDP_datagram_length_mismatch");
            assert_eq!(weird.detail, Some(format!("{length} != 12")));
        }
        let bytes = bytes(0);
        assert_eq!(parse(Snap::new(&bytes, 70_000)).expect("jumbogram").weird(), None);
    }

    #[test]
    fn truncated() {
        assert_eq!(
            parse(Snap::whole(&[0; 7])).expect_err("short").name(),
            "truncated_header"
        );
        assert_eq!(
            parse(Snap::new(&[0; 7], 8)).expect_err("short").name(),
            "internally_truncated_header"
        );
    }
}
