##! Statistics about the program itself, as the functions ``get_…_stats`` return them.

## Packets and how many of them were seen.
type NetStats: record {
	## Packets received.
	pkts_recvd: count &default=0;
	## Packets the capture lost.
	pkts_dropped: count &default=0;
	## Packets on the link, where the system counts them before filtering.
	pkts_link: count &default=0;
	## Bytes received.
	bytes_recvd: count &default=0;
	## Packets received and not let through by the filter.
	pkts_filtered: count &optional;
};

## Connections and fragments.
type ConnStats: record {
	## Connections seen so far.
	total_conns: count;
	## Connections in memory.
	current_conns: count;
	## Connections in the tables.
	sess_current_conns: count;
	## Packets processed.
	num_packets: count;
	## Packets of datagrams that wait for more fragments.
	num_fragments: count;
	## The most of them at a time.
	max_fragments: count;
	## TCP connections in memory.
	num_tcp_conns: count;
	## The most of them at a time.
	max_tcp_conns: count;
	## All of them so far.
	cumulative_tcp_conns: count;
	## UDP flows in memory.
	num_udp_conns: count;
	## The most of them at a time.
	max_udp_conns: count;
	## All of them so far.
	cumulative_udp_conns: count;
	## ICMP flows in memory.
	num_icmp_conns: count;
	## The most of them at a time.
	max_icmp_conns: count;
	## All of them so far.
	cumulative_icmp_conns: count;
	## Connections removed because nothing happened on them.
	killed_by_inactivity: count;
	## Packets that no analyzer knew what to do with.
	num_packets_unprocessed: count;
};

## The process.
type ProcStats: record {
	## Whether it was built for debugging.
	debug: bool;
	## When it was started.
	start_time: time;
	## How long it runs.
	real_time: interval;
	## Time spent computing.
	user_time: interval;
	## Time spent in the system.
	system_time: interval;
	## Bytes of memory, at most so far.
	mem: count;
	## Page faults without input or output.
	minor_faults: count;
	## Page faults with.
	major_faults: count;
	## Times it was swapped out.
	num_swap: count;
	## Blocks read.
	blocking_input: count;
	## Blocks written.
	blocking_output: count;
	## Times another process was run instead.
	num_context: count;
};

## Events.
type EventStats: record {
	## Events raised.
	queued: count;
	## Events handled.
	dispatched: count;
};

## How often the handlers of an event were run.
type EventNameCounter: record {
	## Name of the event.
	name: string &log;
	## How often.
	times_called: count &log;
};

## Counters of all events.
type EventNameStats: set[EventNameCounter];

## Bytes held for reassembly.
type ReassemblerStats: record {
	## Of files.
	file_size: count;
	## Of fragmented datagrams.
	frag_size: count;
	## Of TCP streams.
	tcp_size: count;
	## Of what is none of these.
	unknown_size: count;
};

## Timers.
type TimerStats: record {
	## Timers waiting.
	current: count;
	## The most of them at a time.
	max: count;
	## All of them so far.
	cumulative: count;
};

## Files under analysis.
type FileAnalysisStats: record {
	## Files in memory.
	current: count;
	## The most of them at a time.
	max: count;
	## All of them so far.
	cumulative: count;
};

## Threads.
type ThreadStats: record {
	## Threads running besides the main one.
	num_threads: count;
};

## Lookups of names and addresses by scripts.
type DNSStats: record {
	## All of them.
	requests: count;
	## Those that had an answer.
	successful: count;
	## Those that had none.
	failed: count;
	## Those still waiting.
	pending: count;
	## Answers about names that are kept.
	cached_hosts: count;
	## Answers about addresses that are kept.
	cached_addresses: count;
	## Answers that are texts.
	cached_texts: count;
	## All answers that are kept.
	cached_total: count;
};

## Gaps in what TCP connections carried.
type GapStats: record {
	## Acknowledgements of new data.
	ack_events: count;
	## Bytes they acknowledged.
	ack_bytes: count;
	## Gaps.
	gap_events: count;
	## Bytes that are missing.
	gap_bytes: count;
};

## Matching of signatures and patterns.
type MatcherStats: record {
	## Sets of patterns that are matched together.
	matchers: count;
	## States of their nondeterministic automata.
	nfa_states: count;
	## States of deterministic automata in memory.
	dfa_states: count;
	## States that were worked out.
	computed: count;
	## Bytes of memory.
	mem: count;
	## Times a state was there already.
	hits: count;
	## Times it was not.
	misses: count;
};

## Communication with other nodes.
type BrokerStats: record {
	## Nodes connected.
	num_peers: count;
	## Stores.
	num_stores: count;
	## Questions to stores that wait for an answer.
	num_pending_queries: count;
	## Events that came in.
	num_events_incoming: count;
	## Events sent.
	num_events_outgoing: count;
	## Log rows that came in.
	num_logs_incoming: count;
	## Log rows sent.
	num_logs_outgoing: count;
	## Identifiers that came in.
	num_ids_incoming: count;
	## Identifiers sent.
	num_ids_outgoing: count;
};

## Weirds.
type ReporterStats: record {
	## All of them, those not passed on included.
	weirds: count;
	## The same by name.
	weirds_by_type: table[string] of count;
};

## Sizes in memory of the values of globals, by name.
type var_sizes: table[string] of count;
