//! What is known of every connection, whatever its transport.

pub(crate) mod banner;
pub(crate) mod contents;
pub(crate) mod history;
pub(crate) mod threshold;

use std::cell::OnceCell;
use std::net::IpAddr;
use std::sync::Arc;

use bro_events::{
    ConnId, ConnSnapshot, EncapsulationLayer, EndpointSnapshot, Event, EventSink, FlowId, UidMaker, Value,
    Weird, WeirdAbout,
};

use crate::analyzer::AnalyzerDef;
use crate::env::Env;
use crate::events;
use crate::flow::FlowKey;
use crate::icmp::Icmp;
use crate::packet::Packet;
use crate::stats::Kind;
use crate::tcp::Tcp;
use crate::timers::Handle;
use crate::tree::Tree;
use crate::udp::Udp;
use contents::Contents;
use history::History;
use threshold::Thresholds;

/// One end of a connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Side {
    /// Payload bytes
    pub size: u64,
    /// As in `EndpointSnapshot`
    pub state: u8,
    /// IPv6 flow label of the latest packet
    pub flow_label: u32,
    /// Packets sent
    pub packets: u64,
    /// IP bytes sent
    pub ip_bytes: u64,
    /// Payload bytes that were acknowledged but not seen
    pub missed: u64,
    /// Link-layer address
    pub l2: Option<[u8; 6]>,
}

/// What every connection has, and everybody may look at while the transport or an analyzer is at work.
pub(crate) struct Core {
    pub id: ConnId,
    pub key: FlowKey,
    pub flow: FlowId,
    /// Whether the originator is the lower end of the key
    pub orig_is_low: bool,
    uid: OnceCell<Arc<str>>,
    uids: UidMaker,
    pub sides: [Side; 2],
    pub start: f64,
    pub last: f64,
    pub history: History,
    /// The policy's copy is outdated.
    pub dirty: bool,
    /// Both ends take part (TCP: the handshake was seen).
    pub established: bool,
    /// The beginning was not seen.
    pub partial: bool,
    /// Nobody wants the content any more.
    pub skip: bool,
    /// Whether packets are recorded when packets are
    pub record: bool,
    /// Policy has been told of the connection.
    pub known: bool,
    /// Remove it when the packet or timer at hand is done with.
    pub remove: bool,
    /// An analyzer exchanged the roles while the packet at hand was processed.
    pub flipped: bool,
    pub vlan: Option<u16>,
    pub inner_vlan: Option<u16>,
    pub tunnel: Option<Arc<[EncapsulationLayer]>>,
    pub tunnel_changes: u32,
    /// Seconds; 0: never
    pub inactivity_timeout: f64,
    /// The timer that is set, and for when
    pub timer: Option<Handle>,
    pub timer_at: f64,
    pub thresholds: Option<Box<Thresholds>>,
    pub contents: Option<Box<Contents>>,
    /// Analyzers that the connection was expected for
    pub expected: Vec<&'static AnalyzerDef>,
}

/// What an idle connection takes at most, in bytes: any, and what TCP adds to it, with nothing held for reassembly and no
/// analyzer on it.  Its places in the table and among the timers take some 80 more.  A test holds it to that.
#[cfg(test)]
pub(crate) const MOST_BYTES: (usize, usize) = (416, 376);

/// A connection with its transport and its analyzers.
pub(crate) struct Connection {
    pub core: Core,
    pub transport: TransportState,
    pub tree: Option<Box<Tree>>,
}

/// What a transport keeps of a connection.
pub(crate) enum TransportState {
    Tcp(Box<Tcp>),
    Udp(Box<Udp>),
    Icmp(Icmp),
    Other,
}

impl TransportState {
    pub fn kind(&self) -> Kind {
        match self {
            TransportState::Tcp(_) => Kind::Tcp,
            TransportState::Udp(_) => Kind::Udp,
            TransportState::Icmp(_) => Kind::Icmp,
            TransportState::Other => Kind::Other,
        }
    }
}

/// Index of a side: originator 0, responder 1.
#[inline]
pub(crate) fn side(is_orig: bool) -> usize {
    usize::from(!is_orig)
}

impl Core {
    /// A connection that begins with this packet, sent by the originator of `flow`.
    pub fn new(
        id: ConnId,
        key: FlowKey,
        flow: FlowId,
        orig_is_low: bool,
        packet: &Packet<'_>,
        uids: UidMaker,
    ) -> Self {
        let mut sides = [Side::default(), Side::default()];
        sides[0].l2 = packet.link.src_mac;
        sides[1].l2 = packet.link.dst_mac;
        Core {
            id,
            key,
            flow,
            orig_is_low,
            uid: OnceCell::new(),
            uids,
            sides,
            start: packet.ts,
            last: packet.ts,
            history: History::default(),
            dirty: true,
            established: false,
            partial: false,
            skip: false,
            record: true,
            known: false,
            remove: false,
            flipped: false,
            vlan: packet.link.vlan,
            inner_vlan: packet.link.inner_vlan,
            tunnel: packet.encapsulation.map(Arc::clone),
            tunnel_changes: 0,
            inactivity_timeout: 0.0,
            timer: None,
            timer_at: f64::INFINITY,
            thresholds: None,
            contents: None,
            expected: Vec::new(),
        }
    }

    /// The unique id as in logs; made when it is first asked for, and the same whenever that is.
    pub fn uid(&self) -> &Arc<str> {
        self.uid.get_or_init(|| self.uids.nth('C', self.id.0))
    }

    /// Counts a packet.
    pub fn count(&mut self, packet: &Packet<'_>, is_orig: bool) {
        let side = &mut self.sides[side(is_orig)];
        side.packets += 1;
        side.ip_bytes += packet.ip_len as u64;
    }

    /// The state as policy sees it.
    pub fn snapshot(&self) -> ConnSnapshot {
        ConnSnapshot {
            conn: self.id,
            uid: self.uid().clone(),
            id: self.flow,
            orig: endpoint(&self.sides[0]),
            resp: endpoint(&self.sides[1]),
            start_time: self.start,
            duration: self.last - self.start,
            history: self.history.to_text(),
            vlan: self.vlan,
            inner_vlan: self.inner_vlan,
            tunnel: self.tunnel.clone(),
        }
    }

    /// The state, if it changed since it was last taken.
    pub fn take_snapshot(&mut self) -> Option<ConnSnapshot> {
        if !self.dirty {
            return None;
        }
        self.dirty = false;
        self.known = true;
        Some(self.snapshot())
    }

    /// Tells policy what changed.
    pub fn update(&mut self, sink: &mut dyn EventSink) {
        if let Some(snapshot) = self.take_snapshot() {
            sink.conn_update(snapshot);
        }
    }

    /// Raises an event about the connection, if anybody handles it.  The arguments behind the connection are only built
    /// then.
    pub fn emit<const N: usize>(
        &mut self,
        sink: &mut dyn EventSink,
        event: &'static Event,
        args: impl FnOnce() -> [Value; N],
    ) {
        if !sink.wants(event) {
            return;
        }
        self.update(sink);
        let mut all = Vec::with_capacity(N + 1);
        all.push(Value::Conn(self.id));
        all.extend(args());
        sink.emit(event, all);
    }

    /// Raises an event whose only argument is the connection.
    pub fn raise(&mut self, sink: &mut dyn EventSink, event: &'static Event) {
        self.emit(sink, event, || []);
    }

    /// Raises an event with the connection and whether it is about the originator.
    pub fn raise_side(&mut self, sink: &mut dyn EventSink, event: &'static Event, is_orig: bool) {
        self.emit(sink, event, || [is_orig.into()]);
    }

    /// Reports something strange.
    pub fn weird(
        &mut self,
        sink: &mut dyn EventSink,
        name: &'static str,
        addl: impl Into<String>,
        source: &'static str,
    ) {
        self.update(sink);
        sink.weird(Weird {
            name,
            about: WeirdAbout::Conn(self.id),
            addl: addl.into(),
            source,
        });
    }

    /// Adds a letter to the history, given as the responder's.
    pub fn add_history(&mut self, letter: u8, is_orig: bool) {
        self.history.push(if is_orig {
            letter.to_ascii_uppercase()
        } else {
            letter
        });
        self.dirty = true;
    }

    /// Adds a letter to the history, unless it is in it.
    pub fn add_letter_once(&mut self, letter: char) {
        if letter.is_ascii() && !self.history.has(letter as u8) {
            self.history.push(letter as u8);
            self.dirty = true;
        }
    }

    /// Ends the analysis of the content, and leaves a mark of that in the history.
    pub fn skip_content(&mut self) {
        if !self.skip {
            self.skip = true;
            self.mark_unfollowed();
        }
    }

    /// Leaves a mark in the history that from here on something is not followed any more.
    pub fn mark_unfollowed(&mut self) {
        self.add_letter_once('X');
    }

    /// Exchanges originator and responder, and all that is kept by side.
    pub fn flip(&mut self) {
        self.flip_names();
        self.sides.swap(0, 1);
        if let Some(contents) = &mut self.contents {
            contents.flip();
        }
    }

    /// Exchanges originator and responder because an analyzer knows better, in the middle of a packet.  What was counted
    /// so far stays where it is: the packet at hand counts for the side that now is the originator.
    pub fn flip_names(&mut self) {
        let flow = self.flow;
        self.flow = FlowId {
            orig_h: flow.resp_h,
            orig_p: flow.resp_p,
            resp_h: flow.orig_h,
            resp_p: flow.orig_p,
            ..flow
        };
        self.orig_is_low = !self.orig_is_low;
        self.history.push(b'^');
        self.dirty = true;
    }

    /// Notes a packet's flow label and raises an event when it changed.
    pub fn flow_label(&mut self, env: &mut Env<'_>, is_orig: bool, label: u32) {
        let side = side(is_orig);
        let old = self.sides[side].flow_label;
        if old == label {
            return;
        }
        self.sides[side].flow_label = label;
        if self.sides[side].packets > 1 {
            self.emit(env.sink, &events::CONNECTION_FLOW_LABEL_CHANGED, || {
                [is_orig.into(), old.into(), label.into()]
            });
        }
    }

    /// When the connection is to be removed if nothing happens on it.
    pub fn inactive_at(&self) -> f64 {
        if self.inactivity_timeout > 0.0 {
            self.last + self.inactivity_timeout
        } else {
            f64::INFINITY
        }
    }
}

/// The first time after `now` that is a whole number of intervals after `start`, all in seconds.
pub(crate) fn next_multiple(start: f64, interval: f64, now: f64) -> f64 {
    let passed = ((now - start) / interval).floor().max(0.0);
    let next = start + (passed + 1.0) * interval;
    // So many intervals that the numbers have become too coarse: not before time has passed.
    if next > now {
        next
    } else {
        now + interval
    }
}

/// Whether a time is one that [`next_multiple`] gives.
pub(crate) fn is_multiple(start: f64, interval: f64, at: f64) -> bool {
    let count = ((at - start) / interval).round();
    count >= 1.0 && start + count * interval == at
}

fn endpoint(side: &Side) -> EndpointSnapshot {
    EndpointSnapshot {
        size: side.size,
        state: u64::from(side.state),
        num_pkts: side.packets,
        num_bytes_ip: side.ip_bytes,
        flow_label: side.flow_label,
        l2_addr: side.l2,
    }
}

/// The value of a `conn_id` record.
pub(crate) fn conn_id_value(flow: &FlowId) -> Value {
    Value::Record(
        &bro_events::weird::CONN_ID,
        vec![
            addr(flow.orig_h),
            Value::Port(flow.orig_p, flow.transport),
            addr(flow.resp_h),
            Value::Port(flow.resp_p, flow.transport),
            Value::Count(u64::from(flow.ip_proto)),
        ],
    )
}

fn addr(addr: IpAddr) -> Value {
    Value::Addr(addr)
}
