##! Clients that speak to a cluster by WebSocket.  This program serves none, and says so to scripts that ask for it.

@load ./pools
@load base/utils/addrs

module Cluster;

export {
	## How connections of clients are encrypted.
	type WebSocketTLSOptions: record {
		## File of the server's certificate; without one connections are not encrypted.
		cert_file: string &optional;
		## File of its key.
		key_file: string &optional;
		## Whether clients have to show a certificate.
		enable_peer_verification: bool &default=F;
		## File of the certificates that those of clients are checked by.
		ca_file: string &default="";
		## Ciphers, as OpenSSL writes them.
		ciphers: string &default="";
	};

	## Where clients are served.
	type WebSocketServerOptions: record {
		## The address.
		listen_addr: addr &default=127.0.0.1;
		## The port.
		listen_port: port;
		## How often clients are asked whether they are there.
		ping_interval: interval &default=default_websocket_ping_interval;
		## How connections are encrypted.
		tls_options: WebSocketTLSOptions &default=WebSocketTLSOptions();
		## How many events may wait for a client.
		max_event_queue_size: count &default=default_websocket_max_event_queue_size;
	};

	## Asks for clients to be served.  That is not done here, which a warning says.
	##
	## options: where, and how.
	##
	## Returns: whether they are served.
	global listen_websocket: function(options: WebSocketServerOptions): bool;

	## A client was connected.
	##
	## endpoint: the client.
	##
	## subscriptions: the topics it wants to hear of.
	global websocket_client_added: event(endpoint: EndpointInfo, subscriptions: string_vec);

	## A client is connected no longer.
	##
	## endpoint: the client.
	##
	## code: why, as a number of WebSocket (RFC 6455, section 7.4).
	##
	## reason: the same in words.
	global websocket_client_lost: event(endpoint: EndpointInfo, code: count, reason: string);

	## A node or client for people: its id and where it is.
	##
	## ei: the node or client.
	global format_endpoint_info: function(ei: EndpointInfo): string;
}

module Cluster::Backend;

export {
	## What carries events between nodes went wrong.
	##
	## tag: its kind.
	##
	## message: what happened.
	global error: event(tag: string, message: string);
}

module Cluster;

function listen_websocket(options: WebSocketServerOptions): bool
	{
	Reporter::warning(fmt("Cluster::listen_websocket: no clients are served at %s, as this program runs as one node",
	                      addr_port(options)));
	return F;
	}

# Where clients are to be served, for people.
function addr_port(options: WebSocketServerOptions): string
	{
	return fmt("%s:%d", addr_to_uri(options$listen_addr), options$listen_port);
	}

function format_endpoint_info(ei: EndpointInfo): string
	{
	local text = fmt("'%s' (%s:%d)", ei$id, ei$network$address, ei$network$bound_port);
	return ei?$application_name ? fmt("%s application_name=%s", text, ei$application_name) : text;
	}

event Cluster::websocket_client_added(endpoint: EndpointInfo, subscriptions: string_vec)
	{
	Cluster::log(fmt("WebSocket client %s subscribed to %s", format_endpoint_info(endpoint),
	                 join_string_vec(subscriptions, ", ")));
	}

event Cluster::websocket_client_lost(endpoint: EndpointInfo, code: count, reason: string)
	{
	Cluster::log(fmt("WebSocket client %s gone with code %d%s", format_endpoint_info(endpoint), code,
	                 reason == "" ? "" : fmt(": %s", reason)));
	}

event Cluster::Backend::error(tag: string, message: string)
	{
	Cluster::log(fmt("%s: %s", tag, message));
	}
