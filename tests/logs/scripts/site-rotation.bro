##! A log of a site's own, written in several ways at once, with empty aggregates written out, rotated into a folder.

module Wr;

export {
	redef enum Log::ID += { LOG };

	type Deep: record {
		p: port &log;
	};
	type Info: record {
		ts: time &log;
		s: string &log;
		v: vector of string &log &optional;
		n: count &log;
		deep: Deep &log &optional;
	};
}

redef Log::default_rotation_interval = 1min;
redef Log::default_rotation_dir = "rotated";

function name_of(ri: Log::RotationFmtInfo): Log::RotationPath
	{
	return [$file_basename=fmt("%s-%s", ri$path, strftime("%H%M", ri$open))];
	}

redef Log::rotation_format_func = name_of;

function rotated(info: Log::RotationInfo): bool
	{
	print "rotated", info$path, info$terminating, info$fname;
	return T;
	}

redef Log::default_rotation_postprocessors += { [Log::WRITER_ASCII] = rotated };

event zeek_init()
	{
	Log::create_stream(LOG, [$columns=Info, $path="wr"]);
	Log::add_filter(LOG, [$name="csv", $path="csv",
	                      $config=table(["separator"] = ",", ["set_separator"] = "|", ["unset_field"] = "NULL",
	                                    ["empty_field"] = "EMPTY", ["only_single_header_row"] = "T")]);
	Log::disable_stream(PacketFilter::LOG);
	Log::disable_stream(Conn::LOG);
	Log::disable_stream(DNS::LOG);
	}

event new_connection(c: connection)
	{
	Log::write(LOG, [$ts=network_time(), $s="a,b\"c", $n=1, $v=vector("x", "y|z", ""), $deep=Deep($p=c$id$resp_p)]);
	Log::write(LOG, [$ts=network_time(), $s="", $n=0, $v=vector()]);
	}

event zeek_done()
	{
	print Log::remove_filter(LOG, "nope");
	}
