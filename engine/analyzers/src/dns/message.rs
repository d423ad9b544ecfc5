//! Walks through the sections of a message.

use bro_events::{Event, FlowId, Transport, Value};
use bro_session::analyzer::Context;

use super::header::{Header, HEADER_LEN};
use super::name::{self, NameError};
use super::options::DnsOptions;
use super::rdata;
use super::vocabulary as v;
use crate::support::cursor::Cursor;

/// Type OPT, whose class and TTL mean something else (RFC 6891).
const TYPE_OPT: u16 = 41;
/// Type TSIG (RFC 8945).
const TYPE_TSIG: u16 = 250;
/// In updates: the name or RRset must not exist, or this record is deleted (RFC 2136).
const CLASS_NONE: u16 = 254;
/// In updates: the name or RRset must exist, or all records of it are deleted.
const CLASS_ANY: u16 = 255;

/// Which section a record is in; the numbers are those of `DNS_ANS`, … that scripts compare `answer_type` with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Section {
    /// Answer
    Answer = 1,
    /// Authority
    Authority = 2,
    /// Additional
    Additional = 3,
    /// Prerequisite of an update
    Prerequisite = 4,
    /// Change of an update
    Update = 5,
}

/// How a message turned out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Read to its end, or at least its questions
    Dns,
    /// Something else than DNS, for that reason
    NotDns(&'static str),
}

/// A record without its data.
#[derive(Debug)]
pub struct Record<'n> {
    /// Section it is in
    pub section: Section,
    /// Owner, in lower case
    pub owner: &'n [u8],
    /// Type
    pub rtype: u16,
    /// Class (OPT: size of the sender's buffer)
    pub class: u16,
    /// Seconds to live (OPT: extended rcode, version and flags)
    pub ttl: u32,
}

/// The message being walked through, and what it takes to report on it.
pub struct Message<'m, 'c> {
    pub(super) ctx: &'m mut Context<'c>,
    pub(super) options: &'m DnsOptions,
    pub(super) header: Header,
    /// The record `dns_msg`, a parameter of every event
    pub(super) msg: Value,
}

impl Message<'_, '_> {
    /// Raises an event of the whole message; `args` makes its parameters, the message being the first.
    pub(super) fn emit<const N: usize>(
        &mut self,
        event: &'static Event,
        args: impl FnOnce(Value) -> [Value; N],
    ) {
        if self.ctx.wants(event) {
            self.ctx.emit(event, args(self.msg.clone()));
        }
    }

    /// Raises an event of a record; `args` makes its parameters, message and record being the first.
    pub(super) fn emit_rr<const N: usize>(
        &mut self,
        rr: &Record<'_>,
        event: &'static Event,
        args: impl FnOnce(Value, Value) -> [Value; N],
    ) {
        if self.ctx.wants(event) {
            let answer = self.answer(rr);
            self.ctx.emit(event, args(self.msg.clone(), answer));
        }
    }

    /// The record `dns_answer`.
    fn answer(&self, rr: &Record<'_>) -> Value {
        Value::Record(
            &v::DNS_ANSWER,
            vec![
                Value::from(rr.section as u8),
                Value::from(rr.owner),
                Value::from(rr.rtype),
                Value::from(rr.class),
                Value::Interval(f64::from(rr.ttl)),
            ],
        )
    }

    /// Whether the message is a query, as a count.
    pub(super) fn is_query(&self) -> Value {
        Value::Count(u64::from(!self.header.is_reply()))
    }

    /// Reads a name in lower case; a malformed one is reported.
    pub(super) fn name(&mut self, c: &mut Cursor<'_>) -> Option<Vec<u8>> {
        let mut out = Vec::with_capacity(64);
        self.name_into(c, &mut out).then(|| {
            out.make_ascii_lowercase();
            out
        })
    }

    /// Reads a name as spelled into a buffer; a malformed one is reported, and the result is false.
    fn name_into(&mut self, c: &mut Cursor<'_>, out: &mut Vec<u8>) -> bool {
        out.clear();
        match name::read(c, self.options.max_compression_chain_depth, out) {
            Ok(()) => true,
            Err(error) => {
                self.ctx.weird(error.weird(), "");
                false
            }
        }
    }

    /// The same for the name of a question.
    fn question_name(&mut self, c: &mut Cursor<'_>, out: &mut Vec<u8>) -> bool {
        out.clear();
        match name::read(c, self.options.max_compression_chain_depth, out) {
            Ok(()) => true,
            Err(NameError::Truncated) => {
                self.ctx.weird("DNS_truncated_quest_too_short", "");
                false
            }
            Err(error) => {
                self.ctx.weird(error.weird(), "");
                false
            }
        }
    }
}

/// Whether a flow's first message, a reply, shows that its roles are the other way round.  Over TCP the handshake tells;
/// what goes to a group is for all to hear, not an answer to somebody (RFC 6762).
fn is_reversed(flow: &FlowId) -> bool {
    flow.transport == Transport::Udp && !flow.resp_h.is_multicast()
}

/// Reads a message and raises its events.  `first`: it is the first of its flow.
pub fn process(
    ctx: &mut Context<'_>,
    options: &DnsOptions,
    mut is_orig: bool,
    netbios: bool,
    first: bool,
    data: &[u8],
) -> Outcome {
    let mut c = Cursor::new(data);
    let Some(header) = Header::read(&mut c, netbios) else {
        ctx.weird("DNS_truncated_len_lt_hdr_len", "");
        return Outcome::NotDns("shorter than a DNS header");
    };
    if !header.opcode_is_known() {
        ctx.weird("DNS_unknown_opcode", header.opcode().to_string());
        return Outcome::NotDns("unknown DNS opcode");
    }
    if options.max_queries != 0 && u64::from(header.questions) > options.max_queries {
        ctx.weird("DNS_Conn_count_too_large", "");
        return Outcome::NotDns("more DNS questions than plausible");
    }
    if first && is_orig && header.is_reply() && is_reversed(ctx.flow()) {
        ctx.flip_roles();
        is_orig = false;
    }
    let msg = header.value();
    let mut m = Message {
        ctx,
        options,
        header,
        msg,
    };
    m.emit(&v::DNS_MESSAGE, |msg| {
        [Value::Bool(is_orig), msg, Value::from(data.len() as u64)]
    });
    if !m.questions(&mut c) {
        return if c.pos() == HEADER_LEN {
            Outcome::NotDns("malformed DNS question")
        } else {
            Outcome::Dns
        };
    }
    let update = header.is_update();
    let (first, second) = if update {
        (Section::Prerequisite, Section::Update)
    } else {
        (Section::Answer, Section::Authority)
    };
    let skip_authority = !update && m.skips(&options.skip_auth, options.skip_all_auth);
    let skip_additional = m.skips(&options.skip_addl, options.skip_all_addl);
    let complete = m.records(&mut c, first, header.answers, false)
        && m.records(&mut c, second, header.authority, skip_authority)
        && (skip_additional || m.records(&mut c, Section::Additional, header.additional, false));
    if complete {
        m.emit(&v::DNS_END, |msg| [msg]);
    }
    Outcome::Dns
}

impl Message<'_, '_> {
    /// Whether a section is to be skipped: everywhere, or in the replies of this server.
    fn skips(&self, servers: &std::collections::HashSet<std::net::IpAddr>, all: bool) -> bool {
        all || self.header.is_reply() && !servers.is_empty() && servers.contains(&self.ctx.flow().resp_h)
    }

    /// The question section (update: the zone).  Gives false if it is malformed.
    fn questions(&mut self, c: &mut Cursor<'_>) -> bool {
        let header = self.header;
        let event = if header.is_update() {
            None
        } else if !header.is_reply() {
            Some(&v::DNS_REQUEST)
        } else if header.has_records() {
            Some(&v::DNS_QUERY_REPLY)
        } else {
            Some(&v::DNS_REJECTED)
        };
        let mut original = Vec::with_capacity(64);
        for _ in 0..header.questions {
            let start = c.pos();
            if !self.question_name(c, &mut original) {
                c.seek(start);
                return false;
            }
            let (Some(qtype), Some(qclass)) = (c.u16(), c.u16()) else {
                self.ctx.weird("DNS_truncated_quest_too_short", "");
                c.seek(start);
                return false;
            };
            match event {
                Some(event) => self.emit(event, |msg| {
                    let query = original.to_ascii_lowercase();
                    [
                        msg,
                        query.into(),
                        qtype.into(),
                        qclass.into(),
                        std::mem::take(&mut original).into(),
                    ]
                }),
                None => self.emit(&v::DNS_DYNAMIC_UPDATE, |msg| {
                    [msg, original.to_ascii_lowercase().into(), qclass.into()]
                }),
            }
        }
        true
    }

    /// A section of records.  Gives false if what follows cannot be found.
    fn records(&mut self, c: &mut Cursor<'_>, section: Section, count: u16, skip: bool) -> bool {
        let mut owner = Vec::with_capacity(64);
        for _ in 0..count {
            if c.left() == 0 {
                self.ctx.weird("DNS_truncated_ans_too_short", "");
                return false;
            }
            if !self.name_into(c, &mut owner) {
                return false;
            }
            owner.make_ascii_lowercase();
            let (Some(rtype), Some(class), Some(ttl), Some(rdlength)) = (c.u16(), c.u16(), c.u32(), c.u16())
            else {
                self.ctx.weird("DNS_truncated_ans_too_short", "");
                return false;
            };
            if usize::from(rdlength) > c.left() {
                self.ctx.weird("DNS_truncated_RR_rdlength_lt_len", "");
                return false;
            }
            let start = c.pos();
            let end = start + usize::from(rdlength);
            c.seek(end);
            if skip {
                continue;
            }
            let rr = Record {
                section,
                owner: &owner,
                rtype,
                class,
                ttl,
            };
            if self.update_condition(&rr) {
                continue;
            }
            let mut data = Cursor::range(c.message(), start, end);
            rdata::process(self, &rr, &mut data);
        }
        true
    }

    /// Raises the events of an update's prerequisites and deletions, which carry no data worth parsing.  Gives whether
    /// the record was one.
    fn update_condition(&mut self, rr: &Record<'_>) -> bool {
        let event = match rr.section {
            Section::Prerequisite => &v::DNS_DYNAMIC_UPDATE_PRE,
            Section::Update if matches!(rr.class, CLASS_NONE | CLASS_ANY) => &v::DNS_DYNAMIC_UPDATE_DEL,
            _ => return false,
        };
        if matches!(rr.rtype, TYPE_OPT | TYPE_TSIG) {
            return false;
        }
        self.emit_rr(rr, event, |msg, ans| [msg, ans]);
        true
    }
}
