//! Content that comes out of order.

use std::collections::BTreeMap;

/// Pieces of a file that lie ahead of what was delivered.  Holds at most `limit` bytes.
#[derive(Debug, Default)]
pub struct Pending {
    pieces: BTreeMap<u64, Vec<u8>>,
    held: u64,
}

impl Pending {
    /// Bytes held.
    pub fn held(&self) -> u64 {
        self.held
    }

    /// Offset of the first piece.
    pub fn first(&self) -> Option<u64> {
        self.pieces.first_key_value().map(|(&offset, _)| offset)
    }

    /// Keeps the part of a piece that is new; where bytes were there already, the first ones stay.  Returns how many
    /// bytes came twice.
    pub fn insert(&mut self, mut offset: u64, mut data: &[u8]) -> u64 {
        let mut twice = 0;
        while !data.is_empty() {
            // What lies at or before the offset may cover the beginning of the data.
            if let Some((&start, piece)) = self.pieces.range(..=offset).next_back() {
                let end = start + piece.len() as u64;
                if end > offset {
                    let covered = (end - offset).min(data.len() as u64);
                    twice += covered;
                    offset += covered;
                    data = &data[covered as usize..];
                    continue;
                }
            }
            let room = match self.pieces.range(offset..).next() {
                Some((&next, _)) => (next - offset).min(data.len() as u64) as usize,
                None => data.len(),
            };
            let (piece, rest) = data.split_at(room);
            self.held += piece.len() as u64;
            self.pieces.insert(offset, piece.to_vec());
            offset += piece.len() as u64;
            data = rest;
        }
        twice
    }

    /// Takes the piece that starts at the offset, if there is one.
    pub fn take(&mut self, offset: u64) -> Option<Vec<u8>> {
        let piece = self.pieces.remove(&offset)?;
        self.held -= piece.len() as u64;
        Some(piece)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Pending;

    proptest! {
        #[test]
        fn any_order_gives_the_content(cuts in prop::collection::vec(0usize..200, 0..12), order in any::<u64>()) {
            let content: Vec<u8> = (0..200).map(|n| n as u8).collect();
            let mut cuts = cuts;
            cuts.extend([0, 200]);
            cuts.sort_unstable();
            let mut pieces: Vec<(u64, &[u8])> =
                cuts.windows(2).map(|w| (w[0] as u64, &content[w[0]..w[1]])).collect();
            // Overlapping repetitions as well.
            pieces.extend(cuts.windows(3).map(|w| (w[0] as u64, &content[w[0]..w[2]])));
            let mut state = order | 1;
            pieces.sort_by_cached_key(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                state >> 33
            });
            let mut pending = Pending::default();
            for (offset, piece) in pieces {
                pending.insert(offset, piece);
            }
            prop_assert_eq!(pending.held(), 200);
            let mut out = Vec::new();
            while let Some(piece) = pending.take(out.len() as u64) {
                out.extend(piece);
            }
            prop_assert_eq!(out, content);
        }
    }

    #[test]
    fn the_first_bytes_stay() {
        let mut pending = Pending::default();
        assert_eq!(pending.insert(5, b"xx"), 0);
        assert_eq!(pending.insert(4, b"abcde"), 2);
        assert_eq!(pending.take(4).as_deref(), Some(&b"a"[..]));
        assert_eq!(pending.take(5).as_deref(), Some(&b"xx"[..]));
        assert_eq!(pending.take(7).as_deref(), Some(&b"de"[..]));
    }
}
