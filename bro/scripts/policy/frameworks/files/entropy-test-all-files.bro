##! Tests of all files how random they are, in their log.

@load base/frameworks/files

module Files;

redef record Files::Info += {
	## Information density of the content, bits a byte.
	entropy: double &log &optional;
};

event file_new(f: fa_file)
	{
	Files::add_analyzer(f, Files::ANALYZER_ENTROPY);
	}

event file_entropy(f: fa_file, ent: entropy_test_result)
	{
	f$info$entropy = ent$entropy;
	}
