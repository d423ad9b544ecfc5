# Prints what options of MPTCP say, each with the port of the subflow's client and the side that sent it, and what
# connections learn from them.

function told(c: connection, what: string, is_orig: bool)
	{
	print fmt("%s %s %s", c$id$orig_p, is_orig ? "->" : "<-", what);
	}

event mp_capable(c: connection, len: count, version: count, flags: count, sender_key: count, receiver_key: count, is_orig: bool)
	{
	told(c, fmt("capable %d: version %d, flags %d, keys %d %d", len, version, flags, sender_key, receiver_key), is_orig);
	}

event mp_capable_data(c: connection, len: count, dll: count, checksum: count, is_orig: bool)
	{
	told(c, fmt("capable %d: %d bytes, checksum %d", len, dll, checksum), is_orig);
	}

event mp_join(c: connection, len: count, flags: count, addr_id: count, rand: count, token: count, hmac: string, is_orig: bool)
	{
	told(c, fmt("join %d: flags %d, address %d, nonce %d, token %d, HMAC %s", len, flags, addr_id, rand, token,
	    bytestring_to_hexstr(hmac)), is_orig);
	}

event mp_dss(c: connection, len: count, flags: count, data_ack: count, dsn: count, ssn: count, dll: count, checksum: count, is_orig: bool)
	{
	told(c, fmt("dss %d: flags %d, ack %d, %d bytes at %d are %d, checksum %d", len, flags, data_ack, dll, ssn, dsn,
	    checksum), is_orig);
	}

event mp_add_addr(c: connection, len: count, ipver: count, addr_id: count, address: addr, portn: port, is_orig: bool)
	{
	told(c, fmt("add_addr %d: IPv%d, %d is %s, port %s", len, ipver, addr_id, address, portn), is_orig);
	}

event mp_add_addr_v1(c: connection, len: count, echo: bool, addr_id: count, hmac: string, is_orig: bool)
	{
	told(c, fmt("add_addr %d: echo %s, %d, HMAC %s", len, echo, addr_id, bytestring_to_hexstr(hmac)), is_orig);
	}

event mp_remove_addr(c: connection, len: count, resvd: count, addr_id: count, is_orig: bool)
	{
	told(c, fmt("remove_addr %d: %d", len, addr_id), is_orig);
	}

event mp_prio(c: connection, len: count, flags: count, addr_id: count, is_orig: bool)
	{
	told(c, fmt("prio %d: flags %d, address %d", len, flags, addr_id), is_orig);
	}

event mp_fastclose(c: connection, len: count, resvd: count, receiver_key: count, is_orig: bool)
	{
	told(c, fmt("fastclose %d: key %d", len, receiver_key), is_orig);
	}

event mp_fail(c: connection, len: count, resvd: count, dsn: count, is_orig: bool)
	{
	told(c, fmt("fail %d: %d", len, dsn), is_orig);
	}

event mp_tcprst(c: connection, len: count, flags: count, reason: count, is_orig: bool)
	{
	told(c, fmt("tcprst %d: flags %d, reason %d", len, flags, reason), is_orig);
	}

event mp_experimental(c: connection, len: count, flags: count, data: string, is_orig: bool)
	{
	told(c, fmt("experimental %d: flags %d, %s", len, flags, bytestring_to_hexstr(data)), is_orig);
	}

event mp_error(c: connection, len: count, subtype: count, is_orig: bool)
	{
	told(c, fmt("error %d: subtype %d", len, subtype), is_orig);
	}

event mptcp_attempt(c: connection, version: count)
	{
	print fmt("%s attempt, version %d", c$id$orig_p, version);
	}

event mptcp_established(c: connection, version: count, orig_token: count, resp_token: count)
	{
	print fmt("%s established, version %d, tokens %08x %08x", c$id$orig_p, version, orig_token, resp_token);
	}

event mptcp_keys_changed(c: connection, orig: bool, resp: bool)
	{
	print fmt("%s keys changed: %s %s", c$id$orig_p, orig, resp);
	}

event mptcp_join_unknown(c: connection, token: count)
	{
	print fmt("%s joins what is not known: %08x", c$id$orig_p, token);
	}

event mptcp_subflow_joined(c: connection, first: string, verified: bool)
	{
	print fmt("%s joined %s, verified %s", c$id$orig_p, first, verified);
	}

event mptcp_wrong_hmac(c: connection, first: string, is_orig: bool)
	{
	told(c, fmt("wrong HMAC for %s", first), is_orig);
	}

event mptcp_join_refused(c: connection, first: string)
	{
	print fmt("%s may not join %s", c$id$orig_p, first);
	}

event mptcp_address_advertised(c: connection, first: string, addr_id: count, address: addr, portn: port, verified: bool, is_orig: bool)
	{
	told(c, fmt("has %s for %s, verified %s", address, first, verified), is_orig);
	}

event mptcp_address_withdrawn(c: connection, first: string, addr_id: count, is_orig: bool)
	{
	told(c, fmt("withdraws %d from %s", addr_id, first), is_orig);
	}

event mp_add_addr_echo(c: connection, len: count, ipver: count, addr_id: count, address: addr, portn: port, is_orig: bool)
	{
	told(c, fmt("add_addr %d: echo of IPv%d, %d is %s, port %s", len, ipver, addr_id, address, portn), is_orig);
	}

event mptcp_address_echoed(c: connection, first: string, addr_id: count, address: addr, portn: port, is_orig: bool)
	{
	told(c, fmt("confirms %d, %s, to %s", addr_id, address, first), is_orig);
	}

event mptcp_rejected(c: connection, version: count)
	{
	print fmt("%s rejected, version %d", c$id$orig_p, version);
	}

event mptcp_subflow(c: connection, first: string)
	{
	print fmt("%s is a subflow of %s", c$id$orig_p, first);
	}

event mptcp_subflow_closed(c: connection, first: string, reset: bool, orig_bytes: count, resp_bytes: count)
	{
	print fmt("%s leaves %s, reset %s, bytes %d %d", c$id$orig_p, first, reset, orig_bytes, resp_bytes);
	}

event mptcp_fallback(c: connection, reason: string)
	{
	print fmt("%s falls back: %s", c$id$orig_p, reason);
	}

event mptcp_contents(c: connection, is_orig: bool, offset: count, contents: string)
	{
	told(c, fmt("contents at %d: %s", offset, contents), is_orig);
	}

event mptcp_content_gap(c: connection, is_orig: bool, offset: count, length: count)
	{
	told(c, fmt("gap at %d of %d", offset, length), is_orig);
	}

event mptcp_inconsistency(c: connection, is_orig: bool, offset: count, t1: string, t2: string, path1: string, path2: string)
	{
	told(c, fmt("at %d %s on %s, %s on %s", offset, t1, path1, t2, path2), is_orig);
	}

event mptcp_wrong_checksum(c: connection, first: string, is_orig: bool, offset: count, length: count)
	{
	told(c, fmt("wrong checksum at %d of %d for %s", offset, length, first), is_orig);
	}

event mptcp_finished(c: connection, totals: MPTCP::Totals)
	{
	print fmt("%s finished: %s", c$id$orig_p, totals);
	}
