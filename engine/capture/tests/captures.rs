//! Reads every capture of a collection of real ones and compares the number of packets and bytes with those that another
//! program counts.
//!
//! The collection is the folder in `BRO_CAPTURES`, or `shared/conformance/traces` beside the repository; the other
//! program is Wireshark's `capinfos`.  Where one of them is missing the test says so and passes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use bro_capture::{merge, CaptureFile, DumpOptions, Dumper, FilteredSource, Next, PacketSource, Timestamp};

fn collection() -> Option<PathBuf> {
    let folder = std::env::var_os("BRO_CAPTURES").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/traces"),
        PathBuf::from,
    );
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: there are no captures in {}", folder.display());
    None
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("list the folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
    found.sort();
}

/// Packets and captured bytes of a source.
fn count(source: &mut dyn PacketSource) -> (u64, u64) {
    let (mut packets, mut bytes) = (0, 0);
    loop {
        match source.next_packet().expect("a capture without damage") {
            Next::Packet(packet) => {
                packets += 1;
                bytes += packet.captured.len() as u64;
            }
            Next::Pending => {}
            Next::End => return (packets, bytes),
        }
    }
}

fn count_file(path: &Path) -> (u64, u64) {
    count(&mut CaptureFile::open(path).expect("open the capture"))
}

/// Packets of each file as capinfos counts them; none if it is not installed.
fn capinfos(paths: &[PathBuf]) -> Option<BTreeMap<PathBuf, u64>> {
    let output = Command::new("capinfos")
        .args(["-T", "-r", "-M", "-c"])
        .args(paths)
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Some(
        text.lines()
            .filter_map(|line| line.split_once('\t'))
            .map(|(path, number)| (path.into(), number.trim().parse().expect("a number of packets")))
            .collect(),
    )
}

#[test]
fn all_captures_have_the_packets_that_another_program_counts() {
    let Some(folder) = collection() else { return };
    let mut paths = Vec::new();
    files(&folder, &mut paths);
    assert!(!paths.is_empty());
    let counts: BTreeMap<_, _> = paths
        .iter()
        .map(|path| (path.clone(), count_file(path).0))
        .collect();
    match capinfos(&paths) {
        Some(expected) => assert_eq!(counts, expected),
        None => eprintln!("not compared: capinfos is not installed"),
    }
    let total: u64 = counts.values().sum();
    println!("{} captures, {total} packets", counts.len());
}

#[test]
fn all_captures_merge_in_order_and_can_be_written_again() {
    let Some(folder) = collection() else { return };
    let mut paths = Vec::new();
    files(&folder, &mut paths);
    paths.truncate(100);
    let sources: Vec<Box<dyn PacketSource>> = paths
        .iter()
        .map(|path| Box::new(CaptureFile::open(path).expect("open the capture")) as Box<dyn PacketSource>)
        .collect();
    let total = count(&mut *merge(sources));
    let mut sum = (0, 0);
    let folder = tempfile::tempdir().expect("a temporary folder");
    for path in &paths {
        let expected = count_file(path);
        sum = (sum.0 + expected.0, sum.1 + expected.1);

        // A file of one link type is the same when it is written and read again.
        let mut source = CaptureFile::open(path).expect("open the capture");
        let copy = folder.path().join("copy.pcap");
        let options = DumpOptions {
            resolution: bro_capture::Resolution::Nano,
            ..DumpOptions::default()
        };
        let mut dumper = Dumper::create(&copy, options).expect("create the copy");
        let mut written: Vec<(Timestamp, Vec<u8>)> = Vec::new();
        while let Next::Packet(packet) = source.next_packet().expect("a capture without damage") {
            if dumper.write(&packet).is_ok() {
                written.push((packet.ts, packet.captured.to_vec()));
            }
        }
        dumper.finish().expect("write the copy");
        let mut source = CaptureFile::open(&copy).expect("open the copy");
        for (ts, bytes) in written {
            match source.next_packet().expect("the copy has no damage") {
                Next::Packet(packet) => assert_eq!((packet.ts, packet.captured), (ts, &bytes[..])),
                other => panic!("{other:?} in place of a packet"),
            }
        }
    }
    assert_eq!(total, sum);
}

#[test]
fn filters_partition_captures() {
    let Some(folder) = collection() else { return };
    let mut paths = Vec::new();
    files(&folder, &mut paths);
    for path in paths.iter().step_by(7) {
        let filtered = |expression: &str| {
            let source = CaptureFile::open(path).expect("open the capture");
            FilteredSource::new(source, expression).map(|mut source| count(&mut source).0)
        };
        match (filtered("tcp or udp"), filtered("not (tcp or udp)")) {
            (Ok(yes), Ok(no)) => assert_eq!(yes + no, count_file(path).0, "{}", path.display()),
            (Err(error), _) | (_, Err(error)) => eprintln!("skipped {}: {error}", path.display()),
        }
    }
}
