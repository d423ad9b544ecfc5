##! Pools of nodes, which share work by keys; topics of nodes; stores.  On a node by itself pools are empty, topics of
##! pools too, and stores are here.

@load ./main
@load base/frameworks/broker
@load base/utils/hash_hrw

module Cluster;

export {
	redef enum Log::ID += { LOG };

	global log_policy: Log::PolicyHook;

	## A row of cluster.log.
	type Info: record {
		## When.
		ts: time &log;
		## The node.
		node: string &log;
		## What happened.
		message: string &log;
	};

	## How nodes talk to each other.
	type BackendTag: enum {
		## Not at all.
		CLUSTER_BACKEND_NONE,
		## By Broker.
		CLUSTER_BACKEND_BROKER,
		## By Broker's form of WebSocket.
		CLUSTER_BACKEND_BROKER_WEBSOCKET_SHIM,
		## By ZeroMQ.
		CLUSTER_BACKEND_ZEROMQ,
	};

	## How events are written for other nodes.
	type EventSerializerTag: enum {
		EVENT_SERIALIZER_BROKER_BIN_V1,
		EVENT_SERIALIZER_BROKER_JSON_V1,
	};

	## How rows of logs are written for other nodes.
	type LogSerializerTag: enum {
		LOG_SERIALIZER_ZEEK_BIN_V1,
	};

	## How nodes talk to each other; they do not.
	const backend: BackendTag = CLUSTER_BACKEND_NONE &redef;

	## How events would be written.
	const event_serializer = EVENT_SERIALIZER_BROKER_BIN_V1 &redef;

	## How rows of logs would be written.
	const log_serializer = LOG_SERIALIZER_ZEEK_BIN_V1 &redef;

	## Topics of nodes by name begin with this.
	const node_topic_prefix = "zeek/cluster/node/" &redef;

	## Topics of nodes by id begin with this.
	const nodeid_topic_prefix = "zeek/cluster/nodeid/" &redef;

	## Topics that several nodes subscribe to.
	const broadcast_topics: set[string] = {
		"zeek/cluster/logger",
		"zeek/cluster/manager",
		"zeek/cluster/proxy",
		"zeek/cluster/worker",
	} &redef;

	## Whether rows of logs go to one logger after the other.
	const enable_round_robin_logging = T &redef;

	## How long to wait until trying again to connect.
	const retry_interval = 1 sec &redef;

	## Elements of a table that are sent together.
	const default_publish_table_batch_size: count = 10000 &redef;

	## The same for changes of tables that are sent as they happen.
	option default_table_publish_on_change_max_batch_size: count = 10;

	## How long such changes wait for others.
	option default_table_publish_on_change_max_batch_delay = 10 msec;

	## Events that may wait for a client of WebSocket.
	const default_websocket_max_event_queue_size: count = 32 &redef;

	## How often such clients are asked whether they are there.
	const default_websocket_ping_interval = 5 sec &redef;

	## A pool to be.
	type PoolSpec: record {
		## Topic of the pool.
		topic: string;
		## Type of its nodes.
		node_type: Cluster::NodeType;
		## The most nodes it has.
		max_nodes: count &optional;
		## Whether its nodes are in no other pool.
		exclusive: bool &default=F;
	};

	## Where the loggers are.
	const logger_pool_spec: PoolSpec = PoolSpec($topic="zeek.cluster.pool.logger", $node_type=Cluster::LOGGER) &redef;

	## Where the proxies are.
	const proxy_pool_spec: PoolSpec = PoolSpec($topic="zeek.cluster.pool.proxy", $node_type=Cluster::PROXY) &redef;

	## Where the workers are.
	const worker_pool_spec: PoolSpec = PoolSpec($topic="zeek.cluster.pool.worker", $node_type=Cluster::WORKER) &redef;

	## A node of a pool.
	type PoolNode: record {
		## Its name.
		name: string;
		## Its name among the nodes of its type, which does not change when others do.
		alias: string;
		## Its number for hashes.
		site_id: count;
		## Its topic.
		topic: string;
		## Whether it is connected.
		alive: bool &default=F;
	};

	## Nodes by name.
	type PoolNodeTable: table[string] of PoolNode;

	## Where a round of nodes has got to, by key.
	type RoundRobinTable: table[string] of int;

	## A pool.
	type Pool: record {
		## What it is.
		spec: PoolSpec;
		## Its nodes.
		nodes: PoolNodeTable &default=PoolNodeTable();
		## Its nodes, in order of their names.
		node_list: vector of PoolNode &default=vector();
		## What shares keys among them.
		hrw_pool: HashHRW::Pool &default=HashHRW::Pool();
		## Where rounds have got to.
		rr_key_seq: RoundRobinTable &default=RoundRobinTable();
		## How many nodes are connected.
		alive_count: count &default=0;
	};

	## How far the nodes of a type are shared out to pools.
	type PoolEligibilityTracking: record {
		## The nodes of the type, in order of their names.
		eligible_nodes: vector of NamedNode &default=vector();
		## Where the next pool begins to take nodes, so that pools do not all have the same ones.
		next_idx: count &default=0;
		## How many of the first nodes belong to pools that share them with nobody.
		excluded: count &default=0;
	};

	## The loggers.
	global logger_pool: Pool;

	## The proxies.
	global proxy_pool: Pool;

	## The workers.
	global worker_pool: Pool;

	## Makes a pool.
	global register_pool: function(spec: PoolSpec): Pool;

	## The topic of the node of a pool that a key belongs to; empty if no node is connected.
	global hrw_topic: function(pool: Pool, key: any): string;

	## The topics of the nodes of a pool, one after the other; empty if no node is connected.
	##
	## key: rounds of different keys are apart.
	global rr_topic: function(pool: Pool, key: string &default=""): string;

	## The topic of the logger for a log, one after the other; empty if none is connected.
	global rr_log_topic: function(id: Log::ID, path: string): string;

	## The topic of a node by its name.
	global node_topic: function(name: string): string;

	## The topic of a node by its id.
	global nodeid_topic: function(id: string): string;

	## The id of this node.
	global node_id: function(): string;

	## The node with an id; one without a name if none is known.
	global nodeid_to_node: function(id: string): NamedNode;

	## The port that serves metrics of this node; 0/unknown if none does.
	global local_node_metrics_port: function(): port;

	## Writes a message to cluster.log.
	global log: function(msg: string);

	## An event with its arguments.
	type Event: record {
		## The event.
		ev: any;
		## Its arguments.
		args: vector of any;
	};

	## A store that is shared.
	type StoreInfo: record {
		## Its name.
		name: string &optional;
		## The store.
		store: opaque of Broker::Store &optional;
		## Node that has its master.
		master_node: string &default="";
		## Whether that is this node.
		master: bool &default=F;
		## What keeps it.
		backend: Broker::BackendType &default=Broker::MEMORY;
		## Options of that.
		options: Broker::BackendOptions &default=Broker::BackendOptions();
		## Of copies, see :bro:see:`Broker::create_clone`.
		clone_resync_interval: interval &default=Broker::default_clone_resync_interval;
		## The same.
		clone_stale_interval: interval &default=Broker::default_clone_stale_interval;
		## The same.
		clone_mutation_buffer_interval: interval &default=Broker::default_clone_mutation_buffer_interval;
	};

	## Stores by name.
	global stores: table[string] of StoreInfo = {} &default=StoreInfo() &redef;

	## Node that has the masters of stores.
	const default_master_node = "" &redef;

	## What keeps stores.
	const default_backend = Broker::MEMORY &redef;

	## What keeps stores that outlive the program.
	const default_persistent_backend = Broker::SQLITE &redef;

	## Folder of their databases.
	const default_store_dir = "" &redef;

	## Makes a store, or gives the one of that name.
	##
	## persistent: whether it outlives the program.
	global create_store: function(name: string, persistent: bool &default=F): StoreInfo;

	## Where a node is.
	type NetworkInfo: record {
		## Its address or name.
		address: string;
		## Its port.
		bound_port: port;
	};

	## A node or client.
	type EndpointInfo: record {
		## Its id.
		id: string;
		## Where it is.
		network: NetworkInfo;
		## What it says it is.
		application_name: string &optional;
	};

	## A node introduces itself.
	global hello: event(name: string, id: string);

	## Run when a topic is subscribed to.
	global on_subscribe: hook(topic: string);

	## Run when a topic is subscribed to no longer.
	global on_unsubscribe: hook(topic: string);

	## Run before this node connects to another; ``break`` keeps it from that.
	global connect_node_hook: hook(connectee: NamedNode);
}

# Pools that were registered.
global registered_pools: vector of Pool = vector();

event zeek_init() &priority=5
	{
	Log::create_stream(Cluster::LOG, Log::Stream($columns=Info, $path="cluster", $policy=log_policy));
	}

event zeek_init() &priority=100
	{
	logger_pool = register_pool(logger_pool_spec);
	proxy_pool = register_pool(proxy_pool_spec);
	worker_pool = register_pool(worker_pool_spec);
	}

function log(msg: string)
	{
	Log::write(Cluster::LOG, Info($ts=network_time(), $node=node == "" ? peer_description : node, $message=msg));
	}

function node_id(): string
	{
	return Broker::node_id();
	}

function nodeid_to_node(id: string): NamedNode
	{
	for ( name, n in nodes )
		if ( n?$id && n$id == id )
			return NamedNode($name=name, $node=n);

	return NamedNode($name="", $node=Node($node_type=NONE, $ip=0.0.0.0));
	}

function local_node_metrics_port(): port
	{
	return node in nodes && nodes[node]?$metrics_port ? nodes[node]$metrics_port : 0/unknown;
	}

function node_topic(name: string): string
	{
	return cat(node_topic_prefix, name, "/");
	}

function nodeid_topic(id: string): string
	{
	return cat(nodeid_topic_prefix, id, "/");
	}

# Orders pools by their topics, the exclusive ones first.
function pool_sorter(a: Pool, b: Pool): int
	{
	if ( a$spec$exclusive != b$spec$exclusive )
		return a$spec$exclusive ? -1 : 1;

	return strcmp(a$spec$topic, b$spec$topic);
	}

function register_pool(spec: PoolSpec): Pool
	{
	local pool = Pool($spec=spec);
	registered_pools += pool;
	sort(registered_pools, pool_sorter);

	assign_nodes();
	return pool;
	}

# Shares the nodes out to the pools anew: those that share with nobody come first, in the order of `pool_sorter`.
function assign_nodes()
	{
	local trackings: table[NodeType] of PoolEligibilityTracking = table();

	for ( _, pool in registered_pools )
		{
		local spec = pool$spec;
		if ( spec$node_type !in trackings )
			trackings[spec$node_type] = PoolEligibilityTracking($eligible_nodes=nodes_with_type(spec$node_type));

		local tracking = trackings[spec$node_type];
		local free = |tracking$eligible_nodes| - tracking$excluded;
		local wanted = spec?$max_nodes ? spec$max_nodes : free;
		pool$nodes = PoolNodeTable();
		pool$node_list = vector();

		if ( wanted > free )
			{
			if ( spec$exclusive && |tracking$eligible_nodes| > 0 )
				Reporter::warning(fmt("the pool %s wants %d nodes for itself, of which %d are left", spec$topic, wanted,
				                      free));
			wanted = free;
			}

		local taken = 0;
		while ( taken < wanted )
			{
			local place = tracking$excluded + (tracking$next_idx + taken) % free;
			init_pool_node(pool, tracking$eligible_nodes[place]$name);
			++taken;
			}

		if ( spec$exclusive )
			tracking$excluded += wanted;
		else if ( free > 0 )
			tracking$next_idx = (tracking$next_idx + wanted) % free;
		}
	}

# Whether another node of a pool has a number for hashes.
function site_id_in_pool(pool: Pool, site_id: count): bool
	{
	for ( _, n in pool$nodes )
		if ( n$site_id == site_id )
			return T;

	return F;
	}

# Puts a node into a pool.
function init_pool_node(pool: Pool, name: string): bool
	{
	if ( name in pool$nodes )
		return T;

	# Collisions are found by counting on.
	local alias = fmt("%s-%d", pool$spec$topic, |pool$nodes|);
	local site_id = fnv1a32(alias) % 2147483648;
	while ( site_id_in_pool(pool, site_id) )
		++site_id;

	local pn = PoolNode($name=name, $alias=alias, $site_id=site_id, $topic=node_topic(name));
	pool$nodes[name] = pn;
	pool$node_list += pn;
	return T;
	}

# Notes that a node of a pool is connected.
function mark_pool_node_alive(pool: Pool, name: string): bool
	{
	if ( name !in pool$nodes )
		return F;

	local pn = pool$nodes[name];
	if ( ! pn$alive )
		{
		pn$alive = T;
		++pool$alive_count;
		HashHRW::add_site(pool$hrw_pool, HashHRW::Site($id=pn$site_id, $user_data=pn));
		}
	return T;
	}

# Notes that a node of a pool is connected no longer.
function mark_pool_node_dead(pool: Pool, name: string): bool
	{
	if ( name !in pool$nodes )
		return F;

	local pn = pool$nodes[name];
	if ( pn$alive )
		{
		pn$alive = F;
		--pool$alive_count;
		HashHRW::rem_site(pool$hrw_pool, HashHRW::Site($id=pn$site_id, $user_data=pn));
		}
	return T;
	}

event Cluster::node_up(name: string, id: string)
	{
	for ( i in registered_pools )
		mark_pool_node_alive(registered_pools[i], name);
	}

event Cluster::node_down(name: string, id: string)
	{
	for ( i in registered_pools )
		mark_pool_node_dead(registered_pools[i], name);
	}

function hrw_topic(pool: Pool, key: any): string
	{
	if ( pool$alive_count == 0 )
		return "";

	local site = HashHRW::get_site(pool$hrw_pool, key);
	local pn = site$user_data as PoolNode;
	return pn$topic;
	}

function rr_topic(pool: Pool, key: string): string
	{
	if ( pool$alive_count == 0 )
		return "";

	local start = key in pool$rr_key_seq ? pool$rr_key_seq[key] : +0;
	local next_one = start;
	local tries = 0;
	while ( tries < |pool$node_list| )
		{
		local pn = pool$node_list[int_to_count(next_one % (|pool$node_list| + 0))];
		++next_one;
		++tries;
		if ( pn$alive )
			{
			pool$rr_key_seq[key] = next_one % (|pool$node_list| + 0);
			return pn$topic;
			}
		}

	return "";
	}

function rr_log_topic(id: Log::ID, path: string): string
	{
	local topic = rr_topic(logger_pool, "Cluster::rr_log_topic");
	return topic == "" ? topic : cat(topic, id);
	}

function create_store(name: string, persistent: bool): StoreInfo
	{
	local info = stores[name];
	info$name = name;

	if ( info?$store && ! Broker::is_closed(info$store) )
		{
		stores[name] = info;
		return info;
		}

	info$backend = persistent ? default_persistent_backend : default_backend;
	if ( persistent && info$options$sqlite$path == "" && default_store_dir != "" )
		info$options$sqlite$path = cat(default_store_dir, "/", name, ".sqlite");
	info$master = T;
	info$store = Broker::create_master(name, info$backend, info$options);
	stores[name] = info;
	return info;
	}
