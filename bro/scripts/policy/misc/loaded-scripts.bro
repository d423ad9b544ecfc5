##! The scripts that were loaded, in order: loaded_scripts.log.  Indentation shows which script loaded which.

@load base/frameworks/logging

module LoadedScripts;

export {
	redef enum Log::ID += {
		## The log of scripts.
		LOG
	};

	## Decides which rows go into that log.
	global log_policy: Log::PolicyHook;

	## A row of loaded_scripts.log.
	type Info: record {
		## The script, indented by how deep it is in what others load.
		name: string &log;
	};
}

# Scripts that were loaded before the log could be created.
global waiting: vector of string = vector();
global created = F;

# Blanks for a depth.
function get_indent(level: count): string
	{
	return string_fill(level * 2, "  ");
	}

event zeek_init() &priority=5
	{
	Log::create_stream(LoadedScripts::LOG, Log::Stream($columns=Info, $path="loaded_scripts", $policy=log_policy));
	created = T;

	for ( _, name in waiting )
		Log::write(LOG, Info($name=name));
	waiting = vector();
	}

event zeek_script_loaded(path: string, level: count)
	{
	local name = cat(get_indent(level), compress_path(path));

	if ( created )
		Log::write(LOG, Info($name=name));
	else
		waiting += name;
	}
