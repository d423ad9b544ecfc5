# The clock: when it is known, what expires and is scheduled by it, and what is left at the end.
redef table_expire_interval = 1msec;

function expired(t: table[string] of count, uid: string): interval
	{
	print "expired", t[uid], network_time();
	return 0secs;
	}

global recent: table[string] of count &create_expire=3msec &expire_func=expired;
global told: set[addr] &write_expire=1msec;

event tick(n: count)
	{
	print "tick", n, network_time();
	if ( n < 3 )
		schedule 1msec { tick(n + 1) };
	}

event bro_init() { print "init", network_time(); }
event network_time_init() { print "network_time_init", network_time(); }

event new_connection(c: connection)
	{
	recent[c$uid] = |recent|;
	add told[c$id$orig_h];
	print "new", |told|;
	schedule 2msec { tick(1) };
	}

event net_done(t: time) { print "net_done", t, |recent|; }
event zeek_done() { print "done", zeek_is_terminating(); }

event zeek_done() &priority=-1
	{
	local gaps = get_gap_stats();
	print gaps$ack_events > 0, gaps$ack_bytes, gaps$gap_events, gaps$gap_bytes;
	print get_conn_stats()$cumulative_tcp_conns, get_net_stats()$pkts_recvd;
	}
