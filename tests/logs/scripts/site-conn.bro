##! State about hosts and connections kept by hand: records in tables, removal hooks, thresholds, polling, timers.

module Hosts;

export {
	type Stat: record {
		n: count &default=0;
		bytes: count &default=0;
		ports: set[port] &default=set();
	};

	global stats: table[addr] of Stat;
}

redef table_expire_interval = 100 msecs;

# The index as a whole, taken apart by the function itself.
function forget(t: table[addr, port] of count, index: any): interval
	{
	local host: addr;
	local service: port;
	[host, service] = index;
	print "forgotten", host, service, t[host, service], index;
	return 0 secs;
	}

global services: table[addr, port] of count &default=0 &create_expire=1sec &expire_func=forget;

redef record connection += {
	began: time &optional;
};

hook removed(c: connection)
	{
	print "removed", c$id$resp_p, c$history;
	}

event new_connection(c: connection) &priority=3
	{
	c$began = network_time();
	++services[c$id$resp_h, c$id$resp_p];

	if ( c$id$resp_h !in stats )
		stats[c$id$resp_h] = Stat();

	local s = stats[c$id$resp_h];
	++s$n;
	add s$ports[c$id$resp_p];
	}

event connection_established(c: connection)
	{
	add c$service["mine"];
	Conn::register_removal_hook(c, removed);
	ConnThreshold::set_bytes_threshold(c, 100, T);
	ConnPolling::watch(c, function(c: connection, cnt: count): interval
		{
		print "polled", cnt, c$id$resp_p;
		return -1 sec;
		}, 0, 10 msecs);

	when [c] ( c$id$resp_h in stats && stats[c$id$resp_h]$n > 2 )
		{
		print "more than two";
		}
	timeout 1 sec
		{
		print "not more than two";
		}
	}

event ConnThreshold::bytes_threshold_crossed(c: connection, threshold: count, is_orig: bool)
	{
	print "threshold", threshold, is_orig;
	}

event connection_rejected(c: connection)
	{
	print "rejected", c$id$resp_p;
	}

event connection_state_remove(c: connection)
	{
	stats[c$id$resp_h]$bytes += c$orig$size + c$resp$size;
	}

event zeek_done()
	{
	local most = 0;
	local busiest: addr;

	for ( host, s in stats )
		if ( s$bytes > most )
			{
			most = s$bytes;
			busiest = host;
			}

	print busiest, stats[busiest];
	}
