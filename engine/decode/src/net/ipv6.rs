//! IPv6 (RFC 8200): the fixed header, and the walk along the extension headers.

use std::net::{IpAddr, Ipv6Addr};

use super::ip::{Fragment, IpView, SOURCE};
use super::ipv6_ext::{Options, OPTION_HOME_ADDRESS, OPTION_JUMBO};
use crate::protocol::ip as proto;
use crate::{Malformed, Snap, Weird};

/// Length of the fixed header.
pub const HEADER_LEN: usize = 40;

/// Extension headers beyond which a packet is given up (`excessive_ipv6_ext_headers`). Real packets have a few.
pub const MAX_EXT_HEADERS: usize = 64;

/// Types of routing headers whose last address is the final destination.
const ROUTING_SOURCE: u8 = 0;
const ROUTING_HOME: u8 = 2;
/// Segment routing (RFC 8754).
const ROUTING_SEGMENT: u8 = 4;

/// The fields of the fixed header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Traffic class.
    pub traffic_class: u8,
    /// Flow label, 20 bits.
    pub flow_label: u32,
    /// Length of all that follows the fixed header, as claimed.
    pub payload_len: u16,
    /// Protocol of what follows.
    pub next_header: u8,
    /// Hop limit.
    pub hop_limit: u8,
    /// Source address.
    pub src: Ipv6Addr,
    /// Destination address.
    pub dst: Ipv6Addr,
}

/// Reads the fields of the fixed header. `None` if there are less than 40 bytes.
#[inline]
pub fn header(data: &[u8]) -> Option<Header> {
    let (&[b0, b1, b2, b3, l0, l1, next_header, hop_limit], rest) = data.split_first_chunk::<8>()?;
    let (&src, rest) = rest.split_first_chunk::<16>()?;
    let dst = rest.first_chunk::<16>()?;
    Some(Header {
        traffic_class: b0 << 4 | b1 >> 4,
        flow_label: u32::from_be_bytes([0, b1 & 0x0f, b2, b3]),
        payload_len: u16::from_be_bytes([l0, l1]),
        next_header,
        hop_limit,
        src: src.into(),
        dst: (*dst).into(),
    })
}

/// What the walk along the extension headers found out.
struct Chain {
    protocol: u8,
    /// Length of the fixed and all extension headers.
    len: usize,
    src: Ipv6Addr,
    dst: Ipv6Addr,
    checksum_dst: Ipv6Addr,
    fragment: Option<Fragment>,
    /// Payload length by the jumbo option (RFC 2675).
    jumbo: Option<usize>,
    home_address: bool,
    weirds: Vec<Weird>,
}

/// Decodes a packet and walks its extension headers: hop-by-hop and destination options, routing, fragment and
/// authentication headers. The walk ends at anything else, and at the header of a fragment.
///
/// A payload length of 0 stands for a jumbogram if there is such an option, and for segmentation by the network
/// card if TCP follows: then the packet is as long as it was on the wire.
///
/// Errors: `truncated_IP` (less than 40 bytes), `invalid_IP_header_size` (the headers are longer than the
/// packet), `internally_truncated_header` (they were not captured completely), `truncated_IP_len` (the packet
/// claims more than was on the wire), `excessive_ipv6_ext_headers` (more than [`MAX_EXT_HEADERS`]).
/// Weirds: `routing0_hdr`, `odd_routing0_len`, `bad_routing2_len`, `unknown_routing_type`,
/// `bad_ipv6_dest_opt_len`, `bad_ipv6_hbh_opt_len` (an option does not end where its header does),
/// `bad_home_addr_len`, `multiple_home_addr_opts` (the first counts), `ip_hdr_len_zero`.
#[inline]
pub fn parse(packet: Snap<'_>) -> Result<IpView<'_>, Malformed> {
    let Some(fields) = header(packet.data()) else {
        return Err(Weird::net("truncated_IP", SOURCE).fatal(packet.data().len()));
    };
    let chain = Chain {
        protocol: fields.next_header,
        len: HEADER_LEN,
        src: fields.src,
        dst: fields.dst,
        checksum_dst: fields.dst,
        fragment: None,
        jumbo: None,
        home_address: false,
        weirds: Vec::new(),
    };
    let chain = if is_extension(fields.next_header) {
        walk(packet, &fields, chain)?
    } else {
        chain
    };
    finish(packet, &fields, chain)
}

#[inline]
fn is_extension(next_header: u8) -> bool {
    matches!(
        next_header,
        proto::HOPOPTS | proto::ROUTING | proto::FRAGMENT | proto::AH | proto::DSTOPTS
    )
}

#[inline]
fn finish<'a>(packet: Snap<'a>, fields: &Header, chain: Chain) -> Result<IpView<'a>, Malformed> {
    let mut weirds = chain.weirds;
    let payload_len = chain.jumbo.unwrap_or(fields.payload_len.into());
    let total_len = HEADER_LEN + payload_len;
    let offloaded = payload_len == 0 && chain.protocol == proto::TCP && packet.wire_len() > HEADER_LEN;
    let length = if offloaded {
        weirds.push(Weird::net("ip_hdr_len_zero", SOURCE));
        packet.wire_len()
    } else {
        total_len
    };
    if chain.len > length {
        return Err(Weird::net("invalid_IP_header_size", SOURCE)
            .fatal(4)
            .after(weirds));
    }
    if length > packet.wire_len() {
        return Err(Weird::net("truncated_IP_len", SOURCE).fatal(4).after(weirds));
    }
    Ok(IpView {
        version: 6,
        src: IpAddr::V6(chain.src),
        dst: IpAddr::V6(chain.dst),
        checksum_dst: IpAddr::V6(chain.checksum_dst),
        protocol: chain.protocol,
        ttl: fields.hop_limit,
        tos: fields.traffic_class,
        total_len,
        header_len: chain.len,
        header: packet.data().get(..chain.len).unwrap_or_default(),
        payload: packet.limit(length).skip(chain.len),
        fragment: chain.fragment,
        flow_label: fields.flow_label,
        weirds,
    })
}

/// Walks the extension headers, as far as captured: only afterwards is the length of the packet looked at, so
/// that what strange options say is reported even in a packet that is too short for them.
fn walk(packet: Snap<'_>, fields: &Header, mut chain: Chain) -> Result<Chain, Malformed> {
    let claimed = HEADER_LEN + usize::from(fields.payload_len);
    let mut next_header_at = 6;
    for count in 0..=MAX_EXT_HEADERS {
        if !is_extension(chain.protocol) {
            return Ok(chain);
        }
        if count == MAX_EXT_HEADERS {
            break;
        }
        let start = chain.len;
        let header = captured(packet, start, 8, claimed, &mut chain)?;
        let (next, length) = match *header {
            [next, _, ..] if chain.protocol == proto::FRAGMENT => (next, 8),
            [next, length, ..] if chain.protocol == proto::AH => (next, (usize::from(length) + 2) * 4),
            [next, length, ..] => (next, (usize::from(length) + 1) * 8),
            _ => return Ok(chain),
        };
        let header = captured(packet, start, length.max(8), claimed, &mut chain)?;
        match chain.protocol {
            proto::HOPOPTS => hop_by_hop(header, &mut chain),
            proto::DSTOPTS => destination(header, &mut chain),
            proto::ROUTING => routing(header, &mut chain),
            proto::FRAGMENT => {
                if let Some(fragment) = fragment(header, start, next_header_at) {
                    chain.fragment = Some(fragment);
                    chain.len = start + 8;
                    chain.protocol = next;
                    return Ok(chain);
                }
            }
            _ => (),
        }
        next_header_at = start;
        chain.len = start + length.max(8);
        chain.protocol = next;
    }
    let weird = Weird::hosts("excessive_ipv6_ext_headers", chain.src.into(), chain.dst.into());
    Err(weird.fatal(chain.len).after(chain.weirds))
}

/// The bytes of an extension header, or why they are missing.
fn captured<'a>(
    packet: Snap<'a>,
    start: usize,
    length: usize,
    claimed: usize,
    chain: &mut Chain,
) -> Result<&'a [u8], Malformed> {
    let end = start + length;
    packet.data().get(start..end).ok_or_else(|| {
        let weirds = std::mem::take(&mut chain.weirds);
        if end > claimed || end > packet.wire_len() {
            Weird::net("invalid_IP_header_size", SOURCE)
                .fatal(start)
                .after(weirds)
        } else {
            let weird = Weird::hosts("internally_truncated_header", chain.src.into(), chain.dst.into());
            Weird {
                source: Some(SOURCE),
                ..weird
            }
            .fatal(packet.data().len())
            .after(weirds)
        }
    })
}

fn report(chain: &mut Chain, name: &'static str) {
    chain
        .weirds
        .push(Weird::hosts(name, chain.src.into(), chain.dst.into()));
}

fn hop_by_hop(header: &[u8], chain: &mut Chain) {
    for option in Options::of_header(header) {
        match option {
            Ok(option) if option.kind == OPTION_JUMBO => {
                chain.jumbo = option
                    .data
                    .first_chunk()
                    .map(|&b| u32::from_be_bytes(b) as usize)
                    .or(chain.jumbo);
            }
            Ok(_) => (),
            Err(_) => report(chain, "bad_ipv6_hbh_opt_len"),
        }
    }
}

fn destination(header: &[u8], chain: &mut Chain) {
    for option in Options::of_header(header) {
        match option {
            Ok(option) if option.kind == OPTION_HOME_ADDRESS => match <[u8; 16]>::try_from(option.data) {
                Ok(_) if chain.home_address => report(chain, "multiple_home_addr_opts"),
                Ok(address) => {
                    chain.home_address = true;
                    chain.src = address.into();
                }
                Err(_) => report(chain, "bad_home_addr_len"),
            },
            Ok(_) => (),
            Err(_) => report(chain, "bad_ipv6_dest_opt_len"),
        }
    }
}

fn routing(header: &[u8], chain: &mut Chain) {
    let &[_, length, kind, segments_left, ..] = header else {
        return;
    };
    // Two units of eight bytes an address.
    let addresses = header.get(8..).unwrap_or_default();
    let visit = segments_left > 0;
    match kind {
        ROUTING_SOURCE => {
            if length % 2 != 0 {
                report(chain, "odd_routing0_len");
            } else if let (true, Some(&last)) = (visit, addresses.last_chunk::<16>()) {
                chain.dst = last.into();
                chain.checksum_dst = chain.dst;
            }
            report(chain, "routing0_hdr");
        }
        ROUTING_HOME => match <[u8; 16]>::try_from(addresses) {
            Ok(home) if visit => {
                chain.dst = home.into();
                chain.checksum_dst = chain.dst;
            }
            Ok(_) => (),
            Err(_) => report(chain, "bad_routing2_len"),
        },
        _ => {
            // The list of segments is in reverse order; the first is the last to be visited.
            if let (ROUTING_SEGMENT, true, Some(&last)) = (kind, visit, addresses.first_chunk::<16>()) {
                chain.checksum_dst = last.into();
            }
            let weird = Weird::hosts("unknown_routing_type", chain.src.into(), chain.dst.into());
            chain.weirds.push(weird.detail(kind.to_string()));
        }
    }
}

/// The fragment that a fragment header describes; `None` for one that is a whole datagram (RFC 6946).
fn fragment(header: &[u8], start: usize, next_header_at: usize) -> Option<Fragment> {
    let &[_, _, o0, o1, id @ ..] = header.first_chunk::<8>()?;
    let word = u16::from_be_bytes([o0, o1]);
    let (offset, more) = (usize::from(word & 0xfff8), word & 1 != 0);
    (more || offset != 0).then_some(Fragment {
        id: u32::from_be_bytes(id),
        offset,
        more,
        dont_fragment: false,
        unfragmentable_len: start,
        next_header_at,
    })
}

#[cfg(test)]
mod tests;
