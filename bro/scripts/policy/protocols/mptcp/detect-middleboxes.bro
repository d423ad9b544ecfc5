##! Notices of what lies on the way and interferes with MPTCP: options that vanish, come back as an echo or are wrong, and
##! data that is changed under its checksum.

@load base/frameworks/notice

module MPTCP;

export {
	redef enum Notice::Type += {
		## Options of MPTCP were removed on the way, or changed.
		Options_Removed,
		## An option is malformed: whoever sent it does not speak MPTCP well, or it was changed on the way.
		Malformed_Option,
		## The checksum of data is wrong though that of TCP is right: somebody on the way has changed it, or an end says so.
		Wrong_Checksum,
		## A byte was sent on two paths with different values: they cannot both be what was meant.
		Inconsistent_Data,
	};

	## How long it is remembered that a server has MPTCP.
	const server_memory = 1day &redef;
}

# Servers that have accepted MPTCP: if one refuses it later, it is asked again in the same way, so that it was not the
# server that refused.
global capable_servers: set[addr, port] &create_expire=server_memory;

# Subflows whose ends have said that a checksum was wrong.
global failed: set[string] &create_expire=1min;

function removed(c: connection, why: string)
	{
	NOTICE(Notice::Info($note=Options_Removed, $conn=c, $identifier=cat(c$id$orig_h, c$id$resp_h), $msg=why));
	}

event mptcp_established(c: connection, version: count, orig_token: count, resp_token: count)
	{
	add capable_servers[c$id$resp_h, c$id$resp_p];
	}

event mptcp_rejected(c: connection, version: count)
	{
	if ( [c$id$resp_h, c$id$resp_p] in capable_servers )
		removed(c, "A server that has MPTCP seems to refuse it: the option was removed on the way");
	}

event mptcp_fallback(c: connection, reason: string)
	{
	if ( reason == "no_mapping" )
		removed(c, "Data comes without MPTCP options, so the connection goes on as TCP");
	}

event mp_tcprst(c: connection, len: count, flags: count, reason: count, is_orig: bool)
	{
	# Reason 6; after a wrong checksum it says the same once more.
	if ( reason == 6 && c$uid !in failed )
		removed(c, "A subflow was reset because of interference on the way");
	}

event mp_fail(c: connection, len: count, resvd: count, dsn: count, is_orig: bool)
	{
	if ( c$uid in failed )
		return;

	add failed[c$uid];
	NOTICE(Notice::Info($note=Wrong_Checksum, $conn=c, $identifier=c$uid,
	    $msg=fmt("%s got data with a wrong checksum", is_orig ? c$id$orig_h : c$id$resp_h)));
	}

event mptcp_wrong_checksum(c: connection, first: string, is_orig: bool, offset: count, length: count)
	{
	add failed[c$uid];
	NOTICE(Notice::Info($note=Wrong_Checksum, $conn=c, $identifier=c$uid, $n=length, $sub=first,
	    $msg=fmt("The checksum of %d bytes from %s is wrong", length, is_orig ? c$id$orig_h : c$id$resp_h)));
	}

event mptcp_inconsistency(c: connection, is_orig: bool, offset: count, t1: string, t2: string, path1: string, path2: string)
	{
	NOTICE(Notice::Info($note=Inconsistent_Data, $conn=c, $identifier=c$uid, $n=|t1|,
	    $msg=fmt("%s sent %d bytes at %d twice, and they are not the same", is_orig ? c$id$orig_h : c$id$resp_h, |t1|,
	             offset),
	    $sub=fmt("%s %s", path1, path2)));
	}

event mp_error(c: connection, len: count, subtype: count, is_orig: bool)
	{
	NOTICE(Notice::Info($note=Malformed_Option, $conn=c, $identifier=cat(c$id$orig_h, c$id$resp_h, subtype), $n=len,
	    $msg=fmt("%s sent an option of subtype %d with %d bytes, which is not as it must be",
	             is_orig ? c$id$orig_h : c$id$resp_h, subtype, len)));
	}
