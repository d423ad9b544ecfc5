//! The key by which packets find their connection.

use std::hash::{Hash, Hasher};
use std::net::IpAddr;

use bro_events::{FlowId, Transport};

/// Who talks with whom, the same for both directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlowKey {
    low: u128,
    high: u128,
    /// Ports of `low` and `high`, IP protocol, and whether the key is for one direction only
    rest: u64,
    /// What else sets flows with the same ends apart; see [`scope_of`]
    scope: u32,
}

/// VLANs as part of a key, outer and inner, where a site has the same addresses in several; 0 is no part of it.
pub fn scope_of(vlan: Option<u16>, inner_vlan: Option<u16>) -> u32 {
    let number = |vlan: Option<u16>| vlan.map_or(0, |id| u32::from(id & 0x0fff) + 1);
    number(vlan) << 16 | number(inner_vlan)
}

impl FlowKey {
    /// The key of a packet, and whether its sender is the lower end.
    #[inline]
    pub fn new(src: IpAddr, src_port: u16, dst: IpAddr, dst_port: u16, protocol: u8) -> (Self, bool) {
        let (s, d) = (widen(src), widen(dst));
        let ports = |a: u16, b: u16| u64::from(a) << 32 | u64::from(b) << 16 | u64::from(protocol);
        if (s, src_port) <= (d, dst_port) {
            (
                FlowKey {
                    low: s,
                    high: d,
                    rest: ports(src_port, dst_port),
                    scope: 0,
                },
                true,
            )
        } else {
            (
                FlowKey {
                    low: d,
                    high: s,
                    rest: ports(dst_port, src_port),
                    scope: 0,
                },
                false,
            )
        }
    }

    /// The key of a packet whose answers, if any, are a flow of their own.
    pub fn one_way(src: IpAddr, src_port: u16, dst: IpAddr, dst_port: u16, protocol: u8) -> Self {
        let rest = 1 << 48 | u64::from(src_port) << 32 | u64::from(dst_port) << 16 | u64::from(protocol);
        FlowKey {
            low: widen(src),
            high: widen(dst),
            rest,
            scope: 0,
        }
    }

    /// The same within some VLANs.
    #[inline]
    pub fn within(self, scope: u32) -> Self {
        FlowKey { scope, ..self }
    }

    /// The key of an existing flow as policy names it.
    pub fn of(id: &FlowId) -> Self {
        if id.transport == Transport::Icmp && crate::icmp::is_one_way(id.ip_proto, id.orig_p, id.resp_p) {
            return Self::one_way(id.orig_h, id.orig_p, id.resp_h, id.resp_p, id.ip_proto);
        }
        Self::new(id.orig_h, id.orig_p, id.resp_h, id.resp_p, id.ip_proto).0
    }
}

impl Hash for FlowKey {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u128(self.low);
        state.write_u128(self.high);
        state.write_u64(self.rest);
        // Apart from the ports: who chooses both could otherwise make many keys of one hash.  Where VLANs are no part of
        // keys nothing is to be paid for them.
        if self.scope != 0 {
            state.write_u32(self.scope);
        }
    }
}

/// An address as a number; IPv4 as IPv4-mapped IPv6.
#[inline]
fn widen(addr: IpAddr) -> u128 {
    match addr {
        IpAddr::V4(v4) => 0xffff_0000_0000 | u128::from(u32::from(v4)),
        IpAddr::V6(v6) => u128::from(v6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_directions_have_one_key() {
        let (a, b): (IpAddr, IpAddr) = ("10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap());
        let (forward, low) = FlowKey::new(a, 1000, b, 80, 6);
        let (backward, high) = FlowKey::new(b, 80, a, 1000, 6);
        assert_eq!(forward, backward);
        assert!(low && !high);
        assert_ne!(forward, FlowKey::new(a, 1000, b, 80, 17).0);
        assert_ne!(forward, FlowKey::new(a, 80, b, 1000, 6).0);
    }

    #[test]
    fn vlans_set_flows_apart_where_they_are_part_of_keys() {
        let (a, b): (IpAddr, IpAddr) = ("10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap());
        let key = |vlan, inner| FlowKey::new(a, 1, b, 2, 6).0.within(scope_of(vlan, inner));
        assert_eq!(key(None, None), FlowKey::new(a, 1, b, 2, 6).0);
        let all = [
            key(None, None),
            key(Some(0), None),
            key(Some(7), None),
            key(Some(7), Some(0)),
            key(Some(0), Some(7)),
        ];
        for (i, one) in all.iter().enumerate() {
            assert!(all[i + 1..].iter().all(|other| one != other));
        }
        assert_eq!(
            key(Some(7), None),
            FlowKey::new(b, 2, a, 1, 6).0.within(scope_of(Some(7), None))
        );
    }

    #[test]
    fn one_way_keys_are_of_their_own() {
        let (a, b): (IpAddr, IpAddr) = ("10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap());
        assert_ne!(FlowKey::one_way(a, 3, b, 1, 1), FlowKey::one_way(b, 3, a, 1, 1));
        assert_ne!(FlowKey::one_way(a, 3, b, 1, 1), FlowKey::new(a, 3, b, 1, 1).0);
    }

    #[test]
    fn an_ipv4_flow_is_not_its_mapped_ipv6_twin_by_accident_of_ports() {
        let (a, b): (IpAddr, IpAddr) = ("10.0.0.1".parse().unwrap(), "::1".parse().unwrap());
        let (key, _) = FlowKey::new(a, 1, b, 2, 17);
        assert_eq!(key, FlowKey::new(b, 2, a, 1, 17).0);
    }
}
