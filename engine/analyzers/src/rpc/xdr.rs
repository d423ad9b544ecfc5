//! External data representation (RFC 4506): what RPC writes numbers, strings and lists in.

use crate::support::cursor::Cursor;

/// Reads items.  Every read gives `None` past the end.
#[derive(Clone, Copy, Debug)]
pub struct Xdr<'a>(Cursor<'a>);

impl<'a> Xdr<'a> {
    /// Reads all of `data`.
    pub fn new(data: &'a [u8]) -> Self {
        Xdr(Cursor::new(data))
    }

    /// An unsigned integer.
    pub fn u32(&mut self) -> Option<u32> {
        self.0.u32()
    }

    /// An unsigned hyper integer.
    pub fn u64(&mut self) -> Option<u64> {
        Some(u64::from(self.u32()?) << 32 | u64::from(self.u32()?))
    }

    /// A boolean; anything but 0 and 1 is none.
    pub fn bool(&mut self) -> Option<bool> {
        match self.u32()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    /// Opaque data or a string of at most `limit` bytes, with the fill behind it.
    pub fn opaque(&mut self, limit: usize) -> Option<&'a [u8]> {
        let len = usize::try_from(self.u32()?).ok().filter(|&len| len <= limit)?;
        let bytes = self.0.take(len)?;
        self.0.take(len.wrapping_neg() & 3)?;
        Some(bytes)
    }

    /// As much as there is of opaque data, and its length as told: for content, of which the end may have been cut off.
    pub fn opaque_start(&mut self) -> Option<(&'a [u8], u32)> {
        let len = self.u32()?;
        let there = self.0.left().min(usize::try_from(len).unwrap_or(usize::MAX));
        let bytes = self.0.take(there)?;
        self.0.take((there.wrapping_neg() & 3).min(self.0.left()))?;
        Some((bytes, len))
    }

    /// Passes over what is left, which nobody reads.
    pub fn skip(&mut self) {
        self.0.rest();
    }

    /// An item that may be missing.
    pub fn optional<T>(&mut self, item: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        if self.bool()? {
            item(self).map(Some)
        } else {
            Some(None)
        }
    }

    /// Bytes left.
    pub fn left(&self) -> usize {
        self.0.left()
    }
}
