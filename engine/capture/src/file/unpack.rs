//! Plain bytes out of a file that may be gzipped.
//!
//! The kind is told by the first bytes, never by the name.  Gzip is unpacked with the raw inflater rather than a
//! reader of the library, because a reader drops what it already unpacked when it meets damage, and packets before
//! the damage have to be delivered.

use std::io::{self, Read};

use flate2::{Decompress, FlushDecompress, Status};

/// Compressed bytes read at a time.
const INPUT_SIZE: usize = 128 * 1024;

/// Window of the inflater: the largest that the format has (32 KiB).
const WINDOW_BITS: u8 = 15;

/// Bytes needed to tell the kind of a file; the longest magic number below.
const MAGIC_SIZE: usize = 6;

/// Compressions that are not read: magic number, name, command that unpacks.
const OTHER_COMPRESSIONS: [(&[u8], &str, &str); 4] = [
    (b"\x28\xb5\x2f\xfd", "zstd", "zstd -dc"),
    (b"\xfd7zXZ\0", "xz", "xz -dc"),
    (b"BZh", "bzip2", "bzip2 -dc"),
    (b"\x04\x22\x4d\x18", "lz4", "lz4 -dc"),
];

/// Why no more bytes come, other than by a clean end.
#[derive(Debug)]
pub(super) enum FeedError {
    /// The operating system's reason.
    Read(io::Error),
    /// The gzip data stops before its end mark.
    GzipTruncated,
    /// The gzip data is damaged, or something else follows it.
    GzipCorrupt(&'static str),
    /// A compression that is not read: its name and a command that unpacks it.
    Compression(&'static str, &'static str),
    /// The reading thread is gone without a word.
    ThreadGone,
}

enum Mode {
    /// Nothing read yet.
    Undecided,
    Plain,
    /// Within a gzip member.
    Gzip(Box<Decompress>),
    /// After a gzip member: another one, zero padding or the end.
    BetweenMembers,
    Ended,
}

/// Reads a file and unpacks it if it is gzipped.
pub(super) struct Unpack<R> {
    raw: R,
    mode: Mode,
    /// Compressed bytes `input[at..filled]`; unused for plain files.
    input: Vec<u8>,
    at: usize,
    filled: usize,
    /// Bytes taken from `raw`.
    raw_read: u64,
    /// An error found after bytes that were to be delivered first.
    failure: Option<FeedError>,
}

impl<R: Read> Unpack<R> {
    pub fn new(raw: R) -> Self {
        Self {
            raw,
            mode: Mode::Undecided,
            input: Vec::new(),
            at: 0,
            filled: 0,
            raw_read: 0,
            failure: None,
        }
    }

    /// Bytes of the file used so far, as they are in the file; less those that wait to be unpacked.
    pub fn raw_read(&self) -> u64 {
        self.raw_read
            .saturating_sub(self.filled.saturating_sub(self.at) as u64)
    }

    /// Whether the file turned out to be compressed.
    pub fn is_compressed(&self) -> bool {
        !matches!(self.mode, Mode::Undecided | Mode::Plain)
    }

    /// Reads at least one byte into `out` (which has room for at least [`MAGIC_SIZE`]); 0 at the end.
    pub fn read(&mut self, out: &mut [u8]) -> Result<usize, FeedError> {
        if let Some(failure) = self.failure.take() {
            self.mode = Mode::Ended;
            return Err(failure);
        }
        match self.mode {
            Mode::Undecided => self.decide(out),
            Mode::Plain => self.read_raw(out).map_err(FeedError::Read),
            Mode::Gzip(_) | Mode::BetweenMembers => self.inflate(out),
            Mode::Ended => Ok(0),
        }
    }

    fn read_raw(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.raw.read(out) {
                Ok(n) => {
                    self.raw_read += n as u64;
                    return Ok(n);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Reads the first bytes straight into the place where a plain file needs them, and moves them only if the file
    /// turns out to be compressed.
    fn decide(&mut self, out: &mut [u8]) -> Result<usize, FeedError> {
        let mut n = 0;
        while n < MAGIC_SIZE {
            let room = out.get_mut(n..).unwrap_or_default();
            match self.read_raw(room) {
                Ok(0) => break,
                Ok(more) => n += more,
                Err(error) if n == 0 => return Err(FeedError::Read(error)),
                Err(error) => {
                    self.failure = Some(FeedError::Read(error));
                    break;
                }
            }
        }
        let head = out.get(..n).unwrap_or_default();
        if let Some((_, name, command)) = OTHER_COMPRESSIONS
            .iter()
            .find(|(magic, ..)| head.starts_with(magic))
        {
            self.mode = Mode::Ended;
            return Err(FeedError::Compression(name, command));
        }
        if head.starts_with(b"\x1f\x8b") {
            self.input = head.to_vec();
            self.filled = n;
            self.mode = Mode::BetweenMembers;
            return self.inflate(out);
        }
        self.mode = Mode::Plain;
        Ok(n)
    }

    /// Makes sure that there is compressed input; false at the end of the file.
    fn refill(&mut self) -> io::Result<bool> {
        if self.at < self.filled {
            return Ok(true);
        }
        let mut input = std::mem::take(&mut self.input);
        if input.len() < INPUT_SIZE {
            input.resize(INPUT_SIZE, 0);
        }
        let result = self.read_raw(&mut input);
        self.input = input;
        self.at = 0;
        self.filled = *result.as_ref().unwrap_or(&0);
        Ok(result? > 0)
    }

    /// Unpacks until there is some output.  An error after output is kept for the next call.
    fn inflate(&mut self, out: &mut [u8]) -> Result<usize, FeedError> {
        let mut produced = 0;
        let failure = loop {
            match self.refill() {
                Ok(true) => {}
                Ok(false) => match self.mode {
                    Mode::Gzip(_) => break FeedError::GzipTruncated,
                    _ => {
                        self.mode = Mode::Ended;
                        return Ok(produced);
                    }
                },
                Err(error) => break FeedError::Read(error),
            }
            let input = self.input.get(self.at..self.filled).unwrap_or_default();
            let Mode::Gzip(inflater) = &mut self.mode else {
                // Members can follow each other; tapes and some tools pad with zeros.
                match input.first() {
                    Some(0) => self.at += 1,
                    Some(0x1f) => self.mode = Mode::Gzip(Box::new(Decompress::new_gzip(WINDOW_BITS))),
                    _ => break FeedError::GzipCorrupt("something else follows the end of the gzip data"),
                }
                continue;
            };
            let (in_before, out_before) = (inflater.total_in(), inflater.total_out());
            let room = out.get_mut(produced..).unwrap_or_default();
            let status = inflater.decompress(input, room, FlushDecompress::None);
            let consumed = (inflater.total_in() - in_before) as usize;
            let made = (inflater.total_out() - out_before) as usize;
            self.at += consumed;
            produced += made;
            match status {
                Ok(Status::StreamEnd) => self.mode = Mode::BetweenMembers,
                Ok(_) if consumed == 0 && made == 0 => {
                    break FeedError::GzipCorrupt("the gzip data cannot be unpacked");
                }
                Ok(_) => {}
                Err(_) => break FeedError::GzipCorrupt("the gzip data is damaged (bad code or checksum)"),
            }
            if produced > 0 {
                return Ok(produced);
            }
        };
        if produced > 0 {
            self.failure = Some(failure);
            return Ok(produced);
        }
        self.mode = Mode::Ended;
        Err(failure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{write::GzEncoder, Compression};
    use std::io::Write;

    fn gzip(data: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    fn noise(len: usize) -> Vec<u8> {
        let mut state = 1u64;
        (0..len)
            .map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                // A quarter of the byte values, so that it compresses but not to nothing.
                (state >> 58) as u8
            })
            .collect()
    }

    fn read_all(data: &[u8], step: usize) -> (Vec<u8>, Option<FeedError>) {
        let mut unpack = Unpack::new(data);
        let (mut all, mut buf) = (Vec::new(), vec![0; step]);
        loop {
            match unpack.read(&mut buf) {
                Ok(0) => return (all, None),
                Ok(n) => all.extend_from_slice(&buf[..n]),
                Err(error) => return (all, Some(error)),
            }
        }
    }

    #[test]
    fn plain_and_packed_files_give_the_same() {
        let data = noise(300_000);
        for step in [8, 1000, 1 << 20] {
            assert_eq!(read_all(&data, step).0, data);
            let (unpacked, error) = read_all(&gzip(&data), step);
            assert!(error.is_none() && unpacked == data);
        }
        assert!(read_all(b"", 64).0.is_empty());
        assert_eq!(read_all(b"abc", 64).0, b"abc");
    }

    #[test]
    fn what_waits_to_be_unpacked_does_not_count_as_read() {
        let packed = gzip(&noise(300_000));
        let mut unpack = Unpack::new(packed.as_slice());
        let mut first = vec![0; 100_000];
        let mut got = 0;
        while got < first.len() {
            got += unpack.read(&mut first[got..]).unwrap();
        }
        let third = packed.len() as u64 / 3;
        assert!(
            unpack.raw_read().abs_diff(third) < third / 10,
            "{}",
            unpack.raw_read()
        );
        while unpack.read(&mut first).unwrap() > 0 {}
        assert_eq!(unpack.raw_read(), packed.len() as u64);
    }

    #[test]
    fn members_follow_each_other_and_padding_is_ignored() {
        let mut file = gzip(b"first ");
        file.extend(gzip(b"second"));
        file.extend([0; 1000]);
        let (data, error) = read_all(&file, 64);
        assert!(error.is_none());
        assert_eq!(data, b"first second");
        file.extend(b"rubbish");
        let (data, error) = read_all(&file, 64);
        assert!(matches!(error, Some(FeedError::GzipCorrupt(_))), "{error:?}");
        assert_eq!(data, b"first second");
    }

    #[test]
    fn everything_before_damage_is_delivered() {
        let data = noise(200_000);
        let packed = gzip(&data);
        for step in [100, 1 << 20] {
            let (head, error) = read_all(&packed[..packed.len() / 2], step);
            assert!(matches!(error, Some(FeedError::GzipTruncated)), "{error:?}");
            assert!(head.len() > 90_000 && data.starts_with(&head), "{}", head.len());

            // A wrong checksum is only noticed after all data.
            let mut wrong = packed.clone();
            let at = wrong.len() - 8;
            wrong[at] ^= 1;
            let (all, error) = read_all(&wrong, step);
            assert!(matches!(error, Some(FeedError::GzipCorrupt(_))), "{error:?}");
            assert!(all == data);
        }
    }

    #[test]
    fn other_compressions_are_named() {
        let (_, error) = read_all(b"\x28\xb5\x2f\xfd\0\0\0\0", 64);
        assert!(
            matches!(error, Some(FeedError::Compression("zstd", _))),
            "{error:?}"
        );
    }
}
