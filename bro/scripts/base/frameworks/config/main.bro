##! Changes of options while the program runs, and the log of them.

module Config;

export {
	redef enum Log::ID += { LOG };

	global log_policy: Log::PolicyHook;

	## A row of config.log: an option was changed.
	type Info: record {
		## When.
		ts: time &log;
		## Name of the option.
		id: string &log;
		## What it was.
		old_value: string &log;
		## What it is.
		new_value: string &log;
		## Where the value comes from, such as the name of a file.
		location: string &optional &log;
	};

	## Raised with every row of config.log.
	global log_config: event(rec: Info);

	## Changes an option.
	##
	## ID: its name.
	##
	## val: its new value.
	##
	## location: where the value comes from.
	##
	## Returns: whether it was changed; false, for instance, if the value is of another type.
	global set_value: function(ID: string, val: any, location: string &default="" &optional): bool;
}

function set_value(ID: string, val: any, location: string &default="" &optional): bool
	{
	return Option::set(ID, val, location);
	}

# A value as a file of options has it: the elements of sets and vectors with commas between them.
function format_value(value: any): string
	{
	local kind = type_name(value);

	if ( /^set\[[^,]*\]/ in kind )
		value = Option::any_set_to_any_vec(value);
	else if ( /^vector/ !in kind )
		return cat(value);

	local parts: vector of string = vector();
	local elements = value as any_vec;
	for ( i in elements )
		parts += cat(elements[i]);
	return join_string_vec(parts, ",");
	}

# Hears of all changes after everybody else did, when the value is the one that will be.
function config_option_changed(ID: string, new_value: any, location: string): any
	{
	local rec = Info($ts=network_time(), $id=ID, $old_value=format_value(lookup_ID(ID)),
	                 $new_value=format_value(new_value));
	if ( location != "" )
		rec$location = location;

	Log::write(LOG, rec);
	return new_value;
	}

event zeek_init() &priority=10
	{
	Log::create_stream(LOG, Log::Stream($columns=Info, $ev=log_config, $path="config", $policy=log_policy));

	for ( name in global_options() )
		Option::set_change_handler(name, config_option_changed, -100);
	}
