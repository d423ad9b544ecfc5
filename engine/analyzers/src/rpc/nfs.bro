module NFS3;

export {
	## Procedures of NFS.
	type proc_t: enum {
		PROC_NULL = 0,	##< Nothing.
		PROC_GETATTR = 1,	##< Read attributes.
		PROC_SETATTR = 2,	##< Set attributes.
		PROC_LOOKUP = 3,	##< Look a name up.
		PROC_ACCESS = 4,	##< Ask what is allowed.
		PROC_READLINK = 5,	##< Read where a link leads.
		PROC_READ = 6,	##< Read content.
		PROC_WRITE = 7,	##< Write content.
		PROC_CREATE = 8,	##< Make a file.
		PROC_MKDIR = 9,	##< Make a directory.
		PROC_SYMLINK = 10,	##< Make a link to a name.
		PROC_MKNOD = 11,	##< Make a special file.
		PROC_REMOVE = 12,	##< Remove a file.
		PROC_RMDIR = 13,	##< Remove a directory.
		PROC_RENAME = 14,	##< Rename a file.
		PROC_LINK = 15,	##< Make a link to a file.
		PROC_READDIR = 16,	##< Read a directory.
		PROC_READDIRPLUS = 17,	##< Read a directory with attributes.
		PROC_FSSTAT = 18,	##< Ask what space is left.
		PROC_FSINFO = 19,	##< Ask what the file system can do.
		PROC_PATHCONF = 20,	##< Ask what names can be.
		PROC_COMMIT = 21,	##< Have what was written kept.
		PROC_END_OF_PROCS = 22	##< There is no such procedure.
	};

	## What became of a call (RFC 1813, section 2.6).
	type status_t: enum {
		NFS3ERR_OK = 0,	##< It was carried out.
		NFS3ERR_PERM = 1,	##< Only the owner may.
		NFS3ERR_NOENT = 2,	##< There is no such file.
		NFS3ERR_IO = 5,	##< The device failed.
		NFS3ERR_NXIO = 6,	##< There is no such device.
		NFS3ERR_ACCES = 13,	##< The caller may not.
		NFS3ERR_EXIST = 17,	##< The file exists.
		NFS3ERR_XDEV = 18,	##< It would be a link to another device.
		NFS3ERR_NODEV = 19,	##< There is no such device.
		NFS3ERR_NOTDIR = 20,	##< It is no directory.
		NFS3ERR_ISDIR = 21,	##< It is a directory.
		NFS3ERR_INVAL = 22,	##< The argument is none.
		NFS3ERR_FBIG = 27,	##< The file would be too large.
		NFS3ERR_NOSPC = 28,	##< There is no space left.
		NFS3ERR_ROFS = 30,	##< It can be read only.
		NFS3ERR_MLINK = 31,	##< There would be too many links.
		NFS3ERR_NAMETOOLONG = 63,	##< The name is too long.
		NFS3ERR_NOTEMPTY = 66,	##< The directory is not empty.
		NFS3ERR_DQUOT = 69,	##< The user has had his share.
		NFS3ERR_STALE = 70,	##< The handle is one of a file that is gone.
		NFS3ERR_REMOTE = 71,	##< The file is on another host.
		NFS3ERR_BADHANDLE = 10001,	##< The handle is none.
		NFS3ERR_NOT_SYNC = 10002,	##< The file was changed meanwhile.
		NFS3ERR_BAD_COOKIE = 10003,	##< The cookie is stale.
		NFS3ERR_NOTSUPP = 10004,	##< That cannot be done.
		NFS3ERR_TOOSMALL = 10005,	##< The caller's buffer is too small.
		NFS3ERR_SERVERFAULT = 10006,	##< The server failed.
		NFS3ERR_BADTYPE = 10007,	##< There is no such type of file.
		NFS3ERR_JUKEBOX = 10008,	##< It takes some time.
		NFS3ERR_UNKNOWN = 90000	##< Something else.
	};

	## Types of files.
	type file_type_t: enum {
		FTYPE_REG = 1,	##< A regular file.
		FTYPE_DIR = 2,	##< A directory.
		FTYPE_BLK = 3,	##< A device of blocks.
		FTYPE_CHR = 4,	##< A device of characters.
		FTYPE_LNK = 5,	##< A link to a name.
		FTYPE_SOCK = 6,	##< A socket.
		FTYPE_FIFO = 7	##< A pipe.
	};

	## Where a time comes from.
	type time_how_t: enum {
		DONT_CHANGE = 0,	##< It stays.
		SET_TO_SERVER_TIME = 1,	##< From the server.
		SET_TO_CLIENT_TIME = 2	##< From the client.
	};

	## How safely something is written.
	type stable_how_t: enum {
		UNSTABLE = 0,	##< Some time.
		DATA_SYNC = 1,	##< Content at once.
		FILE_SYNC = 2	##< Content and attributes at once.
	};

	## How a file is made.
	type createmode_t: enum {
		UNCHECKED = 0,	##< Even if it exists.
		GUARDED = 1,	##< If it does not exist.
		EXCLUSIVE = 2	##< If it does not exist, and once.
	};

	## Whether events carry what is read and written.
	const return_data = F &redef;

	## Of that, this many bytes.
	const return_data_max = 512 &redef;

	## Only if it is the beginning of a file.
	const return_data_first_only = T &redef;
}

module GLOBAL;

## How a call of NFS went.
type NFS3::info_t: record {
	rpc_stat: rpc_status;	##< As far as RPC knows.
	nfs_stat: NFS3::status_t;	##< As far as NFS knows.
	req_start: time;	##< When the call's first byte came.
	req_dur: interval;	##< How long until its last came.
	req_len: count;	##< Its bytes.
	rep_start: time;	##< When the reply's first byte came.
	rep_dur: interval;	##< How long until its last came.
	rep_len: count;	##< Its bytes.
	rpc_uid: count;	##< The user who calls, by his own word.
	rpc_gid: count;	##< His group.
	rpc_stamp: count;	##< The caller's arbitrary number.
	rpc_machine_name: string;	##< The caller's host, by its own word.
	rpc_auxgids: vector of count;	##< Further groups of the user.
};

## Attributes of a file.
type NFS3::fattr_t: record {
	ftype: NFS3::file_type_t;	##< Type.
	mode: count;	##< Permissions.
	nlink: count;	##< Links to it.
	uid: count;	##< Owner.
	gid: count;	##< Group.
	size: count;	##< Bytes of its content.
	used: count;	##< Bytes it takes on the device.
	rdev1: count;	##< Major number of a device.
	rdev2: count;	##< Minor number of a device.
	fsid: count;	##< The file system.
	fileid: count;	##< Its number in the file system.
	atime: time;	##< When it was read.
	mtime: time;	##< When it was changed.
	ctime: time;	##< When its attributes were changed.
};

## Attributes by which a client sees whether somebody else changed a file.
type NFS3::wcc_attr_t: record {
	size: count;	##< Bytes of its content.
	atime: time;	##< When its content was changed (the RFC's ``mtime``).
	mtime: time;	##< When its attributes were changed (the RFC's ``ctime``).
};

## Attributes to be set.
type NFS3::sattr_t: record {
	mode: count &optional;	##< Permissions.
	uid: count &optional;	##< Owner.
	gid: count &optional;	##< Group.
	size: count &optional;	##< Bytes of its content.
	atime: NFS3::time_how_t &optional;	##< When it was read.
	mtime: NFS3::time_how_t &optional;	##< When it was changed.
};

## A name in a directory.
type NFS3::diropargs_t: record {
	dirfh: string;	##< The directory's handle.
	fname: string;	##< The name.
};

## Attributes to be set.
type NFS3::sattrargs_t: record {
	fh: string;	##< The file's handle.
	new_attributes: NFS3::sattr_t;	##< The attributes.
};

## What came of that.
type NFS3::sattr_reply_t: record {
	dir_pre_attr: NFS3::wcc_attr_t &optional;	##< Attributes before.
	dir_post_attr: NFS3::fattr_t &optional;	##< Attributes after.
};

## What a name stands for.
type NFS3::lookup_reply_t: record {
	fh: string &optional;	##< The file's handle.
	obj_attr: NFS3::fattr_t &optional;	##< Its attributes.
	dir_attr: NFS3::fattr_t &optional;	##< The directory's attributes.
};

## Where a link leads.
type NFS3::readlink_reply_t: record {
	attr: NFS3::fattr_t &optional;	##< The link's attributes.
	nfspath: string &optional;	##< The path.
};

## What is to be read.
type NFS3::readargs_t: record {
	fh: string;	##< The file's handle.
	offset: count;	##< Where it begins.
	size: count;	##< Bytes at most.
};

## What was read.
type NFS3::read_reply_t: record {
	attr: NFS3::fattr_t &optional;	##< The file's attributes.
	size: count &optional;	##< Bytes.
	eof: bool &optional;	##< Whether the file ends there.
	data: string &optional;	##< The content, if :bro:id:`NFS3::return_data` is set.
};

## What is to be written.
type NFS3::writeargs_t: record {
	fh: string;	##< The file's handle.
	offset: count;	##< Where it begins.
	size: count;	##< Bytes.
	stable: NFS3::stable_how_t;	##< How safely.
	data: string &optional;	##< The content, if :bro:id:`NFS3::return_data` is set.
};

## What was written.
type NFS3::write_reply_t: record {
	preattr: NFS3::wcc_attr_t &optional;	##< The file's attributes before.
	postattr: NFS3::fattr_t &optional;	##< The file's attributes after.
	size: count &optional;	##< Bytes.
	commited: NFS3::stable_how_t &optional;	##< How safely.
	verf: count &optional;	##< Changes when the server starts anew.
};

## What was made.
type NFS3::newobj_reply_t: record {
	fh: string &optional;	##< Its handle.
	obj_attr: NFS3::fattr_t &optional;	##< Its attributes.
	dir_pre_attr: NFS3::wcc_attr_t &optional;	##< The directory's attributes before.
	dir_post_attr: NFS3::fattr_t &optional;	##< The directory's attributes after.
};

## Where a link is to lead.
type NFS3::symlinkdata_t: record {
	symlink_attributes: NFS3::sattr_t;	##< Attributes of the link.
	nfspath: string &optional;	##< The path.
};

## A link to be made.
type NFS3::symlinkargs_t: record {
	link: NFS3::diropargs_t;	##< Its name.
	symlinkdata: NFS3::symlinkdata_t;	##< Where it leads.
};

## What was removed.
type NFS3::delobj_reply_t: record {
	dir_pre_attr: NFS3::wcc_attr_t &optional;	##< The directory's attributes before.
	dir_post_attr: NFS3::fattr_t &optional;	##< The directory's attributes after.
};

## What is to be renamed.
type NFS3::renameopargs_t: record {
	src_dirfh: string;	##< Handle of the directory it is in.
	src_fname: string;	##< Its name there.
	dst_dirfh: string;	##< Handle of the directory it is to be in.
	dst_fname: string;	##< Its name there.
};

## What was renamed.  All fields may be unset.
type NFS3::renameobj_reply_t: record {
	src_dir_pre_attr: NFS3::wcc_attr_t;	##< Attributes before of the directory it was in.
	src_dir_post_attr: NFS3::fattr_t;	##< Attributes after of the directory it was in.
	dst_dir_pre_attr: NFS3::wcc_attr_t;	##< Attributes before of the directory it is in.
	dst_dir_post_attr: NFS3::fattr_t;	##< Attributes after of the directory it is in.
};

## A link to a file to be made.
type NFS3::linkargs_t: record {
	fh: string;	##< The file's handle.
	link: NFS3::diropargs_t;	##< The link's name.
};

## A link to a file.
type NFS3::link_reply_t: record {
	post_attr: NFS3::fattr_t &optional;	##< The file's attributes.
	preattr: NFS3::wcc_attr_t &optional;	##< The directory's attributes before.
	postattr: NFS3::fattr_t &optional;	##< The directory's attributes after.
};

## What is to be read of a directory.
type NFS3::readdirargs_t: record {
	isplus: bool;	##< Whether attributes are wanted.
	dirfh: string;	##< The directory's handle.
	cookie: count;	##< Where to go on; 0 is the beginning.
	cookieverf: count;	##< Tells whether that still is the place.
	dircount: count;	##< Bytes at most, of names alone if attributes are wanted.
	maxcount: count &optional;	##< Bytes at most, if attributes are wanted.
};

## A name of a directory.
type NFS3::direntry_t: record {
	fileid: count;	##< The file's number in the file system.
	fname: string;	##< The name.
	cookie: count;	##< Where to go on behind it.
	attr: NFS3::fattr_t &optional;	##< The file's attributes.
	fh: string &optional;	##< The file's handle.
};

## Names of a directory.
type NFS3::direntry_vec_t: vector of NFS3::direntry_t;

## What was read of a directory.
type NFS3::readdir_reply_t: record {
	isplus: bool;	##< Whether attributes were wanted.
	dir_attr: NFS3::fattr_t &optional;	##< The directory's attributes.
	cookieverf: count &optional;	##< Tells whether a place in it still is that.
	entries: NFS3::direntry_vec_t &optional;	##< The names, 4096 at most.
	eof: bool;	##< Whether the directory ends there.
};

## Space of a file system.
type NFS3::fsstat_t: record {
	attrs: NFS3::fattr_t &optional;	##< Its attributes.
	tbytes: double;	##< Bytes in all.
	fbytes: double;	##< Bytes free.
	abytes: double;	##< Bytes the caller may take.
	tfiles: double;	##< Files in all.
	ffiles: double;	##< Files free.
	afiles: double;	##< Files the caller may make.
	invarsec: interval;	##< How long that holds.
};

## A call of NFS that asks for nothing.
##
## c: The connection.
## info: How it went.
event nfs_proc_null(c: connection, info: NFS3::info_t);

## A call of NFS that reads attributes of a file.
##
## c: The connection.
## info: How it went.
## fh: The file's handle.
## attrs: The attributes; unset if it failed.
event nfs_proc_getattr(c: connection, info: NFS3::info_t, fh: string, attrs: NFS3::fattr_t);

## A call of NFS that sets attributes of a file.
##
## c: The connection.
## info: How it went.
## req: What was asked for.
## rep: What came of it.
event nfs_proc_sattr(c: connection, info: NFS3::info_t, req: NFS3::sattrargs_t, rep: NFS3::sattr_reply_t);

## A call of NFS that looks a name up.
##
## c: The connection.
## info: How it went.
## req: What was asked for.
## rep: What came of it.
event nfs_proc_lookup(c: connection, info: NFS3::info_t, req: NFS3::diropargs_t, rep: NFS3::lookup_reply_t);

## A call of NFS that reads where a link leads.
##
## c: The connection.
## info: How it went.
## fh: The file's handle.
## rep: What came of it.
event nfs_proc_readlink(c: connection, info: NFS3::info_t, fh: string, rep: NFS3::readlink_reply_t);

## A call of NFS that reads content.
##
## c: The connection.
## info: How it went.
## req: What was asked for.
## rep: What came of it.
event nfs_proc_read(c: connection, info: NFS3::info_t, req: NFS3::readargs_t, rep: NFS3::read_reply_t);

## A call of NFS that writes content.
##
## c: The connection.
## info: How it went.
## req: What was asked for.
## rep: What came of it.
event nfs_proc_write(c: connection, info: NFS3::info_t, req: NFS3::writeargs_t, rep: NFS3::write_reply_t);

## A call of NFS that makes a file.
##
## c: The connection.
## info: How it went.
## req: What was asked for.
## rep: What came of it.
event nfs_proc_create(c: connection, info: NFS3::info_t, req: NFS3::diropargs_t, rep: NFS3::newobj_reply_t);

## A call of NFS that makes a directory.
##
## c: The connection.
## info: How it went.
## req: What was asked for.
## rep: What came of it.
event nfs_proc_mkdir(c: connection, info: NFS3::info_t, req: NFS3::diropargs_t, rep: NFS3::newobj_reply_t);

## A call of NFS that makes a link to a name.
##
## c: The connection.
## info: How it went.
## req: What was asked for.
## rep: What came of it.
event nfs_proc_symlink(c: connection, info: NFS3::info_t, req: NFS3::symlinkargs_t, rep: NFS3::newobj_reply_t);

## A call of NFS that removes a file.
##
## c: The connection.
## info: How it went.
## req: What was asked for.
## rep: What came of it.
event nfs_proc_remove(c: connection, info: NFS3::info_t, req: NFS3::diropargs_t, rep: NFS3::delobj_reply_t);

## A call of NFS that removes a directory.
##
## c: The connection.
## info: How it went.
## req: What was asked for.
## rep: What came of it.
event nfs_proc_rmdir(c: connection, info: NFS3::info_t, req: NFS3::diropargs_t, rep: NFS3::delobj_reply_t);

## A call of NFS that renames a file.
##
## c: The connection.
## info: How it went.
## req: What was asked for.
## rep: What came of it.
event nfs_proc_rename(c: connection, info: NFS3::info_t, req: NFS3::renameopargs_t, rep: NFS3::renameobj_reply_t);

## A call of NFS that makes a link to a file.
##
## c: The connection.
## info: How it went.
## req: What was asked for.
## rep: What came of it.
event nfs_proc_link(c: connection, info: NFS3::info_t, req: NFS3::linkargs_t, rep: NFS3::link_reply_t);

## A call of NFS that reads names of a directory.
##
## c: The connection.
## info: How it went.
## req: What was asked for.
## rep: What came of it.
event nfs_proc_readdir(c: connection, info: NFS3::info_t, req: NFS3::readdirargs_t, rep: NFS3::readdir_reply_t);

## A call of NFS that has no event of its own.
##
## c: The connection.
## info: How it went.
## proc: The procedure.
event nfs_proc_not_implemented(c: connection, info: NFS3::info_t, proc: NFS3::proc_t);

## Comes before the event about each call.
##
## n: The connection.
## info: How it went.
event nfs_reply_status(n: connection, info: NFS3::info_t);
