##! Interactive logins over Telnet, rlogin and rsh: their analyzers on the usual ports, and login.log, a row for each
##! attempt to log in and each command of a remote shell.

@load base/frameworks/analyzer
@load base/frameworks/logging
@load base/protocols/conn
@load ./dialog

module Login;

export {
	redef enum Log::ID += {
		## The log of logins.
		LOG
	};

	## Decides which rows are written.
	global log_policy: Log::PolicyHook;

	## Ports of Telnet.
	const telnet_ports = { 23/tcp } &redef;

	## Ports of rlogin.
	const rlogin_ports = { 513/tcp } &redef;

	## Ports of rsh.
	const rsh_ports = { 514/tcp } &redef;

	## Whether passwords are logged.
	option log_passwords = F;

	## What became of an attempt.
	type Outcome: enum {
		## The connection ended before that was clear.
		UNKNOWN,
		## The user is in.
		SUCCESS,
		## The user was refused.
		FAILURE,
		## The host asks for no authentication.
		SKIPPED,
		## The dialog could not be followed.
		CONFUSED,
		## What followed is encrypted.
		ENCRYPTED,
	};

	## A row of login.log.
	type Info: record {
		## When the attempt was made.
		ts: time &log;
		## The connection's unique id.
		uid: string &log;
		## Its endpoints.
		id: conn_id &log;
		## The protocol: ``telnet``, ``rlogin`` or ``rsh``.
		service: string &log &optional;
		## What became of it.
		outcome: Outcome &log;
		## Who, as typed.
		user: string &log &optional;
		## Who it is in other readings: with one or both of the keys that delete taken for such.
		readings: set[string] &log &optional;
		## Who the client's host says the user is.
		client_user: string &log &optional;
		## The password, if that is wanted.
		password: string &log &optional;
		## The client's kind of terminal.
		terminal: string &log &optional;
		## The command of a remote shell.
		command: string &log &optional;
		## The server's line that tells, or why the dialog could not be followed.
		message: string &log &optional;
	};

	## What is known of a connection.
	type State: record {
		## The client's kind of terminal.
		terminal: string &optional;
		## Whom it was tried to log in as; the last is who is in, if somebody is.
		users: vector of string &default=vector();
		## Whether somebody is in.
		logged_in: bool &default=F;
	};

	redef record connection += {
		## What is known of a login.
		login: State &optional;
	};

	redef record Conn::Info += {
		## Names by which users logged in or tried to, in that order.
		login_users: vector of string &log &optional;
	};

	## Raised with every row of login.log.
	global log_login: event(rec: Info);

	## All readings of what was typed: as it is, and with one or both of the keys that delete taken for such, since the
	## monitor does not know which key that is on the server (Paxson 1998, section 6.4).
	global readings: function(typed: string): set[string];
}

redef likely_server_ports += { telnet_ports, rlogin_ports, rsh_ports };

event zeek_init() &priority=5
	{
	Log::create_stream(LOG, Log::Stream($columns=Info, $ev=log_login, $path="login", $policy=log_policy));
	Analyzer::register_for_ports(Analyzer::ANALYZER_TELNET, telnet_ports);
	Analyzer::register_for_ports(Analyzer::ANALYZER_RLOGIN, rlogin_ports);
	Analyzer::register_for_ports(Analyzer::ANALYZER_RSH, rsh_ports);
	}

function readings(typed: string): set[string]
	{
	local found: set[string] = { typed };
	local bs = "\x08";
	local del = "\x7f";
	add found[edit(typed, bs)];
	add found[edit(typed, del)];
	# Both keys delete.
	add found[edit(subst_string(typed, del, bs), bs)];
	return found;
	}

function state_of(c: connection): State
	{
	if ( ! c?$login )
		c$login = State();

	return c$login;
	}

function service_of(c: connection): string
	{
	if ( c$id$resp_p in rlogin_ports )
		return "rlogin";
	return c$id$resp_p in rsh_ports ? "rsh" : "telnet";
	}

function write(c: connection, outcome: Outcome, user: string, client_user: string, password: string, message: string)
	{
	local state = state_of(c);
	local row = Info($ts=network_time(), $uid=c$uid, $id=c$id, $service=service_of(c), $outcome=outcome);

	if ( user != "" )
		{
		row$user = user;
		state$users += user;
		local others = readings(user);
		delete others[user];
		if ( |others| > 0 )
			row$readings = others;
		}

	if ( client_user != "" )
		row$client_user = client_user;
	if ( log_passwords && password != "" )
		row$password = password;
	if ( state?$terminal )
		row$terminal = state$terminal;
	if ( message != "" )
		row$message = message;

	Log::write(LOG, row);
	}

event login_terminal(c: connection, terminal: string)
	{
	state_of(c)$terminal = terminal;
	}

event login_success(c: connection, user: string, client_user: string, password: string, line: string)
	{
	state_of(c)$logged_in = T;
	write(c, SUCCESS, user, client_user, password, line);
	}

event login_failure(c: connection, user: string, client_user: string, password: string, line: string)
	{
	write(c, FAILURE, user, client_user, password, line);
	}

event authentication_skipped(c: connection)
	{
	write(c, SKIPPED, "", "", "", "");
	}

event authentication_accepted(name: string, c: connection)
	{
	state_of(c)$logged_in = T;
	write(c, SUCCESS, name, "", "", "accepted by the option for authentication");
	}

event authentication_rejected(name: string, c: connection)
	{
	write(c, FAILURE, name, "", "", "rejected by the option for authentication");
	}

event login_confused(c: connection, msg: string, line: string)
	{
	# Such a dialog goes on.
	if ( msg != "possible_login_ploy" )
		write(c, CONFUSED, "", "", "", msg);
	}

event activating_encryption(c: connection)
	{
	write(c, ENCRYPTED, "", "", "", "");
	}

event rsh_request(c: connection, client_user: string, server_user: string, line: string, new_session: bool)
	{
	if ( ! new_session )
		return;

	local state = state_of(c);
	state$users += server_user;
	Log::write(LOG, Info($ts=network_time(), $uid=c$uid, $id=c$id, $service="rsh", $outcome=UNKNOWN, $user=server_user,
	                     $client_user=client_user, $command=line));
	}

event connection_state_remove(c: connection)
	{
	if ( c?$login && |c$login$users| > 0 )
		c$conn$login_users = c$login$users;
	}
