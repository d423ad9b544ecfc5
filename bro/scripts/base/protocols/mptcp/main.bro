##! The log of Multipath TCP: a row for every connection as it ends, in mptcp.log.  Its subflows are TCP connections with rows
##! of their own in conn.log, where ``mptcp_uid`` tells which connection they belong to.
##!
##! An offer of MPTCP that was not taken is no connection, and has no row.

@load base/frameworks/logging
@load base/protocols/conn

module MPTCP;

export {
	redef enum Log::ID += {
		## The log of MPTCP connections.
		LOG
	};

	## Decides which rows go into that log.
	global log_policy: Log::PolicyHook;

	## A row of mptcp.log.  Originator and responder are those of the first subflow that was seen.
	type Info: record {
		## Time of the first packet of the first subflow.
		ts: time &log;
		## Unique id of the first subflow.
		uid: string &log;
		## Endpoints of the first subflow.
		id: conn_id &log;
		## Version of MPTCP, if a handshake was seen.
		version: count &log &optional;
		## Token of the originator in hexadecimal, if its key was seen.
		orig_token: string &log &optional;
		## Token of the responder in hexadecimal, if its key was seen.
		resp_token: string &log &optional;
		## Unique ids of all subflows, the first one first.
		subflow_uids: vector of string &log;
		## Bytes of both sides that came first on each subflow, in the same order: how the load was shared.
		subflow_bytes: vector of count &log;
		## Joins that were seen to the end: handshakes of four packets.
		joined: count &log;
		## Of those, joins whose HMACs were right.
		verified: count &log;
		## Joins that were reset before they were done.
		refused: count &log;
		## Bytes of the originator in the order of data sequence numbers, up to the first hole.
		orig_bytes: count &log;
		## Bytes of the responder in the order of data sequence numbers, up to the first hole.
		resp_bytes: count &log;
		## Bytes of the originator that were not seen.
		orig_missed: count &log;
		## Bytes of the responder that were not seen.
		resp_missed: count &log;
		## Bytes that came again, the same, on another subflow.
		repeated_bytes: count &log;
		## Bytes that came again and were other ones.
		conflicting_bytes: count &log;
		## Addresses of both sides: of their subflows, and announced.
		addresses: vector of addr &log;
		## How it ended: ``finished`` by both sides, ``fastclose``, ``reset`` with all its subflows; ``fallback`` says that
		## it became TCP, ``open`` that it had not ended when the monitor lost sight of it.
		ended: string &log;
	} &redef;

	## Raised with every row of mptcp.log.
	global log_mptcp: event(rec: MPTCP::Info);
}

redef record connection += {
	## If it is a subflow of an MPTCP connection: unique id of the first subflow.
	mptcp_uid: string &optional;

	## On the first subflow: the row of mptcp.log, once the MPTCP connection has ended.
	mptcp: MPTCP::Info &optional;
};

redef record Conn::Info += {
	## If it is a subflow of an MPTCP connection: the ``uid`` of that in mptcp.log.
	mptcp_uid: string &log &optional;
};

event zeek_init() &priority=5
	{
	Log::create_stream(MPTCP::LOG, Log::Stream($columns=Info, $ev=log_mptcp, $path="mptcp", $policy=log_policy));
	}

event mptcp_subflow(c: connection, first: string) &priority=5
	{
	c$mptcp_uid = first;
	}

event mptcp_finished(c: connection, totals: MPTCP::Totals) &priority=5
	{
	local uids: vector of string = vector();
	local bytes: vector of count = vector();

	for ( i in totals$subflows )
		{
		local subflow = totals$subflows[i];
		uids += subflow$uid;
		bytes += subflow$orig_bytes + subflow$resp_bytes;
		}

	local info = Info($ts=c$start_time, $uid=c$uid, $id=c$id, $subflow_uids=uids, $subflow_bytes=bytes,
	                  $joined=totals$joined, $verified=totals$verified, $refused=totals$refused,
	                  $orig_bytes=totals$orig_bytes, $resp_bytes=totals$resp_bytes,
	                  $orig_missed=totals$orig_missed, $resp_missed=totals$resp_missed,
	                  $repeated_bytes=totals$repeated_bytes, $conflicting_bytes=totals$conflicting_bytes,
	                  $addresses=totals$addresses, $ended=totals$ended);

	if ( totals?$version )
		info$version = totals$version;

	if ( totals?$orig_token )
		info$orig_token = fmt("%08x", totals$orig_token);

	if ( totals?$resp_token )
		info$resp_token = fmt("%08x", totals$resp_token);

	c$mptcp = info;
	}

event mptcp_finished(c: connection, totals: MPTCP::Totals) &priority=-5
	{
	Log::write(MPTCP::LOG, c$mptcp);
	}

module Conn;

event mptcp_subflow(c: connection, first: string) &priority=5
	{
	set_conn(c, F);
	c$conn$mptcp_uid = first;
	}
