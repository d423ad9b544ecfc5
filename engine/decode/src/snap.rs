//! Captured bytes and how many there were on the wire.

/// A run of packet bytes as captured, with its length on the wire. The length is never less than what was
/// captured; it is more when the snapshot length cut the packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Snap<'a> {
    data: &'a [u8],
    wire_len: usize,
}

impl<'a> Snap<'a> {
    /// Bytes of which `wire_len` were on the wire. A `wire_len` less than what was captured is taken as a mistake
    /// of whoever captured, and the captured length is used.
    #[inline]
    pub fn new(data: &'a [u8], wire_len: usize) -> Self {
        Snap {
            data,
            wire_len: wire_len.max(data.len()),
        }
    }

    /// Bytes that were captured completely.
    #[inline]
    pub fn whole(data: &'a [u8]) -> Self {
        Snap {
            data,
            wire_len: data.len(),
        }
    }

    /// What was captured.
    #[inline]
    pub fn data(&self) -> &'a [u8] {
        self.data
    }

    /// How long it was on the wire, in bytes.
    #[inline]
    pub fn wire_len(&self) -> usize {
        self.wire_len
    }

    /// Whether there was nothing on the wire.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.wire_len == 0
    }

    /// Whether less was captured than was on the wire.
    #[inline]
    pub fn is_truncated(&self) -> bool {
        self.data.len() < self.wire_len
    }

    /// What comes after the first `n` bytes; empty when there are no more than `n`.
    #[inline]
    #[must_use]
    pub fn skip(self, n: usize) -> Self {
        Snap {
            data: self.data.get(n..).unwrap_or_default(),
            wire_len: self.wire_len.saturating_sub(n),
        }
    }

    /// The first `n` bytes, in capture and on the wire.
    #[inline]
    #[must_use]
    pub fn limit(self, n: usize) -> Self {
        Snap {
            data: self.data.get(..n).unwrap_or(self.data),
            wire_len: self.wire_len.min(n),
        }
    }

    /// The first `n` captured bytes; the length on the wire stays, so that the rest counts as not captured.
    #[inline]
    #[must_use]
    pub fn limit_captured(self, n: usize) -> Self {
        Snap {
            data: self.data.get(..n).unwrap_or(self.data),
            wire_len: self.wire_len,
        }
    }
}

impl<'a> From<&'a [u8]> for Snap<'a> {
    fn from(data: &'a [u8]) -> Self {
        Snap::whole(data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_stay_consistent() {
        let snap = Snap::new(&[1, 2, 3, 4], 6);
        assert!(snap.is_truncated());
        assert_eq!(snap.skip(3), Snap::new(&[4], 3));
        assert_eq!(snap.skip(5), Snap::new(&[], 1));
        assert_eq!(snap.skip(9), Snap::new(&[], 0));
        assert_eq!(snap.limit(3), Snap::new(&[1, 2, 3], 3));
        assert_eq!(snap.limit(5), Snap::new(&[1, 2, 3, 4], 5));
        assert_eq!(snap.limit_captured(2), Snap::new(&[1, 2], 6));
        assert_eq!(Snap::new(&[1, 2], 1), Snap::whole(&[1, 2]));
    }
}
