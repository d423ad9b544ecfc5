##! Options of the reader of options.

module InputConfig;

export {
	## Separates the elements of sets and vectors.
	const set_separator = Input::set_separator &redef;

	## Stands for an empty string, set or vector.
	const empty_field = "" &redef;

	## Whether a file that cannot be read ends the stream; otherwise it is looked at again.
	const fail_on_file_problem = F &redef;

	## The file has another value for an option than before.
	##
	## name: name of the stream.
	##
	## source: the file.
	##
	## id: name of the option.
	##
	## value: the value, of the option's type.
	global new_value: event(name: string, source: string, id: string, value: any);
}
