##! Deletes what was written to the capture file of option ``-w`` from time to time, and begins it anew: so there is always
##! something to look at from the last minutes, and disks do not fill up.

module TrimTraceFile;

export {
	## How often.
	const trim_interval = 10 mins &redef;

	## It is time to begin the file anew.
	##
	## first_trim: whether the file has only begun, so that there is nothing to delete yet.
	global go: event(first_trim: bool);
}

event TrimTraceFile::go(first_trim: bool)
	{
	if ( zeek_is_terminating() || trace_output_file == "" )
		return;

	if ( ! first_trim )
		{
		local info = rotate_file_by_name(trace_output_file);
		if ( info$new_name != "" )
			unlink(info$new_name);
		}

	schedule trim_interval { TrimTraceFile::go(F) };
	}

event zeek_init()
	{
	if ( trace_output_file != "" )
		event TrimTraceFile::go(T);
	}
