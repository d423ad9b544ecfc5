##! What policy notes about a connection, and its place in conn.log.

@load base/protocols/conn

module GLOBAL;

redef record connection += {
	## How suspicious policy found the connection; 0 if it did not, or knows nothing of it.
	hot: count &default=0;
	## What policy has to say about the connection, such as the user's name or what was asked for.
	addl: string &default="";
};

redef record Conn::Info += {
	## How suspicious policy found it, if it did.
	hot: count &log &optional;
	## What policy had to say about it.
	addl: string &log &optional;
};

event connection_state_remove(c: connection)
	{
	if ( ! c?$conn )
		return;

	if ( c$hot > 0 )
		c$conn$hot = c$hot;

	if ( c$addl != "" )
		c$conn$addl = c$addl;
	}
