##! What a site sets about the program as a whole.

## How this instance is called in logs that several instances may write to.
const peer_description = "zeek" &redef;

## The beginning of unspecified times.
const null_ts: time = double_to_time(0.0);

## Seconds between two looks for elements of tables that expire.
const table_expire_interval = 10 secs &redef;

## Kept for scripts that set it: elements looked at together when tables expire.
const table_incremental_step: count = 5000 &redef;

## Kept for scripts that set it: pause between two such looks at one table.
const table_expire_delay = 10 msecs &redef;

## Time of day that rotation of files counts from, hours and minutes.
const log_rotate_base_time = "0:00" &redef;

## Salt of digests that scripts make names from; a site has one of its own.
const digest_salt = "Please change this value." &redef;

## Seed of the hashes that sketches use, so that several instances can share them.  Empty: another one each time.
const global_hash_seed = "" &redef;

## Bits of the random ids of connections and files: 64, 96 or 128.
const bits_per_uid: count = 96 &redef;

## Longest string that :bro:see:`find_all` looks at.
const max_find_all_string_length: int = 10000 &redef;

## Whether packets may set the time ahead.
const allow_network_time_forward = T &redef;

## Whether the program goes on without input until :bro:see:`terminate` is called.
const exit_only_after_terminate = F &redef;

## Set by tests, so that scripts leave out what differs from run to run.
const running_under_test = F &redef;

## Arguments behind the names of the scripts on the command line.
const zeek_script_args: string_vec = vector() &redef;

## Filter given on the command line.
const cmd_line_bpf_filter = "" &redef;

## Name of the capture that packets are written to, as option ``-w`` gives it; empty for none, or for standard output.
const trace_output_file = "" &redef;

## Interfaces to read from.
const interfaces = "" &redef &add_func=add_interface;

## Kept for scripts that set it: files of signatures, separated by blanks; ``@load-sigs`` does the same.
const signature_files = "" &redef &add_func=add_signature_file;

## Filters by name; a packet is looked at if one of them matches.
global capture_filters: table[string] of string = {} &redef;

## Filters by name; a packet is looked at only if all of them match.
global restrict_filters: table[string] of string = {} &redef;

## Events to raise for packets that match filters, by the filters.  Kept for scripts that set it: packets are matched
## against the filters of the capture alone, so these events are not raised, which a warning says.
global secondary_filters: table[string] of event(filter: string, pkt: pkt_hdr) = {} &redef;

event zeek_init()
	{
	if ( |secondary_filters| > 0 )
		Reporter::warning("secondary_filters is set, but its events are not raised; handle raw_packet or new_packet");
	}

## Where databases of places are, before the usual directories.
const mmdb_dir = "" &redef;

## The usual directories.
const mmdb_dir_fallbacks: string_vec = vector(
	"/usr/share/GeoIP",
	"/var/lib/GeoIP",
	"/usr/local/share/GeoIP",
	"/usr/local/var/GeoIP",
) &redef;

## Name of the database of autonomous systems.
const mmdb_asn_db = "GeoLite2-ASN.mmdb" &redef;

## Name of the database of cities.
const mmdb_city_db = "GeoLite2-City.mmdb" &redef;

## Name of the database of countries, used where there is none of cities.
const mmdb_country_db = "GeoLite2-Country.mmdb" &redef;

## How often to look whether a database was replaced.
const mmdb_stale_check_interval = 5 min &redef;

## Adds an interface to a list.
function add_interface(iold: string, inew: string): string
	{
	return iold == "" ? inew : fmt("%s %s", iold, inew);
	}

## Adds a file of signatures to a list.
function add_signature_file(sold: string, snew: string): string
	{
	return sold == "" ? snew : cat(sold, " ", snew);
	}

## Kept for scripts that set it: content that is missing is told of, also in captures that have only the packets which open
## and close connections; see :bro:id:`FilteredTraceDetection::enable` for a warning about such captures.
const detect_filtered_trace = F &redef;

## Whether keep-alive packets of TCP are left out when retransmissions are looked for.
const ignore_keep_alive_rexmit = F &redef;

## Kept for scripts that set it: whether all packets are recorded with ``-w``, not only those of connections.
const record_all_packets = F &redef;

## Kept for scripts that set it: whether only the ports of analyzers are captured.
const packet_filter_default = F &redef;

## Kept for scripts that set it: packets between two looks at other input, when reading captures.
const io_poll_interval_default: count = 100 &redef;

## Kept for scripts that set it: the same for interfaces.
const io_poll_interval_live: count = 10 &redef;

## How long an interface may be silent before other work is done meanwhile.
const packet_source_inactivity_timeout = 100 msecs &redef;

## How long one handler may keep the processor busy. One that takes longer is taken for an endless loop: it is stopped,
## reported with its line, and the next handler runs. 0 secs lets it go on for ever.
const watchdog_interval = 10 secs &redef;

## The file that statistics of the program are written to, if a site opens one; see ``policy/misc/profiling``.
global profiling_file: file &redef;

## How packets are profiled: after which stretch of them a line is written to :bro:id:`pkt_profile_file`.
type pkt_profile_modes: enum {
	## Not at all.
	PKT_PROFILE_MODE_NONE,
	## After so many seconds of packet time.
	PKT_PROFILE_MODE_SECS,
	## After so many packets.
	PKT_PROFILE_MODE_PKTS,
	## After so many bytes of packets.
	PKT_PROFILE_MODE_BYTES
};

## After what a line is written.
const pkt_profile_mode = PKT_PROFILE_MODE_NONE &redef;

## After how many of these.
const pkt_profile_freq = 0.0 &redef;

## The file it is written to.  A line has: packet time, seconds of it, packets, bytes; real, user and system time they took, in
## seconds; the most memory there was, in bytes.
global pkt_profile_file: file &redef;

## How often statistics are written where they are.
const profiling_interval = 15 secs &redef;

## Every how many times they are written with what is costly to find out.
const expensive_profiling_multiple: count = 20 &redef;

## Kept for scripts that set it: signatures that are matched together.
const sig_max_group_size: count = 50 &redef;

module Threading;

export {
	## How often writers and readers are given the opportunity to do what waits, while traffic is live.
	const heartbeat_interval = 1 sec &redef;
}

module GLOBAL;

module BinPAC;

export {
	## Kept for scripts that set it: the largest buffer of BinPAC's parsers.  The parsers here are not made by BinPAC; each
	## has limits of its own.
	const flowbuffer_capacity_max = 10 * 1024 * 1024 &redef;

	## Kept for scripts that set it: the smallest buffer of BinPAC's parsers.
	const flowbuffer_capacity_min = 512 &redef;

	## Kept for scripts that set it: the size from which on buffers of BinPAC's parsers shrink again.
	const flowbuffer_contract_threshold = 2 * 1024 * 1024 &redef;
}

module Installation;

export {
	## Where the program is installed: the prefix of its Python environment.
	const root_dir = Installation::__prefix();

	## Where a site keeps its configuration.  Scripts that look for files find them by this and the next folders; this
	## program itself neither makes nor reads them.
	const etc_dir = Installation::__prefix() + "/etc";

	## Where a site keeps logs that are done with.
	const log_dir = Installation::__prefix() + "/logs";

	## Where a site keeps what is being worked on.
	const spool_dir = Installation::__prefix() + "/spool";

	## Where a site keeps what outlives a run.
	const state_dir = Installation::__prefix() + "/var/lib";
}

module GLOBAL;
