##! What scripts ask of the supervisor of nodes.  This program neither is one nor has one, which the functions say.

module Supervisor;

export {
	## What a node of a cluster does.
	type ClusterRole: enum {
		## It is not in a cluster.
		NONE,
		## It writes the logs.
		LOGGER,
		## It coordinates the workers.
		MANAGER,
		## It shares load.
		PROXY,
		## It watches traffic.
		WORKER,
	};

	## A node of a cluster, as others see it.
	type ClusterEndpoint: record {
		## What it does.
		role: ClusterRole;
		## Where it is.
		host: addr;
		## Its port.
		p: port;
		## The interface it watches.
		interface: string &optional;
		## The capture it reads.
		pcap_file: string &optional;
		## The port that serves its metrics.
		metrics_port: port &optional;
	};

	## A node to be started.
	type NodeConfig: record {
		## Its name.
		name: string;
		## The interface it watches.
		interface: string &optional;
		## The capture it reads.
		pcap_file: string &optional;
		## The folder it works in.
		directory: string &optional;
		## Where its output goes.
		stdout_file: string &optional;
		## Where its messages go.
		stderr_file: string &optional;
		## Whether it has the default scripts.
		bare_mode: bool &optional;
		## Scripts it loads before those of the command line.
		addl_base_scripts: vector of string &default=vector();
		## Scripts it loads behind them.
		addl_user_scripts: vector of string &default=vector();
		## Environment variables.
		env: table[string] of string &default=table();
		## The processor it runs on.
		cpu_affinity: int &optional;
		## The cluster it is in.
		cluster: table[string] of ClusterEndpoint &default=table();
	};

	## A node that was started.
	type NodeStatus: record {
		## The node.
		node: NodeConfig;
		## Id of its process.
		pid: int &optional;
	};

	## Nodes that were started.
	type Status: record {
		## The nodes by name.
		nodes: table[string] of NodeStatus;
	};

	## Starts a node.
	##
	## Returns: why it cannot be; empty if it was.
	global create: function(node: NodeConfig): string;

	## The nodes; of an empty name all of them.
	global status: function(node: string &default=""): Status;

	## Starts a node again; of an empty name all of them.
	##
	## Returns: whether that was done.
	global restart: function(node: string &default=""): bool;

	## Ends a node; of an empty name all of them.
	##
	## Returns: whether that was done.
	global destroy: function(node: string &default=""): bool;

	## Whether this program supervises others.
	global is_supervisor: function(): bool;

	## Whether this program is supervised.
	global is_supervised: function(): bool;

	## How this program was started, if it is supervised; an error otherwise.
	global node: function(): NodeConfig;

	## Run with each line of a node's output; ``break`` keeps it from being printed.
	global Supervisor::stdout_hook: hook(node: string, msg: string);

	## Run with each line of a node's messages; ``break`` keeps it from being printed.
	global Supervisor::stderr_hook: hook(node: string, msg: string);

	## A node has started.
	global Supervisor::node_status: event(node: string, pid: count);
}

function create(node: NodeConfig): string
	{
	return "this program does not supervise others";
	}

function status(node: string): Status
	{
	return Status($nodes=table());
	}

function restart(node: string): bool
	{
	return F;
	}

function destroy(node: string): bool
	{
	return F;
	}

function is_supervisor(): bool
	{
	return F;
	}

function is_supervised(): bool
	{
	return F;
	}

function node(): NodeConfig
	{
	Reporter::error("Supervisor::node was called in a program that is not supervised");
	return NodeConfig($name="");
	}
