##! Software of FTP: servers by their greeting, clients by the command CLNT.

@load base/frameworks/software
@load base/protocols/ftp

module FTP;

export {
	redef enum Software::Type += {
		## A client of FTP.
		CLIENT,
		## A server of FTP.
		SERVER,
	};
}

event ftp_request(c: connection, command: string, arg: string) &priority=4
	{
	if ( command == "CLNT" && arg != "" )
		Software::found(c$id, Software::Info($unparsed_version=arg, $host=c$id$orig_h, $software_type=CLIENT));
	}

event ftp_reply(c: connection, code: count, msg: string, cont_resp: bool) &priority=4
	{
	# A greeting names software where a version is, as in "220 (vsFTPd 3.0.3)".
	if ( code != 220 || c$ftp$command_seq != 0 )
		return;

	local found = find_first(msg, /[A-Za-z][A-Za-z0-9_-]*( Server)?[ \/]v?[0-9]+(\.[0-9]+)+[a-z0-9]*/);

	if ( found != "" )
		Software::found(c$id, Software::Info($unparsed_version=found, $host=c$id$resp_h,
		                                     $host_p=c$id$resp_p, $software_type=SERVER));
	}
