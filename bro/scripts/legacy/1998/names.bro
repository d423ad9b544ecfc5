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
}

function byte_len(s: string): count
	{
	return |s|;
	}
