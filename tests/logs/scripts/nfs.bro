# Every event of mount and NFS that the capture has.
function who(uid: count, machine: string): string { return fmt("%d@%s", uid, machine); }

event mount_reply_status(n: connection, info: MOUNT3::info_t)
	{
	print info$rpc_stat, info$mnt_stat, who(info$rpc_uid, info$rpc_machine_name);
	}
event mount_proc_mnt(c: connection, info: MOUNT3::info_t, req: MOUNT3::dirmntargs_t, rep: MOUNT3::mnt_reply_t)
	{
	print "mount", req, rep;
	}
event mount_proc_umnt(c: connection, info: MOUNT3::info_t, req: MOUNT3::dirmntargs_t) { print "unmount", req; }

event nfs_reply_status(n: connection, info: NFS3::info_t)
	{
	print info$rpc_stat, info$nfs_stat, who(info$rpc_uid, info$rpc_machine_name);
	}
event nfs_proc_null(c: connection, info: NFS3::info_t) { print "null"; }
event nfs_proc_not_implemented(c: connection, info: NFS3::info_t, proc: NFS3::proc_t) { print "other", proc; }
event nfs_proc_getattr(c: connection, info: NFS3::info_t, fh: string, attrs: NFS3::fattr_t) { print "getattr", fh, attrs; }
event nfs_proc_lookup(c: connection, info: NFS3::info_t, req: NFS3::diropargs_t, rep: NFS3::lookup_reply_t)
	{
	print "lookup", req$fname, rep?$fh;
	}
event nfs_proc_read(c: connection, info: NFS3::info_t, req: NFS3::readargs_t, rep: NFS3::read_reply_t)
	{
	print "read", req, rep$size, rep$eof, rep$data;
	}
event nfs_proc_write(c: connection, info: NFS3::info_t, req: NFS3::writeargs_t, rep: NFS3::write_reply_t)
	{
	print "write", req, rep$size, rep$commited;
	}
event nfs_proc_create(c: connection, info: NFS3::info_t, req: NFS3::diropargs_t, rep: NFS3::newobj_reply_t)
	{
	print "create", req$fname, rep?$fh;
	}
event nfs_proc_readdir(c: connection, info: NFS3::info_t, req: NFS3::readdirargs_t, rep: NFS3::readdir_reply_t)
	{
	for ( n in rep$entries )
		print "entry", req$isplus, rep$entries[n]$fname, rep$entries[n]$attr$size;
	}
event nfs_proc_rename(c: connection, info: NFS3::info_t, req: NFS3::renameopargs_t, rep: NFS3::renameobj_reply_t)
	{
	print "rename", req$src_fname, req$dst_fname;
	}
event nfs_proc_remove(c: connection, info: NFS3::info_t, req: NFS3::diropargs_t, rep: NFS3::delobj_reply_t)
	{
	print "remove", req$fname;
	}
