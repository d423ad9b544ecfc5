//! Header conditions against the headers of a packet.

use std::net::IpAddr;

use super::{Address, Comparison, Header, HeaderField, IpOption, StateFlag};

/// What header conditions look at: the first packet of one direction of a connection.
#[derive(Clone, Copy, Debug)]
pub struct PacketFacts<'p> {
    /// The packet is sent by the connection's originator.
    pub is_orig: bool,
    /// Its source address.
    pub source: IpAddr,
    /// Its destination address.
    pub destination: IpAddr,
    /// Its source port (for ICMP, what stands in its place).
    pub source_port: u16,
    /// Its destination port (for ICMP, what stands in its place).
    pub destination_port: u16,
    /// The protocol above IP, by its number: 1 ICMP, 6 TCP, 17 UDP, 58 ICMPv6.
    pub protocol: u8,
    /// From the first byte of the innermost IP header on, as far as known.
    pub ip_header: &'p [u8],
    /// From the first byte of the transport header on, as far as known.
    pub transport_header: &'p [u8],
}

/// A header condition with its names resolved.
#[derive(Clone, Debug)]
pub(super) enum Test {
    Address {
        source: bool,
        comparison: Comparison,
        values: Box<[Address]>,
    },
    Integer {
        field: HeaderField,
        comparison: Comparison,
        values: Box<[Range]>,
    },
    Protocol {
        comparison: Comparison,
        values: Box<[Range]>,
    },
    SameIp,
    IpOptions(Box<[IpOption]>),
    TcpState(Box<[StateFlag]>),
    UdpState(Box<[StateFlag]>),
}

/// A range of integers, and the bits that count.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    pub(super) low: u32,
    pub(super) high: u32,
    pub(super) mask: u32,
}

const ICMP: u8 = 1;
const TCP: u8 = 6;
const UDP: u8 = 17;
const ICMP6: u8 = 58;

impl Test {
    /// Whether the condition holds for the packet.
    pub(super) fn holds(&self, facts: &PacketFacts<'_>) -> bool {
        match self {
            Test::Address {
                source,
                comparison,
                values,
            } => {
                let address = if *source { facts.source } else { facts.destination };
                any_or_all(*comparison, values, |value| value.compare(*comparison, address))
            }
            Test::Integer {
                field,
                comparison,
                values,
            } => match read(*field, facts) {
                Some(found) => compare(*comparison, values, found),
                // A field that is not there compares with nothing.
                None => false,
            },
            Test::Protocol { comparison, values } => compare(*comparison, values, facts.protocol.into()),
            Test::SameIp => facts.source == facts.destination,
            Test::IpOptions(options) => has_option(facts.ip_header, options),
            Test::TcpState(flags) => facts.protocol == TCP && in_direction(flags, facts.is_orig),
            Test::UdpState(flags) => facts.protocol == UDP && in_direction(flags, facts.is_orig),
        }
    }

    /// Whether the condition holds for all packets of a protocol in a direction; `None` if that depends.
    pub(super) fn holds_always(&self, protocol: u8, is_orig: bool) -> Option<bool> {
        match self {
            Test::Protocol { comparison, values } => Some(compare(*comparison, values, protocol.into())),
            Test::TcpState(flags) => Some(protocol == TCP && in_direction(flags, is_orig)),
            Test::UdpState(flags) => Some(protocol == UDP && in_direction(flags, is_orig)),
            Test::Integer {
                field: HeaderField::Bytes { header, .. },
                ..
            } => {
                let impossible = header_protocol(*header).is_some_and(|required| required != protocol);
                impossible.then_some(false)
            }
            _ => None,
        }
    }

    /// The ports the condition selects, if it selects few.
    pub(super) fn ports(&self, field: HeaderField, most: usize) -> Option<Vec<u16>> {
        match self {
            Test::Integer {
                field: tested,
                comparison: Comparison::Equal,
                values,
            } if *tested == field => {
                let total: u64 = values
                    .iter()
                    .map(|range| u64::from(range.high - range.low) + 1)
                    .sum();
                if total > most as u64 {
                    return None;
                }
                let mut ports: Vec<u16> = values
                    .iter()
                    .flat_map(|range| range.low..=range.high)
                    .map(|port| port as u16)
                    .collect();
                ports.sort_unstable();
                ports.dedup();
                Some(ports)
            }
            _ => None,
        }
    }
}

fn any_or_all<T>(comparison: Comparison, values: &[T], holds: impl FnMut(&T) -> bool) -> bool {
    if comparison == Comparison::NotEqual {
        values.iter().all(holds)
    } else {
        values.iter().any(holds)
    }
}

fn compare(comparison: Comparison, values: &[Range], found: u32) -> bool {
    any_or_all(comparison, values, |range| {
        comparison.holds(&(found & range.mask), &range.low, &range.high)
    })
}

fn in_direction(flags: &[StateFlag], is_orig: bool) -> bool {
    flags.iter().all(|flag| match flag {
        StateFlag::Originator => is_orig,
        StateFlag::Responder => !is_orig,
        // Being established comes and goes, so it is looked at when the rest matches.
        StateFlag::Established | StateFlag::Stateless => true,
    })
}

fn header_protocol(header: Header) -> Option<u8> {
    match header {
        Header::Ip | Header::Ip6 => None,
        Header::Tcp => Some(TCP),
        Header::Udp => Some(UDP),
        Header::Icmp => Some(ICMP),
        Header::Icmp6 => Some(ICMP6),
    }
}

/// The value of a field that is an integer; `None` if the packet has no such field.
fn read(field: HeaderField, facts: &PacketFacts<'_>) -> Option<u32> {
    match field {
        HeaderField::SourcePort => Some(facts.source_port.into()),
        HeaderField::DestinationPort => Some(facts.destination_port.into()),
        HeaderField::Protocol => Some(facts.protocol.into()),
        HeaderField::SourceAddress | HeaderField::DestinationAddress => None,
        HeaderField::Bytes {
            header,
            offset,
            size,
            mask,
        } => {
            let bytes = match (header, facts.ip_header.first().map(|byte| byte >> 4)) {
                (Header::Ip, Some(4)) | (Header::Ip6, Some(6)) => facts.ip_header,
                (Header::Ip | Header::Ip6, _) => return None,
                (other, _) if header_protocol(other) == Some(facts.protocol) => facts.transport_header,
                _ => return None,
            };
            let from = usize::try_from(offset).ok()?;
            let bytes = bytes.get(from..from.checked_add(size.into())?)?;
            Some(bytes.iter().fold(0, |value, &byte| value << 8 | u32::from(byte)) & mask)
        }
    }
}

/// Whether an IPv4 header has one of the options (RFC 791, section 3.1).
fn has_option(header: &[u8], wanted: &[IpOption]) -> bool {
    let length = match header.first() {
        Some(first) if first >> 4 == 4 => usize::from(first & 0x0f) * 4,
        _ => return false,
    };
    let mut options = header.get(20..length.min(header.len())).unwrap_or_default();
    while let Some(&kind) = options.first() {
        if wanted.contains(&IpOption(kind)) {
            return true;
        }
        let size = match kind {
            0 => return false,
            1 => 1,
            // The length counts type and length octet; less than that is malformed and ends the list.
            _ => match options.get(1) {
                Some(&size) if size >= 2 => usize::from(size),
                _ => return false,
            },
        };
        options = options.get(size..).unwrap_or_default();
    }
    false
}
