##! Ends MPTCP connections of which one path is seen: MP_FASTCLOSE on one subflow makes both ends reset all of them.

@load ./main

module Response;

export {
	## Ends the MPTCP connection of a subflow: both ends get MP_FASTCLOSE with their own key in each other's name, and
	## reset all subflows, also those that take other paths.
	##
	## That takes the keys, which only the first subflow's handshake shows: of a connection that this was not seen of,
	## just the subflow is reset.
	##
	## c: a subflow that is seen, whether it is the first or has joined.
	##
	## reason: why, for the log.
	##
	## Returns: whether it was done, or would have been.
	global terminate_mptcp: function(c: connection, reason: string &default=""): bool;
}

# What is known of a connection.
type Mptcp: record {
	orig_key: count &default=0;
	resp_key: count &default=0;
	orig_token: count &default=0;
	# Its subflows that there are.
	subflows: set[string] &default=set();
	# Those of them that its responder has opened.
	reversed: set[string] &default=set();
};

# Connections, by the unique id of their first subflow.  Each lives as long as one of its subflows.
global connections: table[string] of Mptcp = {};

# The first subflows of those that have joined.
global first_of: table[string] of string = {};

# By the token of an end that originated its connection: the unique id of the first subflow.
global by_orig_token: table[count] of string = {};

# Subflows that want to join such an end, until they have.
global to_originator: set[string] &create_expire=5min;

event mp_capable(c: connection, len: count, version: count, flags: count, sender_key: count, receiver_key: count, is_orig: bool)
	{
	# The third packet has both keys.
	if ( ! is_orig || len < 20 || c$uid in connections )
		return;

	connections[c$uid] = Mptcp($orig_key=sender_key, $resp_key=receiver_key, $subflows=set(c$uid));
	}

event mptcp_established(c: connection, version: count, orig_token: count, resp_token: count)
	{
	if ( c$uid !in connections )
		return;

	connections[c$uid]$orig_token = orig_token;
	by_orig_token[orig_token] = c$uid;
	}

event mp_join(c: connection, len: count, flags: count, addr_id: count, rand: count, token: count, hmac: string, is_orig: bool)
	{
	if ( is_orig && len == 12 && token in by_orig_token )
		add to_originator[c$uid];
	}

event mptcp_subflow_joined(c: connection, first: string, verified: bool)
	{
	if ( first !in connections )
		return;

	first_of[c$uid] = first;
	add connections[first]$subflows[c$uid];
	if ( c$uid in to_originator )
		add connections[first]$reversed[c$uid];
	}

event connection_state_remove(c: connection)
	{
	local first = c$uid in first_of ? first_of[c$uid] : c$uid;
	delete first_of[c$uid];

	if ( first !in connections )
		return;

	delete connections[first]$subflows[c$uid];
	if ( |connections[first]$subflows| > 0 )
		return;

	local token = connections[first]$orig_token;
	if ( token in by_orig_token && by_orig_token[token] == first )
		delete by_orig_token[token];
	delete connections[first];
	}

# Sends MP_FASTCLOSE on a subflow.
function fastclose(cid: conn_id, uid: string, mptcp: Mptcp): Result
	{
	if ( uid in mptcp$reversed )
		return Response::__fastclose(cid, mptcp$resp_key, mptcp$orig_key);

	return Response::__fastclose(cid, mptcp$orig_key, mptcp$resp_key);
	}

# Sends it again, as long as the subflow goes on.
event Response::repeat_fastclose(cid: conn_id, uid: string, mptcp: Mptcp, left: count)
	{
	if ( left == 0 || ! enabled || ! connection_exists(cid) || lookup_connection(cid)$uid != uid )
		return;

	fastclose(cid, uid, mptcp);
	schedule repeat_interval { Response::repeat_fastclose(cid, uid, mptcp, left - 1) };
	}

function terminate_mptcp(c: connection, reason: string &default=""): bool
	{
	local first = c$uid in first_of ? first_of[c$uid] : c$uid;

	if ( first !in connections )
		return terminate_connection(c, reason);

	if ( [c$uid, FASTCLOSE] in ending )
		return T;

	local rec = about(c, FASTCLOSE, reason);

	if ( ! begin_action(rec, vector(c$id$orig_h, c$id$resp_h)) )
		return F;

	local mptcp = connections[first];
	local ok = end_action(rec, fastclose(c$id, c$uid, mptcp));

	if ( ok )
		add ending[c$uid, FASTCLOSE];

	if ( ok && ! dry_run )
		schedule repeat_interval { Response::repeat_fastclose(c$id, c$uid, mptcp, max_repeats - 1) };

	return ok;
	}
