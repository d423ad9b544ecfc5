//! Unique ids of connections (`C…`) and files (`F…`).
//!
//! An id is 96 bits of a keyed hash in base 62: the same seed gives the same ids, and nobody without it can foresee
//! them or make two things share one.

use std::hash::Hasher;
use std::sync::Arc;

use siphasher::sip128::{Hasher128, SipHasher13};

/// Makes ids from a seed.
#[derive(Clone, Debug)]
pub struct UidMaker {
    key: [u8; 16],
}

/// Bits of an id.
const BITS: u32 = 96;

impl UidMaker {
    /// Ids of this seed.
    pub fn new(key: [u8; 16]) -> Self {
        UidMaker { key }
    }

    /// The id, with this prefix, of whatever these bytes stand for.
    pub fn make(&self, prefix: char, what: &[u8]) -> Arc<str> {
        const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        let mut hasher = SipHasher13::new_with_key(&self.key);
        let mut first = [0; 4];
        hasher.write(prefix.encode_utf8(&mut first).as_bytes());
        hasher.write(what);
        let mut rest = hasher.finish128().as_u128() & ((1 << BITS) - 1);
        let mut text = [0u8; 24];
        let mut len = 0;
        while rest > 0 && len < text.len() {
            text[len] = DIGITS[(rest % 62) as usize];
            rest /= 62;
            len += 1;
        }
        let mut id = String::with_capacity(len + 1);
        id.push(prefix);
        id.extend(text[..len].iter().map(|&digit| char::from(digit)));
        Arc::from(id)
    }

    /// The id of the n-th thing of a kind.
    pub fn nth(&self, prefix: char, n: u64) -> Arc<str> {
        self.make(prefix, &n.to_le_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::UidMaker;

    #[test]
    fn ids_are_those_of_their_seed() {
        let (a, b) = (UidMaker::new([1; 16]), UidMaker::new([2; 16]));
        assert_eq!(a.nth('C', 1), a.nth('C', 1));
        assert_ne!(a.nth('C', 1), a.nth('C', 2));
        assert_ne!(a.nth('C', 1), b.nth('C', 1));
        assert_ne!(a.nth('C', 1)[1..], a.nth('F', 1)[1..]);
    }

    #[test]
    fn ids_look_like_ids() {
        let maker = UidMaker::new([7; 16]);
        for n in 0..1000 {
            let id = maker.nth('F', n);
            assert!((14..=18).contains(&id.len()), "{id}");
            assert!(
                id.starts_with('F') && id.bytes().all(|b| b.is_ascii_alphanumeric()),
                "{id}"
            );
        }
    }
}
