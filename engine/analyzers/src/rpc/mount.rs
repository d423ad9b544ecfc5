//! The mount protocol (RFC 1813, appendix I).

use bro_events::Value;
use bro_session::analyzer::Context;

use super::calls::Call;
use super::header::Status;
use super::vocabulary::{info, mount as v};
use super::xdr::Xdr;
use super::{Outcome, Program};

/// The program's number
pub const NUMBER: u32 = 100_005;

/// Bytes of a path at most
const MAX_PATH: usize = 1024;
/// Bytes of a file handle at most
const MAX_HANDLE: usize = 64;
/// Kinds of authentication a server lists at most
const MAX_FLAVORS: u32 = 64;

/// The program.
#[derive(Debug)]
pub struct Mount;

/// What a directory's name is given to, and the rest.
#[derive(Debug)]
pub struct Args {
    /// The directory, where one is named
    directory: Vec<u8>,
}

fn procedure_name(procedure: u32) -> &'static str {
    match procedure {
        0 => "MOUNT3::PROC_NULL",
        1 => "MOUNT3::PROC_MNT",
        2 => "MOUNT3::PROC_DUMP",
        3 => "MOUNT3::PROC_UMNT",
        4 => "MOUNT3::PROC_UMNT_ALL",
        5 => "MOUNT3::PROC_EXPORT",
        _ => "MOUNT3::PROC_END_OF_PROCS",
    }
}

fn status_name(status: u32) -> &'static str {
    match status {
        0 => "MOUNT3::MNT3_OK",
        1 => "MOUNT3::MNT3ERR_PERM",
        2 => "MOUNT3::MNT3ERR_NOENT",
        5 => "MOUNT3::MNT3ERR_IO",
        13 => "MOUNT3::MNT3ERR_ACCES",
        20 => "MOUNT3::MNT3ERR_NOTDIR",
        22 => "MOUNT3::MNT3ERR_INVAL",
        63 => "MOUNT3::MNT3ERR_NAMETOOLONG",
        10_004 => "MOUNT3::MNT3ERR_NOTSUPP",
        10_006 => "MOUNT3::MNT3ERR_SERVERFAULT",
        _ => "MOUNT3::MOUNT3ERR_UNKNOWN",
    }
}

fn flavor_name(flavor: u32) -> Option<&'static str> {
    Some(match flavor {
        0 => "MOUNT3::AUTH_NULL",
        1 => "MOUNT3::AUTH_UNIX",
        2 => "MOUNT3::AUTH_SHORT",
        3 => "MOUNT3::AUTH_DES",
        // The enum has no value for the flavors of RPCSEC_GSS (RFC 2203).
        _ => return None,
    })
}

/// A file handle, and how its user is to authenticate.
fn mounted(results: &mut Xdr<'_>) -> Option<Value> {
    let handle = results.opaque(MAX_HANDLE)?.to_vec();
    let count = results.u32().filter(|&count| count <= MAX_FLAVORS)?;
    let mut flavors = Vec::new();
    for _ in 0..count {
        flavors.extend(flavor_name(results.u32()?).map(Value::Enum));
    }
    Some(Value::Record(
        &v::MNT_REPLY,
        vec![Value::Str(handle), Value::Vector(flavors)],
    ))
}

impl Program for Mount {
    type Args = Args;

    const NUMBER: u32 = NUMBER;

    fn knows(&self, version: u32) -> bool {
        version == 3
    }

    fn arguments(&mut self, _version: u32, procedure: u32, data: &mut Xdr<'_>) -> Option<Args> {
        let directory = match procedure {
            1 | 3 => data.opaque(MAX_PATH)?.to_vec(),
            _ => Vec::new(),
        };
        Some(Args { directory })
    }

    fn finished(
        &mut self,
        ctx: &mut Context<'_>,
        call: &Call<Args>,
        outcome: &Outcome,
        results: &mut Xdr<'_>,
    ) -> Option<()> {
        let args = call.args.as_ref()?;
        let empty = || Value::Record(&v::MNT_REPLY, vec![Value::Unset, Value::Unset]);
        let (status, reply) = match (call.procedure, outcome.status) {
            (1, Status::Success) => match results.u32()? {
                0 => (0, mounted(results)?),
                status => (status, empty()),
            },
            _ => (0, empty()),
        };
        let info = info(&v::INFO, status_name(status), call, outcome);
        let directory = || Value::Record(&v::DIRECTORY, vec![Value::Str(args.directory.clone())]);
        ctx.emit(&v::MOUNT_REPLY_STATUS, [info.clone()]);
        match call.procedure {
            0 => ctx.emit(&v::MOUNT_PROC_NULL, [info]),
            1 => ctx.emit(&v::MOUNT_PROC_MNT, [info, directory(), reply]),
            3 => ctx.emit(&v::MOUNT_PROC_UMNT, [info, directory()]),
            4 => ctx.emit(&v::MOUNT_PROC_UMNT_ALL, [info, directory()]),
            other => {
                let procedure = Value::Enum(procedure_name(other));
                ctx.emit(&v::MOUNT_PROC_NOT_IMPLEMENTED, [info, procedure]);
            }
        }
        Some(())
    }
}
