//! Whatever the bytes, no decoder panics, and what it says about lengths holds together.

use bro_decode::link::{self, Link, NetworkPayload};
use bro_decode::net::ip;
use bro_decode::protocol::{ethertype, ip as proto};
use bro_decode::transport::{tcp, udp};
use bro_decode::{fuzz, Snap};
use proptest::prelude::*;

/// An Ethernet frame with nested tags, IPv4 or IPv6 with extension headers, and a transport or tunnel, whose bytes
/// come from the generator: deep enough that arbitrary bytes reach the inner decoders.
fn plausible_frame() -> impl Strategy<Value = Vec<u8>> {
    let tags = prop::collection::vec(
        prop::sample::select(vec![
            ethertype::VLAN,
            ethertype::QINQ,
            ethertype::VNTAG,
            ethertype::MPLS,
            ethertype::PPPOE_SESSION,
            ethertype::PBB,
        ]),
        0..4,
    );
    let protocols = vec![0, 1, 4, 6, 17, 41, 43, 44, 47, 50, 51, 58, 59, 60, 135]
        .into_iter()
        .chain(200..=201)
        .collect::<Vec<u8>>();
    let protocol = prop::sample::select(protocols);
    let ports = vec![3544u16, 4789, 6081, 5072, 2152, 53];
    (
        tags,
        any::<bool>(),
        protocol,
        prop::sample::select(ports),
        prop::collection::vec(any::<u8>(), 0..300),
    )
        .prop_map(|(tags, six, protocol, port, bytes)| {
            let mut frame = vec![2; 12];
            let network = if six { ethertype::IPV6 } else { ethertype::IPV4 };
            for tag in &tags {
                frame.extend(tag.to_be_bytes());
                frame.extend(match *tag {
                    ethertype::VNTAG => vec![0; 4],
                    ethertype::MPLS => vec![0, 0, 1, 64],
                    ethertype::PPPOE_SESSION => vec![0x11, 0, 0, 1, 0, 200],
                    ethertype::PBB => vec![2; 16],
                    _ => vec![0, 1],
                });
            }
            frame.extend(network.to_be_bytes());
            let length = u16::try_from(bytes.len()).expect("short");
            if six {
                frame.extend([0x60, 0, 0, 0]);
                frame.extend(length.to_be_bytes());
                frame.extend([protocol, 64]);
                frame.extend([1; 32]);
            } else {
                frame.extend([0x45, 0]);
                frame.extend((length + 20).to_be_bytes());
                frame.extend([0, 1, 0, 0, 64, protocol, 0, 0]);
                frame.extend([1; 8]);
            }
            let at = frame.len();
            frame.extend(bytes);
            if protocol == proto::UDP && frame.len() >= at + 4 {
                frame[at + 2..at + 4].copy_from_slice(&port.to_be_bytes());
            }
            frame
        })
}

proptest! {
    #[test]
    fn arbitrary_bytes_do_not_panic(data in prop::collection::vec(any::<u8>(), 0..400)) {
        fuzz(&data);
    }

    #[test]
    fn plausible_frames_do_not_panic(frame in plausible_frame(), cut in 0usize..400) {
        fuzz(&frame);
        fuzz(&frame[..cut.min(frame.len())]);
    }

    #[test]
    fn payloads_lie_within_their_packets(frame in plausible_frame(), extra in 0usize..100) {
        let snap = Snap::new(&frame, frame.len() + extra);
        let Ok(decoded) = link::decode(Link::Ethernet, snap) else { return Ok(()) };
        let (NetworkPayload::Ipv4(packet) | NetworkPayload::Ipv6(packet)) = decoded.payload else { return Ok(()) };
        prop_assert!(packet.wire_len() <= snap.wire_len());
        let Ok(view) = ip::parse(packet) else { return Ok(()) };
        prop_assert_eq!(view.header.len(), view.header_len);
        prop_assert!(view.header_len + view.payload.wire_len() <= packet.wire_len());
        prop_assert!(view.header_len + view.payload.data().len() <= packet.data().len());
        if let (proto::TCP, Ok(segment)) = (view.protocol, tcp::parse(view.payload)) {
            prop_assert_eq!(segment.header_len + segment.payload.wire_len(), view.payload.wire_len());
            prop_assert_eq!(segment.raw_options.len() + 20, segment.header_len);
        }
        if let (proto::UDP, Ok(datagram)) = (view.protocol, udp::parse(view.payload)) {
            prop_assert!(datagram.payload.wire_len() + 8 <= view.payload.wire_len());
        }
    }

    #[test]
    fn every_prefix_of_a_frame_is_decoded_or_refused_for_its_length(frame in plausible_frame(), cut in 0usize..400) {
        // With the length on the wire known, cutting a frame must not turn it into one of another kind.
        let cut = cut.min(frame.len());
        let whole = link::decode(Link::Ethernet, Snap::whole(&frame));
        let part = link::decode(Link::Ethernet, Snap::new(&frame[..cut], frame.len()));
        if let (Ok(whole), Ok(part)) = (whole, part) {
            prop_assert_eq!(whole.l2, part.l2);
        }
    }
}
