# FTP on any port.  The server greets, the client says who it is; only both together tell FTP from mail, where servers
# greet with the same code.

signature dpd_ftp_client {
	ip-proto == tcp
	payload /^([^\x0d\x0a]*[\x0d\x0a]+){0,4}[[:space:]]*([uU][sS][eE][rR]|[aA][uU][tT][hH][[:space:]]+([tT][lL][sS]|[sS][sS][lL]|[gG][sS][sS][aA][pP][iI])|[aA][cC][cC][tT]|[pP][aA][sS][vV]|[pP][oO][rR][tT][[:space:]]+[0-9])[[:space:]]/
	tcp-state originator
}

signature dpd_ftp_server {
	ip-proto == tcp
	payload /^(120|220)[- \x0d][^\x0a]*\x0a([^\x0a]*\x0a)*(331|332|230|234|334|530|502|504|534|227|200)[- ]/
	tcp-state responder
	requires-reverse-signature dpd_ftp_client
	enable "ftp"
}
