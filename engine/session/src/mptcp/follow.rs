//! From options to connections, and from what these learn to events.

use bro_decode::transport::mptcp::{Join, Mptcp};
use bro_decode::transport::tcp::flags as bit;
use bro_events::Value;

use super::connections::{Fact, Path};
use super::data::Place;
use super::options::port_value;
use crate::events::{
    MPTCP_ADDRESS_ADVERTISED, MPTCP_ADDRESS_ECHOED, MPTCP_ADDRESS_ID_REUSED, MPTCP_ADDRESS_WITHDRAWN,
    MPTCP_ATTEMPT, MPTCP_ESTABLISHED, MPTCP_JOIN_REFUSED, MPTCP_JOIN_UNKNOWN, MPTCP_KEYS_CHANGED,
    MPTCP_REJECTED, MPTCP_SUBFLOW, MPTCP_SUBFLOW_JOINED, MPTCP_WRONG_HMAC,
};
use crate::tcp::Work;

/// A segment that is looked at.
pub(crate) struct Segment<'a> {
    pub is_orig: bool,
    pub place: Place,
    /// It resets the connection, and its receiver believes it.
    pub rst: bool,
    /// Its receiver takes it: it is in the window.
    pub credible: bool,
    pub standing: &'a mut Standing,
}

/// What is known of a TCP connection that is no subflow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Nothing
    #[default]
    Unknown,
    /// Its handshake, as far as it was seen, wanted it to be one.
    Tried,
    /// It would be one, but for a limit.  It is not looked at again.
    Outside,
}

/// Hands an option on to the connection it is about.
pub(super) fn option(work: &mut Work<'_, '_, '_>, segment: &mut Segment<'_>, option: &Mptcp<'_>) {
    let core = &work.core;
    let (conn, is_orig, now) = (core.id, segment.is_orig, work.env.now);
    let path = Path {
        conn,
        uid: core.uid(),
        flow: core.flow,
    };
    let connections = &mut *work.env.mptcp;
    let (syn, ack) = (work.tcp.has(bit::SYN), work.tcp.has(bit::ACK));
    let mut fact = None;
    let mut late = None;
    match option {
        Mptcp::Capable(capable) => {
            let unseen = || *segment.standing == Standing::Tried || !work.core.history.has(b'S');
            if !connections.has_subflow(conn) && ack && unseen() {
                late = connections.late_capable(&path, is_orig, syn, capable);
            }
            fact = connections.capable(&path, is_orig, (syn, ack), capable);
            if !syn {
                connections.capable_data(conn, is_orig, segment.place, capable);
            }
        }
        Mptcp::Join(join) => {
            fact = connections.join(&path, is_orig, join);
            // What its SYN did not say, no later packet can: its ends would not listen.
            let history = &work.core.history;
            let counts = match join {
                Join::Syn { .. } => true,
                Join::SynAck { .. } => !history.has(b'S'),
                Join::Ack { .. } => !history.has(b'S') && !history.has(b'h'),
            };
            if counts && *segment.standing == Standing::Unknown && !work.env.mptcp.has_subflow(conn) {
                *segment.standing = Standing::Tried;
            }
        }
        Mptcp::Dss(dss) => {
            let unseen = || !work.core.history.has(b'S') && !work.core.history.has(b'h');
            let standing = *segment.standing;
            let tried = standing == Standing::Tried;
            if standing != Standing::Outside && !connections.has_subflow(conn) && (tried || unseen()) {
                late = connections.late_dss(&path, is_orig, tried, dss);
            }
            connections.dss(conn, is_orig, segment.place, dss, now);
        }
        Mptcp::AddAddr(add) => fact = connections.add_address(conn, is_orig, add),
        Mptcp::RemoveAddr { ids, .. } => {
            for &id in *ids {
                let fact = work.env.mptcp.remove_address(conn, is_orig, id);
                raise(work, is_orig, fact);
            }
        }
        Mptcp::Fail { .. } => connections.fail(conn, is_orig, segment.rst),
        Mptcp::FastClose { receiver_key, .. } => connections.fast_close(conn, is_orig, *receiver_key),
        Mptcp::Prio { .. } | Mptcp::TcpRst { .. } | Mptcp::Experimental { .. } => {}
    }
    if matches!(late, Some(Fact::Limit(_))) {
        *segment.standing = Standing::Outside;
    }
    raise(work, is_orig, late);
    raise(work, is_orig, fact);
}

/// Follows a segment after its options; `bare`: it had none.  True if it belongs to a connection.
pub(super) fn segment(work: &mut Work<'_, '_, '_>, segment: &Segment<'_>, bare: bool) -> bool {
    let tcp = work.tcp;
    let flags = (tcp.has(bit::SYN), tcp.has(bit::ACK), segment.rst);
    let fact = work.env.mptcp.segment(work.core.id, segment.is_orig, flags, bare);
    raise(work, segment.is_orig, fact);
    work.env.mptcp.has_subflow(work.core.id)
}

fn raise(work: &mut Work<'_, '_, '_>, is_orig: bool, fact: Option<Fact>) {
    let Some(fact) = fact else { return };
    let (core, sink) = (&mut *work.core, &mut *work.env.sink);
    let text = |text: &str| Value::Str(text.as_bytes().to_vec());
    match fact {
        Fact::Attempt { version } => core.emit(sink, &MPTCP_ATTEMPT, || [version.into()]),
        Fact::Rejected { version } => core.emit(sink, &MPTCP_REJECTED, || [version.into()]),
        Fact::Subflow { first } => core.emit(sink, &MPTCP_SUBFLOW, || [text(&first)]),
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
        Fact::Echoed {
            first,
            addr_id,
            address,
            port,
        } => core.emit(sink, &MPTCP_ADDRESS_ECHOED, || {
            [
                text(&first),
                addr_id.into(),
                address.into(),
                port_value(port),
                is_orig.into(),
            ]
        }),
        Fact::Withdrawn { first, addr_id } => core.emit(sink, &MPTCP_ADDRESS_WITHDRAWN, || {
            [text(&first), addr_id.into(), is_orig.into()]
        }),
        Fact::Limit(weird) => core.weird(sink, weird, "", "MPTCP"),
    }
}
