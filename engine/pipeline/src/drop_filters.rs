//! Packets that policy wants dropped by address (`install_src_addr_filter` and its kin).

use std::collections::HashMap;
use std::net::IpAddr;

use bro_capture::Packet;
use bro_decode::link::{self, Link, NetworkPayload};
use bro_decode::Snap;

/// Which end of a packet a filter looks at, and the network it must be in.
type Key = (bool, IpAddr, u8);

/// What is spared, and how likely the rest is dropped.
#[derive(Clone, Copy, Debug)]
struct Rule {
    /// TCP packets with one of these flags are spared
    tcp_flags: u8,
    probability: f64,
}

/// Filters by address and network; at most one for each of both ends.
#[derive(Debug)]
pub struct DropFilters {
    rules: HashMap<Key, Rule>,
    /// Widths in use, by end and family
    widths: Vec<(bool, bool, u8)>,
    state: u64,
}

impl Default for DropFilters {
    fn default() -> Self {
        DropFilters {
            rules: HashMap::new(),
            widths: Vec::new(),
            state: 0x2545_f491_4f6c_dd1d,
        }
    }
}

/// The addresses and TCP flags of a packet.
struct Ends {
    source: IpAddr,
    destination: IpAddr,
    tcp_flags: u8,
}

impl DropFilters {
    /// Drops packets whose source (else destination) is in a network with a probability, unless one of the flags is set.
    pub fn install(&mut self, source: bool, net: IpAddr, width: u8, tcp_flags: u8, probability: f64) {
        self.rules.insert(
            (source, net, width),
            Rule {
                tcp_flags,
                probability,
            },
        );
        self.note_widths();
    }

    /// Takes that back; false if there was no such filter.
    pub fn uninstall(&mut self, source: bool, net: IpAddr, width: u8) -> bool {
        let known = self.rules.remove(&(source, net, width)).is_some();
        self.note_widths();
        known
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    fn note_widths(&mut self) {
        self.widths = self
            .rules
            .keys()
            .map(|(source, net, width)| (*source, net.is_ipv4(), *width))
            .collect();
        self.widths.sort_unstable();
        self.widths.dedup();
    }

    /// Whether to drop a packet.  What carries no IP packet is kept.
    pub fn drops(&mut self, packet: &Packet<'_>) -> bool {
        let Some(ends) = ends(packet) else { return false };
        for index in 0..self.widths.len() {
            let (source, v4, width) = self.widths[index];
            let end = if source { ends.source } else { ends.destination };
            if end.is_ipv4() != v4 {
                continue;
            }
            if let Some(rule) = self.rules.get(&(source, masked(end, width), width)).copied() {
                if rule.tcp_flags & ends.tcp_flags == 0 && self.chance() < rule.probability {
                    return true;
                }
            }
        }
        false
    }

    /// A number from 0 up to 1, the same in every run (xorshift64*).
    fn chance(&mut self) -> f64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        (self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// An address cut to its leading bits.
fn masked(addr: IpAddr, width: u8) -> IpAddr {
    match addr {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(width.min(32))).unwrap_or(0);
            IpAddr::V4((u32::from(v4) & mask).into())
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX
                .checked_shl(128 - u32::from(width.min(128)))
                .unwrap_or(0);
            IpAddr::V6((u128::from(v6) & mask).into())
        }
    }
}

fn ends(packet: &Packet<'_>) -> Option<Ends> {
    let snap = Snap::new(packet.captured, packet.original_len as usize);
    let frame = link::decode(Link::from_dlt(packet.link_type.0), snap).ok()?;
    let (NetworkPayload::Ipv4(ip) | NetworkPayload::Ipv6(ip)) = frame.payload else {
        return None;
    };
    ends_of_ip(ip.data())
}

/// Reads a plain IPv4 (RFC 791) or IPv6 (RFC 8200) header; flags only where TCP follows at once.
fn ends_of_ip(data: &[u8]) -> Option<Ends> {
    const TCP: u8 = 6;
    let (source, destination, protocol, header): (IpAddr, IpAddr, u8, usize) = match data.first()? >> 4 {
        4 => (
            <[u8; 4]>::try_from(data.get(12..16)?).ok()?.into(),
            <[u8; 4]>::try_from(data.get(16..20)?).ok()?.into(),
            *data.get(9)?,
            usize::from(data.first()? & 0xf) * 4,
        ),
        6 => (
            <[u8; 16]>::try_from(data.get(8..24)?).ok()?.into(),
            <[u8; 16]>::try_from(data.get(24..40)?).ok()?.into(),
            *data.get(6)?,
            40,
        ),
        _ => return None,
    };
    let tcp_flags = if protocol == TCP {
        data.get(header + 13).copied().unwrap_or(0)
    } else {
        0
    };
    Some(Ends {
        source,
        destination,
        tcp_flags,
    })
}

#[cfg(test)]
mod tests {
    use bro_capture::{LinkType, Timestamp};

    use super::*;

    /// An IPv4 packet from 10.0.0.1 to 10.0.0.2 with a TCP header of these flags.
    fn packet(flags: u8) -> Vec<u8> {
        let mut data = vec![0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
        data.extend_from_slice(&[0; 20]);
        data[20 + 12] = 0x50;
        data[20 + 13] = flags;
        data
    }

    fn drops(filters: &mut DropFilters, flags: u8) -> bool {
        filters.drops(&Packet::new(Timestamp::default(), &packet(flags), LinkType::RAW))
    }

    #[test]
    fn packets_of_a_network_are_dropped_until_that_is_taken_back() {
        let mut filters = DropFilters::default();
        let net: IpAddr = [10, 0, 0, 0].into();
        filters.install(true, net, 24, 0, 1.0);
        assert!(drops(&mut filters, 2));
        assert!(filters.uninstall(true, net, 24));
        assert!(!filters.uninstall(true, net, 24));
        assert!(!drops(&mut filters, 2) && filters.is_empty());
    }

    #[test]
    fn flags_spare_and_the_other_end_is_not_meant() {
        let mut filters = DropFilters::default();
        filters.install(false, [10, 0, 0, 2].into(), 32, 4, 1.0);
        assert!(drops(&mut filters, 2));
        assert!(!drops(&mut filters, 4));
        filters.install(false, [10, 0, 0, 2].into(), 32, 0, 0.0);
        assert!(!drops(&mut filters, 2));
        filters.install(true, [10, 0, 0, 2].into(), 32, 0, 1.0);
        assert!(!drops(&mut filters, 2));
    }
}
