//! What stands before arguments and results (RFC 5531, sections 8 and 9).

use super::xdr::Xdr;

/// Bytes a credential or verifier has at most
const MAX_AUTH: usize = 400;
/// Bytes a machine's name has at most (RFC 5531, appendix A)
const MAX_MACHINE_NAME: usize = 255;
/// Groups a credential has at most
const MAX_GROUPS: u32 = 16;

const CALL: u32 = 0;
const REPLY: u32 = 1;
const RPC_VERSION: u32 = 2;
const AUTH_SYS: u32 = 1;

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It was carried out
    Success,
    /// There is no such program
    ProgUnavail,
    /// There is another version of the program only
    ProgMismatch,
    /// The program has no such procedure
    ProcUnavail,
    /// The arguments made no sense
    GarbageArgs,
    /// The server failed
    SystemErr,
    /// Nobody answered in time
    Timeout,
    /// The server speaks another version of RPC
    VersMismatch,
    /// The server did not believe the credentials
    AuthError,
    /// Something else
    Unknown,
}

impl Status {
    /// The value of the enum `rpc_status`.
    pub fn enum_name(self) -> &'static str {
        match self {
            Status::Success => "RPC_SUCCESS",
            Status::ProgUnavail => "RPC_PROG_UNAVAIL",
            Status::ProgMismatch => "RPC_PROG_MISMATCH",
            Status::ProcUnavail => "RPC_PROC_UNAVAIL",
            Status::GarbageArgs => "RPC_GARBAGE_ARGS",
            Status::SystemErr => "RPC_SYSTEM_ERR",
            Status::Timeout => "RPC_TIMEOUT",
            Status::VersMismatch => "RPC_VERS_MISMATCH",
            Status::AuthError => "RPC_AUTH_ERROR",
            Status::Unknown => "RPC_UNKNOWN_ERROR",
        }
    }
}

/// Who calls, by his own word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credentials {
    /// An arbitrary number
    pub stamp: u32,
    /// Name of the calling host
    pub machine_name: Vec<u8>,
    /// User
    pub uid: u32,
    /// Group
    pub gid: u32,
    /// Further groups, at most 16
    pub groups: Vec<u32>,
}

/// A message, up to its arguments or results.
#[derive(Debug, PartialEq, Eq)]
pub enum Header {
    /// A call
    Call {
        /// Which program
        program: u32,
        /// Which version of it
        version: u32,
        /// Which procedure
        procedure: u32,
        /// Who calls
        credentials: Credentials,
    },
    /// A reply
    Reply(Status),
}

/// Reads a header: the number that a call and its reply have in common, and the rest.  `None` if it is no message of RPC.
pub fn parse(data: &mut Xdr<'_>) -> Option<(u32, Header)> {
    let xid = data.u32()?;
    let header = match data.u32()? {
        CALL => call(data)?,
        REPLY => Header::Reply(reply(data)?),
        _ => return None,
    };
    Some((xid, header))
}

fn call(data: &mut Xdr<'_>) -> Option<Header> {
    if data.u32()? != RPC_VERSION {
        return None;
    }
    let (program, version, procedure) = (data.u32()?, data.u32()?, data.u32()?);
    let flavor = data.u32()?;
    let body = data.opaque(MAX_AUTH)?;
    // Credentials that make no sense are the server's to refuse; the call is one all the same.
    let credentials = match flavor {
        AUTH_SYS => auth_sys(&mut Xdr::new(body)).unwrap_or_default(),
        _ => Credentials::default(),
    };
    // The verifier
    data.u32()?;
    data.opaque(MAX_AUTH)?;
    Some(Header::Call {
        program,
        version,
        procedure,
        credentials,
    })
}

fn auth_sys(data: &mut Xdr<'_>) -> Option<Credentials> {
    let stamp = data.u32()?;
    let machine_name = data.opaque(MAX_MACHINE_NAME)?.to_vec();
    let (uid, gid) = (data.u32()?, data.u32()?);
    let count = data.u32().filter(|&count| count <= MAX_GROUPS)?;
    let groups = (0..count).map(|_| data.u32()).collect::<Option<Vec<u32>>>()?;
    Some(Credentials {
        stamp,
        machine_name,
        uid,
        gid,
        groups,
    })
}

fn reply(data: &mut Xdr<'_>) -> Option<Status> {
    match data.u32()? {
        // Accepted: the verifier, then what became of it.
        0 => {
            data.u32()?;
            data.opaque(MAX_AUTH)?;
            Some(match data.u32()? {
                0 => Status::Success,
                1 => Status::ProgUnavail,
                2 => Status::ProgMismatch,
                3 => Status::ProcUnavail,
                4 => Status::GarbageArgs,
                5 => Status::SystemErr,
                _ => Status::Unknown,
            })
        }
        1 => Some(match data.u32()? {
            0 => Status::VersMismatch,
            1 => Status::AuthError,
            _ => Status::Unknown,
        }),
        _ => None,
    }
}
