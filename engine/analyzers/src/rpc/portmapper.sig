# The portmapper, and rpcbind, which it has become, on any port: a call of RPC with the program's number.  Over TCP a header of the record comes first.

signature dpd_portmapper_udp {
	ip-proto == udp
	payload /^(.|\n){4}\x00\x00\x00\x00\x00\x00\x00\x02\x00\x01\x86\xa0\x00\x00\x00[\x02-\x04]/
	udp-state originator
	enable "portmapper"
}

signature dpd_portmapper_tcp {
	ip-proto == tcp
	payload /^\x80\x00(.|\n){6}\x00\x00\x00\x00\x00\x00\x00\x02\x00\x01\x86\xa0\x00\x00\x00[\x02-\x04]/
	tcp-state originator
	enable "portmapper"
}
