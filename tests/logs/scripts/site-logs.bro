##! Logs as sites shape them: further columns, extensions, paths by content, filters with policies, rotation.

module SiteLogs;

redef record Conn::Info += {
	is_big: bool &default=F &log;
	tags: set[string] &optional &log;
};

redef record HTTP::Info += {
	header_count: count &log &optional;
};

redef record HTTP::Info$user_agent -= { &log };

type Extension: record {
	write_ts: time &log;
	stream: string &log;
};

function extend(path: string): Extension
	{
	return Extension($write_ts=network_time(), $stream=path);
	}

function by_status(id: Log::ID, path: string, rec: HTTP::Info): string
	{
	return path + (rec?$status_code && rec$status_code >= 400 ? "_error" : "_ok");
	}

function by_protocol(id: Log::ID, path: string, rec: any): string
	{
	return fmt("%s_%s", path, (rec as Conn::Info)$proto);
	}

hook only_tcp(rec: Conn::Info, id: Log::ID, filter: Log::Filter)
	{
	if ( rec$proto != tcp )
		break;
	}

event bro_init() &priority=-5
	{
	Log::remove_default_filter(HTTP::LOG);
	Log::add_filter(HTTP::LOG, [$name="split", $path_func=by_status]);

	local f = Log::get_filter(Conn::LOG, "default");
	f$path_func = by_protocol;
	Log::add_filter(Conn::LOG, f);

	Log::add_filter(Conn::LOG, Log::Filter($name="tags", $path="tags", $policy=only_tcp,
	                                       $include=set("_write_ts", "ts", "id.orig_h", "id.resp_h", "is_big", "tags"),
	                                       $ext_func=extend, $scope_sep=".",
	                                       $field_name_map=table(["id.orig_h"] = "src", ["id.resp_h"] = "dst")));
	Log::add_filter(Conn::LOG, [$name="json", $path="conn_json", $pred(rec: Conn::Info) = { return rec$proto == tcp; },
	                            $config=table(["use_json"] = "T", ["json_timestamps"] = "JSON::TS_MILLIS")]);
	Log::disable_stream(Files::LOG);
	}

hook HTTP::log_policy(rec: HTTP::Info, id: Log::ID, filter: Log::Filter)
	{
	if ( rec?$uri && rec$uri == "/pixel.png" )
		break;
	}

event http_header(c: connection, is_orig: bool, name: string, value: string)
	{
	if ( ! is_orig )
		return;
	if ( ! c$http?$header_count )
		c$http$header_count = 0;
	++c$http$header_count;
	}

event connection_state_remove(c: connection)
	{
	c$conn$is_big = c$orig$size + c$resp$size > 1000;
	c$conn$tags = set();

	if ( c$conn$is_big )
		add c$conn$tags["big"];
	if ( c?$http )
		add c$conn$tags["web"];
	}
