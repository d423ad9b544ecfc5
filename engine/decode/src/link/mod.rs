//! From a captured frame to the packet of the network layer, through any nesting of link headers.
//!
//! [`decode`] walks the headers in a bounded loop: each file here knows one header and says what comes next
//! (`Step`). Tunnels re-enter here: what they carry is a [`Link`] and its bytes.

mod ethernet;
mod fddi;
pub mod ieee80211;
mod llc;
mod mpls;
mod nflog;
mod null;
mod pbb;
mod ppp;
mod pppoe;
mod radio;
pub mod routes;
mod sll;
mod vlan;

use crate::protocol::{dlt, ethertype};
use crate::{Malformed, Snap, Weird};

pub use routes::Routes;

/// Link headers in one frame beyond which decoding stops (`exceeded_link_max_depth`). The deepest frames of real
/// networks have about ten.
pub const MAX_DEPTH: usize = 25;

/// A MAC address.
pub type Mac = [u8; 6];

/// Where decoding of a frame starts, or goes on after a tunnel header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Link {
    /// An Ethernet frame, from its destination address.
    Ethernet,
    /// What follows a 16-bit type field with this value.
    EtherType(u16),
    /// An IEEE 802.2 LLC header.
    Llc,
    /// IPv4 or IPv6, told apart by the version nibble.
    Ip,
    /// BSD loopback, address family in the byte order of the capturing host.
    Null,
    /// OpenBSD loopback, address family in network byte order.
    Loop,
    /// PPP, from its protocol field, or from address and control field where these are present.
    Ppp,
    /// PPP in HDLC-like framing or Cisco HDLC.
    PppSerial,
    /// FDDI.
    Fddi,
    /// Linux cooked capture.
    LinuxSll,
    /// Linux cooked capture, version 2.
    LinuxSll2,
    /// IEEE 802.11, from the frame control field.
    Ieee80211,
    /// The same, with padding between header and payload.
    Ieee80211Padded,
    /// Radiotap header, then IEEE 802.11.
    Radiotap,
    /// Prism header, then IEEE 802.11.
    Prism,
    /// AVS header, then IEEE 802.11.
    Avs,
    /// Per-packet information, then a frame of the link type it names.
    Ppi,
    /// Linux netfilter log.
    Nflog,
    /// An IEEE 802 SNAP header.
    Snap,
    /// Bytes that a site wants left out, see [`Routes`].
    Skip,
}

impl Link {
    /// The first header of frames of a capture's link type (`DLT_` or `LINKTYPE_` number). A type not known here
    /// is taken for bare IP, which reports `unknown_ip_version` unless it happens to be.
    pub fn from_dlt(dlt: u32) -> Link {
        match dlt {
            dlt::EN10MB => Link::Ethernet,
            dlt::NULL => Link::Null,
            dlt::LOOP => Link::Loop,
            dlt::PPP => Link::Ppp,
            dlt::PPP_SERIAL | dlt::C_HDLC => Link::PppSerial,
            dlt::PPP_ETHER => Link::EtherType(ethertype::PPPOE_SESSION),
            dlt::FDDI => Link::Fddi,
            dlt::LINUX_SLL => Link::LinuxSll,
            dlt::LINUX_SLL2 => Link::LinuxSll2,
            dlt::IEEE802_11 => Link::Ieee80211,
            dlt::IEEE802_11_RADIO => Link::Radiotap,
            dlt::PRISM_HEADER => Link::Prism,
            dlt::IEEE802_11_RADIO_AVS => Link::Avs,
            dlt::PPI => Link::Ppi,
            dlt::NFLOG => Link::Nflog,
            _ => Link::Ip,
        }
    }

    /// The analyzer's name, as in weirds and in the history of `unknown_protocol`.
    pub fn analyzer(self) -> &'static str {
        match self {
            Link::Ethernet => ethernet::SOURCE,
            Link::EtherType(ethertype) => match ethertype {
                ethertype::VLAN | ethertype::QINQ | ethertype::QINQ_OLD => vlan::SOURCE,
                ethertype::VNTAG => vlan::VNTAG_SOURCE,
                ethertype::MPLS | ethertype::MPLS_MULTICAST => mpls::SOURCE,
                ethertype::PPPOE_SESSION => pppoe::SOURCE,
                ethertype::PBB => pbb::SOURCE,
                ethertype::PPP => ppp::SOURCE,
                ethertype::ARP | ethertype::RARP => "ARP",
                _ => "IP",
            },
            Link::Llc => llc::SOURCE,
            Link::Ip => "IP",
            Link::Null | Link::Loop => null::SOURCE,
            Link::Ppp => ppp::SOURCE,
            Link::PppSerial => ppp::SERIAL_SOURCE,
            Link::Fddi => fddi::SOURCE,
            Link::LinuxSll => sll::SOURCE,
            Link::LinuxSll2 => sll::SOURCE_2,
            Link::Ieee80211 | Link::Ieee80211Padded => ieee80211::SOURCE,
            Link::Radiotap | Link::Prism | Link::Avs | Link::Ppi => radio::SOURCE,
            Link::Nflog => nflog::SOURCE,
            Link::Snap => llc::SNAP_SOURCE,
            Link::Skip => routes::SKIP,
        }
    }
}

/// How the frame was encapsulated at its outermost layer, as the enum `link_encap` has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encap {
    /// Ethernet
    Ethernet,
    /// Anything else
    #[default]
    Unknown,
}

/// What the link layer says about a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct L2 {
    /// Outermost encapsulation.
    pub encap: Encap,
    /// Innermost source address.
    pub src_mac: Option<Mac>,
    /// Innermost destination address.
    pub dst_mac: Option<Mac>,
    /// Innermost EtherType seen; a tag's own type does not count, the type behind it does.
    pub eth_type: Option<u16>,
    /// Identifier of the outermost VLAN tag, 12 bits.
    pub vlan: Option<u16>,
    /// Priority code point of that tag, 3 bits.
    pub vlan_pcp: u8,
    /// Drop eligible indicator of that tag.
    pub vlan_dei: bool,
    /// Identifier of the innermost VLAN tag, when there are several.
    pub inner_vlan: Option<u16>,
    /// Priority code point of that tag.
    pub inner_vlan_pcp: u8,
    /// Drop eligible indicator of that tag.
    pub inner_vlan_dei: bool,
    /// PPPoE session identifier.
    pub pppoe_session_id: Option<u16>,
}

/// What a frame carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetworkPayload<'a> {
    /// By its type an IPv4 packet; its version nibble has not been looked at ([`crate::net::ip::parse`] does).
    Ipv4(Snap<'a>),
    /// By its type an IPv6 packet; as above.
    Ipv6(Snap<'a>),
    /// ARP or RARP ([`crate::net::arp::parse`]).
    Arp(Snap<'a>),
    /// Several frames in one IEEE 802.11 frame; decode each with [`ieee80211::Subframes`].
    Amsdu(ieee80211::Subframes<'a>),
    /// A protocol that nothing here knows; the event `unknown_protocol` reports it.
    Other {
        /// The analyzer that met it.
        analyzer: &'static str,
        /// Its number as this analyzer numbers protocols.
        protocol: u32,
        /// Its bytes.
        payload: Snap<'a>,
    },
    /// Nothing for us: a management frame, a frame without data, an encrypted one, an empty one.
    None,
}

/// A decoded frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame<'a> {
    /// What the link headers said.
    pub l2: L2,
    /// What they carried.
    pub payload: NetworkPayload<'a>,
    /// What was strange about them.
    pub weirds: Vec<Weird>,
}

/// What a link header is followed by.
pub(crate) enum Step<'a> {
    /// Another link header.
    Link(Link, Snap<'a>),
    /// The network layer.
    Network(NetworkPayload<'a>),
}

/// Decodes a frame down to the network layer.
///
/// Errors: what the headers on the way report (see each header's file), and `exceeded_link_max_depth`.
/// Weirds: `triple_tagged_vlan_unsupported`, `pppoe_extra_data_after_payload`, `pppoe_truncated_payload`.
#[inline]
pub fn decode<'a>(link: Link, frame: Snap<'a>) -> Result<Frame<'a>, Malformed> {
    // Most frames are IP directly in Ethernet; they need none of the general walk.
    if link == Link::Ethernet {
        if let Some((l2, payload)) = ethernet::ip_frame(frame) {
            return Ok(Frame {
                l2,
                payload,
                weirds: Vec::new(),
            });
        }
    }
    walk(link, frame, None, |_| ())
}

/// The same by what a site has set, if it has set anything.
#[inline]
pub fn decode_by<'a>(routes: Option<&Routes>, link: Link, frame: Snap<'a>) -> Result<Frame<'a>, Malformed> {
    match routes {
        None => decode(link, frame),
        Some(_) => walk(link, frame, routes, |_| ()),
    }
}

/// The analyzers that [`decode`] passes through for a frame, outermost first: the history that
/// `unknown_protocol` reports. Decodes the frame again, so that frames nobody asks about pay nothing.
pub fn history(link: Link, frame: Snap<'_>) -> Vec<&'static str> {
    history_by(None, link, frame)
}

/// The same by what a site has set.
pub fn history_by(routes: Option<&Routes>, link: Link, frame: Snap<'_>) -> Vec<&'static str> {
    let mut names = Vec::new();
    let _ = walk(link, frame, routes, |name| names.push(name));
    names
}

#[inline(never)] // keeps the short cut short
fn walk<'a>(
    link: Link,
    frame: Snap<'a>,
    routes: Option<&Routes>,
    mut visit: impl FnMut(&'static str),
) -> Result<Frame<'a>, Malformed> {
    let mut l2 = L2 {
        encap: if link == Link::Ethernet {
            Encap::Ethernet
        } else {
            Encap::Unknown
        },
        ..L2::default()
    };
    let mut weirds = Vec::new();
    let (mut link, mut rest) = (link, frame);
    for _ in 0..routes.map_or(MAX_DEPTH, |routes| routes.max_depth) {
        visit(link.analyzer());
        let before = routes.map(|_| l2.eth_type.take());
        let step = match (header(link, rest, &mut l2, &mut weirds), routes) {
            (Ok(_), Some(routes)) if link == Link::Skip => routes.skipped(rest),
            (Ok(step), Some(routes)) => routes.direct(link, rest, l2.eth_type, step),
            (Ok(step), None) => step,
            (Err(fault), _) => return Err(fault.after(weirds)),
        };
        if let Some(before) = before {
            l2.eth_type = l2.eth_type.or(before);
        }
        match step {
            Step::Network(payload) => return Ok(Frame { l2, payload, weirds }),
            Step::Link(next, payload) => (link, rest) = (next, payload),
        }
    }
    let offset = frame.data().len() - rest.data().len();
    Err(Weird::net("exceeded_link_max_depth", link.analyzer())
        .fatal(offset)
        .after(weirds))
}

/// Decodes one header.
#[inline]
fn header<'a>(
    link: Link,
    rest: Snap<'a>,
    l2: &mut L2,
    weirds: &mut Vec<Weird>,
) -> Result<Step<'a>, Malformed> {
    match link {
        Link::Ethernet => ethernet::parse(rest, l2),
        Link::EtherType(kind) => match kind {
            ethertype::VLAN | ethertype::QINQ | ethertype::QINQ_OLD => vlan::parse(rest, l2, weirds),
            ethertype::VNTAG => vlan::parse_vntag(rest, l2),
            ethertype::MPLS | ethertype::MPLS_MULTICAST => mpls::parse(rest),
            ethertype::PPPOE_SESSION => pppoe::parse(rest, l2, weirds),
            ethertype::PBB => pbb::parse(rest, l2),
            ethertype::PPP => ppp::parse(rest),
            ethertype::TEB => Ok(Step::Link(Link::Ethernet, rest)),
            kind => Ok(network("IP", kind, rest)),
        },
        Link::Ip => Ok(Step::Network(by_version(rest))),
        other => uncommon_header(other, rest, l2),
    }
}

/// The headers that only start frames of rarer link types.
fn uncommon_header<'a>(link: Link, rest: Snap<'a>, l2: &mut L2) -> Result<Step<'a>, Malformed> {
    match link {
        Link::Llc => llc::parse(rest, l2),
        Link::Null => null::parse(rest, false),
        Link::Loop => null::parse(rest, true),
        Link::Ppp => ppp::parse(rest),
        Link::PppSerial => ppp::parse_serial(rest, l2),
        Link::Fddi => fddi::parse(rest, l2),
        Link::LinuxSll => sll::parse(rest, l2),
        Link::LinuxSll2 => sll::parse_v2(rest, l2),
        Link::Ieee80211 => ieee80211::parse(rest, l2),
        Link::Ieee80211Padded => ieee80211::parse_padded(rest, l2),
        Link::Radiotap => radio::radiotap(rest),
        Link::Prism => radio::prism(rest),
        Link::Avs => radio::avs(rest),
        Link::Ppi => radio::ppi(rest),
        Link::Nflog => nflog::parse(rest),
        Link::Snap => llc::snap(rest, l2),
        // What a site wants left out is known to its routes.
        Link::Skip => Ok(Step::Network(by_version(rest))),
        Link::Ethernet | Link::EtherType(_) | Link::Ip => Ok(Step::Link(link, rest)),
    }
}

/// What follows a type field: the network layer at once where it is one of its protocols, otherwise a header to
/// decode. Lengths (IEEE 802.3) must have been sorted out before.
#[inline]
fn by_ethertype<'a>(analyzer: &'static str, kind: u16, payload: Snap<'a>, l2: &mut L2) -> Step<'a> {
    l2.eth_type = Some(kind);
    match kind {
        ethertype::VLAN
        | ethertype::QINQ
        | ethertype::QINQ_OLD
        | ethertype::VNTAG
        | ethertype::MPLS
        | ethertype::MPLS_MULTICAST
        | ethertype::PPPOE_SESSION
        | ethertype::PBB
        | ethertype::PPP
        | ethertype::TEB => Step::Link(Link::EtherType(kind), payload),
        _ => network(analyzer, kind, payload),
    }
}

/// What follows a field that is either a length (IEEE 802.3) or a type (Ethernet II).
#[inline]
fn by_length_or_type<'a>(
    analyzer: &'static str,
    value: u16,
    payload: Snap<'a>,
    l2: &mut L2,
) -> Result<Step<'a>, Malformed> {
    if value > ethertype::MAX_LENGTH {
        Ok(by_ethertype(analyzer, value, payload, l2))
    } else {
        llc::parse_8023(payload, l2)
    }
}

/// The network layer by its EtherType.
#[inline]
fn network<'a>(analyzer: &'static str, kind: u16, payload: Snap<'a>) -> Step<'a> {
    Step::Network(match kind {
        ethertype::IPV4 => NetworkPayload::Ipv4(payload),
        ethertype::IPV6 => NetworkPayload::Ipv6(payload),
        ethertype::ARP | ethertype::RARP => NetworkPayload::Arp(payload),
        _ => NetworkPayload::Other {
            analyzer,
            protocol: kind.into(),
            payload,
        },
    })
}

/// IP by its version nibble. What is neither goes to the IPv4 side, where it is reported.
#[inline]
fn by_version(payload: Snap<'_>) -> NetworkPayload<'_> {
    match payload.data().first() {
        Some(first) if first >> 4 == 6 => NetworkPayload::Ipv6(payload),
        _ => NetworkPayload::Ipv4(payload),
    }
}

/// Bytes of test frames from hexadecimal digits; blanks are ignored.
#[cfg(test)]
pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).expect("ASCII"), 16).expect("digits"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn link_types_not_known_are_taken_for_ip() {
        assert_eq!(Link::from_dlt(230), Link::Ip);
        assert_eq!(Link::from_dlt(dlt::LINKTYPE_RAW), Link::Ip);
        assert_eq!(Link::from_dlt(dlt::EN10MB), Link::Ethernet);
        let frame = decode(Link::Ip, Snap::whole(&[0x60, 0])).expect("frame");
        assert_eq!(frame.payload, NetworkPayload::Ipv6(Snap::whole(&[0x60, 0])));
    }

    #[test]
    fn nesting_is_bounded() {
        // A transparent Ethernet bridge in a bridge in a bridge...
        let mut bytes = Vec::new();
        for _ in 0..100 {
            bytes.extend(hex("020202020202 010101010101 6558"));
        }
        let fault = decode(Link::Ethernet, Snap::whole(&bytes)).expect_err("too deep");
        assert_eq!(fault.name(), "exceeded_link_max_depth");
        // Each level takes two steps, the frame and its type.
        assert_eq!(fault.offset, 14 * MAX_DEPTH.div_ceil(2));
    }

    #[test]
    fn history_names_the_headers() {
        let bytes = hex("020202020202 010101010101 8100 0001 8847 00001140 45");
        assert_eq!(
            history(Link::Ethernet, Snap::whole(&bytes)),
            ["ETHERNET", "VLAN", "MPLS"]
        );
    }
}
