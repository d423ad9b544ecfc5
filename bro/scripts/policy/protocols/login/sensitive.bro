##! Notices of logins: users and commands that a site wants to hear of, attempts to lead the monitor astray, and dialogs
##! that cannot be followed.

@load base/frameworks/notice
@load ./main

module Login;

export {
	redef enum Notice::Type += {
		## Somebody logged in as a user of :bro:id:`Login::hot_users`.
		Sensitive_Login,
		## Somebody tried to, and was refused.
		Sensitive_Login_Attempt,
		## Somebody typed a prompt of a server, or its answer.
		Possible_Ploy,
		## A dialog cannot be followed.
		Confused_Dialog,
		## A user typed something that matches :bro:id:`Login::hot_input`.
		Sensitive_Input,
		## A remote shell was asked for something that matches :bro:id:`Login::hot_input`.
		Sensitive_Remote_Command,
	};

	## Users who do not log in over an unencrypted connection.  One is recognized however it was typed.
	option hot_users: set[string] = { "root", "toor", "daemon", "bin", "sys", "uucp", "lp", "sync", "nobody", "admin" };

	## Users who do that, by the host they come from.
	option allowed_users: set[addr, string] = {};

	## What a user does not type.
	option hot_input = /\/etc\/(shadow|master\.passwd)|rm -rf? \/( |$|\*)|(cat|echo).*>>? *\/etc\/passwd|\.rhosts|\+ \+|unset HISTFILE|insmod /;
}

function hot_user(c: connection, user: string): string
	{
	for ( reading in readings(user) )
		if ( reading in hot_users && [c$id$orig_h, reading] !in allowed_users )
			return reading;

	return "";
	}

event login_success(c: connection, user: string, client_user: string, password: string, line: string)
	{
	local who = hot_user(c, user);
	if ( who != "" )
		NOTICE(Notice::Info($note=Sensitive_Login, $conn=c, $msg=fmt("%s logged in as %s", c$id$orig_h, who),
		                    $sub=user, $identifier=cat(c$id$orig_h, c$id$resp_h, who)));
	}

event login_failure(c: connection, user: string, client_user: string, password: string, line: string)
	{
	local who = hot_user(c, user);
	if ( who != "" )
		NOTICE(Notice::Info($note=Sensitive_Login_Attempt, $conn=c,
		                    $msg=fmt("%s tried to log in as %s", c$id$orig_h, who), $sub=user,
		                    $identifier=cat(c$id$orig_h, c$id$resp_h, who)));
	}

event possible_telnet_ploy(c: connection, line: string)
	{
	NOTICE(Notice::Info($note=Possible_Ploy, $conn=c, $identifier=c$uid,
	                    $msg=fmt("%s typed what servers print while somebody logs in", c$id$orig_h), $sub=line));
	}

event login_confused(c: connection, msg: string, line: string)
	{
	if ( msg != "possible_login_ploy" )
		NOTICE(Notice::Info($note=Confused_Dialog, $conn=c, $identifier=c$uid, $msg=msg, $sub=line));
	}

event login_input_line(c: connection, line: string)
	{
	for ( reading in readings(line) )
		if ( hot_input in reading )
			{
			NOTICE(Notice::Info($note=Sensitive_Input, $conn=c, $msg=reading, $identifier=cat(c$uid, reading)));
			return;
			}
	}

event rsh_request(c: connection, client_user: string, server_user: string, line: string, new_session: bool)
	{
	if ( hot_input in line )
		NOTICE(Notice::Info($note=Sensitive_Remote_Command, $conn=c, $msg=line, $identifier=cat(c$uid, line),
		                    $sub=fmt("%s as %s", client_user, server_user)));
	}
