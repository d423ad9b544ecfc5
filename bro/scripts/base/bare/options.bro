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

## Name of the capture that packets are written to; empty for none.
const trace_output_file = "" &redef;

## Interfaces to read from.
const interfaces = "" &redef &add_func=add_interface;

## Kept for scripts that set it: files of signatures, separated by blanks; ``@load-sigs`` does the same.
const signature_files = "" &redef &add_func=add_signature_file;

## Filters by name; a packet is looked at if one of them matches.
global capture_filters: table[string] of string = {} &redef;

## Filters by name; a packet is looked at only if all of them match.
global restrict_filters: table[string] of string = {} &redef;

## Bytes of a packet that the functions ``discarder_check_…`` get.
global discarder_maxlen = 128 &redef;

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

## Whether to notice when a capture seems to have been filtered before it was made.
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
