//! The transport layer: TCP, UDP, ICMP and ICMPv6, and their checksums.

pub mod checksum;
pub mod context;
pub mod icmp;
pub mod icmpv6;
pub mod mptcp;
pub mod tcp;
pub mod tcp_options;
pub mod udp;

use crate::{Malformed, Snap, Weird};

/// A payload that is shorter than the least header of its protocol: by itself (`truncated_header`), or because
/// not all of it was captured (`internally_truncated_header`).
#[cold]
fn short(payload: Snap<'_>, header_len: usize, source: &'static str) -> Malformed {
    let name = if payload.wire_len() < header_len {
        "truncated_header"
    } else {
        "internally_truncated_header"
    };
    Weird::flow(name, source).fatal(payload.data().len())
}
