##! Notices when a local address is given a name outside of the local zones: somebody else's service may run here, or a
##! browser is being led to attack its own network (DNS rebinding).
##!
##! Needs :bro:id:`Site::local_zones`.

@load base/frameworks/notice
@load base/protocols/dns
@load base/utils/site

module DNS;

export {
	redef enum Notice::Type += {
		## A name outside of the local zones has an address of ours.
		External_Name,
	};

	## Responders, with their ports, whose replies are not looked at: anybody may say anything in multicast DNS.
	option skip_resp_host_port_pairs: set[addr, port] = { [224.0.0.251, 5353/udp], [[ff02::fb], 5353/udp] };
}

# The parameters have the names that callers may give.  # lint: ignore B404
function detect_external_names(c: connection, msg: dns_msg, ans: dns_answer, a: addr)
	{
	if ( |Site::local_zones| == 0 || [c$id$resp_h, c$id$resp_p] in skip_resp_host_port_pairs )
		return;

	if ( ! Site::is_local_addr(a) || Site::is_local_name(ans$query) )
		return;

	NOTICE(Notice::Info($note=External_Name, $msg=fmt("%s, which is not of a local zone, has the local address %s", ans$query, a),
	                    $conn=c, $identifier=cat(a, ans$query)));
	}

event dns_A_reply(c: connection, msg: dns_msg, ans: dns_answer, a: addr)
	{
	detect_external_names(c, msg, ans, a);
	}

event dns_AAAA_reply(c: connection, msg: dns_msg, ans: dns_answer, a: addr)
	{
	detect_external_names(c, msg, ans, a);
	}
