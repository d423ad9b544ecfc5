##! Pieces that capture filters are put together from.

module PacketFilter;

export {
	## Returns a filter for the packets of a port.
	##
	## p: the port.
	global port_to_bpf: function(p: port): string;

	## Combines two filters.
	##
	## lfilter: one of them; empty for none.
	##
	## op: ``and`` or ``or``.
	##
	## rfilter: the other; empty for none.
	global combine_filters: function(lfilter: string, op: string, rfilter: string): string;

	## Returns a filter for a part of all traffic, split by pairs of addresses.
	##
	## num_parts: how many parts there are; a power of two.
	##
	## this_part: which of them, from 0.
	global sampling_filter: function(num_parts: count, this_part: count): string;
}

function port_to_bpf(p: port): string
	{
	local transport = get_port_transport_proto(p);
	return cat(transport == unknown_transport ? "" : fmt("%s ", transport), fmt("port %d", p));
	}

function combine_filters(lfilter: string, op: string, rfilter: string): string
	{
	if ( lfilter == "" )
		return rfilter == "" ? "" : fmt("(%s)", rfilter);

	if ( rfilter == "" )
		return fmt("(%s)", lfilter);

	return fmt("(%s) %s (%s)", lfilter, op, rfilter);
	}

function sampling_filter(num_parts: count, this_part: count): string
	{
	# The last bytes of both addresses, added so that both directions of a flow are in the same part.
	local v4 = fmt("ip and ((ip[14:2] + ip[18:2]) - (%d * ((ip[14:2] + ip[18:2]) / %d)) == %d)",
	               num_parts, num_parts, this_part);
	local v6 = fmt("ip6 and ((ip6[22:2] + ip6[38:2]) - (%d * ((ip6[22:2] + ip6[38:2]) / %d)) == %d)",
	               num_parts, num_parts, this_part);
	return fmt("(%s) or (%s)", v4, v6);
	}
