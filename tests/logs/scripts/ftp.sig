signature ftp-passwd {
	ip-proto == tcp
	ftp /[rR][eE][tT][rR][[:blank:]].*passwd/
	event "fetches passwords"
}
