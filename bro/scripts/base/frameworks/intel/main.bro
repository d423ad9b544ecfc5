##! Intelligence: indicators that somebody reported, such as addresses and names, looked for in what the traffic has.
##!
##! Indicators come by :bro:see:`Intel::insert` or out of files (:bro:see:`Intel::read_files`).  Scripts that see something
##! which may be one call :bro:see:`Intel::seen`; those under ``frameworks/intel/seen`` do that for the protocols.

module Intel;

export {
	redef enum Log::ID += { LOG };

	global log_policy: Log::PolicyHook;

	## What an indicator is.
	type Type: enum {
		## An address.
		ADDR,
		## A subnet.
		SUBNET,
		## A URL without the protocol.
		URL,
		## Name and version of software.
		SOFTWARE,
		## An address of mail.
		EMAIL,
		## A domain name.
		DOMAIN,
		## A name of a user.
		USER_NAME,
		## A digest of a certificate.
		CERT_HASH,
		## A digest of a public key.
		PUBKEY_HASH,
	};

	## A set of types.
	type TypeSet: set[Type];

	## What is known of an indicator besides itself.
	type MetaData: record {
		## Who says so: data of one source for one indicator replace each other.
		source: string;
		## What it says.
		desc: string &optional;
		## Where there is more.
		url: string &optional;
	};

	## An indicator with what is known of it.
	type Item: record {
		## The indicator.
		indicator: string;
		## What it is.
		indicator_type: Type;
		## What is known of it.
		meta: MetaData;
	};

	## Where something was seen.
	type Where: enum {
		## It does not matter where.
		IN_ANYWHERE,
	};

	## Something that was seen.
	type Seen: record {
		## What, unless it is `host`.
		indicator: string &log &optional;
		## What kind of thing it is.
		indicator_type: Type &log &optional;
		## An address that was seen.
		host: addr &optional;
		## Where.
		where: Where &log;
		## The node that saw it.
		node: string &optional &log;
		## The connection it was in.
		conn: connection &optional;
		## The connection's id, if there is no more of it.
		uid: string &optional;
	};

	## A row of intel.log: an indicator was seen.
	type Info: record {
		## When.
		ts: time &log;
		## Id of the connection.
		uid: string &log &optional;
		## Its ends.
		id: conn_id &log &optional;
		## What was seen.
		seen: Seen &log;
		## The types of the indicators it matched.
		matched: TypeSet &log;
		## The sources of these.
		sources: set[string] &log &default=string_set();
	};

	## What is known of an indicator, by source.
	type MetaDataTable: table[string] of MetaData;

	## All indicators, with what is known of them.
	type DataStore: record {
		## Addresses.
		host_data: table[addr] of MetaDataTable;
		## Subnets.
		subnet_data: table[subnet] of MetaDataTable;
		## All others, in lower case, with their type.
		string_data: table[string, Type] of MetaDataTable;
	};

	## All indicators without more: what a node needs to find them.
	type MinDataStore: record {
		## Addresses.
		host_data: set[addr];
		## Subnets.
		subnet_data: set[subnet];
		## All others, in lower case, with their type.
		string_data: set[string, Type];
	};

	## How long indicators last that are not inserted again; below 0 for ever.
	const item_expiration = -1 min &redef;

	## Whether this node knows all about the indicators, rather than the indicators alone.
	const have_full_data = T &redef;

	## Inserts an indicator.
	global insert: function(item: Item);

	## Removes what one source said of an indicator, and the indicator when nothing is left.
	##
	## purge_indicator: removes the indicator whatever others said.
	global remove: function(item: Item, purge_indicator: bool &default=F);

	## Tells that something was seen, which is looked for among the indicators.
	global seen: function(s: Seen);

	## Looks at what was seen before anything is done about it; ``break`` leaves it at that.
	##
	## s: what was seen.
	##
	## found: whether it is an indicator.
	global seen_policy: hook(s: Intel::Seen, found: bool);

	## Raised when an indicator was seen.
	##
	## s: what was seen.
	##
	## items: the indicators it matched.
	global match: event(s: Seen, items: set[Item]);

	## Fills the row for intel.log; ``break`` leaves it out.
	##
	## info: the row.
	##
	## s: what was seen.
	##
	## items: the indicators it matched.
	global extend_match: hook(info: Info, s: Seen, items: set[Item]);

	## Decides about an indicator that has expired: it stays for another while unless a handler says ``break``.
	global item_expired: hook(indicator: string, indicator_type: Type, metas: set[MetaData]);

	## Looks at each indicator before it is inserted; ``break`` keeps it out.
	global filter_item: hook(item: Intel::Item);

	## An indicator was inserted that was not there before.
	global indicator_inserted: hook(indicator: string, indiator_type: Type);

	## An indicator is not there any more.
	global indicator_removed: hook(indicator: string, indiator_type: Type);

	## Raised with every row of intel.log.
	global log_intel: event(rec: Info);
}

## Raised when an indicator was seen on a node that does not know more of it.
global match_remote: event(s: Seen);

## Raised when there is something new about an indicator, for the other nodes.
global new_item: event(item: Item);

## Raised to have an item removed on other nodes.
global remove_item: event(item: Item, purge_indicator: bool);

## Raised when an indicator was removed, for the other nodes.
global remove_indicator: event(item: Item);

global expire_host_data: function(data: table[addr] of MetaDataTable, idx: addr): interval;
global expire_subnet_data: function(data: table[subnet] of MetaDataTable, idx: subnet): interval;
global expire_string_data: function(data: table[string, Type] of MetaDataTable, idx: any): interval;

# The attributes are those of the tables, so they are given where the tables are made.
global host_store: table[addr] of MetaDataTable = table() &write_expire=item_expiration &expire_func=expire_host_data;
global subnet_store: table[subnet] of MetaDataTable = table()
	&write_expire=item_expiration &expire_func=expire_subnet_data;
global string_store: table[string, Type] of MetaDataTable = table()
	&write_expire=item_expiration &expire_func=expire_string_data;

global data_store: DataStore = DataStore($host_data=host_store, $subnet_data=subnet_store,
                                         $string_data=string_store) &redef;
global min_data_store: MinDataStore = MinDataStore($host_data=set(), $subnet_data=set(), $string_data=set()) &redef;

event zeek_init() &priority=5
	{
	Log::create_stream(LOG, Log::Stream($columns=Info, $ev=log_intel, $path="intel", $policy=log_policy));
	}

# ---- expiry

# How long an indicator that has expired is to stay; below 0, it is removed.
function expire_item(indicator: string, indicator_type: Type, metas: set[MetaData]): interval
	{
	return hook item_expired(indicator, indicator_type, metas) ? item_expiration : 0 sec;
	}

function metas_of(known: MetaDataTable): set[MetaData]
	{
	local metas: set[MetaData] = set();
	for ( _, meta in known )
		add metas[meta];
	return metas;
	}

function expire_host_data(data: table[addr] of MetaDataTable, idx: addr): interval
	{
	return expire_item(cat(idx), ADDR, metas_of(data[idx]));
	}

function expire_subnet_data(data: table[subnet] of MetaDataTable, idx: subnet): interval
	{
	return expire_item(cat(idx), SUBNET, metas_of(data[idx]));
	}

function expire_string_data(data: table[string, Type] of MetaDataTable, idx: any): interval
	{
	local indicator: string;
	local indicator_type: Type;
	[indicator, indicator_type] = idx;
	return expire_item(indicator, indicator_type, metas_of(data[indicator, indicator_type]));
	}

# ---- finding

function find(s: Seen): bool
	{
	if ( s?$host )
		{
		if ( have_full_data )
			return s$host in data_store$host_data || s$host in data_store$subnet_data;
		return s$host in min_data_store$host_data || s$host in min_data_store$subnet_data;
		}

	local name = to_lower(s$indicator);
	return have_full_data ? [name, s$indicator_type] in data_store$string_data
	                      : [name, s$indicator_type] in min_data_store$string_data;
	}

# Adds an item for each source of an indicator.
function add_items(items: set[Item], indicator: string, indicator_type: Type, known: MetaDataTable)
	{
	for ( _, meta in known )
		add items[Item($indicator=indicator, $indicator_type=indicator_type, $meta=meta)];
	}

function get_items(s: Seen): set[Item]
	{
	local items: set[Item] = set();

	if ( ! have_full_data )
		{
		Reporter::warning("Intel::get_items was called on a node that does not have all data");
		return items;
		}

	if ( s?$host )
		{
		if ( s$host in data_store$host_data )
			add_items(items, cat(s$host), ADDR, data_store$host_data[s$host]);

		local nets = matching_subnets(addr_to_subnet(s$host), data_store$subnet_data);
		for ( i in nets )
			add_items(items, cat(nets[i]), SUBNET, data_store$subnet_data[nets[i]]);
		}
	else
		{
		local name = to_lower(s$indicator);
		if ( [name, s$indicator_type] in data_store$string_data )
			add_items(items, s$indicator, s$indicator_type, data_store$string_data[name, s$indicator_type]);
		}

	return items;
	}

function seen(s: Seen)
	{
	local found = find(s);

	if ( ! hook Intel::seen_policy(s, found) || ! found )
		return;

	if ( s?$host )
		{
		s$indicator = cat(s$host);
		s$indicator_type = ADDR;
		}

	if ( ! s?$node )
		s$node = peer_description;

	if ( have_full_data )
		event Intel::match(s, get_items(s));
	else
		event Intel::match_remote(s);
	}

event Intel::match(s: Seen, items: set[Item]) &priority=5
	{
	local info = Info($ts=network_time(), $seen=s, $matched=TypeSet());

	if ( hook extend_match(info, s, items) )
		Log::write(LOG, info);
	}

hook extend_match(info: Info, s: Seen, items: set[Item]) &priority=5
	{
	if ( s?$conn )
		{
		s$uid = s$conn$uid;
		info$id = s$conn$id;
		}
	if ( s?$uid )
		info$uid = s$uid;

	for ( item in items )
		{
		add info$sources[item$meta$source];
		add info$matched[item$indicator_type];
		}
	}

# ---- inserting and removing

# Whether an indicator that is to be an address or subnet is one.
function well_formed(item: Item): bool
	{
	switch ( item$indicator_type )
		{
		case ADDR:
			return is_valid_ip(item$indicator);
		case SUBNET:
			return is_valid_subnet(item$indicator);
		default:
			return T;
		}
	}

function item_exists(item: Item): bool
	{
	local source = item$meta$source;

	switch ( item$indicator_type )
		{
		case ADDR:
			local host = to_addr(item$indicator);
			if ( have_full_data )
				return host in data_store$host_data && source in data_store$host_data[host];
			return host in min_data_store$host_data;
		case SUBNET:
			local net = to_subnet(item$indicator);
			if ( have_full_data )
				return check_subnet(net, data_store$subnet_data) && source in data_store$subnet_data[net];
			return check_subnet(net, min_data_store$subnet_data);
		default:
			local name = to_lower(item$indicator);
			local kind = item$indicator_type;
			if ( have_full_data )
				return [name, kind] in data_store$string_data && source in data_store$string_data[name, kind];
			return [name, kind] in min_data_store$string_data;
		}
	}

# What is known of an indicator; an empty table that is not in the store if nothing is.
function known_of(item: Item): MetaDataTable
	{
	switch ( item$indicator_type )
		{
		case ADDR:
			local host = to_addr(item$indicator);
			if ( host in data_store$host_data )
				return data_store$host_data[host];
			break;
		case SUBNET:
			local net = to_subnet(item$indicator);
			if ( check_subnet(net, data_store$subnet_data) )
				return data_store$subnet_data[net];
			break;
		default:
			local name = to_lower(item$indicator);
			if ( [name, item$indicator_type] in data_store$string_data )
				return data_store$string_data[name, item$indicator_type];
			break;
		}

	return table();
	}

# Puts what is known of an indicator into the store, from where it also lasts longer.
function keep(item: Item, known: MetaDataTable)
	{
	switch ( item$indicator_type )
		{
		case ADDR:
			data_store$host_data[to_addr(item$indicator)] = known;
			break;
		case SUBNET:
			data_store$subnet_data[to_subnet(item$indicator)] = known;
			break;
		default:
			data_store$string_data[to_lower(item$indicator), item$indicator_type] = known;
			break;
		}
	}

# Takes an indicator out of the stores.
function forget(item: Item)
	{
	switch ( item$indicator_type )
		{
		case ADDR:
			delete data_store$host_data[to_addr(item$indicator)];
			delete min_data_store$host_data[to_addr(item$indicator)];
			break;
		case SUBNET:
			delete data_store$subnet_data[to_subnet(item$indicator)];
			delete min_data_store$subnet_data[to_subnet(item$indicator)];
			break;
		default:
			delete data_store$string_data[to_lower(item$indicator), item$indicator_type];
			delete min_data_store$string_data[to_lower(item$indicator), item$indicator_type];
			break;
		}
	}

# Notes an indicator where there is no room for more.
function keep_indicator(item: Item)
	{
	switch ( item$indicator_type )
		{
		case ADDR:
			add min_data_store$host_data[to_addr(item$indicator)];
			break;
		case SUBNET:
			add min_data_store$subnet_data[to_subnet(item$indicator)];
			break;
		default:
			add min_data_store$string_data[to_lower(item$indicator), item$indicator_type];
			break;
		}
	}

# Returns: whether the indicator was not there before.
function insert_meta_data(item: Item): bool
	{
	local known = known_of(item);
	local is_new = |known| == 0;
	known[item$meta$source] = item$meta;
	keep(item, known);
	return is_new;
	}

function _insert(item: Item, first_dispatch: bool &default=T)
	{
	local is_new = have_full_data ? insert_meta_data(item) : ! item_exists(item);

	if ( ! have_full_data )
		keep_indicator(item);
	if ( is_new )
		hook indicator_inserted(item$indicator, item$indicator_type);
	if ( first_dispatch )
		event Intel::new_item(item);
	}

function insert(item: Item)
	{
	if ( ! well_formed(item) )
		{
		Reporter::warning(fmt("Intel::insert: \"%s\" of %s is no %s", item$indicator, item$meta$source,
		                      item$indicator_type));
		return;
		}

	if ( hook filter_item(item) )
		_insert(item, T);
	}

# Returns: whether something is left that is known of the indicator.
function remove_meta_data(item: Item): bool
	{
	local known = known_of(item);
	delete known[item$meta$source];
	return |known| > 0;
	}

function remove(item: Item, purge_indicator: bool)
	{
	if ( ! well_formed(item) )
		return;

	if ( ! have_full_data )
		{
		event Intel::remove_item(item, purge_indicator);
		return;
		}

	if ( |known_of(item)| == 0 )
		return;

	if ( remove_meta_data(item) && ! purge_indicator )
		return;

	forget(item);
	hook indicator_removed(item$indicator, item$indicator_type);
	event Intel::remove_indicator(item);
	}

event Intel::remove_indicator(item: Item)
	{
	if ( have_full_data || ! well_formed(item) )
		return;

	forget(item);
	hook indicator_removed(item$indicator, item$indicator_type);
	}
