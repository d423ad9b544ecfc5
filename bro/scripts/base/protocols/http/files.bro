##! Files that HTTP carries: which request they belong to.

@load base/frameworks/files
@load ./entities
@load ./main
@load ./utils

module HTTP;

export {
	## Files of a request that are logged with it at most.
	option max_files_orig = 15;

	## Files of a reply that are logged with it at most.
	option max_files_resp = 15;

	## Called before a file is logged with its request; a ``break`` keeps it out.
	##
	## f: the file.
	##
	## is_orig: whether the client sent it.
	global max_files_policy: hook(f: fa_file, is_orig: bool);

	## Tells files of a connection apart.
	##
	## c: the connection.
	##
	## is_orig: whether the client sends it.
	##
	## Returns: what is the same for the same file and for nothing else.
	global get_file_handle: function(c: connection, is_orig: bool): string;

	## Describes a file in a few words.
	##
	## f: the file.
	##
	## Returns: its URL.
	global describe_file: function(f: fa_file): string;
}

redef record Info += {
	## Unique ids of the files that the client sent.
	orig_fuids: vector of string &log &optional;
	## Their names, as far as they have some.
	orig_filenames: vector of string &log &optional;
	## Their MIME types by content, as far as they were recognised.
	orig_mime_types: vector of string &log &optional;
	## Unique ids of the files that the server sent.
	resp_fuids: vector of string &log &optional;
	## Their names, as far as they have some.
	resp_filenames: vector of string &log &optional;
	## Their MIME types by content, as far as they were recognised.
	resp_mime_types: vector of string &log &optional;
};

redef record fa_file += {
	## The request it came with.
	http: HTTP::Info &optional;
};

function get_file_handle(c: connection, is_orig: bool): string
	{
	if ( ! c?$http )
		return "";

	# Parts of a resource belong together, whatever connections they come over.
	if ( c$http$range_request && ! is_orig )
		return cat(Analyzer::ANALYZER_HTTP, is_orig, c$id$orig_h, build_url(c$http));

	local depth = is_orig ? c$http$orig_mime_depth : c$http$resp_mime_depth;
	return cat(Analyzer::ANALYZER_HTTP, c$start_time, is_orig, c$http$trans_depth, depth, c$uid);
	}

function describe_file(f: fa_file): string
	{
	if ( f?$http )
		return build_url_http(f$http);

	# Before the first event of its connection was handled.
	if ( f?$conns )
		for ( _, c in f$conns )
			if ( c?$http )
				return build_url_http(c$http);

	return "";
	}

event zeek_init() &priority=5
	{
	Files::register_protocol(Analyzer::ANALYZER_HTTP, Files::ProtoRegistration($get_file_handle=HTTP::get_file_handle,
	                                                                          $describe=HTTP::describe_file));
	}

hook max_files_policy(f: fa_file, is_orig: bool) &priority=5
	{
	if ( is_orig )
		{
		if ( f$http?$orig_fuids && |f$http$orig_fuids| >= max_files_orig )
			break;
		}
	else if ( f$http?$resp_fuids && |f$http$resp_fuids| >= max_files_resp )
		break;
	}

event file_over_new_connection(f: fa_file, c: connection, is_orig: bool) &priority=5
	{
	if ( f$source != "HTTP" || ! c?$http )
		return;

	local info = c$http;
	f$http = info;
	local name = info?$current_entity && info$current_entity?$filename ? info$current_entity$filename : "";

	if ( name != "" )
		f$info$filename = name;

	if ( ! hook max_files_policy(f, is_orig) )
		return;

	if ( is_orig )
		{
		if ( ! info?$orig_fuids )
			info$orig_fuids = vector();

		info$orig_fuids += f$id;

		if ( name == "" )
			return;

		if ( ! info?$orig_filenames )
			info$orig_filenames = vector();

		info$orig_filenames += name;
		}
	else
		{
		if ( ! info?$resp_fuids )
			info$resp_fuids = vector();

		info$resp_fuids += f$id;

		if ( name == "" )
			return;

		if ( ! info?$resp_filenames )
			info$resp_filenames = vector();

		info$resp_filenames += name;
		}
	}

# Whether a file is logged with its request: it was the last that was taken in.
function is_logged(fuids: vector of string, fuid: string): bool
	{
	return |fuids| > 0 && fuids[|fuids| - 1] == fuid;
	}

event file_sniff(f: fa_file, meta: fa_metadata) &priority=5
	{
	if ( ! f?$http || ! f?$is_orig || ! meta?$mime_type )
		return;

	local info = f$http;

	if ( f$is_orig )
		{
		if ( ! info?$orig_fuids || ! is_logged(info$orig_fuids, f$id) )
			return;

		if ( ! info?$orig_mime_types )
			info$orig_mime_types = vector();

		info$orig_mime_types += meta$mime_type;
		}
	else
		{
		if ( ! info?$resp_fuids || ! is_logged(info$resp_fuids, f$id) )
			return;

		if ( ! info?$resp_mime_types )
			info$resp_mime_types = vector();

		info$resp_mime_types += meta$mime_type;
		}
	}
