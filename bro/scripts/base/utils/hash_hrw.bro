##! Rendezvous hashing: everybody who knows the same sites sends a key to the same site, and when a site comes or goes,
##! only the keys of that site move.

module HashHRW;

export {
	## A site that can take keys.
	type Site: record {
		## The site's number, unique in its pool; smaller than 2^31.
		id: count;
		## Whatever belongs to the site.
		user_data: any &optional;
	};

	## Sites by their number.
	type SiteTable: table[count] of Site;

	## Sites that share the keys.
	type Pool: record {
		sites: SiteTable &default=SiteTable();
	};

	## Adds a site to a pool.
	##
	## pool: the pool.
	##
	## site: the site.
	##
	## Returns: F, without a change, if the pool has a site of that number.
	global add_site: function(pool: Pool, site: Site): bool;

	## Takes a site out of a pool.
	##
	## pool: the pool.
	##
	## site: the site, by its number.
	##
	## Returns: F if the pool has no site of that number.
	global rem_site: function(pool: Pool, site: Site): bool;

	## Finds the site for a key: the one with the highest weight for it.
	##
	## pool: the pool, with at least one site.
	##
	## key: the key, of any type that can be an index of a table.
	##
	## Returns: the site.
	global get_site: function(pool: Pool, key: any): Site;
}

function add_site(pool: Pool, site: Site): bool
	{
	if ( site$id in pool$sites )
		return F;

	pool$sites[site$id] = site;
	return T;
	}

function rem_site(pool: Pool, site: Site): bool
	{
	if ( site$id !in pool$sites )
		return F;

	delete pool$sites[site$id];
	return T;
	}

function get_site(pool: Pool, key: any): Site
	{
	local digest = fnv1a32(key);
	local best = -1;
	local best_id = 0;

	for ( id in pool$sites )
		{
		local weight: int = hrw_weight(digest, id);

		# The smaller number wins a tie, so that the order of the table does not matter.
		if ( weight > best || (weight == best && id < best_id) )
			{
			best = weight;
			best_id = id;
			}
		}

	return pool$sites[best_id];
	}
