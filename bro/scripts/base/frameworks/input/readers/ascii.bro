##! Options of the reader of tables in text files.  Each can be given for one stream under its name in ``$config``.

module InputAscii;

export {
	## Separates columns.
	const separator = Input::separator &redef;

	## Separates the elements of sets and vectors.
	const set_separator = Input::set_separator &redef;

	## Stands for an empty string, set or vector.
	const empty_field = Input::empty_field &redef;

	## Stands for a field without value.
	const unset_field = Input::unset_field &redef;

	## Whether a line that cannot be read ends the stream; otherwise it is left out with a warning.
	const fail_on_invalid_lines = F &redef;

	## Whether a file that cannot be read ends the stream; otherwise it is looked at again.
	const fail_on_file_problem = F &redef;

	## Where files with relative paths are.
	const path_prefix = "" &redef;
}
