//! A bounds-checked reader over a byte slice.

/// Reads integers and slices one after the other; every read past the end is `None` and moves nothing.
#[derive(Debug, Clone, Copy)]
pub struct Cursor<'a> {
    data: &'a [u8],
    pos: usize,
}

impl<'a> Cursor<'a> {
    /// A reader at the start of `data`.
    #[inline]
    pub fn new(data: &'a [u8]) -> Self {
        Cursor { data, pos: 0 }
    }

    /// How many bytes have been read.
    #[inline]
    pub fn pos(&self) -> usize {
        self.pos
    }

    /// How many bytes are left.
    #[inline]
    pub fn remaining(&self) -> usize {
        self.data.len() - self.pos
    }

    /// The bytes that are left, without reading them.
    #[inline]
    pub fn rest(&self) -> &'a [u8] {
        self.data.get(self.pos..).unwrap_or_default()
    }

    /// The next `n` bytes.
    #[inline]
    pub fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let taken = self.rest().get(..n)?;
        self.pos += n;
        Some(taken)
    }

    /// Moves over `n` bytes.
    #[inline]
    pub fn skip(&mut self, n: usize) -> Option<()> {
        self.take(n).map(|_| ())
    }

    /// The next `N` bytes as an array.
    #[inline]
    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let taken = *self.rest().first_chunk::<N>()?;
        self.pos += N;
        Some(taken)
    }

    /// The next byte.
    #[inline]
    pub fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[b]| b)
    }

    /// A 16-bit integer in network byte order.
    #[inline]
    pub fn be16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    /// A 32-bit integer in network byte order.
    #[inline]
    pub fn be32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    /// A 64-bit integer in network byte order.
    #[inline]
    pub fn be64(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }

    /// A 16-bit integer, least significant byte first.
    #[inline]
    pub fn le16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    /// A 32-bit integer, least significant byte first.
    #[inline]
    pub fn le32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_in_both_byte_orders() {
        let mut cursor = Cursor::new(&[1, 0, 2, 0, 0, 0, 4, 5, 0, 6, 0, 0, 0]);
        assert_eq!(cursor.u8(), Some(1));
        assert_eq!(cursor.be16(), Some(2));
        assert_eq!(cursor.be32(), Some(4));
        assert_eq!(cursor.le16(), Some(5));
        assert_eq!(cursor.le32(), Some(6));
        assert_eq!((cursor.u8(), cursor.remaining(), cursor.pos()), (None, 0, 13));
        assert_eq!(Cursor::new(&[0, 0, 0, 0, 0, 0, 1, 0]).be64(), Some(256));
    }

    #[test]
    fn a_failed_read_moves_nothing() {
        let mut cursor = Cursor::new(&[1, 2, 3]);
        assert_eq!(cursor.be32(), None);
        assert_eq!(cursor.take(4), None);
        assert_eq!(cursor.skip(2), Some(()));
        assert_eq!(cursor.rest(), [3]);
        assert_eq!(cursor.take(usize::MAX), None);
        assert_eq!(cursor.array::<1>(), Some([3]));
    }
}
