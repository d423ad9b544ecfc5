##! Running commands and getting their output, without waiting for them: for `when` statements.

module Exec;

export {
	## A command to run.
	type Command: record {
		## The command line, for a shell.  What comes from traffic must go through :bro:id:`safe_shell_quote`.
		cmd: string;
		## What the command gets on its standard input.
		stdin: string &default="";
		## Files to read when the command has ended.
		read_files: set[string] &optional;
		## Names the run.
		uid: string &default=unique_id("");
	};

	## How a command ended.
	type Result: record {
		## Its status.
		exit_code: count &default=0;
		## Whether a signal ended it; then the status is the signal's number.
		signal_exit: bool &default=F;
		## The lines it wrote to standard output.
		stdout: vector of string &optional;
		## The lines it wrote to standard error.
		stderr: vector of string &optional;
		## The lines of the files to read; those that cannot be read are missing.
		files: table[string] of string_vec &optional;
	};

	## A line of output.
	type OneLine: record {
		## The line.
		s: string;
		## Whether it came on standard error.
		is_stderr: bool;
	};

	## A line of a file.
	type FileLine: record {
		## The line.
		s: string;
	};

	## Runs a command.  This can only be called in the condition of a `when` statement.
	##
	## cmd: the command.
	##
	## Returns: how it ended, when it has.
	global run: function(cmd: Command): Result;

	## Raised for every line that a command wrote, once it has ended, before what waits for it goes on.
	##
	## description: the run: its source is the command line, its name that of the run.
	##
	## tpe: always EVENT_NEW.
	##
	## s: the line.
	##
	## is_stderr: whether it came on standard error.
	global line: event(description: Input::EventDescription, tpe: Input::Event, s: string, is_stderr: bool);

	## Raised for every line of the files that were to be read, once the command has ended.
	##
	## description: the file: it is the source, and the name is that of the run and the file's.
	##
	## tpe: always EVENT_NEW.
	##
	## s: the line.
	global file_line: event(description: Input::EventDescription, tpe: Input::Event, s: string);
}

# Raises the events for what a command has written.
function tell_lines(cmd: Command, found: Result)
	{
	local run_lines = Input::EventDescription($source=cmd$cmd, $name=cmd$uid, $reader=Input::READER_RAW, $fields=OneLine,
	                                          $want_record=F, $ev=Exec::line);

	if ( found?$stdout )
		for ( _, out in found$stdout )
			event Exec::line(run_lines, Input::EVENT_NEW, out, F);

	if ( found?$stderr )
		for ( _, err in found$stderr )
			event Exec::line(run_lines, Input::EVENT_NEW, err, T);

	if ( ! found?$files )
		return;

	for ( name, lines in found$files )
		{
		local of_file = Input::EventDescription($source=name, $name=fmt("%s_%s", cmd$uid, name),
		                                        $reader=Input::READER_RAW, $fields=FileLine, $want_record=F,
		                                        $ev=Exec::file_line);
		for ( _, text in lines )
			event Exec::file_line(of_file, Input::EVENT_NEW, text);
		}
	}

function run(cmd: Command): Result
	{
	local files: string_vec = vector();

	if ( cmd?$read_files )
		for ( name in cmd$read_files )
			files += name;

	return when [cmd, files] ( local found = Exec::__run(cmd$cmd, cmd$stdin, files) )
		{
		tell_lines(cmd, found as Result);
		return found as Result;
		}
	}
