//! The TCP header (RFC 9293).

use super::short;
use super::tcp_options::TcpOptions;
use crate::{Malformed, Snap, Weird};

const SOURCE: &str = "TCP";

/// Length of a header without options.
pub const HEADER_LEN: usize = 20;

/// Bits of the flags byte.
pub mod flags {
    /// No more data from the sender.
    pub const FIN: u8 = 0x01;
    /// Synchronize sequence numbers.
    pub const SYN: u8 = 0x02;
    /// Reset the connection.
    pub const RST: u8 = 0x04;
    /// Push function.
    pub const PSH: u8 = 0x08;
    /// The acknowledgement number counts.
    pub const ACK: u8 = 0x10;
    /// The urgent pointer counts.
    pub const URG: u8 = 0x20;
    /// Echo of congestion (RFC 3168).
    pub const ECE: u8 = 0x40;
    /// Congestion window reduced (RFC 3168).
    pub const CWR: u8 = 0x80;
}

/// A decoded segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TcpView<'a> {
    /// Source port.
    pub src_port: u16,
    /// Destination port.
    pub dst_port: u16,
    /// Sequence number.
    pub seq: u32,
    /// Acknowledgement number.
    pub ack: u32,
    /// Length of the header in bytes, 20 to 60.
    pub header_len: usize,
    /// The four bits between data offset and flags.
    pub reserved: u8,
    /// The [`flags`].
    pub flags: u8,
    /// Window, unscaled.
    pub window: u16,
    /// Checksum.
    pub checksum: u16,
    /// Urgent pointer.
    pub urgent: u16,
    /// The options as they stand in the header; [`TcpView::options`] decodes them.
    pub raw_options: &'a [u8],
    /// The payload.
    pub payload: Snap<'a>,
}

impl<'a> TcpView<'a> {
    /// Whether any of these flags is set.
    #[inline]
    pub fn has(&self, flags: u8) -> bool {
        self.flags & flags != 0
    }

    /// The options, decoded as they are asked for.
    pub fn options(&self) -> TcpOptions<'a> {
        TcpOptions::new(self.raw_options)
    }

    /// `truncated_tcp_payload`, about the connection, when not all of the payload was captured.
    #[inline]
    pub fn weird(&self) -> Option<Weird> {
        self.payload
            .is_truncated()
            .then(|| Weird::connection("truncated_tcp_payload", SOURCE))
    }
}

/// The ports, if there are as many bytes. For segments whose header is malformed but that belong to a connection.
#[inline]
pub fn ports(data: &[u8]) -> Option<(u16, u16)> {
    let &[s0, s1, d0, d1] = data.first_chunk::<4>()?;
    Some((u16::from_be_bytes([s0, s1]), u16::from_be_bytes([d0, d1])))
}

/// Decodes a segment from the payload of an IP packet.
///
/// Errors: about the two hosts `truncated_header` and `internally_truncated_header` (less than 20 bytes); about
/// the connection, which has [`ports`] then, `bad_TCP_header_len` (a header of less than 20 bytes, or longer than
/// the IP packet) and `internally_truncated_header` (options that were not captured).
/// Weirds: see [`TcpView::weird`].
#[inline(always)] // for the walk, whose usual way this is; others may pay for a copy
pub fn parse(payload: Snap<'_>) -> Result<TcpView<'_>, Malformed> {
    let Some(&header) = payload.data().first_chunk::<HEADER_LEN>() else {
        return Err(short(payload, HEADER_LEN, SOURCE));
    };
    let [s0, s1, d0, d1, q0, q1, q2, q3, a0, a1, a2, a3, offset, flags, w0, w1, c0, c1, u0, u1] = header;
    let header_len = usize::from(offset >> 4) * 4;
    if header_len < HEADER_LEN || header_len > payload.wire_len() {
        return Err(Weird::connection("bad_TCP_header_len", SOURCE).fatal(12));
    }
    let Some(raw_options) = payload.data().get(HEADER_LEN..header_len) else {
        return Err(Weird::connection("internally_truncated_header", SOURCE).fatal(payload.data().len()));
    };
    Ok(TcpView {
        src_port: u16::from_be_bytes([s0, s1]),
        dst_port: u16::from_be_bytes([d0, d1]),
        seq: u32::from_be_bytes([q0, q1, q2, q3]),
        ack: u32::from_be_bytes([a0, a1, a2, a3]),
        header_len,
        reserved: offset & 0x0f,
        flags,
        window: u16::from_be_bytes([w0, w1]),
        checksum: u16::from_be_bytes([c0, c1]),
        urgent: u16::from_be_bytes([u0, u1]),
        raw_options,
        payload: payload.skip(header_len),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::hex;
    use crate::Scope;

    fn segment(offset: &str, rest: &str) -> Vec<u8> {
        hex(&format!(
            "c4d2 01bb 00000001 00000002 {offset} 2000 abcd 0003 {rest}"
        ))
    }

    #[test]
    fn fields() {
        let bytes = segment("6f12", "020405b4 aabb");
        let view = parse(Snap::whole(&bytes)).expect("segment");
        assert_eq!(
            (view.src_port, view.dst_port, view.seq, view.ack),
            (50_386, 443, 1, 2)
        );
        assert_eq!((view.header_len, view.reserved, view.window), (24, 15, 0x2000));
        assert_eq!((view.checksum, view.urgent), (0xabcd, 3));
        assert!(view.has(flags::SYN) && view.has(flags::ACK) && !view.has(flags::FIN | flags::RST));
        assert_eq!(view.payload, Snap::whole(&[0xaa, 0xbb]));
        assert_eq!(view.options().count(), 1);
        assert_eq!(view.weird(), None);
        assert_eq!(ports(&bytes), Some((50_386, 443)));
        assert_eq!(ports(&bytes[..3]), None);
    }

    #[test]
    fn cut_payload() {
        let bytes = segment("5010", "aabb");
        let view = parse(Snap::new(&bytes, 1460)).expect("segment");
        assert_eq!(view.weird().expect("cut").name, "truncated_tcp_payload");
    }

    #[test]
    fn malformed() {
        let bytes = segment("5010", "");
        for (captured, wire, offset, name, scope) in [
            (19, 19, 0x50, "truncated_header", Scope::Flow),
            (0, 40, 0x50, "internally_truncated_header", Scope::Flow),
            (20, 20, 0x40, "bad_TCP_header_len", Scope::Connection),
            (20, 20, 0x60, "bad_TCP_header_len", Scope::Connection),
            (20, 24, 0x60, "internally_truncated_header", Scope::Connection),
        ] {
            let mut bytes = bytes.clone();
            bytes[12] = offset;
            let fault = parse(Snap::new(&bytes[..captured], wire)).expect_err(name);
            assert_eq!((fault.name(), fault.weird.scope), (name, scope));
        }
    }
}
