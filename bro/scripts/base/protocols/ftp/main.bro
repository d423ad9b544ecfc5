##! The log of FTP: a row for every command of interest with the reply to it, in ftp.log.  Data connections are expected
##! where commands and replies announce them, and are marked ``ftp-data`` on whatever port they come.

@load base/frameworks/analyzer
@load base/frameworks/logging
@load base/protocols/conn/removal-hooks
@load base/utils/numbers
@load base/utils/paths
@load ./info
@load ./utils
@load ./utils-commands

## Another process that watches the same traffic has seen a data connection announced, so it is expected here as well.
##
## s: the session that announced it.
##
## chan: the data connection.
global sync_add_expected_data: event(s: FTP::Info, chan: FTP::ExpectedDataChannel);

## Another process that watches the same traffic has seen the end of a data connection, so it is not expected any more.
##
## resp_h: the host that accepts the connection.
##
## resp_p: the port there.
global sync_remove_expected_data: event(resp_h: addr, resp_p: port);

module FTP;

export {
	redef enum Log::ID += {
		## The log of FTP.
		LOG
	};

	## Decides which rows go into that log.
	global log_policy: Log::PolicyHook;

	## Ports of control connections; 2811 is Grid FTP's.
	const ports = { 21/tcp, 2811/tcp } &redef;

	## Commands that are logged.
	option logged_commands = {
		"APPE", "DELE", "RETR", "STOR", "STOU", "ACCT", "PORT", "PASV", "EPRT", "EPSV",
	};

	## Commands that are about a file or directory, so that a URL tells what.
	const file_cmds = {
		"APPE", "CWD", "DELE", "MKD", "RETR", "RMD", "RNFR", "RNTO", "STOR", "STOU", "REST", "SIZE", "MDTM",
	} &redef;

	## Commands that change or tell the directory, with the replies by which they do.
	const directory_cmds = {
		["CWD", 250], ["CDUP", 200], ["CDUP", 250], ["PWD", 257], ["XPWD", 257],
	} &redef;

	## Commands of a connection that wait for their replies at most.  Those beyond are not logged.
	option max_pending_commands = 20;

	## Data connections that are expected at the same time at most.
	option max_expected_data_channels = 100000;

	## Bytes of a user's name that are kept.
	option max_user_length = 128;

	## Bytes of a password that are kept.
	option max_password_length = 128;

	## Bytes of a command's argument that are kept.
	option max_arg_length = 4096;

	## Bytes of a reply that are kept.
	option max_reply_msg_length = 4096;

	## Bytes of a command's name; what is longer is cut there.
	const max_command_length: count = 100 &redef;

	## How long a data connection is expected.
	const data_channel_timeout = 5 mins &redef;

	## Raised with every row of ftp.log.
	global log_ftp: event(rec: Info);

	## Logs what is open when a control connection ends.
	global finalize_ftp: Conn::RemovalHook;

	## Forgets what was expected of a data connection when it ends.
	global finalize_ftp_data: hook(c: connection);

	## Expects a data connection.
	##
	## s: the session that announced it.
	##
	## chan: the data connection.
	global add_expected_data_channel: function(s: Info, chan: ExpectedDataChannel);

	## Data connections that are expected, with the sessions that announced them.
	global ftp_data_expected: table[addr, port] of Info &read_expire=5 mins;

	## What of a session others need who only see its data connections.
	##
	## info: the session.
	##
	## Returns: a copy without the commands that are outstanding.
	global minimize_info: function(info: Info): Info;
}

redef record connection += {
	## The session, on its control connection.
	ftp: Info &optional;
	## Set by scripts that let other data connections to the same port come behind this one.
	ftp_data_reuse: bool &default=F;
};

redef likely_server_ports += { ports };

event zeek_init() &priority=5
	{
	Log::create_stream(FTP::LOG, Log::Stream($columns=Info, $ev=log_ftp, $path="ftp", $policy=log_policy));
	Analyzer::register_for_ports(Analyzer::ANALYZER_FTP, ports);
	}

function minimize_info(info: Info): Info
	{
	local pending = info$pending_commands;
	info$pending_commands = PendingCmds();
	local small = copy(info);
	info$pending_commands = pending;
	return small;
	}

# Whether the password of a session is somebody's secret.
function should_hide_password(s: Info): bool
	{
	return s?$password && ! s$capture_password && to_lower(s$user) !in guest_ids;
	}

# Makes sure that a control connection has a session.
function set_ftp_session(c: connection)
	{
	if ( c?$ftp )
		return;

	c$ftp = Info($ts=network_time(), $uid=c$uid, $id=c$id);
	# The server speaks first, without being asked.
	add_pending_cmd(c$ftp$pending_commands, 0, "<init>", "");
	Conn::register_removal_hook(c, finalize_ftp);
	}

# Logs the command that is done, if such commands are logged, and forgets what was about it alone.
function ftp_message(c: connection)
	{
	local info = c$ftp;

	if ( ! info?$cmdarg )
		return;

	local ca = info$cmdarg;

	if ( ca$cmd in logged_commands )
		{
		info$ts = ca$ts;
		info$command = ca$cmd;

		if ( ca$arg == "" )
			delete info$arg;
		else if ( ca$cmd in file_cmds )
			info$arg = build_url_ftp(info);
		else
			info$arg = ca$arg;

		if ( should_hide_password(info) )
			{
			# Whoever handles the event of the log is not to see it either.
			local row = minimize_info(info);
			row$password = "<hidden>";
			Log::write(FTP::LOG, row);
			}
		else
			Log::write(FTP::LOG, info);
		}

	delete info$cmdarg;
	delete info$data_channel;
	delete info$mime_type;
	delete info$file_size;
	delete info$fuid;
	}

# Expects a data connection, and who opened it when it comes is one of the session.
function expect_data(s: Info, chan: ExpectedDataChannel)
	{
	ftp_data_expected[chan$resp_h, chan$resp_p] = s;

	# At a port of its own a server expects whoever comes; that it is somebody else than the client is worth to know.  What
	# is said of other hosts is nothing they have agreed to: others' connections to them are none of this session.
	local anybody = chan$passive && chan$resp_h == s$id$resp_h;
	Analyzer::schedule_analyzer(anybody ? 0.0.0.0 : chan$orig_h, chan$resp_h, chan$resp_p, Analyzer::ANALYZER_FTP_DATA,
	                            data_channel_timeout);
	}

event sync_add_expected_data(s: Info, chan: ExpectedDataChannel)
	{
	expect_data(s, chan);
	}

event sync_remove_expected_data(resp_h: addr, resp_p: port)
	{
	delete ftp_data_expected[resp_h, resp_p];
	}

function add_expected_data_channel(s: Info, chan: ExpectedDataChannel)
	{
	s$passive = chan$passive;
	s$data_channel = chan;

	if ( [chan$resp_h, chan$resp_p] !in ftp_data_expected && |ftp_data_expected| >= max_expected_data_channels )
		{
		Reporter::net_weird("FTP_too_many_expected_data_channels", cat(max_expected_data_channels), "FTP");
		return;
		}

	expect_data(s, chan);
	}

# Cuts what is too long, and says so.
function limited(c: connection, text: string, limit: count, name: string): string
	{
	if ( |text| <= limit )
		return text;

	Reporter::conn_weird(name, c, cat(|text|), "FTP");
	return text[:limit];
	}

event ftp_request(c: connection, command: string, arg: string) &priority=5
	{
	set_ftp_session(c);
	local info = c$ftp;

	# Whatever else comes as a reply to the command before is only known now.
	if ( info?$cmdarg && info?$reply_code )
		{
		remove_pending_cmd(info$pending_commands, info$cmdarg);
		ftp_message(c);
		}

	local kept: string;

	switch ( command ) {
	case "USER":
		kept = limited(c, arg, max_user_length, "FTP_user_too_long");
		info$user = kept;
		# It is not that of somebody else who tried before.
		delete info$password;
		break;
	case "PASS":
		kept = limited(c, arg, max_password_length, "FTP_password_too_long");
		info$password = kept;
		break;
	default:
		kept = limited(c, arg, max_arg_length, "FTP_arg_too_long");
		break;
	}

	if ( command == "AUTH" )
		info$last_auth_requested = kept;

	local is_pending = |info$pending_commands| < max_pending_commands;

	if ( is_pending )
		add_pending_cmd(info$pending_commands, ++info$command_seq, command, kept);
	else
		Reporter::conn_weird("FTP_too_many_pending_commands", c, cat(|info$pending_commands|), "FTP");

	if ( command == "PORT" || command == "EPRT" )
		{
		local data = command == "PORT" ? parse_ftp_port(kept) : parse_eftp_port(kept);

		if ( data$valid )
			add_expected_data_channel(info, ExpectedDataChannel($passive=F, $orig_h=c$id$resp_h, $resp_h=data$h,
			                                                    $resp_p=data$p));
		}
	}

# The directory that a reply to PWD tells: within quotes, with quotes in it doubled (RFC 959, appendix II).
function quoted_path(msg: string): string
	{
	local quoted = find_first(msg, /\"([^\"]|\"\")*\"/);
	return quoted == "" ? extract_path(msg) : subst_string(quoted[1:-1], "\"\"", "\"");
	}

# Follows a change of directory.
function follow_directory(info: Info, msg: string)
	{
	local ca = info$cmdarg;

	if ( ca$cwd_consumed )
		return;

	ca$cwd_consumed = T;

	switch ( ca$cmd ) {
	case "CWD":
		info$cwd = absolute_path_pat == ca$arg ? compress_path(ca$arg) : build_path_compressed(info$cwd, ca$arg);
		break;
	case "CDUP":
		info$cwd = build_path_compressed(info$cwd, "..");
		break;
	default:
		local path = quoted_path(msg);
		if ( path != "" )
			info$cwd = path;
		break;
	}
	}

# Takes note of the data connection that a reply to PASV or EPSV announces.
function follow_passive(c: connection, code: count, msg: string)
	{
	local data = code == 227 ? parse_ftp_pasv(msg) : parse_ftp_epsv(msg);

	if ( ! data$valid )
		return;

	# EPSV usually leaves out the address, which then is that of the control connection.
	if ( data$h == [::] )
		data$h = c$id$resp_h;

	add_expected_data_channel(c$ftp, ExpectedDataChannel($passive=T, $orig_h=c$id$orig_h, $resp_h=data$h, $resp_p=data$p));
	}

event ftp_reply(c: connection, code: count, msg: string, cont_resp: bool) &priority=5
	{
	set_ftp_session(c);
	local info = c$ftp;

	# The last line of a reply tells what becomes of the command.
	if ( cont_resp )
		return;

	local text = limited(c, msg, max_reply_msg_length, "FTP_reply_msg_too_long");
	info$cmdarg = get_pending_cmd(info$pending_commands, code, text);
	info$reply_code = code;
	info$reply_msg = text;
	local cmd = info$cmdarg$cmd;

	if ( code == 150 && cmd == "RETR" )
		info$file_size = extract_count(text, F);
	else if ( code == 213 && cmd == "SIZE" )
		info$file_size = extract_count(text);
	else if ( code == 227 || code == 229 )
		follow_passive(c, code, text);
	else if ( [cmd, code] in directory_cmds )
		follow_directory(info, text);
	else if ( code == 230 || ( cmd == "REIN" && code == 220 ) )
		# A new login begins where the server wants it to.
		info$cwd = ".";

	if ( cmd == "REIN" && code == 220 )
		{
		info$user = "<unknown>";
		delete info$password;
		}
	}

event ftp_reply(c: connection, code: count, msg: string, cont_resp: bool) &priority=-5
	{
	local info = c$ftp;

	# With several commands outstanding the next one does not show that this is done.  A preliminary reply is not the last.
	if ( cont_resp || parse_ftp_reply_code(code)$x == 1 || |info$pending_commands| <= 1 || ! info?$cmdarg )
		return;

	remove_pending_cmd(info$pending_commands, info$cmdarg);
	ftp_message(c);
	}

event scheduled_analyzer_applied(c: connection, a: Analyzer::Tag) &priority=10
	{
	if ( a != Analyzer::ANALYZER_FTP_DATA )
		return;

	add c$service["ftp-data"];
	Conn::register_removal_hook(c, finalize_ftp_data);
	}

hook finalize_ftp_data(c: connection)
	{
	if ( ! c$ftp_data_reuse )
		delete ftp_data_expected[c$id$resp_h, c$id$resp_p];
	}

# Whether a command is the one that announced a data connection.
function announces(ca: CmdArg, chan: ExpectedDataChannel): bool
	{
	if ( ca$cmd != "PORT" && ca$cmd != "EPRT" )
		return chan$passive;

	local data = ca$cmd == "PORT" ? parse_ftp_port(ca$arg) : parse_eftp_port(ca$arg);
	return ! chan$passive && data$h == chan$resp_h && data$p == chan$resp_p;
	}

hook finalize_ftp(c: connection)
	{
	local info = c$ftp;

	# Commands that were not answered, and the last one that was.
	for ( _, ca in info$pending_commands )
		{
		if ( info?$data_channel && ! announces(ca, info$data_channel) )
			delete info$data_channel;

		info$cmdarg = ca;
		ftp_message(c);
		}

	clear_table(info$pending_commands);
	}
