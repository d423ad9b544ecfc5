//! DNS over UDP and TCP, multicast DNS, LLMNR, and the NetBIOS name service, which share the format.
//!
//! RFC 1034, 1035, 1996, 2136, 2181, 2782, 3403, 4034, 4795, 5155, 6762, 6891, 7766, 8659, 8945, 9460; RFC 1002 for
//! NetBIOS.  Over UDP a message is a datagram, over TCP it follows two octets of length.

mod dnssec;
mod edns;
mod header;
mod message;
mod name;
mod options;
mod rdata;
mod svcb;
#[cfg(test)]
mod tests;
mod vocabulary;

use std::borrow::Cow;
use std::sync::Arc;

use bro_events::{FlowId, Transport};
use bro_session::analyzer::{Analyzer, AnalyzerDef, Context, OptionGroup, OptionStore, TreeChange};

use message::Outcome;
use options::DnsOptions;

/// The analyzer.
pub static DNS: AnalyzerDef = AnalyzerDef {
    name: "DNS",
    tag: "Analyzer::ANALYZER_DNS",
    about: "Domain names: DNS over UDP and TCP, multicast DNS, LLMNR, NetBIOS name service",
    handles_partial: false,
    new: |options| Box::new(Dns::new(options)),
    options: DnsOptions::NAMES,
    events: vocabulary::EVENTS,
    records: vocabulary::RECORDS,
    declarations: include_str!("events.bro"),
    signatures: include_str!("dpd.sig"),
};

/// Port of the NetBIOS name service.
const NETBIOS_PORT: u16 = 137;

/// DNS on one connection.
struct Dns {
    options: Arc<DnsOptions>,
    confirmed: bool,
    /// Whether no message was seen yet
    first: bool,
    /// TCP: the responder's side, the originator's side
    frames: [Framing; 2],
}

/// Where in a TCP stream of messages a side is.
#[derive(Debug, Default)]
struct Framing {
    /// Bytes of an incomplete message with its length in front: 65537 at most
    buffer: Vec<u8>,
    /// Bytes of a message to pass over, because a part of it is missing
    skip: u64,
    /// The boundaries of messages are lost
    lost: bool,
}

impl Dns {
    fn new(options: &OptionStore) -> Self {
        Dns {
            options: options.get(),
            confirmed: false,
            first: true,
            frames: Default::default(),
        }
    }

    fn message(&mut self, ctx: &mut Context<'_>, is_orig: bool, data: &[u8]) {
        let netbios = is_netbios(ctx.flow());
        let first = std::mem::take(&mut self.first);
        match message::process(ctx, &self.options, is_orig, netbios, first, data) {
            Outcome::Dns if !self.confirmed => {
                self.confirmed = true;
                ctx.confirm();
            }
            Outcome::Dns => {}
            Outcome::NotDns(reason) => {
                ctx.violation(reason, Some(data));
                if ctx.flow().transport == Transport::Tcp {
                    // What looked like a message's length was none, so no later one can be found in the stream.
                    ctx.change(TreeChange::SkipRest);
                }
            }
        }
    }
}

/// Whether a connection is of the NetBIOS name service (RFC 1002 section 4.2).
fn is_netbios(flow: &FlowId) -> bool {
    flow.transport == Transport::Udp && (flow.resp_p == NETBIOS_PORT || flow.orig_p == NETBIOS_PORT)
}

impl Framing {
    /// The next message in `data`, which is shortened by what was taken; or nothing, when all of it was taken.
    /// A message that lies wholly in `data` is not copied.
    fn next<'a>(&mut self, data: &mut &'a [u8]) -> Option<Cow<'a, [u8]>> {
        if self.lost {
            return None;
        }
        let skipped = self.skip.min(data.len() as u64);
        self.skip -= skipped;
        *data = data.get(skipped as usize..).unwrap_or_default();
        if self.buffer.is_empty() {
            let len = match **data {
                [high, low, ..] => usize::from(u16::from_be_bytes([high, low])),
                _ => {
                    self.buffer.extend_from_slice(std::mem::take(data));
                    return None;
                }
            };
            let Some(message) = data.get(2..2 + len) else {
                self.buffer.extend_from_slice(std::mem::take(data));
                return None;
            };
            *data = data.get(2 + len..).unwrap_or_default();
            return Some(Cow::Borrowed(message));
        }
        while let Some(missing) = self.missing() {
            if data.is_empty() {
                return None;
            }
            let (taken, rest) = data.split_at(missing.min(data.len()));
            self.buffer.extend_from_slice(taken);
            *data = rest;
        }
        let mut framed = std::mem::take(&mut self.buffer);
        framed.drain(..2);
        Some(Cow::Owned(framed))
    }

    /// Bytes that the buffer lacks of its length field, or of its message.
    fn missing(&self) -> Option<usize> {
        let wanted = match *self.buffer {
            [high, low, ..] => 2 + usize::from(u16::from_be_bytes([high, low])),
            _ => 2,
        };
        (self.buffer.len() < wanted).then(|| wanted - self.buffer.len())
    }

    /// A hole.  One that lies within a message costs that message; after any other the boundaries are lost.
    fn gap(&mut self, len: u64) {
        if self.skip >= len {
            self.skip -= len;
            return;
        }
        let known = self.skip == 0 && self.buffer.len() >= 2;
        match self.missing() {
            Some(missing) if known && missing as u64 >= len => self.skip = missing as u64 - len,
            _ => self.lost = true,
        }
        self.buffer = Vec::new();
    }
}

impl Analyzer for Dns {
    fn init(&mut self, ctx: &mut Context<'_>) {
        if ctx.flow().transport == Transport::Udp {
            ctx.change(TreeChange::IdleTimeout(self.options.session_timeout));
        }
    }

    fn deliver_packet(&mut self, ctx: &mut Context<'_>, is_orig: bool, data: &[u8]) {
        self.message(ctx, is_orig, data);
    }

    fn deliver_stream(&mut self, ctx: &mut Context<'_>, is_orig: bool, mut data: &[u8]) {
        while let Some(message) = self.frames[usize::from(is_orig)].next(&mut data) {
            if !message.is_empty() {
                self.message(ctx, is_orig, &message);
            }
        }
    }

    fn undelivered(&mut self, _ctx: &mut Context<'_>, is_orig: bool, _offset: u64, len: u64) {
        self.frames[usize::from(is_orig)].gap(len);
    }

    fn flip_roles(&mut self, _ctx: &mut Context<'_>) {
        self.frames.swap(0, 1);
    }
}
