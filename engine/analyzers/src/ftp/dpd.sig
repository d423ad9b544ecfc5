# FTP on any port.  The server greets, the client says who it is or how it wants to prove it, the server answers.  Only all of
# that tells FTP from mail, where servers greet with the same code and clients say EHLO first.

signature dpd_ftp_client {
	ip-proto == tcp
	payload /^(([fF][eE][aA][tT]|[cC][lL][nN][tT]|[hH][oO][sS][tT]|[oO][pP][tT][sS]|[sS][yY][sS][tT])[^\x0a]*\x0a){0,4}([uU][sS][eE][rR]|[aA][uU][tT][hH])[[:space:]]/
	tcp-state originator
}

signature dpd_ftp_server {
	ip-proto == tcp
	payload /^(120|220)[- \x0d][^\x0a]*\x0a([^\x0a]*\x0a)*(331|332|230|234|334|530|502|504|534)[- ]/
	tcp-state responder
	requires-reverse-signature dpd_ftp_client
	enable "ftp"
}
