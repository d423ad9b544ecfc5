##! Adds the community id of each connection to conn.log, by which other programs find it.

@load base/protocols/conn

module CommunityID;

export {
	## Seed of the ids; the same for all programs.
	option seed: count = 0;

	## Whether ids are in Base64; otherwise they are hexadecimal digits.
	option do_base64: bool = T;

	redef record Conn::Info += {
		## The community id.
		community_id: string &optional &log;
	};
}

event connection_state_remove(c: connection)
	{
	c$conn$community_id = community_id_v1(c$id, seed, do_base64);
	}
