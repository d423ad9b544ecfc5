##! Logs the names of the cookies that clients send, without their values.

@load base/protocols/http

module HTTP;

redef record Info += {
	## Names of the cookies.
	cookie_vars: vector of string &log &optional;
};

event http_header(c: connection, is_orig: bool, original_name: string, name: string, value: string) &priority=2
	{
	if ( is_orig && name == "COOKIE" && c?$http )
		c$http$cookie_vars = extract_keys(value, /;[[:blank:]]*/);
	}
