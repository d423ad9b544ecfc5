##! Lets notices be answered: kinds of notices whose connections are ended or slowed down, or whose sources are blocked.

@load base/frameworks/notice
@load ./main
@load ./mptcp
@load ./nftables

module Response;

export {
	## Connections that such notices are about are ended, with all subflows if it is MPTCP.
	option terminate_on: set[Notice::Type] = {};

	## Connections that such notices are about are stopped for :bro:id:`Response::notice_duration`.
	option tarpit_on: set[Notice::Type] = {};

	## Hosts that such notices are about, as their source, are blocked for :bro:id:`Response::notice_duration`.
	option block_on: set[Notice::Type] = {};

	## How long connections are stopped and hosts blocked because of notices.
	option notice_duration = 10min;
}

hook Notice::notice(n: Notice::Info)
	{
	local reason = fmt("%s: %s", n$note, n?$msg ? n$msg : "");

	if ( n?$id && connection_exists(n$id) )
		{
		if ( n$note in terminate_on )
			terminate_mptcp(lookup_connection(n$id), reason);
		else if ( n$note in tarpit_on )
			tarpit(lookup_connection(n$id), notice_duration, reason);
		}

	if ( n$note in block_on && n?$src )
		block_host(n$src, notice_duration, reason);
	}
