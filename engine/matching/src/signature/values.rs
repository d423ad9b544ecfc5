//! Parsing header conditions: fields, comparisons and values.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::parser::{unknown, Parsed, Parser};
use super::scanner::parse_integer;
use super::{
    Address, Comparison, Condition, Header, HeaderField, HeaderTest, Position, SignatureError, TestValue,
};

impl Parser<'_> {
    pub(super) fn comparison(&mut self) -> Parsed<Comparison> {
        for (sign, comparison) in [
            ("==", Comparison::Equal),
            ("!=", Comparison::NotEqual),
            ("<=", Comparison::LessOrEqual),
            (">=", Comparison::GreaterOrEqual),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ] {
            if self.scanner.take(sign) {
                return Ok(comparison);
            }
        }
        self.scanner.peek();
        let found = self.scanner.describe();
        Err(self.scanner.error_here(format!(
            "a comparison expected (one of == != < <= > >=), but here is {found}"
        )))
    }

    pub(super) fn header_test(&mut self, field: HeaderField) -> Parsed<Condition> {
        let comparison = self.comparison()?;
        let values = self.list(|parser| parser.value(field))?;
        Ok(Condition::Header(HeaderTest {
            field,
            comparison,
            values,
        }))
    }

    /// `proto[offset:size]`, and perhaps `& mask`.
    pub(super) fn header_bytes(&mut self) -> Parsed<HeaderField> {
        const NAMES: [&str; 6] = ["ip", "ip6", "tcp", "udp", "icmp", "icmp6"];
        let header = match self.scanner.word() {
            Some(("ip", _)) => Header::Ip,
            Some(("ip6", _)) => Header::Ip6,
            Some(("tcp", _)) => Header::Tcp,
            Some(("udp", _)) => Header::Udp,
            Some(("icmp", _)) => Header::Icmp,
            Some(("icmp6", _)) => Header::Icmp6,
            Some((other, position)) => {
                return Err(SignatureError {
                    position,
                    message: unknown("header", other, NAMES),
                });
            }
            None => {
                return Err(self
                    .scanner
                    .error_here(format!("a header expected: one of {}", NAMES.join(", "))))
            }
        };
        self.scanner.expect("[", "before the place in the header")?;
        let offset = self.scanner.integer("the offset in the header", 65_535)? as u32;
        self.scanner
            .expect(":", "between offset and size, as in ip[16:4]")?;
        self.scanner.peek();
        let wrong_size = self.scanner.error_here("the size must be 1, 2 or 4 bytes");
        let size = self.scanner.integer("the size", 4)? as u8;
        if !matches!(size, 1 | 2 | 4) {
            return Err(wrong_size);
        }
        self.scanner.expect("]", "after the place in the header")?;
        let mask = if self.scanner.take("&") {
            self.scanner.integer("the mask", u64::from(u32::MAX))? as u32
        } else {
            u32::MAX
        };
        Ok(HeaderField::Bytes {
            header,
            offset,
            size,
            mask,
        })
    }

    fn value(&mut self, field: HeaderField) -> Parsed<TestValue> {
        match self.scanner.peek() {
            Some(b'[') => self.address_value(field),
            Some(byte) if byte.is_ascii_digit() => match field {
                HeaderField::SourceAddress | HeaderField::DestinationAddress => self.address_value(field),
                _ => self.integer_value(field),
            },
            _ => match self.scanner.word() {
                Some((word, position)) => named_value(field, word, position),
                None => Err(self.scanner.error_here(format!(
                    "a value expected, but here is {}",
                    self.scanner.describe()
                ))),
            },
        }
    }

    /// An address, a subnet, or a range of addresses.
    fn address_value(&mut self, field: HeaderField) -> Parsed<TestValue> {
        if !matches!(
            field,
            HeaderField::SourceAddress | HeaderField::DestinationAddress
        ) {
            return Err(self
                .scanner
                .error_here("an integer expected; IPv6 addresses go with src-ip and dst-ip only"));
        }
        let (low, position) = self.address()?;
        if self.scanner.take("/") {
            let most = if low.is_ipv4() { 32 } else { 128 };
            let length = self.scanner.integer("the length of the subnet", most)? as u8;
            let subnet = Address::subnet(low, length).map(TestValue::Address);
            return subnet.ok_or_else(|| SignatureError {
                position,
                message: "this subnet does not exist".to_owned(),
            });
        }
        let high = if self.scanner.take("-") {
            self.address()?.0
        } else {
            low
        };
        let message = "this range must go from a lower to a higher address of the same kind".to_owned();
        Address::range(low, high)
            .map(TestValue::Address)
            .ok_or(SignatureError { position, message })
    }

    fn address(&mut self) -> Parsed<(IpAddr, Position)> {
        if self.scanner.peek() == Some(b'[') {
            let (text, position) = self.scanner.bracketed()?;
            return match text.parse::<Ipv6Addr>() {
                // Scripts treat a mapped address as the IPv4 address it maps, and so do the packets compared.
                Ok(address) => Ok((
                    address.to_ipv4_mapped().map_or(address.into(), IpAddr::V4),
                    position,
                )),
                Err(_) => Err(SignatureError {
                    position,
                    message: "this is no IPv6 address".to_owned(),
                }),
            };
        }
        match self.scanner.numeral() {
            Some((text, position)) => match text.parse::<Ipv4Addr>() {
                Ok(address) => Ok((address.into(), position)),
                Err(_) => {
                    let message = "this is no address; IPv4 is written 1.2.3.4, IPv6 [fe80::1]".to_owned();
                    Err(SignatureError { position, message })
                }
            },
            None => Err(self.scanner.error_here("an address expected")),
        }
    }

    /// An integer, one with a mask, or a range of integers. Four bytes may be written as an IPv4 address.
    fn integer_value(&mut self, field: HeaderField) -> Parsed<TestValue> {
        let max = match field {
            HeaderField::Protocol | HeaderField::Bytes { size: 1, .. } => 0xff,
            HeaderField::Bytes { size: 4, .. } => 0xffff_ffff,
            _ => 0xffff,
        };
        let low = self.number(max)?;
        if matches!(field, HeaderField::Bytes { .. }) && self.scanner.take("/") {
            let length = self.scanner.integer("the length of the mask", 32)?;
            let mask = u32::MAX.checked_shr(length as u32).map_or(u32::MAX, |host| !host);
            // As with a subnet, what the mask leaves out of the value does not count.
            let value = low & u64::from(mask);
            return Ok(TestValue::Integer {
                low: value,
                high: value,
                mask,
            });
        }
        let high = if self.scanner.take("-") {
            let error = self
                .scanner
                .error_here("the end of this range comes before its beginning");
            let high = self.number(max)?;
            if high < low {
                return Err(error);
            }
            high
        } else {
            low
        };
        Ok(TestValue::Integer {
            low,
            high,
            mask: u32::MAX,
        })
    }

    fn number(&mut self, max: u64) -> Parsed<u64> {
        let Some((text, position)) = self.scanner.numeral() else {
            return Err(self.scanner.error_here(format!(
                "an integer expected, but here is {}",
                self.scanner.describe()
            )));
        };
        let value = match text.parse::<Ipv4Addr>() {
            Ok(address) => Some(u64::from(u32::from(address))),
            Err(_) => parse_integer(text),
        };
        let message = || format!("the value must be an integer from 0 to {max}");
        value.filter(|&value| value <= max).ok_or_else(|| SignatureError {
            position,
            message: message(),
        })
    }
}

/// A word among values: a protocol, or a script variable.
fn named_value(field: HeaderField, word: &str, position: Position) -> Parsed<TestValue> {
    if field != HeaderField::Protocol {
        return Ok(TestValue::Name(word.to_owned(), position));
    }
    let number = match word {
        "icmp" => 1,
        "tcp" => 6,
        "udp" => 17,
        "icmp6" => 58,
        "ip" | "ip6" => return Ok(TestValue::AnyProtocol),
        other => {
            let message = unknown("protocol", other, ["tcp", "udp", "icmp", "icmp6", "ip", "ip6"]);
            return Err(SignatureError { position, message });
        }
    };
    Ok(TestValue::Integer {
        low: number,
        high: number,
        mask: u32::MAX,
    })
}
