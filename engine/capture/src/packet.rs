//! A packet as a source delivers it, and the time it was seen at.

use crate::link::LinkType;

const NANOS_PER_SECOND: i64 = 1_000_000_000;

/// The time of a packet: nanoseconds since 1970-01-01 00:00 UTC.  Covers the years 1678 to 2262.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The time `nanos` nanoseconds after the epoch.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// The time as a classic capture with microseconds stores it.  A fraction of a second or more, which damaged files
    /// have, is carried over.
    pub const fn from_seconds_micros(seconds: u32, micros: u32) -> Self {
        // Fits: (2^32 - 1) s + (2^32 - 1) µs are below 2^63 ns.
        Self(seconds as i64 * NANOS_PER_SECOND + micros as i64 * 1_000)
    }

    /// The time as a classic capture with nanoseconds stores it; a too large fraction is carried over.
    pub const fn from_seconds_nanos(seconds: u32, nanos: u32) -> Self {
        Self(seconds as i64 * NANOS_PER_SECOND + nanos as i64)
    }

    /// Nanoseconds since the epoch, exact.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// Seconds since the epoch as scripts and logs see them: whole microseconds, the rest cut off.
    ///
    /// The value is exactly `sec + usec / 1e6` in double precision.  Digits below the microsecond are cut off, not
    /// rounded, for two reasons: a double has no room for them (its steps are 0.24 µs wide today), and what is logged
    /// of a capture must not depend on whether it was stored with micro- or nanoseconds.
    pub fn seconds(self) -> f64 {
        let (seconds, nanos) = self.split();
        seconds as f64 + f64::from(nanos / 1_000) / 1e6
    }

    /// Whole seconds, rounded down, and the nanoseconds (0 to 999,999,999) after them.
    pub const fn split(self) -> (i64, u32) {
        (
            self.0.div_euclid(NANOS_PER_SECOND),
            self.0.rem_euclid(NANOS_PER_SECOND) as u32,
        )
    }
}

/// One packet, borrowed from the buffers of its source until the source moves on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// When the packet was captured.
    pub ts: Timestamp,
    /// The bytes that were captured, from the link layer's header on.
    pub captured: &'a [u8],
    /// Length of the packet on the link in bytes; more than was captured when the snapshot length cut it.  The value
    /// is the file's word and can be smaller than `captured` in damaged files.
    pub original_len: u32,
    /// What the bytes start with.
    pub link_type: LinkType,
    /// Number of the interface within the source.  In pcapng files interfaces count through the whole file in the order
    /// in which they are described; everything else has the one interface 0.
    pub interface: u32,
    /// True for packets of this host that were seen before the hardware filled in their transport checksum, so that
    /// the checksum must not be verified.  Only live sources know.
    pub checksum_pending: bool,
}

impl<'a> Packet<'a> {
    /// A whole packet of interface 0.
    pub fn new(ts: Timestamp, captured: &'a [u8], link_type: LinkType) -> Self {
        Self {
            ts,
            captured,
            original_len: u32::try_from(captured.len()).unwrap_or(u32::MAX),
            link_type,
            interface: 0,
            checksum_pending: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn seconds_are_those_of_a_microsecond_reader(sec in any::<u32>(), usec in 0u32..1_000_000) {
            let ts = Timestamp::from_seconds_micros(sec, usec);
            prop_assert_eq!(ts.seconds(), f64::from(sec) + f64::from(usec) / 1e6);
            prop_assert_eq!(ts.split(), (i64::from(sec), usec * 1_000));
        }

        #[test]
        fn nanoseconds_are_cut_off(sec in any::<u32>(), nanos in 0u32..1_000_000_000) {
            let fine = Timestamp::from_seconds_nanos(sec, nanos);
            let coarse = Timestamp::from_seconds_micros(sec, nanos / 1_000);
            prop_assert_eq!(fine.seconds(), coarse.seconds());
            prop_assert_eq!(fine.nanos() - coarse.nanos(), i64::from(nanos % 1_000));
        }

        #[test]
        fn any_time_splits_and_joins(nanos in any::<i64>()) {
            let (sec, rest) = Timestamp::from_nanos(nanos).split();
            prop_assert!(rest < 1_000_000_000);
            prop_assert_eq!(i128::from(sec) * 1_000_000_000 + i128::from(rest), i128::from(nanos));
        }
    }

    #[test]
    fn the_largest_damaged_fraction_fits() {
        assert_eq!(
            Timestamp::from_seconds_micros(u32::MAX, u32::MAX).nanos(),
            4_294_967_295 * 1_000_001_000
        );
    }
}
