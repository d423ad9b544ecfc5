//! Packets made by hand, and sessions that process them: for the tests of this crate.

use std::net::Ipv4Addr;

use bro_capture::{LinkType, Packet, Timestamp};
use bro_decode::transport::tcp::flags as bit;
use bro_events::{Command, ConnSnapshot, FlowId, NoFiles, Recorder, Transport, Value};

use crate::analyzer::{Analyzer, AnalyzerDef, AnalyzerRegistry, Context};
use crate::{Options, Sessions};

/// Host and port of the end that opens connections.
pub(crate) const ORIG: (Ipv4Addr, u16) = (Ipv4Addr::new(10, 0, 0, 1), 40_000);
/// Host and port of the other end.
pub(crate) const RESP: (Ipv4Addr, u16) = (Ipv4Addr::new(10, 0, 0, 2), 9_999);

/// Protocol numbers
pub(crate) const ICMP: u8 = 1;
pub(crate) const IPIP: u8 = 4;
pub(crate) const TCP: u8 = 6;
pub(crate) const UDP: u8 = 17;

/// An analyzer that tells what it is given as weirds: `stream`, `packet`, `gap`, `end`, with the side and the content.
pub(crate) static PLAIN: AnalyzerDef = AnalyzerDef {
    name: "PLAIN",
    tag: "Analyzer::ANALYZER_PLAIN",
    about: "Tells what it is given",
    handles_partial: false,
    new: |_| Box::new(Plain),
    options: &[],
    events: &[],
    records: &[],
    declarations: "",
    signatures: "",
};

struct Plain;

impl Analyzer for Plain {
    fn deliver_stream(&mut self, ctx: &mut Context<'_>, is_orig: bool, data: &[u8]) {
        ctx.confirm();
        ctx.weird("stream", format!("{is_orig} {}", String::from_utf8_lossy(data)));
    }
    fn deliver_packet(&mut self, ctx: &mut Context<'_>, is_orig: bool, data: &[u8]) {
        ctx.weird("packet", format!("{is_orig} {}", String::from_utf8_lossy(data)));
    }
    fn undelivered(&mut self, ctx: &mut Context<'_>, is_orig: bool, offset: u64, len: u64) {
        ctx.weird("gap", format!("{is_orig} {offset} {len}"));
    }
    fn end_of_data(&mut self, ctx: &mut Context<'_>, is_orig: bool) {
        ctx.weird("end", is_orig.to_string());
    }
}

/// The name of a flow between two addresses.
pub(crate) fn flow(orig_h: &str, orig_p: u16, resp_h: &str, resp_p: u16, transport: Transport) -> FlowId {
    let ip_proto = if transport == Transport::Udp { UDP } else { TCP };
    let addr = |addr: &str| addr.parse().expect("an address");
    FlowId {
        orig_h: addr(orig_h),
        orig_p,
        resp_h: addr(resp_h),
        resp_p,
        transport,
        ip_proto,
    }
}

/// Sums 16-bit words as the internet checksum does (RFC 1071).
fn checksum(parts: &[&[u8]]) -> u16 {
    let mut sum = 0u32;
    for part in parts {
        for pair in part.chunks(2) {
            sum += u32::from(u16::from_be_bytes([pair[0], pair.get(1).copied().unwrap_or(0)]));
        }
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

fn pseudo_header(src: Ipv4Addr, dst: Ipv4Addr, protocol: u8, len: usize) -> Vec<u8> {
    let len = (len as u16).to_be_bytes();
    [&src.octets()[..], &dst.octets()[..], &[0, protocol], &len].concat()
}

/// An IPv4 packet, or with `fragment` (identification, offset in bytes, more follow) a part of one.
pub(crate) fn ipv4_part(
    src: Ipv4Addr,
    dst: Ipv4Addr,
    protocol: u8,
    payload: &[u8],
    fragment: (u16, usize, bool),
) -> Vec<u8> {
    let (id, offset, more) = fragment;
    let word = (offset / 8) as u16 | if more { 0x2000 } else { 0 };
    let mut header = vec![0x45, 0];
    header.extend(((20 + payload.len()) as u16).to_be_bytes());
    header.extend(id.to_be_bytes());
    header.extend(word.to_be_bytes());
    header.extend([64, protocol, 0, 0]);
    header.extend(src.octets());
    header.extend(dst.octets());
    let sum = checksum(&[&header]);
    header[10..12].copy_from_slice(&sum.to_be_bytes());
    [&header[..], payload].concat()
}

/// A whole IPv4 packet.
pub(crate) fn ipv4(src: Ipv4Addr, dst: Ipv4Addr, protocol: u8, payload: &[u8]) -> Vec<u8> {
    ipv4_part(src, dst, protocol, payload, (0, 0, false))
}

/// A datagram: from the originator or to it.
pub(crate) fn udp(from_orig: bool, payload: &[u8]) -> Vec<u8> {
    let ((src, sport), (dst, dport)) = if from_orig { (ORIG, RESP) } else { (RESP, ORIG) };
    let len = (8 + payload.len()) as u16;
    let mut header: Vec<u8> = [sport, dport, len, 0]
        .iter()
        .flat_map(|word| word.to_be_bytes())
        .collect();
    let sum = checksum(&[&pseudo_header(src, dst, UDP, usize::from(len)), &header, payload]);
    header[6..8].copy_from_slice(&sum.to_be_bytes());
    [&header[..], payload].concat()
}

/// A TCP segment.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pub from_orig: bool,
    pub flags: u8,
    pub seq: u32,
    pub ack: u32,
    pub payload: Vec<u8>,
    pub window: u16,
    pub options: Vec<u8>,
    /// The checksum is right.
    pub sound: bool,
}

impl Segment {
    /// A segment with these flags, each a letter of `SFRPAU`; without `A` its acknowledgement means nothing.
    fn new(from_orig: bool, flags: &str, seq: u32, ack: u32, payload: &[u8]) -> Self {
        let flag = |letter| match letter {
            'S' => bit::SYN,
            'F' => bit::FIN,
            'R' => bit::RST,
            'P' => bit::PSH,
            'A' => bit::ACK,
            'U' => bit::URG,
            other => panic!("no flag {other}"),
        };
        Segment {
            from_orig,
            flags: flags.chars().map(flag).fold(0, |all, flag| all | flag),
            seq,
            ack,
            payload: payload.to_vec(),
            window: 8192,
            options: Vec::new(),
            sound: true,
        }
    }

    /// Header and payload.
    pub fn bytes(&self, src: (Ipv4Addr, u16), dst: (Ipv4Addr, u16)) -> Vec<u8> {
        assert!(self.options.len() % 4 == 0, "options fill words");
        let offset = ((20 + self.options.len()) / 4) as u8;
        let mut header = [src.1.to_be_bytes(), dst.1.to_be_bytes()].concat();
        header.extend(self.seq.to_be_bytes());
        header.extend(self.ack.to_be_bytes());
        header.extend([offset << 4, self.flags]);
        header.extend(self.window.to_be_bytes());
        header.extend([0; 4]);
        header.extend(&self.options);
        let len = header.len() + self.payload.len();
        let sum = checksum(&[&pseudo_header(src.0, dst.0, TCP, len), &header, &self.payload]);
        let sum = if self.sound { sum } else { sum ^ 0x5555 };
        header[16..18].copy_from_slice(&sum.to_be_bytes());
        [header, self.payload.clone()].concat()
    }
}

/// A segment from the originator.
pub(crate) fn orig(flags: &str, seq: u32, ack: u32, payload: &[u8]) -> Segment {
    Segment::new(true, flags, seq, ack, payload)
}

/// A segment from the responder.
pub(crate) fn resp(flags: &str, seq: u32, ack: u32, payload: &[u8]) -> Segment {
    Segment::new(false, flags, seq, ack, payload)
}

/// Sessions with no analyzer but [`PLAIN`], and what they raise.
pub(crate) struct Bench {
    pub sessions: Sessions,
    pub recorder: Recorder,
    /// Time of the next packet, seconds
    pub now: f64,
}

impl Bench {
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    /// With some options changed.  All TCP content is raised as `tcp_contents`.
    pub fn with(change: impl FnOnce(&mut Options)) -> Self {
        let mut options = Options {
            tcp_content_deliver_all_orig: true,
            tcp_content_deliver_all_resp: true,
            ..Options::default()
        };
        change(&mut options);
        let sessions = Sessions::new(AnalyzerRegistry::new(&[&PLAIN]), options, [7; 16]);
        Bench {
            sessions,
            recorder: Recorder::new(),
            now: 1000.0,
        }
    }

    /// Processes an IP packet, a millisecond after the one before.
    pub fn ip(&mut self, packet: &[u8]) -> &mut Self {
        self.captured(packet, packet.len())
    }

    /// The same for one that was longer than what was captured of it.
    pub fn captured(&mut self, packet: &[u8], original_len: usize) -> &mut Self {
        self.wait(0.001);
        let ts = Timestamp::from_nanos((self.now * 1e6).round() as i64 * 1000);
        let mut packet = Packet::new(ts, packet, LinkType(101));
        packet.original_len = original_len as u32;
        self.sessions.packet(&packet, &mut self.recorder, &mut NoFiles);
        self
    }

    /// Processes segments between the usual ends.
    pub fn tcp(&mut self, segments: &[Segment]) -> &mut Self {
        for segment in segments {
            let (src, dst) = if segment.from_orig {
                (ORIG, RESP)
            } else {
                (RESP, ORIG)
            };
            self.ip(&ipv4(src.0, dst.0, TCP, &segment.bytes(src, dst)));
        }
        self
    }

    /// Processes a datagram between the usual ends.
    pub fn udp(&mut self, from_orig: bool, payload: &[u8]) -> &mut Self {
        let (src, dst) = if from_orig {
            (ORIG.0, RESP.0)
        } else {
            (RESP.0, ORIG.0)
        };
        self.ip(&ipv4(src, dst, UDP, &udp(from_orig, payload)))
    }

    /// The usual handshake: the originator's data begins at 101, the responder's at 501.
    pub fn handshake(&mut self) -> &mut Self {
        self.tcp(&[
            orig("S", 100, 0, b""),
            resp("SA", 500, 101, b""),
            orig("A", 101, 501, b""),
        ])
    }

    /// Lets time pass.
    pub fn wait(&mut self, seconds: f64) -> &mut Self {
        self.now += seconds;
        while self.sessions.advance(self.now, &mut self.recorder, &mut NoFiles) {}
        self
    }

    /// Ends the input.
    pub fn finish(&mut self) -> &mut Self {
        self.sessions.finish(&mut self.recorder, &mut NoFiles);
        self
    }

    /// Gives a command.
    pub fn apply(&mut self, command: Command) -> &mut Self {
        assert_eq!(
            self.sessions.apply(command, &mut self.recorder, &mut NoFiles),
            None
        );
        self
    }

    /// The picture of all connections there have been, in the order in which they began: as they are, or as they went.
    pub fn conns(&self) -> Vec<ConnSnapshot> {
        let latest = |conn: &ConnSnapshot| self.sessions.snapshot(conn.conn).unwrap_or_else(|| conn.clone());
        let mut all: Vec<ConnSnapshot> = self.recorder.conns.values().map(latest).collect();
        all.sort_by(|a, b| a.start_time.total_cmp(&b.start_time));
        all
    }

    /// The picture of the only connection.
    pub fn conn(&self) -> ConnSnapshot {
        let mut all = self.conns();
        assert_eq!(all.len(), 1, "connections");
        all.remove(0)
    }

    /// The history of the only connection.
    pub fn history(&self) -> String {
        self.conn().history
    }

    /// The states of the only connection: originator, responder.
    pub fn states(&self) -> (u64, u64) {
        let conn = self.conn();
        (conn.orig.state, conn.resp.state)
    }

    /// The payload bytes of the only connection: originator, responder.
    pub fn sizes(&self) -> (u64, u64) {
        let conn = self.conn();
        (conn.orig.size, conn.resp.size)
    }

    /// How often an event was raised.
    pub fn count(&self, event: &str) -> usize {
        self.recorder.named(event).len()
    }

    /// What came out of one side's stream.
    pub fn content(&self, is_orig: bool) -> Vec<u8> {
        let mut all = Vec::new();
        for args in self.recorder.named("tcp_contents") {
            if let [_, Value::Bool(side), _, Value::Str(bytes)] = args {
                if *side == is_orig {
                    all.extend_from_slice(bytes);
                }
            }
        }
        all
    }

    /// Names of weirds.
    pub fn weirds(&self) -> Vec<&'static str> {
        self.recorder.weird_names()
    }
}
