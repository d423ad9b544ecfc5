//! Writing packets to a classic pcap file.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::error::CaptureError;
use crate::file::MAX_CAPTURED;
use crate::link::LinkType;
use crate::packet::{Packet, Timestamp};
use crate::source::Resolution;

/// Bytes collected before they are written.
const BUFFER_SIZE: usize = 256 * 1024;

const MAGIC_MICROS: u32 = 0xa1b2_c3d4;
const MAGIC_NANOS: u32 = 0xa1b2_3c4d;
const VERSION: (u16, u16) = (2, 4);

/// How a capture is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DumpOptions {
    /// Resolution of the times.  Take it from the source
    /// ([`PacketSource::resolution`](crate::PacketSource::resolution)); with microseconds, finer digits are cut off.
    pub resolution: Resolution,
    /// Most bytes written of a packet; also noted in the file's header.
    pub snaplen: u32,
    /// Link type of the file.  If it is not given, that of the first packet, and Ethernet for a file without packets.
    pub link_type: Option<LinkType>,
}

impl Default for DumpOptions {
    /// Microseconds, whole packets, the link type of the first packet.
    fn default() -> Self {
        Self {
            resolution: Resolution::Micro,
            snaplen: MAX_CAPTURED,
            link_type: None,
        }
    }
}

/// What a dumper has written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DumpStatistics {
    /// Packets.
    pub packets: u64,
    /// Bytes of the file, headers included.
    pub bytes: u64,
    /// Packets with a time before 1970 or after 2106, which the format cannot express: written with the nearest time it
    /// can.
    pub clamped_times: u64,
}

/// Writes packets to a classic pcap file.
///
/// Finish it with [`finish`](Self::finish) to learn of errors: dropping it writes what is left as well, but then a full
/// disk goes unnoticed.
pub struct Dumper {
    name: String,
    options: DumpOptions,
    /// None after the end.
    out: Option<BufWriter<Box<dyn Write + Send>>>,
    /// Link type in the header, once that is written.
    link_type: Option<LinkType>,
    statistics: DumpStatistics,
}

impl Dumper {
    /// Creates a file, or replaces it; `-` is standard output.
    pub fn create(path: impl AsRef<Path>, options: DumpOptions) -> Result<Self, CaptureError> {
        let path = path.as_ref();
        if path == Path::new("-") {
            let stdout = duplicate_stdout().map_err(|e| CaptureError::io("<stdout>", "open", e))?;
            return Self::to_writer("<stdout>", Box::new(stdout), options);
        }
        let name = path.display().to_string();
        let file = File::create(path).map_err(|e| CaptureError::io(&name, "create", e))?;
        Self::to_writer(&name, Box::new(file), options)
    }

    /// Writes to anything; `name` is for messages.
    pub fn to_writer(
        name: &str,
        writer: Box<dyn Write + Send>,
        options: DumpOptions,
    ) -> Result<Self, CaptureError> {
        let mut dumper = Self {
            name: name.to_owned(),
            options: DumpOptions {
                snaplen: options.snaplen.clamp(1, MAX_CAPTURED),
                ..options
            },
            out: Some(BufWriter::with_capacity(BUFFER_SIZE, writer)),
            link_type: None,
            statistics: DumpStatistics::default(),
        };
        if let Some(link_type) = options.link_type {
            dumper.write_header(link_type)?;
        }
        Ok(dumper)
    }

    /// Writes a packet.
    ///
    /// # Errors
    ///
    /// A packet of another link type than the file's, which leaves the file as it is; or the system cannot write, which
    /// ends the file.
    pub fn write(&mut self, packet: &Packet<'_>) -> Result<(), CaptureError> {
        match self.link_type {
            None => self.write_header(packet.link_type)?,
            Some(expected) if expected == packet.link_type => {}
            Some(expected) => {
                let found = packet.link_type;
                return Err(CaptureError::MixedLinkTypes {
                    file: self.name.clone(),
                    expected,
                    found,
                });
            }
        }
        let keep = packet.captured.len().min(self.options.snaplen as usize);
        let captured = packet.captured.get(..keep).unwrap_or_default();
        let (seconds, fraction) = self.time(packet.ts);
        let mut header = [0u8; 16];
        // At most the snapshot length, so it fits.
        for (place, value) in
            header
                .chunks_exact_mut(4)
                .zip([seconds, fraction, keep as u32, packet.original_len])
        {
            place.copy_from_slice(&value.to_le_bytes());
        }
        self.put(&header)?;
        self.put(captured)?;
        self.statistics.packets += 1;
        Ok(())
    }

    /// Writes out what has been collected, so that a reader of the file sees it.
    pub fn flush(&mut self) -> Result<(), CaptureError> {
        let result = self
            .out
            .as_mut()
            .map_or_else(|| Err(failed_before()), Write::flush);
        result.map_err(|e| self.fail(e))
    }

    /// Ends the file: writes everything and closes it.
    pub fn finish(mut self) -> Result<DumpStatistics, CaptureError> {
        if self.link_type.is_none() {
            self.write_header(self.options.link_type.unwrap_or(LinkType::ETHERNET))?;
        }
        self.flush()?;
        self.out = None;
        Ok(self.statistics)
    }

    /// Ends the capture and makes a file of the same name, with the same options.  Standard output goes on.
    ///
    /// # Errors
    /// The capture could not be ended or the file not be made; nothing is written any more.
    pub fn reopen(self) -> Result<Self, CaptureError> {
        if self.name == "<stdout>" {
            return Ok(self);
        }
        let (name, options) = (self.name.clone(), self.options);
        self.finish()?;
        Self::create(name, options)
    }

    /// What has been written so far.
    pub fn statistics(&self) -> DumpStatistics {
        self.statistics
    }

    /// Name of the file for messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Seconds and fraction as the file has them.
    fn time(&mut self, ts: Timestamp) -> (u32, u32) {
        let (seconds, nanos) = ts.split();
        let fraction = |nanos| {
            if self.options.resolution == Resolution::Nano {
                nanos
            } else {
                nanos / 1_000
            }
        };
        match u32::try_from(seconds) {
            Ok(seconds) => (seconds, fraction(nanos)),
            Err(_) => {
                self.statistics.clamped_times += 1;
                if seconds < 0 {
                    (0, 0)
                } else {
                    (u32::MAX, fraction(999_999_999))
                }
            }
        }
    }

    fn write_header(&mut self, link_type: LinkType) -> Result<(), CaptureError> {
        let magic = if self.options.resolution == Resolution::Nano {
            MAGIC_NANOS
        } else {
            MAGIC_MICROS
        };
        let mut header = Vec::with_capacity(24);
        header.extend_from_slice(&magic.to_le_bytes());
        header.extend_from_slice(&VERSION.0.to_le_bytes());
        header.extend_from_slice(&VERSION.1.to_le_bytes());
        header.extend_from_slice(&[0; 8]); // time zone and accuracy, which nobody uses
        header.extend_from_slice(&self.options.snaplen.to_le_bytes());
        header.extend_from_slice(&link_type.to_file().to_le_bytes());
        self.put(&header)?;
        self.link_type = Some(link_type);
        Ok(())
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), CaptureError> {
        let result = match &mut self.out {
            Some(out) => out.write_all(bytes),
            None => Err(failed_before()),
        };
        match result {
            Ok(()) => {
                self.statistics.bytes += bytes.len() as u64;
                Ok(())
            }
            Err(error) => Err(self.fail(error)),
        }
    }

    /// After an error nothing more is written: the file would have a hole.
    #[cold]
    fn fail(&mut self, source: io::Error) -> CaptureError {
        if let Some(out) = self.out.take() {
            // Taken apart, so that dropping it does not try to write again.
            drop(out.into_parts());
        }
        CaptureError::io(&self.name, "write", source)
    }
}

impl Drop for Dumper {
    fn drop(&mut self) {
        if self.out.is_some() && self.link_type.is_none() {
            // Even a file without packets is a capture.  Errors have nowhere to go here; see `finish`.
            let _ = self.write_header(LinkType::ETHERNET);
        }
        if self.out.is_some() {
            let _ = self.flush();
        }
    }
}

fn failed_before() -> io::Error {
    io::Error::other("an earlier write failed")
}

/// Standard output without the line buffer of the standard library.
#[cfg(unix)]
fn duplicate_stdout() -> io::Result<File> {
    use std::os::fd::AsFd;
    io::stdout().as_fd().try_clone_to_owned().map(File::from)
}

#[cfg(not(unix))]
fn duplicate_stdout() -> io::Result<io::Stdout> {
    Ok(io::stdout())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::CaptureFile;
    use crate::source::{Next, PacketSource};
    use proptest::prelude::*;
    use std::io::Cursor;
    use std::sync::{Arc, Mutex};

    /// A file in memory that can be looked at while it is written, with room for `room` bytes.
    #[derive(Clone)]
    struct Disk {
        data: Arc<Mutex<Vec<u8>>>,
        room: usize,
    }

    impl Disk {
        fn new(room: usize) -> Self {
            Self {
                data: Arc::default(),
                room,
            }
        }
        fn bytes(&self) -> Vec<u8> {
            self.data.lock().unwrap().clone()
        }
    }

    impl Write for Disk {
        fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
            let mut data = self.data.lock().unwrap();
            let n = buf.len().min(self.room - data.len());
            if n == 0 && !buf.is_empty() {
                return Err(io::Error::from(io::ErrorKind::StorageFull));
            }
            data.extend_from_slice(&buf[..n]);
            Ok(n)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn dumper(disk: &Disk, options: DumpOptions) -> Dumper {
        Dumper::to_writer("disk", Box::new(disk.clone()), options).unwrap()
    }

    type Owned = (Timestamp, Vec<u8>, u32, LinkType);

    fn read_back(file: Vec<u8>) -> Vec<Owned> {
        let mut source = CaptureFile::from_reader("disk", Box::new(Cursor::new(file)));
        let mut all = Vec::new();
        loop {
            match source.next_packet().unwrap() {
                Next::Packet(p) => all.push((p.ts, p.captured.to_vec(), p.original_len, p.link_type)),
                Next::Pending => {}
                Next::End => return all,
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_the_same(
            packets in prop::collection::vec(
                (any::<u32>(), 0u32..1_000_000_000, prop::collection::vec(any::<u8>(), 0..300), any::<u32>()), 0..20),
            nano in any::<bool>(),
            link_type in prop::sample::select(vec![1u32, 9, 11, 12, 15, 16, 19, 113, 276]),
        ) {
            let disk = Disk::new(usize::MAX);
            let resolution = if nano { Resolution::Nano } else { Resolution::Micro };
            let mut dumper = dumper(&disk, DumpOptions { resolution, ..DumpOptions::default() });
            let mut expected = Vec::new();
            for (sec, nanos, data, original_len) in packets {
                let nanos = if nano { nanos } else { nanos / 1000 * 1000 };
                let ts = Timestamp::from_seconds_nanos(sec, nanos);
                let link_type = LinkType(link_type);
                dumper.write(&Packet { original_len, ..Packet::new(ts, &data, link_type) }).unwrap();
                expected.push((ts, data, original_len, link_type));
            }
            let statistics = dumper.finish().unwrap();
            let file = disk.bytes();
            prop_assert_eq!(statistics.packets, expected.len() as u64);
            prop_assert_eq!(statistics.bytes, file.len() as u64);
            prop_assert_eq!(read_back(file), expected);
        }
    }

    #[test]
    fn a_file_has_one_link_type() {
        let disk = Disk::new(usize::MAX);
        let mut dumper = dumper(&disk, DumpOptions::default());
        dumper
            .write(&Packet::new(Timestamp::default(), b"a", LinkType::ETHERNET))
            .unwrap();
        let error = dumper
            .write(&Packet::new(Timestamp::default(), b"b", LinkType::RAW))
            .unwrap_err();
        assert!(matches!(error, CaptureError::MixedLinkTypes { .. }), "{error}");
        dumper
            .write(&Packet::new(Timestamp::default(), b"c", LinkType::ETHERNET))
            .unwrap();
        assert_eq!(dumper.finish().unwrap().packets, 2);
        assert_eq!(read_back(disk.bytes()).len(), 2);
    }

    #[test]
    fn files_without_packets_are_captures() {
        for finish in [true, false] {
            let disk = Disk::new(usize::MAX);
            let dumper = dumper(&disk, DumpOptions::default());
            if finish {
                dumper.finish().unwrap();
            } else {
                drop(dumper);
            }
            assert_eq!(read_back(disk.bytes()), []);
        }
    }

    #[test]
    fn a_capture_begins_anew_where_the_old_one_was_moved_away() {
        let folder = std::env::temp_dir().join(format!("bro-reopen-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (path, moved) = (folder.join("out.pcap"), folder.join("moved.pcap"));
        let packet = |text: &'static [u8]| Packet::new(Timestamp::default(), text, LinkType::ETHERNET);
        let mut dumper = Dumper::create(&path, DumpOptions::default()).unwrap();
        dumper.write(&packet(b"first")).unwrap();
        std::fs::rename(&path, &moved).unwrap();
        let mut dumper = dumper.reopen().unwrap();
        dumper.write(&packet(b"second")).unwrap();
        dumper.finish().unwrap();
        let last = |path| std::fs::read(path).unwrap().split_off(40);
        let written = (last(&moved), last(&path));
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(written, (b"first".to_vec(), b"second".to_vec()));
    }

    #[test]
    fn a_full_disk_is_reported() {
        let packet = vec![7; 1000];
        let packet = Packet::new(Timestamp::default(), &packet, LinkType::ETHERNET);
        // Noticed at the end, as all fits in the buffer.
        let disk = Disk::new(500);
        let mut small = dumper(&disk, DumpOptions::default());
        small.write(&packet).unwrap();
        let error = small.finish().unwrap_err();
        assert!(
            matches!(&error, CaptureError::Io { action: "write", .. }),
            "{error}"
        );
        // Noticed while writing; nothing is written afterwards.
        let disk = Disk::new(300_000);
        let mut large = dumper(&disk, DumpOptions::default());
        let mut written = 0;
        while large.write(&packet).is_ok() {
            written += 1;
            assert!(written < 2000);
        }
        assert!(large
            .write(&packet)
            .unwrap_err()
            .to_string()
            .contains("earlier write failed"));
        assert!(large.finish().is_err());
        assert!(disk.bytes().len() <= 300_000);
    }

    #[test]
    fn dropping_writes_what_is_left() {
        let disk = Disk::new(usize::MAX);
        let mut dumper = dumper(&disk, DumpOptions::default());
        dumper
            .write(&Packet::new(Timestamp::default(), b"abc", LinkType::ETHERNET))
            .unwrap();
        assert!(disk.bytes().is_empty());
        dumper.flush().unwrap();
        assert_eq!(disk.bytes().len(), 24 + 16 + 3);
        dumper
            .write(&Packet::new(Timestamp::default(), b"abc", LinkType::ETHERNET))
            .unwrap();
        drop(dumper);
        assert_eq!(disk.bytes().len(), 24 + 2 * 19);
    }

    #[test]
    fn times_that_do_not_fit_and_long_packets_are_cut() {
        let disk = Disk::new(usize::MAX);
        let mut dumper = dumper(
            &disk,
            DumpOptions {
                snaplen: 4,
                ..DumpOptions::default()
            },
        );
        for nanos in [-1, i64::MAX, 1_500] {
            dumper
                .write(&Packet::new(
                    Timestamp::from_nanos(nanos),
                    b"abcdef",
                    LinkType::ETHERNET,
                ))
                .unwrap();
        }
        assert_eq!(dumper.finish().unwrap().clamped_times, 2);
        let read: Vec<_> = read_back(disk.bytes())
            .into_iter()
            .map(|p| (p.0.nanos(), p.1, p.2))
            .collect();
        let last = i64::from(u32::MAX) * 1_000_000_000 + 999_999_000;
        assert_eq!(
            read,
            [
                (0, b"abcd".to_vec(), 6),
                (last, b"abcd".to_vec(), 6),
                (1_000, b"abcd".to_vec(), 6)
            ]
        );
    }

    #[test]
    fn a_folder_that_is_not_there() {
        let error = Dumper::create("/nonexistent/out.pcap", DumpOptions::default())
            .map(drop)
            .unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("/nonexistent/out.pcap: cannot create: "),
            "{error}"
        );
    }
}
