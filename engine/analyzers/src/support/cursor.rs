//! A reader of big-endian fields that cannot run past its end.

/// Reads fields from a range of a message.  Every read gives `None` past the end and then leaves the position alone.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'a> {
    data: &'a [u8],
    pos: usize,
    end: usize,
}

impl<'a> Cursor<'a> {
    /// Reads all of `data`.
    pub fn new(data: &'a [u8]) -> Self {
        Cursor {
            data,
            pos: 0,
            end: data.len(),
        }
    }

    /// Reads `data[start..end]`; positions count from the beginning of `data`.  A range that does not fit is cut.
    pub fn range(data: &'a [u8], start: usize, end: usize) -> Self {
        let end = end.min(data.len());
        Cursor {
            data,
            pos: start.min(end),
            end,
        }
    }

    /// The whole message, of which this reads a part.
    pub fn message(&self) -> &'a [u8] {
        self.data
    }

    /// Where the next field begins.
    pub fn pos(&self) -> usize {
        self.pos
    }

    /// Where the range ends.
    pub fn end(&self) -> usize {
        self.end
    }

    /// Goes on at another position of the range, which is cut to it.
    pub fn seek(&mut self, pos: usize) {
        self.pos = pos.min(self.end);
    }

    /// Bytes left.
    pub fn left(&self) -> usize {
        self.end - self.pos
    }

    /// The next `n` bytes.
    pub fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        if n > self.left() {
            return None;
        }
        let bytes = self.data.get(self.pos..self.pos + n)?;
        self.pos += n;
        Some(bytes)
    }

    /// All bytes left.
    pub fn rest(&mut self) -> &'a [u8] {
        let bytes = self.data.get(self.pos..self.end).unwrap_or_default();
        self.pos = self.end;
        bytes
    }

    /// An octet.
    pub fn u8(&mut self) -> Option<u8> {
        self.take(1).and_then(|b| b.first().copied())
    }

    /// Two octets.
    pub fn u16(&mut self) -> Option<u16> {
        self.take(2)
            .and_then(|b| b.try_into().ok())
            .map(u16::from_be_bytes)
    }

    /// Four octets.
    pub fn u32(&mut self) -> Option<u32> {
        self.take(4)
            .and_then(|b| b.try_into().ok())
            .map(u32::from_be_bytes)
    }

    /// Six octets.
    pub fn u48(&mut self) -> Option<u64> {
        self.take(6)
            .map(|b| b.iter().fold(0, |n, &octet| n << 8 | u64::from(octet)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_stop_at_the_end_of_the_range() {
        let data = [1, 2, 3, 4, 5, 6, 7];
        let mut c = Cursor::range(&data, 1, 6);
        assert_eq!(c.u8(), Some(2));
        assert_eq!(c.u16(), Some(0x0304));
        assert_eq!(c.u32(), None);
        assert_eq!((c.pos(), c.left()), (4, 2));
        assert_eq!(c.rest(), &[5, 6]);
        assert_eq!(c.take(1), None);
        let mut c = Cursor::new(&data);
        assert_eq!(c.u48(), Some(0x0102_0304_0506));
        c.seek(100);
        assert_eq!(c.left(), 0);
        assert_eq!(Cursor::range(&data, 9, 12).left(), 0);
    }
}
