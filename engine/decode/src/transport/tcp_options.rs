//! The options of a TCP header, decoded one by one as they are asked for.

use crate::cursor::Cursor;
use crate::{Malformed, Weird};

/// Numbers of options.
pub mod kind {
    /// End of the list.
    pub const END: u8 = 0;
    /// Padding.
    pub const NOP: u8 = 1;
    /// Maximum segment size (RFC 9293).
    pub const MSS: u8 = 2;
    /// Window scale (RFC 7323).
    pub const WINDOW_SCALE: u8 = 3;
    /// Selective acknowledgements permitted (RFC 2018).
    pub const SACK_PERMITTED: u8 = 4;
    /// Selective acknowledgement (RFC 2018).
    pub const SACK: u8 = 5;
    /// Timestamps (RFC 7323).
    pub const TIMESTAMPS: u8 = 8;
    /// Quick-Start response (RFC 4782).
    pub const QUICK_START: u8 = 27;
    /// Multipath TCP (RFC 8684).
    pub const MPTCP: u8 = 30;
}

/// An option as it stands in the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TcpOption<'a> {
    /// Its number.
    pub kind: u8,
    /// Its length with kind and length field; 1 for those that consist of their kind.
    pub length: u8,
    /// What follows kind and length field.
    pub data: &'a [u8],
}

/// What an option says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// End of the list.
    End,
    /// Padding.
    Nop,
    /// Maximum segment size in bytes.
    Mss(u16),
    /// Window scale: the shift count.
    WindowScale(u8),
    /// Selective acknowledgements permitted.
    SackPermitted,
    /// Selective acknowledgement.
    Sack(SackBlocks<'a>),
    /// Timestamps: the sender's and the echoed one.
    Timestamps {
        /// The sender's clock.
        send: u32,
        /// The clock of the other side that this answers.
        echo: u32,
    },
    /// Quick-Start response.
    QuickStart {
        /// Rate request, 4 bits.
        rate: u8,
        /// TTL difference.
        ttl_diff: u8,
        /// Nonce, 30 bits.
        nonce: u32,
    },
    /// Multipath TCP, from its subtype on.
    Mptcp(&'a [u8]),
    /// Another option, or one of the above with the wrong length.
    Other,
}

/// The blocks of a selective acknowledgement: left and right edges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SackBlocks<'a> {
    data: &'a [u8],
}

impl Iterator for SackBlocks<'_> {
    type Item = (u32, u32);

    fn next(&mut self) -> Option<(u32, u32)> {
        let (&[l0, l1, l2, l3, r0, r1, r2, r3], rest) = self.data.split_first_chunk::<8>()?;
        self.data = rest;
        Some((
            u32::from_be_bytes([l0, l1, l2, l3]),
            u32::from_be_bytes([r0, r1, r2, r3]),
        ))
    }
}

impl<'a> TcpOption<'a> {
    /// What the option says.
    pub fn value(&self) -> Value<'a> {
        self.known().unwrap_or(Value::Other)
    }

    fn known(&self) -> Option<Value<'a>> {
        let mut cursor = Cursor::new(self.data);
        let value = match self.kind {
            kind::END => Value::End,
            kind::NOP => Value::Nop,
            kind::MSS => Value::Mss(cursor.be16()?),
            kind::WINDOW_SCALE => Value::WindowScale(cursor.u8()?),
            kind::SACK_PERMITTED => Value::SackPermitted,
            kind::SACK if self.data.len() % 8 == 0 => {
                return Some(Value::Sack(SackBlocks { data: self.data }));
            }
            kind::TIMESTAMPS => Value::Timestamps {
                send: cursor.be32()?,
                echo: cursor.be32()?,
            },
            kind::QUICK_START => {
                let (rate, ttl_diff, nonce) = (cursor.u8()? & 0x0f, cursor.u8()?, cursor.be32()? >> 2);
                Value::QuickStart {
                    rate,
                    ttl_diff,
                    nonce,
                }
            }
            kind::MPTCP => return Some(Value::Mptcp(self.data)),
            _ => return None,
        };
        (cursor.remaining() == 0).then_some(value)
    }
}

/// The options of a header. Ends with the end-of-list option, or after the first that does not fit, which it
/// yields as an error (`corrupt_tcp_option`, about the connection).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TcpOptions<'a> {
    data: &'a [u8],
    pos: usize,
}

impl<'a> TcpOptions<'a> {
    /// The options in these bytes, which are what the header has behind its first 20.
    #[inline]
    pub fn new(data: &'a [u8]) -> Self {
        TcpOptions { data, pos: 0 }
    }

    fn long(&mut self, kind: u8) -> Option<TcpOption<'a>> {
        let &length = self.data.get(self.pos + 1)?;
        let data = self.data.get(self.pos + 2..self.pos + usize::from(length))?;
        self.pos += usize::from(length);
        Some(TcpOption { kind, length, data })
    }
}

impl<'a> Iterator for TcpOptions<'a> {
    type Item = Result<TcpOption<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        let &kind = self.data.get(self.pos)?;
        if matches!(kind, kind::END | kind::NOP) {
            self.pos = if kind == kind::END {
                self.data.len()
            } else {
                self.pos + 1
            };
            return Some(Ok(TcpOption {
                kind,
                length: 1,
                data: &[],
            }));
        }
        let start = self.pos;
        Some(self.long(kind).ok_or_else(|| {
            self.pos = self.data.len();
            Weird::connection("corrupt_tcp_option", "TCP").fatal(start)
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::hex;

    fn values(bytes: &[u8]) -> Vec<Value<'_>> {
        TcpOptions::new(bytes)
            .map(|option| option.expect("option").value())
            .collect()
    }

    #[test]
    fn the_options_of_a_syn() {
        let bytes = hex("020405b4 01 030305 0101 080a164add1900000001 0402 0000");
        let expected = [
            Value::Mss(1460),
            Value::Nop,
            Value::WindowScale(5),
            Value::Nop,
            Value::Nop,
            Value::Timestamps {
                send: 0x164a_dd19,
                echo: 1,
            },
            Value::SackPermitted,
            Value::End,
        ];
        assert_eq!(values(&bytes), expected);
    }

    #[test]
    fn selective_acknowledgements() {
        let bytes = hex("0512 00000001 00000002 00000003 00000004");
        let [Value::Sack(blocks)] = values(&bytes)[..] else {
            panic!("no blocks")
        };
        assert_eq!(blocks.collect::<Vec<_>>(), [(1, 2), (3, 4)]);
        assert_eq!(values(&hex("0506 00000001")), [Value::Other]);
    }

    #[test]
    fn rarer_options() {
        let bytes = hex("1b08 f5 07 0000000c 1e04 1234 fd03 01");
        let expected = [
            Value::QuickStart {
                rate: 5,
                ttl_diff: 7,
                nonce: 3,
            },
            Value::Mptcp(&[0x12, 0x34]),
            Value::Other,
        ];
        assert_eq!(values(&bytes), expected);
        let options: Vec<_> = TcpOptions::new(&bytes)
            .map(|o| o.map(|o| (o.kind, o.length, o.data.len())))
            .collect();
        assert_eq!(options, [Ok((27, 8, 6)), Ok((30, 4, 2)), Ok((253, 3, 1))]);
    }

    #[test]
    fn wrong_lengths() {
        assert_eq!(values(&hex("0203 05 0304 0102 0403 00")), [Value::Other; 3]);
        for text in ["02", "0200", "0201", "020405", "01 0204"] {
            let bytes = hex(text);
            let last = TcpOptions::new(&bytes).last().expect("one");
            assert_eq!(last.expect_err("corrupt").name(), "corrupt_tcp_option", "{text}");
            assert!(TcpOptions::new(&bytes).count() <= 2);
        }
    }
}
