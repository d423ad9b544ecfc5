##! Logs the names of the header fields of messages, in their order: it tells programs apart.

@load base/protocols/http

module HTTP;

export {
	redef record Info += {
		## Names of the header fields that the client sent.
		client_header_names: vector of string &log &optional;
		## Names of the header fields that the server sent.
		server_header_names: vector of string &log &optional;
	};

	## Whether names of what clients send are logged.
	option log_client_header_names = T;

	## Whether names of what servers send are logged.
	option log_server_header_names = F;
}

event http_header(c: connection, is_orig: bool, original_name: string, name: string, value: string) &priority=3
	{
	if ( ! c?$http )
		return;

	if ( is_orig )
		{
		if ( ! log_client_header_names )
			return;

		if ( ! c$http?$client_header_names )
			c$http$client_header_names = vector();

		c$http$client_header_names += name;
		}
	else if ( log_server_header_names )
		{
		if ( ! c$http?$server_header_names )
			c$http$server_header_names = vector();

		c$http$server_header_names += name;
		}
	}
