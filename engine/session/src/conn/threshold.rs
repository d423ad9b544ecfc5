//! Events when a connection has sent so much or lasted so long.

use bro_events::{ThresholdKind, Value};

use super::Core;
use crate::env::Env;
use crate::events;

/// What is to be reported, each once.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Thresholds {
    /// By side
    bytes: [u64; 2],
    packets: [u64; 2],
    /// Seconds
    duration: f64,
}

impl Thresholds {
    /// Sets one; 0 takes it back.  A value that is not a positive number counts as 0.
    pub fn set(&mut self, kind: ThresholdKind, side: usize, value: f64) {
        let value = if value > 0.0 { value } else { 0.0 };
        match kind {
            ThresholdKind::Bytes => self.bytes[side] = value as u64,
            ThresholdKind::Packets => self.packets[side] = value as u64,
            ThresholdKind::Duration => self.duration = value,
        }
    }

    /// What one is set to; 0: not set.
    pub fn get(&self, kind: ThresholdKind, side: usize) -> f64 {
        match kind {
            ThresholdKind::Bytes => self.bytes[side] as f64,
            ThresholdKind::Packets => self.packets[side] as f64,
            ThresholdKind::Duration => self.duration,
        }
    }

    /// When the duration will be reached, for a connection that began then.
    pub fn due(&self, start: f64) -> f64 {
        if self.duration > 0.0 {
            start + self.duration
        } else {
            f64::INFINITY
        }
    }
}

/// Raises the event of a total number of packets that is watched for on every connection.
pub(crate) fn check_total(core: &mut Core, env: &mut Env<'_>) {
    let total = core.sides[0].packets + core.sides[1].packets;
    if env.options.generic_packet_thresholds.contains(&total) {
        core.emit(env.sink, &events::CONN_GENERIC_PACKET_THRESHOLD_CROSSED, || {
            [total.into()]
        });
    }
}

/// Raises the events of thresholds that were reached.
pub(crate) fn check(core: &mut Core, env: &mut Env<'_>) {
    let Some(mut thresholds) = core.thresholds.take() else {
        return;
    };
    for side in 0..2 {
        let is_orig = Value::Bool(side == 0);
        // Bytes as IP counts them, headers included.
        let bytes = thresholds.bytes[side];
        if bytes > 0 && core.sides[side].ip_bytes >= bytes {
            thresholds.bytes[side] = 0;
            core.emit(env.sink, &events::CONN_BYTES_THRESHOLD_CROSSED, || {
                [bytes.into(), is_orig.clone()]
            });
        }
        let packets = thresholds.packets[side];
        if packets > 0 && core.sides[side].packets >= packets {
            thresholds.packets[side] = 0;
            core.emit(env.sink, &events::CONN_PACKETS_THRESHOLD_CROSSED, || {
                [packets.into(), is_orig]
            });
        }
    }
    let duration = thresholds.duration;
    if duration > 0.0 && env.now - core.start >= duration {
        thresholds.duration = 0.0;
        core.emit(env.sink, &events::CONN_DURATION_THRESHOLD_CROSSED, || {
            [Value::Interval(duration), true.into()]
        });
    }
    core.thresholds = Some(thresholds);
}
