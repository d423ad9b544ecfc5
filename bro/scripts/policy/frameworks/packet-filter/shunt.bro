##! Keeps packets of connections and pairs of hosts from this program, by the capture filter, for scripts that have seen
##! enough of them.

@load base/frameworks/notice
@load base/frameworks/packet-filter

module PacketFilter;

export {
	## How many connections and pairs of hosts the filter leaves out at most; filters grow with every one.
	const max_bpf_shunts: count = 100 &redef;

	## Leaves out the packets of a connection from now on.  Of TCP those that open and close it still come, so that its end
	## is seen; then it is no longer left out.
	##
	## id: the connection.
	##
	## Returns: whether that could be done.  If not, a notice says why.
	global shunt_conn: function(id: conn_id): bool;

	## Leaves out all packets between two hosts from now on.
	##
	## id: has the hosts; its ports do not matter.
	##
	## Returns: whether that could be done.  If not, a notice says why.
	global shunt_host_pair: function(id: conn_id): bool;

	## No longer leaves out the packets between two hosts, from the next time that the filter is put together, see
	## :bro:see:`PacketFilter::install`: doing so costs time.
	##
	## id: has the hosts; its ports do not matter.
	##
	## Returns: whether they were left out.
	global unshunt_host_pair: function(id: conn_id): bool;

	## No longer leaves out the packets between two hosts, from now on.
	##
	## id: has the hosts; its ports do not matter.
	##
	## Returns: whether they were left out.
	global force_unshunt_host_pair: function(id: conn_id): bool;

	## Returns the connections that are left out.
	global current_shunted_conns: function(): set[conn_id];

	## Returns the pairs of hosts that are left out, each with the ports it was asked for.
	global current_shunted_host_pairs: function(): set[conn_id];

	redef enum Notice::Type += {
		## There are as many connections and pairs of hosts left out as can be.
		No_More_Conn_Shunts_Available,

		## The packets of a connection are beyond what filters can tell apart: those of protocols without ports.
		Cannot_BPF_Shunt_Conn
	};
}

# The connections that are left out.
global shunted_conns: set[conn_id];

# The pairs of hosts that are left out, the lower address first.
global shunted_host_pairs: table[addr, addr] of conn_id;

# What is left out of the filter, for the plugin; it is called when the filter is put together.
function shunt_filters()
	{
	local unwanted = "";

	for ( id in shunted_conns )
		{
		local flow = fmt("host %s and port %d and host %s and port %d", id$orig_h, id$orig_p, id$resp_h, id$resp_p);
		# Of TCP: all but SYN, FIN and RST.  Behind IPv6 filters know no names for the flags; they are in the header that
		# follows the 40 bytes of IPv6, where no extension header comes between.
		if ( is_tcp_port(id$resp_p) && is_v4_addr(id$orig_h) )
			flow = fmt("tcp and %s and tcp[tcpflags] & (tcp-syn | tcp-fin | tcp-rst) == 0", flow);
		else if ( is_tcp_port(id$resp_p) )
			flow = fmt("ip6[6] == 6 and %s and ip6[53] & 7 == 0", flow);
		else
			flow = fmt("%s and %s", get_port_transport_proto(id$resp_p), flow);
		unwanted = combine_filters(unwanted, "or", flow);
		}

	for ( [a, b] in shunted_host_pairs )
		unwanted = combine_filters(unwanted, "or", fmt("host %s and host %s", a, b));

	if ( unwanted == "" )
		delete restrict_filters["shunts"];
	else
		restrict_filters["shunts"] = fmt("not (%s)", unwanted);
	}

event zeek_init() &priority=5
	{
	register_filter_plugin(FilterPlugin($func=shunt_filters));
	}

function current_shunted_conns(): set[conn_id]
	{
	return shunted_conns;
	}

function current_shunted_host_pairs(): set[conn_id]
	{
	local found: set[conn_id];
	for ( _, id in shunted_host_pairs )
		add found[id];
	return found;
	}

# Whether there is no room for another one, which is told.
function reached_max_shunts(): bool
	{
	if ( |shunted_conns| + |shunted_host_pairs| < max_bpf_shunts )
		return F;

	NOTICE(Notice::Info($note=No_More_Conn_Shunts_Available, $identifier="shunts",
	                    $msg=fmt("%d connections and pairs of hosts are kept from capture, which is the most that can be",
	                             max_bpf_shunts)));
	return T;
	}

function shunt_host_pair(id: conn_id): bool
	{
	local a = id$orig_h < id$resp_h ? id$orig_h : id$resp_h;
	local b = id$orig_h < id$resp_h ? id$resp_h : id$orig_h;

	if ( [a, b] in shunted_host_pairs )
		return T;

	if ( reached_max_shunts() )
		return F;

	shunted_host_pairs[a, b] = id;
	return install();
	}

function unshunt_host_pair(id: conn_id): bool
	{
	for ( [a, b] in set([id$orig_h, id$resp_h], [id$resp_h, id$orig_h]) )
		if ( [a, b] in shunted_host_pairs )
			{
			delete shunted_host_pairs[a, b];
			return T;
			}

	return F;
	}

function force_unshunt_host_pair(id: conn_id): bool
	{
	return unshunt_host_pair(id) && install();
	}

function shunt_conn(id: conn_id): bool
	{
	if ( id in shunted_conns )
		return T;

	if ( ! is_tcp_port(id$resp_p) && ! is_udp_port(id$resp_p) )
		{
		NOTICE(Notice::Info($note=Cannot_BPF_Shunt_Conn, $id=id, $identifier=id_string(id),
		                    $msg="A filter cannot tell the packets of this connection that are to be left out"));
		return F;
		}

	if ( reached_max_shunts() )
		return F;

	add shunted_conns[id];
	return install();
	}

event connection_state_remove(c: connection) &priority=-5
	{
	# It goes out of the filter when that is put together the next time.
	delete shunted_conns[c$id];
	}
