##! Logs statistics of the program from time to time.

@load base/frameworks/telemetry

## It is time for a row.
##
## then: when the one before was written, and all others: what counted up to then.
global check_stats: event(then: time, last_ns: NetStats, last_cs: ConnStats, last_ps: ProcStats, last_es: EventStats,
                           last_rs: ReassemblerStats, last_ts: TimerStats, last_fs: FileAnalysisStats, last_ds: DNSStats);

module Stats;

export {
	redef enum Log::ID += { LOG };

	global log_policy: Log::PolicyHook;

	## How often.
	option report_interval = 5 min;

	## A row of stats.log.
	type Info: record {
		## When.
		ts: time &log;
		## This node.
		peer: string &log;
		## Memory in use, in MB.
		mem: count &log;
		## Packets processed since the row before.
		pkts_proc: count &log;
		## Bytes received since the row before.
		bytes_recv: count &log;
		## Packets dropped since the row before; of interfaces only, as the next ones.
		pkts_dropped: count &log &optional;
		## Packets seen on the link since the row before.
		pkts_link: count &log &optional;
		## By how much packets are behind.
		pkt_lag: interval &log &optional;
		## Packets left out by filters since the row before.
		pkts_filtered: count &log &optional;
		## Events processed since the row before.
		events_proc: count &log;
		## Events queued since the row before.
		events_queued: count &log;
		## TCP connections at the moment.
		active_tcp_conns: count &log;
		## UDP connections at the moment.
		active_udp_conns: count &log;
		## ICMP connections at the moment.
		active_icmp_conns: count &log;
		## TCP connections since the row before.
		tcp_conns: count &log;
		## UDP connections since the row before.
		udp_conns: count &log;
		## ICMP connections since the row before.
		icmp_conns: count &log;
		## Timers since the row before.
		timers: count &log;
		## Timers at the moment.
		active_timers: count &log;
		## Files since the row before.
		files: count &log;
		## Files at the moment.
		active_files: count &log;
		## Lookups of names since the row before.
		dns_requests: count &log;
		## Lookups of names at the moment.
		active_dns_requests: count &log;
		## Bytes that wait to be put together, of TCP.
		reassem_tcp_size: count &log;
		## The same of files.
		reassem_file_size: count &log;
		## The same of fragments.
		reassem_frag_size: count &log;
		## The same of all else.
		reassem_unknown_size: count &log;
	};

	## Raised with every row of stats.log.
	global log_stats: event(rec: Info);
}

# By how much a number has grown; what began anew has grown by itself.
function since(now: count, before: count): count
	{
	return now >= before ? now - before : now;
	}

# Raises the event for the next row, with what has counted up to now.
function come_back()
	{
	schedule report_interval {
		check_stats(network_time(), get_net_stats(), get_conn_stats(), get_proc_stats(), get_event_stats(),
		            get_reassembler_stats(), get_timer_stats(), get_file_analysis_stats(), get_dns_stats())
	};
	}

event check_stats(then: time, last_ns: NetStats, last_cs: ConnStats, last_ps: ProcStats, last_es: EventStats,
                  last_rs: ReassemblerStats, last_ts: TimerStats, last_fs: FileAnalysisStats, last_ds: DNSStats)
	{
	local net = get_net_stats();
	local conns = get_conn_stats();
	local timers = get_timer_stats();
	local files = get_file_analysis_stats();
	local events = get_event_stats();
	local dns = get_dns_stats();
	local waiting = get_reassembler_stats();
	local info = Info($ts=network_time(), $peer=peer_description, $mem=get_proc_stats()$mem / 1048576,
	                  $pkts_proc=since(net$pkts_recvd, last_ns$pkts_recvd),
	                  $bytes_recv=since(net$bytes_recvd, last_ns$bytes_recvd),
	                  $events_proc=since(events$dispatched, last_es$dispatched),
	                  $events_queued=since(events$queued, last_es$queued),
	                  $active_tcp_conns=conns$num_tcp_conns, $active_udp_conns=conns$num_udp_conns,
	                  $active_icmp_conns=conns$num_icmp_conns,
	                  $tcp_conns=since(conns$cumulative_tcp_conns, last_cs$cumulative_tcp_conns),
	                  $udp_conns=since(conns$cumulative_udp_conns, last_cs$cumulative_udp_conns),
	                  $icmp_conns=since(conns$cumulative_icmp_conns, last_cs$cumulative_icmp_conns),
	                  $timers=since(timers$cumulative, last_ts$cumulative), $active_timers=timers$current,
	                  $files=since(files$cumulative, last_fs$cumulative), $active_files=files$current,
	                  $dns_requests=since(dns$requests, last_ds$requests), $active_dns_requests=dns$pending,
	                  $reassem_tcp_size=waiting$tcp_size, $reassem_file_size=waiting$file_size,
	                  $reassem_frag_size=waiting$frag_size, $reassem_unknown_size=waiting$unknown_size);

	if ( reading_live_traffic() )
		{
		info$pkt_lag = get_packet_lag();
		info$pkts_dropped = since(net$pkts_dropped, last_ns$pkts_dropped);
		info$pkts_link = since(net$pkts_link, last_ns$pkts_link);
		if ( net?$pkts_filtered && last_ns?$pkts_filtered )
			info$pkts_filtered = since(net$pkts_filtered, last_ns$pkts_filtered);
		}

	Log::write(Stats::LOG, info);

	# At the end there is nothing to wait for.
	if ( ! zeek_is_terminating() )
		come_back();
	}

event zeek_init() &priority=5
	{
	Log::create_stream(Stats::LOG, Log::Stream($columns=Info, $ev=log_stats, $path="stats", $policy=log_policy));
	}

# Intervals begin with the time of packets.
event network_time_init()
	{
	come_back();
	}
