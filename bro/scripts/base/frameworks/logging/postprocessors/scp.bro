##! Copies rotated logs to other hosts with ``scp`` and deletes them here.
##!
##! Name :bro:see:`Log::scp_postprocessor` as the postprocessor of a filter and add destinations for its writer and path
##! to :bro:id:`Log::scp_destinations`.  The copy must work without a password.

module Log;

export {
	## Copies a rotated log to its destinations; nothing happens if there are none.
	##
	## Returns: true unless the command could not be started.
	global scp_postprocessor: function(info: RotationInfo): bool;

	## A place to copy to.
	type SCPDestination: record {
		## User there.
		user: string;
		## Host.
		host: string;
		## Directory there.
		path: string;
	};

	## Places to copy logs to, by their writer and path.
	global scp_destinations: table[Writer, string] of set[SCPDestination];

	## Form of the time in the names of copies.
	const scp_rotation_date_format = "%Y-%m-%d-%H-%M-%S" &redef;
}

function scp_postprocessor(info: RotationInfo): bool
	{
	if ( [info$writer, info$path] !in scp_destinations )
		return T;

	local name = fmt("%s.%s.log", info$path, strftime(scp_rotation_date_format, info$open));
	local command = "";
	for ( d in scp_destinations[info$writer, info$path] )
		command += fmt("scp %s %s;", safe_shell_quote(info$fname),
		               safe_shell_quote(fmt("%s@%s:%s/%s", d$user, d$host, d$path, name)));

	command += fmt("/bin/rm %s", safe_shell_quote(info$fname));
	return system(command) == 0;
	}
