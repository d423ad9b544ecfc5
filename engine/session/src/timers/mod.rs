//! Timers in packet time.
//!
//! A flow arms one timer, for whichever of its deadlines comes first; the wheel makes that, and taking it back, cost
//! the same whatever number of flows there is.

mod wheel;

pub use wheel::{Handle, Wheel};

#[cfg(test)]
mod tests;
