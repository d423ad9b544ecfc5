##! Notices of addresses that come and go too fast.  MPTCP lets an end add and withdraw addresses while a connection goes on,
##! so somebody may send it from ever new ones, as names do that change their addresses by the minute.

@load base/frameworks/notice

module MPTCP;

export {
	redef enum Notice::Type += {
		## An end has announced and withdrawn many addresses in a short time.
		Fast_Flux,
	};

	## So many addresses that were added and withdrawn on a connection, or added by a host on all its connections, make a
	## flux.  A telephone has two or three addresses and loses one now and then.
	option flux_threshold: count = 10;

	## They are counted for so long, from the first.
	const flux_interval = 1min &redef;
}

# The changes of a connection, by the unique id of its first subflow.
global changes: table[string] of count &create_expire=flux_interval &default=0;

# What a connection's ends have for addresses, so that an announcement that is repeated is none.
global announced: set[string, count, addr] &create_expire=10min;

# The addresses that a host has announced.
global of_host: table[addr] of set[addr] &create_expire=flux_interval;

function address_change(c: connection, first: string, host: addr)
	{
	local n = ++changes[first];
	if ( n == flux_threshold )
		NOTICE(Notice::Info($note=Fast_Flux, $conn=c, $src=host, $identifier=first, $n=n,
		    $msg=fmt("%d addresses were added or withdrawn on a connection of %s in %s", n, host, flux_interval),
		    $sub=first));
	}

event mptcp_address_advertised(c: connection, first: string, addr_id: count, address: addr, portn: port, verified: bool, is_orig: bool)
	{
	# What goes far beyond a flux is of no further interest, and would cost memory.
	if ( [first, addr_id, address] in announced || changes[first] > 10 * flux_threshold )
		return;

	add announced[first, addr_id, address];

	local host = is_orig ? c$id$orig_h : c$id$resp_h;
	address_change(c, first, host);

	if ( host !in of_host )
		of_host[host] = set();

	if ( |of_host[host]| >= flux_threshold || address in of_host[host] )
		return;

	add of_host[host][address];
	if ( |of_host[host]| == flux_threshold )
		NOTICE(Notice::Info($note=Fast_Flux, $conn=c, $src=host, $identifier=cat(host), $n=flux_threshold,
		    $msg=fmt("%s has announced %d addresses in %s", host, flux_threshold, flux_interval)));
	}

event mptcp_address_withdrawn(c: connection, first: string, addr_id: count, is_orig: bool)
	{
	address_change(c, first, is_orig ? c$id$orig_h : c$id$resp_h);
	}
