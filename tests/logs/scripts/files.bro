# Events of files and all analyzers with their arguments.
global piece: event(f: fa_file, data: string, off: count);
global content: event(f: fa_file, data: string);

event file_new(f: fa_file)
	{
	print "new", f$source, f$is_orig, f$seen_bytes, Files::file_exists(f$id), Files::lookup_file(f$id)$id == f$id;
	for ( tag in set(Files::ANALYZER_MD5, Files::ANALYZER_SHA1, Files::ANALYZER_SHA224, Files::ANALYZER_SHA256, Files::ANALYZER_SHA384, Files::ANALYZER_SHA512, Files::ANALYZER_ENTROPY) )
		print Files::add_analyzer(f, tag);
	Files::add_analyzer(f, Files::ANALYZER_DATA_EVENT, [$chunk_event=piece, $stream_event=content]);
	Files::add_analyzer(f, Files::ANALYZER_EXTRACT, [$extract_filename=f$id, $extract_limit=100]);
	Files::set_timeout_interval(f, 10sec);
	}

event piece(f: fa_file, data: string, off: count) { print "piece", off, |data|; }
event content(f: fa_file, data: string) { print "content", |data|; }
event file_sniff(f: fa_file, meta: fa_metadata) { print "sniff", meta?$mime_type ? meta$mime_type : "-", meta$inferred; }
event file_over_new_connection(f: fa_file, c: connection, is_orig: bool) { print "over", c$http$uri, is_orig, |f$conns|; }
event file_hash(f: fa_file, kind: string, hash: string) { print kind, hash; }
event file_entropy(f: fa_file, ent: entropy_test_result) { print ent; }
event file_gap(f: fa_file, offset: count, len: count) { print "gap", offset, len; }
event file_timeout(f: fa_file) { print "timeout", f$seen_bytes; }
event file_state_remove(f: fa_file) { print "remove", Files::describe(f), f$seen_bytes, f$missing_bytes, f$overflow_bytes; }
event file_extraction_limit(f: fa_file, args: Files::AnalyzerArgs, limit: count, len: count)
	{
	print "limit", limit, len, f$http$uri == "/missing" ? FileExtract::set_limit(f, args, 120) : F;
	}
