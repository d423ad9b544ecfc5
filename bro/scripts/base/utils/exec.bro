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
}

function run(cmd: Command): Result
	{
	local files: string_vec = vector();

	if ( cmd?$read_files )
		for ( name in cmd$read_files )
			files += name;

	return when [cmd, files] ( local found = Exec::__run(cmd$cmd, cmd$stdin, files) )
		{
		return found as Result;
		}
	}
