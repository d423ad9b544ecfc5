# All events of FTP, the directory and who has which secrets, and signatures that look at commands.

@load-sigs ./ftp.sig

event ftp_request(c: connection, command: string, arg: string)
	{
	print fmt("%s > %s [%s] in %s", c$id$orig_p, command, |arg| > 60 ? arg[:60] : arg, c$ftp$cwd);
	}

event ftp_reply(c: connection, code: count, msg: string, cont_resp: bool)
	{
	print fmt("%s < %d%s%s", c$id$orig_p, code, cont_resp ? "-" : " ", msg);
	}

event ftp_starttls(c: connection)
	{
	print fmt("%s TLS", c$id$orig_p);
	}

event signature_match(state: signature_state, msg: string, data: string, end_of_match: count)
	{
	print fmt("%s %s: %s", state$conn$id$orig_p, msg, data);
	}

event rexmit_inconsistency(c: connection, t1: string, t2: string, tcp_flags: string)
	{
	print fmt("%s: %s or %s", c$id$orig_p, t1, t2);
	}

event FTP::log_ftp(rec: FTP::Info)
	{
	if ( rec?$password && rec$user == "joe" )
		print fmt("%s logged as %s", rec$user, rec$password);
	}
