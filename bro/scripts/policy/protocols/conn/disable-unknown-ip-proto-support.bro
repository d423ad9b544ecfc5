##! Leaves flows of IP protocols other than TCP, UDP and ICMP out of conn.log, and the column with the protocol's number.

@load base/protocols/conn

redef record Conn::Info$ip_proto -= { &log };

hook Conn::log_policy(rec: Conn::Info, id: Log::ID, filter: Log::Filter) &priority=10
	{
	if ( rec$proto == unknown_transport )
		break;
	}
