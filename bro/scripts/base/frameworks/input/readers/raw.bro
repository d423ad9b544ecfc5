##! Options of the reader of lines.

module InputRaw;

export {
	## Separates lines.
	const record_separator = "\n" &redef;

	## The command of a stream has ended.
	##
	## name: the stream's name.
	##
	## source: its source, which has the command.
	##
	## exit_code: its status, or the number of the signal that ended it.
	##
	## signal_exit: whether a signal did.
	global process_finished: event(name: string, source: string, exit_code: count, signal_exit: bool);
}
