##! Adds protocols to conn.log that a connection seemed to have, and turned out not to have.

@load base/protocols/conn

module Conn;

redef record Info += {
	## Protocols whose analyzers were removed because the content was none of theirs.
	failed_service: set[string] &log &optional &ordered;
};

event connection_state_remove(c: connection)
	{
	# Those that failed are marked in what is known of the connection.
	for ( s in c$service )
		{
		if ( s[0] != "-" )
			next;

		if ( ! c$conn?$failed_service )
			c$conn$failed_service = set();
		add c$conn$failed_service[to_lower(s[1:])];
		}
	}
