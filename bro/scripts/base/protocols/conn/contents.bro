##! Writes what connections carry into files, one for each direction.

@load base/utils/files

module Conn;

export {
	## Begins the names of the files.
	option extraction_prefix = "contents";

	## Whether it is done for all connections.
	option default_extract = F;
}

redef record connection += {
	## Whether what the originator sends is written to a file.
	extract_orig: bool &default=default_extract;
	## Whether what the responder sends is.
	extract_resp: bool &default=default_extract;
};

event connection_established(c: connection) &priority=-5
	{
	if ( c$extract_orig )
		set_contents_file(c$id, CONTENTS_ORIG, open(generate_extraction_filename(extraction_prefix, c, "orig.dat")));

	if ( c$extract_resp )
		set_contents_file(c$id, CONTENTS_RESP, open(generate_extraction_filename(extraction_prefix, c, "resp.dat")));
	}
