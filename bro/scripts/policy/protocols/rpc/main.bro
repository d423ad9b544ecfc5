##! ONC RPC: the analyzers of the portmapper, mount and NFS on their usual ports and wherever they are recognised, and rpc.log,
##! a row a call.

@load base/frameworks/analyzer
@load base/frameworks/logging
@load-sigs dpd/mount
@load-sigs dpd/nfs
@load-sigs dpd/portmapper

module RPC;

export {
	redef enum Log::ID += {
		## The log of calls.
		LOG
	};

	## Decides which rows are written.
	global log_policy: Log::PolicyHook;

	## Ports of the portmapper.
	const portmapper_ports = { 111/udp, 111/tcp } &redef;

	## Ports of mount.  Where the portmapper was asked for another, it is looked for there.
	const mount_ports = { 20048/udp, 20048/tcp } &redef;

	## Ports of NFS.
	const nfs_ports = { 2049/udp, 2049/tcp } &redef;

	## Programs by their numbers.
	option programs: table[count] of string = {
		[100000] = "portmapper",
		[100001] = "rstat",
		[100002] = "rusers",
		[100003] = "nfs",
		[100004] = "ypserv",
		[100005] = "mount",
		[100007] = "ypbind",
		[100008] = "wall",
		[100009] = "yppasswd",
		[100011] = "rquota",
		[100012] = "spray",
		[100020] = "lockmgr",
		[100021] = "nlockmgr",
		[100024] = "status",
		[100026] = "bootparam",
		[100028] = "ypupdated",
		[100069] = "ypxfrd",
		[100083] = "tooltalk",
		[100227] = "nfs_acl",
		[100232] = "sadmind",
		[150001] = "pcnfs",
		[300019] = "amd",
	} &default=function(program: count): string { return cat(program); };

	## A row of rpc.log.
	type Info: record {
		## When the call was made.
		ts: time &log;
		## The connection's unique id.
		uid: string &log;
		## Its endpoints.
		id: conn_id &log;
		## The program that was called, by its name if it has one.
		program: string &log;
		## Its version.
		version: count &log;
		## The procedure.
		procedure: count &log;
		## What became of the call.
		status: string &log;
		## Bytes of the call.
		call_len: count &log;
		## Bytes of the reply; 0 if there was none.
		reply_len: count &log;
	};

	## Raised with every row of rpc.log.
	global log_rpc: event(rec: Info);
}

## What became of a call, in words.
const RPC_status: table[rpc_status] of string = {
	[RPC_SUCCESS] = "ok",
	[RPC_PROG_UNAVAIL] = "prog unavail",
	[RPC_PROG_MISMATCH] = "mismatch",
	[RPC_PROC_UNAVAIL] = "proc unavail",
	[RPC_GARBAGE_ARGS] = "garbage args",
	[RPC_SYSTEM_ERR] = "system err",
	[RPC_TIMEOUT] = "timeout",
	[RPC_VERS_MISMATCH] = "mismatch",
	[RPC_AUTH_ERROR] = "auth error",
	[RPC_UNKNOWN_ERROR] = "unknown",
};

redef likely_server_ports += { portmapper_ports, mount_ports, nfs_ports };

event zeek_init() &priority=5
	{
	Log::create_stream(LOG, Log::Stream($columns=Info, $ev=log_rpc, $path="rpc", $policy=log_policy));
	Analyzer::register_for_ports(Analyzer::ANALYZER_PORTMAPPER, portmapper_ports);
	Analyzer::register_for_ports(Analyzer::ANALYZER_MOUNT, mount_ports);
	Analyzer::register_for_ports(Analyzer::ANALYZER_NFS, nfs_ports);
	}

event rpc_dialogue(c: connection, prog: count, ver: count, proc: count, status: rpc_status, start_time: time,
                   call_len: count, reply_len: count)
	{
	Log::write(LOG, Info($ts=start_time, $uid=c$uid, $id=c$id, $program=programs[prog], $version=ver, $procedure=proc,
	                     $status=RPC_status[status], $call_len=call_len, $reply_len=reply_len));
	}
