##! Showing how a script got to where it is.

## Writes the calls that led here, the latest first.
##
## show_args: whether to show the arguments of the calls.
##
## one_line: whether to write all calls in one line.
##
## one_line_delim: what stands between the calls in one line.
##
## skip: how many calls to leave out; the first one is that of this function.
##
## to_file: where to write.
function print_backtrace(show_args: bool &default=F, one_line: bool &default=F, one_line_delim: string &default="|",
                         skip: count &default=1, to_file: file &default=open("/dev/stdout"))
	{
	local lines: string_vec = vector();

	for ( i, call in backtrace() )
		{
		# The very first one is that of backtrace() here.
		if ( i <= skip )
			next;

		local args: string_vec = vector();

		if ( show_args )
			for ( _, arg in call$function_args )
				args += arg?$value ? fmt("%s: %s=%s", arg$name, arg$type_name, arg$value) : fmt("%s: %s", arg$name, arg$type_name);

		local place = call?$file_location ? fmt(" at %s:%d", call$file_location, call?$line_location ? call$line_location : 0) : "";
		lines += fmt("#%d  %s(%s)%s", i - skip - 1, call$function_name, join_string_vec(args, ", "), place);
		}

	if ( one_line )
		print to_file, cat(one_line_delim, join_string_vec(lines, one_line_delim), one_line_delim);
	else
		for ( _, line in lines )
			print to_file, line;
	}
