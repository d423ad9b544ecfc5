//! What happened in a run.

use std::panic::{catch_unwind, AssertUnwindSafe};

use bro_capture::{CaptureError, Statistics};

use crate::Host;

/// What happened in a run.
#[derive(Debug, Default)]
pub struct Report {
    /// Faults of the input, each after all packets before it were processed; the host was told each at once
    pub faults: Vec<CaptureError>,
    /// What went wrong with the capture that packets are written to
    pub write_faults: Vec<CaptureError>,
    /// How often the engine failed; what it was working on, mostly a packet, was skipped.  Not zero means a bug to be
    /// reported.
    pub panics: u64,
    /// Packets processed
    pub packets: u64,
    /// Counters of the source
    pub source: Statistics,
}

/// Faults that are kept; a source with more is not read any further.
const MOST_FAULTS: usize = 100;

impl Report {
    /// Notes a fault of the input.  False when there were too many to go on.
    pub(crate) fn fault(&mut self, fault: CaptureError, host: &mut dyn Host) -> bool {
        host.fault(&fault);
        self.faults.push(fault);
        self.faults.len() < MOST_FAULTS
    }

    /// Does a step.  A bug that it triggers must not take the monitor down: the step is given up, and counted.  False if
    /// that happened.
    pub(crate) fn survive(&mut self, step: impl FnOnce()) -> bool {
        let done = catch_unwind(AssertUnwindSafe(step)).is_ok();
        self.panics += u64::from(!done);
        done
    }
}
