//! ICMPv6 (RFC 4443): what differs from ICMP, above all neighbor discovery (RFC 4861).
//!
//! The header is decoded by [`super::icmp::parse`], the packet quoted by errors by [`IcmpView::context`].

use std::net::Ipv6Addr;

use super::context::Context;
use super::icmp::IcmpView;
use crate::cursor::Cursor;
use crate::{Malformed, Weird};

const SOURCE: &str = "ICMP";

/// Types of messages.
#[allow(missing_docs)]
pub mod kind {
    pub const UNREACHABLE: u8 = 1;
    pub const PACKET_TOO_BIG: u8 = 2;
    pub const TIME_EXCEEDED: u8 = 3;
    pub const PARAMETER_PROBLEM: u8 = 4;
    pub const ECHO_REQUEST: u8 = 128;
    pub const ECHO_REPLY: u8 = 129;
    pub const LISTENER_QUERY: u8 = 130;
    pub const LISTENER_REPORT: u8 = 131;
    pub const ROUTER_SOLICITATION: u8 = 133;
    pub const ROUTER_ADVERTISEMENT: u8 = 134;
    pub const NEIGHBOR_SOLICITATION: u8 = 135;
    pub const NEIGHBOR_ADVERTISEMENT: u8 = 136;
    pub const REDIRECT: u8 = 137;
    pub const NODE_QUERY: u8 = 139;
    pub const NODE_REPLY: u8 = 140;
    pub const HOME_AGENT_REQUEST: u8 = 144;
    pub const HOME_AGENT_REPLY: u8 = 145;
}

/// The type that answers a type, or that it answers; `None` for messages that stand alone.
pub fn counterpart(kind: u8) -> Option<u8> {
    Some(match kind {
        kind::ECHO_REQUEST => kind::ECHO_REPLY,
        kind::ECHO_REPLY => kind::ECHO_REQUEST,
        kind::LISTENER_QUERY => kind::LISTENER_REPORT,
        kind::LISTENER_REPORT => kind::LISTENER_QUERY,
        kind::ROUTER_SOLICITATION => kind::ROUTER_ADVERTISEMENT,
        kind::ROUTER_ADVERTISEMENT => kind::ROUTER_SOLICITATION,
        kind::NEIGHBOR_SOLICITATION => kind::NEIGHBOR_ADVERTISEMENT,
        kind::NEIGHBOR_ADVERTISEMENT => kind::NEIGHBOR_SOLICITATION,
        kind::NODE_QUERY => kind::NODE_REPLY,
        kind::NODE_REPLY => kind::NODE_QUERY,
        kind::HOME_AGENT_REQUEST => kind::HOME_AGENT_REPLY,
        kind::HOME_AGENT_REPLY => kind::HOME_AGENT_REQUEST,
        _ => return None,
    })
}

/// As [`super::icmp::flow_ports`].
pub fn flow_ports(kind: u8, code: u8) -> (u16, u16) {
    (kind.into(), counterpart(kind).unwrap_or(code).into())
}

/// The message of neighbor discovery, without its options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Discovery {
    /// 133
    RouterSolicitation,
    /// 134
    RouterAdvertisement {
        /// Hop limit that hosts should use.
        hop_limit: u8,
        /// Addresses are to be had by DHCPv6.
        managed: bool,
        /// Other configuration is to be had by DHCPv6.
        other: bool,
        /// The router is a home agent (RFC 6275).
        home_agent: bool,
        /// Preference, 2 bits (RFC 4191).
        preference: u8,
        /// The advertisement was proxied (RFC 4389).
        proxy: bool,
        /// The two bits that are left.
        reserved: u8,
        /// Lifetime as default router in seconds.
        router_lifetime: u16,
        /// Reachable time in milliseconds.
        reachable_time: u32,
        /// Time between retransmissions in milliseconds.
        retrans_timer: u32,
    },
    /// 135
    NeighborSolicitation {
        /// Whose link address is asked for.
        target: Ipv6Addr,
    },
    /// 136
    NeighborAdvertisement {
        /// The sender is a router.
        router: bool,
        /// It answers a solicitation.
        solicited: bool,
        /// It overrides cached addresses.
        overrides: bool,
        /// Whose link address it gives.
        target: Ipv6Addr,
    },
    /// 137
    Redirect {
        /// The better first hop.
        target: Ipv6Addr,
        /// For which destination.
        destination: Ipv6Addr,
    },
}

/// A message of neighbor discovery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiscoveryView<'a> {
    /// The message.
    pub message: Discovery,
    /// Its options.
    pub options: NdOptions<'a>,
}

/// Decodes a message of neighbor discovery; `None` if the type is of another.
///
/// Errors: `internally_truncated_header` when not all of its fixed part was captured, `truncated_header` when it
/// was not there.
pub fn discovery<'a>(view: &IcmpView<'a>) -> Option<Result<DiscoveryView<'a>, Malformed>> {
    if !(kind::ROUTER_SOLICITATION..=kind::REDIRECT).contains(&view.kind) {
        return None;
    }
    let data = view.payload.data();
    Some(message(view, data).ok_or_else(|| {
        let name = if view.payload.is_truncated() {
            "internally_truncated_header"
        } else {
            "truncated_header"
        };
        Weird::flow(name, SOURCE).fatal(data.len())
    }))
}

fn message<'a>(view: &IcmpView<'a>, data: &'a [u8]) -> Option<DiscoveryView<'a>> {
    let mut cursor = Cursor::new(data);
    let [hop_limit, flags, l0, l1] = view.rest;
    let message = match view.kind {
        kind::ROUTER_SOLICITATION => Discovery::RouterSolicitation,
        kind::ROUTER_ADVERTISEMENT => Discovery::RouterAdvertisement {
            hop_limit,
            managed: flags & 0x80 != 0,
            other: flags & 0x40 != 0,
            home_agent: flags & 0x20 != 0,
            preference: (flags >> 3) & 3,
            proxy: flags & 0x04 != 0,
            reserved: flags & 3,
            router_lifetime: u16::from_be_bytes([l0, l1]),
            reachable_time: cursor.be32()?,
            retrans_timer: cursor.be32()?,
        },
        kind::NEIGHBOR_SOLICITATION => Discovery::NeighborSolicitation {
            target: cursor.array::<16>()?.into(),
        },
        kind::NEIGHBOR_ADVERTISEMENT => Discovery::NeighborAdvertisement {
            router: hop_limit & 0x80 != 0,
            solicited: hop_limit & 0x40 != 0,
            overrides: hop_limit & 0x20 != 0,
            target: cursor.array::<16>()?.into(),
        },
        kind::REDIRECT => Discovery::Redirect {
            target: cursor.array::<16>()?.into(),
            destination: cursor.array::<16>()?.into(),
        },
        _ => return None,
    };
    Some(DiscoveryView {
        message,
        options: NdOptions { rest: cursor.rest() },
    })
}

/// An option of neighbor discovery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NdOption<'a> {
    /// Its type.
    pub kind: u8,
    /// Its length in 8-byte units, with type and length.
    pub len: u8,
    /// What follows type and length.
    pub data: &'a [u8],
}

/// What an option says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NdValue<'a> {
    /// Source (1) or target (2) link-layer address, as long as the option.
    LinkAddress(&'a [u8]),
    /// Prefix information (3).
    Prefix {
        /// How many bits of the prefix count.
        prefix_len: u8,
        /// The prefix is on this link.
        on_link: bool,
        /// The prefix serves to make addresses.
        autonomous: bool,
        /// Valid for so many seconds.
        valid_lifetime: u32,
        /// Preferred for so many seconds.
        preferred_lifetime: u32,
        /// The prefix.
        prefix: Ipv6Addr,
    },
    /// The packet that caused a redirect (4).
    Redirected(Context),
    /// MTU of the link (5).
    Mtu(u32),
    /// Another option, or one too short for what it says.
    Other,
}

impl<'a> NdOption<'a> {
    /// What the option says.
    pub fn value(&self) -> NdValue<'a> {
        self.known().unwrap_or(NdValue::Other)
    }

    fn known(&self) -> Option<NdValue<'a>> {
        let mut cursor = Cursor::new(self.data);
        Some(match self.kind {
            1 | 2 => NdValue::LinkAddress(self.data),
            3 => {
                let [prefix_len, flags] = cursor.array()?;
                let (valid_lifetime, preferred_lifetime) = (cursor.be32()?, cursor.be32()?);
                cursor.skip(4)?;
                NdValue::Prefix {
                    prefix_len,
                    on_link: flags & 0x80 != 0,
                    autonomous: flags & 0x40 != 0,
                    valid_lifetime,
                    preferred_lifetime,
                    prefix: cursor.array::<16>()?.into(),
                }
            }
            4 => {
                cursor.skip(6)?;
                NdValue::Redirected(Context::v6(cursor.rest()))
            }
            5 => {
                cursor.skip(2)?;
                NdValue::Mtu(cursor.be32()?)
            }
            _ => return None,
        })
    }
}

/// The options of a message. Ends after the first that makes no sense, which it yields as an error:
/// `zero_length_ICMPv6_ND_option`, `truncated_ICMPv6_ND_options`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NdOptions<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for NdOptions<'a> {
    type Item = Result<NdOption<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = std::mem::take(&mut self.rest);
        match *rest {
            [] => None,
            [_, 0, ..] => Some(Err(Weird::flow("zero_length_ICMPv6_ND_option", SOURCE).fatal(0))),
            [kind, len, ..] => match rest.split_at_checked(usize::from(len) * 8) {
                Some((option, rest)) => {
                    self.rest = rest;
                    Some(Ok(NdOption {
                        kind,
                        len,
                        data: option.get(2..).unwrap_or_default(),
                    }))
                }
                None => Some(Err(
                    Weird::flow("truncated_ICMPv6_ND_options", SOURCE).fatal(rest.len())
                )),
            },
            _ => Some(Err(
                Weird::flow("truncated_ICMPv6_ND_options", SOURCE).fatal(rest.len())
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::hex;
    use crate::transport::icmp;
    use crate::Snap;

    const TARGET: &str = "20010db8000000000000000000000001";

    fn decoded(bytes: &[u8]) -> DiscoveryView<'_> {
        let view = icmp::parse(Snap::whole(bytes)).expect("message");
        discovery(&view)
            .expect("of neighbor discovery")
            .expect("complete")
    }

    fn target() -> Ipv6Addr {
        "2001:db8::1".parse().expect("address")
    }

    #[test]
    fn router_advertisement() {
        let bytes = hex("8600 0000 40 cc 0708 00000002 00000003 0101 010203040506");
        let view = decoded(&bytes);
        let expected = Discovery::RouterAdvertisement {
            hop_limit: 64,
            managed: true,
            other: true,
            home_agent: false,
            preference: 1,
            proxy: true,
            reserved: 0,
            router_lifetime: 1800,
            reachable_time: 2,
            retrans_timer: 3,
        };
        assert_eq!(view.message, expected);
        let options: Vec<_> = view.options.map(|o| o.expect("option").value()).collect();
        assert_eq!(options, [NdValue::LinkAddress(&[1, 2, 3, 4, 5, 6])]);
    }

    #[test]
    fn solicitations_advertisements_and_redirects() {
        assert_eq!(
            decoded(&hex("8500 0000 00000000")).message,
            Discovery::RouterSolicitation
        );
        let solicitation = Discovery::NeighborSolicitation { target: target() };
        assert_eq!(
            decoded(&hex(&format!("8700 0000 00000000 {TARGET}"))).message,
            solicitation
        );
        let advertisement = Discovery::NeighborAdvertisement {
            router: true,
            solicited: false,
            overrides: true,
            target: target(),
        };
        assert_eq!(
            decoded(&hex(&format!("8800 0000 a0000000 {TARGET}"))).message,
            advertisement
        );
        let redirect = Discovery::Redirect {
            target: target(),
            destination: target(),
        };
        assert_eq!(
            decoded(&hex(&format!("8900 0000 00000000 {TARGET} {TARGET}"))).message,
            redirect
        );
        let echo = hex("8000 0000 00000000");
        assert!(discovery(&icmp::parse(Snap::whole(&echo)).expect("message")).is_none());
    }

    #[test]
    fn options() {
        let bytes = hex(&format!(
            "8500 0000 00000000 0304 40c0 00000001 00000002 00000000 {TARGET} 0501 0000 000005dc 0e01 000000000000"
        ));
        let values: Vec<_> = decoded(&bytes)
            .options
            .map(|o| o.expect("option").value())
            .collect();
        let prefix = NdValue::Prefix {
            prefix_len: 64,
            on_link: true,
            autonomous: true,
            valid_lifetime: 1,
            preferred_lifetime: 2,
            prefix: target(),
        };
        assert_eq!(values, [prefix, NdValue::Mtu(1500), NdValue::Other]);
    }

    #[test]
    fn a_redirect_quotes_a_packet() {
        let quoted = format!("60000000 0008 1140 {TARGET} {TARGET} 1234 0035 0008 0000");
        let bytes = hex(&format!("8500 0000 00000000 0407 000000000000 {quoted}"));
        let Some(Ok(option)) = decoded(&bytes).options.next() else {
            panic!("no option")
        };
        let NdValue::Redirected(context) = option.value() else {
            panic!("no packet")
        };
        assert_eq!(
            (context.src_port, context.dst_port, context.bad_hdr_len),
            (0x1234, 53, false)
        );
    }

    #[test]
    fn options_that_make_no_sense() {
        for (text, name) in [
            ("0100", "zero_length_ICMPv6_ND_option"),
            ("01", "truncated_ICMPv6_ND_options"),
            ("0102 0000", "truncated_ICMPv6_ND_options"),
            ("0501 000000000000 0301 00", "truncated_ICMPv6_ND_options"),
        ] {
            let bytes = hex(&format!("8500 0000 00000000 {text}"));
            let last = decoded(&bytes).options.last().expect("one");
            assert_eq!(last.expect_err("bad").name(), name, "{text}");
        }
        // Too short for a prefix, but an option.
        let bytes = hex("8500 0000 00000000 0301 000000000000");
        assert_eq!(
            decoded(&bytes)
                .options
                .next()
                .expect("one")
                .expect("option")
                .value(),
            NdValue::Other
        );
    }

    #[test]
    fn truncated_messages() {
        let bytes = hex("8700 0000 00000000 2001");
        let name = |snap| {
            let view = icmp::parse(snap).expect("message");
            discovery(&view).expect("discovery").expect_err("short").name()
        };
        assert_eq!(name(Snap::whole(&bytes)), "truncated_header");
        assert_eq!(name(Snap::new(&bytes, 24)), "internally_truncated_header");
    }

    #[test]
    fn flows_of_both_directions() {
        assert_eq!((flow_ports(135, 0), flow_ports(136, 0)), ((135, 136), (136, 135)));
        assert_eq!((flow_ports(1, 4), flow_ports(143, 0)), ((1, 4), (143, 0)));
        for kind in 0..=255 {
            assert!(counterpart(kind).is_none_or(|other| counterpart(other) == Some(kind)));
        }
    }
}
