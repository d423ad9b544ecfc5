//! Secrets the engine runs with.

/// The same seeds give the same ids for the same input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Seeds {
    /// For hash tables, so that nobody outside can aim at their collisions
    pub hash: u64,
    /// For unique ids
    pub uid: [u8; 16],
}
