##! What scripts written for clusters ask for.  This program runs as one node by itself: no cluster is enabled, the
##! node has no type, and nothing is published, so such scripts do everything themselves.

module Cluster;

export {
	## What a node of a cluster does.
	type NodeType: enum {
		## It is not in a cluster.
		NONE,
		## It controls others.
		CONTROL,
		## It writes the logs.
		LOGGER,
		## It coordinates the workers.
		MANAGER,
		## It carries what nodes say to each other, and shares load.
		PROXY,
		## It watches traffic.
		WORKER,
	};

	## A node of a cluster.
	type Node: record {
		## What it does.
		node_type: NodeType;
		## Where it is.
		ip: addr;
		## The zone of its address, if that is of a link.
		zone_id: string &default="";
		## The port it listens on.
		p: port &optional;
		## Name of its manager.
		manager: string &optional;
		## Its id, while it is connected.
		id: string &optional;
		## The port that serves its metrics.
		metrics_port: port &optional;
	};

	## A node with its name.
	type NamedNode: record {
		name: string;
		node: Node;
	};

	## Name of this node; empty outside of clusters.
	const node = getenv("CLUSTER_NODE") &redef;

	## The nodes of the cluster by name.
	const nodes: table[string] of Node = {} &redef;

	## Whether the manager writes the logs.
	const manager_is_logger = T &redef;

	## Topic that managers subscribe to.
	const manager_topic = "zeek.cluster.manager" &redef;

	## Topic that loggers subscribe to.
	const logger_topic = "zeek.cluster.logger" &redef;

	## Topic that proxies subscribe to.
	const proxy_topic = "zeek.cluster.proxy" &redef;

	## Topic that workers subscribe to.
	const worker_topic = "zeek.cluster.worker" &redef;

	## Whether this node is one of a cluster.
	global is_enabled: function(): bool;

	## What this node does.
	global local_node_type: function(): NodeType;

	## How many nodes of a type the cluster has.
	global get_node_count: function(node_type: NodeType): count;

	## How many nodes of a type are connected.
	global get_active_node_count: function(node_type: NodeType): count;

	## The nodes of a type.
	global nodes_with_type: function(node_type: NodeType): vector of NamedNode;

	## Raised when a node is connected.
	##
	## name: its name.
	##
	## id: its id.
	global node_up: event(name: string, id: string);

	## Raised when a node is connected no longer.
	##
	## name: its name.
	##
	## id: its id.
	global node_down: event(name: string, id: string);
}

function is_enabled(): bool
	{
	return F;
	}

function local_node_type(): NodeType
	{
	return NONE;
	}

function get_node_count(node_type: NodeType): count
	{
	return |nodes_with_type(node_type)|;
	}

function get_active_node_count(node_type: NodeType): count
	{
	return 0;
	}

function nodes_with_type(node_type: NodeType): vector of NamedNode
	{
	local found: vector of NamedNode = vector();
	for ( name, n in nodes )
		if ( n$node_type == node_type )
			found += NamedNode($name=name, $node=n);
	return sort(found, function(a: NamedNode, b: NamedNode): int { return strcmp(a$name, b$name); });
	}

event zeek_init() &priority=10
	{
	if ( node != "" )
		Reporter::warning(fmt("CLUSTER_NODE is set to %s, but this program does not run in clusters", node));
	}
