##! Extraction of files to disk.  Which files are extracted is the site's to say.

@load base/frameworks/files
@load base/utils/paths

module FileExtract;

export {
	## The folder that files are extracted to.
	const prefix = "./extract_files/" &redef;

	## Bytes that are written of a file at most; 0: all.
	option default_limit: count = 104857600;

	## Whether bytes that are missing count against the limit.
	option default_limit_includes_missing: bool = T;

	## Sets a new limit for a file that is being extracted.
	global set_limit: function(f: fa_file, args: Files::AnalyzerArgs, n: count): bool;

	## Fills in the arguments of an extraction.
	global on_add: function(f: fa_file, args: Files::AnalyzerArgs);
}

redef record Files::Info += {
	## Name of the file it was extracted to.
	extracted: string &log &optional;
	## Whether the limit cut it.
	extracted_cutoff: bool &log &optional;
	## Bytes that were written.
	extracted_size: count &log &optional;
};

function set_limit(f: fa_file, args: Files::AnalyzerArgs, n: count): bool
	{
	return __set_limit(f$id, args, n);
	}

function on_add(f: fa_file, args: Files::AnalyzerArgs)
	{
	if ( ! args?$extract_filename )
		args$extract_filename = cat("extract-", f$last_active, "-", f$source, "-", f$id);
	if ( ! args?$extract_limit )
		args$extract_limit = default_limit;
	if ( ! args?$extract_limit_includes_missing )
		args$extract_limit_includes_missing = default_limit_includes_missing;
	f$info$extracted = args$extract_filename;
	args$extract_filename = build_path_compressed(prefix, args$extract_filename);
	f$info$extracted_cutoff = F;
	mkdir(prefix);
	}

event file_extraction_limit(f: fa_file, args: Files::AnalyzerArgs, limit: count, len: count) &priority=10
	{
	f$info$extracted_cutoff = T;
	f$info$extracted_size = limit;
	}

event bro_init() &priority=10
	{
	Files::register_analyzer_add_callback(Files::ANALYZER_EXTRACT, on_add);
	}
