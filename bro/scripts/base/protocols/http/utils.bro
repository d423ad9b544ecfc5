##! What scripts about HTTP have in common.

@load base/utils/addrs
@load ./main

module HTTP;

export {
	## Takes the names out of pairs ``name=value``.
	##
	## data: the pairs.
	##
	## kv_splitter: what is between two of them.
	##
	## Returns: the names in order.
	global extract_keys: function(data: string, kv_splitter: pattern): string_vec;

	## Makes the URL that was asked for, without a scheme.
	##
	## rec: the request.
	##
	## Returns: the host, the port if it is not 80, and the path.
	global build_url: function(rec: Info): string;

	## Makes the URL that was asked for.
	##
	## rec: the request.
	##
	## Returns: the same with ``http://`` in front.
	global build_url_http: function(rec: Info): string;

	## Describes a request in a few words.
	##
	## rec: the request.
	global describe: function(rec: Info): string;
}

function extract_keys(data: string, kv_splitter: pattern): string_vec
	{
	local keys: string_vec = vector();

	for ( _, pair in split_string(data, kv_splitter) )
		keys += split_string1(pair, /=/)[0];

	return keys;
	}

function build_url(rec: Info): string
	{
	local uri = rec?$uri ? rec$uri : "/<missed_request>";

	# Proxies are asked for whole URLs.
	if ( /^[a-zA-Z][a-zA-Z0-9+.\-]*:\/\// in uri )
		return uri;

	local host = rec?$host ? rec$host : addr_to_uri(rec$id$resp_h);

	if ( rec$id$resp_p != 80/tcp && /:[0-9]+$/ !in host )
		host = fmt("%s:%d", host, rec$id$resp_p);

	return host + uri;
	}

function build_url_http(rec: Info): string
	{
	local url = build_url(rec);
	return /^[a-zA-Z][a-zA-Z0-9+.\-]*:\/\// in url ? url : "http://" + url;
	}

function describe(rec: Info): string
	{
	return build_url_http(rec);
	}
