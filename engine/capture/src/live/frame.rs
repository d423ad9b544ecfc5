//! The layout of a block and of the frames in it, as the kernel writes them (linux/if_packet.h, version 3).  All numbers
//! are in the byte order of the machine.

use crate::packet::Timestamp;

/// Ethernet addresses before the place of a VLAN tag.
const ADDRESSES: usize = 12;
/// Size of a VLAN tag, which is the headroom it needs.
pub(super) const VLAN_TAG: usize = 4;
/// 802.1Q, for kernels that do not say which.
const ETHERTYPE_VLAN: u16 = 0x8100;

/// Start of the link address after the frame header.
const LINK_ADDRESS: usize = 48;

const STATUS_CHECKSUM_PENDING: u32 = 1 << 3;
const STATUS_VLAN: u32 = 1 << 4;
const STATUS_VLAN_ETHERTYPE: u32 = 1 << 6;

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_ne_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn index(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(long(bytes, at)?).ok()
}

/// Number of frames in a block and the offset of the first one.
pub(super) fn block_header(block: &[u8]) -> Option<(u32, usize)> {
    Some((long(block, 12)?, index(block, 16)?))
}

/// A frame in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    /// Offset of the next frame from this one.
    pub next: usize,
    pub ts: Timestamp,
    /// Offset of the packet in the block.
    pub start: usize,
    pub captured: usize,
    pub original_len: u32,
    /// Tag that the network card took out: type and value.
    pub vlan: Option<(u16, u16)>,
    pub checksum_pending: bool,
    /// Network protocol (an Ethernet type).
    pub protocol: u16,
    pub interface: i32,
    /// Whether this host sent it.
    pub outgoing: bool,
}

impl Frame {
    /// Reads the frame at an offset; none if it does not lie in the block.
    pub fn read(block: &[u8], at: usize) -> Option<Self> {
        let frame = block.get(at..)?;
        let status = long(frame, 20)?;
        let start = usize::from(short(frame, 24)?);
        let captured = index(frame, 12)?;
        frame.get(start..start.checked_add(captured)?)?;
        let tag = short(frame, 32)?; // the kernel has the 16 bits of the tag in a field of 32
        let tag = if cfg!(target_endian = "big") {
            short(frame, 34)?
        } else {
            tag
        };
        let ethertype = if status & STATUS_VLAN_ETHERTYPE != 0 {
            short(frame, 36)?
        } else {
            ETHERTYPE_VLAN
        };
        let address = frame.get(LINK_ADDRESS..)?;
        Some(Self {
            next: index(frame, 0)?,
            ts: Timestamp::from_seconds_nanos(long(frame, 4)?, long(frame, 8)?),
            start: at + start,
            captured,
            original_len: long(frame, 16)?,
            vlan: (status & STATUS_VLAN != 0).then_some((ethertype, tag)),
            checksum_pending: status & STATUS_CHECKSUM_PENDING != 0,
            protocol: u16::from_be(short(address, 2)?),
            interface: long(address, 4)? as i32,
            // PACKET_OUTGOING
            outgoing: *address.get(10)? == 4,
        })
    }

    /// Puts the VLAN tag back where it was on the link: moves the addresses into the headroom and writes the tag behind
    /// them.  A frame too short for its addresses is left alone.
    pub fn restore_vlan(&mut self, block: &mut [u8]) -> Option<()> {
        let (ethertype, tag) = self.vlan.take()?;
        let start = self.start.checked_sub(VLAN_TAG)?;
        if self.captured < ADDRESSES {
            return None;
        }
        let place = block.get_mut(start..start + ADDRESSES + VLAN_TAG)?;
        place.copy_within(VLAN_TAG.., 0);
        let [e1, e2] = ethertype.to_be_bytes();
        let [t1, t2] = tag.to_be_bytes();
        place.get_mut(ADDRESSES..)?.copy_from_slice(&[e1, e2, t1, t2]);
        self.start = start;
        self.captured += VLAN_TAG;
        self.original_len = self.original_len.saturating_add(VLAN_TAG as u32);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::mem::{offset_of, size_of};

    /// The offsets above against the definitions of the system's headers.
    #[test]
    fn the_layout_is_the_kernels() {
        assert_eq!(offset_of!(libc::tpacket_block_desc, hdr), 8);
        assert_eq!(offset_of!(libc::tpacket_hdr_v1, num_pkts) + 8, 12);
        assert_eq!(offset_of!(libc::tpacket_hdr_v1, offset_to_first_pkt) + 8, 16);
        assert_eq!(offset_of!(libc::tpacket3_hdr, tp_next_offset), 0);
        assert_eq!(offset_of!(libc::tpacket3_hdr, tp_sec), 4);
        assert_eq!(offset_of!(libc::tpacket3_hdr, tp_nsec), 8);
        assert_eq!(offset_of!(libc::tpacket3_hdr, tp_snaplen), 12);
        assert_eq!(offset_of!(libc::tpacket3_hdr, tp_len), 16);
        assert_eq!(offset_of!(libc::tpacket3_hdr, tp_status), 20);
        assert_eq!(offset_of!(libc::tpacket3_hdr, tp_mac), 24);
        assert_eq!(offset_of!(libc::tpacket3_hdr, hv1), 28);
        assert_eq!(offset_of!(libc::tpacket_hdr_variant1, tp_vlan_tci) + 28, 32);
        assert_eq!(offset_of!(libc::tpacket_hdr_variant1, tp_vlan_tpid) + 28, 36);
        assert_eq!(size_of::<libc::tpacket3_hdr>(), LINK_ADDRESS);
        assert_eq!(offset_of!(libc::sockaddr_ll, sll_protocol), 2);
        assert_eq!(offset_of!(libc::sockaddr_ll, sll_ifindex), 4);
        assert_eq!(offset_of!(libc::sockaddr_ll, sll_pkttype), 10);
        assert_eq!(libc::PACKET_OUTGOING, 4);
        assert_eq!(libc::TP_STATUS_CSUMNOTREADY, STATUS_CHECKSUM_PENDING);
        assert_eq!(libc::TP_STATUS_VLAN_VALID, STATUS_VLAN);
        assert_eq!(libc::TP_STATUS_VLAN_TPID_VALID, STATUS_VLAN_ETHERTYPE);
    }

    /// A block with one frame at 64 whose packet starts at 64 + 90.
    fn block(packet: &[u8], status: u32, tag: u32, ethertype: u16) -> Vec<u8> {
        let mut block = vec![0u8; 64 + 90 + packet.len()];
        let mut put = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
        put(12, &1u32.to_ne_bytes());
        put(16, &64u32.to_ne_bytes());
        put(64 + 4, &7u32.to_ne_bytes());
        put(64 + 8, &8u32.to_ne_bytes());
        put(64 + 12, &(packet.len() as u32).to_ne_bytes());
        put(64 + 16, &1000u32.to_ne_bytes());
        put(64 + 20, &status.to_ne_bytes());
        put(64 + 24, &90u16.to_ne_bytes());
        put(64 + 32, &tag.to_ne_bytes());
        put(64 + 36, &ethertype.to_ne_bytes());
        put(64 + 48 + 2, &0x0800u16.to_be_bytes());
        put(64 + 48 + 4, &3i32.to_ne_bytes());
        put(64 + 48 + 10, &[4]);
        put(64 + 90, packet);
        block
    }

    #[test]
    fn a_frame_is_read() {
        let block = block(b"the packet", 1 | STATUS_CHECKSUM_PENDING, 5, 0);
        assert_eq!(block_header(&block), Some((1, 64)));
        let frame = Frame::read(&block, 64).unwrap();
        assert_eq!(frame.ts.nanos(), 7_000_000_008);
        assert_eq!(&block[frame.start..frame.start + frame.captured], b"the packet");
        assert_eq!(
            (frame.original_len, frame.protocol, frame.interface),
            (1000, 0x800, 3)
        );
        assert_eq!(
            (frame.vlan, frame.checksum_pending, frame.outgoing),
            (None, true, true)
        );
    }

    #[test]
    fn a_vlan_tag_is_put_back() {
        for (status, ethertype, expected) in [
            (STATUS_VLAN, 0, [0x81, 0]),
            (STATUS_VLAN | STATUS_VLAN_ETHERTYPE, 0x88a8, [0x88, 0xa8]),
        ] {
            let mut block = block(b"ddddddssssss\x08\0payload", status, 0x6007, ethertype);
            let mut frame = Frame::read(&block, 64).unwrap();
            frame.restore_vlan(&mut block).unwrap();
            let packet = &block[frame.start..frame.start + frame.captured];
            assert_eq!(
                packet,
                [b"ddddddssssss", &expected[..], b"\x60\x07", b"\x08\0payload"].concat()
            );
            assert_eq!(frame.original_len, 1004);
        }
        let mut block = block(b"short", STATUS_VLAN, 7, 0);
        let mut frame = Frame::read(&block, 64).unwrap();
        assert!(frame.restore_vlan(&mut block).is_none());
        assert_eq!(&block[frame.start..frame.start + frame.captured], b"short");
    }

    proptest! {
        #[test]
        fn arbitrary_blocks_never_panic(mut block in prop::collection::vec(any::<u8>(), 0..300), at in 0usize..300) {
            block_header(&block);
            if let Some(mut frame) = Frame::read(&block, at) {
                frame.restore_vlan(&mut block);
                prop_assert!(frame.start + frame.captured <= block.len());
            }
        }
    }
}
