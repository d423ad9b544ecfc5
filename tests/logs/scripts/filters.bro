# What filters of streams can do.
type Origin: record { written: time &log; log: string &log; };

function by_status(id: Log::ID, path: string, rec: HTTP::Info): string
	{
	return rec?$status_code && rec$status_code == 200 ? "http-good" : "http-bad";
	}

hook second_only(rec: HTTP::Info, id: Log::ID, filter: Log::Filter) { if ( rec$trans_depth != 2 ) break; }
hook HTTP::log_policy(rec: HTTP::Info, id: Log::ID, filter: Log::Filter) { if ( rec$uri == "/missing" && filter$name == "default" ) break; }

event zeek_init()
	{
	Log::add_filter(HTTP::LOG, [$name="status", $path_func=by_status, $include=set("ts", "id.orig_h", "uri", "status_code")]);
	Log::add_filter(HTTP::LOG, [$name="json", $path="http-json", $exclude=set("uid", "tags"), $config=table(["use_json"] = "T"), $policy=second_only]);
	Log::add_filter(HTTP::LOG, [$name="extended", $path="http-extended", $include=set("uri", "_written", "_log"),
	                            $ext_func=function(path: string): Origin { return Origin($written=network_time(), $log=path); }]);
	Log::add_filter(HTTP::LOG, [$name="plain", $path="http-plain", $include=set("uri", "host"), $config=table(["separator"] = "|", ["include_meta"] = "F")]);
	local filter = Log::get_filter(Conn::LOG, "default");
	filter$field_name_map = table(["id.orig_h"] = "src", ["id.resp_h"] = "dst");
	filter$include = set("ts", "id.orig_h", "id.resp_h", "proto");
	filter$interv = 1min;
	Log::add_filter(Conn::LOG, filter);
	Log::disable_stream(Files::LOG);
	Log::remove_default_filter(PacketFilter::LOG);
	}
