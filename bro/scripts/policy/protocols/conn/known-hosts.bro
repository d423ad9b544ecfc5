##! Logs each host once a day that completes a handshake of TCP.

@load base/utils/directions-and-hosts

module Known;

export {
	redef enum Log::ID += { HOSTS_LOG };

	global log_policy_hosts: Log::PolicyHook;

	## A row of known_hosts.log.
	type HostsInfo: record {
		## When.
		ts: time &log;
		## The host.
		host: addr &log;
	};

	## Kept for scripts that set it: whether nodes share what they know in a store.
	const use_host_store = F &redef;

	## Hosts that are noted.
	option host_tracking = LOCAL_HOSTS;

	## Kept for scripts that set it: name of the store.
	const host_store_name = "zeek/known/hosts" &redef;

	## How long a host is known.
	const host_store_expiry = 1 day &redef;

	## Kept for scripts that set it: how long to wait for the store.
	option host_store_timeout = 15 sec;

	## Hosts that are known.
	global hosts: set[addr] &create_expire=host_store_expiry &redef;

	## Raised with every row of known_hosts.log.
	global log_known_hosts: event(rec: HostsInfo);
}

global host_found: event(info: HostsInfo);

event zeek_init() &priority=5
	{
	Log::create_stream(Known::HOSTS_LOG, Log::Stream($columns=HostsInfo, $ev=log_known_hosts, $path="known_hosts",
	                                                 $policy=log_policy_hosts));
	}

event Known::host_found(info: HostsInfo)
	{
	if ( info$host in Known::hosts )
		return;

	add Known::hosts[info$host];
	Log::write(Known::HOSTS_LOG, info);
	}

event connection_established(c: connection)
	{
	if ( c$orig$state != TCP_ESTABLISHED || c$resp$state != TCP_ESTABLISHED )
		return;

	local ends = vector(c$id$orig_h, c$id$resp_h);
	for ( i in ends )
		if ( addr_matches_host(ends[i], host_tracking) )
			event Known::host_found(HostsInfo($ts=network_time(), $host=ends[i]));
	}
