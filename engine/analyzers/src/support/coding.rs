//! Content codings gzip, deflate and brotli (RFC 9110 section 8.4.1, RFC 7932), undone as content streams by.

use std::io::Write;

use flate2::write::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use crate::mime::field::trim;

/// Encoded bytes decoded at a time: gzip and deflate make at most some 1000 times as many of them.
const STEP: usize = 512;
/// Decoded bytes of a body at most ...
const MAX_OUTPUT: u64 = 64 << 20;
/// ... and so many for each encoded byte on top of that.  Text seldom reaches 1:20.
const MAX_RATIO: u64 = 200;
/// Bytes that the brotli decoder hands over at a time.
const BROTLI_BUFFER: usize = 16 * 1024;

/// A content coding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// RFC 1952
    Gzip,
    /// RFC 1950, or RFC 1951 alone as some servers send it
    Deflate,
    /// RFC 7932
    Brotli,
}

impl Coding {
    /// By the value of `Content-Encoding`; nothing for `identity` and what is unknown.  Of several codings the one that
    /// was applied last is undone only if there are no others.
    pub fn named(value: &[u8]) -> Option<Coding> {
        let name = trim(value);
        let is = |names: &[&str]| names.iter().any(|n| name.eq_ignore_ascii_case(n.as_bytes()));
        if is(&["gzip", "x-gzip"]) {
            Some(Coding::Gzip)
        } else if is(&["deflate", "x-deflate"]) {
            Some(Coding::Deflate)
        } else if is(&["br"]) {
            Some(Coding::Brotli)
        } else {
            None
        }
    }
}

/// Why decoding stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The data is not in the format.
    Corrupt,
    /// It grows beyond what is allowed.
    TooMuch,
}

impl Failure {
    /// The name of the weird.
    pub fn weird(self) -> &'static str {
        match self {
            Failure::Corrupt => "inflate_failed",
            Failure::TooMuch => "HTTP_excessive_decompression",
        }
    }
}

/// Undoes a coding.
pub struct Decoder {
    format: Format,
    input: u64,
    output: u64,
    /// Decoding has failed, or the coded data is over.
    stopped: bool,
}

enum Format {
    /// Deflate, of which it is not known yet whether it has the header of RFC 1950; its first byte
    Undecided(Option<u8>),
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
    Zlib(Box<ZlibDecoder<Vec<u8>>>),
    Raw(Box<DeflateDecoder<Vec<u8>>>),
    Brotli(Box<brotli::DecompressorWriter<Vec<u8>>>),
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decoder")
            .field("input", &self.input)
            .field("output", &self.output)
            .finish_non_exhaustive()
    }
}

impl Decoder {
    /// For a body in that coding.
    pub fn new(coding: Coding) -> Self {
        let format = match coding {
            Coding::Gzip => Format::Gzip(Box::new(MultiGzDecoder::new(Vec::new()))),
            Coding::Deflate => Format::Undecided(None),
            Coding::Brotli => Format::Brotli(Box::new(brotli::DecompressorWriter::new(
                Vec::new(),
                BROTLI_BUFFER,
            ))),
        };
        Decoder {
            format,
            input: 0,
            output: 0,
            stopped: false,
        }
    }

    /// Decodes the next bytes and hands over what comes out.  After a failure nothing comes out any more.
    pub fn decode(&mut self, data: &[u8], out: &mut dyn FnMut(&[u8])) -> Result<(), Failure> {
        for step in data.chunks(STEP) {
            if self.stopped {
                return Ok(());
            }
            self.input += step.len() as u64;
            let result = self.step(step);
            let decoded = self.take_output();
            self.output += decoded.len() as u64;
            if !decoded.is_empty() {
                out(&decoded);
            }
            if !result {
                self.stopped = true;
                // Bytes behind a complete stream are padding of some servers.
                return if self.output > 0 && self.is_complete() {
                    Ok(())
                } else {
                    Err(Failure::Corrupt)
                };
            }
            if self.output > MAX_OUTPUT + MAX_RATIO * self.input {
                self.stopped = true;
                return Err(Failure::TooMuch);
            }
        }
        Ok(())
    }

    /// Gives whether the data is well-formed so far.
    fn step(&mut self, data: &[u8]) -> bool {
        if let Format::Undecided(held) = self.format {
            let Some((first, second)) = held.map_or_else(
                || Some((*data.first()?, *data.get(1)?)),
                |first| Some((first, *data.first()?)),
            ) else {
                self.format = Format::Undecided(held.or(data.first().copied()));
                return true;
            };
            // RFC 1950: the method is 8, and the first two bytes are a multiple of 31.
            let has_header = first & 0x0f == 8 && (u16::from(first) << 8 | u16::from(second)) % 31 == 0;
            self.format = if has_header {
                Format::Zlib(Box::new(ZlibDecoder::new(Vec::new())))
            } else {
                Format::Raw(Box::new(DeflateDecoder::new(Vec::new())))
            };
            if held.is_some() && !self.step(&[first]) {
                return false;
            }
        }
        let writer: &mut dyn Write = match &mut self.format {
            Format::Undecided(_) => return true,
            Format::Gzip(d) => d.as_mut(),
            Format::Zlib(d) => d.as_mut(),
            Format::Raw(d) => d.as_mut(),
            Format::Brotli(d) => d.as_mut(),
        };
        writer.write_all(data).and_then(|()| writer.flush()).is_ok()
    }

    fn take_output(&mut self) -> Vec<u8> {
        match &mut self.format {
            Format::Undecided(_) => Vec::new(),
            Format::Gzip(d) => std::mem::take(d.get_mut()),
            Format::Zlib(d) => std::mem::take(d.get_mut()),
            Format::Raw(d) => std::mem::take(d.get_mut()),
            Format::Brotli(d) => std::mem::take(d.get_mut()),
        }
    }

    /// Whether a coded stream ended, so that what follows it is no part of it.
    fn is_complete(&mut self) -> bool {
        match &mut self.format {
            Format::Undecided(_) => false,
            Format::Gzip(_) => true,
            Format::Zlib(d) => d.try_finish().is_ok(),
            Format::Raw(d) => d.try_finish().is_ok(),
            Format::Brotli(d) => d.close().is_ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::harness::pieces;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use flate2::Compression;
    use proptest::prelude::*;

    fn decode(coding: Coding, chunks: &[&[u8]]) -> (Vec<u8>, Result<(), Failure>) {
        let mut decoder = Decoder::new(coding);
        let mut out = Vec::new();
        let mut result = Ok(());
        for chunk in chunks {
            let r = decoder.decode(chunk, &mut |d| out.extend_from_slice(d));
            result = result.and(r);
        }
        (out, result)
    }

    fn encode(kind: usize, data: &[u8]) -> (Coding, Vec<u8>) {
        match kind {
            0 => {
                let mut e = GzEncoder::new(Vec::new(), Compression::default());
                e.write_all(data).unwrap();
                (Coding::Gzip, e.finish().unwrap())
            }
            1 => {
                let mut e = ZlibEncoder::new(Vec::new(), Compression::default());
                e.write_all(data).unwrap();
                (Coding::Deflate, e.finish().unwrap())
            }
            2 => {
                let mut e = DeflateEncoder::new(Vec::new(), Compression::default());
                e.write_all(data).unwrap();
                (Coding::Deflate, e.finish().unwrap())
            }
            _ => {
                let mut e = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 20);
                e.write_all(data).unwrap();
                (Coding::Brotli, e.into_inner())
            }
        }
    }

    #[test]
    fn names() {
        assert_eq!(Coding::named(b" X-GZip "), Some(Coding::Gzip));
        assert_eq!(Coding::named(b"br"), Some(Coding::Brotli));
        assert_eq!(Coding::named(b"deflate"), Some(Coding::Deflate));
        assert_eq!(Coding::named(b"identity"), None);
        assert_eq!(Coding::named(b"gzip, br"), None);
    }

    #[test]
    fn garbage_fails_once() {
        let mut decoder = Decoder::new(Coding::Gzip);
        assert_eq!(
            decoder.decode(b"this is no gzip", &mut |_| {}),
            Err(Failure::Corrupt)
        );
        assert_eq!(decoder.decode(b"neither is this", &mut |_| {}), Ok(()));
    }

    #[test]
    fn bombs_are_defused() {
        let (coding, bomb) = encode(0, &vec![0; 256 << 20]);
        let mut decoder = Decoder::new(coding);
        let mut out = 0;
        assert_eq!(
            decoder.decode(&bomb, &mut |d| out += d.len()),
            Err(Failure::TooMuch)
        );
        assert!(out < 200 << 20);
    }

    #[test]
    fn bytes_behind_a_gzip_stream_are_passed_over() {
        let (coding, mut data) = encode(0, b"content");
        data.extend_from_slice(b"\0\0\0padding");
        assert_eq!(decode(coding, &[&data]), (b"content".to_vec(), Ok(())));
    }

    proptest! {
        #[test]
        fn what_was_encoded_comes_back(
            data in prop::collection::vec(0u8..5, 1..3000), kind in 0usize..4, cuts in prop::collection::vec(1usize..40, 1..5),
        ) {
            let (coding, encoded) = encode(kind, &data);
            let chunks = pieces(&encoded, &cuts);
            let (found, result) = decode(coding, &chunks);
            prop_assert_eq!(result, Ok(()));
            prop_assert_eq!(found, data);
        }

        #[test]
        fn any_bytes_are_survived(data in prop::collection::vec(any::<u8>(), 0..300), coding in 0usize..3) {
            let coding = [Coding::Gzip, Coding::Deflate, Coding::Brotli][coding];
            let _ = decode(coding, &[&data]);
        }
    }
}
