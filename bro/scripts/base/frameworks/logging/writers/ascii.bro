##! Options of the writer of text files.  Each can also be set for a filter alone, in its ``config`` and under its name
##! here, such as ``table(["use_json"] = "T")``.

module LogAscii;

export {
	## Whether to write one JSON object a line instead of separated values.
	const use_json = F &redef;

	## Form of times in JSON.
	const json_timestamps: JSON::TimestampFormat = JSON::TS_EPOCH &redef;

	## Whether JSON states ``null`` for fields without a value, instead of leaving them out.
	const json_include_unset_fields = F &redef;

	## Whether to write to the standard output instead of files.
	const output_to_stdout = F &redef;

	## Whether valid UTF-8 is written as it is rather than escaped.  JSON always has it as it is.
	const enable_utf_8 = T &redef;

	## Level of gzip compression, 1 to 9; 0: none.
	const gzip_level = 0 &redef;

	## What is appended to the names of compressed files, after a dot.
	const gzip_file_extension = "gz" &redef;

	## Whether logs have a header that describes them.
	const include_meta = T &redef;

	## Goes before the lines of that header.
	const meta_prefix = "#" &redef;

	## Separates columns.
	const separator = Log::separator &redef;

	## Separates the elements of sets and vectors.
	const set_separator = Log::set_separator &redef;

	## Stands for an empty string, set or vector.
	const empty_field = Log::empty_field &redef;

	## Stands for a field without a value.
	const unset_field = Log::unset_field &redef;

	## Whether logs that an earlier run left behind without rotating them are rotated at the start.
	const enable_leftover_log_rotation = F &redef;
}

module Log;

export {
	## Processes rotated text files: runs the command of :bro:id:`Log::default_rotation_postprocessor_cmd`.
	global default_ascii_rotation_postprocessor_func: function(info: RotationInfo): bool;
}

function default_ascii_rotation_postprocessor_func(info: RotationInfo): bool
	{
	return run_rotation_postprocessor_cmd(info, info$fname);
	}

redef default_rotation_postprocessors += { [WRITER_ASCII] = default_ascii_rotation_postprocessor_func };
