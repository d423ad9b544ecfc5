//! Protocols that no packet analyzer knows.

use std::collections::HashMap;

use bro_decode::link;
use bro_events::Value;

use super::Place;
use crate::events;
use crate::sessions::{Io, Sessions};

/// Counts kept at most; beyond that they start anew.
const MOST: usize = 4096;

/// How often each unknown protocol was seen, for sampling.
#[derive(Debug, Default)]
pub(crate) struct UnknownProtocols {
    /// By analyzer and number: count, and when it began
    counts: HashMap<(&'static str, u64), (u64, f64)>,
}

impl Sessions {
    /// Reports a protocol that is not known, the first times and then now and again.
    pub(super) fn unknown_protocol(
        &mut self,
        io: &mut Io<'_>,
        place: &Place<'_>,
        analyzer: &'static str,
        protocol: u64,
        payload: &[u8],
    ) {
        if !io.sink.wants(&events::UNKNOWN_PROTOCOL) {
            return;
        }
        let options = &self.options;
        let counts = &mut self.unknown.counts;
        if counts.len() >= MOST {
            counts.clear();
        }
        let (count, began) = counts.entry((analyzer, protocol)).or_insert((0, place.ts));
        if place.ts - *began > options.unknown_sampling_duration {
            (*count, *began) = (0, place.ts);
        }
        *count += 1;
        let beyond = count.saturating_sub(options.unknown_sampling_threshold);
        let sampled = options.unknown_sampling_rate > 0 && beyond % options.unknown_sampling_rate == 0;
        if beyond > 0 && !sampled {
            return;
        }
        let most = usize::try_from(options.unknown_first_bytes).unwrap_or(usize::MAX);
        let bytes = &payload[..payload.len().min(most)];
        let history = link::history_by(self.link_routes(), place.first, place.frame)
            .into_iter()
            .map(Value::Text)
            .collect();
        let args = vec![
            Value::Text(analyzer),
            protocol.into(),
            bytes.into(),
            Value::Vector(history),
        ];
        io.sink.emit(&events::UNKNOWN_PROTOCOL, args);
    }
}
