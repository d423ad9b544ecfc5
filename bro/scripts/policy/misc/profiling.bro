##! Writes what the program is busy with to a file, every :bro:id:`profiling_interval`.

module Profiling;

export {
	## The end of the file's name: what the environment variable ``BRO_LOG_SUFFIX`` or ``ZEEK_LOG_SUFFIX`` says, otherwise
	## ``log``.
	global log_suffix: function(): string;
}

function log_suffix(): string
	{
	local suffix = getenv("BRO_LOG_SUFFIX");

	if ( suffix == "" )
		suffix = getenv("ZEEK_LOG_SUFFIX");

	return suffix == "" ? "log" : suffix;
	}

redef profiling_file = open(fmt("prof.%s", Profiling::log_suffix()));
redef profiling_interval = 15 secs;
redef expensive_profiling_multiple = 20;

event zeek_init()
	{
	# What is there is to be seen while the program runs.
	set_buf(profiling_file, F);
	}
