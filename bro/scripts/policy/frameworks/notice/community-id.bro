##! The Community ID of the flow that a notice is about, which other tools know it by.

@load base/frameworks/notice
@load policy/protocols/conn/community-id-logging

module CommunityID::Notice;

export {
	## Whether notices have it.
	option enabled = T;
}

redef record Notice::Info += {
	## Community ID of the connection.
	community_id: string &log &optional;
};

# Comes before the notice is logged.
hook Notice::notice(n: Notice::Info) &priority=5
	{
	if ( enabled && n?$id && n?$proto && n$proto in set(tcp, udp, icmp) )
		n$community_id = community_id_v1(n$id, CommunityID::seed, CommunityID::do_base64);
	}
