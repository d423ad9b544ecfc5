//! The letters of what happened on a connection.

use smallvec::SmallVec;

/// Letters kept at most; a peer that provokes more (say, by ever new SYNs) gains nothing.
const MOST: usize = 255;

/// The history of a connection: upper case letters for the originator, lower case for the responder.
#[derive(Clone, Debug, Default)]
pub(crate) struct History(SmallVec<[u8; 16]>);

impl History {
    /// Adds a letter.
    pub fn push(&mut self, letter: u8) {
        if self.0.len() < MOST {
            self.0.push(letter);
        }
    }

    /// Whether the letter is in it.
    pub fn has(&self, letter: u8) -> bool {
        self.0.contains(&letter)
    }

    /// As a string.
    pub fn to_text(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }
}

/// Letters that are repeated as what they stand for happens again: at the 1st, 10th, 100th … time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Scaled {
    count: u32,
    /// Exponent of the next count to be recorded
    next: u8,
}

impl Scaled {
    /// Counts one more.  Returns the threshold if it was reached with it.
    pub fn count(&mut self) -> Option<u32> {
        self.count = self.count.saturating_add(1);
        let threshold = 10u32.checked_pow(u32::from(self.next))?;
        if self.count == threshold {
            self.next += 1;
            Some(threshold)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_powers_of_ten() {
        let mut scaled = Scaled::default();
        let reached: Vec<u32> = (0..1500).filter_map(|_| scaled.count()).collect();
        assert_eq!(reached, [1, 10, 100, 1000]);
    }

    #[test]
    fn history_is_bounded() {
        let mut history = History::default();
        for _ in 0..10_000 {
            history.push(b'S');
        }
        assert_eq!(history.to_text().len(), MOST);
    }
}
