##! Adds numbers of PPPoE sessions to conn.log.

@load base/protocols/conn

module Conn;

redef record Info += {
	## Number of the PPPoE session that the connection's first packet was part of.
	pppoe_session_id: count &log &optional;
};

redef record connection += {
	## Number of the PPPoE session of the first packet.
	pppoe_session_id: count &optional;
};

event new_connection(c: connection)
	{
	local session = PacketAnalyzer::PPPoE::session_id();

	# Sessions have numbers of 16 bits; another one says that there is none.
	if ( session <= 65535 )
		c$pppoe_session_id = session;
	}

event connection_state_remove(c: connection)
	{
	if ( c?$pppoe_session_id )
		c$conn$pppoe_session_id = c$pppoe_session_id;
	}
