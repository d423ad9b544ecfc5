//! The packet that an ICMP error message quotes.

use std::net::{IpAddr, Ipv4Addr};

use super::{icmp, icmpv6};
use crate::net::{ip, ipv4, ipv6};
use crate::protocol::ip as proto;
use crate::Snap;

/// What is known of the quoted packet, in the terms of the record `icmp_context`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    /// Its source address.
    pub src: IpAddr,
    /// Its source port; for ICMP the type.
    pub src_port: u16,
    /// Its destination address.
    pub dst: IpAddr,
    /// Its destination port; for ICMP the type that answers, or the code.
    pub dst_port: u16,
    /// Length of the packet by its header.
    pub len: usize,
    /// Its protocol.
    pub protocol: u8,
    /// Its fragment offset in bytes.
    pub frag_offset: usize,
    /// Too little is quoted: not the whole IP header (then there is nothing here but the length and the IP
    /// version), or not the ports.
    pub bad_hdr_len: bool,
    /// The checksum of its IP header is wrong.
    pub bad_checksum: bool,
    /// More fragments follow.
    pub more_fragments: bool,
    /// It must not be fragmented.
    pub dont_fragment: bool,
}

impl Context {
    fn nothing(address: IpAddr, len: usize) -> Self {
        Context {
            src: address,
            src_port: 0,
            dst: address,
            dst_port: 0,
            len,
            protocol: 0,
            frag_offset: 0,
            bad_hdr_len: true,
            bad_checksum: false,
            more_fragments: false,
            dont_fragment: false,
        }
    }

    /// Reads the packet quoted by an ICMP message.
    pub fn v4(quoted: &[u8]) -> Self {
        let nothing = Context::nothing(Ipv4Addr::UNSPECIFIED.into(), quoted.len());
        let Some(fields) = ipv4::header(quoted) else {
            return nothing;
        };
        let Some(header) = quoted.get(..fields.header_len.max(ipv4::HEADER_LEN)) else {
            return nothing;
        };
        if quoted.first().is_none_or(|first| first >> 4 != 4) || fields.header_len < ipv4::HEADER_LEN {
            return nothing;
        }
        let payload = quoted.get(fields.header_len..).unwrap_or_default();
        let mut context = Context {
            src: fields.src.into(),
            dst: fields.dst.into(),
            len: fields.total_len.into(),
            protocol: fields.protocol,
            frag_offset: fields.fragment_offset,
            bad_hdr_len: false,
            bad_checksum: !ipv4::checksum_ok(header),
            more_fragments: fields.more_fragments,
            dont_fragment: fields.dont_fragment,
            ..nothing
        };
        context.read_ports(4, payload);
        context
    }

    /// Reads the packet quoted by an ICMPv6 message, extension headers included.
    pub fn v6(quoted: &[u8]) -> Self {
        let unspecified = IpAddr::from([0; 16]);
        let Some(fields) = ipv6::header(quoted) else {
            return Context::nothing(unspecified, quoted.len());
        };
        if quoted.first().is_none_or(|first| first >> 4 != 6) {
            return Context::nothing(unspecified, quoted.len());
        }
        let len = ipv6::HEADER_LEN + usize::from(fields.payload_len);
        // A quote is cut short, which must not count against the packet.
        let Ok(view) = ip::parse(Snap::new(quoted, len.max(quoted.len()))) else {
            let nothing = Context::nothing(unspecified, len);
            return Context {
                src: fields.src.into(),
                dst: fields.dst.into(),
                ..nothing
            };
        };
        let mut context = Context {
            src: view.src,
            dst: view.dst,
            protocol: view.protocol,
            frag_offset: view.fragment.map_or(0, |f| f.offset),
            more_fragments: view.fragment.is_some_and(|f| f.more),
            bad_hdr_len: false,
            ..Context::nothing(unspecified, len)
        };
        context.read_ports(6, view.payload.data());
        context
    }

    fn read_ports(&mut self, version: u8, payload: &[u8]) {
        if self.frag_offset != 0 {
            self.bad_hdr_len = true;
            return;
        }
        let ports = match (self.protocol, payload) {
            (proto::TCP | proto::UDP, &[s0, s1, d0, d1, ..]) => {
                Some((u16::from_be_bytes([s0, s1]), u16::from_be_bytes([d0, d1])))
            }
            (proto::ICMP, &[kind, code, ..]) if version == 4 => Some(icmp::flow_ports(kind, code)),
            (proto::ICMPV6, &[kind, code, ..]) if version == 6 => Some(icmpv6::flow_ports(kind, code)),
            _ => None,
        };
        match ports {
            Some((src_port, dst_port)) => (self.src_port, self.dst_port) = (src_port, dst_port),
            None => self.bad_hdr_len = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::hex;

    #[test]
    fn udp_in_ipv4() {
        let context = Context::v4(&hex("45000073 00014000 4011b861 c0a80001 c0a800c7 12340035"));
        assert_eq!(
            (context.src.to_string(), context.src_port),
            ("192.168.0.1".into(), 0x1234)
        );
        assert_eq!(
            (context.dst.to_string(), context.dst_port),
            ("192.168.0.199".into(), 53)
        );
        assert_eq!(
            (context.len, context.protocol, context.dont_fragment),
            (115, 17, true)
        );
        assert!(!context.bad_hdr_len && context.bad_checksum);
        assert!(!Context::v4(&hex("45000073 00004000 4011b861 c0a80001 c0a800c7 12340035")).bad_checksum);
    }

    #[test]
    fn too_little_of_ipv4() {
        assert!(Context::v4(&[0x45; 19]).bad_hdr_len);
        assert!(Context::v4(&hex("46000073 00004000 4011b861 c0a80001 c0a800c7")).bad_hdr_len);
        assert!(Context::v4(&hex("44000073 00004000 4011b861 c0a80001 c0a800c7 12340035")).bad_hdr_len);
        assert!(Context::v4(&hex("65000073 00004000 4011b861 c0a80001 c0a800c7 12340035")).bad_hdr_len);
        let context = Context::v4(&hex("45000073 00004000 4011b861 c0a80001 c0a800c7 123400"));
        assert!(context.bad_hdr_len && context.protocol == 17);
        assert!(Context::v4(&hex("45000073 00002001 4011b861 c0a80001 c0a800c7 12340035")).bad_hdr_len);
    }

    #[test]
    fn icmp_in_icmp() {
        let context = Context::v4(&hex("45000073 00004000 4001b861 c0a80001 c0a800c7 0800"));
        assert_eq!(
            (context.src_port, context.dst_port, context.bad_hdr_len),
            (8, 0, false)
        );
    }

    #[test]
    fn ipv6_with_extension_headers() {
        let packet = "60000000 0400 3c40 20010db8000000000000000000000001 20010db8000000000000000000000002 \
                      1100 0104 00000000 12340035";
        let context = Context::v6(&hex(packet));
        assert_eq!(
            (context.src_port, context.dst_port, context.protocol),
            (0x1234, 53, 17)
        );
        assert_eq!((context.len, context.bad_hdr_len), (1064, false));
        // Cut within the extension header.
        let context = Context::v6(&hex(packet)[..44]);
        assert_eq!(
            (context.src.to_string(), context.bad_hdr_len),
            ("2001:db8::1".into(), true)
        );
        assert!(Context::v6(&[0x60; 39]).bad_hdr_len);
        assert!(Context::v6(&[0x40; 60]).bad_hdr_len);
    }
}
