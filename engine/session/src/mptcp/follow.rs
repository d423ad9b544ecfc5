//! From options to connections, and from what these learn to events.

use bro_decode::transport::mptcp::Mptcp;
use bro_decode::transport::tcp::flags as bit;
use bro_events::{Event, Value};

use super::connections::{Fact, Path};
use super::options::port_value;
use crate::events::{
    MPTCP_ADDRESS_ADVERTISED, MPTCP_ADDRESS_ID_REUSED, MPTCP_ADDRESS_WITHDRAWN, MPTCP_ATTEMPT,
    MPTCP_ESTABLISHED, MPTCP_JOIN_REFUSED, MPTCP_JOIN_UNKNOWN, MPTCP_KEYS_CHANGED, MPTCP_SUBFLOW_JOINED,
    MPTCP_WRONG_HMAC,
};
use crate::tcp::Work;

/// The events for which connections are kept.
pub(super) static EVENTS: [&Event; 10] = [
    &MPTCP_ATTEMPT,
    &MPTCP_ESTABLISHED,
    &MPTCP_KEYS_CHANGED,
    &MPTCP_JOIN_UNKNOWN,
    &MPTCP_SUBFLOW_JOINED,
    &MPTCP_WRONG_HMAC,
    &MPTCP_JOIN_REFUSED,
    &MPTCP_ADDRESS_ADVERTISED,
    &MPTCP_ADDRESS_ID_REUSED,
    &MPTCP_ADDRESS_WITHDRAWN,
];

/// Hands an option on to the connection it is about.
pub(super) fn option(work: &mut Work<'_, '_, '_>, is_orig: bool, option: &Mptcp<'_>) {
    let core = &work.core;
    let path = Path {
        conn: core.id,
        uid: core.uid(),
        hosts: [core.flow.orig_h, core.flow.resp_h],
    };
    let connections = &mut *work.env.mptcp;
    let flags = (work.tcp.has(bit::SYN), work.tcp.has(bit::ACK));
    let fact = match option {
        Mptcp::Capable(capable) => connections.capable(&path, is_orig, flags, capable),
        Mptcp::Join(join) => connections.join(&path, is_orig, join),
        Mptcp::AddAddr(add) => connections.add_address(path.conn, is_orig, add),
        Mptcp::RemoveAddr { ids, .. } => {
            for &id in *ids {
                let fact = work.env.mptcp.remove_address(work.core.id, is_orig, id);
                raise(work, is_orig, fact);
            }
            None
        }
        _ => None,
    };
    raise(work, is_orig, fact);
}

/// Follows a segment after its options.  True if it belongs to a connection.
pub(super) fn segment(work: &mut Work<'_, '_, '_>, is_orig: bool) -> bool {
    let tcp = work.tcp;
    let flags = (tcp.has(bit::SYN), tcp.has(bit::ACK), tcp.has(bit::RST));
    let fact = work.env.mptcp.segment(work.core.id, is_orig, flags);
    raise(work, is_orig, fact);
    work.env.mptcp.has_subflow(work.core.id)
}

fn raise(work: &mut Work<'_, '_, '_>, is_orig: bool, fact: Option<Fact>) {
    let Some(fact) = fact else { return };
    let (core, sink) = (&mut *work.core, &mut *work.env.sink);
    let text = |text: &str| Value::Str(text.as_bytes().to_vec());
    match fact {
        Fact::Attempt { version } => core.emit(sink, &MPTCP_ATTEMPT, || [version.into()]),
        Fact::Established { version, tokens } => core.emit(sink, &MPTCP_ESTABLISHED, || {
            let [orig, resp] = tokens.map(|token| token.unwrap_or(0).into());
            [version.into(), orig, resp]
        }),
        Fact::KeysChanged { whose: [orig, resp] } => {
            core.emit(sink, &MPTCP_KEYS_CHANGED, || [orig.into(), resp.into()]);
        }
        Fact::UnknownJoin { token } => core.emit(sink, &MPTCP_JOIN_UNKNOWN, || [token.into()]),
        Fact::Joined { first, verified } => {
            core.emit(sink, &MPTCP_SUBFLOW_JOINED, || [text(&first), verified.into()]);
        }
        Fact::WrongHmac { first } => {
            core.emit(sink, &MPTCP_WRONG_HMAC, || [text(&first), is_orig.into()]);
        }
        Fact::JoinRefused { first } => core.emit(sink, &MPTCP_JOIN_REFUSED, || [text(&first)]),
        Fact::Advertised {
            first,
            addr_id,
            address,
            port,
            verified,
            conflict,
        } => {
            if let Some(before) = conflict {
                core.emit(sink, &MPTCP_ADDRESS_ID_REUSED, || {
                    let (before, address) = (before.into(), address.into());
                    [text(&first), addr_id.into(), before, address, is_orig.into()]
                });
            }
            core.emit(sink, &MPTCP_ADDRESS_ADVERTISED, || {
                [
                    text(&first),
                    addr_id.into(),
                    address.into(),
                    port_value(port),
                    verified.into(),
                    is_orig.into(),
                ]
            });
        }
        Fact::Withdrawn { first, addr_id } => core.emit(sink, &MPTCP_ADDRESS_WITHDRAWN, || {
            [text(&first), addr_id.into(), is_orig.into()]
        }),
        Fact::TableFull => core.weird(sink, "mptcp_table_full", "", "MPTCP"),
    }
}
