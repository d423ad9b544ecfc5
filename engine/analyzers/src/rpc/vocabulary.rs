//! Events and record shapes of RPC and its programs; the `.bro` files document them for scripts.

use bro_events::{RecordDef, Value};

use super::calls::Call;
use super::Outcome;

/// RPC in general, and the portmapper.
pub mod portmapper {
    bro_events::events! {
        /// A call of any program
        RPC_CALL = rpc_call(c, xid, prog, ver, proc, call_len);
        /// A reply of any program
        RPC_REPLY = rpc_reply(c, xid, status, reply_len);
        /// A call with its outcome
        RPC_DIALOGUE = rpc_dialogue(c, prog, ver, proc, status, start_time, call_len, reply_len);
        /// Too many calls waited
        RPC_DISCARDED_PENDING_CALLS = rpc_discarded_pending_calls(c);
        /// Nothing was asked for
        PM_REQUEST_NULL = pm_request_null(r);
        /// A mapping was set
        PM_REQUEST_SET = pm_request_set(r, m, success);
        /// One was removed
        PM_REQUEST_UNSET = pm_request_unset(r, m, success);
        /// One was looked up
        PM_REQUEST_GETPORT = pm_request_getport(r, pr, p);
        /// All were listed
        PM_REQUEST_DUMP = pm_request_dump(r, m);
        /// Another program was called
        PM_REQUEST_CALLIT = pm_request_callit(r, call, p);
        /// The same, in vain
        PM_ATTEMPT_NULL = pm_attempt_null(r, status);
        /// The same, in vain
        PM_ATTEMPT_SET = pm_attempt_set(r, status, m);
        /// The same, in vain
        PM_ATTEMPT_UNSET = pm_attempt_unset(r, status, m);
        /// The same, in vain
        PM_ATTEMPT_GETPORT = pm_attempt_getport(r, status, pr);
        /// The same, in vain
        PM_ATTEMPT_DUMP = pm_attempt_dump(r, status);
        /// The same, in vain
        PM_ATTEMPT_CALLIT = pm_attempt_callit(r, status, call);
        /// A port that is none
        PM_BAD_PORT = pm_bad_port(r, bad_p);
    }
    bro_events::records! {
        /// A program at a port
        PM_MAPPING = "pm_mapping" { program, version, p };
        /// A program looked for
        PM_PORT_REQUEST = "pm_port_request" { program, version, is_tcp };
        /// A call passed on
        PM_CALLIT_REQUEST = "pm_callit_request" { program, version, proc, arg_size };
    }
}

/// The mount protocol.
pub mod mount {
    bro_events::events! {
        /// Nothing was asked for
        MOUNT_PROC_NULL = mount_proc_null(c, info);
        /// A directory was mounted
        MOUNT_PROC_MNT = mount_proc_mnt(c, info, req, rep);
        /// One was unmounted
        MOUNT_PROC_UMNT = mount_proc_umnt(c, info, req);
        /// All were
        MOUNT_PROC_UMNT_ALL = mount_proc_umnt_all(c, info, req);
        /// Something else
        MOUNT_PROC_NOT_IMPLEMENTED = mount_proc_not_implemented(c, info, proc);
        /// Comes before each of the others
        MOUNT_REPLY_STATUS = mount_reply_status(n, info);
    }
    bro_events::records! {
        /// How a call went
        INFO = "MOUNT3::info_t" {
            rpc_stat, mnt_stat, req_start, req_dur, req_len, rep_start, rep_dur, rep_len, rpc_uid, rpc_gid, rpc_stamp,
            rpc_machine_name, rpc_auxgids,
        };
        /// A directory
        DIRECTORY = "MOUNT3::dirmntargs_t" { dirname };
        /// What the server gave
        MNT_REPLY = "MOUNT3::mnt_reply_t" { dirfh, auth_flavors };
    }
}

/// NFS.
pub mod nfs {
    bro_events::events! {
        /// Nothing was asked for
        NFS_PROC_NULL = nfs_proc_null(c, info);
        /// Attributes were read
        NFS_PROC_GETATTR = nfs_proc_getattr(c, info, fh, attrs);
        /// Attributes were set
        NFS_PROC_SATTR = nfs_proc_sattr(c, info, req, rep);
        /// A name was looked up
        NFS_PROC_LOOKUP = nfs_proc_lookup(c, info, req, rep);
        /// A link was read
        NFS_PROC_READLINK = nfs_proc_readlink(c, info, fh, rep);
        /// Content was read
        NFS_PROC_READ = nfs_proc_read(c, info, req, rep);
        /// Content was written
        NFS_PROC_WRITE = nfs_proc_write(c, info, req, rep);
        /// A file was made
        NFS_PROC_CREATE = nfs_proc_create(c, info, req, rep);
        /// A directory was made
        NFS_PROC_MKDIR = nfs_proc_mkdir(c, info, req, rep);
        /// A link to a name was made
        NFS_PROC_SYMLINK = nfs_proc_symlink(c, info, req, rep);
        /// A file was removed
        NFS_PROC_REMOVE = nfs_proc_remove(c, info, req, rep);
        /// A directory was removed
        NFS_PROC_RMDIR = nfs_proc_rmdir(c, info, req, rep);
        /// A file was renamed
        NFS_PROC_RENAME = nfs_proc_rename(c, info, req, rep);
        /// A link to a file was made
        NFS_PROC_LINK = nfs_proc_link(c, info, req, rep);
        /// A directory was read
        NFS_PROC_READDIR = nfs_proc_readdir(c, info, req, rep);
        /// Something else
        NFS_PROC_NOT_IMPLEMENTED = nfs_proc_not_implemented(c, info, proc);
        /// Comes before each of the others
        NFS_REPLY_STATUS = nfs_reply_status(n, info);
    }
    bro_events::records! {
        /// How a call went
        INFO = "NFS3::info_t" {
            rpc_stat, nfs_stat, req_start, req_dur, req_len, rep_start, rep_dur, rep_len, rpc_uid, rpc_gid, rpc_stamp,
            rpc_machine_name, rpc_auxgids,
        };
        /// Attributes of a file
        FATTR = "NFS3::fattr_t" {
            ftype, mode, nlink, uid, gid, size, used, rdev1, rdev2, fsid, fileid, atime, mtime, ctime,
        };
        /// Those that tell whether a file was changed by somebody else
        WCC_ATTR = "NFS3::wcc_attr_t" { size, atime, mtime };
        /// Attributes to be set
        SATTR = "NFS3::sattr_t" { mode, uid, gid, size, atime, mtime };
        /// A name in a directory
        DIROPARGS = "NFS3::diropargs_t" { dirfh, fname };
        /// Arguments
        SATTRARGS = "NFS3::sattrargs_t" { fh, new_attributes };
        /// Results
        SATTR_REPLY = "NFS3::sattr_reply_t" { dir_pre_attr, dir_post_attr };
        /// Results
        LOOKUP_REPLY = "NFS3::lookup_reply_t" { fh, obj_attr, dir_attr };
        /// Results
        READLINK_REPLY = "NFS3::readlink_reply_t" { attr, nfspath };
        /// Arguments
        READARGS = "NFS3::readargs_t" { fh, offset, size };
        /// Results
        READ_REPLY = "NFS3::read_reply_t" { attr, size, eof, data };
        /// Arguments
        WRITEARGS = "NFS3::writeargs_t" { fh, offset, size, stable, data };
        /// Results
        WRITE_REPLY = "NFS3::write_reply_t" { preattr, postattr, size, commited, verf };
        /// Results
        NEWOBJ_REPLY = "NFS3::newobj_reply_t" { fh, obj_attr, dir_pre_attr, dir_post_attr };
        /// Where a link leads
        SYMLINKDATA = "NFS3::symlinkdata_t" { symlink_attributes, nfspath };
        /// Arguments
        SYMLINKARGS = "NFS3::symlinkargs_t" { link, symlinkdata };
        /// Results
        DELOBJ_REPLY = "NFS3::delobj_reply_t" { dir_pre_attr, dir_post_attr };
        /// Arguments
        RENAMEOPARGS = "NFS3::renameopargs_t" { src_dirfh, src_fname, dst_dirfh, dst_fname };
        /// Results
        RENAMEOBJ_REPLY = "NFS3::renameobj_reply_t" {
            src_dir_pre_attr, src_dir_post_attr, dst_dir_pre_attr, dst_dir_post_attr,
        };
        /// Arguments
        LINKARGS = "NFS3::linkargs_t" { fh, link };
        /// Results
        LINK_REPLY = "NFS3::link_reply_t" { post_attr, preattr, postattr };
        /// Arguments
        READDIRARGS = "NFS3::readdirargs_t" { isplus, dirfh, cookie, cookieverf, dircount, maxcount };
        /// A name of a directory
        DIRENTRY = "NFS3::direntry_t" { fileid, fname, cookie, attr, fh };
        /// Results
        READDIR_REPLY = "NFS3::readdir_reply_t" { isplus, dir_attr, cookieverf, entries, eof };
    }
}

/// How a call of mount or NFS went, in a record of that shape.
pub fn info<A>(
    shape: &'static RecordDef,
    program_status: &'static str,
    call: &Call<A>,
    outcome: &Outcome,
) -> Value {
    let who = &call.credentials;
    let number = |n: u32| Value::Count(u64::from(n));
    Value::Record(
        shape,
        vec![
            Value::Enum(outcome.status.enum_name()),
            Value::Enum(program_status),
            Value::Time(call.start),
            Value::Interval(call.end - call.start),
            call.len.into(),
            Value::Time(outcome.at),
            Value::Interval(outcome.end - outcome.at),
            outcome.len.into(),
            number(who.uid),
            number(who.gid),
            number(who.stamp),
            Value::Str(who.machine_name.clone()),
            Value::Vector(who.groups.iter().map(|&group| number(group)).collect()),
        ],
    )
}
