//! The Internet checksum (RFC 1071).

use std::net::IpAddr;

use super::udp;
use crate::net::ip::IpView;
use crate::protocol::ip as proto;

/// What can be said about a checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It is right.
    Valid,
    /// It is wrong.
    Invalid,
    /// The sender left it out: 0 in UDP. IPv6 allows that for tunnels only (RFC 6935).
    Absent,
    /// Not known: the protocol has none that we know, or not all bytes were captured.
    Unknown,
}

/// The sum of 16-bit words in one's complement, as an unfinished sum to be added to others and then folded.
///
/// The last byte of an odd number is padded, so only the last of several parts may be odd. Words are added in the
/// byte order of this machine, eight bytes at a time; as the sum does not depend on the order, it is corrected in
/// the end.
#[inline]
pub fn sum(data: &[u8]) -> u64 {
    // Four sums, so that each addition need not wait for the one before. Each adds 32-bit halves, of which a
    // packet has too few to overflow 64 bits.
    let mut sums = [0u64; 4];
    let mut blocks = data.chunks_exact(32);
    for block in &mut blocks {
        for (sum, word) in sums.iter_mut().zip(block.chunks_exact(8)) {
            *sum += halves(word);
        }
    }
    let mut words = blocks.remainder().chunks_exact(8);
    for word in &mut words {
        sums[0] += halves(word);
    }
    let mut last = [0; 8];
    let rest = words.remainder();
    if let Some(place) = last.get_mut(..rest.len()) {
        place.copy_from_slice(rest);
    }
    sums[0] += halves(&last);
    let sum = sums
        .into_iter()
        .fold(0u64, |all, sum| all + (sum & 0xffff_ffff) + (sum >> 32));
    u64::from(to_network(fold(sum)))
}

/// The two halves of eight bytes, added.
#[inline]
fn halves(word: &[u8]) -> u64 {
    match word.first_chunk::<8>() {
        Some(&bytes) => {
            let word = u64::from_ne_bytes(bytes);
            (word & 0xffff_ffff) + (word >> 32)
        }
        None => 0,
    }
}

#[inline]
fn to_network(sum: u16) -> u16 {
    u16::from_be_bytes(sum.to_ne_bytes())
}

/// Finishes a sum: adds the carries until 16 bits are left. A checksum field holds the complement of it; over bytes
/// with a right checksum it is 0xffff.
#[inline]
pub fn fold(sum: u64) -> u16 {
    let sum = (sum & 0xffff_ffff) + (sum >> 32);
    let sum = (sum & 0xffff) + (sum >> 16);
    let sum = (sum & 0xffff) + (sum >> 16);
    let sum = (sum & 0xffff) + (sum >> 16);
    sum as u16
}

/// The sum of the pseudo-header of TCP, UDP, ICMPv6 and mobility: addresses, protocol and length.
pub fn pseudo_header(src: IpAddr, dst: IpAddr, protocol: u8, length: usize) -> u64 {
    let address = |address| match address {
        IpAddr::V4(v4) => sum(&v4.octets()),
        IpAddr::V6(v6) => sum(&v6.octets()),
    };
    address(src) + address(dst) + u64::from(protocol) + length as u64
}

/// Checks the checksum of a packet's payload: TCP, UDP, ICMP, ICMPv6 or mobility, by its protocol. A fragment must
/// have been put together before.
pub fn verify(view: &IpView<'_>) -> Status {
    let payload = view.payload;
    let with_pseudo_header = |length: usize| match payload.data().get(..length) {
        Some(data) => judge(pseudo_header(view.src, view.checksum_dst, view.protocol, length) + sum(data)),
        None => Status::Unknown,
    };
    match (view.protocol, view.version) {
        (proto::TCP, _) if payload.wire_len() >= 20 => with_pseudo_header(payload.wire_len()),
        (proto::ICMPV6, 6) | (proto::MOBILITY, 6) if payload.wire_len() >= 4 => {
            with_pseudo_header(payload.wire_len())
        }
        (proto::ICMP, 4) if payload.wire_len() >= 4 && !payload.is_truncated() => judge(sum(payload.data())),
        (proto::UDP, _) => match udp::parse(payload) {
            Ok(datagram) if datagram.checksum == 0 => Status::Absent,
            Ok(datagram) => with_pseudo_header(datagram.covered_len(payload)),
            Err(_) => Status::Unknown,
        },
        _ => Status::Unknown,
    }
}

fn judge(sum: u64) -> Status {
    if fold(sum) == 0xffff {
        Status::Valid
    } else {
        Status::Invalid
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::link::hex;
    use crate::net::ip;
    use crate::Snap;

    /// As the RFC describes it.
    fn naive(data: &[u8]) -> u16 {
        let mut sum = 0u32;
        for pair in data.chunks(2) {
            sum += u32::from(u16::from_be_bytes([pair[0], pair.get(1).copied().unwrap_or(0)]));
            if sum > 0xffff {
                sum -= 0xffff;
            }
        }
        sum as u16
    }

    fn status(text: &str) -> Status {
        let bytes = hex(text);
        verify(&ip::parse(Snap::whole(&bytes)).expect("packet"))
    }

    #[test]
    fn example_of_the_rfc() {
        assert_eq!(
            fold(sum(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7])),
            0xddf2
        );
    }

    #[test]
    fn icmp() {
        let packet =
            |checksum: &str| format!("4500001c 00010000 4001e9b8 ac16d63c c0004ed4 0800 {checksum} 00000000");
        assert_eq!(status(&packet("f7ff")), Status::Valid);
        assert_eq!(status(&packet("f7fe")), Status::Invalid);
        let bytes = hex(&packet("f7ff"));
        let cut = ip::parse(Snap::new(&bytes[..26], 28)).expect("packet");
        assert_eq!(verify(&cut), Status::Unknown);
    }

    #[test]
    fn udp_over_ipv6_by_its_home_address() {
        let packet = "60000000 0024 3c40 200104f80004000702e081fffe52ffff 200104f80004000702e081fffe529a6b \
                      1102 0102 0000 c910 20010078000100320000000000000001 7530 32c8 000c 43de 58585858";
        assert_eq!(status(packet), Status::Valid);
        assert_eq!(status(&packet.replace("43de", "43df")), Status::Invalid);
        assert_eq!(status(&packet.replace("43de", "0000")), Status::Absent);
    }

    #[test]
    fn tcp_over_ipv6_by_the_last_hop_of_its_route() {
        let packet = "60000000 003c 2b40 200104f80004000702e081fffe52ffff 200104f80004000702e081fffe529a6b \
                      0604 0002 00000000 20010078000100320000000000000001 20010078000100320000000000000002 \
                      7530 0050 00000000 00000000 5002 2000 2f8a 0000";
        let bytes = hex(packet);
        let view = ip::parse(Snap::whole(&bytes)).expect("packet");
        // What is right follows from the sum: the complement of the sum over the packet with a field of 0.
        let mut zeroed = view.payload.data().to_vec();
        zeroed[16..18].fill(0);
        let right = !fold(pseudo_header(view.src, view.dst, 6, 20) + sum(&zeroed));
        assert_ne!(right, 0x2f8a);
        assert_eq!(status(packet), Status::Invalid);
        assert_eq!(
            status(&packet.replace("2f8a", &format!("{right:04x}"))),
            Status::Valid
        );
    }

    #[test]
    fn mobility() {
        let packet = |checksum: &str| {
            format!(
                "60000000 0018 8740 200104f80004000702e081fffe52ffff 200104f80004000702e081fffe529a6b \
                 3b02 0700 {checksum} 0100 20010078000100320000000000000001"
            )
        };
        assert_eq!(status(&packet("b0d8")), Status::Valid);
        assert_eq!(status(&packet("0001")), Status::Invalid);
    }

    #[test]
    fn unknown_protocols_and_short_ones() {
        assert_eq!(
            status("45000018 00010000 40fd0000 0a000001 0a000002 00000000"),
            Status::Unknown
        );
        assert_eq!(
            status("45000018 00010000 40060000 0a000001 0a000002 00000000"),
            Status::Unknown
        );
        assert_eq!(
            status("45000018 00010000 40110000 0a000001 0a000002 00000000"),
            Status::Unknown
        );
    }

    proptest! {
        #[test]
        fn as_the_naive_one(data in prop::collection::vec(any::<u8>(), 0..2000)) {
            let (fast, slow) = (fold(sum(&data)), naive(&data));
            // Zero has two forms in one's complement.
            prop_assert!(fast == slow || (fast % 0xffff == 0 && slow % 0xffff == 0), "{fast:04x} {slow:04x}");
        }

        #[test]
        fn a_filled_in_checksum_is_right(mut data in prop::collection::vec(any::<u8>(), 2..200)) {
            data[0..2].fill(0);
            let checksum = !fold(sum(&data));
            data[0..2].copy_from_slice(&checksum.to_be_bytes());
            prop_assert!(matches!(fold(sum(&data)), 0xffff));
        }

        #[test]
        fn parts_add_up(data in prop::collection::vec(any::<u8>(), 0..300), cut in 0usize..150) {
            let cut = (cut * 2).min(data.len() & !1);
            let (one, two) = (fold(sum(&data[..cut]) + sum(&data[cut..])), fold(sum(&data)));
            prop_assert!(one == two || (one % 0xffff == 0 && two % 0xffff == 0));
        }
    }
}
