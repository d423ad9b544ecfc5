//! Sequence numbers without wrap-around.
//!
//! A side's sequence numbers are kept as 64-bit ones whose lower 32 bits are those on the wire, and which begin at
//! 2^32 plus the initial one; so numbers from before the beginning have a place too, and 2^32 bytes are no limit.

/// What a first number is put on top of.
pub(crate) const BASE: u64 = 1 << 32;

/// The full number of a 32-bit one, being that nearest to `near`.
#[inline]
pub(crate) fn full(near: u64, seq: u32) -> u64 {
    let delta = seq.wrapping_sub(near as u32) as i32;
    near.wrapping_add_signed(i64::from(delta))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_on_past_the_wrap() {
        let start = BASE + 0xffff_fff0;
        assert_eq!(full(start, 0xffff_ffff), start + 15);
        assert_eq!(full(start, 5), start + 21);
        assert_eq!(full(start + 21, 0xffff_ffff), start + 15);
        assert_eq!(full(start + (1 << 33), 0xffff_ffef), start + (1 << 33) - 1);
    }

    #[test]
    fn numbers_before_the_first_are_less() {
        assert!(full(BASE, 0xffff_ffff) < BASE);
    }
}
