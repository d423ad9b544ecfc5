//! What happened in a run.

use bro_capture::{CaptureError, Statistics};

/// What happened in a run.
#[derive(Debug, Default)]
pub struct Report {
    /// Faults of the input or of the capture written, each after all packets before it were processed
    pub faults: Vec<CaptureError>,
    /// Packets that made the engine fail; they were skipped.  Not zero means a bug to be reported.
    pub panics: u64,
    /// Packets processed
    pub packets: u64,
    /// Counters of the source
    pub source: Statistics,
}

/// Faults that are kept; a source with more is not read any further.
const MOST_FAULTS: usize = 100;

impl Report {
    /// Notes a fault.  False when there were too many to go on.
    pub(crate) fn fault(&mut self, fault: CaptureError) -> bool {
        self.faults.push(fault);
        self.faults.len() < MOST_FAULTS
    }
}
