//! The pcapng format (draft-ietf-opsawg-pcapng): blocks with a type and their length before and after the body.
//!
//! A file is a row of sections, each with its own byte order and interfaces, and each interface has its own link type,
//! time resolution and time offset.  Blocks that hold no packets are skipped without being kept in memory.

use super::parse::{Fault, Found, Record};
use super::window::{Fill, Window};
use super::MAX_CAPTURED;
use crate::link::LinkType;
use crate::packet::Timestamp;
use crate::source::Resolution;

/// Type of a section header block; the same in both byte orders.
pub(super) const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
/// The obsolete packet block.
const PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;

const BYTE_ORDER_MAGIC: u32 = 0x1a2b_3c4d;

/// Type, length and the length again.
const SMALLEST_BLOCK: u32 = 12;
/// ... with byte-order magic, version and section length.
const SMALLEST_SECTION_HEADER: u32 = 28;

/// Largest block that is looked into, in bytes (others can be skipped at any size).  Packets are at most
/// [`MAX_CAPTURED`] long; the rest is room for options.
const MAX_BLOCK: u32 = 16 * 1024 * 1024;

/// Most interfaces of one section.  Real captures have a handful; each costs a few dozen bytes.
const MAX_INTERFACES: usize = 65_536;

const OPTION_END: u16 = 0;
const OPTION_TIME_RESOLUTION: u16 = 9;
const OPTION_TIME_OFFSET: u16 = 14;

const NANOS_PER_SECOND: i128 = 1_000_000_000;

/// Length of a time unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    /// That many nanoseconds.
    Nanos(u64),
    /// A nanosecond has that many units.
    PerNano(u64),
    /// 2^-n seconds, n at most 127.
    Binary(u32),
}

impl Unit {
    /// From the value of the option if_tsresol; none if it is too fine to be a time.
    fn from_option(value: u8) -> Option<Self> {
        let exponent = u32::from(value & 0x7f);
        if value & 0x80 != 0 {
            return Some(Unit::Binary(exponent));
        }
        match exponent {
            0..=9 => Some(Unit::Nanos(10u64.pow(9 - exponent))),
            _ => 10u64.checked_pow(exponent - 9).map(Unit::PerNano),
        }
    }

    fn resolution(self) -> Resolution {
        match self {
            Unit::Nanos(n) if n >= 1_000 => Resolution::Micro,
            // 2^-19 s are 1.9 µs, 2^-20 s are less than 1 µs.
            Unit::Binary(n) if n < 20 => Resolution::Micro,
            _ => Resolution::Nano,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Interface {
    link_type: LinkType,
    /// Snapshot length, which a simple packet block needs to tell how long its packet is.
    snaplen: u32,
    unit: Unit,
    /// Seconds to add to each time.
    offset: i64,
}

impl Interface {
    /// Time of a packet.  What is outside the range of a [`Timestamp`] becomes the end of the range.
    fn time(&self, high: u32, low: u32) -> Timestamp {
        let units = (u64::from(high) << 32) | u64::from(low);
        let nanos = match self.unit {
            Unit::Nanos(n) => u128::from(units) * u128::from(n),
            Unit::PerNano(n) => u128::from(units / n.max(1)),
            Unit::Binary(n) => (u128::from(units) * 1_000_000_000).checked_shr(n).unwrap_or(0),
        };
        // Below 2^94, so the sum cannot overflow either.
        let nanos = nanos as i128 + i128::from(self.offset) * NANOS_PER_SECOND;
        let nanos = nanos.clamp(i128::from(i64::MIN), i128::from(i64::MAX));
        Timestamp::from_nanos(nanos as i64)
    }
}

#[derive(Debug)]
pub(super) struct Pcapng {
    big_endian: bool,
    /// Interfaces of the current section.
    interfaces: Vec<Interface>,
    /// Number of interfaces in the sections before.
    earlier_interfaces: u32,
    /// Bytes still to be skipped, and the length that follows them.
    skipping: Option<(u64, u32)>,
    /// Time of the last packet: simple packet blocks have none and get this one.
    last: Timestamp,
    resolution: Resolution,
    link_type: Option<LinkType>,
    packets: u64,
}

/// Reads numbers from a block's body, in the section's byte order.
#[derive(Clone, Copy)]
struct Body<'a> {
    bytes: &'a [u8],
    big_endian: bool,
}

impl<'a> Body<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.bytes.split_at_checked(n)?;
        self.bytes = tail;
        Some(head)
    }
    fn short(&mut self) -> Option<u16> {
        let bytes = self.take(2)?.try_into().ok()?;
        Some(if self.big_endian {
            u16::from_be_bytes(bytes)
        } else {
            u16::from_le_bytes(bytes)
        })
    }
    fn long(&mut self) -> Option<u32> {
        let bytes = self.take(4)?.try_into().ok()?;
        Some(if self.big_endian {
            u32::from_be_bytes(bytes)
        } else {
            u32::from_le_bytes(bytes)
        })
    }
    fn longer(&mut self) -> Option<u64> {
        let bytes = self.take(8)?.try_into().ok()?;
        Some(if self.big_endian {
            u64::from_be_bytes(bytes)
        } else {
            u64::from_le_bytes(bytes)
        })
    }
}

impl Pcapng {
    pub fn new() -> Self {
        Self {
            big_endian: false,
            interfaces: Vec::new(),
            earlier_interfaces: 0,
            skipping: None,
            last: Timestamp::default(),
            resolution: Resolution::Micro,
            link_type: None,
            packets: 0,
        }
    }

    /// Link type of the last packet, or of the first interface before the first packet.
    pub fn link_type(&self) -> Option<LinkType> {
        self.link_type
    }

    pub fn resolution(&self) -> Resolution {
        self.resolution
    }

    /// Finds the next packet in the window, which is at the start of a block; the very first one is a section header.
    #[inline]
    pub fn advance(&mut self, window: &mut Window) -> Result<Found, Fault> {
        loop {
            if self.skipping.is_some() && !self.skip(window)? {
                return Ok(Found::Wait);
            }
            match window.fill(SMALLEST_BLOCK as usize) {
                Fill::Ready => {}
                Fill::Wait => return Ok(Found::Wait),
                Fill::Short if window.bytes().is_empty() => return Ok(Found::End),
                Fill::Short => {
                    return Err(Fault::truncated(format!(
                        "a block has at least {SMALLEST_BLOCK} bytes, only {} are there",
                        window.bytes().len()
                    )))
                }
            }
            let Some((kind, length)) = self.block_header(window.bytes())? else {
                return Ok(Found::Wait); // cannot be: the window is full
            };
            let known = matches!(
                kind,
                SECTION_HEADER | INTERFACE_DESCRIPTION | ENHANCED_PACKET | SIMPLE_PACKET | PACKET
            );
            if !known {
                self.skipping = Some((u64::from(length) - 4, length));
                continue;
            }
            if length > MAX_BLOCK {
                return Err(Fault::corrupt(format!(
                    "a block of type {kind:#x} has a length of {length} bytes, more than the limit of {MAX_BLOCK}"
                )));
            }
            let size = length as usize;
            match window.fill(size) {
                Fill::Ready => {}
                Fill::Wait => return Ok(Found::Wait),
                Fill::Short => {
                    return Err(Fault::truncated(format!(
                        "a block of type {kind:#x} has {length} bytes, only {} are there ({} packets came before)",
                        window.bytes().len(),
                        self.packets
                    )))
                }
            }
            let body = self.body(window.bytes(), length)?;
            match kind {
                SECTION_HEADER => self.section(body)?,
                INTERFACE_DESCRIPTION => self.interface(body)?,
                _ => return self.packet(kind, body, size).map(Found::Record),
            }
            window.consume(size);
        }
    }

    /// Type and length of the block.  A section header sets the byte order first.
    fn block_header(&mut self, bytes: &[u8]) -> Result<Option<(u32, u32)>, Fault> {
        let Some([t1, t2, t3, t4, l1, l2, l3, l4, m1, m2, m3, m4]) = bytes.first_chunk::<12>().copied()
        else {
            return Ok(None);
        };
        let mut smallest = SMALLEST_BLOCK;
        if u32::from_be_bytes([t1, t2, t3, t4]) == SECTION_HEADER {
            let magic = [m1, m2, m3, m4];
            self.big_endian = if u32::from_be_bytes(magic) == BYTE_ORDER_MAGIC {
                true
            } else if u32::from_le_bytes(magic) == BYTE_ORDER_MAGIC {
                false
            } else {
                return Err(Fault::corrupt("a section header without byte-order magic"));
            };
            smallest = SMALLEST_SECTION_HEADER;
        }
        let long = |bytes| {
            if self.big_endian {
                u32::from_be_bytes(bytes)
            } else {
                u32::from_le_bytes(bytes)
            }
        };
        let (kind, length) = (long([t1, t2, t3, t4]), long([l1, l2, l3, l4]));
        if length < smallest {
            return Err(Fault::corrupt(format!(
                "a block of type {kind:#x} has a length of {length} bytes, less than the possible {smallest}"
            )));
        }
        if length % 4 != 0 {
            return Err(Fault::corrupt(format!(
                "a block of type {kind:#x} has a length of {length} bytes, which is not a multiple of 4"
            )));
        }
        Ok(Some((kind, length)))
    }

    /// The body of a block that is in view as a whole; checks the length after it.
    fn body<'a>(&self, bytes: &'a [u8], length: u32) -> Result<Body<'a>, Fault> {
        let big_endian = self.big_endian;
        let size = length as usize;
        let mut trailer = Body {
            bytes: bytes.get(size - 4..size).unwrap_or_default(),
            big_endian,
        };
        self.check_trailer(length, trailer.long())?;
        Ok(Body {
            bytes: bytes.get(8..size - 4).unwrap_or_default(),
            big_endian,
        })
    }

    fn check_trailer(&self, length: u32, after: Option<u32>) -> Result<(), Fault> {
        match after {
            Some(after) if after != length => Err(Fault::corrupt(format!(
                "a block has a length of {length} bytes before its body and of {after} after it"
            ))),
            _ => Ok(()),
        }
    }

    /// Skips a block of no interest piece by piece; false if bytes are still to come.
    fn skip(&mut self, window: &mut Window) -> Result<bool, Fault> {
        while let Some((left, length)) = self.skipping {
            let need = if left > 0 { 1 } else { 4 };
            match window.fill(need) {
                Fill::Ready => {}
                Fill::Wait => return Ok(false),
                Fill::Short => {
                    return Err(Fault::truncated(format!(
                        "a block of {length} bytes lacks its last {} ({} packets came before)",
                        left + 4 - window.bytes().len() as u64,
                        self.packets
                    )))
                }
            }
            let there = window.bytes().len() as u64;
            if left > 0 {
                let n = left.min(there);
                // At most what is in view, so it fits.
                window.consume(n as usize);
                self.skipping = Some((left - n, length));
            } else {
                let mut trailer = Body {
                    bytes: window.bytes(),
                    big_endian: self.big_endian,
                };
                self.check_trailer(length, trailer.long())?;
                window.consume(4);
                self.skipping = None;
            }
        }
        Ok(true)
    }

    fn section(&mut self, mut body: Body<'_>) -> Result<(), Fault> {
        let too_short = || Fault::corrupt("a section header that is too short");
        body.long().ok_or_else(too_short)?; // the byte-order magic
        let (major, minor) = body.short().zip(body.short()).ok_or_else(too_short)?;
        // 1.2 was written by mistake and is the same as 1.0.
        if major != 1 || !matches!(minor, 0 | 2) {
            return Err(Fault::unsupported(format!(
                "pcapng files of version {major}.{minor} cannot be read, only 1.0 and 1.2"
            )));
        }
        // The length of the section is of no use when reading it whole.
        let count = u32::try_from(self.interfaces.len()).unwrap_or(u32::MAX);
        self.earlier_interfaces = self.earlier_interfaces.saturating_add(count);
        self.interfaces.clear();
        Ok(())
    }

    fn interface(&mut self, mut body: Body<'_>) -> Result<(), Fault> {
        let too_short = || Fault::corrupt("an interface description that is too short");
        if self.interfaces.len() >= MAX_INTERFACES {
            return Err(Fault::corrupt(format!(
                "a section describes more than {MAX_INTERFACES} interfaces"
            )));
        }
        let (link_type, _reserved) = body.short().zip(body.short()).ok_or_else(too_short)?;
        let snaplen = body.long().ok_or_else(too_short)?;
        let mut interface = Interface {
            link_type: LinkType::from_file(u32::from(link_type)),
            snaplen: if snaplen == 0 { u32::MAX } else { snaplen },
            unit: Unit::Nanos(1_000),
            offset: 0,
        };
        while !body.bytes.is_empty() {
            let bad =
                || Fault::corrupt("an interface description with an option that is longer than its block");
            let (code, length) = body.short().zip(body.short()).ok_or_else(bad)?;
            if code == OPTION_END {
                break;
            }
            let mut value = Body {
                bytes: body.take(usize::from(length)).ok_or_else(bad)?,
                ..body
            };
            // Padding to 4 bytes; writers forget it at the end.
            let padding = (4 - usize::from(length) % 4) % 4;
            body.take(padding.min(body.bytes.len()));
            match code {
                OPTION_TIME_RESOLUTION => {
                    let exponent = value.take(1).and_then(|v| v.first().copied());
                    let exponent = exponent.ok_or_else(|| Fault::corrupt("an empty time resolution"))?;
                    interface.unit = Unit::from_option(exponent).ok_or_else(|| {
                        Fault::corrupt(format!(
                            "an interface with a time resolution of 10^-{exponent} seconds"
                        ))
                    })?;
                }
                OPTION_TIME_OFFSET => {
                    let offset = value
                        .longer()
                        .ok_or_else(|| Fault::corrupt("a too short time offset"))?;
                    interface.offset = offset as i64; // two's complement in the file
                }
                _ => {}
            }
        }
        self.resolution = self.resolution.max(interface.unit.resolution());
        self.link_type = self.link_type.or(Some(interface.link_type));
        self.interfaces.push(interface);
        Ok(())
    }

    /// A packet of any of the three kinds of blocks.
    fn packet(&mut self, kind: u32, mut body: Body<'_>, size: usize) -> Result<Record, Fault> {
        let too_short = || Fault::corrupt("a packet block that is too short for its header");
        // Bytes of the block before the packet.
        let (start, id, time, captured, original_len) = match kind {
            SIMPLE_PACKET => {
                let original = body.long().ok_or_else(too_short)?;
                let there = u32::try_from(body.bytes.len()).unwrap_or(u32::MAX);
                let snaplen = self.interfaces.first().map_or(u32::MAX, |i| i.snaplen);
                (12, 0, None, original.min(snaplen).min(there), original)
            }
            _ => {
                // The obsolete block has an interface number of 16 bits and a count of drops in the place of 32 bits.
                let id = match kind {
                    PACKET => body.short().zip(body.short()).map(|(id, _drops)| u32::from(id)),
                    _ => body.long(),
                };
                let id = id.ok_or_else(too_short)?;
                let time = body.long().zip(body.long()).ok_or_else(too_short)?;
                let (captured, original) = body.long().zip(body.long()).ok_or_else(too_short)?;
                (28, id, Some(time), captured, original)
            }
        };
        let interface = usize::try_from(id)
            .ok()
            .and_then(|id| self.interfaces.get(id))
            .ok_or_else(|| {
                Fault::corrupt(format!(
                    "packet {} is of interface {id}, but {} interfaces are described",
                    self.packets + 1,
                    self.interfaces.len()
                ))
            })?;
        if captured > MAX_CAPTURED || captured as usize > body.bytes.len() {
            return Err(Fault::corrupt(format!(
                "packet {} would have {captured} captured bytes, but its block has room for {} and the limit is \
                 {MAX_CAPTURED}",
                self.packets + 1,
                body.bytes.len()
            )));
        }
        let ts = time.map_or(self.last, |(high, low)| interface.time(high, low));
        let link_type = interface.link_type;
        self.last = ts;
        self.link_type = Some(link_type);
        self.packets += 1;
        Ok(Record {
            ts,
            start,
            captured: captured as usize,
            original_len,
            link_type,
            interface: self.earlier_interfaces.saturating_add(id),
            size,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interface(option: u8, offset: i64) -> Interface {
        let unit = Unit::from_option(option).unwrap();
        Interface {
            link_type: LinkType::ETHERNET,
            snaplen: 0,
            unit,
            offset,
        }
    }

    fn nanos(option: u8, offset: i64, units: u64) -> i64 {
        interface(option, offset)
            .time((units >> 32) as u32, units as u32)
            .nanos()
    }

    #[test]
    fn time_units_of_all_kinds() {
        assert_eq!(nanos(6, 0, 1_700_000_000_123_456), 1_700_000_000_123_456_000);
        assert_eq!(nanos(9, 0, 1_700_000_000_123_456_789), 1_700_000_000_123_456_789);
        assert_eq!(nanos(12, 0, 1_234_567), 1_234);
        assert_eq!(nanos(0, 0, 7), 7_000_000_000);
        assert_eq!(nanos(0x80 | 10, 0, 1024 + 512), 1_500_000_000);
        assert_eq!(nanos(0x80 | 32, 0, 1 << 31), 500_000_000);
        assert_eq!(nanos(6, 1_000, 500_000), 1_000_500_000_000);
        assert_eq!(nanos(6, -1, 500_000), -500_000_000);
    }

    #[test]
    fn times_beyond_the_range_stay_at_its_end() {
        assert_eq!(nanos(0, 0, u64::MAX), i64::MAX);
        assert_eq!(nanos(0, i64::MAX, u64::MAX), i64::MAX);
        assert_eq!(nanos(9, i64::MIN, 0), i64::MIN);
        assert_eq!(nanos(0xff, 0, u64::MAX), 0);
        assert!(Unit::from_option(127).is_none());
        assert!(Unit::from_option(28).is_some());
    }

    #[test]
    fn resolution_is_nano_when_finer_than_a_microsecond() {
        for (option, resolution) in [
            (0, Resolution::Micro),
            (6, Resolution::Micro),
            (7, Resolution::Nano),
            (9, Resolution::Nano),
            (12, Resolution::Nano),
            (0x80 | 19, Resolution::Micro),
            (0x80 | 20, Resolution::Nano),
        ] {
            assert_eq!(
                Unit::from_option(option).unwrap().resolution(),
                resolution,
                "{option}"
            );
        }
    }
}
