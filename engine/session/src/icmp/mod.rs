//! ICMP and ICMPv6 flows (RFC 792, RFC 4443, RFC 4861).
//!
//! A request and its answer are one flow, whose ports are the two types; any other message is a flow of its own kind in
//! its own direction, whose ports are type and code.

mod events_of;

use bro_decode::protocol::ip as proto;
use bro_decode::transport::{icmp, icmpv6};

use crate::conn::{side, Core};
use crate::env::Env;
use crate::packet::Packet;

/// Name of the analyzer in weirds.
const SOURCE: &str = "ICMP";

/// What ICMP keeps of a flow: nothing beyond what every flow has.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Icmp;

/// Whether messages with these numbers in place of ports have no answer.
pub(crate) fn is_one_way(ip_proto: u8, orig_p: u16, resp_p: u16) -> bool {
    let counterpart = |kind: u16| {
        let kind = u8::try_from(kind).ok()?;
        if ip_proto == proto::ICMPV6 {
            icmpv6::counterpart(kind)
        } else {
            icmp::counterpart(kind)
        }
    };
    counterpart(orig_p).is_none_or(|answer| u16::from(answer) != resp_p)
}

impl Icmp {
    /// A message with a wrong checksum: noted, and otherwise ignored.
    pub fn bad_checksum(core: &mut Core, env: &mut Env<'_>) {
        core.weird(env.sink, "bad_ICMP_checksum", "", SOURCE);
    }

    /// Processes a message.
    pub fn process(
        core: &mut Core,
        env: &mut Env<'_>,
        packet: &Packet<'_>,
        message: &icmp::IcmpView<'_>,
        is_orig: bool,
    ) {
        let end = &mut core.sides[side(is_orig)];
        end.state = 1;
        end.size += message.payload.wire_len() as u64;
        core.dirty = true;
        events_of::raise(core, env, packet, message);
    }
}
