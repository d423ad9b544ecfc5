##! What policy notes about a connection, and its place in conn.log.

@load base/protocols/conn
@load base/protocols/ftp
@load policy/protocols/login/paper-events

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

# Adds to what is said of a connection.
function annotate(c: connection, text: string)
	{
	c$addl = c$addl == "" ? text : fmt("%s, %s", c$addl, text);
	}

event telnet_logged_in(c: connection, user: string)
	{
	annotate(c, fmt("\"%s\"", user));
	}

event telnet_failure(c: connection, user: string)
	{
	annotate(c, fmt("fail/\"%s\"", user));
	}

event ftp_reply(c: connection, code: count, msg: string, cont_resp: bool)
	{
	# The user is logged in.
	if ( code == 230 && ! cont_resp && c?$ftp )
		annotate(c, fmt("\"%s\"", c$ftp$user));
	}

event connection_state_remove(c: connection)
	{
	if ( ! c?$conn )
		return;

	if ( c$hot > 0 )
		c$conn$hot = c$hot;

	if ( c$addl != "" )
		c$conn$addl = c$addl;
	}
