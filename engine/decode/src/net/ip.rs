//! What IPv4 and IPv6 packets have in common: one view for both.

use std::net::IpAddr;

use super::ipv6_ext::ExtHeaders;
use super::{ipv4, ipv6};
use crate::{Malformed, Snap, Weird};

pub(super) const SOURCE: &str = "IP";

/// The least header that either version has.
const MIN_HEADER_LEN: usize = 20;

/// Where in its datagram a fragment belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fragment {
    /// Identification of the datagram: 16 bits in IPv4, 32 in IPv6.
    pub id: u32,
    /// Offset of this fragment's payload in bytes.
    pub offset: usize,
    /// More fragments follow.
    pub more: bool,
    /// The don't-fragment flag is set nevertheless (IPv4).
    pub dont_fragment: bool,
    /// How much of the header belongs to the datagram rather than to the fragment: in IPv4 all of it, in IPv6
    /// what comes before the fragment header.
    pub unfragmentable_len: usize,
    /// Where in the header the number of the protocol is that the fragment header took the place of (IPv6).
    pub next_header_at: usize,
}

/// A decoded IP packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IpView<'a> {
    /// 4 or 6.
    pub version: u8,
    /// Source address of the flow. In IPv6 the home address of a mobile node, where the packet has one.
    pub src: IpAddr,
    /// Destination address of the flow. In IPv6 the final destination by routing headers of types 0 and 2.
    pub dst: IpAddr,
    /// Destination address as the pseudo-header of checksums needs it. Differs from `dst` with segment routing,
    /// which keeps the flow's address in the header.
    pub checksum_dst: IpAddr,
    /// Protocol of the payload: in IPv6 that behind the last extension header. 50 (ESP) and 135 (mobility) count
    /// as protocols, their headers as payload.
    pub protocol: u8,
    /// Time to live, or hop limit.
    pub ttl: u8,
    /// Type of service, or traffic class.
    pub tos: u8,
    /// Length of the packet that it claims, in bytes; 0 where it leaves the field to the network card.
    pub total_len: usize,
    /// Length of the header with options or extension headers.
    pub header_len: usize,
    /// That header.
    pub header: &'a [u8],
    /// What follows, as far as both the packet's length and the capture go.
    pub payload: Snap<'a>,
    /// Set if this is a part of a datagram; then `protocol` and `payload` must not be interpreted before
    /// [`super::fragments`] has put it together.
    pub fragment: Option<Fragment>,
    /// IPv6 flow label, 20 bits.
    pub flow_label: u32,
    /// What is strange about the packet.
    pub weirds: Vec<Weird>,
}

impl<'a> IpView<'a> {
    /// Whether the checksum of the header is right; IPv6 has none.
    pub fn header_checksum_ok(&self) -> bool {
        self.version != 4 || ipv4::checksum_ok(self.header)
    }

    /// The fields of an IPv4 header.
    pub fn ipv4(&self) -> Option<ipv4::Header<'a>> {
        (self.version == 4).then(|| ipv4::header(self.header)).flatten()
    }

    /// The fields of the fixed part of an IPv6 header.
    pub fn ipv6(&self) -> Option<ipv6::Header> {
        (self.version == 6).then(|| ipv6::header(self.header)).flatten()
    }

    /// The extension headers of an IPv6 packet in their order, ESP and mobility included.
    pub fn ext_headers(&self) -> ExtHeaders<'a> {
        match self.ipv6() {
            Some(fixed) => {
                let headers = self.header.get(ipv6::HEADER_LEN..).unwrap_or_default();
                ExtHeaders::new(fixed.next_header, headers, self.payload.data())
            }
            None => ExtHeaders::new(self.protocol, &[], &[]),
        }
    }
}

/// Decodes an IP packet of the version that its first nibble names, whatever the layer below said.
///
/// Errors: `truncated_IP` (less captured than the fixed header), `unknown_ip_version`, those of
/// [`ipv4::parse`] and [`ipv6::parse`].
#[inline]
pub fn parse(packet: Snap<'_>) -> Result<IpView<'_>, Malformed> {
    match packet.data().first() {
        Some(first) if packet.data().len() >= MIN_HEADER_LEN => match first >> 4 {
            4 => ipv4::parse(packet),
            6 => ipv6::parse(packet),
            _ => Err(Weird::net("unknown_ip_version", SOURCE).fatal(0)),
        },
        _ => Err(Weird::net("truncated_IP", SOURCE).fatal(packet.data().len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        assert_eq!(
            parse(Snap::whole(&[0x55; 40])).expect_err("version 5").name(),
            "unknown_ip_version"
        );
        assert_eq!(
            parse(Snap::whole(&[0x45; 19])).expect_err("short").name(),
            "truncated_IP"
        );
        assert_eq!(
            parse(Snap::whole(&[0x55; 19])).expect_err("short").name(),
            "truncated_IP"
        );
        assert_eq!(parse(Snap::whole(&[])).expect_err("empty").name(), "truncated_IP");
        assert_eq!(
            parse(Snap::whole(&[0x60; 39])).expect_err("short").name(),
            "truncated_IP"
        );
    }
}
