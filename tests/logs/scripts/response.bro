# What would be done about connections, and what is not: nobody is answered who is exempt, and after some actions is the end.
@load policy/frameworks/response
@load policy/protocols/mptcp

redef Response::enabled = T;
redef Response::dry_run = T;
redef Response::max_actions = 9;
redef Response::exempt = { 198.51.100.10/32 };
redef Response::tarpit_on = { MPTCP::Split_Payload };

hook Response::policy(rec: Response::Info)
	{
	if ( rec?$reason && rec$reason == "forbidden" )
		break;
	}

event connection_established(c: connection)
	{
	# The second subflow is exempt.
	Response::terminate_connection(c, "established");
	Response::terminate_connection(c, "forbidden");
	}

event mptcp_established(c: connection, version: count, orig_token: count, resp_token: count)
	{
	print Response::terminate_mptcp(c, "MPTCP");
	print Response::tarpit(c, 1min, "slow", T, F);
	print Response::block_host([2001:db8::1], 1min, "host");
	print Response::block_flow(c$id, 1hr, "flow");
	print Response::block_mptcp(0.0.0.0/0, 1day, Response::STRIP_OPTION, "strip");
	print Response::unblock_mptcp(0.0.0.0/0, Response::STRIP_OPTION, "enough");
	}

event connection_state_remove(c: connection)
	{
	local n = 0;
	while ( ++n < 4 )
		Response::block_host(c$id$resp_h, 1min, fmt("%d", n));
	}

event bro_done()
	{
	Config::set_value("Response::enabled", F);
	Response::block_host(192.0.2.1, 1min, "too late");
	}
