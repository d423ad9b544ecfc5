//! An event for each MPTCP option of a segment.

use std::net::IpAddr;

use bro_decode::transport::mptcp::{self, AddAddr, AddAddrForm, Capable, Dss, Join, Mptcp};
use bro_decode::transport::tcp_options::kind;
use bro_events::{Event, EventSink, Transport, Value};

use super::follow;
use crate::conn::Core;
use crate::events::{
    MPTCP, MP_ADD_ADDR, MP_ADD_ADDR_ECHO, MP_ADD_ADDR_V1, MP_CAPABLE, MP_CAPABLE_DATA, MP_DSS, MP_ERROR,
    MP_EXPERIMENTAL, MP_FAIL, MP_FASTCLOSE, MP_JOIN, MP_PRIO, MP_REMOVE_ADDR, MP_TCPRST,
};
use crate::tcp::Work;

/// What nearly every segment that opens no connection has as options: two bytes of padding and timestamps.
const TIMESTAMPS_ONLY: [u8; 4] = [kind::NOP, kind::NOP, kind::TIMESTAMPS, 10];

/// Whether the options may have one of MPTCP.  Looked at for every segment, so it must cost next to nothing: most have
/// no options, or those that are known at a glance.
#[inline]
pub(crate) fn is_possible(raw_options: &[u8]) -> bool {
    match raw_options.first_chunk::<4>() {
        None => false,
        Some(&TIMESTAMPS_ONLY) if raw_options.len() == 12 => false,
        Some(_) => raw_options.contains(&kind::MPTCP),
    }
}

/// Raises the events about a segment's MPTCP options, with or without payload, and follows the connection it belongs to.
/// True if it belongs to one.  Options behind one that does not fit into the header are not known.
#[cold]
pub(crate) fn segment(work: &mut Work<'_, '_, '_>, segment: &mut follow::Segment<'_>) -> bool {
    let tcp = work.tcp;
    let mut bare = true;
    for option in tcp.options().map_while(Result::ok) {
        if option.kind != kind::MPTCP {
            continue;
        }
        bare = false;
        let content = mptcp::parse(option.data, tcp.flags);
        let mut raise = Raise {
            core: work.core,
            sink: work.env.sink,
            is_orig: segment.is_orig,
            len: option.length,
        };
        raise.option(mptcp::subtype_of(option.data), content.as_ref());
        match &content {
            Some(content) if segment.credible => follow::option(work, segment, content),
            _ => {}
        }
    }
    if segment.credible {
        follow::segment(work, segment, bare)
    } else {
        // Its receiver drops it, and the options with it.
        let conn = work.core.id;
        if !bare {
            work.env.mptcp.weird(conn, "mptcp_option_outside_window");
        }
        work.env.mptcp.has_subflow(conn)
    }
}

/// The port of an announced address; without one it is `0/unknown`.
pub(super) fn port_value(port: Option<u16>) -> Value {
    match port {
        Some(port) => Value::Port(port, Transport::Tcp),
        None => Value::Port(0, Transport::Unknown),
    }
}

/// Raises the events about one option.
struct Raise<'a> {
    core: &'a mut Core,
    sink: &'a mut dyn EventSink,
    is_orig: bool,
    /// With kind and length field
    len: u8,
}

impl Raise<'_> {
    /// Raises an event: connection, length, these arguments, side.
    fn emit<const N: usize>(&mut self, event: &'static Event, args: impl FnOnce() -> [Value; N]) {
        if !self.sink.wants(event) {
            return;
        }
        self.core.update(self.sink);
        let mut all = Vec::with_capacity(N + 3);
        all.extend([Value::Conn(self.core.id), self.len.into()]);
        all.extend(args());
        all.push(self.is_orig.into());
        self.sink.emit(event, all);
    }

    /// The events of an option; `content` is what it says if it is right.
    fn option(&mut self, subtype: Option<u8>, content: Option<&Mptcp<'_>>) {
        if let Some(subtype) = subtype {
            self.emit(&MPTCP, || [subtype.into()]);
        }
        let Some(&content) = content else {
            self.emit(&MP_ERROR, || [subtype.unwrap_or(0).into()]);
            return;
        };
        match content {
            Mptcp::Capable(capable) => self.capable(&capable),
            Mptcp::Join(join) => self.join(&join),
            Mptcp::Dss(dss) => self.dss(&dss),
            Mptcp::AddAddr(add) => self.add_addr(&add),
            Mptcp::RemoveAddr { reserved, ids } => {
                for &id in ids {
                    self.emit(&MP_REMOVE_ADDR, || [reserved.into(), id.into()]);
                }
            }
            Mptcp::Prio { flags, addr_id } => {
                self.emit(&MP_PRIO, || [flags.into(), addr_id.unwrap_or(0).into()]);
            }
            Mptcp::Fail { reserved, dsn } => self.emit(&MP_FAIL, || [reserved.into(), dsn.into()]),
            Mptcp::FastClose {
                reserved,
                receiver_key,
            } => self.emit(&MP_FASTCLOSE, || [reserved.into(), receiver_key.into()]),
            Mptcp::TcpRst { flags, reason } => {
                self.emit(&MP_TCPRST, || [flags.into(), reason.into()]);
            }
            Mptcp::Experimental { flags, data } => {
                self.emit(&MP_EXPERIMENTAL, || [flags.into(), data.into()]);
            }
        }
    }

    fn capable(&mut self, capable: &Capable) {
        self.emit(&MP_CAPABLE, || {
            [
                capable.version.into(),
                capable.flags.into(),
                capable.sender_key.unwrap_or(0).into(),
                capable.receiver_key.unwrap_or(0).into(),
            ]
        });
        if let Some(len) = capable.data_len {
            let checksum = capable.checksum.unwrap_or(0);
            self.emit(&MP_CAPABLE_DATA, || [len.into(), checksum.into()]);
        }
    }

    fn join(&mut self, join: &Join<'_>) {
        let none: &[u8] = &[];
        let (flags, addr_id, nonce, token, hmac) = match *join {
            Join::Syn {
                flags,
                addr_id,
                token,
                nonce,
            } => (flags, addr_id, nonce, token, none),
            Join::SynAck {
                flags,
                addr_id,
                hmac,
                nonce,
            } => (flags, addr_id, nonce, 0, hmac),
            Join::Ack { hmac } => (0, 0, 0, 0, hmac),
        };
        self.emit(&MP_JOIN, || {
            [
                flags.into(),
                addr_id.into(),
                nonce.into(),
                token.into(),
                hmac.into(),
            ]
        });
    }

    fn dss(&mut self, dss: &Dss) {
        let (dsn, ssn, len, checksum) = dss.mapping.map_or((0, 0, 0, 0), |mapping| {
            (
                mapping.dsn.bits(),
                mapping.ssn,
                mapping.len,
                mapping.checksum.unwrap_or(0),
            )
        });
        self.emit(&MP_DSS, || {
            [
                dss.flags.into(),
                dss.ack.map_or(0, |ack| ack.bits()).into(),
                dsn.into(),
                ssn.into(),
                len.into(),
                checksum.into(),
            ]
        });
    }

    fn add_addr(&mut self, add: &AddAddr<'_>) {
        let (echo, hmac): (bool, &[u8]) = match add.form {
            AddAddrForm::Plain => (false, &[]),
            AddAddrForm::Echo => (true, &[]),
            AddAddrForm::Authenticated(hmac) => (false, hmac),
        };
        if add.form != AddAddrForm::Plain {
            self.emit(&MP_ADD_ADDR_V1, || [echo.into(), add.addr_id.into(), hmac.into()]);
        }
        let ip_version: u8 = match add.address {
            IpAddr::V4(_) => 4,
            IpAddr::V6(_) => 6,
        };
        let event = if echo { &MP_ADD_ADDR_ECHO } else { &MP_ADD_ADDR };
        self.emit(event, || {
            [
                ip_version.into(),
                add.addr_id.into(),
                add.address.into(),
                port_value(add.port),
            ]
        });
    }
}
