##! Copies rotated logs to other hosts with ``sftp`` and deletes them here; used like ``scp.bro`` beside it.

module Log;

export {
	## Copies a rotated log to its destinations; nothing happens if there are none.
	##
	## Returns: true unless the command could not be started.
	global sftp_postprocessor: function(info: RotationInfo): bool;

	## A place to copy to.
	type SFTPDestination: record {
		## User there.
		user: string;
		## Host.
		host: string;
		## Port of the host's SSH server.
		host_port: count &default=22;
		## Directory there.
		path: string;
	};

	## Places to copy logs to, by their writer and path.
	global sftp_destinations: table[Writer, string] of set[SFTPDestination];

	## Form of the time in the names of copies.
	const sftp_rotation_date_format = "%Y-%m-%d-%H-%M-%S" &redef;
}

function sftp_postprocessor(info: RotationInfo): bool
	{
	if ( [info$writer, info$path] !in sftp_destinations )
		return T;

	local name = fmt("%s.%s.log", info$path, strftime(sftp_rotation_date_format, info$open));
	local command = "";
	for ( d in sftp_destinations[info$writer, info$path] )
		command += fmt("printf '%%s\\n' %s | sftp -P %d -b - %s;",
		               safe_shell_quote(fmt("put %s %s", safe_shell_quote(info$fname),
		                                    safe_shell_quote(fmt("%s/%s", d$path, name)))), d$host_port,
		               safe_shell_quote(fmt("%s@%s", d$user, d$host)));

	command += fmt("/bin/rm %s", safe_shell_quote(info$fname));
	return system(command) == 0;
	}
