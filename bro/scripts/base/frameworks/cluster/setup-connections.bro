##! Connecting a node to the others of its cluster.

@load ./pools
@load base/frameworks/broker
@load base/utils/addrs

module Cluster;

export {
	## Sets up what carries events between nodes, as :bro:id:`Cluster::backend` says.
	##
	## Returns: whether there is something that does; false on a node by itself.
	global init: function(): bool;

	## Connects to a node of the cluster, unless a handler of :bro:see:`Cluster::connect_node_hook` does not want it.
	##
	## node_type: what the node does.
	##
	## node_name: its name.
	global connect_peer: function(node_type: NodeType, node_name: string);

	#	##
	## node_type: the type.
	global connect_peers_with_type: function(node_type: NodeType);
}

function init(): bool
	{
	if ( backend != CLUSTER_BACKEND_NONE )
		Reporter::warning(fmt("Cluster::backend is %s, but this program runs as one node", backend));

	return F;
	}

function connect_peer(node_type: NodeType, node_name: string)
	{
	local candidates = nodes_with_type(node_type);

	for ( _, candidate in candidates )
		if ( candidate$name == node_name )
			{
			if ( ! hook connect_node_hook(candidate) )
				return;

			local n = candidate$node;
			if ( n?$p && Broker::peer(addr_to_uri(n$ip), n$p, retry_interval) )
				Cluster::log(fmt("connecting to %s at %s:%d", node_name, addr_to_uri(n$ip), n$p));
			else
				Cluster::log(fmt("no connection to %s can be made", node_name));
			return;
			}

	Reporter::warning(fmt("there is no node %s of type %s in Cluster::nodes", node_name, node_type));
	}

# Connects to all nodes of a type.
function connect_peers_with_type(node_type: NodeType)
	{
	local candidates = nodes_with_type(node_type);

	for ( _, candidate in candidates )
		connect_peer(node_type, candidate$name);
	}
