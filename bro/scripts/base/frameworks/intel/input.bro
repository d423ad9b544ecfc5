##! Indicators out of files, which are read again when they change.
##!
##! A file has columns as :bro:type:`Intel::Item` has fields: ``indicator``, ``indicator_type``, ``meta.source`` and so on.

@load ./main

module Intel;

export {
	## The files.
	const read_files: set[string] = {} &redef;

	## Where files with relative paths are.
	const path_prefix = "" &redef;

	## Raised with each row of a file.
	global read_entry: event(desc: Input::EventDescription, tpe: Input::Event, item: Intel::Item);

	## Raised when something is wrong with a file.
	global read_error: event(desc: Input::EventDescription, message: string, level: Reporter::Level);
}

event Intel::read_entry(desc: Input::EventDescription, tpe: Input::Event, item: Intel::Item)
	{
	Intel::insert(item);
	}

event Intel::read_error(desc: Input::EventDescription, message: string, level: Reporter::Level)
	{
	# The input framework has reported it.
	}

event zeek_init() &priority=5
	{
	for ( name in read_files )
		{
		# The reader puts its own prefix before it, if that is set.
		local source = path_prefix != "" && name[0] != "/" ? path_prefix + "/" + name : name;

		Input::add_event(Input::EventDescription($source=source, $reader=Input::READER_ASCII, $mode=Input::REREAD,
		                                         $name=cat("intel-", name), $fields=Intel::Item,
		                                         $ev=Intel::read_entry, $error_ev=Intel::read_error));
		}
	}
