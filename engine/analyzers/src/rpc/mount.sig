# The mount protocol, on any port: a call of RPC with the program's number.  Over TCP a header of the record comes first.

signature dpd_mount_udp {
	ip-proto == udp
	payload /^(.|\n){4}\x00\x00\x00\x00\x00\x00\x00\x02\x00\x01\x86\xa5\x00\x00\x00[\x01-\x03]/
	udp-state originator
	enable "mount"
}

signature dpd_mount_tcp {
	ip-proto == tcp
	payload /^\x80\x00(.|\n){6}\x00\x00\x00\x00\x00\x00\x00\x02\x00\x01\x86\xa5\x00\x00\x00[\x01-\x03]/
	tcp-state originator
	enable "mount"
}
