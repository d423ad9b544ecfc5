##! How nodes talk to each other by Broker: its options and the events about peers.  This program runs as one node, so
##! the options have no effect, and the events are not raised.

@load ./data
@load ./store

## Listening has failed and is to be tried again.
##
## a: the address.
##
## p: the port.
##
## retry: how long to wait before the next time.
global retry_listen: event(a: string, p: port, retry: interval);

module Broker;

export {
	## How others are talked to.
	type BrokerProtocol: enum {
		## As Broker does.
		NATIVE,
		## By WebSocket, with events as JSON.
		WEBSOCKET,
	};

	## How serious a message of Broker is.
	type LogSeverityLevel: enum {
		LOG_CRITICAL = 1,
		LOG_ERROR = 2,
		LOG_WARNING = 3,
		LOG_INFO = 4,
		LOG_VERBOSE = 5,
		LOG_DEBUG = 6,
	};

	## What went wrong.
	type ErrorCode: enum {
		NO_ERROR = 0,
		UNSPECIFIED = 1,
		PEER_INCOMPATIBLE = 2,
		PEER_INVALID = 3,
		PEER_UNAVAILABLE = 4,
		PEER_DISCONNECT_DURING_HANDSHAKE = 5,
		PEER_TIMEOUT = 6,
		MASTER_EXISTS = 7,
		NO_SUCH_MASTER = 8,
		NO_SUCH_KEY = 9,
		REQUEST_TIMEOUT = 10,
		TYPE_CLASH = 11,
		INVALID_DATA = 12,
		BACKEND_FAILURE = 13,
		STALE_DATA = 14,
		CANNOT_OPEN_FILE = 15,
		CANNOT_WRITE_FILE = 16,
		INVALID_TOPIC_KEY = 17,
		END_OF_FILE = 18,
		INVALID_TAG = 19,
		INVALID_STATUS = 20,
		CAF_ERROR = 100,
	};

	## How far a connection to a peer has come.
	type PeerStatus: enum {
		INITIALIZING,
		CONNECTING,
		CONNECTED,
		PEERED,
		DISCONNECTED,
		RECONNECTING,
	};

	## Where a node is.
	type NetworkInfo: record {
		## Its address or name.
		address: string &log;
		## Its port.
		bound_port: port &log;
	};

	## A node.
	type EndpointInfo: record {
		## Its id.
		id: string;
		## Where it is, if that is known.
		network: NetworkInfo &optional;
	};

	## A node this one is connected to.
	type PeerInfo: record {
		## The node.
		peer: EndpointInfo;
		## How far the connection has come.
		status: PeerStatus;
		## Whether this node connected to it.
		is_outbound: bool;
	};

	## Such nodes.
	type PeerInfos: vector of PeerInfo;

	## Port of Broker.
	const default_port = 9999/tcp &redef;

	## How long to wait until trying again to listen.
	const default_listen_retry = 1 sec &redef;

	## How long to wait until trying again to connect.
	const default_connect_retry = 1 sec &redef;

	## Address to listen at.
	const default_listen_address = "127.0.0.1" &redef;

	## Address to listen at for WebSocket.
	const default_listen_address_websocket = "" &redef;

	## Port for WebSocket.
	const default_port_websocket = 9997/tcp &redef;

	## Topics of rows of logs begin with this.
	const default_log_topic_prefix = "zeek/logs/" &redef;

	## Gives the topic that rows of a log are sent to.
	const log_topic: function(id: Log::ID, path: string): string = default_log_topic &redef;

	## Whether connections are not encrypted.
	const disable_ssl = F &redef;

	## File of trusted certificates.
	const ssl_cafile = "" &redef;

	## Folder of trusted certificates.
	const ssl_capath = "" &redef;

	## File of this node's certificate.
	const ssl_certificate = "" &redef;

	## Passphrase of its key.
	const ssl_passphrase = "" &redef;

	## File of its key.
	const ssl_keyfile = "" &redef;

	## Whether messages are passed on between others.
	const forward_messages = F &redef;

	## Rows of logs that are sent together.
	const log_batch_size: count = 400 &redef;

	## How long rows wait for others to be sent together.
	const log_batch_interval: interval = 1 sec &redef;

	## Threads for messages.
	const max_threads: count = 1 &redef;

	## How many messages may wait for a peer.
	const peer_buffer_size: count = 8192 &redef;

	## What becomes of messages when too many wait for a peer: ``disconnect``, ``drop_newest`` or ``drop_oldest``.
	const peer_overflow_policy = "drop_oldest" &redef;

	## How many messages may wait for a client of WebSocket.
	const web_socket_buffer_size: count = 8192 &redef;

	## What becomes of messages when too many wait for such a client.
	const web_socket_overflow_policy = "drop_oldest" &redef;

	## How often statistics of what waits begin anew.
	const buffer_stats_reset_interval = 1 min &redef;

	## How threads share work: ``sharing`` or ``stealing``.
	const scheduler_policy = "sharing" &redef;

	## How eagerly threads look for work; these are as Broker's manual has them.
	const aggressive_polls: count = 5 &redef;
	const aggressive_interval: count = 4 &redef; ##< Attempts between two looks at other threads' work.
	const moderate_polls: count = 5 &redef; ##< Attempts after those, with pauses.
	const moderate_interval: count = 2 &redef; ##< As above, while there are pauses.
	const moderate_sleep = 16 msec &redef; ##< How long those pauses are.
	const relaxed_interval: count = 1 &redef; ##< As above, once nothing was found for long.
	const relaxed_sleep = 64 msec &redef; ##< How long the pauses are then.

	## Whether being connected keeps the program from ending.
	option peer_counts_as_iosource = T;

	## Messages of Broker that are logged.
	const log_severity_level = LOG_WARNING &redef;

	## Messages of Broker that are written to standard error.
	const log_stderr_severity_level = LOG_CRITICAL &redef;

	## A node was connected.
	##
	## endpoint: the node.
	##
	## msg: more about it.
	global peer_added: event(endpoint: EndpointInfo, msg: string);

	## A node left because this one wanted it.
	global peer_removed: event(endpoint: EndpointInfo, msg: string);

	## A node was lost.
	global peer_lost: event(endpoint: EndpointInfo, msg: string);

	## There is a way to a node.
	global endpoint_discovered: event(endpoint: EndpointInfo, msg: string);

	## There is no way to a node any more.
	global endpoint_unreachable: event(endpoint: EndpointInfo, msg: string);

	## Something else happened to a node.
	global status: event(endpoint: EndpointInfo, msg: string);

	## Something went wrong.
	global error: event(code: ErrorCode, msg: string);

	## Has rows of logs that wait for others sent to other nodes, as :bro:see:`Broker::flush_logs` does.
	global log_flush: event();

	## A message of Broker.
	global internal_log_event: event(lvl: LogSeverityLevel, id: string, description: string);
}

event Broker::log_flush()
	{
	Broker::flush_logs();
	}

event retry_listen(a: string, p: port, retry: interval)
	{
	Broker::listen(a, p, retry);
	}
