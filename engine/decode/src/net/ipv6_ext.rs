//! The extension headers of IPv6 one by one, with all their fields, for those who look at them.

use crate::cursor::Cursor;
use crate::net::mobility;
use crate::protocol::ip as proto;

/// Option: padding of one byte, which has no length.
const OPTION_PAD1: u8 = 0;
/// Option: home address (RFC 6275, 6.3).
pub const OPTION_HOME_ADDRESS: u8 = 0xc9;
/// Option: jumbo payload (RFC 2675).
pub const OPTION_JUMBO: u8 = 0xc2;

/// An option of a hop-by-hop, destination or mobility header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeaderOption<'a> {
    /// Its type, all eight bits.
    pub kind: u8,
    /// The length of its data.
    pub len: u8,
    /// Its data.
    pub data: &'a [u8],
}

/// An option that does not fit into its header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadOption;

/// The options of a header, padding included. Ends after the first that does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options<'a> {
    rest: &'a [u8],
}

impl<'a> Options<'a> {
    /// The options in `data`.
    pub fn new(data: &'a [u8]) -> Self {
        Options { rest: data }
    }

    /// The options of a hop-by-hop or destination header, given all of it.
    pub fn of_header(header: &'a [u8]) -> Self {
        Options {
            rest: header.get(2..).unwrap_or_default(),
        }
    }
}

impl<'a> Iterator for Options<'a> {
    type Item = Result<HeaderOption<'a>, BadOption>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = std::mem::take(&mut self.rest);
        let (&kind, rest) = rest.split_first()?;
        if kind == OPTION_PAD1 {
            self.rest = rest;
            return Some(Ok(HeaderOption {
                kind,
                len: 0,
                data: &[],
            }));
        }
        let option = rest.split_first().and_then(|(&len, rest)| {
            let (data, rest) = rest.split_at_checked(len.into())?;
            self.rest = rest;
            Some(HeaderOption { kind, len, data })
        });
        Some(option.ok_or(BadOption))
    }
}

/// An extension header. `next_header` is the protocol of what follows it; `len` is its length field as it stands
/// in the header, whose unit and origin differ between headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExtHeader<'a> {
    /// Hop-by-hop options (0).
    HopByHop {
        /// Protocol of what follows.
        next_header: u8,
        /// Length in 8-byte units, not counting the first.
        len: u8,
        /// The options.
        options: Options<'a>,
    },
    /// Destination options (60).
    Destination {
        /// Protocol of what follows.
        next_header: u8,
        /// Length in 8-byte units, not counting the first.
        len: u8,
        /// The options.
        options: Options<'a>,
    },
    /// Routing header (43).
    Routing {
        /// Protocol of what follows.
        next_header: u8,
        /// Length in 8-byte units, not counting the first.
        len: u8,
        /// Routing type.
        kind: u8,
        /// How many of the listed nodes are still to be visited.
        segments_left: u8,
        /// Data of that type.
        data: &'a [u8],
    },
    /// Fragment header (44).
    Fragment {
        /// Protocol of what follows.
        next_header: u8,
        /// Reserved, 8 bits.
        reserved: u8,
        /// Offset in 8-byte units.
        offset: u16,
        /// Reserved, 2 bits.
        reserved2: u8,
        /// More fragments follow.
        more: bool,
        /// Identification.
        id: u32,
    },
    /// Authentication header (51).
    Authentication {
        /// Protocol of what follows.
        next_header: u8,
        /// Length in 4-byte units, not counting the first two.
        len: u8,
        /// Reserved.
        reserved: u16,
        /// Security parameters index.
        spi: u32,
        /// Sequence number, if the header is long enough.
        seq: Option<u32>,
        /// Integrity check value, if the header is long enough.
        data: Option<&'a [u8]>,
    },
    /// Encapsulating security payload (50). What it protects is not known, so it is the last.
    Esp {
        /// Security parameters index.
        spi: u32,
        /// Sequence number.
        seq: u32,
    },
    /// Mobility header (135), the last.
    Mobility(mobility::Header<'a>),
}

impl ExtHeader<'_> {
    /// The protocol number of this header.
    pub fn id(&self) -> u8 {
        match self {
            ExtHeader::HopByHop { .. } => proto::HOPOPTS,
            ExtHeader::Destination { .. } => proto::DSTOPTS,
            ExtHeader::Routing { .. } => proto::ROUTING,
            ExtHeader::Fragment { .. } => proto::FRAGMENT,
            ExtHeader::Authentication { .. } => proto::AH,
            ExtHeader::Esp { .. } => proto::ESP,
            ExtHeader::Mobility(_) => proto::MOBILITY,
        }
    }
}

/// The extension headers of a packet in their order. Ends where the headers end or make no sense.
#[derive(Debug, Clone, Copy)]
pub struct ExtHeaders<'a> {
    next_header: u8,
    headers: &'a [u8],
    payload: &'a [u8],
}

impl<'a> ExtHeaders<'a> {
    /// Extension headers in `headers`, of which the first is a `next_header`, and what follows them in `payload`.
    pub fn new(next_header: u8, headers: &'a [u8], payload: &'a [u8]) -> Self {
        ExtHeaders {
            next_header,
            headers,
            payload,
        }
    }

    fn last(&mut self) -> Option<ExtHeader<'a>> {
        let payload = std::mem::take(&mut self.payload);
        match self.next_header {
            proto::ESP => {
                let mut cursor = Cursor::new(payload);
                Some(ExtHeader::Esp {
                    spi: cursor.be32()?,
                    seq: cursor.be32()?,
                })
            }
            proto::MOBILITY => mobility::parse(payload).ok().map(ExtHeader::Mobility),
            _ => None,
        }
    }
}

impl<'a> Iterator for ExtHeaders<'a> {
    type Item = ExtHeader<'a>;

    fn next(&mut self) -> Option<ExtHeader<'a>> {
        let rest = std::mem::take(&mut self.headers);
        let Some(&[next_header, len, b2, b3, b4, b5, b6, b7]) = rest.first_chunk::<8>() else {
            return self.last();
        };
        let length = match self.next_header {
            proto::FRAGMENT => 8,
            proto::AH => ((usize::from(len) + 2) * 4).max(8),
            _ => (usize::from(len) + 1) * 8,
        };
        let (header, rest) = rest.split_at_checked(length)?;
        let kind = std::mem::replace(&mut self.next_header, next_header);
        self.headers = rest;
        let word = u32::from_be_bytes([b4, b5, b6, b7]);
        Some(match kind {
            proto::HOPOPTS => ExtHeader::HopByHop {
                next_header,
                len,
                options: Options::of_header(header),
            },
            proto::DSTOPTS => ExtHeader::Destination {
                next_header,
                len,
                options: Options::of_header(header),
            },
            proto::ROUTING => {
                let data = header.get(4..).unwrap_or_default();
                ExtHeader::Routing {
                    next_header,
                    len,
                    kind: b2,
                    segments_left: b3,
                    data,
                }
            }
            proto::FRAGMENT => ExtHeader::Fragment {
                next_header,
                reserved: len,
                offset: u16::from_be_bytes([b2, b3]) >> 3,
                reserved2: (b3 >> 1) & 3,
                more: b3 & 1 != 0,
                id: word,
            },
            proto::AH => ExtHeader::Authentication {
                next_header,
                len,
                reserved: u16::from_be_bytes([b2, b3]),
                spi: word,
                seq: header
                    .get(8..12)
                    .and_then(|b| b.first_chunk())
                    .map(|&b| u32::from_be_bytes(b)),
                data: header.get(12..).filter(|data| !data.is_empty()),
            },
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::hex;
    use crate::net::ip;
    use crate::Snap;

    fn packet(next: &str, rest: &str) -> Vec<u8> {
        let rest = hex(rest);
        let mut bytes = hex(&format!(
            "60000000 {:04x} {next} 40 {}",
            rest.len(),
            "00".repeat(32)
        ));
        bytes.extend(rest);
        bytes
    }

    #[test]
    fn options_with_padding() {
        let options: Vec<_> = Options::new(&[0, 1, 2, 9, 9, 0xc2, 1, 7]).collect();
        let expected = [(0, 0, &[][..]), (1, 2, &[9, 9]), (0xc2, 1, &[7])];
        assert_eq!(
            options,
            expected.map(|(kind, len, data)| Ok(HeaderOption { kind, len, data }))
        );
        assert_eq!(Options::new(&[1, 3, 0, 0]).collect::<Vec<_>>(), [Err(BadOption)]);
        assert_eq!(Options::new(&[0, 1]).last(), Some(Err(BadOption)));
    }

    #[test]
    fn headers_in_order() {
        let text = "2b00 0104 00000000 2c00 0403 aabbccdd 3300 0017 00000007 3204 1234 00000001 00000002 \
                    0102030405060708090a0b0c 00000003 00000004 ffff";
        let bytes = packet("00", text);
        let view = ip::parse(Snap::whole(&bytes)).expect("packet");
        // The fragment ends the walk of the decoder, and so the headers shown.
        let headers: Vec<_> = view.ext_headers().collect();
        assert_eq!(headers.iter().map(ExtHeader::id).collect::<Vec<_>>(), [0, 43, 44]);
        let routing = ExtHeader::Routing {
            next_header: 44,
            len: 0,
            kind: 4,
            segments_left: 3,
            data: &[0xaa, 0xbb, 0xcc, 0xdd],
        };
        assert_eq!(headers[1], routing);
        let fragment = ExtHeader::Fragment {
            next_header: 51,
            reserved: 0,
            offset: 2,
            reserved2: 3,
            more: true,
            id: 7,
        };
        assert_eq!(headers[2], fragment);
    }

    #[test]
    fn authentication_and_esp() {
        let text = "3204 1234 00000001 00000002 0102030405060708090a0b0c 00000003 00000004 ffff";
        let bytes = packet("33", text);
        let view = ip::parse(Snap::whole(&bytes)).expect("packet");
        let headers: Vec<_> = view.ext_headers().collect();
        let data = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
        let authentication = ExtHeader::Authentication {
            next_header: 50,
            len: 4,
            reserved: 0x1234,
            spi: 1,
            seq: Some(2),
            data: Some(&data),
        };
        assert_eq!(headers, [authentication, ExtHeader::Esp { spi: 3, seq: 4 }]);
    }

    #[test]
    fn a_mobility_header_comes_last() {
        let bytes = packet("87", "3b01 0100 d88d 0000 0000000000000001");
        let view = ip::parse(Snap::whole(&bytes)).expect("packet");
        assert_eq!(view.protocol, proto::MOBILITY);
        assert_eq!(
            view.ext_headers().map(|h| h.id()).collect::<Vec<_>>(),
            [proto::MOBILITY]
        );
    }
}
