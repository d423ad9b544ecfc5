##! Storage on a Redis server.  It needs the Python package ``redis``, which ``pip install bro-nsm[redis]`` brings; where
##! that is missing, opening such storage fails and says so.

@load base/frameworks/storage/main

module Storage::Backend::Redis;

export {
	## How long to wait for a connection, unless the options of a backend say otherwise.
	const default_connect_timeout: interval = 5 secs &redef;

	## How long to wait for the answer to an operation, unless the options of a backend say otherwise.
	const default_operation_timeout: interval = 5 secs &redef;

	## Options of such storage.  There has to be either a host with its port, or a socket.
	type Options: record {
		## Name or address of the server.
		server_host: string &optional;
		## Its port.
		server_port: port &default=6379/tcp;
		## Path of the socket of a server on the same machine, instead of host and port.
		server_unix_socket: string &default="";
		## Goes before every key, with a colon, so that several users of a server are apart.
		key_prefix: string &default="";
		## How long to wait for a connection.
		connect_timeout: interval &default=default_connect_timeout;
		## How long to wait for the answer to an operation.
		operation_timeout: interval &default=default_operation_timeout;
		## Who uses the server, if that asks for it.
		username: string &default="";
		## The password, if the server asks for one.
		password: string &default="";
	};
}

redef record Storage::BackendOptions += {
	## Options of storage on a Redis server.
	redis: Storage::Backend::Redis::Options &optional;
};
