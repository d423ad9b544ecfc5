module MOUNT3;

export {
	## Procedures of mount.
	type proc_t: enum {
		PROC_NULL = 0,	##< Nothing.
		PROC_MNT = 1,	##< Mount a directory.
		PROC_DUMP = 2,	##< List what is mounted.
		PROC_UMNT = 3,	##< Unmount a directory.
		PROC_UMNT_ALL = 4,	##< Unmount all.
		PROC_EXPORT = 5,	##< List what can be mounted.
		PROC_END_OF_PROCS = 6	##< There is no such procedure.
	};

	## What became of a call (RFC 1813, section 5.1.5).
	type status_t: enum {
		MNT3_OK = 0,	##< It was carried out.
		MNT3ERR_PERM = 1,	##< Only the owner may.
		MNT3ERR_NOENT = 2,	##< There is no such directory.
		MNT3ERR_IO = 5,	##< The device failed.
		MNT3ERR_ACCES = 13,	##< The caller may not.
		MNT3ERR_NOTDIR = 20,	##< It is no directory.
		MNT3ERR_INVAL = 22,	##< The argument is none.
		MNT3ERR_NAMETOOLONG = 63,	##< The name is too long.
		MNT3ERR_NOTSUPP = 10004,	##< That cannot be done.
		MNT3ERR_SERVERFAULT = 10006,	##< The server failed.
		MOUNT3ERR_UNKNOWN = 90000	##< Something else.
	};

	## How a caller authenticates.
	type auth_flavor_t: enum {
		AUTH_NULL = 0,	##< Not at all.
		AUTH_UNIX = 1,	##< By his own word.
		AUTH_SHORT = 2,	##< By what the server gave him before.
		AUTH_DES = 3	##< By DES.
	};
}

module GLOBAL;

## How a call of mount went.
type MOUNT3::info_t: record {
	rpc_stat: rpc_status;	##< As far as RPC knows.
	mnt_stat: MOUNT3::status_t;	##< As far as mount knows.
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

## A directory to be mounted or unmounted.
type MOUNT3::dirmntargs_t: record {
	dirname: string;	##< Its path.
};

## What a server gives for a directory.
type MOUNT3::mnt_reply_t: record {
	dirfh: string &optional;	##< The directory's handle.
	auth_flavors: vector of MOUNT3::auth_flavor_t &optional;	##< How users of it may authenticate.
};

## A call of mount that asks for nothing.
##
## c: The connection.
## info: How it went.
event mount_proc_null(c: connection, info: MOUNT3::info_t);

## A directory was to be mounted.
##
## c: The connection.
## info: How it went.
## req: The directory.
## rep: What the server gave.
event mount_proc_mnt(c: connection, info: MOUNT3::info_t, req: MOUNT3::dirmntargs_t, rep: MOUNT3::mnt_reply_t);

## A directory was to be unmounted.
##
## c: The connection.
## info: How it went.
## req: The directory.
event mount_proc_umnt(c: connection, info: MOUNT3::info_t, req: MOUNT3::dirmntargs_t);

## All directories of the caller were to be unmounted.
##
## c: The connection.
## info: How it went.
## req: Has an empty name.
event mount_proc_umnt_all(c: connection, info: MOUNT3::info_t, req: MOUNT3::dirmntargs_t);

## A call of a procedure that has no event of its own.
##
## c: The connection.
## info: How it went.
## proc: The procedure.
event mount_proc_not_implemented(c: connection, info: MOUNT3::info_t, proc: MOUNT3::proc_t);

## Comes before the event about each call.
##
## n: The connection.
## info: How it went.
event mount_reply_status(n: connection, info: MOUNT3::info_t);
