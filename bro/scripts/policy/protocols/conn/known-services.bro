##! Logs each service of a host once a day: what runs on which port.

@load base/utils/directions-and-hosts

module Known;

export {
	redef enum Log::ID += { SERVICES_LOG };

	global log_policy_services: Log::PolicyHook;

	## A row of known_services.log.
	type ServicesInfo: record {
		## When.
		ts: time &log;
		## The host.
		host: addr &log;
		## The port.
		port_num: port &log;
		## Its protocol.
		port_proto: transport_proto &log;
		## What runs there, as far as it could be told.
		service: set[string] &log;
	};

	## A service of a host.
	type AddrPortServTriplet: record {
		## The host.
		host: addr;
		## The port.
		p: port;
		## The service.
		serv: string;
	};

	## Kept for scripts that set it: whether nodes share what they know in a store.
	const use_service_store = F &redef;

	## Hosts whose services are noted.
	option service_tracking = LOCAL_HOSTS;

	## Whether a service over UDP has to answer.
	option service_udp_requires_response = T;

	## Kept for scripts that set it: name of the store.
	const service_store_name = "zeek/known/services" &redef;

	## How long a service is known.
	const service_store_expiry = 1 day &redef;

	## Kept for scripts that set it: how long to wait for the store.
	option service_store_timeout = 15 sec;

	## Services that are known, by host and port.
	global services: table[addr, port] of set[string] &create_expire=service_store_expiry;

	## Raised with every row of known_services.log.
	global log_known_services: event(rec: ServicesInfo);
}

event zeek_init() &priority=5
	{
	Log::create_stream(Known::SERVICES_LOG, Log::Stream($columns=ServicesInfo, $ev=log_known_services,
	                                                    $path="known_services", $policy=log_policy_services));
	}

# Whether all that is said to run there is known already.
function check(info: ServicesInfo): bool
	{
	if ( [info$host, info$port_num] !in Known::services )
		return F;

	local known = Known::services[info$host, info$port_num];
	for ( s in info$service )
		if ( s !in known )
			return F;
	return T;
	}

# Whether a connection shows a service at work.
function has_active_service(c: connection): bool
	{
	switch ( get_port_transport_proto(c$id$resp_p) )
		{
		case tcp:
			return c$resp$state == TCP_ESTABLISHED || c$resp$state == TCP_CLOSED ||
			       c$resp$state == TCP_PARTIAL || c$resp$state == TCP_INACTIVE && c$resp$size > 0;
		case udp:
			return ! service_udp_requires_response || c$resp$size > 0;
		default:
			return F;
		}
	}

function known_services_done(c: connection)
	{
	if ( ! addr_matches_host(c$id$resp_h, service_tracking) || ! has_active_service(c) )
		return;

	local seen: set[string] = set();
	for ( s in c$service )
		# Those that turned out not to be it are marked.
		if ( s[0] != "-" )
			add seen[to_upper(s)];

	# Of connections without data there is nothing to tell.
	if ( |seen| == 0 && c$orig$size == 0 && c$resp$size == 0 )
		return;

	local info = ServicesInfo($ts=network_time(), $host=c$id$resp_h, $port_num=c$id$resp_p,
	                          $port_proto=get_port_transport_proto(c$id$resp_p), $service=seen);
	if ( |seen| > 0 ? check(info) : [info$host, info$port_num] in Known::services )
		return;

	if ( [info$host, info$port_num] !in Known::services )
		Known::services[info$host, info$port_num] = set();
	for ( found in seen )
		add Known::services[info$host, info$port_num][found];
	Log::write(Known::SERVICES_LOG, info);
	}

event connection_state_remove(c: connection) &priority=-5
	{
	known_services_done(c);
	}

# What was recognized of a connection that goes on.
event analyzer_confirmation_info(atype: AllAnalyzers::Tag, info: AnalyzerConfirmationInfo) &priority=-5
	{
	if ( info?$c )
		known_services_done(info$c);
	}
