##! Finds access to sensitive files, sensitive users, and names too long to be meant well.  What is sensitive depends on who
##! asks: a guest has no business with what configures a user's account, while the user has.

@load base/frameworks/notice
@load base/protocols/ftp

module FTP;

export {
	redef enum Notice::Type += {
		## A file that nobody should touch over FTP.
		Sensitive_File,
		## A file that guests should not touch.
		Sensitive_File_By_Guest,
		## A session of a user who should not use FTP.
		Sensitive_User,
		## A name so long that it is likely to be an attack on the server.
		Excessive_Name,
	};

	## Paths of files that nobody should touch.
	option sensitive_files = /\/etc\/(master\.)?(passwd|shadow|group|gshadow|security|sudoers)$/ |
	                         /\/etc\/.*pwd.*|\/etc\/inetd\.conf$|\/\.\.\// |
	                         /\/(id_rsa|id_dsa|id_ecdsa|id_ed25519)$|\/SAM$/;

	## Paths of files that guests should not touch: what configures an account.
	option sensitive_files_of_users = /\/\.(rhosts|shosts|netrc|forward|login|logout|profile|[a-z]*rc)$/ |
	                                  /\/\.(bash_[a-z]*|klogin|k5login)$|\/\.ssh\//;

	## Users who should not use FTP.
	option sensitive_users = { "root", "toor", "admin", "administrator", "daemon", "bin", "sys", "lp", "uucp", "nobody" };

	## Commands that look at a file, or change one.  In the area of guests a file such as ``/etc/passwd`` may be harmless,
	## yet that somebody asks for it is worth to know.
	option sensitive_commands = { "RETR", "STOR", "STOU", "APPE", "DELE", "RNFR", "RNTO", "SITE", "SIZE", "MDTM", "MLST" };

	## Bytes of a name beyond which it is excessive.
	option max_name_length = 250;
}

# Whether a session is one of a guest.
function is_guest(info: Info): bool
	{
	return to_lower(info$user) in guest_ids;
	}

event ftp_request(c: connection, command: string, arg: string) &priority=3
	{
	local info = c$ftp;

	if ( |arg| > max_name_length )
		NOTICE(Notice::Info($note=Excessive_Name, $conn=c, $n=|arg|,
		              $msg=fmt("FTP %s with %d bytes from %s", command, |arg|, c$id$orig_h), $sub=arg[:80],
		              $identifier=cat(c$id$orig_h, c$id$resp_h, command)));

	if ( command == "USER" && to_lower(arg) in sensitive_users )
		{
		NOTICE(Notice::Info($note=Sensitive_User, $conn=c, $msg=fmt("FTP session of %s from %s", arg, c$id$orig_h), $sub=arg,
		              $identifier=cat(c$id$orig_h, c$id$resp_h, arg)));
		return;
		}

	if ( command !in sensitive_commands || arg == "" )
		return;

	# As it was sent: a path that goes up is one, whatever it comes out at.
	local sent = starts_with(arg, "/") ? arg : cat(info$cwd == "." ? "" : info$cwd, "/", arg);
	local path = absolute_path(info, arg);

	if ( sensitive_files in path || sensitive_files in sent )
		NOTICE(Notice::Info($note=Sensitive_File, $conn=c,
		              $msg=fmt("%s (%s) %s %s", info$user, c$id$orig_h, command, path), $sub=path,
		              $identifier=cat(c$id$orig_h, c$id$resp_h, command, path)));
	else if ( is_guest(info) && ( sensitive_files_of_users in path || sensitive_files_of_users in sent ) )
		NOTICE(Notice::Info($note=Sensitive_File_By_Guest, $conn=c,
		              $msg=fmt("guest %s (%s) %s %s", info$user, c$id$orig_h, command, path), $sub=path,
		              $identifier=cat(c$id$orig_h, c$id$resp_h, command, path)));
	}
