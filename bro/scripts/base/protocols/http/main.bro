##! The log of HTTP: a row for every request with the reply to it, in http.log.

@load base/frameworks/analyzer
@load base/frameworks/logging
@load base/frameworks/tunnels
@load base/protocols/conn/removal-hooks

module HTTP;

export {
	redef enum Log::ID += {
		## The log of HTTP.
		LOG
	};

	## Decides which rows go into that log.
	global log_policy: Log::PolicyHook;

	## What scripts mark requests with.
	type Tags: enum {
		## Nothing; there because an enumeration cannot be empty.
		EMPTY
	};

	## Whether passwords are kept.
	option default_capture_password = F;

	## Longest string in a row of the log, in bytes.  0: any.
	const default_max_field_string_bytes: count = 0 &redef;

	## A row of http.log.
	type Info: record {
		## When the request was seen, or the reply if there was no request.
		ts: time &log;
		## Unique id of the connection.
		uid: string &log;
		## Endpoints of the connection.
		id: conn_id &log;
		## Number of the request on its connection.
		trans_depth: count &log;
		## What is to be done, such as ``GET``.
		method: string &log &optional;
		## Value of the field ``Host``.
		host: string &log &optional;
		## What it is to be done with.
		uri: string &log &optional;
		## Value of the field ``Referer``, which is misspelled in the protocol.
		referrer: string &log &optional;
		## Version of the protocol that the reply was in.
		version: string &log &optional;
		## Value of the field ``User-Agent``.
		user_agent: string &log &optional;
		## Value of the field ``Origin``.
		origin: string &log &optional;
		## Bytes of the request's content, with content codings undone.
		request_body_len: count &log &default=0;
		## Bytes of the reply's content, with content codings undone.
		response_body_len: count &log &default=0;
		## Status of the reply.
		status_code: count &log &optional;
		## The text behind it.
		status_msg: string &log &optional;
		## Status of the last interim reply (1xx).
		info_code: count &log &optional;
		## The text behind it.
		info_msg: string &log &optional;
		## Marks of scripts.
		tags: set[Tags] &log;
		## Who the client says it is, by basic authentication.
		username: string &log &optional;
		## The password to that, if passwords are kept.
		password: string &log &optional;
		## Fields of the request that proxies add.
		proxied: set[string] &log &optional;

		## Whether the password is kept.
		capture_password: bool &default=default_capture_password;
		## Whether the request asks for parts only.
		range_request: bool &default=F;
	};

	## Requests and replies of a connection.
	type State: record {
		## Those that are not logged yet, by their number.
		pending: table[count] of Info;
		## Number of the request that was seen last.
		current_request: count &default=0;
		## Number of the reply that was seen last.
		current_response: count &default=0;
		## Rows so far.
		trans_depth: count &default=0;
	};

	## Fields of requests that proxies add, in upper case.
	option proxy_headers: set[string] = {
		"FORWARDED", "X-FORWARDED-FOR", "X-FORWARDED-FROM", "CLIENT-IP", "VIA", "XROXY-CONNECTION", "PROXY-CONNECTION",
	};

	## Methods that need no mention: RFC 9110, WebDAV (RFC 4918) and its extensions.
	option http_methods: set[string] = {
		"GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE", "CONNECT",
		"PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "POLL", "REPORT", "SUBSCRIBE", "BMOVE", "SEARCH",
	};

	## Requests that wait for their replies at most.  With more, all of them are logged as they are.  0: any number.
	option max_pending_requests = 100;

	## Which analyzer takes over after an upgrade to a protocol, by the protocol's name in lower case.
	const upgrade_analyzers: table[string] of Analyzer::Tag = {
		["websocket"] = Analyzer::ANALYZER_WEBSOCKET,
	} &redef;

	## Raised with every row of http.log.
	global log_http: event(rec: HTTP::Info);

	## Logs what is open when a connection ends.
	global finalize_http: Conn::RemovalHook;
}

redef record connection += {
	## The request and reply that the current event is about.
	http: Info &optional;
	## All that are open.
	http_state: State &optional;
};

export {
	## Where HTTP is expected.
	const ports = { 80/tcp, 81/tcp, 631/tcp, 1080/tcp, 3128/tcp, 8000/tcp, 8080/tcp, 8888/tcp } &redef;
}

redef likely_server_ports += { ports };

event zeek_init() &priority=5
	{
	Log::create_stream(HTTP::LOG, Log::Stream($columns=Info, $ev=log_http, $path="http", $policy=log_policy,
	                                          $max_field_string_bytes=default_max_field_string_bytes));
	Analyzer::register_for_ports(Analyzer::ANALYZER_HTTP, ports);
	}

## Tells whether a status is of some kind.
##
## c: the status.
##
## min: the lowest of the kind.
##
## max: the highest of the kind.
function code_in_range(c: count, min: count, max: count): bool
	{
	return min <= c && c <= max;
	}

## Begins a row.
##
## c: the connection.
##
## Returns: the row.
function new_http_session(c: connection): Info
	{
	++c$http_state$trans_depth;
	return Info($ts=network_time(), $uid=c$uid, $id=c$id, $trans_depth=c$http_state$trans_depth);
	}

# What is known of a connection's requests and replies, begun if need be.
function state_of(c: connection): State
	{
	if ( ! c?$http_state )
		{
		c$http_state = State();
		Conn::register_removal_hook(c, finalize_http);
		}

	return c$http_state;
	}

## Sets ``c$http`` to what a message belongs to.
##
## c: the connection.
##
## is_orig: whether it is a request.
function set_state(c: connection, is_orig: bool)
	{
	local state = state_of(c);
	local number = is_orig ? state$current_request : state$current_response;

	if ( number !in state$pending )
		state$pending[number] = new_http_session(c);

	c$http = state$pending[number];
	}

# Logs all requests up to the current one, whose replies are not awaited any more.
function give_up_pending(state: State)
	{
	while ( state$current_response < state$current_request )
		{
		++state$current_response;

		if ( state$current_response in state$pending )
			{
			Log::write(HTTP::LOG, state$pending[state$current_response]);
			delete state$pending[state$current_response];
			}
		}
	}

event http_request(c: connection, method: string, original_URI: string, unescaped_URI: string, version: string)
	&priority=5
	{
	local state = state_of(c);

	if ( max_pending_requests > 0 && |state$pending| > max_pending_requests )
		{
		Reporter::conn_weird("HTTP_excessive_pipelining", c);
		give_up_pending(state);
		}

	# Replies that nothing was asked for are not the replies to what is asked now.
	if ( state$current_response > state$current_request )
		{
		Reporter::conn_weird("HTTP_response_before_request", c);
		state$current_request = state$current_response;
		}

	++state$current_request;
	set_state(c, T);
	c$http$method = method;
	c$http$uri = unescaped_URI;

	if ( method !in http_methods )
		Reporter::conn_weird("unknown_HTTP_method", c, method);
	}

# Whether a connection is a tunnel from now on.
function is_tunnel(info: Info): bool
	{
	return info?$method && info$method == "CONNECT" && info$status_code == 200;
	}

event http_reply(c: connection, version: string, code: count, reason: string) &priority=5
	{
	local state = state_of(c);
	local number = state$current_response;

	# Behind an interim reply comes another one to the same request.
	if ( number !in state$pending || ( state$pending[number]?$status_code &&
	                                   ! code_in_range(state$pending[number]$status_code, 100, 199) ) )
		++state$current_response;

	set_state(c, F);
	local info = c$http;
	info$status_code = code;
	info$status_msg = reason;
	info$version = version;

	if ( code_in_range(code, 100, 199) )
		{
		info$info_code = code;
		info$info_msg = reason;
		}

	if ( is_tunnel(info) )
		{
		# Whatever comes from the client may go through it: the tunnel is not of one port.
		local id = copy(c$id);
		id$orig_p = 0/tcp;
		Tunnel::register(Tunnel::EncapsulatingConn($cid=id, $tunnel_type=Tunnel::HTTP));
		}
	}

# Finds out who the client says it is (RFC 7617).
function set_credentials(info: Info, value: string)
	{
	if ( /^[bB][aA][sS][iI][cC][[:blank:]]/ !in value )
		return;

	local credentials = split_string1(decode_base64(strip(value[6:])), /:/);
	info$username = |credentials| == 2 ? credentials[0] : "<problem-decoding>";

	if ( info$capture_password )
		info$password = |credentials| == 2 ? credentials[1] : info$username;
	}

event http_header(c: connection, is_orig: bool, original_name: string, name: string, value: string) &priority=5
	{
	set_state(c, is_orig);

	if ( ! is_orig )
		return;

	local info = c$http;

	switch ( name ) {
	case "HOST":
		info$host = value;
		break;
	case "USER-AGENT":
		info$user_agent = value;
		break;
	case "REFERER":
		info$referrer = value;
		break;
	case "ORIGIN":
		info$origin = value;
		break;
	case "RANGE":
		info$range_request = T;
		break;
	case "AUTHORIZATION", "PROXY-AUTHORIZATION":
		set_credentials(info, value);
		break;
	}

	if ( name in proxy_headers )
		{
		if ( ! info?$proxied )
			info$proxied = set();

		add info$proxied[fmt("%s -> %s", name, value)];
		}
	}

event http_message_done(c: connection, is_orig: bool, stat: http_message_stat) &priority=5
	{
	set_state(c, is_orig);

	if ( is_orig )
		c$http$request_body_len = stat$body_length;
	else
		c$http$response_body_len = stat$body_length;
	}

event http_message_done(c: connection, is_orig: bool, stat: http_message_stat) &priority=-5
	{
	# The reply ends it, unless it is an interim one.  Behind 101 may come HTTP again, through what was switched to.
	if ( is_orig || ( c$http?$status_code && code_in_range(c$http$status_code, 100, 199) ) )
		return;

	Log::write(HTTP::LOG, c$http);
	delete c$http_state$pending[c$http_state$current_response];
	}

hook finalize_http(c: connection)
	{
	if ( ! c?$http_state )
		return;

	for ( _, info in c$http_state$pending )
		Log::write(HTTP::LOG, info);

	clear_table(c$http_state$pending);
	}
