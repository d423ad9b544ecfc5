//! IPv4 (RFC 791).

use std::net::{IpAddr, Ipv4Addr};

use super::ip::{Fragment, IpView, SOURCE};
use crate::transport::checksum;
use crate::{Malformed, Snap, Weird};

/// Length of a header without options.
pub const HEADER_LEN: usize = 20;

/// The fields of a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header<'a> {
    /// Length of the header in bytes, as claimed: 0 to 60.
    pub header_len: usize,
    /// Type of service.
    pub tos: u8,
    /// Length of the packet in bytes, as claimed.
    pub total_len: u16,
    /// Identification.
    pub id: u16,
    /// The don't-fragment flag.
    pub dont_fragment: bool,
    /// The more-fragments flag.
    pub more_fragments: bool,
    /// Offset of the fragment in bytes.
    pub fragment_offset: usize,
    /// Time to live.
    pub ttl: u8,
    /// Protocol of the payload.
    pub protocol: u8,
    /// Checksum of the header.
    pub checksum: u16,
    /// Source address.
    pub src: Ipv4Addr,
    /// Destination address.
    pub dst: Ipv4Addr,
    /// Options, as far as captured.
    pub options: &'a [u8],
}

/// Reads the fields of a header without judging them. `None` if there are less than 20 bytes.
#[inline]
pub fn header(data: &[u8]) -> Option<Header<'_>> {
    let fixed = data.first_chunk::<HEADER_LEN>()?;
    let [vi, tos, l0, l1, i0, i1, f0, f1, ttl, protocol, k0, k1, s0, s1, s2, s3, d0, d1, d2, d3] = *fixed;
    let header_len = usize::from(vi & 0x0f) * 4;
    let fragment = u16::from_be_bytes([f0, f1]);
    let end = header_len.clamp(HEADER_LEN, data.len().max(HEADER_LEN));
    Some(Header {
        header_len,
        tos,
        total_len: u16::from_be_bytes([l0, l1]),
        id: u16::from_be_bytes([i0, i1]),
        dont_fragment: fragment & 0x4000 != 0,
        more_fragments: fragment & 0x2000 != 0,
        fragment_offset: usize::from(fragment & 0x1fff) * 8,
        ttl,
        protocol,
        checksum: u16::from_be_bytes([k0, k1]),
        src: Ipv4Addr::new(s0, s1, s2, s3),
        dst: Ipv4Addr::new(d0, d1, d2, d3),
        options: data.get(HEADER_LEN..end).unwrap_or_default(),
    })
}

/// Whether the checksum of a header (with its options) is right.
pub fn checksum_ok(header: &[u8]) -> bool {
    checksum::fold(checksum::sum(header)) == 0xffff
}

/// Decodes a packet. A total length of 0 stands for segmentation by the network card: the packet is as long as
/// it was on the wire.
///
/// Errors: `truncated_IP` (less than 20 bytes), `invalid_IP_header_size` (a header of less than 20 bytes, or
/// longer than the packet), `truncated_IP_len` (the packet claims more than was on the wire),
/// `internally_truncated_header` (options were not captured).
/// Weirds: `ip_hdr_len_zero`.
#[inline]
pub fn parse(packet: Snap<'_>) -> Result<IpView<'_>, Malformed> {
    let Some(fields) = header(packet.data()) else {
        return Err(Weird::net("truncated_IP", SOURCE).fatal(packet.data().len()));
    };
    let mut weirds = Vec::new();
    let claimed = usize::from(fields.total_len);
    let length = if claimed == 0 {
        weirds.push(Weird::net("ip_hdr_len_zero", SOURCE));
        packet.wire_len()
    } else {
        claimed
    };
    let header_len = fields.header_len;
    if header_len < HEADER_LEN || header_len > length {
        return Err(Weird::net("invalid_IP_header_size", SOURCE)
            .fatal(0)
            .after(weirds));
    }
    if length > packet.wire_len() {
        return Err(Weird::net("truncated_IP_len", SOURCE).fatal(2).after(weirds));
    }
    let Some(header) = packet.data().get(..header_len) else {
        let weird = Weird::hosts(
            "internally_truncated_header",
            fields.src.into(),
            fields.dst.into(),
        );
        return Err(Weird {
            source: Some(SOURCE),
            ..weird
        }
        .fatal(packet.data().len())
        .after(weirds));
    };
    let fragment = (fields.more_fragments || fields.fragment_offset != 0).then_some(Fragment {
        id: fields.id.into(),
        offset: fields.fragment_offset,
        more: fields.more_fragments,
        dont_fragment: fields.dont_fragment,
        unfragmentable_len: header_len,
        next_header_at: 9,
    });
    Ok(IpView {
        version: 4,
        src: IpAddr::V4(fields.src),
        dst: IpAddr::V4(fields.dst),
        checksum_dst: IpAddr::V4(fields.dst),
        protocol: fields.protocol,
        ttl: fields.ttl,
        tos: fields.tos,
        total_len: claimed,
        header_len,
        header,
        payload: packet.limit(length).skip(header_len),
        fragment,
        flow_label: 0,
        weirds,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::hex;

    /// 10.0.0.1 > 10.0.0.2, UDP, with the first bytes and the fragment word given.
    fn packet(start: &str, fragment: &str, rest: &str) -> Vec<u8> {
        hex(&format!(
            "{start} 0001 {fragment} 40 11 0000 0a000001 0a000002 {rest}"
        ))
    }

    #[test]
    fn fields() {
        let bytes = packet("4502 001c", "4000", "0102030405060708 ffff");
        let view = parse(Snap::whole(&bytes)).expect("packet");
        assert_eq!(view.src, IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)));
        assert_eq!(view.dst, IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2)));
        assert_eq!(
            (view.protocol, view.ttl, view.tos, view.total_len),
            (17, 64, 2, 28)
        );
        assert_eq!(view.fragment, None);
        // Padding of the frame is not payload.
        assert_eq!(view.payload, Snap::whole(&[1, 2, 3, 4, 5, 6, 7, 8]));
        let fields = view.ipv4().expect("fields");
        assert_eq!(
            (fields.id, fields.dont_fragment, fields.more_fragments),
            (1, true, false)
        );
        assert!(view.weirds.is_empty());
        assert!(view.ipv6().is_none());
        assert_eq!(view.ext_headers().count(), 0);
    }

    #[test]
    fn options() {
        let bytes = packet("4600 0019", "0000", "94040000 01");
        let view = parse(Snap::whole(&bytes)).expect("packet");
        assert_eq!((view.header_len, view.payload), (24, Snap::whole(&[1])));
        assert_eq!(view.ipv4().expect("fields").options, [0x94, 4, 0, 0]);
    }

    #[test]
    fn fragments() {
        let bytes = packet("4500 0015", "6002", "01");
        let fragment = parse(Snap::whole(&bytes))
            .expect("packet")
            .fragment
            .expect("fragment");
        assert_eq!(
            (
                fragment.id,
                fragment.offset,
                fragment.more,
                fragment.dont_fragment
            ),
            (1, 16, true, true)
        );
        let bytes = packet("4500 0015", "0002", "01");
        assert!(
            !parse(Snap::whole(&bytes))
                .expect("packet")
                .fragment
                .expect("fragment")
                .more
        );
    }

    #[test]
    fn cut_by_the_snapshot_length() {
        let bytes = packet("4500 0054", "0000", "0102");
        let view = parse(Snap::new(&bytes, 84)).expect("packet");
        assert_eq!(view.payload, Snap::new(&[1, 2], 64));
    }

    #[test]
    fn length_left_to_the_network_card() {
        let bytes = packet("4500 0000", "0000", "0102");
        let view = parse(Snap::new(&bytes, 30)).expect("packet");
        assert_eq!((view.total_len, view.payload), (0, Snap::new(&[1, 2], 10)));
        assert_eq!(view.weirds[0].name, "ip_hdr_len_zero");
    }

    #[test]
    fn malformed() {
        for (start, captured, wire, name) in [
            ("4500 001c", 19, 60, "truncated_IP"),
            ("4400 001c", 28, 28, "invalid_IP_header_size"),
            ("4800 001c", 28, 28, "invalid_IP_header_size"),
            ("4500 0013", 28, 28, "invalid_IP_header_size"),
            ("4500 001d", 28, 28, "truncated_IP_len"),
            ("4700 001c", 24, 28, "internally_truncated_header"),
        ] {
            let bytes = packet(start, "0000", "0102030405060708");
            let fault = parse(Snap::new(&bytes[..captured], wire)).expect_err(name);
            assert_eq!(fault.name(), name, "{start}");
        }
        let bytes = packet("4f00 0000", "0000", "");
        let names: Vec<_> = parse(Snap::whole(&bytes)).expect_err("long header").into_weirds();
        let names: Vec<_> = names.iter().map(|w| w.name).collect();
        assert_eq!(names, ["ip_hdr_len_zero", "invalid_IP_header_size"]);
    }

    #[test]
    fn header_checksum() {
        let mut bytes = hex("4500 0073 0000 4000 4011 b861 c0a80001 c0a800c7");
        assert!(checksum_ok(&bytes));
        bytes[8] ^= 1;
        assert!(!checksum_ok(&bytes));
    }
}
