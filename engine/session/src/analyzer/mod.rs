//! The analyzer interface: what a protocol parser implements, and what it can do.
//!
//! A connection has a tree of analyzers.  The transport is its root; protocol analyzers are children of it, and may have
//! children themselves (HTTP hands the bytes behind `CONNECT` to whatever speaks there).  Each is told about data in
//! order and about what is missing, and acts through the [`Context`] it is lent for the length of a call.

mod context;
mod options;
mod registry;

pub use context::{Context, Facts, Forwarded, TreeChange};
pub use options::{OptionGroup, OptionStore};
pub use registry::{AnalyzerDef, AnalyzerRegistry, Factory};

/// A protocol parser on one connection.  Every method has a default that does nothing, so an analyzer implements what
/// its protocol needs.  Calls for a side come in stream order.  A parser must not panic, loop, or keep an unbounded
/// amount of data, whatever it is given.
pub trait Analyzer: Send {
    /// Called once, before anything else.
    fn init(&mut self, ctx: &mut Context<'_>) {
        let _ = ctx;
    }

    /// A datagram's payload (UDP), or a packet's payload for analyzers that work on packets.
    fn deliver_packet(&mut self, ctx: &mut Context<'_>, is_orig: bool, data: &[u8]) {
        let _ = (ctx, is_orig, data);
    }

    /// The next bytes of a side's stream.
    fn deliver_stream(&mut self, ctx: &mut Context<'_>, is_orig: bool, data: &[u8]) {
        let _ = (ctx, is_orig, data);
    }

    /// `len` bytes at stream offset `offset` of a side will never come: the monitor did not see them.
    fn undelivered(&mut self, ctx: &mut Context<'_>, is_orig: bool, offset: u64, len: u64) {
        let _ = (ctx, is_orig, offset, len);
    }

    /// A side sends no more (FIN, and all before it was delivered).
    fn end_of_data(&mut self, ctx: &mut Context<'_>, is_orig: bool) {
        let _ = (ctx, is_orig);
    }

    /// Both sides have ended in order.
    fn connection_finished(&mut self, ctx: &mut Context<'_>, half: bool) {
        let _ = (ctx, half);
    }

    /// The connection was reset.
    fn connection_reset(&mut self, ctx: &mut Context<'_>) {
        let _ = ctx;
    }

    /// Originator and responder turned out to be the other way round; what was kept by side must be swapped.
    fn flip_roles(&mut self, ctx: &mut Context<'_>) {
        let _ = ctx;
    }

    /// The last call: the connection goes, or the analyzer is removed.
    fn done(&mut self, ctx: &mut Context<'_>) {
        let _ = ctx;
    }

    /// A request from policy meant for this kind of analyzer (see `bro_events::Command::Analyzer`).
    fn command(&mut self, ctx: &mut Context<'_>, name: &str, argument: &[u8]) {
        let _ = (ctx, name, argument);
    }

    /// A question from policy about this kind of analyzer's state; nothing if it is meant for another kind.
    fn query(&self, name: &str) -> Option<bro_events::Value> {
        let _ = name;
        None
    }
}
