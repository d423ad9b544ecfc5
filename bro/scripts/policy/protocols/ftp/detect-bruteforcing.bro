##! Finds hosts that guess passwords of FTP servers.

@load base/frameworks/notice
@load base/protocols/ftp

module FTP;

export {
	redef enum Notice::Type += {
		## A host failed to log in too often.
		Bruteforcing
	};

	## Failed logins within :bro:id:`FTP::bruteforce_measurement_interval` from which on a host guesses passwords.
	const bruteforce_threshold: double = 20 &redef;

	## How long failed logins of a host are counted together.
	const bruteforce_measurement_interval = 15 mins &redef;
}

# Failed logins by host.  Its size is bounded by the hosts that fail within the interval.
global failed_logins: table[addr] of count &default=0 &create_expire=bruteforce_measurement_interval;

event ftp_reply(c: connection, code: count, msg: string, cont_resp: bool) &priority=3
	{
	if ( cont_resp || ! c?$ftp || ! c$ftp?$cmdarg )
		return;

	local cmd = c$ftp$cmdarg$cmd;

	if ( ( cmd != "USER" && cmd != "PASS" ) || parse_ftp_reply_code(code)$x != 5 )
		return;

	local host = c$id$orig_h;
	++failed_logins[host];

	if ( failed_logins[host] >= bruteforce_threshold )
		NOTICE(Notice::Info($note=Bruteforcing, $conn=c, $src=host, $n=failed_logins[host],
		              $msg=fmt("%s failed to log in to FTP servers %d times", host, failed_logins[host]), $identifier=cat(host)));
	}
