##! Logging: streams of records, filters that choose and shape them, writers that store them.
##!
##! A script describes a log by a record type whose fields to be logged are marked ``&log``, creates a stream for it under
##! an ID, and hands records of that type to :bro:see:`Log::write`.  Every stream begins with a filter named ``default``
##! that writes everything to a file named after the stream.  Filters can be added, changed and removed from
##! elsewhere, without touching the script that the log comes from.

module Log;

export {
	## The streams there are.  Scripts that log extend it.
	type ID: enum {
		## No stream.
		UNKNOWN,
		## What ``print`` prints, where it is redirected into a log.
		PRINTLOG
	};

	## The kinds of writers there are.
	type Writer: enum {
		## Text files of separated values or of JSON objects.
		WRITER_ASCII,
		## Stores nothing.
		WRITER_NONE,
		## Tables in SQLite databases.
		WRITER_SQLITE
	};

	## Whether logs are written here.
	const enable_local_logging = T &redef;

	## Whether logs are sent to other nodes of a cluster.
	const enable_remote_logging = T &redef;

	## The writer of filters that do not name one.
	const default_writer = WRITER_ASCII &redef;

	## Directory that logs are written to, for writers that write files.  Empty: the current directory.
	const default_logdir = "" &redef;

	## Separates the columns of a log.
	const separator = "\t" &redef;

	## Separates the elements of sets and vectors.
	const set_separator = "," &redef;

	## Stands for a set, vector or string that is empty.
	const empty_field = "(empty)" &redef;

	## Stands for a field that has no value.
	const unset_field = "-" &redef;

	## How often logs are rotated by default.  0: never.
	const default_rotation_interval = 0 secs &redef;

	## Directory that rotated logs are moved to.  Empty: the one the log was written in.
	option default_rotation_dir = "";

	## Form of the time in the names of rotated logs, for :bro:see:`strftime`.
	const default_rotation_date_format = "%Y-%m-%d-%H-%M-%S" &redef;

	## A shell command run for every rotated log, with its name, its path, the times of its opening and closing, whether
	## the program is ending (1 or 0), and the kind of writer as arguments.  Empty: none.
	const default_rotation_postprocessor_cmd = "" &redef;

	## More environment for that command; names get ``ZEEK_ARG_`` in front.
	option default_rotation_postprocessor_cmd_env: table[string] of string = {};

	## How often alarms are mailed by default.  0: never.
	const default_mail_alarms_interval = 0 secs &redef;

	## Goes between the name of a nested record and those of its fields.
	const default_scope_sep = "." &redef;

	## Goes before the names of extension fields.
	const default_ext_prefix = "_" &redef;

	## Names that columns get instead of their own.
	const default_field_name_map: table[string] of string = {} &redef;

	## How long rows may wait in memory before they are written to the file while traffic is live.
	const flush_interval = 1 sec &redef;

	## Kept for scripts that set it: how many rows are handed over to a writer together.  The engine chooses by itself.
	const write_buffer_size = 1000 &redef;

	## Bytes of one row beyond which it is dropped.  0: no limit.
	const max_log_record_size: count = 67108864 &redef;

	## Bytes of one string field beyond which it is cut.  0: no limit.
	const default_max_field_string_bytes: count = 4096 &redef;

	## Bytes of all string fields of a row together.  0: no limit.
	const default_max_total_string_bytes: count = 256000 &redef;

	## Elements of one set or vector beyond which they are left out.  0: no limit.
	const default_max_field_container_elements: count = 100 &redef;

	## Elements of all sets and vectors of a row together.  0: no limit.
	const default_max_total_container_elements: count = 500 &redef;

	## How long a row may be delayed, see :bro:see:`Log::delay`.
	const default_max_delay_interval = 200 msecs &redef;

	## How many rows of a stream may be delayed at the same time; beyond it the oldest is let go.
	const default_max_delay_queue_size: count = 1000 &redef;

	## What happens with what ``print`` prints.
	type PrintLogType: enum {
		## It goes where print sends it.
		REDIRECT_NONE,
		## What goes to the standard output goes into the log instead.
		REDIRECT_STDOUT,
		## All of it goes into the log, whatever file it was meant for.
		REDIRECT_ALL
	};

	## Whether print goes into a log.
	const print_to_log: PrintLogType = REDIRECT_NONE &redef;

	## Name of that log.
	const print_log_path = "print" &redef;

	## A row of that log.
	type PrintLogInfo: record {
		## When it was printed.
		ts: time &log;
		## What was printed, value by value.
		vals: string_vec &log;
	};

	## Raised for every row of that log.
	global log_print: event(rec: PrintLogInfo);

	## A log that is to be or was rotated.
	type RotationInfo: record {
		## Kind of writer.
		writer: Writer;
		## Name of the rotated file.
		fname: string;
		## Path of the filter, which is the name of the log.
		path: string;
		## When the file was opened.
		open: time;
		## When it was closed.
		close: time;
		## Whether the program is ending.
		terminating: bool;
	};

	## Processes a rotated log; true when it did.
	type RotationPostProcessorFunc: function(info: RotationInfo): bool;

	## What the name of a rotated log is made from.
	type RotationFmtInfo: record {
		## Kind of writer.
		writer: Writer;
		## Path of the filter, which is the name of the log.
		path: string;
		## When the file was opened.
		open: time;
		## When it was closed.
		close: time;
		## Whether the program is ending.
		terminating: bool;
		## What processes the file once it is rotated.
		postprocessor: RotationPostProcessorFunc &optional;
	};

	## Where a rotated log goes.
	type RotationPath: record {
		## Directory; empty: the one the log was written in.
		dir: string &default=default_rotation_dir;
		## Name of the file without its extension.
		file_basename: string;
	};

	## Names a rotated log.  Redefine it to have other names.
	##
	## ri: what is known of the log.
	global rotation_format_func: function(ri: RotationFmtInfo): RotationPath &redef;

	## Processes rotated logs of filters that do not name a function of their own, by kind of writer.
	const default_rotation_postprocessors: table[Writer] of RotationPostProcessorFunc &redef;

	## Names a log after its stream, for filters without a path: ``Foo::LOG`` becomes ``foo``, ``Foo::BAR_LOG`` and
	## ``Foo::BAR`` become ``foo_bar``.
	##
	## id: the stream.
	## path: the filter's path, which is returned if there is one.
	## rec: the record.
	global default_path_func: function(id: ID, path: string, rec: any): string &redef;

	## The extension of filters that do not name one: no columns.
	const default_ext_func: function(path: string): any = function(path: string) { } &redef;

	## A filter: which records of a stream go where, and how.
	type Filter: record {
		## Name; adding a filter replaces the one of the same name.
		name: string;

		## Kind of writer.
		writer: Writer &default=default_writer;

		## Name of the log; for files without extension.  Without one it is what :bro:id:`Log::default_path_func` gives.
		path: string &optional;

		## Gives the name of the log for each record, so that a stream can be split.
		##
		## id: the stream.
		## path: the filter's path, or the name given the last time; empty before.
		## rec: the record.
		path_func: function(id: ID, path: string, rec: any): string &optional;

		## Tells whether a record is written: an older way to say what ``policy`` says.
		##
		## rec: the record.
		pred: function(rec: any): bool &optional;

		## Names of the only columns to log.
		include: set[string] &optional;

		## Names of columns not to log.
		exclude: set[string] &optional;

		## Whether to write here.
		log_local: bool &default=enable_local_logging;

		## Whether to send to other nodes of a cluster.
		log_remote: bool &default=enable_remote_logging;

		## Names that columns get instead of their own.
		field_name_map: table[string] of string &default=default_field_name_map;

		## Goes between the name of a nested record and those of its fields.
		scope_sep: string &default=default_scope_sep;

		## Goes before the names of extension fields.
		ext_prefix: string &default=default_ext_prefix;

		## Gives a record whose columns are put before those of each row.  It is declared to return that record.
		ext_func: function(path: string): any &default=default_ext_func;

		## How often to rotate; 0: never.
		interv: interval &default=default_rotation_interval;

		## Processes rotated logs.
		postprocessor: RotationPostProcessorFunc &optional;

		## Options of the writer for this filter alone, by name.
		config: table[string] of string &default={};
	} &redef;

	## Decides which records a filter writes: a ``break`` keeps one out.
	##
	## rec: the record.
	## id: the stream.
	## filter: the filter.
	type PolicyHook: hook(rec: any, id: ID, filter: Filter);

	redef record Filter += {
		## Decides which records this filter writes; without it the hook of the stream does.
		policy: PolicyHook &optional;
	};

	## Decides which records are logged at all.
	##
	## rec: the record.
	## id: the stream.
	type StreamPolicyHook: hook(rec: any, id: ID);

	## A stream of records.
	type Stream: record {
		## Type of the records; those of its fields that are marked ``&log`` are logged.
		columns: any;

		## An event raised with each record, of one parameter of the record's type.
		ev: any &optional;

		## Name of the log of the default filter.
		path: string &optional;

		## Decides which records are written by filters that have no hook of their own.
		policy: PolicyHook &optional;

		## Groups of events that are disabled together with the stream.
		event_groups: set[string] &default=set();

		## How long its rows may be delayed.
		max_delay_interval: interval &default=default_max_delay_interval;

		## How many of its rows may be delayed at the same time.
		max_delay_queue_size: count &default=default_max_delay_queue_size;

		## Overrides :bro:id:`Log::default_max_field_string_bytes` for this stream.
		max_field_string_bytes: count &default=default_max_field_string_bytes;

		## Overrides :bro:id:`Log::default_max_total_string_bytes` for this stream.
		max_total_string_bytes: count &default=default_max_total_string_bytes;

		## Overrides :bro:id:`Log::default_max_field_container_elements` for this stream.
		max_field_container_elements: count &default=default_max_field_container_elements;

		## Overrides :bro:id:`Log::default_max_total_container_elements` for this stream.
		max_total_container_elements: count &default=default_max_total_container_elements;
	} &redef;

	## Names one delay of one row.
	type DelayToken: count;

	## Called when a delayed row is let go; true to log it.
	##
	## rec: the record.
	## id: the stream.
	type PostDelayCallback: function(rec: any, id: ID): bool;

	## Logs whatever was delayed.
	global empty_post_delay_cb: PostDelayCallback;

	## The filter that :bro:see:`Log::get_filter` returns when there is none of that name.
	const no_filter: Filter = [$name="<not found>"];

	## The streams that are enabled.
	global active_streams: table[ID] of Stream = table();

	## Decides which records of which streams are logged at all: a ``break`` keeps one out of every filter and raises no
	## event for it.
	global log_stream_policy: StreamPolicyHook;

	## Runs :bro:id:`Log::default_rotation_postprocessor_cmd` for a rotated log, if there is such a command.
	##
	## info: what is known of the log.
	## npath: name of the file.
	##
	## Returns: true, so that it can end a postprocessor.
	global run_rotation_postprocessor_cmd: function(info: RotationInfo, npath: string): bool;

	## Flushes all streams.
	##
	## Returns: nothing; it is declared to, as it always was.
	global flush_all: function(): any;
}

function empty_post_delay_cb(rec: any, id: ID): bool
	{
	return T;
	}

function default_path_func(id: ID, path: string, rec: any): string
	{
	if ( path != "" )
		return path;

	local name = to_lower(cat(id));
	local parts = split_string1(name, /::/);
	if ( |parts| == 1 )
		return name;

	local module_part = gsub(parts[0], /::/, "_");
	local log_part = gsub(parts[1], /::/, "_");
	if ( log_part == "log" )
		return module_part;
	if ( ends_with(log_part, "_log") )
		log_part = log_part[:|log_part| - 4];
	return module_part + "_" + log_part;
	}

function rotation_format_func(ri: RotationFmtInfo): RotationPath
	{
	return RotationPath($file_basename=fmt("%s.%s", ri$path, strftime(default_rotation_date_format, ri$open)));
	}

## All filters of all streams, by stream and name.  Scripts that extend this module copy them, to log the same another way.
global filters: table[ID, string] of Filter;

function run_rotation_postprocessor_cmd(info: RotationInfo, npath: string): bool
	{
	if ( default_rotation_postprocessor_cmd == "" )
		return T;

	local command = fmt("%s %s %s %s %s %d %s",
	                    default_rotation_postprocessor_cmd,
	                    safe_shell_quote(npath), safe_shell_quote(info$path),
	                    strftime("%y-%m-%d_%H.%M.%S", info$open),
	                    strftime("%y-%m-%d_%H.%M.%S", info$close),
	                    info$terminating, to_lower(sub(cat(info$writer), /^.*_/, "")));
	system_env(command, default_rotation_postprocessor_cmd_env);
	return T;
	}

function flush_all(): any
	{
	for ( id in active_streams )
		Log::flush(id);
	}

event zeek_init() &priority=5
	{
	if ( print_to_log != REDIRECT_NONE )
		Log::create_stream(PRINTLOG, Stream($columns=PrintLogInfo, $ev=log_print, $path=print_log_path));
	}
