//! Record marking: messages of RPC in a stream (RFC 5531, section 11).

/// Of a message, this many bytes are kept; the rest is counted.  Arguments and results come first, content (what is read or
/// written) last.
pub const MAX_KEPT: usize = 128 * 1024;

/// A message that claims to be longer than this is none.
const MAX_MESSAGE: u64 = 64 * 1024 * 1024;

/// A stream is no RPC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRecords;

/// A whole message.
#[derive(Debug, PartialEq)]
pub struct Message {
    /// Its bytes, up to [`MAX_KEPT`]
    pub data: Vec<u8>,
    /// Its length
    pub len: u64,
    /// When its first byte came, seconds
    pub start: f64,
}

/// The state of a side.  Holds at most [`MAX_KEPT`] bytes.
#[derive(Debug, Default)]
pub struct Records {
    /// The beginning of a fragment's header
    header: Vec<u8>,
    /// Bytes of the fragment at hand that are still to come
    left: u64,
    /// It is the message's last.
    last: bool,
    within: bool,
    kept: Vec<u8>,
    len: u64,
    start: f64,
}

impl Records {
    /// The next message of `data`, which is shortened by what was taken.  `Ok(None)` when all of it was taken.
    ///
    /// # Errors
    /// If no program would send such a record.
    pub fn next(&mut self, data: &mut &[u8], now: f64) -> Result<Option<Message>, NoRecords> {
        loop {
            if !self.within {
                let Some((&byte, rest)) = data.split_first() else {
                    return Ok(None);
                };
                *data = rest;
                if self.header.is_empty() && self.len == 0 {
                    self.start = now;
                }
                self.header.push(byte);
                let Ok(header) = <[u8; 4]>::try_from(self.header.as_slice()) else {
                    continue;
                };
                self.header.clear();
                let header = u32::from_be_bytes(header);
                self.last = header & 0x8000_0000 != 0;
                self.left = u64::from(header & 0x7fff_ffff);
                self.within = true;
                // Fragments without content would let a message go on for ever.
                if self.len + self.left > MAX_MESSAGE || (self.left == 0 && !self.last) {
                    return Err(NoRecords);
                }
            }
            let n = usize::try_from(self.left).unwrap_or(usize::MAX).min(data.len());
            let (part, rest) = data.split_at(n);
            *data = rest;
            let room = MAX_KEPT.saturating_sub(self.kept.len());
            self.kept.extend_from_slice(part.get(..room.min(n)).unwrap_or_default());
            self.len += n as u64;
            self.left -= n as u64;
            if self.left > 0 {
                return Ok(None);
            }
            self.within = false;
            if self.last {
                return Ok(Some(Message {
                    data: std::mem::take(&mut self.kept),
                    len: std::mem::take(&mut self.len),
                    start: self.start,
                }));
            }
        }
    }

    /// `len` bytes are missing.  Whether the stream can be followed behind them: only if they are content of one fragment.
    pub fn gap(&mut self, len: u64) -> bool {
        if !self.within || len >= self.left {
            return false;
        }
        // The message is worth nothing then; what is kept of it does not fit together.
        self.left -= len;
        self.len += len;
        self.kept.clear();
        self.kept.shrink_to_fit();
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(records: &mut Records, pieces: &[&[u8]]) -> Result<Vec<(Vec<u8>, u64)>, NoRecords> {
        let mut found = Vec::new();
        for &piece in pieces {
            let mut data = piece;
            while let Some(message) = records.next(&mut data, 1.0)? {
                found.push((message.data, message.len));
            }
        }
        Ok(found)
    }

    #[test]
    fn fragments_make_messages() {
        let data = b"\0\0\0\x02ab\x80\0\0\x01c\x80\0\0\x03def";
        let expected = vec![(b"abc".to_vec(), 3), (b"def".to_vec(), 3)];
        assert_eq!(all(&mut Records::default(), &[data]), Ok(expected));
    }

    #[test]
    fn long_messages_are_cut_and_absurd_ones_refused() {
        let mut data = (0x8000_0000u32 | 300_000).to_be_bytes().to_vec();
        data.resize(300_004, 7);
        data.extend_from_slice(b"\x80\0\0\x01z");
        let found = all(&mut Records::default(), &[&data]).unwrap();
        assert_eq!((found[0].0.len(), found[0].1), (MAX_KEPT, 300_000));
        assert_eq!(found[1], (b"z".to_vec(), 1));
        for bad in [b"GET / HTTP/1.0".as_slice(), b"\0\0\0\0", b"\xff\xff\xff\xff"] {
            assert_eq!(all(&mut Records::default(), &[bad]), Err(NoRecords));
        }
    }

    #[test]
    fn holes_within_a_fragment() {
        let mut records = Records::default();
        let mut data: &[u8] = b"\x80\0\0\x0aabc";
        assert_eq!(records.next(&mut data, 1.0), Ok(None));
        assert!(records.gap(5));
        assert_eq!(all(&mut records, &[b"ij\x80\0\0\x01k"]).unwrap()[1], (b"k".to_vec(), 1));
        assert!(!records.gap(1));
    }

    proptest! {
        #[test]
        fn segmentation_does_not_matter(
            messages in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..20), 1..5),
            cut in 1usize..7,
        ) {
            let mut data = Vec::new();
            for message in &messages {
                let (first, last) = message.split_at(message.len() / 2);
                if !first.is_empty() {
                    data.extend_from_slice(&(first.len() as u32).to_be_bytes());
                    data.extend_from_slice(first);
                }
                data.extend_from_slice(&(0x8000_0000 | last.len() as u32).to_be_bytes());
                data.extend_from_slice(last);
            }
            let pieces: Vec<&[u8]> = data.chunks(cut).collect();
            let found = all(&mut Records::default(), &pieces).unwrap();
            let expected: Vec<_> = messages.iter().map(|m| (m.clone(), m.len() as u64)).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
