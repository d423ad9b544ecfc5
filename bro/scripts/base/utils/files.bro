##! Names of files.

@load base/utils/addrs

## Makes a name for a file that something of a connection is written to.
##
## prefix: goes before, with an underscore; may be empty.
##
## c: the connection.
##
## suffix: goes behind, with an underscore; may be empty.
##
## Returns: ``PREFIX_ADDR:PORT-ADDR:PORT_SUFFIX``, the originator first.
function generate_extraction_filename(prefix: string, c: connection, suffix: string): string
	{
	local name = fmt("%s:%d-%s:%d", addr_to_uri(c$id$orig_h), c$id$orig_p, addr_to_uri(c$id$resp_h), c$id$resp_p);

	if ( prefix != "" )
		name = fmt("%s_%s", prefix, name);

	return suffix == "" ? name : fmt("%s_%s", name, suffix);
	}

## Finds the name of a file in a header ``Content-Disposition`` (RFC 6266).
##
## data: the value of the header.
##
## Returns: the name without quotes and without directories, or an empty string if there is none.
function extract_filename_from_content_disposition(data: string): string
	{
	# Form data has the name of its field as well (RFC 7578).
	local parts = split_string1(data, /[fF][iI][lL][eE][nN][aA][mM][eE]\*?[[:blank:]]*=[[:blank:]]*/);

	if ( |parts| != 2 )
		parts = split_string1(data, /[nN][aA][mM][eE]\*?[[:blank:]]*=[[:blank:]]*/);

	if ( |parts| != 2 )
		return "";

	local name = parts[1];

	if ( /^\"/ in name )
		# A quoted string ends at the next quote that has no backslash before it.
		name = gsub(find_first(name, /\"([^\"\\]|\\.)*/)[1:], /\\\"/, "\"");
	else
		{
		name = strip(split_string1(name, /;/)[0]);
		# The extended form (RFC 8187) begins with a character set and a language.
		local extended = split_string_n(name, /'/, F, 2);

		if ( |extended| == 3 )
			name = unescape_URI(extended[2]);
		}

	# Only the last component: where it is put is not the sender's business.
	local components = split_string(name, /[\/\\]/);
	return components[|components| - 1];
	}
