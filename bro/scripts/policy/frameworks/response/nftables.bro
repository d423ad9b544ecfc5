##! Blocks hosts, flows and MPTCP by the packet filter nftables of this machine, which must be on the traffic's way.
##!
##! Everything is in the table ``inet bro_response``, and every block ends by itself, also when the monitor does not run
##! any more.  ``nft list table inet bro_response`` shows it, ``nft delete table inet bro_response`` takes it back.

@load ./main

module Response;

export {
	## How MPTCP is blocked.
	type MptcpBlock: enum {
		## Packets with TCP option 30 are dropped: new connections fall back to TCP after some tries, those that use
		## MPTCP stall.
		DROP_OPTION,
		## The option is removed from packets: new connections are TCP from the beginning.
		STRIP_OPTION,
		## Only joins are dropped: connections stay on the path that they began on.
		DROP_JOINS
	};

	## Drops all packets from and to a host for some time.
	##
	## host: the host.
	##
	## duration: for how long.
	##
	## reason: why, for the log.
	##
	## Returns: whether it was done, or would have been.
	global block_host: function(host: addr, duration: interval, reason: string &default=""): bool;

	## Drops all packets of a connection, in both directions, for some time.
	##
	## cid: its endpoints, with TCP or UDP.
	##
	## duration: for how long.
	##
	## reason: why, for the log.
	##
	## Returns: whether it was done, or would have been.
	global block_flow: function(cid: conn_id, duration: interval, reason: string &default=""): bool;

	## Blocks MPTCP from and to a network for some time; ``0.0.0.0/0`` and ``::/0`` are everybody.
	##
	## net: the network.
	##
	## duration: for how long.
	##
	## how: what is blocked.
	##
	## reason: why, for the log.
	##
	## Returns: whether it was done, or would have been.
	global block_mptcp: function(net: subnet, duration: interval, how: MptcpBlock &default=DROP_OPTION,
	                             reason: string &default=""): bool;

	## Takes back that a host is blocked.
	##
	## host: the host.
	global unblock_host: function(host: addr, reason: string &default=""): bool;

	## Takes back that a connection is blocked.
	##
	## cid: its endpoints.
	global unblock_flow: function(cid: conn_id, reason: string &default=""): bool;

	## Takes back that MPTCP is blocked.
	##
	## net: the network.
	##
	## how: what is blocked.
	global unblock_mptcp: function(net: subnet, how: MptcpBlock &default=DROP_OPTION, reason: string &default=""): bool;
}

const modes: table[MptcpBlock] of string = {
	[DROP_OPTION] = "drop",
	[STRIP_OPTION] = "strip",
	[DROP_JOINS] = "joins",
};

# The row of an action.
function filter_row(action: Action, target: string, duration: interval, reason: string): Info
	{
	local rec = Info($ts=network_time(), $action=action, $target=target, $outcome=DONE, $reason=reason);
	if ( duration > 0sec )
		rec$duration = duration;
	return rec;
	}

function block_host(host: addr, duration: interval, reason: string &default=""): bool
	{
	local rec = filter_row(BLOCK_HOST, cat(host), duration, reason);
	return begin_action(rec, vector(host)) && end_action(rec, Response::__block_host(host, duration));
	}

function block_flow(cid: conn_id, duration: interval, reason: string &default=""): bool
	{
	local rec = filter_row(BLOCK_FLOW, fmt("%s %s", cid$orig_h, cid$resp_h), duration, reason);
	rec$id = cid;
	return begin_action(rec, vector(cid$orig_h, cid$resp_h)) &&
	       end_action(rec, Response::__block_flow(cid, duration));
	}

function block_mptcp(net: subnet, duration: interval, how: MptcpBlock &default=DROP_OPTION, reason: string &default=""): bool
	{
	local rec = filter_row(BLOCK_MPTCP, fmt("%s %s", net, modes[how]), duration, reason);
	return begin_action(rec, vector()) && end_action(rec, Response::__block_mptcp(net, modes[how], duration));
	}

function unblock_host(host: addr, reason: string &default=""): bool
	{
	local rec = filter_row(UNBLOCK, cat(host), 0sec, reason);
	return begin_action(rec, vector()) && end_action(rec, Response::__block_host(host, 0sec));
	}

function unblock_flow(cid: conn_id, reason: string &default=""): bool
	{
	local rec = filter_row(UNBLOCK, fmt("%s %s", cid$orig_h, cid$resp_h), 0sec, reason);
	rec$id = cid;
	return begin_action(rec, vector()) && end_action(rec, Response::__block_flow(cid, 0sec));
	}

function unblock_mptcp(net: subnet, how: MptcpBlock &default=DROP_OPTION, reason: string &default=""): bool
	{
	local rec = filter_row(UNBLOCK, fmt("%s %s", net, modes[how]), 0sec, reason);
	return begin_action(rec, vector()) && end_action(rec, Response::__block_mptcp(net, modes[how], 0sec));
	}
