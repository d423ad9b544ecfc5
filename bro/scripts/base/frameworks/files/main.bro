##! File analysis: which analyzers look at a file, and the log of all files.

@load base/frameworks/logging
@load base/utils/site

module Files;

export {
	redef enum Log::ID += {
		## The log of files.
		LOG
	};

	## Decides which rows go into the log of files.
	global log_policy: Log::PolicyHook;

	## A row of files.log.
	type Info: record {
		## When the file was first seen.
		ts: time &log;
		## Unique id of the file.
		fuid: string &log;
		## Unique id of the connection it came over, if it was one.
		uid: string &log &optional;
		## Endpoints of that connection.
		id: conn_id &log &optional;
		## The protocol it was seen in.
		source: string &log &optional;
		## How deep it lies in its source, as the parts of a mail do.
		depth: count &default=0 &log;
		## Names of the analyzers that looked at it.
		analyzers: set[string] &default=string_set() &log;
		## Its MIME type by content.
		mime_type: string &log &optional;
		## The name its source gives it.
		filename: string &log &optional;
		## How long content came.
		duration: interval &log &default=0secs;
		## Whether it came from the local network.
		local_orig: bool &log &optional;
		## Whether the originator of the connection sent it.
		is_orig: bool &log &optional;
		## Bytes that were seen.
		seen_bytes: count &log &default=0;
		## Bytes there should be.
		total_bytes: count &log &optional;
		## Bytes that were lost to the monitor.
		missing_bytes: count &log &default=0;
		## Bytes that were not analyzed.
		overflow_bytes: count &log &default=0;
		## Whether it was given up because nothing came.
		timedout: bool &log &default=F;
		## Id of the file it was taken out of.
		parent_fuid: string &log &optional;
	} &redef;

	## Analyzers that are switched off.
	const disable: table[Files::Tag] of bool = table() &redef;

	## Whether analyzers registered for a MIME type are attached to files of that type.
	const analyze_by_mime_type_automatically = T &redef;

	## How a protocol names and describes its files.
	type ProtoRegistration: record {
		## Gives what sets a file of a connection apart.
		get_file_handle: function(c: connection, is_orig: bool): string;
		## Describes a file in a few words.
		describe: function(f: fa_file): string &default=function(f: fa_file): string { return ""; };
	};

	## Analyzers that name their files as the functions do that come with them, so that those need not be called.
	const named_by_analyzer: set[Analyzer::Tag] = { Analyzer::ANALYZER_FTP_DATA, Analyzer::ANALYZER_HTTP } &redef;

	## Registers how a protocol names and describes its files, in place of how it did before.  True always.
	global register_protocol: function(tag: Analyzer::Tag, reg: ProtoRegistration): bool;

	## Attaches an analyzer to a file; false if the file is gone, or the analyzer is disabled.
	global add_analyzer: function(f: fa_file, tag: Files::Tag, args: AnalyzerArgs &default=AnalyzerArgs()): bool;

	## Detaches an analyzer that was attached with the same arguments.
	global remove_analyzer: function(f: fa_file, tag: Files::Tag, args: AnalyzerArgs &default=AnalyzerArgs()): bool;

	## Looks no more at a file.
	global stop: function(f: fa_file): bool;

	## Whether a file of this id is under analysis.
	global file_exists: function(fuid: string): bool;

	## The file of this id; an error if there is none.
	global lookup_file: function(fuid: string): fa_file;

	## Puts content that comes out of order into order.
	global enable_reassembly: function(f: fa_file);

	## Takes content as it comes.
	global disable_reassembly: function(f: fa_file);

	## Sets how many bytes out of order are kept for a file.
	global set_reassembly_buffer_size: function(f: fa_file, max: count);

	## Sets how long a file may go without content.
	global set_timeout_interval: function(f: fa_file, t: interval): bool;

	## Whether files of a MIME type get an analyzer.
	global register_for_mime_type: function(tag: Files::Tag, mt: string): bool;

	## The same for several types.
	global register_for_mime_types: function(tag: Files::Tag, mime_types: set[string]): bool;

	## The MIME types that get an analyzer.
	global registered_mime_types: function(tag: Files::Tag): set[string];

	## All analyzers with their MIME types.
	global all_registered_mime_types: function(): table[Files::Tag] of set[string];

	## Has a function called whenever an analyzer is about to be attached; it may change the arguments.
	global register_analyzer_add_callback: function(tag: Files::Tag, callback: function(f: fa_file, args: AnalyzerArgs));

	## Switches an analyzer on.
	global enable_analyzer: function(tag: Files::Tag): bool;

	## Switches an analyzer off.
	global disable_analyzer: function(tag: Files::Tag): bool;

	## Whether an analyzer is switched on.
	global analyzer_enabled: function(tag: Files::Tag): bool;

	## An analyzer's name as in logs, such as ``MD5``.
	global analyzer_name: function(tag: Files::Tag): string;

	## Describes a file in a few words, as its protocol does.
	global describe: function(f: fa_file): string;

	## Makes sure that a file has a row for the log.
	global set_info: function(f: fa_file);

	## Raised for each row that is logged.
	global log_files: event(rec: Info);
}

redef record fa_file += {
	info: Info &optional;
};

global registered_protocols: table[Analyzer::Tag] of ProtoRegistration = table();
# Those whose functions have to be asked.
global named_by_script: set[Analyzer::Tag] = set();
global registered_sources: table[string] of ProtoRegistration = table();
global mime_types_of: table[Files::Tag] of set[string] = table();
global analyzers_of: table[string] of set[Files::Tag] = table();
global add_callbacks: table[Files::Tag] of function(f: fa_file, args: AnalyzerArgs) = table();
global switched_off: set[Files::Tag] = set();

event bro_init() &priority=5
	{
	Log::create_stream(Files::LOG, [$columns=Info, $ev=log_files, $path="files", $policy=log_policy]);
	}

function set_info(f: fa_file)
	{
	if ( ! f?$info )
		{
		local info = Info($ts=f$last_active, $fuid=f$id);
		f$info = info;
		}
	if ( f?$parent_id )
		f$info$parent_fuid = f$parent_id;
	if ( |f$source| > 0 )
		f$info$source = f$source;
	f$info$duration = f$last_active - f$info$ts;
	f$info$seen_bytes = f$seen_bytes;
	if ( f?$total_bytes )
		f$info$total_bytes = f$total_bytes;
	f$info$missing_bytes = f$missing_bytes;
	f$info$overflow_bytes = f$overflow_bytes;
	if ( f?$is_orig )
		f$info$is_orig = f$is_orig;
	}

function file_exists(fuid: string): bool
	{
	return __file_exists(fuid);
	}

function lookup_file(fuid: string): fa_file
	{
	return __lookup_file(fuid);
	}

function set_timeout_interval(f: fa_file, t: interval): bool
	{
	return __set_timeout_interval(f$id, t);
	}

function enable_reassembly(f: fa_file)
	{
	__enable_reassembly(f$id);
	}

function disable_reassembly(f: fa_file)
	{
	__disable_reassembly(f$id);
	}

function set_reassembly_buffer_size(f: fa_file, max: count)
	{
	__set_reassembly_buffer(f$id, max);
	}

function add_analyzer(f: fa_file, tag: Files::Tag, args: AnalyzerArgs): bool
	{
	if ( tag in switched_off || ( tag in Files::disable && Files::disable[tag] ) )
		return F;
	set_info(f);
	if ( tag in add_callbacks )
		add_callbacks[tag](f, args);
	if ( ! __add_analyzer(f$id, tag, args) )
		return F;
	add f$info$analyzers[analyzer_name(tag)];
	return T;
	}

function remove_analyzer(f: fa_file, tag: Files::Tag, args: AnalyzerArgs): bool
	{
	return __remove_analyzer(f$id, tag, args);
	}

function stop(f: fa_file): bool
	{
	return __stop(f$id);
	}

function analyzer_name(tag: Files::Tag): string
	{
	return __analyzer_name(tag);
	}

function enable_analyzer(tag: Files::Tag): bool
	{
	delete switched_off[tag];
	return T;
	}

function disable_analyzer(tag: Files::Tag): bool
	{
	add switched_off[tag];
	return T;
	}

function analyzer_enabled(tag: Files::Tag): bool
	{
	return tag !in switched_off;
	}

function register_protocol(tag: Analyzer::Tag, reg: ProtoRegistration): bool
	{
	if ( tag !in named_by_analyzer || tag in registered_protocols )
		{
		add named_by_script[tag];
		__ask_handles();
		}
	registered_protocols[tag] = reg;
	registered_sources[Analyzer::name(tag)] = reg;
	return T;
	}

function register_for_mime_type(tag: Files::Tag, mt: string): bool
	{
	if ( tag !in mime_types_of )
		mime_types_of[tag] = set();
	if ( mt !in analyzers_of )
		analyzers_of[mt] = set();
	add mime_types_of[tag][mt];
	add analyzers_of[mt][tag];
	return T;
	}

function register_for_mime_types(tag: Files::Tag, mime_types: set[string]): bool
	{
	for ( mt in mime_types )
		register_for_mime_type(tag, mt);
	return T;
	}

function registered_mime_types(tag: Files::Tag): set[string]
	{
	return tag in mime_types_of ? mime_types_of[tag] : set();
	}

function all_registered_mime_types(): table[Files::Tag] of set[string]
	{
	return mime_types_of;
	}

function register_analyzer_add_callback(tag: Files::Tag, callback: function(f: fa_file, args: AnalyzerArgs))
	{
	add_callbacks[tag] = callback;
	}

function describe(f: fa_file): string
	{
	return f$source in registered_sources ? registered_sources[f$source]$describe(f) : "";
	}

event get_file_handle(tag: Analyzer::Tag, c: connection, is_orig: bool) &priority=5
	{
	if ( tag in named_by_script )
		set_file_handle(registered_protocols[tag]$get_file_handle(c, is_orig));
	}

event file_over_new_connection(f: fa_file, c: connection, is_orig: bool) &priority=10
	{
	set_info(f);
	f$info$local_orig = Site::is_local_addr(is_orig ? c$id$orig_h : c$id$resp_h);
	}

event file_new(f: fa_file) &priority=10
	{
	set_info(f);
	}

event file_sniff(f: fa_file, meta: fa_metadata) &priority=10
	{
	set_info(f);
	if ( ! meta?$mime_type )
		return;
	f$info$mime_type = meta$mime_type;
	if ( ! analyze_by_mime_type_automatically || meta$mime_type !in analyzers_of )
		return;
	for ( tag in analyzers_of[meta$mime_type] )
		add_analyzer(f, tag);
	}

event file_timeout(f: fa_file) &priority=10
	{
	set_info(f);
	f$info$timedout = T;
	}

event file_state_remove(f: fa_file) &priority=10
	{
	set_info(f);
	}

event file_state_remove(f: fa_file) &priority=-10
	{
	if ( ! f?$conns || |f$conns| == 0 )
		{
		Log::write(Files::LOG, f$info);
		return;
		}

	# A row for every connection it came over.
	local first = T;
	for ( _, c in f$conns )
		{
		# The last record written may be kept by who handles the event of the log, so every row has its own.
		local info = first ? f$info : copy(f$info);
		first = F;
		info$uid = c$uid;
		info$id = c$id;
		Log::write(Files::LOG, info);
		}
	}
