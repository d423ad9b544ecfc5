//! Geneve (RFC 8926).

use super::Inner;
use crate::link::Link;
use crate::{Malformed, Snap, Weird};

const SOURCE: &str = "GENEVE";

/// Length of the header without options.
pub const HEADER_LEN: usize = 8;

/// A decoded Geneve packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Geneve<'a> {
    /// Network identifier, 24 bits.
    pub vni: u32,
    /// EtherType of the packet inside.
    pub protocol: u16,
    /// A control packet: for the tunnel's end, not for a network.
    pub control: bool,
    /// Some option must be understood.
    pub critical: bool,
    /// The options.
    pub options: GeneveOptions<'a>,
    /// The packet inside; `None` if there is none.
    pub inner: Option<Inner<'a>>,
    /// What is strange about it.
    pub weirds: Vec<Weird>,
}

/// An option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GeneveOption<'a> {
    /// Who defines the type.
    pub class: u16,
    /// The critical bit of the type.
    pub critical: bool,
    /// The type with its critical bit.
    pub kind: u8,
    /// The data.
    pub data: &'a [u8],
}

/// The options of a packet. Ends where one does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GeneveOptions<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for GeneveOptions<'a> {
    type Item = GeneveOption<'a>;

    fn next(&mut self) -> Option<GeneveOption<'a>> {
        let rest = std::mem::take(&mut self.rest);
        let (&[c0, c1, kind, length], rest) = rest.split_first_chunk::<4>()?;
        let (data, rest) = rest.split_at_checked(usize::from(length & 0x1f) * 4)?;
        self.rest = rest;
        Some(GeneveOption {
            class: u16::from_be_bytes([c0, c1]),
            critical: kind & 0x80 != 0,
            kind,
            data,
        })
    }
}

/// Decapsulates the payload of UDP.
///
/// Errors: a violation, if the version is not 0 or the header with its options is not complete.
/// Weirds: `geneve_empty_packet`, about the two hosts, when nothing follows the options.
#[inline]
pub fn decapsulate(payload: Snap<'_>) -> Result<Geneve<'_>, Malformed> {
    let data = payload.data();
    let Some(&[first, flags, p0, p1, v0, v1, v2, _]) = data.first_chunk::<HEADER_LEN>() else {
        return Err(Malformed::violation(
            SOURCE,
            "Geneve header incomplete",
            data.len(),
        ));
    };
    if first >> 6 != 0 {
        return Err(Malformed::violation(
            SOURCE,
            format!("Geneve version {}", first >> 6),
            0,
        ));
    }
    let length = HEADER_LEN + usize::from(first & 0x3f) * 4;
    let Some(options) = data.get(HEADER_LEN..length) else {
        return Err(Malformed::violation(
            SOURCE,
            "Geneve options incomplete",
            data.len(),
        ));
    };
    let protocol = u16::from_be_bytes([p0, p1]);
    let rest = payload.skip(length);
    let mut weirds = Vec::new();
    if rest.is_empty() {
        weirds.push(Weird::flow("geneve_empty_packet", SOURCE));
    }
    Ok(Geneve {
        vni: u32::from_be_bytes([0, v0, v1, v2]),
        protocol,
        control: flags & 0x80 != 0,
        critical: flags & 0x40 != 0,
        options: GeneveOptions { rest: options },
        inner: (!rest.is_empty()).then_some(Inner {
            link: Link::EtherType(protocol),
            payload: rest,
        }),
        weirds,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::{hex, NetworkPayload};

    #[test]
    fn with_options() {
        let bytes = hex("05c0 86dd 123456 00 0129 00 00 0104 81 02 1122334455667788 60");
        // Four words of options are announced, five with the data; the packet has four.
        let bytes = [&[4], &bytes[1..]].concat();
        let geneve = decapsulate(Snap::whole(&bytes)).expect("Geneve");
        assert_eq!(
            (geneve.vni, geneve.protocol, geneve.control, geneve.critical),
            (0x12_3456, 0x86dd, true, true)
        );
        let options: Vec<_> = geneve
            .options
            .map(|o| (o.class, o.critical, o.kind, o.data.len()))
            .collect();
        assert_eq!(options, [(0x129, false, 0, 0), (0x104, true, 0x81, 8)]);
        let frame = geneve.inner.expect("inner").decode().expect("frame");
        assert_eq!(frame.payload, NetworkPayload::Ipv6(Snap::whole(&[0x60])));
    }

    #[test]
    fn an_option_that_does_not_fit() {
        let bytes = hex("0100 6558 000001 00 0129 00 01 ff");
        assert_eq!(
            decapsulate(Snap::whole(&bytes)).expect("Geneve").options.count(),
            0
        );
    }

    #[test]
    fn inner_frames_and_arp() {
        let bytes = hex("0000 6558 000001 00 020000000001 020000000002 0806 00");
        let frame = decapsulate(Snap::whole(&bytes))
            .expect("Geneve")
            .inner
            .expect("inner")
            .decode()
            .expect("frame");
        assert_eq!(frame.payload, NetworkPayload::Arp(Snap::whole(&[0])));
        let bytes = hex("0000 0806 000001 00 00");
        let frame = decapsulate(Snap::whole(&bytes))
            .expect("Geneve")
            .inner
            .expect("inner")
            .decode()
            .expect("frame");
        assert_eq!(frame.payload, NetworkPayload::Arp(Snap::whole(&[0])));
    }

    #[test]
    fn empty_or_not_geneve() {
        let bytes = hex("0200 6558 000000 00 0000000100000005");
        let geneve = decapsulate(Snap::whole(&bytes)).expect("Geneve");
        assert_eq!(
            (geneve.inner, geneve.weirds[0].name),
            (None, "geneve_empty_packet")
        );
        assert!(
            decapsulate(Snap::whole(&bytes[..15]))
                .expect_err("short")
                .violation
        );
        assert!(
            decapsulate(Snap::whole(&bytes[..7]))
                .expect_err("short")
                .violation
        );
        assert!(
            decapsulate(Snap::whole(&[0x40; 8]))
                .expect_err("version 1")
                .violation
        );
    }
}
