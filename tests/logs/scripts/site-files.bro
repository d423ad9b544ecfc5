##! Files by what they are: extracted up to a limit, hashed, their content counted as it streams by.

global extensions: table[string] of string = { ["text/html"] = "html", ["text/plain"] = "txt" } &default="";
global bytes_seen: table[string] of count &default=0;

redef FileExtract::prefix = "./extracted/";

event content(f: fa_file, data: string)
	{
	bytes_seen[f$id] += |data|;
	}

event zeek_init()
	{
	Files::register_for_mime_type(Files::ANALYZER_SHA1, "image/png");
	}

event file_over_new_connection(f: fa_file, c: connection, is_orig: bool)
	{
	Files::add_analyzer(f, Files::ANALYZER_MD5);
	}

event file_sniff(f: fa_file, meta: fa_metadata)
	{
	if ( ! meta?$mime_type )
		return;

	print "sniffed", meta$mime_type;

	if ( meta$mime_type !in extensions )
		return;

	Files::add_analyzer(f, Files::ANALYZER_EXTRACT,
	                    [$extract_filename=fmt("%s.%s", f$source, extensions[meta$mime_type]), $extract_limit=100]);
	Files::add_analyzer(f, Files::ANALYZER_DATA_EVENT, [$stream_event=content]);
	}

event file_hash(f: fa_file, kind: string, hash: string)
	{
	print kind, hash;
	}

event file_extraction_limit(f: fa_file, args: Files::AnalyzerArgs, limit: count, len: count)
	{
	print "limit", args$extract_filename, limit, len;
	}

event file_state_remove(f: fa_file)
	{
	print "gone", f$seen_bytes, f$total_bytes, f$missing_bytes, f$info$timedout, bytes_seen[f$id];
	for ( _, c in f$conns )
		print c$http$uri;
	}
