##! Logs each host once a day that completes a handshake of TCP.

@load base/utils/directions-and-hosts
@load base/frameworks/cluster

## A host was seen that is to be logged, unless it is known.
##
## info: the row for it.
global known_host_add: event(info: Known::HostsInfo);

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

	## Whether what is known is kept in a Broker store, which may outlive a run, instead of :bro:id:`Known::hosts`.
	const use_host_store = F &redef;

	## Hosts that are noted.
	option host_tracking = LOCAL_HOSTS;

	## That store.
	global host_store: Cluster::StoreInfo;

	## Name of the store.
	const host_store_name = "zeek/known/hosts" &redef;

	## How long a host is known.
	const host_store_expiry = 1 day &redef;

	## How long to wait for the store; after that the host is logged, known or not.
	option host_store_timeout = 15 sec;

	## Hosts that are known.
	global hosts: set[addr] &create_expire=host_store_expiry &redef;

	## A host has completed a handshake.
	##
	## info: the row for it.
	global host_found: event(info: HostsInfo);

	## Raised with every row of known_hosts.log.
	global log_known_hosts: event(rec: HostsInfo);
}

event zeek_init() &priority=5
	{
	Log::create_stream(Known::HOSTS_LOG, Log::Stream($columns=HostsInfo, $ev=log_known_hosts, $path="known_hosts",
	                                                 $policy=log_policy_hosts));

	if ( use_host_store )
		host_store = Cluster::create_store(host_store_name);
	}

event Known::host_found(info: HostsInfo)
	{
	if ( ! use_host_store )
		{
		if ( info$host !in Known::hosts )
			event known_host_add(info);
		return;
		}

	when [info] ( local r = Broker::put_unique(host_store$store, info$host, T, host_store_expiry) )
		{
		if ( r$status != Broker::SUCCESS )
			Reporter::error(fmt("the store %s fails", host_store_name));
		else if ( r$result as bool )
			Log::write(Known::HOSTS_LOG, info);
		}
	timeout host_store_timeout
		{
		Log::write(Known::HOSTS_LOG, info);
		}
	}

event known_host_add(info: HostsInfo)
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
