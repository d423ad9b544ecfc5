##! Notices of hosts that use MPTCP where the site does not expect it: servers that have no reason to, or networks whose
##! monitors cannot follow it.

@load base/frameworks/notice
@load base/utils/site

module MPTCP;

export {
	redef enum Notice::Type += {
		## A host uses MPTCP that should not.
		Unexpected_Use,
	};

	## Hosts that should not use MPTCP.
	option unexpected_hosts: set[subnet] = {};

	## If there are any: the only hosts of the site that may use MPTCP.
	option expected_hosts: set[subnet] = {};
}

# Whether a host should not use MPTCP.
function is_unexpected(host: addr): bool
	{
	if ( host in unexpected_hosts )
		return T;

	return |expected_hosts| > 0 && Site::is_local_addr(host) && host !in expected_hosts;
	}

event mptcp_established(c: connection, version: count, orig_token: count, resp_token: count)
	{
	for ( _, host in vector(c$id$orig_h, c$id$resp_h) )
		if ( is_unexpected(host) )
			NOTICE(Notice::Info($note=Unexpected_Use, $conn=c, $src=host,
			    $dst=host == c$id$orig_h ? c$id$resp_h : c$id$orig_h, $identifier=cat(host),
			    $msg=fmt("%s uses Multipath TCP, which is not expected of it", host)));
	}
