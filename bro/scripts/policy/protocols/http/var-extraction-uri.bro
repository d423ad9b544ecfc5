##! Logs the names of the variables in URIs, without their values.

@load base/protocols/http

module HTTP;

redef record Info += {
	## Names of the variables in the URI.
	uri_vars: vector of string &log &optional;
};

event http_request(c: connection, method: string, original_URI: string, unescaped_URI: string, version: string)
	&priority=2
	{
	local parts = split_string1(original_URI, /\?/);

	if ( c?$http && |parts| == 2 )
		c$http$uri_vars = extract_keys(parts[1], /&/);
	}
