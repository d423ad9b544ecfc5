##! Adds numbers of VLANs to conn.log.

@load base/protocols/conn

module Conn;

redef record Info += {
	## Number of the outer VLAN.
	vlan: int &log &optional;
	## Number of the inner one.
	inner_vlan: int &log &optional;
};

event connection_state_remove(c: connection)
	{
	if ( c?$vlan )
		c$conn$vlan = c$vlan;
	if ( c?$inner_vlan )
		c$conn$inner_vlan = c$inner_vlan;
	}
