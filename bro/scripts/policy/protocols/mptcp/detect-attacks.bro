##! Notices of MPTCP used as it should not be: one id for two addresses, other keys in the third packet of a handshake,
##! joins to nowhere, one by one and as a flood, and joins and announcements by somebody who does not know the keys.

@load base/frameworks/notice

module MPTCP;

export {
	redef enum Notice::Type += {
		## An end gave the id of an address to another address, so that withdrawing one is withdrawing which?
		Address_Id_Reused,
		## An end announced an address again that it has announced and not withdrawn.  That is harmless: the other may not
		## have confirmed it.  Ignored unless it is taken out of :bro:id:`Notice::ignored_types`.
		Address_Repeated,
		## The third packet of a handshake has another key than the packets before: somebody changes packets, or guesses
		## what the monitor believes.
		Keys_Changed,
		## A subflow wants to join a connection that is not known. It is an attempt to find or to take over a connection,
		## or the beginning of the connection was not seen.
		Unknown_Join,
		## A host got many joins to unknown connections in a short time.
		Join_Flood,
		## Who joins, or announces an address, does not know the keys of the connection.
		Wrong_HMAC,
	};

	## So many joins to unknown connections make a flood.
	option join_flood_threshold: count = 100;

	## They are counted for so long, from the first.
	const join_flood_interval = 1 min &redef;
}

redef Notice::ignored_types += { Address_Repeated };

# What ends have announced and not withdrawn: by the unique id of the first subflow, who has sent it on which side, and the
# address with its id.
global addresses_of: table[string] of set[bool, count, addr] &read_expire=10min;

# Connections of version 1 whose keys are known, so that the HMAC of an announcement can be right.
global with_keys: set[string] &read_expire=1day;

event mptcp_established(c: connection, version: count, orig_token: count, resp_token: count)
	{
	if ( version == 1 && orig_token != 0 && resp_token != 0 )
		add with_keys[c$uid];
	}

event mptcp_address_advertised(c: connection, first: string, addr_id: count, address: addr, portn: port, verified: bool, is_orig: bool)
	{
	if ( ! verified && first in with_keys )
		{
		NOTICE(Notice::Info($note=Wrong_HMAC, $conn=c, $identifier=cat(c$uid, addr_id, address),
		    $msg=fmt("%s was announced with a wrong HMAC", address), $sub=first));
		return;
		}

	if ( first !in addresses_of )
		addresses_of[first] = set();

	if ( [is_orig, addr_id, address] !in addresses_of[first] )
		{
		# There are 256 ids for each side.
		if ( |addresses_of[first]| < 512 )
			add addresses_of[first][is_orig, addr_id, address];
		}
	else
		NOTICE(Notice::Info($note=Address_Repeated, $conn=c, $identifier=cat(first, addr_id, is_orig),
		    $msg=fmt("%s was announced again with the id %d", address, addr_id), $sub=first));
	}

event mptcp_address_withdrawn(c: connection, first: string, addr_id: count, is_orig: bool)
	{
	if ( first !in addresses_of )
		return;

	local left: set[bool, count, addr] = set();
	for ( [side, id, address] in addresses_of[first] )
		if ( side != is_orig || id != addr_id )
			add left[side, id, address];
	addresses_of[first] = left;
	}

event mptcp_finished(c: connection, totals: MPTCP::Totals)
	{
	delete addresses_of[c$uid];
	delete with_keys[c$uid];
	}

# By the host that is to be joined.
global unknown_joins: table[addr] of count &create_expire=join_flood_interval &default=0;

event mptcp_address_id_reused(c: connection, first: string, addr_id: count, before: addr, address: addr, is_orig: bool)
	{
	NOTICE(Notice::Info($note=Address_Id_Reused, $conn=c, $identifier=cat(first, addr_id, is_orig),
	    $msg=fmt("The id %d of %s was given to %s as well", addr_id, before, address), $sub=first));
	}

event mptcp_keys_changed(c: connection, orig: bool, resp: bool)
	{
	NOTICE(Notice::Info($note=Keys_Changed, $conn=c, $identifier=c$uid,
	    $msg=fmt("The third packet has another key of the %s", orig && resp ? "originator and of the responder" :
	    (orig ? "originator" : "responder"))));
	}

event mptcp_join_unknown(c: connection, token: count)
	{
	local host = c$id$resp_h;
	local joins = ++unknown_joins[host];
	if ( joins == join_flood_threshold )
		NOTICE(Notice::Info($note=Join_Flood, $conn=c, $dst=host, $identifier=cat(host),
		    $msg=fmt("%s got %d joins to unknown connections", host, joins), $n=joins));

	# A flood with ever new tokens is told of once.
	if ( joins > join_flood_threshold )
		return;

	NOTICE(Notice::Info($note=Unknown_Join, $conn=c, $identifier=cat(host, token),
	    $msg=fmt("A join of a connection that is not known, by the token %08x", token)));
	}

event mptcp_wrong_hmac(c: connection, first: string, is_orig: bool)
	{
	NOTICE(Notice::Info($note=Wrong_HMAC, $conn=c, $identifier=c$uid,
	    $msg=fmt("The %s of a join has sent a wrong HMAC", is_orig ? "originator" : "responder"), $sub=first));
	}
