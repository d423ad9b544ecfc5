##! Extracts all files to FileExtract::prefix.

@load base/files/extract

event file_sniff(f: fa_file, meta: fa_metadata)
	{
	Files::add_analyzer(f, Files::ANALYZER_EXTRACT);
	}
