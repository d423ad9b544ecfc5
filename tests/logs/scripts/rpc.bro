# All events of RPC, the portmapper, mount and NFS.

@load policy/protocols/rpc

function at(c: connection): string { return cat(c$id$orig_p); }

event rpc_call(c: connection, xid: count, prog: count, ver: count, proc: count, call_len: count)
	{ print at(c), "call", xid, prog, ver, proc, call_len; }
event rpc_reply(c: connection, xid: count, status: rpc_status, reply_len: count)
	{ print at(c), "reply", xid, status, reply_len; }
event rpc_dialogue(c: connection, prog: count, ver: count, proc: count, status: rpc_status, start_time: time, call_len: count,
                   reply_len: count)
	{ print at(c), "dialogue", prog, ver, proc, status, call_len, reply_len; }
event rpc_discarded_pending_calls(c: connection) { print at(c), "calls discarded"; }

event pm_request_null(r: connection) { print at(r), "null"; }
event pm_request_set(r: connection, m: pm_mapping, success: bool) { print at(r), "set", m, success; }
event pm_request_unset(r: connection, m: pm_mapping, success: bool) { print at(r), "unset", m, success; }
event pm_request_getport(r: connection, pr: pm_port_request, p: port) { print at(r), "getport", pr, p; }
event pm_request_dump(r: connection, m: pm_mappings) { print at(r), "dump", |m|; for ( i in m ) if ( i <= 2 ) print i, m[i]; }
event pm_request_callit(r: connection, call: pm_callit_request, p: port) { print at(r), "callit", call, p; }
event pm_attempt_null(r: connection, status: rpc_status) { print at(r), "null?", status; }
event pm_attempt_set(r: connection, status: rpc_status, m: pm_mapping) { print at(r), "set?", status, m; }
event pm_attempt_unset(r: connection, status: rpc_status, m: pm_mapping) { print at(r), "unset?", status, m; }
event pm_attempt_getport(r: connection, status: rpc_status, pr: pm_port_request) { print at(r), "getport?", status, pr; }
event pm_attempt_dump(r: connection, status: rpc_status) { print at(r), "dump?", status; }
event pm_attempt_callit(r: connection, status: rpc_status, call: pm_callit_request) { print at(r), "callit?", status, call; }
event pm_bad_port(r: connection, bad_p: count) { print at(r), "bad port", bad_p; }

event mount_proc_null(c: connection, info: MOUNT3::info_t) { print at(c), "mount null", info; }
event mount_proc_mnt(c: connection, info: MOUNT3::info_t, req: MOUNT3::dirmntargs_t, rep: MOUNT3::mnt_reply_t)
	{ print at(c), "mnt", info$mnt_stat, req, rep; }
event mount_proc_umnt(c: connection, info: MOUNT3::info_t, req: MOUNT3::dirmntargs_t) { print at(c), "umnt", req; }
event mount_proc_umnt_all(c: connection, info: MOUNT3::info_t, req: MOUNT3::dirmntargs_t) { print at(c), "umnt all", req; }
event mount_proc_not_implemented(c: connection, info: MOUNT3::info_t, proc: MOUNT3::proc_t) { print at(c), "mount", proc; }
event mount_reply_status(n: connection, info: MOUNT3::info_t) { print at(n), info$rpc_stat, info$mnt_stat; }

event nfs_proc_null(c: connection, info: NFS3::info_t) { print at(c), "nfs null", info; }
event nfs_proc_getattr(c: connection, info: NFS3::info_t, fh: string, attrs: NFS3::fattr_t) { print at(c), "getattr", fh, attrs; }
event nfs_proc_sattr(c: connection, info: NFS3::info_t, req: NFS3::sattrargs_t, rep: NFS3::sattr_reply_t) { print at(c), "sattr", req, rep; }
event nfs_proc_lookup(c: connection, info: NFS3::info_t, req: NFS3::diropargs_t, rep: NFS3::lookup_reply_t)
	{ print at(c), "lookup", info$nfs_stat, |req$fname| > 40 ? |req$fname| : 0, req$fname[:40], rep; }
event nfs_proc_read(c: connection, info: NFS3::info_t, req: NFS3::readargs_t, rep: NFS3::read_reply_t)
	{ print at(c), "read", info$nfs_stat, req, rep; }
event nfs_proc_readlink(c: connection, info: NFS3::info_t, fh: string, rep: NFS3::readlink_reply_t) { print at(c), "readlink", fh, rep; }
event nfs_proc_write(c: connection, info: NFS3::info_t, req: NFS3::writeargs_t, rep: NFS3::write_reply_t) { print at(c), "write", req, rep; }
event nfs_proc_create(c: connection, info: NFS3::info_t, req: NFS3::diropargs_t, rep: NFS3::newobj_reply_t) { print at(c), "create", info$nfs_stat, req, rep; }
event nfs_proc_mkdir(c: connection, info: NFS3::info_t, req: NFS3::diropargs_t, rep: NFS3::newobj_reply_t) { print at(c), "mkdir", req, rep; }
event nfs_proc_remove(c: connection, info: NFS3::info_t, req: NFS3::diropargs_t, rep: NFS3::delobj_reply_t) { print at(c), "remove", req, rep; }
event nfs_proc_rmdir(c: connection, info: NFS3::info_t, req: NFS3::diropargs_t, rep: NFS3::delobj_reply_t) { print at(c), "rmdir", info$nfs_stat, req, rep; }
event nfs_proc_rename(c: connection, info: NFS3::info_t, req: NFS3::renameopargs_t, rep: NFS3::renameobj_reply_t) { print at(c), "rename", req, rep; }
event nfs_proc_link(c: connection, info: NFS3::info_t, req: NFS3::linkargs_t, rep: NFS3::link_reply_t) { print at(c), "link", req, rep; }
event nfs_proc_symlink(c: connection, info: NFS3::info_t, req: NFS3::symlinkargs_t, rep: NFS3::newobj_reply_t) { print at(c), "symlink", req, rep; }
event nfs_proc_readdir(c: connection, info: NFS3::info_t, req: NFS3::readdirargs_t, rep: NFS3::readdir_reply_t) { print at(c), "readdir", req, rep; }
event nfs_proc_not_implemented(c: connection, info: NFS3::info_t, proc: NFS3::proc_t) { print at(c), "nfs", proc; }
event nfs_reply_status(n: connection, info: NFS3::info_t) { print at(n), info$rpc_stat, info$nfs_stat; }
