//! Reading captures: classic and pcapng, plain and gzipped, large and small.
//!
//! The captures are made here.  To measure on one of your own: `BRO_BENCH_CAPTURE=FILE cargo bench -p bro-capture`.

#![allow(missing_docs)] // of what criterion's macros make

use std::fs::File;
use std::io::Write;
use std::path::Path;

use bro_capture::{CaptureFile, Next, PacketSource};
use criterion::{criterion_group, criterion_main, Criterion, Throughput};

/// Two full segments and an acknowledgement, as in a bulk transfer.
const SIZES: [usize; 3] = [1502, 1502, 54];

fn classic(packets: usize) -> Vec<u8> {
    let mut file = b"\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\0\0\0\0\0\0\xff\xff\0\0\x01\0\0\0".to_vec();
    for (n, size) in (0..packets).zip(SIZES.iter().cycle()) {
        let numbers = [n as u32 / 1000, n as u32 % 1000, *size as u32, *size as u32];
        file.extend(numbers.iter().flat_map(|n| n.to_le_bytes()));
        file.resize(file.len() + size, n as u8);
    }
    file
}

fn pcapng(packets: usize) -> Vec<u8> {
    let mut file = Vec::new();
    file.extend(
        b"\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a\x01\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\x1c\0\0\0",
    );
    file.extend(b"\x01\0\0\0\x14\0\0\0\x01\0\0\0\0\0\0\0\x14\0\0\0");
    for (n, size) in (0..packets).zip(SIZES.iter().cycle()) {
        let padded = size.div_ceil(4) * 4;
        let length = padded as u32 + 32;
        let numbers = [6, length, 0, 0, n as u32, *size as u32, *size as u32];
        file.extend(numbers.iter().flat_map(|n: &u32| n.to_le_bytes()));
        file.resize(file.len() + padded, n as u8);
        file.extend(length.to_le_bytes());
    }
    file
}

/// Reads a capture and looks at the start of each packet, where the headers are.
fn read(path: &Path) -> (u64, u64) {
    let mut source = CaptureFile::open(path).expect("open the capture");
    let (mut packets, mut sum) = (0, 0u64);
    loop {
        match source.next_packet().expect("read the capture") {
            Next::Packet(packet) => {
                packets += 1;
                let head = packet.captured.get(..48).unwrap_or_default();
                sum = head
                    .iter()
                    .fold(sum, |sum, byte| sum.wrapping_add(u64::from(*byte)));
            }
            Next::Pending => {}
            Next::End => return (packets, sum),
        }
    }
}

fn benches(c: &mut Criterion) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let mut cases = Vec::new();
    for (name, data, packets) in [
        ("classic 100k packets", classic(100_000), 100_000),
        ("pcapng 100k packets", pcapng(100_000), 100_000),
        ("classic 20 packets", classic(20), 20),
    ] {
        let path = dir.path().join(name);
        std::fs::write(&path, &data).expect("write the capture");
        cases.push((name.to_owned(), path, packets));
        let path = dir.path().join(format!("{name} gz"));
        let file = File::create(&path).expect("create the capture");
        let mut encoder = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
        encoder
            .write_all(&data)
            .and_then(|()| encoder.finish().map(drop))
            .expect("write the capture");
        cases.push((format!("{name}, gzip"), path, packets));
    }
    if let Some(path) = std::env::var_os("BRO_BENCH_CAPTURE") {
        let (packets, _) = read(Path::new(&path));
        cases.push(("BRO_BENCH_CAPTURE".into(), path.into(), packets));
    }
    let mut group = c.benchmark_group("read");
    for (name, path, packets) in cases {
        group.throughput(Throughput::Elements(packets));
        group.bench_function(name, |b| b.iter(|| read(&path)));
    }
    group.finish();
}

criterion_group!(all, benches);
criterion_main!(all);
