##! Values of options out of files, which are read again when they change.
##!
##! A line has the name of an option, blanks, and its value; the elements of sets and vectors are separated by commas.

@load base/frameworks/config/main

module Config;

export {
	## The files.
	const config_files: set[string] = {} &redef;

	## Reads a file, and again when it changes.
	##
	## filename: the file.
	global read_config: function(filename: string);

	## A row of such a file, with the value in whole.
	type ConfigItem: record {
		## The value.
		option_nv: string;
	};

	## A row of such a file.
	type EventFields: record {
		## Name of the option.
		option_name: string;
		## Its value as text.
		option_val: string;
	};
}

event config_line(description: Input::EventDescription, tpe: Input::Event, p: EventFields)
	{
	}

event InputConfig::new_value(name: string, source: string, id: string, value: any)
	{
	if ( starts_with(name, "config-") )
		Config::set_value(id, value, source);
	}

function read_config(filename: string)
	{
	Input::add_event(Input::EventDescription($source=filename, $name=cat("config-", filename),
	                                         $reader=Input::READER_CONFIG, $mode=Input::REREAD,
	                                         $fields=EventFields, $ev=config_line));
	}

event zeek_init() &priority=5
	{
	for ( name in config_files )
		read_config(name);
	}
