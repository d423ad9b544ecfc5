//! UDP flows (RFC 768).

use std::sync::Arc;

use bro_decode::transport::udp::{UdpView, HEADER_LEN};
use bro_events::{EncapsulationLayer, Transport};

use crate::conn::history::Scaled;
use crate::conn::{side, Core};
use crate::env::Env;
use crate::events;
use crate::options::Options;
use crate::tree::Tree;

/// Name of the analyzer in weirds.
const SOURCE: &str = "UDP";

/// The state of a side that has sent something, as policy's constant `UDP_ACTIVE`.
const ACTIVE: u8 = 1;

/// What UDP keeps of a flow.
#[derive(Debug, Default)]
pub(crate) struct Udp {
    /// By side: bad checksums, and whether a datagram was noted in the history
    checksums: [Scaled; 2],
    noted: [bool; 2],
    /// The tunnel protocol over the flow
    pub tunnel: Tunnel,
}

/// What is known of a flow that may be a tunnel.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tunnel {
    /// By side: valid packets were seen.
    pub valid: [bool; 2],
    pub confirmed: bool,
    /// Packets do not fit the protocol.
    pub failed: bool,
    /// The analyzer's instance number; 0 before the first packet
    pub instance: u64,
    /// What lies around the packets inside, as of the latest
    pub layers: Option<Arc<[EncapsulationLayer]>>,
}

impl Udp {
    /// Whether the sender of a flow's first datagram is the responder.
    pub fn is_from_responder(options: &Options, udp: &UdpView<'_>) -> bool {
        let likely = |port| options.likely_server_ports.contains(&(Transport::Udp, port));
        likely(udp.src_port) && !likely(udp.dst_port)
    }

    /// A datagram with a wrong checksum: noted, and otherwise ignored.
    pub fn bad_checksum(&mut self, core: &mut Core, env: &mut Env<'_>, is_orig: bool) {
        core.weird(env.sink, "bad_UDP_checksum", "", SOURCE);
        if let Some(threshold) = self.checksums[side(is_orig)].count() {
            core.add_history(b'c', is_orig);
            if threshold > 1 {
                core.emit(env.sink, &events::UDP_MULTIPLE_CHECKSUM_ERRORS, || {
                    [is_orig.into(), threshold.into()]
                });
            }
        }
    }

    /// Processes a datagram.
    pub fn process(
        &mut self,
        core: &mut Core,
        tree: &mut Option<Box<Tree>>,
        env: &mut Env<'_>,
        udp: &UdpView<'_>,
        is_orig: bool,
    ) {
        let s = side(is_orig);
        if !std::mem::replace(&mut self.noted[s], true) {
            core.add_history(b'd', is_orig);
        }
        if let Some(weird) = udp.weird() {
            core.weird(env.sink, weird.name, weird.detail.unwrap_or_default(), SOURCE);
        }
        let end = &mut core.sides[s];
        end.state = ACTIVE;
        // What the datagram claims, even where the IP packet disagrees; a claim of 0 leaves it to that.
        end.size += match usize::from(udp.length) {
            0 => udp.payload.wire_len(),
            claimed => claimed.saturating_sub(HEADER_LEN),
        } as u64;
        core.dirty = true;
        core.raise(
            env.sink,
            if is_orig {
                &events::UDP_REQUEST
            } else {
                &events::UDP_REPLY
            },
        );
        let data = udp.payload.data();
        if env.sink.wants(&events::UDP_CONTENTS) && wants_contents(core, env.options, is_orig) {
            core.emit(env.sink, &events::UDP_CONTENTS, || [is_orig.into(), data.into()]);
        }
        crate::conn::contents::take(core, env, s, data);
        if core.skip {
            return;
        }
        let tree = Tree::grow(tree, core, env);
        if tree.wants_stream() {
            tree.deliver_packet(core, env, is_orig, data);
        }
    }
}

/// Whether `udp_contents` is raised for a direction.
fn wants_contents(core: &Core, options: &Options, is_orig: bool) -> bool {
    let (orig_p, resp_p) = (
        (Transport::Udp, core.flow.orig_p),
        (Transport::Udp, core.flow.resp_p),
    );
    if options.udp_content_ports.contains(&orig_p) || options.udp_content_ports.contains(&resp_p) {
        return true;
    }
    if is_orig {
        return options.udp_content_deliver_all_orig
            || options.udp_content_delivery_ports_orig.0.contains(&resp_p);
    }
    let port = if options.udp_content_delivery_ports_use_resp {
        resp_p
    } else {
        orig_p
    };
    options.udp_content_deliver_all_resp || options.udp_content_delivery_ports_resp.0.contains(&port)
}
