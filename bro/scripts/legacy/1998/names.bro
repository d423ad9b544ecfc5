##! What has another name today, and where the statement ``log`` writes.

module Legacy;

export {
	## The socket of syslog, which gets the messages of ``log`` statements.  Empty: they go to a file.
	const syslog_socket = "/dev/log" &redef;

	## The file that gets them where there is no syslog.
	const log_file = "notifications.log" &redef;
}

module GLOBAL;

export {
	## Tells how long a string is; NUL is a byte as all others.
	##
	## s: the string.
	##
	## Returns: its number of bytes.
	global byte_len: function(s: string): count;

	## Raised when the program gets a signal: one that ends it, or SIGHUP, SIGUSR1 or SIGUSR2, which do nothing else
	## where this event is handled.
	##
	## signal: Its number.
	global bro_signal: event(signal: count);
}

function byte_len(s: string): count
	{
	return |s|;
	}
