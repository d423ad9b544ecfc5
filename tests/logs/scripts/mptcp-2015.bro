# A script as they were written in 2015 for the ten events of MPTCP, in the words of the language of that time.

@load base/frameworks/notice
@load base/utils/time

module MPTCPWatch;

export {
	redef enum Notice::Type += {
		## One address id for two addresses.
		Bad_Add_Addr,
		## Keys that change during the handshake.
		Key_Change,
		## Many joins.
		Join_Flood,
		## Options that make no sense.
		Bad_Option
	};

	type Address: record {
		id: count;
		a: addr;
		p: port &optional;
	};

	type Target: record {
		host: addr;
		token: count;
	};

	global join_limit = 50 &redef;
	const interesting_ports: set[port] = { 80/tcp, 443/tcp, 0/unknown } &redef;
}

# Records are the indices of these.
global known: table[conn_id, count, bool] of Address &create_expire = 30 min &synchronized;
global keys: table[conn_id] of vector of count &read_expire = 10 min;
global joins: table[Target] of count &default = 0 &create_expire = 1 min;
global seen_ports: set[port] = set();
global options_of: table[string] of count &default = 0;

event bro_init() &priority = 5
	{
	print "watching MPTCP";
	}

event mptcp(c: connection, len: count, subtype: count, is_orig: bool)
	{
	++options_of[fmt("subtype %x", subtype)];
	}

# The names of parameters are not those of the declaration.
event mp_capable(conn: connection, length: count, v: count, fl: count, k1: count, k2: count, from_orig: bool)
	{
	local cid = conn$id;
	if ( cid !in keys )
		keys[cid] = vector(0, 0);

	if ( length == 20 )
		{
		if ( (keys[cid][0] != 0 && keys[cid][0] != k1) || (keys[cid][1] != 0 && keys[cid][1] != k2) )
			{
			NOTICE([$note=Key_Change, $conn=conn, $msg=fmt("other keys in the third packet of %s", cid$orig_h),
			        $identifier=cat(cid$orig_h, cid$resp_h), $suppress_for=1hr]);
			install_src_addr_filter(cid$orig_h, 0, 1.0);
			}
		}
	else if ( length == 12 )
		keys[cid][from_orig ? 0 : 1] = k1;
	}

event mp_join(cn: connection, l: count, f: count, id: count, r: count, t: count, mac: string, o: bool)
	{
	if ( ! o || l != 12 )
		return;

	local target: Target = [$host=cn$id$resp_h, $token=t];
	if ( ++joins[target] < join_limit )
		return;

	install_src_addr_filter(cn$id$orig_h, 0, 1.0);
	NOTICE([$note=Join_Flood, $src=cn$id$orig_h, $dst=target$host, $n=joins[target], $identifier=cat(target),
	        $suppress_for=5min, $msg=fmt("%d joins within a minute, token %x", joins[target], t)]);
	}

event mp_add_addr(c: connection, len: count, v: count, id: count, a: addr, p: port, is_orig: bool)
	{
	if ( p == 0/unknown )
		add seen_ports[p];
	else if ( p !in interesting_ports )
		print fmt("port %s", p);

	local new_address: Address = [$id=id, $a=a];
	if ( p != 0/unknown )
		new_address$p = p;

	if ( [c$id, id, is_orig] in known && known[c$id, id, is_orig]$a != a )
		NOTICE([$note=Bad_Add_Addr, $conn=c, $identifier=fmt("%s-%d", c$uid, id), $suppress_for=10min,
		        $msg=fmt("id %d was %s and is %s", id, known[c$id, id, is_orig]$a, a)]);

	known[c$id, id, is_orig] = new_address;
	}

event mp_remove_addr(c: connection, len: count, r: count, id: count, is_orig: bool)
	{
	delete known[c$id, id, is_orig];
	}

event mp_error(c: connection, len: count, subtype: count, o: bool)
	{
	NOTICE([$note=Bad_Option, $conn=c, $msg=fmt("subtype %d, length %d", subtype, len), $identifier=cat(subtype, len)]);
	}

event bro_done()
	{
	local names: vector of string;
	for ( what in options_of )
		names[|names|] = fmt("%s: %d", what, options_of[what]);
	sort(names, strcmp);
	for ( i in names )
		print names[i];
	if ( 0/unknown in seen_ports )
		print "addresses without a port";
	}
