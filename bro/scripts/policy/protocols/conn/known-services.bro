##! Logs each service of a host once a day: what runs on which port.

@load base/utils/directions-and-hosts
@load base/frameworks/cluster
@load base/frameworks/storage
@load policy/frameworks/storage/backend/sqlite

## A service was seen that is to be logged unless it is known, wherever that is kept.
##
## info: the row for it.
global service_info_commit: event(info: Known::ServicesInfo);

## A service was seen that is to be logged, unless :bro:id:`Known::services` has it.
##
## info: the row for it.
global known_service_add: event(info: Known::ServicesInfo);

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

	## Whether what is known is kept in a Broker store, which may outlive a run, instead of :bro:id:`Known::services`.
	const use_service_store = F &redef;

	## Whether it is kept by the storage framework instead.
	const use_storage_framework = F &redef;

	## Hosts whose services are noted.
	option service_tracking = LOCAL_HOSTS;

	## Whether a service over UDP has to answer.
	option service_udp_requires_response = T;

	## That store.
	global service_broker_store: Cluster::StoreInfo;

	## Name of the store.
	const service_store_name = "zeek/known/services" &redef;

	## What keeps it, with the storage framework.
	const service_store_backend_type: Storage::Backend = Storage::STORAGE_BACKEND_SQLITE &redef;

	## Sets the keys of services apart from others, in backends that have one space for all of them.
	const service_store_prefix = "zeekknownservices" &redef;

	## Options of the backend.
	const service_store_backend_options: Storage::BackendOptions =
		Storage::BackendOptions($sqlite=Storage::Backend::SQLite::Options($database_path=":memory:",
		                                                                  $table_name=service_store_name)) &redef;

	## The backend, once it is open.
	global service_store_backend: opaque of Storage::BackendHandle;

	## How long a service is known.
	const service_store_expiry = 1 day &redef;

	## How long to wait for the store; after that the service is logged, known or not.
	option service_store_timeout = 15 sec;

	## Services that are known, by host and port.
	global services: table[addr, port] of set[string] &create_expire=service_store_expiry;

	## Raised with every row of known_services.log.
	global log_known_services: event(rec: ServicesInfo);
}

redef record connection += {
	## Whether its services have been noted for good.
	known_services_done: bool &default=F;
};

# Whether the backend of the storage framework is open.
global backend_is_open = F;

event zeek_init() &priority=5
	{
	Log::create_stream(Known::SERVICES_LOG, Log::Stream($columns=ServicesInfo, $ev=log_known_services,
	                                                    $path="known_services", $policy=log_policy_services));

	if ( use_storage_framework )
		{
		local opened = Storage::Sync::open_backend(service_store_backend_type, service_store_backend_options, string,
		                                           bool);
		backend_is_open = opened$code == Storage::SUCCESS;
		if ( backend_is_open )
			service_store_backend = opened$value as opaque of Storage::BackendHandle;
		else
			Reporter::error(fmt("known services are not kept by %s, but only as long as the program runs: %s",
			                    service_store_backend_type, opened$error_str));
		}
	else if ( use_service_store )
		service_broker_store = Cluster::create_store(service_store_name);
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

# The keys of what a row is about: one for each service, or an empty one if none could be told.
function triplets(info: ServicesInfo): vector of AddrPortServTriplet
	{
	local found: vector of AddrPortServTriplet = vector();
	for ( s in info$service )
		found += AddrPortServTriplet($host=info$host, $p=info$port_num, $serv=s);
	if ( |found| == 0 )
		found += AddrPortServTriplet($host=info$host, $p=info$port_num, $serv="");
	return found;
	}

# Logs the one service of a row that a key stands for.
function log_one(info: ServicesInfo, key: AddrPortServTriplet)
	{
	local row = copy(info);
	row$service = key$serv == "" ? set() : set(key$serv);
	Log::write(Known::SERVICES_LOG, row);
	}

event service_info_commit(info: ServicesInfo)
	{
	local keys = triplets(info);

	if ( backend_is_open )
		{
		for ( _, key in keys )
			{
			local name = fmt("%s:%s:%s:%s", service_store_prefix, key$host, key$p, key$serv);
			local put = Storage::Sync::put(service_store_backend, Storage::PutArgs($key=name, $value=T, $overwrite=F,
			                                                                       $expire_time=service_store_expiry));
			# Of one that cannot be kept it is not known whether it is new.
			if ( put$code != Storage::KEY_EXISTS )
				log_one(info, key);
			}
		return;
		}

	if ( ! use_service_store )
		{
		event known_service_add(info);
		return;
		}

	for ( _, k in keys )
		when [info, k] ( local r = Broker::put_unique(service_broker_store$store, k, T, service_store_expiry) )
			{
			if ( r$status != Broker::SUCCESS )
				Reporter::error(fmt("the store %s fails", service_store_name));
			else if ( r$result as bool )
				log_one(info, k);
			}
		timeout service_store_timeout
			{
			log_one(info, k);
			}
	}

event known_service_add(info: ServicesInfo)
	{
	if ( |info$service| > 0 ? check(info) : [info$host, info$port_num] in Known::services )
		return;

	if ( [info$host, info$port_num] !in Known::services )
		Known::services[info$host, info$port_num] = set();
	for ( s in info$service )
		add Known::services[info$host, info$port_num][s];
	Log::write(Known::SERVICES_LOG, info);
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
	if ( c$known_services_done || ! addr_matches_host(c$id$resp_h, service_tracking) || ! has_active_service(c) )
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

	event service_info_commit(info);
	}

event connection_state_remove(c: connection) &priority=-5
	{
	known_services_done(c);
	c$known_services_done = T;
	}

# What was recognized of a connection that goes on.
event analyzer_confirmation_info(atype: AllAnalyzers::Tag, info: AnalyzerConfirmationInfo) &priority=-5
	{
	if ( info?$c )
		known_services_done(info$c);
	}
