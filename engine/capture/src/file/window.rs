//! A contiguous view on a stream that comes in pieces.
//!
//! Parsers ask for so many bytes in a row and get them in place, in the piece they came in.  Only a record that lies
//! on the border of two pieces is copied together, into a buffer of its own (the carry).

use super::feed::{Chunk, Feed, Supply};
use super::unpack::FeedError;

/// Whether the bytes asked for are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fill {
    /// As many as asked for, at least.
    Ready,
    /// The stream ends, cleanly or not, before that many.
    Short,
    /// Not yet.
    Wait,
}

/// A piece of which some bytes are used already: `data[pos..end]` is left.
struct Part {
    data: Vec<u8>,
    pos: usize,
    end: usize,
}

pub(super) struct Window {
    feed: Feed,
    /// The bytes in view are `buf[pos..end]`.
    buf: Vec<u8>,
    pos: usize,
    end: usize,
    /// Whether `buf` is the carry.
    carrying: bool,
    /// The carry's memory while the carry is not in use.
    spare: Vec<u8>,
    /// The piece that the carry took its last bytes from.
    rest: Option<Part>,
    /// Bytes consumed since the start of the stream.
    consumed: u64,
    ended: bool,
    failure: Option<FeedError>,
    raw_read: u64,
    compressed: bool,
}

impl Window {
    pub fn new(feed: Feed) -> Self {
        Self {
            feed,
            buf: Vec::new(),
            pos: 0,
            end: 0,
            carrying: false,
            spare: Vec::new(),
            rest: None,
            consumed: 0,
            ended: false,
            failure: None,
            raw_read: 0,
            compressed: false,
        }
    }

    /// Tries to have `need` bytes in view.  Memory grows with what arrives, not with what is asked for.
    #[inline]
    pub fn fill(&mut self, need: usize) -> Fill {
        if self.end - self.pos >= need {
            Fill::Ready
        } else {
            self.fill_slowly(need)
        }
    }

    /// The bytes in view.
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        self.buf.get(self.pos..self.end).unwrap_or_default()
    }

    /// Moves on by `n` bytes, at most by what is in view.
    #[inline]
    pub fn consume(&mut self, n: usize) {
        let n = n.min(self.end - self.pos);
        self.pos += n;
        self.consumed += n as u64;
    }

    /// Offset of the first byte in view from the start of the stream.
    pub fn offset(&self) -> u64 {
        self.consumed
    }

    /// Whether the stream ended with an error that has not been taken.
    pub fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    /// The error that ended the stream, once.
    pub fn take_failure(&mut self) -> Option<FeedError> {
        self.failure.take()
    }

    /// Whether the file is compressed, so that offsets are not those of the file.
    pub fn is_compressed(&self) -> bool {
        self.compressed
    }

    /// Bytes of the file that were read for what has come into view so far, as they are in the file.
    pub fn raw_read(&self) -> u64 {
        self.raw_read
    }

    #[cold]
    fn fill_slowly(&mut self, need: usize) -> Fill {
        loop {
            let left = self.end - self.pos;
            if left >= need {
                return Fill::Ready;
            }
            let mut part = match self.next_part() {
                Ok(part) => part,
                Err(fill) => return fill,
            };
            if left == 0 {
                self.adopt(part);
                continue;
            }
            self.start_carrying();
            let n = (need - left).min(part.end - part.pos);
            self.buf
                .extend_from_slice(part.data.get(part.pos..part.pos + n).unwrap_or_default());
            self.end = self.buf.len();
            part.pos += n;
            if part.pos < part.end {
                self.rest = Some(part);
            } else {
                self.feed.recycle(part.data);
            }
        }
    }

    fn next_part(&mut self) -> Result<Part, Fill> {
        if let Some(part) = self.rest.take() {
            return Ok(part);
        }
        if self.ended {
            return Err(Fill::Short);
        }
        match self.feed.next() {
            Supply::Chunk(Chunk {
                data,
                len,
                raw_read,
                compressed,
            }) => {
                self.raw_read = raw_read;
                self.compressed = compressed;
                let end = len.min(data.len());
                Ok(Part { data, pos: 0, end })
            }
            Supply::Wait => Err(Fill::Wait),
            Supply::End => {
                self.ended = true;
                Err(Fill::Short)
            }
            Supply::Failed(error) => {
                self.ended = true;
                self.failure = Some(error);
                Err(Fill::Short)
            }
        }
    }

    /// Looks at a new piece, as nothing is left of the old one.
    fn adopt(&mut self, part: Part) {
        let old = std::mem::replace(&mut self.buf, part.data);
        if self.carrying {
            self.spare = old;
            self.carrying = false;
        } else if !old.is_empty() {
            self.feed.recycle(old);
        }
        (self.pos, self.end) = (part.pos, part.end);
    }

    /// Moves what is left into the carry.
    fn start_carrying(&mut self) {
        if self.carrying {
            self.buf.drain(..self.pos);
        } else {
            let mut carry = std::mem::take(&mut self.spare);
            carry.clear();
            carry.extend_from_slice(self.bytes());
            let old = std::mem::replace(&mut self.buf, carry);
            self.feed.recycle(old);
            self.carrying = true;
        }
        (self.pos, self.end) = (0, self.buf.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Whatever the sizes of pieces and requests: the bytes come out in order and complete.
        #[test]
        fn bytes_come_in_order(
            data in prop::collection::vec(2u8.., 0..2000),
            piece in 16usize..80,
            requests in prop::collection::vec((1usize..300, 0usize..300), 1..60),
        ) {
            let mut window = Window::new(Feed::inline(Box::new(std::io::Cursor::new(data.clone())), piece));
            let mut at = 0;
            for (need, use_up) in requests {
                match window.fill(need) {
                    Fill::Ready => prop_assert!(window.bytes().len() >= need),
                    Fill::Short => prop_assert!(data.len() - at < need),
                    Fill::Wait => prop_assert!(false, "an inline feed never waits"),
                }
                let seen = window.bytes();
                prop_assert_eq!(seen, &data[at..at + seen.len()]);
                let n = use_up.min(seen.len());
                window.consume(use_up);
                at += n;
                prop_assert_eq!(window.offset(), at as u64);
            }
        }
    }
}
