##! The site: which networks and DNS zones are its own, which belong to neighbors, and who looks after them.

@load base/utils/patterns

module Site;

export {
	## Networks that are not routed on the Internet: those of IANA's special-purpose address registries for IPv4 and
	## IPv6, and the 6to4 networks that stand for them.
	option private_address_space: set[subnet] = {
		# IPv4
		0.0.0.0/8,		# this network (RFC 1122)
		10.0.0.0/8,		# private (RFC 1918)
		100.64.0.0/10,		# behind carrier-grade NAT (RFC 6598)
		127.0.0.0/8,		# loopback (RFC 1122)
		169.254.0.0/16,		# link-local (RFC 3927)
		172.16.0.0/12,		# private (RFC 1918)
		192.0.0.0/24,		# protocol assignments (RFC 6890)
		192.0.2.0/24,		# documentation (RFC 5737)
		192.168.0.0/16,		# private (RFC 1918)
		198.18.0.0/15,		# benchmarks (RFC 2544)
		198.51.100.0/24,	# documentation (RFC 5737)
		203.0.113.0/24,		# documentation (RFC 5737)
		224.0.0.0/24,		# multicast on the link (RFC 5771)
		239.0.0.0/8,		# administratively scoped multicast (RFC 2365)
		240.0.0.0/4,		# reserved (RFC 1112)
		255.255.255.255/32,	# limited broadcast (RFC 919)

		# IPv6
		[::]/128,		# unspecified (RFC 4291)
		[::1]/128,		# loopback (RFC 4291)
		[64:ff9b:1::]/48,	# translation of IPv4, local use (RFC 8215)
		[100::]/64,		# discard (RFC 6666)
		[2001::]/23,		# protocol assignments (RFC 2928)
		[2001:2::]/48,		# benchmarks (RFC 5180)
		[2001:db8::]/32,	# documentation (RFC 3849)
		[fc00::]/7,		# unique local (RFC 4193)
		[fe80::]/10,		# link-local (RFC 4291)
		[fec0::]/10,		# site-local (RFC 3879)

		# 6to4 (RFC 3056): 2002, then the IPv4 network
		[2002::]/24,
		[2002:a00::]/24,
		[2002:6440::]/26,
		[2002:7f00::]/24,
		[2002:a9fe::]/32,
		[2002:ac10::]/28,
		[2002:c000::]/40,
		[2002:c000:200::]/40,
		[2002:c0a8::]/32,
		[2002:c612::]/31,
		[2002:c633:6400::]/40,
		[2002:cb00:7100::]/40,
		[2002:e000::]/40,
		[2002:ef00::]/24,
		[2002:f000::]/20,
		[2002:ffff:ffff::]/48,
	};

	## Whether private networks are local ones: if so, :bro:id:`Site::local_nets` always has the networks of
	## :bro:id:`Site::private_address_space` in it as well, also when either of them changes.
	const private_address_space_is_local = T &redef;

	## The site's own networks.
	option local_nets: set[subnet] = {};

	## The network of :bro:id:`Site::local_nets` that an address is in: index it with the address.  It follows changes
	## of that option by itself.
	global local_nets_table: table[subnet] of subnet = {};

	## Networks of neighbors.
	option neighbor_nets: set[subnet] = {};

	## Mail addresses of those who look after a part of the address space.
	option local_admins: table[subnet] of set[string] = {};

	## The site's own DNS zones.
	option local_zones: set[string] = {};

	## DNS zones of neighbors.
	option neighbor_zones: set[string] = {};

	## Tells whether an address is in one of the site's own networks.
	global is_local_addr: function(a: addr): bool;

	## Tells whether an address is in a neighbor's network.
	global is_neighbor_addr: function(a: addr): bool;

	## Tells whether an address is not routed on the Internet.
	global is_private_addr: function(a: addr): bool;

	## Tells whether a host name is one of the site's own zones, or in one.
	global is_local_name: function(name: string): bool;

	## Tells whether a host name is a neighbor's zone, or in one.
	global is_neighbor_name: function(name: string): bool;

	## Returns the mail addresses of those who look after an address, by :bro:id:`Site::local_admins`, with commas
	## between them; empty if there is nobody.
	global get_emails: function(a: addr): string;

	## The numbers from 1 to 32, for walking through the prefix lengths of IPv4.
	const one_to_32: vector of count = {
		1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
		17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32
	};
}

# What is local by DNS: nothing, as long as no zones are known.
global local_dns_suffix_regex: pattern = /MATCH_NOTHING/;
global local_dns_neighbor_suffix_regex: pattern = /MATCH_NOTHING/;

function is_local_addr(a: addr): bool
	{
	return a in local_nets;
	}

function is_neighbor_addr(a: addr): bool
	{
	return a in neighbor_nets;
	}

function is_private_addr(a: addr): bool
	{
	return a in private_address_space;
	}

function is_local_name(name: string): bool
	{
	return local_dns_suffix_regex in to_lower(name);
	}

function is_neighbor_name(name: string): bool
	{
	return local_dns_neighbor_suffix_regex in to_lower(name);
	}

# The mail addresses of all networks that an address is in.
function find_all_emails(ip: addr): set[string]
	{
	local found: set[string] = set();

	for ( _, net in matching_subnets(addr_to_subnet(ip), local_admins) )
		for ( email in local_admins[net] )
			add found[email];

	return found;
	}

# Mail addresses with commas between them.
function fmt_email_string(emails: set[string]): string
	{
	return join_string_set(emails, ",");
	}

function get_emails(a: addr): string
	{
	return fmt_email_string(find_all_emails(a));
	}

# A pattern that finds the zones at the end of a name in lower case.
function zones_pattern(zones: set[string]): pattern
	{
	if ( |zones| == 0 )
		return /MATCH_NOTHING/;

	local lower: set[string] = set();

	for ( zone in zones )
		add lower[to_lower(zone)];

	return set_to_regex(lower, "(^\\.?|\\.)(~~)$");
	}

function update_local_zones_regex(id: string, new_value: set[string]): set[string]
	{
	local_dns_suffix_regex = zones_pattern(new_value);
	return new_value;
	}

function update_neighbor_zones_regex(id: string, new_value: set[string]): set[string]
	{
	local_dns_neighbor_suffix_regex = zones_pattern(new_value);
	return new_value;
	}

# Keeps the table in step with the set, after the private networks went in.
function update_local_nets_table(id: string, new_value: set[subnet]): set[subnet]
	{
	local nets = copy(new_value);

	if ( private_address_space_is_local )
		for ( net in private_address_space )
			add nets[net];

	clear_table(local_nets_table);

	for ( net in nets )
		local_nets_table[net] = net;

	return nets;
	}

# Takes the former private networks out of the local ones, and puts the new ones in.
function update_private_address_space(id: string, new_value: set[subnet]): set[subnet]
	{
	if ( ! private_address_space_is_local )
		return new_value;

	local nets: set[subnet] = set();

	for ( net in local_nets )
		if ( ! check_subnet(net, private_address_space) )
			add nets[net];

	for ( net in new_value )
		add nets[net];

	Option::set("Site::local_nets", nets);
	return new_value;
	}

event bro_init() &priority=10
	{
	# Low priority, so that handlers of others have had their say when these see the value.
	Option::set_change_handler("Site::local_nets", update_local_nets_table, -5);
	Option::set_change_handler("Site::private_address_space", update_private_address_space, -5);
	Option::set_change_handler("Site::local_zones", update_local_zones_regex, -5);
	Option::set_change_handler("Site::neighbor_zones", update_neighbor_zones_regex, -5);

	# The handlers run when an option changes; what it begins with has to go through them, too.
	for ( net in update_local_nets_table("Site::local_nets", local_nets) )
		add local_nets[net];

	update_local_zones_regex("Site::local_zones", local_zones);
	update_neighbor_zones_regex("Site::neighbor_zones", neighbor_zones);
	}
