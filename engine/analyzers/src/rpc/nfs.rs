//! The network file system (RFC 1813, version 3).

use std::sync::Arc;

use bro_events::{Event, RecordDef, Value};
use bro_session::analyzer::{Context, OptionStore};

use super::calls::Call;
use super::header::Status;
use super::options::RpcOptions;
use super::vocabulary::{info, nfs as v};
use super::xdr::Xdr;
use super::{Outcome, Program};

/// The program's number
pub const NUMBER: u32 = 100_003;

/// Bytes of a file handle at most
const MAX_HANDLE: usize = 64;
/// Bytes of a name or path at most; file systems have 255 and 4096
const MAX_NAME: usize = 4096;
/// Names of a directory that one event carries at most
const MAX_ENTRIES: usize = 4096;

/// The program.
#[derive(Debug)]
pub struct Nfs {
    options: Arc<RpcOptions>,
}

/// Arguments of a procedure, as its event has them; what is made of the results depends on the procedure alone.
#[derive(Debug)]
pub struct Args {
    /// The event's third argument: a handle or a record
    request: Value,
    /// Where content begins in its file
    offset: u64,
}

fn procedure_name(procedure: u32) -> &'static str {
    const NAMES: [&str; 22] = [
        "NFS3::PROC_NULL",
        "NFS3::PROC_GETATTR",
        "NFS3::PROC_SETATTR",
        "NFS3::PROC_LOOKUP",
        "NFS3::PROC_ACCESS",
        "NFS3::PROC_READLINK",
        "NFS3::PROC_READ",
        "NFS3::PROC_WRITE",
        "NFS3::PROC_CREATE",
        "NFS3::PROC_MKDIR",
        "NFS3::PROC_SYMLINK",
        "NFS3::PROC_MKNOD",
        "NFS3::PROC_REMOVE",
        "NFS3::PROC_RMDIR",
        "NFS3::PROC_RENAME",
        "NFS3::PROC_LINK",
        "NFS3::PROC_READDIR",
        "NFS3::PROC_READDIRPLUS",
        "NFS3::PROC_FSSTAT",
        "NFS3::PROC_FSINFO",
        "NFS3::PROC_PATHCONF",
        "NFS3::PROC_COMMIT",
    ];
    let name = usize::try_from(procedure).ok().and_then(|n| NAMES.get(n));
    name.copied().unwrap_or("NFS3::PROC_END_OF_PROCS")
}

fn status_name(status: u32) -> &'static str {
    match status {
        0 => "NFS3::NFS3ERR_OK",
        1 => "NFS3::NFS3ERR_PERM",
        2 => "NFS3::NFS3ERR_NOENT",
        5 => "NFS3::NFS3ERR_IO",
        6 => "NFS3::NFS3ERR_NXIO",
        13 => "NFS3::NFS3ERR_ACCES",
        17 => "NFS3::NFS3ERR_EXIST",
        18 => "NFS3::NFS3ERR_XDEV",
        19 => "NFS3::NFS3ERR_NODEV",
        20 => "NFS3::NFS3ERR_NOTDIR",
        21 => "NFS3::NFS3ERR_ISDIR",
        22 => "NFS3::NFS3ERR_INVAL",
        27 => "NFS3::NFS3ERR_FBIG",
        28 => "NFS3::NFS3ERR_NOSPC",
        30 => "NFS3::NFS3ERR_ROFS",
        31 => "NFS3::NFS3ERR_MLINK",
        63 => "NFS3::NFS3ERR_NAMETOOLONG",
        66 => "NFS3::NFS3ERR_NOTEMPTY",
        69 => "NFS3::NFS3ERR_DQUOT",
        70 => "NFS3::NFS3ERR_STALE",
        71 => "NFS3::NFS3ERR_REMOTE",
        10_001 => "NFS3::NFS3ERR_BADHANDLE",
        10_002 => "NFS3::NFS3ERR_NOT_SYNC",
        10_003 => "NFS3::NFS3ERR_BAD_COOKIE",
        10_004 => "NFS3::NFS3ERR_NOTSUPP",
        10_005 => "NFS3::NFS3ERR_TOOSMALL",
        10_006 => "NFS3::NFS3ERR_SERVERFAULT",
        10_007 => "NFS3::NFS3ERR_BADTYPE",
        10_008 => "NFS3::NFS3ERR_JUKEBOX",
        _ => "NFS3::NFS3ERR_UNKNOWN",
    }
}

fn stable(how: u32) -> Option<Value> {
    Some(Value::Enum(match how {
        0 => "NFS3::UNSTABLE",
        1 => "NFS3::DATA_SYNC",
        2 => "NFS3::FILE_SYNC",
        _ => return None,
    }))
}

// Pieces that arguments and results are made of (RFC 1813, section 2.6).

fn handle(data: &mut Xdr<'_>) -> Option<Value> {
    Some(Value::Str(data.opaque(MAX_HANDLE)?.to_vec()))
}

fn name(data: &mut Xdr<'_>) -> Option<Value> {
    Some(Value::Str(data.opaque(MAX_NAME)?.to_vec()))
}

fn time(data: &mut Xdr<'_>) -> Option<Value> {
    let (seconds, nanos) = (data.u32()?, data.u32()?);
    Some(Value::Time(f64::from(seconds) + f64::from(nanos) * 1e-9))
}

fn number(data: &mut Xdr<'_>) -> Option<Value> {
    Some(Value::Count(u64::from(data.u32()?)))
}

fn long(data: &mut Xdr<'_>) -> Option<Value> {
    Some(Value::Count(data.u64()?))
}

fn attributes(data: &mut Xdr<'_>) -> Option<Value> {
    let kind = Value::Enum(match data.u32()? {
        1 => "NFS3::FTYPE_REG",
        2 => "NFS3::FTYPE_DIR",
        3 => "NFS3::FTYPE_BLK",
        4 => "NFS3::FTYPE_CHR",
        5 => "NFS3::FTYPE_LNK",
        6 => "NFS3::FTYPE_SOCK",
        7 => "NFS3::FTYPE_FIFO",
        _ => return None,
    });
    let mut fields = vec![kind];
    for field in [
        number, number, number, number, long, long, number, number, long, long, time, time, time,
    ] {
        fields.push(field(data)?);
    }
    Some(Value::Record(&v::FATTR, fields))
}

/// Attributes after an operation, if the server tells them.
fn after(data: &mut Xdr<'_>) -> Option<Value> {
    Some(data.optional(attributes)?.unwrap_or_default())
}

/// Some before an operation and all after it, if the server tells them.
fn before_and_after(data: &mut Xdr<'_>) -> Option<[Value; 2]> {
    // The fields of the record are named otherwise than in the RFC, which has modification and change.
    let some = |data: &mut Xdr<'_>| {
        let fields = vec![long(data)?, time(data)?, time(data)?];
        Some(Value::Record(&v::WCC_ATTR, fields))
    };
    let before = data.optional(some)?.unwrap_or_default();
    Some([before, after(data)?])
}

fn new_attributes(data: &mut Xdr<'_>) -> Option<Value> {
    let mut fields = Vec::new();
    for _ in 0..3 {
        fields.push(data.optional(number)?.unwrap_or_default());
    }
    fields.push(data.optional(long)?.unwrap_or_default());
    for _ in 0..2 {
        fields.push(Value::Enum(match data.u32()? {
            0 => "NFS3::DONT_CHANGE",
            1 => "NFS3::SET_TO_SERVER_TIME",
            2 => {
                time(data)?;
                "NFS3::SET_TO_CLIENT_TIME"
            }
            _ => return None,
        }));
    }
    Some(Value::Record(&v::SATTR, fields))
}

fn entry_of_directory(data: &mut Xdr<'_>) -> Option<Value> {
    Some(Value::Record(&v::DIROPARGS, vec![handle(data)?, name(data)?]))
}

/// A record of that shape in which nothing is set.
fn empty(shape: &'static RecordDef) -> Value {
    Value::Record(shape, vec![Value::Unset; shape.fields.len()])
}

impl Nfs {
    /// With the options of the engine it runs in.
    pub fn new(options: &OptionStore) -> Self {
        Nfs {
            options: options.get::<RpcOptions>(),
        }
    }

    /// Content, as much of it as policy wants.
    fn content(&self, data: &mut Xdr<'_>, offset: u64) -> Option<Value> {
        let (bytes, _) = data.opaque_start()?;
        if !self.options.return_data || (self.options.return_data_first_only && offset > 0) {
            return Some(Value::Unset);
        }
        let most = usize::try_from(self.options.return_data_max).unwrap_or(usize::MAX);
        Some(Value::Str(bytes.get(..most.min(bytes.len()))?.to_vec()))
    }

    fn read_directory(data: &mut Xdr<'_>, is_plus: bool) -> Option<Value> {
        let mut fields = vec![handle(data)?, long(data)?, long(data)?, number(data)?];
        fields.push(if is_plus { number(data)? } else { Value::Unset });
        fields.insert(0, Value::Bool(is_plus));
        Some(Value::Record(&v::READDIRARGS, fields))
    }

    fn entries(results: &mut Xdr<'_>, is_plus: bool) -> Option<Value> {
        let mut entries = Vec::new();
        while results.bool()? {
            let mut fields = vec![long(results)?, name(results)?, long(results)?];
            if is_plus {
                fields.push(after(results)?);
                fields.push(results.optional(handle)?.unwrap_or_default());
            } else {
                fields.extend([Value::Unset, Value::Unset]);
            }
            if entries.len() < MAX_ENTRIES {
                entries.push(Value::Record(&v::DIRENTRY, fields));
            }
        }
        Some(Value::Vector(entries))
    }

    /// The results of a procedure, as its event has them.  `is_ok`: as they are when it was carried out.
    fn reply(&self, procedure: u32, args: &Args, is_ok: bool, results: &mut Xdr<'_>) -> Option<Value> {
        let fill = |shape: &'static RecordDef, mut fields: Vec<Value>| {
            fields.resize(shape.fields.len(), Value::Unset);
            Value::Record(shape, fields)
        };
        Some(match procedure {
            1 if is_ok => attributes(results)?,
            1 => empty(&v::FATTR),
            2 => fill(&v::SATTR_REPLY, before_and_after(results)?.into()),
            3 if is_ok => {
                let fields = vec![handle(results)?, after(results)?, after(results)?];
                fill(&v::LOOKUP_REPLY, fields)
            }
            3 => fill(
                &v::LOOKUP_REPLY,
                vec![Value::Unset, Value::Unset, after(results)?],
            ),
            5 => {
                let mut fields = vec![after(results)?];
                if is_ok {
                    fields.push(name(results)?);
                }
                fill(&v::READLINK_REPLY, fields)
            }
            6 => {
                let mut fields = vec![after(results)?];
                if is_ok {
                    fields.extend([number(results)?, Value::Bool(results.bool()?)]);
                    fields.push(self.content(results, args.offset)?);
                }
                fill(&v::READ_REPLY, fields)
            }
            7 => {
                let mut fields: Vec<Value> = before_and_after(results)?.into();
                if is_ok {
                    fields.extend([number(results)?, stable(results.u32()?)?, long(results)?]);
                }
                fill(&v::WRITE_REPLY, fields)
            }
            8..=10 => {
                let mut fields = vec![Value::Unset, Value::Unset];
                if is_ok {
                    fields = vec![results.optional(handle)?.unwrap_or_default(), after(results)?];
                }
                fields.extend(before_and_after(results)?);
                fill(&v::NEWOBJ_REPLY, fields)
            }
            12 | 13 => fill(&v::DELOBJ_REPLY, before_and_after(results)?.into()),
            14 => {
                let mut fields: Vec<Value> = before_and_after(results)?.into();
                fields.extend(before_and_after(results)?);
                fill(&v::RENAMEOBJ_REPLY, fields)
            }
            15 => {
                let mut fields = vec![after(results)?];
                fields.extend(before_and_after(results)?);
                fill(&v::LINK_REPLY, fields)
            }
            16 | 17 => {
                let is_plus = Value::Bool(procedure == 17);
                let mut fields = vec![is_plus, after(results)?];
                if is_ok {
                    fields.push(long(results)?);
                    fields.push(Self::entries(results, procedure == 17)?);
                    fields.push(Value::Bool(results.bool()?));
                }
                fill(&v::READDIR_REPLY, fields)
            }
            _ => Value::Unset,
        })
    }
}

/// The event about a procedure that has arguments and results of its own, and the shape of the results.
fn event(procedure: u32) -> Option<(&'static Event, &'static RecordDef)> {
    Some(match procedure {
        1 => (&v::NFS_PROC_GETATTR, &v::FATTR),
        2 => (&v::NFS_PROC_SATTR, &v::SATTR_REPLY),
        3 => (&v::NFS_PROC_LOOKUP, &v::LOOKUP_REPLY),
        5 => (&v::NFS_PROC_READLINK, &v::READLINK_REPLY),
        6 => (&v::NFS_PROC_READ, &v::READ_REPLY),
        7 => (&v::NFS_PROC_WRITE, &v::WRITE_REPLY),
        8 => (&v::NFS_PROC_CREATE, &v::NEWOBJ_REPLY),
        9 => (&v::NFS_PROC_MKDIR, &v::NEWOBJ_REPLY),
        10 => (&v::NFS_PROC_SYMLINK, &v::NEWOBJ_REPLY),
        12 => (&v::NFS_PROC_REMOVE, &v::DELOBJ_REPLY),
        13 => (&v::NFS_PROC_RMDIR, &v::DELOBJ_REPLY),
        14 => (&v::NFS_PROC_RENAME, &v::RENAMEOBJ_REPLY),
        15 => (&v::NFS_PROC_LINK, &v::LINK_REPLY),
        16 | 17 => (&v::NFS_PROC_READDIR, &v::READDIR_REPLY),
        _ => return None,
    })
}

impl Program for Nfs {
    type Args = Args;

    const NUMBER: u32 = NUMBER;

    fn knows(&self, version: u32) -> bool {
        version == 3
    }

    fn arguments(&mut self, _version: u32, procedure: u32, data: &mut Xdr<'_>) -> Option<Args> {
        let mut offset = 0;
        let request = match procedure {
            1 | 5 => handle(data)?,
            2 => {
                let fields = vec![handle(data)?, new_attributes(data)?];
                data.optional(time)?;
                Value::Record(&v::SATTRARGS, fields)
            }
            3 | 12 | 13 => entry_of_directory(data)?,
            6 => Value::Record(&v::READARGS, {
                let file = handle(data)?;
                offset = data.u64()?;
                vec![file, offset.into(), number(data)?]
            }),
            7 => Value::Record(&v::WRITEARGS, {
                let file = handle(data)?;
                offset = data.u64()?;
                let (size, how) = (number(data)?, stable(data.u32()?)?);
                vec![file, offset.into(), size, how, self.content(data, offset)?]
            }),
            8 => {
                let entry = entry_of_directory(data)?;
                match data.u32()? {
                    0 | 1 => new_attributes(data).map(drop)?,
                    2 => data.u64().map(drop)?,
                    _ => return None,
                }
                entry
            }
            9 => {
                let entry = entry_of_directory(data)?;
                new_attributes(data)?;
                entry
            }
            10 => {
                let entry = entry_of_directory(data)?;
                let target = vec![new_attributes(data)?, name(data)?];
                Value::Record(
                    &v::SYMLINKARGS,
                    vec![entry, Value::Record(&v::SYMLINKDATA, target)],
                )
            }
            14 => {
                let fields = vec![handle(data)?, name(data)?, handle(data)?, name(data)?];
                Value::Record(&v::RENAMEOPARGS, fields)
            }
            15 => Value::Record(&v::LINKARGS, vec![handle(data)?, entry_of_directory(data)?]),
            16 | 17 => Self::read_directory(data, procedure == 17)?,
            _ => {
                data.skip();
                Value::Unset
            }
        };
        Some(Args { request, offset })
    }

    fn finished(
        &mut self,
        ctx: &mut Context<'_>,
        call: &Call<Args>,
        outcome: &Outcome,
        results: &mut Xdr<'_>,
    ) -> Option<()> {
        let args = call.args.as_ref()?;
        let answered = outcome.status == Status::Success;
        let status = if answered && call.procedure != 0 {
            results.u32()?
        } else {
            0
        };
        let info = info(&v::INFO, status_name(status), call, outcome);
        ctx.emit(&v::NFS_REPLY_STATUS, [info.clone()]);
        match event(call.procedure) {
            Some((event, shape)) => {
                let reply = if answered {
                    self.reply(call.procedure, args, status == 0, results)?
                } else {
                    empty(shape)
                };
                if ctx.wants(event) {
                    ctx.emit(event, [info, args.request.clone(), reply]);
                }
            }
            None if call.procedure == 0 => ctx.emit(&v::NFS_PROC_NULL, [info]),
            None => {
                let procedure = Value::Enum(procedure_name(call.procedure));
                ctx.emit(&v::NFS_PROC_NOT_IMPLEMENTED, [info, procedure]);
            }
        }
        Some(())
    }
}
