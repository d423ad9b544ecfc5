##! Local and remote: hosts, and the directions of connections between them.

@load base/utils/site

## A direction, seen from the site.
type Direction: enum {
	## From outside to a local host.
	INBOUND,
	## From a local host to the outside.
	OUTBOUND,
	## Either of them, but not within the site or outside of it.
	BIDIRECTIONAL,
	## None at all.
	NO_DIRECTION,
};

## Tells whether a connection goes in a direction.
##
## id: the connection.
##
## d: the direction.
##
## Returns: T if it does.
function id_matches_direction(id: conn_id, d: Direction): bool
	{
	if ( d == NO_DIRECTION )
		return F;

	local from_inside = Site::is_local_addr(id$orig_h);
	local to_inside = Site::is_local_addr(id$resp_h);

	if ( d == BIDIRECTIONAL )
		return from_inside != to_inside;

	return d == OUTBOUND ? from_inside && ! to_inside : to_inside && ! from_inside;
	}

## Hosts, seen from the site.
type Host: enum {
	## Hosts in the site's own networks.
	LOCAL_HOSTS,
	## All other hosts.
	REMOTE_HOSTS,
	## Every host.
	ALL_HOSTS,
	## No host.
	NO_HOSTS,
};

## Tells whether an address is one of a kind of hosts.
##
## ip: the address.
##
## h: the kind.
##
## Returns: T if it is.
function addr_matches_host(ip: addr, h: Host): bool
	{
	if ( h == NO_HOSTS )
		return F;

	return h == ALL_HOSTS || Site::is_local_addr(ip) == (h == LOCAL_HOSTS);
	}
