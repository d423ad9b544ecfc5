//! The mobility header of Mobile IPv6 (RFC 6275, 6.1).

use std::net::Ipv6Addr;

use super::ipv6_ext::Options;
use crate::cursor::Cursor;
use crate::{Malformed, Weird};

/// A mobility header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header<'a> {
    /// Protocol of what follows; always 59, nothing.
    pub next_header: u8,
    /// Length in 8-byte units, not counting the first.
    pub len: u8,
    /// Type of the message.
    pub mh_type: u8,
    /// Reserved.
    pub reserved: u8,
    /// Checksum, with the pseudo-header.
    pub checksum: u16,
    /// The message.
    pub message: Message<'a>,
    /// Its options.
    pub options: Options<'a>,
}

/// The messages. Fields are as in the RFC; `life` is in units of four seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Message<'a> {
    /// 0: binding refresh request
    BindingRefreshRequest { reserved: u16 },
    /// 1: home test init
    HomeTestInit { reserved: u16, cookie: u64 },
    /// 2: care-of test init
    CareOfTestInit { reserved: u16, cookie: u64 },
    /// 3: home test
    HomeTest {
        nonce_index: u16,
        cookie: u64,
        token: u64,
    },
    /// 4: care-of test
    CareOfTest {
        nonce_index: u16,
        cookie: u64,
        token: u64,
    },
    /// 5: binding update
    BindingUpdate {
        seq: u16,
        acknowledge: bool,
        home: bool,
        link_local: bool,
        key: bool,
        life: u16,
    },
    /// 6: binding acknowledgement
    BindingAcknowledgement {
        status: u8,
        key: bool,
        seq: u16,
        life: u16,
    },
    /// 7: binding error
    BindingError { status: u8, home_address: Ipv6Addr },
    /// Any other type: its bytes; options are not told apart
    Other { data: &'a [u8] },
}

/// Decodes a mobility header.
///
/// Errors: `truncated_mobility_header` when the bytes end before the header or the message does.
pub fn parse(data: &[u8]) -> Result<Header<'_>, Malformed> {
    fields(data).ok_or_else(|| Weird::flow("truncated_mobility_header", "IP").fatal(data.len()))
}

fn fields(data: &[u8]) -> Option<Header<'_>> {
    let len = *data.get(1)?;
    let mut cursor = Cursor::new(data.get(..(usize::from(len) + 1) * 8)?);
    let (next_header, _len, mh_type, reserved) = (cursor.u8()?, cursor.u8()?, cursor.u8()?, cursor.u8()?);
    let checksum = cursor.be16()?;
    let message = match mh_type {
        0 => Message::BindingRefreshRequest {
            reserved: cursor.be16()?,
        },
        1 => Message::HomeTestInit {
            reserved: cursor.be16()?,
            cookie: cursor.be64()?,
        },
        2 => Message::CareOfTestInit {
            reserved: cursor.be16()?,
            cookie: cursor.be64()?,
        },
        3 => Message::HomeTest {
            nonce_index: cursor.be16()?,
            cookie: cursor.be64()?,
            token: cursor.be64()?,
        },
        4 => Message::CareOfTest {
            nonce_index: cursor.be16()?,
            cookie: cursor.be64()?,
            token: cursor.be64()?,
        },
        5 => {
            let (seq, flags, life) = (cursor.be16()?, cursor.be16()?, cursor.be16()?);
            Message::BindingUpdate {
                seq,
                acknowledge: flags & 0x8000 != 0,
                home: flags & 0x4000 != 0,
                link_local: flags & 0x2000 != 0,
                key: flags & 0x1000 != 0,
                life,
            }
        }
        6 => {
            let (status, flags) = (cursor.u8()?, cursor.u8()?);
            let (seq, life) = (cursor.be16()?, cursor.be16()?);
            Message::BindingAcknowledgement {
                status,
                key: flags & 0x80 != 0,
                seq,
                life,
            }
        }
        7 => {
            let (status, _reserved) = (cursor.u8()?, cursor.u8()?);
            Message::BindingError {
                status,
                home_address: cursor.array::<16>()?.into(),
            }
        }
        _ => Message::Other {
            data: cursor.take(cursor.remaining())?,
        },
    };
    Some(Header {
        next_header,
        len,
        mh_type,
        reserved,
        checksum,
        message,
        options: Options::new(cursor.rest()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::hex;

    fn message(text: &str) -> (Message<'static>, usize) {
        let bytes = hex(text).leak();
        let header = parse(bytes).expect("header");
        assert_eq!(usize::from(header.mh_type), usize::from(bytes[2]));
        (header.message, header.options.filter(Result::is_ok).count())
    }

    #[test]
    fn all_messages() {
        let cases = [
            (
                "3b00 0000 d1da 0001",
                Message::BindingRefreshRequest { reserved: 1 },
                0,
            ),
            (
                "3b01 0100 d88d 0000 0000000000000001",
                Message::HomeTestInit {
                    reserved: 0,
                    cookie: 1,
                },
                0,
            ),
            (
                "3b01 0200 d78d 0000 0000000000000002",
                Message::CareOfTestInit {
                    reserved: 0,
                    cookie: 2,
                },
                0,
            ),
            (
                "3b02 0300 d56a 000d 000000000000000f 00000000000000ff",
                Message::HomeTest {
                    nonce_index: 13,
                    cookie: 15,
                    token: 255,
                },
                0,
            ),
            (
                "3b02 0400 d56a 000d 000000000000000f 00000000000000ff",
                Message::CareOfTest {
                    nonce_index: 13,
                    cookie: 15,
                    token: 255,
                },
                0,
            ),
            (
                "3b01 0500 d56a 0007 a000 0009 0102 0000",
                Message::BindingUpdate {
                    seq: 7,
                    acknowledge: true,
                    home: false,
                    link_local: true,
                    key: false,
                    life: 9,
                },
                1,
            ),
            (
                "3b01 0600 d1da 0080 002a 0008 01020000",
                Message::BindingAcknowledgement {
                    status: 0,
                    key: true,
                    seq: 42,
                    life: 8,
                },
                1,
            ),
            (
                "3b02 0700 b0d8 0100 20010078000100320000000000000001",
                Message::BindingError {
                    status: 1,
                    home_address: "2001:78:1:32::1".parse().expect("address"),
                },
                0,
            ),
            ("3b00 0900 b0d8 0102", Message::Other { data: &[1, 2] }, 0),
        ];
        for (text, expected, options) in cases {
            assert_eq!(message(text), (expected, options), "{text}");
        }
    }

    #[test]
    fn truncated() {
        for text in [
            "",
            "3b",
            "3b01 0100 d88d 0000",
            "3b00 0100 d88d 0000",
            "3b01 0300 d56a 000d 000000000000000f",
        ] {
            assert_eq!(
                parse(&hex(text)).expect_err("short").name(),
                "truncated_mobility_header",
                "{text}"
            );
        }
    }
}
