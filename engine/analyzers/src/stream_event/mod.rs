//! The content of a stream for scripts, whatever its protocol: an analyzer that raises an event for each piece.
//!
//! It says nothing of a protocol, so it neither confirms nor violates; scripts register it for ports, or add it where they
//! want to look at a stream that an analyzer passes on.

#[cfg(test)]
mod tests;

use bro_session::analyzer::{Analyzer, AnalyzerDef, Context};

bro_events::events! {
    /// The next bytes of a side's stream.
    STREAM_DELIVER = stream_deliver(c, is_orig, data);
    /// Bytes of a side's stream were lost to the monitor.
    STREAM_UNDELIVERED = stream_undelivered(c, is_orig, seq, len);
}

/// The analyzer.
pub static STREAM_EVENT: AnalyzerDef = AnalyzerDef {
    name: "STREAM_EVENT",
    tag: "Analyzer::ANALYZER_STREAM_EVENT",
    about: "Content of streams as events, for scripts",
    handles_partial: true,
    new: |_| Box::new(StreamEvent),
    options: &[],
    events: EVENTS,
    records: &[],
    declarations: include_str!("events.bro"),
    signatures: "",
};

struct StreamEvent;

impl Analyzer for StreamEvent {
    fn deliver_stream(&mut self, ctx: &mut Context<'_>, is_orig: bool, data: &[u8]) {
        if ctx.wants(&STREAM_DELIVER) {
            ctx.emit(&STREAM_DELIVER, [is_orig.into(), data.into()]);
        }
    }

    fn undelivered(&mut self, ctx: &mut Context<'_>, is_orig: bool, offset: u64, len: u64) {
        // Policy counts positions in a stream from 1, as sequence numbers are behind the SYN.
        ctx.emit(
            &STREAM_UNDELIVERED,
            [is_orig.into(), offset.saturating_add(1).into(), len.into()],
        );
    }
}
