##! Finds commands that a server carries out as programs.

@load base/frameworks/notice
@load base/protocols/ftp

module FTP;

export {
	redef enum Notice::Type += {
		## A server accepted ``SITE EXEC``, which runs a program there.
		Site_Exec_Success
	};
}

event ftp_reply(c: connection, code: count, msg: string, cont_resp: bool) &priority=3
	{
	if ( cont_resp || ! c?$ftp || ! c$ftp?$cmdarg )
		return;

	local ca = c$ftp$cmdarg;

	if ( ca$cmd == "SITE" && /^[eE][xX][eE][cC]([[:blank:]]|$)/ in ca$arg && parse_ftp_reply_code(code)$x == 2 )
		NOTICE(Notice::Info($note=Site_Exec_Success, $conn=c,
		              $msg=fmt("%s ran a program on the FTP server %s", c$id$orig_h, c$id$resp_h), $sub=ca$arg,
		              $identifier=cat(c$id$orig_h, c$id$resp_h)));
	}
