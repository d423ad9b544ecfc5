##! The log of connections: conn.log.  Everything else about a connection can be found by its ``uid``.

@load base/frameworks/logging
@load base/utils/site

module Conn;

export {
	redef enum Log::ID += {
		## The log of connections.
		LOG
	};

	## Decides which rows go into that log.
	global log_policy: Log::PolicyHook;

	## A row of conn.log.
	type Info: record {
		## Time of the first packet.
		ts: time &log;
		## Unique id.
		uid: string &log;
		## Endpoints.
		id: conn_id &log;
		## Transport.
		proto: transport_proto &log;
		## What it speaks, as far as analyzers confirmed it; several with commas between them.
		service: string &log &optional;
		## Time from the first packet to the last.  For what ends with handshakes, these do not count.
		duration: interval &log &optional;
		## Payload the originator sent, in bytes; for TCP by its sequence numbers, and so possibly wrong.
		orig_bytes: count &log &optional;
		## The same of the responder.
		resp_bytes: count &log &optional;
		## How it went:
		##
		## ======  ===========================================================================================
		## S0      tried, and not answered
		## S1      established, not ended
		## SF      established and ended; the bytes of both sides are known
		## REJ     tried and rejected
		## S2      established; the originator closed it, the responder did not answer that
		## S3      established; the responder closed it, the originator did not answer that
		## RSTO    established; the originator aborted it
		## RSTR    the responder aborted it
		## RSTOS0  the originator sent a SYN and then a RST; no SYN-ACK was seen
		## RSTRH   the responder sent a SYN-ACK and then a RST; no SYN was seen
		## SH      the originator sent a SYN and then a FIN; no SYN-ACK was seen
		## SHR     the responder sent a SYN-ACK and then a FIN; no SYN was seen
		## OTH     no beginning was seen, and nothing of the above
		## ======  ===========================================================================================
		conn_state: string &log &optional;
		## Whether the originator is local.
		local_orig: bool &log &optional;
		## Whether the responder is local.
		local_resp: bool &log &optional;
		## Bytes that the monitor missed.
		missed_bytes: count &log &default=0;
		## What happened, in order; the originator's in upper case, the responder's in lower case:
		##
		## ======  ====================================================
		## s       a SYN without ACK
		## h       a SYN with ACK
		## a       an ACK without data
		## d       data
		## f       a FIN
		## r       a RST
		## c       a wrong checksum
		## g       a gap in the data
		## t       data again
		## w       a window of 0
		## i       flags that contradict each other
		## q       several flags at once, such as SYN and FIN
		## ^       the direction was turned round
		## x       the analysis ended before the connection did
		## ======  ====================================================
		history: string &log &optional;
		## Packets the originator sent.
		orig_pkts: count &log &optional;
		## Bytes of IP the originator sent, headers included.
		orig_ip_bytes: count &log &optional;
		## Packets the responder sent.
		resp_pkts: count &log &optional;
		## Bytes of IP the responder sent, headers included.
		resp_ip_bytes: count &log &optional;
		## Unique ids of the tunnels it came through.
		tunnel_parents: set[string] &log &optional &ordered;
		## Number of the protocol that IP carried.
		ip_proto: count &log &optional;
	} &redef;

	## Raised with every row of conn.log.
	global log_conn: event(rec: Conn::Info);
}

redef record connection += {
	## Its row of conn.log, from when something is known of it.
	conn: Info &optional;
};

event zeek_init() &priority=5
	{
	Log::create_stream(Conn::LOG, Log::Stream($columns=Info, $ev=log_conn, $path="conn", $policy=log_policy));
	}

# How a TCP connection went, by the last that was seen of both sides, and by what was seen at all.
function tcp_state(orig: count, resp: count, history: string): string
	{
	if ( orig == TCP_CLOSED && resp == TCP_CLOSED )
		return "SF";

	if ( orig == TCP_SYN_SENT && resp == TCP_INACTIVE )
		return "S0";

	if ( orig == TCP_ESTABLISHED && resp == TCP_ESTABLISHED )
		return "S1";

	# A side of which at most the middle was seen cannot have opened or answered anything.
	local no_orig = orig == TCP_INACTIVE || orig == TCP_PARTIAL;
	local no_resp = resp == TCP_INACTIVE || resp == TCP_PARTIAL;

	if ( resp == TCP_RESET )
		{
		if ( orig == TCP_SYN_SENT || orig == TCP_SYN_ACK_SENT )
			return "REJ";
		return no_orig ? "RSTRH" : "RSTR";
		}

	if ( orig == TCP_RESET )
		{
		if ( ! no_resp )
			return "RSTO";
		# It took back its SYN before it had sent anything else that goes beyond it.
		return /^\^?S[^AFGHIQR]*R/ in history ? "RSTOS0" : "OTH";
		}

	if ( orig == TCP_CLOSED )
		return no_resp ? "SH" : "S2";

	if ( resp == TCP_CLOSED )
		return no_orig ? "SHR" : "S3";

	return "OTH";
	}

## Tells how a connection went, see ``conn_state`` of :bro:see:`Conn::Info`.
##
## c: the connection.
##
## trans: its transport.
function conn_state(c: connection, trans: transport_proto): string
	{
	local orig = c$orig$state;
	local resp = c$resp$state;

	if ( trans == tcp )
		{
		# The answer to a SYN of somebody who has nothing to say any more.
		if ( resp == TCP_RESET && orig == TCP_RESET && c$orig$size == 0 && c$resp$size == 0 )
			return "REJ";
		return tcp_state(orig, resp, c$history);
		}

	if ( trans == udp )
		{
		if ( orig == UDP_ACTIVE )
			return resp == UDP_ACTIVE ? "SF" : "S0";
		return resp == UDP_ACTIVE ? "SHR" : "OTH";
		}

	return "OTH";
	}

# The services of a connection in the order they were confirmed.
function service_names(services: set[string]): string
	{
	local names = "";

	for ( name in services )
		names = names == "" ? name : cat(names, ",", name);

	return to_lower(names);
	}

## Fills a connection's row of conn.log with what is known of it.
##
## c: the connection.
##
## eoc: whether it has ended.
function set_conn(c: connection, eoc: bool)
	{
	local id = c$id;

	if ( ! c?$conn )
		{
		c$conn = Info($ts=c$start_time, $uid=c$uid, $id=id, $proto=get_port_transport_proto(id$resp_p),
		              $ip_proto=id$proto);

		if ( c?$tunnel )
			c$conn$tunnel_parents = set(c$tunnel[|c$tunnel| - 1]$uid);
		}

	local info = c$conn;

	if ( |Site::local_nets| > 0 )
		{
		info$local_orig = Site::is_local_addr(id$orig_h);
		info$local_resp = Site::is_local_addr(id$resp_h);
		}

	if ( ! eoc )
		return;

	# The roles may have been turned round since.
	info$id = id;
	local orig = c$orig;
	local resp = c$resp;

	if ( c$duration > 0 secs )
		{
		info$duration = c$duration;
		info$orig_bytes = orig$size;
		info$resp_bytes = resp$size;
		}

	if ( orig?$num_pkts )
		{
		info$orig_pkts = orig$num_pkts;
		info$orig_ip_bytes = orig$num_bytes_ip;
		}

	if ( resp?$num_pkts )
		{
		info$resp_pkts = resp$num_pkts;
		info$resp_ip_bytes = resp$num_bytes_ip;
		}

	if ( |c$service| > 0 )
		info$service = service_names(c$service);

	info$conn_state = conn_state(c, info$proto);

	if ( c$history != "" )
		info$history = c$history;
	}

event content_gap(c: connection, is_orig: bool, seq: count, length: count) &priority=5
	{
	set_conn(c, F);
	c$conn$missed_bytes += length;
	}

# While it is known which tunnel the first packet came through.
event tunneled_connection(c: connection, e: EncapsulatingConnVector) &priority=5
	{
	set_conn(c, F);
	}

event tunnel_changed(c: connection, e: EncapsulatingConnVector) &priority=5
	{
	set_conn(c, F);

	if ( |e| > 0 )
		{
		if ( ! c$conn?$tunnel_parents )
			c$conn$tunnel_parents = set();
		add c$conn$tunnel_parents[e[|e| - 1]$uid];
		}

	c$tunnel = e;
	}

event connection_state_remove(c: connection) &priority=5
	{
	set_conn(c, T);
	}

event connection_state_remove(c: connection) &priority=-5
	{
	Log::write(Conn::LOG, c$conn);
	}
