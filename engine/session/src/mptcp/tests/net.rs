//! Connections of several subflows, made packet by packet.

use std::net::Ipv4Addr;

use bro_decode::transport::tcp::flags as bit;
use bro_events::{Command, Transport, Value};

use crate::mptcp::keys::{Algorithm, Derived, Key};
use crate::testing::{ipv4, Bench, Segment, PLAIN, RESP, TCP};

/// Keys, random numbers and HMACs as Linux has sent them.
pub(super) const CLIENT: u64 = 0x474b_f7cb_9883_75f2;
pub(super) const SERVER: u64 = 0xc48e_7d4f_7b90_b8bd;
const NONCES: [u32; 2] = [0x5087_7b2c, 0x29c6_92f3];
const SERVER_HMAC: [u8; 8] = [0x01, 0x8a, 0x2d, 0xea, 0xad, 0x62, 0x7d, 0xd0];
const CLIENT_HMAC: [u8; 20] = [
    0x9e, 0x25, 0x34, 0xb2, 0x49, 0xbd, 0x0f, 0x02, 0x92, 0xea, 0x57, 0xad, 0x99, 0xbd, 0x7c, 0xf7, 0x1c,
    0x63, 0x60, 0x2b,
];

/// What an end has derived from its key.
pub(super) fn derived(from_orig: bool) -> Derived {
    Algorithm::Sha256.derive(Key(if from_orig { CLIENT } else { SERVER }))
}

/// The data sequence number of a byte.
pub(super) fn dsn(from_orig: bool, offset: u64) -> u64 {
    derived(from_orig).idsn.wrapping_add(1 + offset)
}

/// A mapping that is sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Map {
    pub offset: u64,
    pub ssn: u32,
    pub len: u16,
    pub fin: bool,
    pub long: bool,
    pub sum: Option<u16>,
}

impl Map {
    pub fn new(offset: u64, ssn: u32, len: usize) -> Self {
        Map {
            offset,
            ssn,
            len: len as u16,
            fin: false,
            long: true,
            sum: None,
        }
    }

    pub fn summed(self, from_orig: bool, bytes: &[u8]) -> Self {
        let mut all = dsn(from_orig, self.offset).to_be_bytes().to_vec();
        all.extend(self.ssn.to_be_bytes());
        all.extend(self.len.to_be_bytes());
        all.extend(bytes);
        all.resize(all.len().next_multiple_of(2), 0);
        let mut sum: u32 = 0;
        for word in all.chunks(2) {
            sum += u32::from(u16::from_be_bytes([word[0], word[1]]));
            sum = (sum & 0xffff) + (sum >> 16);
        }
        Map {
            sum: Some(!(sum as u16)),
            ..self
        }
    }
}

/// DSS with an acknowledgement (an offset in the other side's data; 64 bits or 32) and a mapping.
pub(super) fn dss(from_orig: bool, ack: Option<(u64, bool)>, map: Option<Map>) -> Vec<u8> {
    let (mut flags, mut content) = (0, Vec::new());
    if let Some((offset, long)) = ack {
        flags |= if long { 3 } else { 1 };
        number(&mut content, dsn(!from_orig, offset), long);
    }
    if let Some(map) = map {
        flags |= if map.long { 12 } else { 4 };
        flags |= if map.fin { 16 } else { 0 };
        number(&mut content, dsn(from_orig, map.offset), map.long);
        content.extend(map.ssn.to_be_bytes());
        content.extend(map.len.to_be_bytes());
        if let Some(sum) = map.sum {
            content.extend(sum.to_be_bytes());
        }
    }
    [&[30, content.len() as u8 + 4, 0x20, flags], &content[..]].concat()
}

fn number(content: &mut Vec<u8>, number: u64, long: bool) {
    if long {
        content.extend(number.to_be_bytes());
    } else {
        content.extend((number as u32).to_be_bytes());
    }
}

pub(super) fn fail(from_orig: bool, offset: u64) -> Vec<u8> {
    let number = dsn(!from_orig, offset);
    [&[30, 12, 0x60, 0], &number.to_be_bytes()[..]].concat()
}

pub(super) fn fast_close(key: u64) -> Vec<u8> {
    [&[30, 12, 0x70, 0], &key.to_be_bytes()[..]].concat()
}

pub(super) fn tcp_rst(reason: u8) -> Vec<u8> {
    vec![30, 4, 0x80, reason]
}

pub(super) fn capable(flags: u8, rest: &[&[u8]]) -> Vec<u8> {
    let rest = rest.concat();
    [&[30, rest.len() as u8 + 4, 0x01, flags], &rest[..]].concat()
}

/// A subflow: ends, and the next sequence numbers of both.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flow {
    pub src: (Ipv4Addr, u16),
    pub dst: (Ipv4Addr, u16),
    pub next: [u32; 2],
}

/// The number of the SYN of either side.
pub(super) const START: [u32; 2] = [0xffff_fff0, 5000];

/// A subflow between the addresses number `n` of both ends.
pub(super) fn flow(n: u8) -> Flow {
    let net = |host| Ipv4Addr::new(10, 0, n, host);
    Flow {
        src: (net(1), 40_000),
        dst: (net(2), RESP.1),
        next: START.map(|start| start.wrapping_add(1)),
    }
}

/// Sessions with the analyzer that tells what it is given, on the usual port.
pub(super) struct Net {
    pub bench: Bench,
}

impl Net {
    pub fn new() -> Self {
        let mut bench = Bench::new();
        bench.apply(Command::RegisterPort {
            tag: PLAIN.tag.to_owned(),
            port: RESP.1,
            transport: Transport::Tcp,
        });
        Net { bench }
    }

    /// A segment with these flags and options; sequence numbers move on behind what is sent.
    pub fn segment(&mut self, flow: &mut Flow, from_orig: bool, flags: &str, options: &[u8], payload: &[u8]) {
        let s = usize::from(!from_orig);
        let seq = flow.next[s];
        self.segment_at(flow, from_orig, flags, seq, options, payload);
        let taken = flags.matches(['S', 'F']).count() + payload.len();
        flow.next[s] = seq.wrapping_add(taken as u32);
    }

    /// The same with a sequence number of its own.
    pub fn segment_at(
        &mut self,
        flow: &Flow,
        from_orig: bool,
        flags: &str,
        seq: u32,
        options: &[u8],
        payload: &[u8],
    ) {
        let flag = |letter| match letter {
            'S' => bit::SYN,
            'F' => bit::FIN,
            'R' => bit::RST,
            _ => bit::ACK,
        };
        let mut options = options.to_vec();
        options.resize(options.len().next_multiple_of(4), 1);
        let ack = flow.next[usize::from(from_orig)];
        let segment = Segment {
            from_orig,
            flags: flags.chars().map(flag).fold(0, |all, flag| all | flag),
            seq,
            ack,
            payload: payload.to_vec(),
            window: 8192,
            options,
            sound: true,
        };
        let (src, dst) = if from_orig {
            (flow.src, flow.dst)
        } else {
            (flow.dst, flow.src)
        };
        self.bench.ip(&ipv4(src.0, dst.0, TCP, &segment.bytes(src, dst)));
    }

    /// A SYN and its answer.
    fn syns(&mut self, flow: &mut Flow, options: [&[u8]; 2]) {
        *flow = Flow { next: START, ..*flow };
        self.segment(flow, true, "S", options[0], b"");
        self.segment(flow, false, "SA", options[1], b"");
    }

    /// The handshake of version 1; `flags`: of MP_CAPABLE.
    pub fn open(&mut self, flow: &mut Flow, flags: u8) {
        self.open_until_third(flow, flags);
        let keys = [CLIENT.to_be_bytes(), SERVER.to_be_bytes()];
        self.segment(flow, true, "A", &capable(flags, &[&keys[0], &keys[1]]), b"");
    }

    /// The same without the third packet.
    pub fn open_until_third(&mut self, flow: &mut Flow, flags: u8) {
        let answer = capable(flags, &[&SERVER.to_be_bytes()]);
        self.syns(flow, [&capable(flags, &[]), &answer]);
    }

    pub fn join_syn(id: u8) -> Vec<u8> {
        let token = derived(false).token.to_be_bytes();
        [&[30, 12, 0x10, id], &token[..], &NONCES[0].to_be_bytes()[..]].concat()
    }

    pub fn join_ack() -> Vec<u8> {
        [&[30, 24, 0x10, 0], &CLIENT_HMAC[..]].concat()
    }

    /// The first three packets of a join.
    pub fn join_until_fourth(&mut self, flow: &mut Flow, id: u8) {
        let answer = [
            &[30, 16, 0x10, id],
            &SERVER_HMAC[..],
            &NONCES[1].to_be_bytes()[..],
        ]
        .concat();
        self.syns(flow, [&Self::join_syn(id), &answer]);
        self.segment(flow, true, "A", &Self::join_ack(), b"");
    }

    /// A whole join.
    pub fn join(&mut self, flow: &mut Flow, id: u8) {
        self.join_until_fourth(flow, id);
        self.ack(flow, false, 0);
    }

    /// Bytes with their mapping.
    pub fn send(&mut self, flow: &mut Flow, from_orig: bool, offset: u64, payload: &[u8]) {
        let s = usize::from(!from_orig);
        let map = Map::new(offset, flow.next[s].wrapping_sub(START[s]), payload.len());
        self.send_mapped(flow, from_orig, map, payload);
    }

    pub fn send_mapped(&mut self, flow: &mut Flow, from_orig: bool, map: Map, payload: &[u8]) {
        self.segment(flow, from_orig, "A", &dss(from_orig, None, Some(map)), payload);
    }

    /// Bytes with a mapping that has a checksum of others, if these are not the same.
    pub fn send_summed(
        &mut self,
        flow: &mut Flow,
        from_orig: bool,
        offset: u64,
        summed: &[u8],
        payload: &[u8],
    ) {
        let s = usize::from(!from_orig);
        let map = Map::new(offset, flow.next[s].wrapping_sub(START[s]), payload.len());
        self.send_mapped(flow, from_orig, map.summed(from_orig, summed), payload);
    }

    /// An acknowledgement of TCP, and of the other side's data before an offset.
    pub fn ack(&mut self, flow: &mut Flow, from_orig: bool, offset: u64) {
        self.segment(
            flow,
            from_orig,
            "A",
            &dss(from_orig, Some((offset, true)), None),
            b"",
        );
    }

    /// A DATA_FIN alone.
    pub fn data_fin(&mut self, flow: &mut Flow, from_orig: bool, offset: u64) {
        let map = Map {
            fin: true,
            ..Map::new(offset, 0, 1)
        };
        self.segment(flow, from_orig, "A", &dss(from_orig, None, Some(map)), b"");
    }

    /// Both sides close a subflow.
    pub fn fins(&mut self, flow: &mut Flow) {
        self.segment(flow, true, "FA", &dss(true, Some((0, false)), None), b"");
        self.segment(flow, false, "FA", &dss(false, Some((0, false)), None), b"");
        self.segment(flow, true, "A", &[], b"");
    }

    /// What the analyzers were given, in order: `stream`, `gap`, `end` with side and content.
    pub fn analyzed(&self) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for weird in &self.bench.recorder.weirds {
            if weird.source == "PLAIN" {
                all.push(format!("{} {}", weird.name, weird.addl));
            }
        }
        all
    }

    /// What the analyzers were given of a side's stream.
    pub fn stream(&self, from_orig: bool) -> String {
        let prefix = format!("stream {from_orig} ");
        self.analyzed()
            .iter()
            .filter_map(|line| line.strip_prefix(&prefix).map(str::to_owned))
            .collect()
    }

    /// What `mptcp_contents` has brought of a side, with a `#` for each byte of a gap.
    pub fn contents(&self, from_orig: bool) -> String {
        let mut all: Vec<u8> = Vec::new();
        for (name, args) in &self.bench.recorder.events {
            match (*name, &args[1..]) {
                ("mptcp_contents", [Value::Bool(side), Value::Count(offset), Value::Str(bytes)])
                    if *side == from_orig =>
                {
                    assert_eq!(*offset, all.len() as u64, "in order");
                    all.extend(bytes);
                }
                ("mptcp_content_gap", [Value::Bool(side), Value::Count(offset), Value::Count(len)])
                    if *side == from_orig =>
                {
                    assert_eq!(*offset, all.len() as u64, "in order");
                    all.resize(all.len() + *len as usize, b'#');
                }
                _ => {}
            }
        }
        String::from_utf8(all).expect("text")
    }

    /// Ends the input; the totals of the only connection as [`super::ends`] has them.
    pub fn finish(&mut self) -> String {
        self.bench.finish();
        assert!(self.bench.sessions.mptcp.is_empty(), "nothing is left");
        assert_eq!(self.bench.sessions.current_connections(), 0);
        let mut ends = super::ends(&self.bench.recorder);
        assert_eq!(ends.len(), 1, "connections: {ends:?}");
        ends.remove(0)
    }

    /// The MPTCP events about connections of a name, as text.
    pub fn told(&self, name: &str) -> Vec<String> {
        let mut told = super::told(&self.bench.recorder);
        told.retain(|line| line.split(' ').next() == Some(name));
        told
    }
}
