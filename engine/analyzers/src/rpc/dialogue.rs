//! Calls and replies of a connection, over datagrams or in a stream, for any program.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use bro_events::Value;
use bro_session::analyzer::{Analyzer, Context, OptionStore};

use super::calls::{Call, Calls};
use super::header::{self, Credentials, Header, Status};
use super::options::RpcOptions;
use super::record::Records;
use super::vocabulary::portmapper as v;
use super::xdr::Xdr;
use super::{Outcome, Program};

/// RPC with one program on one connection.
pub struct Dialogue<P: Program> {
    program: P,
    options: Arc<RpcOptions>,
    calls: Calls<P::Args>,
    hasher: RandomState,
    /// The responder's side, the originator's side
    streams: [Records; 2],
}

/// A message's place in time.
#[derive(Clone, Copy)]
struct Arrival {
    start: f64,
    end: f64,
    len: u64,
}

impl<P: Program> Dialogue<P> {
    /// At the beginning of a connection.
    pub fn new(program: P, options: &OptionStore) -> Self {
        Dialogue {
            program,
            options: options.get::<RpcOptions>(),
            calls: Calls::default(),
            hasher: RandomState::new(),
            streams: [Records::default(), Records::default()],
        }
    }

    fn records(&mut self, is_orig: bool) -> &mut Records {
        let [resp, orig] = &mut self.streams;
        if is_orig {
            orig
        } else {
            resp
        }
    }

    fn message(&mut self, ctx: &mut Context<'_>, is_orig: bool, data: &[u8], arrival: Arrival) {
        self.expire(ctx, ctx.now() - self.options.timeout);
        let mut body = Xdr::new(data);
        match header::parse(&mut body) {
            Some((
                xid,
                Header::Call {
                    program,
                    version,
                    procedure,
                    credentials,
                },
            )) => {
                if !is_orig {
                    return ctx.weird("responder_RPC_call", "");
                }
                let called = (program, version, procedure);
                self.call(ctx, xid, called, credentials, data, body, arrival);
            }
            Some((xid, Header::Reply(status))) => {
                if is_orig {
                    return ctx.weird("originator_RPC_reply", "");
                }
                self.reply(ctx, xid, status, body, arrival);
            }
            None => {
                ctx.weird("bad_RPC", "");
                // A server that does not speak RPC shows that this is something else.  Of a client it may be meant to make
                // the monitor look away from what comes behind.
                if !is_orig {
                    ctx.violation("not a message of RPC", Some(data));
                }
            }
        }
    }

    #[allow(clippy::too_many_arguments, reason = "the parts of one message")]
    fn call(
        &mut self,
        ctx: &mut Context<'_>,
        xid: u32,
        (program, version, procedure): (u32, u32, u32),
        credentials: Credentials,
        data: &[u8],
        mut body: Xdr<'_>,
        arrival: Arrival,
    ) {
        ctx.emit(
            &v::RPC_CALL,
            [
                u64::from(xid).into(),
                u64::from(program).into(),
                u64::from(version).into(),
                u64::from(procedure).into(),
                arrival.len.into(),
            ],
        );
        let content = self.hasher.hash_one(data);
        if let Some(before) = self.calls.get(xid) {
            if before.content == content {
                return;
            }
            // One of the two is carried out, and it is not known which; but one that makes no sense is not.
            ctx.weird("RPC_rexmit_inconsistency", "");
            if before.args.is_some() {
                return;
            }
            self.calls.answer(xid);
        }
        let mut args = None;
        if program != P::NUMBER {
            ctx.weird("bad_RPC_program", program.to_string());
        } else if self.program.knows(version) {
            args = self.program.arguments(version, procedure, &mut body);
            if args.is_none() {
                ctx.weird("RPC_underflow", "arguments");
            } else if body.left() > 0 {
                ctx.weird("excess_RPC", "arguments");
            }
        }
        let call = Call {
            xid,
            program,
            version,
            procedure,
            credentials,
            start: arrival.start,
            end: arrival.end,
            len: arrival.len,
            content,
            args,
        };
        let limit = usize::try_from(self.options.max_pending_calls).unwrap_or(usize::MAX);
        if self.calls.add(call, limit) {
            ctx.weird("RPC_pending_calls_discarded", "");
            ctx.emit(&v::RPC_DISCARDED_PENDING_CALLS, []);
        }
    }

    fn reply(
        &mut self,
        ctx: &mut Context<'_>,
        xid: u32,
        status: Status,
        mut body: Xdr<'_>,
        arrival: Arrival,
    ) {
        ctx.emit(
            &v::RPC_REPLY,
            [
                u64::from(xid).into(),
                Value::Enum(status.enum_name()),
                arrival.len.into(),
            ],
        );
        let Some(call) = self.calls.answer(xid) else {
            return ctx.weird("unpaired_RPC_response", "");
        };
        ctx.confirm();
        if status == Status::Success
            && call.program == P::NUMBER
            && self.program.knows(call.version)
            && call.args.is_none()
        {
            ctx.weird("successful_RPC_reply_to_invalid_request", "");
        }
        let outcome = Outcome {
            status,
            at: arrival.start,
            end: arrival.end,
            len: arrival.len,
        };
        self.finish(ctx, &call, &outcome, &mut body);
    }

    fn finish(
        &mut self,
        ctx: &mut Context<'_>,
        call: &Call<P::Args>,
        outcome: &Outcome,
        results: &mut Xdr<'_>,
    ) {
        ctx.emit(
            &v::RPC_DIALOGUE,
            [
                u64::from(call.program).into(),
                u64::from(call.version).into(),
                u64::from(call.procedure).into(),
                Value::Enum(outcome.status.enum_name()),
                Value::Time(call.start),
                call.len.into(),
                outcome.len.into(),
            ],
        );
        if call.args.is_some() && self.program.finished(ctx, call, outcome, results).is_none() {
            ctx.weird("RPC_underflow", "results");
        }
    }

    /// Calls made before that time are answered no more.
    fn expire(&mut self, ctx: &mut Context<'_>, before: f64) {
        while let Some(call) = self.calls.overdue(before) {
            let outcome = Outcome {
                status: Status::Timeout,
                at: ctx.now(),
                end: ctx.now(),
                len: 0,
            };
            self.finish(ctx, &call, &outcome, &mut Xdr::new(&[]));
        }
    }
}

impl<P: Program> Analyzer for Dialogue<P> {
    fn deliver_packet(&mut self, ctx: &mut Context<'_>, is_orig: bool, data: &[u8]) {
        let now = ctx.now();
        let arrival = Arrival {
            start: now,
            end: now,
            len: data.len() as u64,
        };
        self.message(ctx, is_orig, data, arrival);
    }

    fn deliver_stream(&mut self, ctx: &mut Context<'_>, is_orig: bool, mut data: &[u8]) {
        loop {
            match self.records(is_orig).next(&mut data, ctx.now()) {
                Ok(Some(message)) => {
                    let arrival = Arrival {
                        start: message.start,
                        end: ctx.now(),
                        len: message.len,
                    };
                    self.message(ctx, is_orig, &message.data, arrival);
                }
                Ok(None) => return,
                Err(_) => {
                    ctx.weird("bad_RPC", "record");
                    if !is_orig {
                        ctx.violation("not a record of RPC", None);
                    }
                }
            }
        }
    }

    fn undelivered(&mut self, ctx: &mut Context<'_>, is_orig: bool, _offset: u64, len: u64) {
        if !self.records(is_orig).gap(len) {
            ctx.weird("partial_RPC", "");
        }
    }

    fn flip_roles(&mut self, _ctx: &mut Context<'_>) {
        self.streams.swap(0, 1);
    }

    fn done(&mut self, ctx: &mut Context<'_>) {
        self.expire(ctx, f64::INFINITY);
    }
}
