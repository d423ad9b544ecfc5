##! The Community ID of each flow in conn.log, by which other tools know it.

@load base/protocols/conn

module CommunityID;

export {
	## What ids begin with; flows have the same id where this is the same.
	option seed: count = 0;

	## Whether ids are written in base 64 rather than in hexadecimal digits.
	option do_base64 = T;
}

redef record Conn::Info += {
	## Community ID of the flow.
	community_id: string &log &optional;
};

event connection_state_remove(c: connection)
	{
	if ( c?$conn )
		c$conn$community_id = community_id_v1(c$id, seed, do_base64);
	}
