//! The portmapper (RFC 1833): version 2 (section 3), and what later versions ask in other words.

use bro_events::{Transport, Value};
use bro_session::analyzer::{Context, TreeChange};

use super::calls::Call;
use super::header::Status;
use super::vocabulary::portmapper as v;
use super::xdr::Xdr;
use super::{rpcbind, Outcome, Program};

/// The version that is called portmapper
const VERSION: u32 = 2;

/// Entries of a dump that are shown; servers have a few dozen.
const MAX_MAPPINGS: usize = 1000;

/// The longest arguments of a call for another program; a datagram has no more.
const MAX_ARGUMENTS: usize = 65535;

/// Seconds for which a program is expected at the port that somebody was told.
const EXPECTED_FOR: f64 = 300.0;

/// The transports of a mapping, by their numbers in IP.
pub const TCP: u32 = 6;
/// The other one
pub const UDP: u32 = 17;

/// The program.
#[derive(Debug)]
pub struct Portmapper;

/// A program at a port.
#[derive(Clone, Copy, Debug)]
pub struct Mapping {
    /// Its number
    pub program: u32,
    /// Its version
    pub version: u32,
    /// Its transport, by the number in IP
    pub protocol: u32,
    /// The port, as it was told
    pub port: u32,
}

/// Arguments of its procedures.
#[derive(Debug)]
pub enum Args {
    /// `PMAPPROC_NULL`
    Null,
    /// `PMAPPROC_SET`
    Set(Mapping),
    /// `PMAPPROC_UNSET`
    Unset(Mapping),
    /// `PMAPPROC_GETPORT`
    GetPort(Mapping),
    /// `PMAPPROC_DUMP`
    Dump,
    /// `PMAPPROC_CALLIT`
    CallIt {
        /// Which program is to be called
        program: u32,
        /// Which version
        version: u32,
        /// Which procedure
        procedure: u32,
        /// Bytes of its arguments
        size: u64,
    },
    /// One that there is not
    Other,
}

fn mapping(data: &mut Xdr<'_>) -> Option<Mapping> {
    Some(Mapping {
        program: data.u32()?,
        version: data.u32()?,
        protocol: data.u32()?,
        port: data.u32()?,
    })
}

/// A port as told; one that is none is reported and shown as 0.
fn port(ctx: &mut Context<'_>, number: u32, transport: Transport) -> Value {
    let port = u16::try_from(number).unwrap_or_else(|_| {
        ctx.emit(&v::PM_BAD_PORT, [u64::from(number).into()]);
        0
    });
    Value::Port(port, transport)
}

impl Mapping {
    fn transport(&self) -> Transport {
        if self.protocol == TCP {
            Transport::Tcp
        } else {
            Transport::Udp
        }
    }

    fn value(&self, ctx: &mut Context<'_>) -> Value {
        Value::Record(
            &v::PM_MAPPING,
            vec![
                u64::from(self.program).into(),
                u64::from(self.version).into(),
                port(ctx, self.port, self.transport()),
            ],
        )
    }

    fn request(&self) -> Value {
        Value::Record(
            &v::PM_PORT_REQUEST,
            vec![
                u64::from(self.program).into(),
                u64::from(self.version).into(),
                Value::Bool(self.protocol == TCP),
            ],
        )
    }
}

/// Which analyzer a program of that number has.
fn analyzer(program: u32) -> Option<&'static str> {
    match program {
        super::mount::NUMBER => Some("Analyzer::ANALYZER_MOUNT"),
        super::nfs::NUMBER => Some("Analyzer::ANALYZER_NFS"),
        _ => None,
    }
}

impl Portmapper {
    fn carried_out(
        &self,
        ctx: &mut Context<'_>,
        version: u32,
        args: &Args,
        results: &mut Xdr<'_>,
    ) -> Option<()> {
        let is_rpcbind = version > VERSION;
        match args {
            Args::Null => ctx.emit(&v::PM_REQUEST_NULL, []),
            Args::Set(mapping) => {
                let success = results.bool()?;
                let mapping = mapping.value(ctx);
                ctx.emit(&v::PM_REQUEST_SET, [mapping, Value::Bool(success)]);
            }
            Args::Unset(mapping) => {
                let success = results.bool()?;
                let mapping = mapping.value(ctx);
                ctx.emit(&v::PM_REQUEST_UNSET, [mapping, Value::Bool(success)]);
            }
            Args::GetPort(mapping) => {
                let number = if is_rpcbind {
                    rpcbind::address(results)?
                } else {
                    results.u32()?
                };
                self.expect(ctx, mapping, number);
                let port = port(ctx, number, mapping.transport());
                ctx.emit(&v::PM_REQUEST_GETPORT, [mapping.request(), port]);
            }
            Args::Dump => {
                let mut mappings = Vec::new();
                while results.bool()? {
                    let mapping = if is_rpcbind {
                        rpcbind::mapping(results)?
                    } else {
                        mapping(results)?
                    };
                    if mappings.len() < MAX_MAPPINGS {
                        let number = mappings.len() as u64 + 1;
                        mappings.push((number.into(), mapping.value(ctx)));
                    }
                }
                ctx.emit(&v::PM_REQUEST_DUMP, [Value::Table(mappings)]);
            }
            Args::CallIt { .. } => {
                let number = if is_rpcbind {
                    rpcbind::address(results)?
                } else {
                    results.u32()?
                };
                results.opaque_start()?;
                let port = port(ctx, number, Transport::Udp);
                ctx.emit(&v::PM_REQUEST_CALLIT, [callit(args), port]);
            }
            Args::Other => {}
        }
        Some(())
    }

    fn attempted(&self, ctx: &mut Context<'_>, args: &Args, status: Status) {
        let status = Value::Enum(status.enum_name());
        match args {
            Args::Null => ctx.emit(&v::PM_ATTEMPT_NULL, [status]),
            Args::Set(mapping) => {
                let mapping = mapping.value(ctx);
                ctx.emit(&v::PM_ATTEMPT_SET, [status, mapping]);
            }
            Args::Unset(mapping) => {
                let mapping = mapping.value(ctx);
                ctx.emit(&v::PM_ATTEMPT_UNSET, [status, mapping]);
            }
            Args::GetPort(mapping) => ctx.emit(&v::PM_ATTEMPT_GETPORT, [status, mapping.request()]),
            Args::Dump => ctx.emit(&v::PM_ATTEMPT_DUMP, [status]),
            Args::CallIt { .. } => ctx.emit(&v::PM_ATTEMPT_CALLIT, [status, callit(args)]),
            Args::Other => {}
        }
    }

    /// Who asks for a port will go there.
    fn expect(&self, ctx: &mut Context<'_>, mapping: &Mapping, number: u32) {
        let Some(tag) = analyzer(mapping.program) else {
            return;
        };
        let (orig, resp) = (ctx.flow().orig_h, ctx.flow().resp_h);
        if let Some(port) = u16::try_from(number).ok().filter(|&port| port != 0) {
            ctx.change(TreeChange::Expect {
                orig: Some(orig),
                resp,
                port,
                transport: mapping.transport(),
                tag,
                timeout: EXPECTED_FOR,
            });
        }
    }
}

fn callit(args: &Args) -> Value {
    let Args::CallIt {
        program,
        version,
        procedure,
        size,
    } = args
    else {
        return Value::Unset;
    };
    Value::Record(
        &v::PM_CALLIT_REQUEST,
        vec![
            u64::from(*program).into(),
            u64::from(*version).into(),
            u64::from(*procedure).into(),
            (*size).into(),
        ],
    )
}

impl Program for Portmapper {
    type Args = Args;

    const NUMBER: u32 = 100_000;

    fn knows(&self, version: u32) -> bool {
        (VERSION..=4).contains(&version)
    }

    fn arguments(&mut self, version: u32, procedure: u32, data: &mut Xdr<'_>) -> Option<Args> {
        if version > VERSION {
            return rpcbind::arguments(version, procedure, data);
        }
        Some(match procedure {
            0 => Args::Null,
            1 => Args::Set(mapping(data)?),
            2 => Args::Unset(mapping(data)?),
            3 => Args::GetPort(mapping(data)?),
            4 => Args::Dump,
            5 => Args::CallIt {
                program: data.u32()?,
                version: data.u32()?,
                procedure: data.u32()?,
                size: data.opaque(MAX_ARGUMENTS)?.len() as u64,
            },
            _ => {
                data.skip();
                Args::Other
            }
        })
    }

    fn finished(
        &mut self,
        ctx: &mut Context<'_>,
        call: &Call<Args>,
        outcome: &Outcome,
        results: &mut Xdr<'_>,
    ) -> Option<()> {
        let args = call.args.as_ref()?;
        if outcome.status == Status::Success {
            return self.carried_out(ctx, call.version, args, results);
        }
        self.attempted(ctx, args, outcome.status);
        Some(())
    }
}
