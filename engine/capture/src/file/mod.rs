//! Capture files.

mod feed;
mod parse;
mod pcap;
mod pcapng;
#[cfg(test)]
mod tests;
mod unpack;
mod window;

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use crate::error::CaptureError;
use crate::link::LinkType;
use crate::packet::Packet;
use crate::source::{PacketSource, Progress, Resolution, Statistics, Step};
use feed::Feed;
use parse::{Fault, FaultKind, Found, Record};
use pcap::Pcap;
use pcapng::Pcapng;
use unpack::FeedError;
use window::{Fill, Window};

/// Most bytes that are captured of one packet: the largest snapshot length that capture programs accept.  A record with
/// more is damage.
pub const MAX_CAPTURED: u32 = 262_144;

/// First bytes of files of other capture programs, and what they are, to name them in the error.
const OTHER_FORMATS: [(&[u8], &str); 4] = [
    (b"snoo", "a snoop capture (Solaris)"),
    (b"GMBU", "a Network Monitor capture"),
    (b"RTSS", "a Network Monitor capture"),
    (b"TRSN", "a Sniffer capture"),
];

enum Format {
    /// The first bytes have not been seen.
    Unknown,
    Pcap(Pcap),
    Pcapng(Pcapng),
    /// At the end, or after an error.
    Finished(Option<LinkType>, Resolution),
}

/// A capture file: classic pcap with micro- or nanoseconds in either byte order, or pcapng; plain or gzipped.  The kind
/// is told by the content, never by the name.
///
/// Large files and pipes are read (and unpacked) by a thread ahead of the caller.  Memory is bounded by a few MiB,
/// whatever the file.
pub struct CaptureFile {
    name: String,
    window: Window,
    format: Format,
    current: Option<Record>,
    /// Size of the input, where known.
    total: Option<u64>,
    received: u64,
    bytes: u64,
}

impl CaptureFile {
    /// Opens a capture; `-` is standard input.
    ///
    /// # Errors
    ///
    /// A file that cannot be opened or is not a capture.  Of standard input, pipes and devices nothing is read here, so
    /// theirs come with the first packet.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, CaptureError> {
        let path = path.as_ref();
        if path == Path::new("-") {
            let stdin = duplicate_stdin().map_err(|e| CaptureError::io("<stdin>", "open", e))?;
            return Self::from_pipe("<stdin>", Box::new(stdin));
        }
        let name = path.display().to_string();
        let file = File::open(path).map_err(|e| CaptureError::io(&name, "open", e))?;
        let metadata = file.metadata().map_err(|e| CaptureError::io(&name, "open", e))?;
        if metadata.is_dir() {
            let what = "it is a directory".into();
            return Err(CaptureError::NotACapture { file: name, what });
        }
        if !metadata.is_file() {
            return Self::from_pipe(&name, Box::new(file));
        }
        Self::from_file(name, file, &metadata)
    }

    fn from_file(name: String, file: File, metadata: &fs::Metadata) -> Result<Self, CaptureError> {
        let feed =
            Feed::file(file, metadata.len()).map_err(|e| CaptureError::io(&name, "start reading", e))?;
        let mut source = Self::new(name, feed, Some(metadata.len()));
        // A regular file answers; this is not the place to give up on a slow one.
        while source.detect()? == Fill::Wait {}
        Ok(source)
    }

    /// A capture that arrives over a pipe; read by a thread of its own.  Nothing is read before the first packet is
    /// asked for.
    pub fn from_pipe(name: &str, reader: Box<dyn Read + Send>) -> Result<Self, CaptureError> {
        let feed = Feed::pipe(reader).map_err(|e| CaptureError::io(name, "start reading", e))?;
        Ok(Self::new(name.to_owned(), feed, None))
    }

    /// A capture from any reader, read on the calling thread when a packet is asked for.
    pub fn from_reader(name: &str, reader: Box<dyn Read + Send>) -> Self {
        Self::with_buffer(name, reader, 64 * 1024)
    }

    /// The same with buffers of that size, so that tests can cut anywhere.
    pub(crate) fn with_buffer(name: &str, reader: Box<dyn Read + Send>, size: usize) -> Self {
        Self::new(name.to_owned(), Feed::inline(reader, size), None)
    }

    fn new(name: String, feed: Feed, total: Option<u64>) -> Self {
        Self {
            name,
            window: Window::new(feed),
            format: Format::Unknown,
            current: None,
            total,
            received: 0,
            bytes: 0,
        }
    }

    /// Finds out the format, once its first bytes are there.
    fn detect(&mut self) -> Result<Fill, CaptureError> {
        match self.try_detect() {
            Ok(fill) => Ok(fill),
            Err(fault) => Err(self.fail(fault)),
        }
    }

    fn try_detect(&mut self) -> Result<Fill, Fault> {
        let too_short = |there: usize| match there {
            0 => Fault::not_a_capture("the file is empty"),
            n => Fault::not_a_capture(format!("it has only {n} bytes, too few for a header")),
        };
        match self.window.fill(4) {
            Fill::Ready => {}
            Fill::Wait => return Ok(Fill::Wait),
            Fill::Short => return Err(too_short(self.window.bytes().len())),
        }
        let Some(magic) = self.window.bytes().first_chunk::<4>().copied() else {
            return Ok(Fill::Wait);
        };
        if u32::from_be_bytes(magic) == pcapng::SECTION_HEADER {
            self.format = Format::Pcapng(Pcapng::new());
        } else if Pcap::is_magic(magic) {
            match self.window.fill(pcap::FILE_HEADER) {
                Fill::Ready => {}
                Fill::Wait => return Ok(Fill::Wait),
                Fill::Short => return Err(too_short(self.window.bytes().len())),
            }
            if let Some(header) = self.window.bytes().first_chunk::<{ pcap::FILE_HEADER }>() {
                self.format = Format::Pcap(Pcap::new(header)?);
            }
            self.window.consume(pcap::FILE_HEADER);
        } else if let Some((_, what)) = OTHER_FORMATS.iter().find(|(start, _)| magic == *start) {
            return Err(Fault::unsupported(format!(
                "{what} cannot be read; convert it with editcap -F pcap"
            )));
        } else {
            let [a, b, c, d] = magic;
            return Err(Fault::not_a_capture(format!(
                "it starts with the bytes {a:02x} {b:02x} {c:02x} {d:02x}"
            )));
        }
        Ok(Fill::Ready)
    }

    /// Makes an error of a fault at the window's start, and ends the file.  If the input itself failed, that is the
    /// cause and is told instead.
    #[cold]
    fn fail(&mut self, fault: Fault) -> CaptureError {
        self.format = Format::Finished(self.link_type(), self.resolution());
        let file = self.name.clone();
        let offset = self.window.offset();
        let packed = if self.window.is_compressed() {
            " (of the decompressed data)"
        } else {
            ""
        };
        match self.window.take_failure() {
            Some(FeedError::Read(source)) => {
                return CaptureError::io(&file, "read", source);
            }
            Some(FeedError::GzipTruncated) => {
                let what = format!("the gzip data has no end{packed}");
                return CaptureError::Truncated { file, offset, what };
            }
            Some(FeedError::GzipCorrupt(what)) => {
                return CaptureError::Corrupt {
                    file,
                    offset,
                    what: format!("{what}{packed}"),
                };
            }
            Some(FeedError::Compression(name, command)) => {
                let what = format!(
                    "compressed with {name}, which is not read directly; unpack it into a pipe: {command} FILE | bro -r -"
                );
                return CaptureError::Unsupported { file, what };
            }
            Some(FeedError::ThreadGone) => {
                let source = io::Error::other("the reading thread ended unexpectedly");
                return CaptureError::io(&file, "read", source);
            }
            None => {}
        }
        let what = fault.what;
        match fault.kind {
            FaultKind::NotACapture => CaptureError::NotACapture { file, what },
            FaultKind::Truncated => CaptureError::Truncated {
                file,
                offset,
                what: format!("{what}{packed}"),
            },
            FaultKind::Corrupt => CaptureError::Corrupt {
                file,
                offset,
                what: format!("{what}{packed}"),
            },
            FaultKind::Unsupported => CaptureError::Unsupported { file, what },
        }
    }

    /// The input ended between two records; its reason can still be an error.
    fn finish(&mut self) -> Result<Step, CaptureError> {
        if self.window.has_failed() {
            return Err(self.fail(Fault::truncated("the input ends with an error")));
        }
        self.format = Format::Finished(self.link_type(), self.resolution());
        Ok(Step::End)
    }
}

impl PacketSource for CaptureFile {
    #[inline]
    fn advance(&mut self) -> Result<Step, CaptureError> {
        if let Some(record) = self.current.take() {
            self.window.consume(record.size);
        }
        let found = match &mut self.format {
            Format::Pcap(pcap) => pcap.advance(&mut self.window),
            Format::Pcapng(pcapng) => pcapng.advance(&mut self.window),
            Format::Finished(..) => return Ok(Step::End),
            Format::Unknown => {
                return match self.detect()? {
                    Fill::Ready => self.advance(),
                    _ => Ok(Step::Pending),
                }
            }
        };
        match found {
            Ok(Found::Record(record)) => {
                self.received += 1;
                self.bytes += record.captured as u64;
                self.current = Some(record);
                Ok(Step::Packet)
            }
            Ok(Found::Wait) => Ok(Step::Pending),
            Ok(Found::End) => self.finish(),
            Err(fault) => Err(self.fail(fault)),
        }
    }

    #[inline]
    fn packet(&self) -> Option<Packet<'_>> {
        let record = self.current.as_ref()?;
        Some(Packet {
            ts: record.ts,
            captured: self
                .window
                .bytes()
                .get(record.start..record.start + record.captured)?,
            original_len: record.original_len,
            link_type: record.link_type,
            interface: record.interface,
            checksum_pending: false,
        })
    }

    fn link_type(&self) -> Option<LinkType> {
        match &self.format {
            Format::Unknown => None,
            Format::Pcap(pcap) => Some(pcap.link_type()),
            Format::Pcapng(pcapng) => pcapng.link_type(),
            Format::Finished(link_type, _) => *link_type,
        }
    }

    fn resolution(&self) -> Resolution {
        match &self.format {
            Format::Unknown => Resolution::Micro,
            Format::Pcap(pcap) => pcap.resolution(),
            Format::Pcapng(pcapng) => pcapng.resolution(),
            Format::Finished(_, resolution) => *resolution,
        }
    }

    fn statistics(&mut self) -> Statistics {
        Statistics {
            received: self.received,
            bytes: self.bytes,
            ..Statistics::default()
        }
    }

    fn progress(&self) -> Option<Progress> {
        let current = self.current.as_ref().map_or(0, |r| r.size as u64);
        let read = match self.window.is_compressed() {
            true => self.window.raw_read(),
            // The packet being looked at counts as read.
            false => self.window.offset() + current,
        };
        Some(Progress {
            read,
            total: self.total,
        })
    }

    fn name(&self) -> &str {
        &self.name
    }
}

/// Standard input without the buffer and the lock of the standard library.
#[cfg(unix)]
fn duplicate_stdin() -> io::Result<File> {
    use std::os::fd::AsFd;
    io::stdin().as_fd().try_clone_to_owned().map(File::from)
}

#[cfg(not(unix))]
fn duplicate_stdin() -> io::Result<io::Stdin> {
    Ok(io::stdin())
}
