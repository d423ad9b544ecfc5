##! Commands of FTP: which replies they get, and which of them replies belong to.

@load base/utils/strings

module FTP;

export {
	## A command with its reply outstanding.
	type CmdArg: record {
		## When it was sent.
		ts: time;
		## The command in upper case.
		cmd: string &default="<unknown>";
		## What it is about.
		arg: string &default="";
		## Its number on the connection.
		seq: count &default=0;
		## Whether the change of directory it brought was followed already.
		cwd_consumed: bool &default=F;
	};

	## Commands with their replies outstanding, by their numbers.
	type PendingCmds: table[count] of CmdArg;

	## The digits of a reply's code (RFC 959, 4.2).
	type ReplyCode: record {
		## Whether it went well: 1 begins, 2 done, 3 more is needed, 4 failed for now, 5 failed.
		x: count;
		## What it is about: 0 syntax, 1 information, 2 connections, 3 authentication, 5 files.
		y: count;
		## The details.
		z: count;
	};

	## Commands with the codes they are answered by: RFC 959, 1639, 2228, 2389, 2428, 3659, and what servers do besides.
	## ``<init>`` stands for the connection itself, which the server greets; ``<missing>`` for an empty line.
	option cmd_reply_code: set[string, count] = {
		["<init>", 0], ["<init>", 120], ["<init>", 220], ["<init>", 421],
		["<missing>", 0],
		["ABOR", 225], ["ABOR", 226], ["ABOR", 421], ["ABOR", 500], ["ABOR", 501], ["ABOR", 502],
		["ACCT", 202], ["ACCT", 230], ["ACCT", 421], ["ACCT", 500], ["ACCT", 501], ["ACCT", 503],
		["ACCT", 530],
		["ALLO", 200], ["ALLO", 202], ["ALLO", 421], ["ALLO", 500], ["ALLO", 501], ["ALLO", 504],
		["ALLO", 530],
		["APPE", 125], ["APPE", 150], ["APPE", 226], ["APPE", 250], ["APPE", 421], ["APPE", 425],
		["APPE", 426], ["APPE", 450], ["APPE", 451], ["APPE", 452], ["APPE", 500], ["APPE", 501],
		["APPE", 502], ["APPE", 530], ["APPE", 532], ["APPE", 550], ["APPE", 551], ["APPE", 552],
		["APPE", 553],
		["CDUP", 200], ["CDUP", 250], ["CDUP", 421], ["CDUP", 500], ["CDUP", 501], ["CDUP", 502],
		["CDUP", 530], ["CDUP", 550],
		["CLNT", 200], ["CLNT", 500],
		["CWD", 250], ["CWD", 421], ["CWD", 500], ["CWD", 501], ["CWD", 502], ["CWD", 530], ["CWD", 550],
		["DELE", 250], ["DELE", 421], ["DELE", 450], ["DELE", 500], ["DELE", 501], ["DELE", 502],
		["DELE", 530], ["DELE", 550],
		["EPRT", 200], ["EPRT", 500], ["EPRT", 501], ["EPRT", 522],
		["EPSV", 229], ["EPSV", 500], ["EPSV", 501],
		["FEAT", 211], ["FEAT", 500], ["FEAT", 502],
		["HELP", 200], ["HELP", 211], ["HELP", 214], ["HELP", 421], ["HELP", 500], ["HELP", 501],
		["HELP", 502],
		["LIST", 125], ["LIST", 150], ["LIST", 226], ["LIST", 250], ["LIST", 421], ["LIST", 425],
		["LIST", 426], ["LIST", 450], ["LIST", 451], ["LIST", 500], ["LIST", 501], ["LIST", 502],
		["LIST", 530], ["LIST", 550],
		["LPRT", 500], ["LPRT", 501], ["LPRT", 521],
		["MACB", 200], ["MACB", 500], ["MACB", 550],
		["MDTM", 213], ["MDTM", 500], ["MDTM", 501], ["MDTM", 550],
		["MKD", 257], ["MKD", 421], ["MKD", 500], ["MKD", 501], ["MKD", 502], ["MKD", 530], ["MKD", 550],
		["MLSD", 150], ["MLSD", 226], ["MLSD", 250], ["MLSD", 500], ["MLSD", 501], ["MLSD", 550],
		["MLST", 150], ["MLST", 226], ["MLST", 250], ["MLST", 500], ["MLST", 501], ["MLST", 550],
		["MODE", 200], ["MODE", 421], ["MODE", 500], ["MODE", 501], ["MODE", 502], ["MODE", 504],
		["MODE", 530],
		["NLST", 125], ["NLST", 150], ["NLST", 226], ["NLST", 250], ["NLST", 421], ["NLST", 425],
		["NLST", 426], ["NLST", 450], ["NLST", 451], ["NLST", 500], ["NLST", 501], ["NLST", 502],
		["NLST", 530], ["NLST", 550],
		["NOOP", 200], ["NOOP", 421], ["NOOP", 500],
		["OPTS", 200], ["OPTS", 451], ["OPTS", 501],
		["PASS", 202], ["PASS", 230], ["PASS", 332], ["PASS", 421], ["PASS", 500], ["PASS", 501],
		["PASS", 503], ["PASS", 530],
		["PASV", 227], ["PASV", 421], ["PASV", 500], ["PASV", 501], ["PASV", 502], ["PASV", 530],
		["PORT", 200], ["PORT", 421], ["PORT", 500], ["PORT", 501], ["PORT", 530],
		["PWD", 257], ["PWD", 421], ["PWD", 500], ["PWD", 501], ["PWD", 502], ["PWD", 550],
		["QUIT", 0], ["QUIT", 221], ["QUIT", 500],
		["REIN", 120], ["REIN", 220], ["REIN", 421], ["REIN", 500], ["REIN", 502],
		["REST", 200], ["REST", 350], ["REST", 421], ["REST", 500], ["REST", 501], ["REST", 502],
		["REST", 530],
		["RETR", 110], ["RETR", 125], ["RETR", 150], ["RETR", 226], ["RETR", 250], ["RETR", 421],
		["RETR", 425], ["RETR", 426], ["RETR", 450], ["RETR", 451], ["RETR", 500], ["RETR", 501],
		["RETR", 530], ["RETR", 550],
		["RMD", 250], ["RMD", 421], ["RMD", 500], ["RMD", 501], ["RMD", 502], ["RMD", 530], ["RMD", 550],
		["RNFR", 350], ["RNFR", 421], ["RNFR", 450], ["RNFR", 500], ["RNFR", 501], ["RNFR", 502],
		["RNFR", 530], ["RNFR", 550],
		["RNTO", 250], ["RNTO", 421], ["RNTO", 500], ["RNTO", 501], ["RNTO", 502], ["RNTO", 503],
		["RNTO", 530], ["RNTO", 532], ["RNTO", 553],
		["SITE", 200], ["SITE", 202], ["SITE", 214], ["SITE", 500], ["SITE", 501], ["SITE", 502],
		["SITE", 530],
		["SIZE", 213], ["SIZE", 500], ["SIZE", 501], ["SIZE", 550],
		["SMNT", 202], ["SMNT", 250], ["SMNT", 421], ["SMNT", 500], ["SMNT", 501], ["SMNT", 502],
		["SMNT", 530], ["SMNT", 550],
		["STAT", 211], ["STAT", 212], ["STAT", 213], ["STAT", 421], ["STAT", 450], ["STAT", 500],
		["STAT", 501], ["STAT", 502], ["STAT", 530],
		["STOR", 110], ["STOR", 125], ["STOR", 150], ["STOR", 226], ["STOR", 250], ["STOR", 421],
		["STOR", 425], ["STOR", 426], ["STOR", 450], ["STOR", 451], ["STOR", 452], ["STOR", 500],
		["STOR", 501], ["STOR", 530], ["STOR", 532], ["STOR", 550], ["STOR", 551], ["STOR", 552],
		["STOR", 553],
		["STOU", 110], ["STOU", 125], ["STOU", 150], ["STOU", 226], ["STOU", 250], ["STOU", 421],
		["STOU", 425], ["STOU", 426], ["STOU", 450], ["STOU", 451], ["STOU", 452], ["STOU", 500],
		["STOU", 501], ["STOU", 530], ["STOU", 532], ["STOU", 550], ["STOU", 551], ["STOU", 552],
		["STOU", 553],
		["STRU", 200], ["STRU", 421], ["STRU", 500], ["STRU", 501], ["STRU", 504], ["STRU", 530],
		["SYST", 215], ["SYST", 421], ["SYST", 500], ["SYST", 501], ["SYST", 502], ["SYST", 530],
		["TYPE", 200], ["TYPE", 421], ["TYPE", 500], ["TYPE", 501], ["TYPE", 504], ["TYPE", 530],
		["USER", 230], ["USER", 331], ["USER", 332], ["USER", 421], ["USER", 500], ["USER", 501],
		["USER", 530],
	};

	## Adds a command whose reply is outstanding.
	##
	## pc: those there are.
	##
	## seq: its number.
	##
	## cmd: the command.
	##
	## arg: what it is about.
	##
	## Returns: the command.
	global add_pending_cmd: function(pc: PendingCmds, seq: count, cmd: string, arg: string): CmdArg;

	## Finds the command that a reply is most likely to.
	##
	## pc: commands with their replies outstanding.
	##
	## reply_code: the code.
	##
	## reply_msg: the text.
	##
	## Returns: the command; one named ``<unknown>`` if there is none.
	global get_pending_cmd: function(pc: PendingCmds, reply_code: count, reply_msg: string): CmdArg;

	## Takes out a command that was replied to.
	##
	## pc: commands with their replies outstanding.
	##
	## ca: the command.
	##
	## Returns: false if it was not there.
	global remove_pending_cmd: function(pc: PendingCmds, ca: CmdArg): bool;

	## Takes a code apart.
	##
	## code: the code.
	global parse_ftp_reply_code: function(code: count): ReplyCode;
}

function parse_ftp_reply_code(code: count): ReplyCode
	{
	return ReplyCode($x=code / 100, $y=code / 10 % 10, $z=code % 10);
	}

function add_pending_cmd(pc: PendingCmds, seq: count, cmd: string, arg: string): CmdArg
	{
	local ca = CmdArg($ts=network_time(), $cmd=cmd, $arg=arg, $seq=seq);
	pc[seq] = ca;
	return ca;
	}

function get_pending_cmd(pc: PendingCmds, reply_code: count, reply_msg: string): CmdArg
	{
	local best = CmdArg($ts=network_time());
	local best_score = -1;

	for ( _, ca in pc )
		{
		local score = 0;

		# What tells most: that such a command is answered by such a code.  Servers often repeat what it is about.
		if ( [ca$cmd, reply_code] in cmd_reply_code )
			score += 4;
		if ( ca$arg != "" && ca$arg in reply_msg )
			score += 2;
		if ( ca$cmd in reply_msg )
			score += 1;

		# Replies come in the order of the commands, so of several that fit it is the first.
		if ( score > best_score || ( score == best_score && ca$seq < best$seq ) )
			{
			best = ca;
			best_score = score;
			}
		}

	return best;
	}

function remove_pending_cmd(pc: PendingCmds, ca: CmdArg): bool
	{
	if ( ca$seq !in pc )
		return F;

	delete pc[ca$seq];
	return T;
	}
