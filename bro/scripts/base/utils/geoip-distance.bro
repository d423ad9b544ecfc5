##! The distance between two addresses.

## Returns the distance between two addresses in miles along the surface of the Earth, by their location.
##
## a1: one address.
##
## a2: the other address.
##
## Returns: the distance, or -1.0 if the location of either is not known.
function haversine_distance_ip(a1: addr, a2: addr): double
	{
	local one = lookup_location(a1);
	local two = lookup_location(a2);

	if ( ! one?$latitude || ! one?$longitude || ! two?$latitude || ! two?$longitude )
		return -1.0;

	return haversine_distance(one$latitude, one$longitude, two$latitude, two$longitude);
	}
