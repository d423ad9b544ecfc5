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
    /// A part of the message at hand is missing.
    damaged: bool,
    /// Where messages begin is not known.
    lost: bool,
}

impl Records {
    /// The next message of `data`, which is shortened by what was taken.  `Ok(None)` when all of it was taken.
    ///
    /// # Errors
    /// If no program would send such a record.  What follows is passed over until data comes that begins with a message.
    pub fn next(&mut self, data: &mut &[u8], now: f64) -> Result<Option<Message>, NoRecords> {
        if self.lost {
            if !begins_with_message(data) {
                *data = &[];
                return Ok(None);
            }
            self.lost = false;
        }
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
                // Fragments may be empty: each takes its header, so that they end with the input.
                self.left = u64::from(header & 0x7fff_ffff);
                self.within = true;
                if self.len + self.left > MAX_MESSAGE {
                    self.lose();
                    *data = &[];
                    return Err(NoRecords);
                }
            }
            let n = usize::try_from(self.left).unwrap_or(usize::MAX).min(data.len());
            let (part, rest) = data.split_at(n);
            *data = rest;
            if !self.damaged {
                let room = MAX_KEPT.saturating_sub(self.kept.len());
                self.kept
                    .extend_from_slice(part.get(..room.min(n)).unwrap_or_default());
            }
            self.len += n as u64;
            self.left -= n as u64;
            if self.left > 0 {
                return Ok(None);
            }
            if let Some(message) = self.end_of_fragment() {
                return Ok(Some(message));
            }
        }
    }

    /// A fragment is over.  Gives the message, if it is whole.
    fn end_of_fragment(&mut self) -> Option<Message> {
        self.within = false;
        if !self.last {
            return None;
        }
        let data = std::mem::take(&mut self.kept);
        let len = std::mem::take(&mut self.len);
        if std::mem::take(&mut self.damaged) {
            return None;
        }
        Some(Message {
            data,
            len,
            start: self.start,
        })
    }

    /// `len` bytes are missing.  Whether the stream can be followed behind them: only if they are content of one fragment.
    /// The message they are of is given up.
    pub fn gap(&mut self, len: u64) -> bool {
        if self.lost {
            return true;
        }
        if !self.within || len > self.left {
            self.lose();
            return false;
        }
        self.damaged = true;
        self.kept = Vec::new();
        self.left -= len;
        self.len += len;
        if self.left == 0 {
            self.end_of_fragment();
        }
        true
    }

    fn lose(&mut self) {
        *self = Records {
            lost: true,
            ..Records::default()
        };
    }
}

/// Whether data begins with the only fragment of a message: its header, the number, whether it is a call, the version of
/// RPC or whether the call was accepted.
fn begins_with_message(data: &[u8]) -> bool {
    /// Bytes of the shortest message, a reply that tells of an error
    const SHORTEST: u32 = 16;
    let word = |n: usize| {
        let bytes = data.get(4 * n..4 * n + 4)?;
        <[u8; 4]>::try_from(bytes).ok().map(u32::from_be_bytes)
    };
    let (Some(header), Some(kind), Some(detail)) = (word(0), word(2), word(3)) else {
        return false;
    };
    let len = header & 0x7fff_ffff;
    let is_record = header & 0x8000_0000 != 0 && len >= SHORTEST && u64::from(len) <= MAX_MESSAGE;
    is_record && matches!((kind, detail), (0, 2) | (1, 0 | 1))
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
        for bad in [b"GET / HTTP/1.0".as_slice(), b"\xff\xff\xff\xff"] {
            assert_eq!(all(&mut Records::default(), &[bad]), Err(NoRecords));
        }
    }

    #[test]
    fn fragments_may_be_empty() {
        let data = b"\0\0\0\0\0\0\0\x01a\0\0\0\0\x80\0\0\0\x80\0\0\x01b";
        let expected = vec![(b"a".to_vec(), 1), (b"b".to_vec(), 1)];
        assert_eq!(all(&mut Records::default(), &[data]), Ok(expected));
    }

    #[test]
    fn a_hole_within_a_fragment_costs_its_message() {
        for (hole, behind) in [(5, b"ij\x80\0\0\x01k".as_slice()), (7, b"\x80\0\0\x01k")] {
            let mut records = Records::default();
            let mut data: &[u8] = b"\x80\0\0\x0aabc";
            assert_eq!(records.next(&mut data, 1.0), Ok(None));
            assert!(records.gap(hole));
            assert_eq!(all(&mut records, &[behind]).unwrap(), [(b"k".to_vec(), 1)]);
        }
    }

    #[test]
    fn behind_a_hole_in_headers_it_goes_on_where_data_begins_with_a_message() {
        let call = b"\x80\0\0\x18\0\0\0\x01\0\0\0\0\0\0\0\x02\0\x01\x86\xa0\0\0\0\x02\0\0\0\0";
        let mut records = Records::default();
        assert!(!records.gap(10));
        assert_eq!(
            all(&mut records, &[b"the rest of something", &call[1..]]),
            Ok(vec![])
        );
        assert_eq!(all(&mut records, &[call]), Ok(vec![(call[4..].to_vec(), 24)]));
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
