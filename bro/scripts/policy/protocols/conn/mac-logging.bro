##! Adds hardware addresses to conn.log.

@load base/protocols/conn

module Conn;

redef record Info += {
	## Hardware address of the originator.
	orig_l2_addr: string &log &optional;
	## Hardware address of the responder.
	resp_l2_addr: string &log &optional;
};

event connection_state_remove(c: connection)
	{
	if ( c$orig?$l2_addr )
		c$conn$orig_l2_addr = c$orig$l2_addr;
	if ( c$resp?$l2_addr )
		c$conn$resp_l2_addr = c$resp$l2_addr;
	}
