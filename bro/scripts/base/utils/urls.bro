##! URLs: finding them in text, taking them apart.

@load base/utils/strings

## A URL with a scheme of three to five letters.
const url_regex = /^([a-zA-Z\-]{3,5}):\/\/(-\.)?([^[:blank:]\/?\.#-]+\.?)+(\/[^[:blank:]]*)?/ &redef;

# The same anywhere in a text.
global url_in_text = /([a-zA-Z\-]{3,5}):\/\/(-\.)?([^[:blank:]\/?\.#-]+\.?)+(\/[^[:blank:]]*)?/;

## A URI in parts.
type URI: record {
	## What stands before ``://``.
	scheme: string &optional;
	## The host, by name or address.
	netlocation: string;
	## The port, if one is named.
	portnum: count &optional;
	## The path from the first slash on, without parameters; ``/`` if there is none.
	path: string;
	## The last component of the path.
	file_name: string &optional;
	## The same without extension.
	file_base: string &optional;
	## The extension, without the dot.
	file_ext: string &optional;
	## Parameters behind the question mark, by name; those without a value are empty.
	params: table[string] of string &optional;
};

## Finds URLs in a text.
##
## s: the text.
##
## Returns: the different URLs.
function find_all_urls(s: string): string_set
	{
	return find_all(s, url_in_text);
	}

## Finds URLs in a text.
##
## s: the text.
##
## Returns: the different URLs, without scheme and ``://``.
function find_all_urls_without_scheme(s: string): string_set
	{
	local found: string_set = set();

	for ( url in find_all_urls(s) )
		add found[sub(url, /^([a-zA-Z\-]{3,5}):\/\//, "")];

	return found;
	}

## Takes a URI apart.
##
## uri: the URI.
##
## Returns: its parts.
function decompose_uri(uri: string): URI
	{
	local u = URI($netlocation="", $path="/");
	local s = uri;

	if ( /\?/ in s )
		{
		local query = split_string1(s, /\?/);
		s = query[0];
		u$params = table();

		for ( _, param in split_string(query[1], /&/) )
			{
			local pair = split_string1(param, /=/);

			if ( pair[0] != "" )
				u$params[pair[0]] = |pair| == 2 ? pair[1] : "";
			}
		}

	if ( /:\/\// in s )
		{
		local scheme = split_string1(s, /:\/\//);
		u$scheme = scheme[0];
		s = scheme[1];
		}

	if ( /\// in s )
		{
		local location = split_string1(s, /\//);
		s = location[0];
		u$path = "/" + location[1];

		local components = split_string(u$path, /\//);
		local name = components[|components| - 1];

		if ( name != "" )
			{
			u$file_name = name;
			local dots = split_string(name, /\./);

			if ( |dots| > 1 )
				{
				u$file_ext = dots[|dots| - 1];
				u$file_base = cut_tail(name, |u$file_ext| + 1);
				}
			else
				u$file_base = name;
			}
		}

	# In an IPv6 address, colons are inside of the brackets.
	if ( /^[^:]*:[0-9]*$/ in s || /\]:[0-9]*$/ in s )
		{
		local portnum = find_first(s, /:[0-9]*$/);
		s = cut_tail(s, |portnum|);

		if ( |portnum| > 1 )
			u$portnum = to_count(portnum[1:]);
		}

	u$netlocation = s;
	return u;
	}
