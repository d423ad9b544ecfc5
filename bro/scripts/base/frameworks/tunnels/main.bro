##! Tunnels: which there are, from when to when; in tunnel.log.

@load base/frameworks/logging
@load base/protocols/conn/removal-hooks

module Tunnel;

export {
	redef enum Log::ID += {
		## The log of tunnels.
		LOG
	};

	## Decides which rows go into that log.
	global log_policy: Log::PolicyHook;

	## What happens with a tunnel.
	type Action: enum {
		## A connection inside it was seen.
		DISCOVER,
		## The connection it runs over ended.
		CLOSE,
		## Nothing was seen of it for a while.
		EXPIRE
	};

	## A row of tunnel.log.
	type Info: record {
		## When it happened.
		ts: time &log;
		## Unique id of the connection it runs over, or of the tunnel where there is none.
		uid: string &log &optional;
		## Endpoints of the tunnel; its ports are 0 where it has none.
		id: conn_id &log;
		## Kind of tunnel.
		tunnel_type: Tunnel::Type &log;
		## What happened.
		action: Action &log;
	};

	## Takes note of all tunnels around a connection.
	##
	## ecv: the tunnels, the outermost first.
	global register_all: function(ecv: EncapsulatingConnVector);

	## Takes note of a tunnel.
	##
	## ec: the tunnel.
	global register: function(ec: EncapsulatingConn);

	## Takes note that a tunnel is no more.
	##
	## tunnel: the tunnel.
	##
	## action: why.
	global close: function(tunnel: Info, action: Action);

	## How long a tunnel that runs over no connection of its own is remembered after it was last seen.
	const expiration_interval = 1 hr &redef;

	## Takes note that a tunnel was not seen for that long.
	global expire: function(t: table[conn_id] of Info, idx: conn_id): interval;

	## The tunnels there are.
	global active: table[conn_id] of Info = table() &read_expire=expiration_interval &expire_func=expire;

	## Takes note that the connection a tunnel runs over ended.
	global finalize_tunnel: Conn::RemovalHook;
}

event zeek_init() &priority=5
	{
	Log::create_stream(Tunnel::LOG, Log::Stream($columns=Info, $path="tunnel", $policy=log_policy));
	}

function register_all(ecv: EncapsulatingConnVector)
	{
	for ( _, ec in ecv )
		register(ec);
	}

function register(ec: EncapsulatingConn)
	{
	if ( ec$cid in active )
		{
		active[ec$cid]$tunnel_type = ec$tunnel_type;
		return;
		}

	local tunnel = Info($ts=network_time(), $id=ec$cid, $tunnel_type=ec$tunnel_type, $action=DISCOVER);
	if ( ec?$uid )
		tunnel$uid = ec$uid;
	active[ec$cid] = tunnel;
	Log::write(LOG, tunnel);

	# Tunnels directly on IP run over no connection; they expire.
	if ( connection_exists(ec$cid) )
		Conn::register_removal_hook(lookup_connection(ec$cid), finalize_tunnel);
	}

function close(tunnel: Info, action: Action)
	{
	tunnel$ts = network_time();
	tunnel$action = action;
	Log::write(LOG, tunnel);
	delete active[tunnel$id];
	}

function expire(t: table[conn_id] of Info, idx: conn_id): interval
	{
	close(t[idx], EXPIRE);
	return 0 secs;
	}

event tunneled_connection(c: connection, e: EncapsulatingConnVector) &priority=5
	{
	register_all(e);
	}

event tunnel_changed(c: connection, e: EncapsulatingConnVector) &priority=5
	{
	register_all(e);
	}

hook finalize_tunnel(c: connection)
	{
	if ( c$id in active )
		close(active[c$id], CLOSE);
	}
