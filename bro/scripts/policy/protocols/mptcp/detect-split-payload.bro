##! Notices of what only a connection as a whole shows: a pattern that matches its data and of which each path has a part, so
##! that nobody sees it who looks at paths one by one.

@load base/frameworks/notice

module MPTCP;

export {
	redef enum Notice::Type += {
		## A pattern matches data that was spread over several paths, and none of them shows it.
		Split_Payload,
	};

	## What is looked for in the data of connections, across all their paths.
	option split_pattern: pattern = /evil stuff/;

	## A match that is longer may be missed if it comes in several segments.
	option split_length: count = 512;

	## So many segments of a direction are remembered, to tell which path has brought what.
	option split_segments: count = 256;
}

# What a segment has brought: data of the connection, from offset `from` on, and on which subflow.
type Piece: record {
	from: count;
	length: count;
	path: string;
};

# A direction of a connection.
type Way: record {
	# Offset of the data sequence number 0, modulo 2^32.
	base: count;
	# The latest pieces.
	pieces: vector of Piece &default=vector();
	# The data before the next, and its offset.
	tail: string &default="";
	tail_at: count &default=0;
};

const two_32 = 4294967296;

# By the unique id of the first subflow, and whether it is the originator of that who sends.
global ways: table[string, bool] of Way &read_expire=10min;

# By the unique id of a subflow: that of the first, and whether its originator is the connection's responder.
global subflow_of: table[string] of string &read_expire=10min;
global turned: set[string] &read_expire=10min;

# By the token of an originator: its connections.
global tokens: table[count] of string &read_expire=10min;

# The lower half of the first data sequence number that follows from a key.
function first_number(version: count, key: count): count
	{
	local bytes = hexstr_to_bytestring(fmt("%016x", key));
	local hash = version == 0 ? sha1_hash(bytes) : sha256_hash(bytes);
	local idsn = hexstr_to_bytestring(hash[|hash| - 8:]);
	return (bytestring_to_count(idsn, F) + 1) % two_32;
	}

event mp_capable(c: connection, len: count, version: count, flags: count, sender_key: count, receiver_key: count, is_orig: bool)
	{
	if ( ! is_orig || len < 20 || [c$uid, T] in ways )
		return;

	ways[c$uid, T] = Way($base=first_number(version, sender_key));
	ways[c$uid, F] = Way($base=first_number(version, receiver_key));
	subflow_of[c$uid] = c$uid;
	}

event mptcp_established(c: connection, version: count, orig_token: count, resp_token: count)
	{
	tokens[orig_token] = c$uid;
	}

event mp_join(c: connection, len: count, flags: count, addr_id: count, rand: count, token: count, hmac: string, is_orig: bool)
	{
	if ( is_orig && len == 12 && token in tokens )
		add turned[c$uid];
	}

event mptcp_subflow(c: connection, first: string)
	{
	subflow_of[c$uid] = first;
	}

# Remembers what a segment has brought.
function brought(c: connection, is_orig: bool, from: count, length: count)
	{
	if ( c$uid !in subflow_of || length == 0 )
		return;

	local first = subflow_of[c$uid];
	local sender = c$uid in turned ? ! is_orig : is_orig;
	if ( [first, sender] !in ways )
		return;

	local way = ways[first, sender];
	local at = (from + two_32 - way$base) % two_32;

	# A mapping that is longer than a segment comes with each of them.
	if ( |way$pieces| > 0 )
		{
		local last = way$pieces[|way$pieces| - 1];
		if ( last$from == at && last$path == c$uid && last$length == length )
			return;
		}

	way$pieces += Piece($from=at, $length=length, $path=c$uid);
	if ( |way$pieces| > 2 * split_segments )
		way$pieces = way$pieces[|way$pieces| - split_segments:];
	}

event mp_dss(c: connection, len: count, flags: count, data_ack: count, dsn: count, ssn: count, dll: count, checksum: count, is_orig: bool)
	{
	# With a mapping; a number of data 0 is an end of the connection.
	if ( flags & 0x04 != 0 && ssn != 0 )
		brought(c, is_orig, dsn % two_32, dll);
	}

event mp_capable_data(c: connection, len: count, dll: count, checksum: count, is_orig: bool)
	{
	if ( [c$uid, T] in ways )
		brought(c, is_orig, ways[c$uid, T]$base, dll);
	}

# The paths that have brought some of the data from an offset on, and whether one of them has brought all of it.
function carriers(way: Way, from: count, length: count): set[string]
	{
	local found: set[string] = set();

	for ( _, piece in way$pieces )
		{
		# Offsets are known modulo 2^32.
		local at = from % two_32;
		if ( piece$from < at + length && at < piece$from + piece$length )
			add found[piece$path];
		}

	# What one path has brought in pieces one behind the other, it shows.
	for ( path in found )
		{
		local upto = from % two_32;
		for ( _, own in way$pieces )
			if ( own$path == path && own$from <= upto && upto < own$from + own$length )
				upto = own$from + own$length;
		if ( upto >= from % two_32 + length )
			return set(path);
		}

	return found;
	}

# As a vector.
function string_vec_of(texts: set[string]): vector of string
	{
	local found: vector of string = vector();
	for ( text in texts )
		found += text;
	return found;
	}

event mptcp_contents(c: connection, is_orig: bool, offset: count, contents: string)
	{
	if ( [c$uid, is_orig] !in ways )
		return;

	local way = ways[c$uid, is_orig];

	# A gap: what was before it does not belong to what comes behind.
	if ( offset != way$tail_at + |way$tail| )
		{
		way$tail = "";
		way$tail_at = offset;
		}

	local data = way$tail + contents;
	local began = way$tail_at;

	if ( split_pattern in data )
		{
		local match = find_first(data, split_pattern);
		local place = strstr(data, match);
		local paths = carriers(way, began + place - 1, |match|);
		if ( |paths| > 1 )
			NOTICE(Notice::Info($note=Split_Payload, $conn=c, $identifier=cat(c$uid, is_orig), $n=|paths|,
			    $msg=fmt("%s in the data from %s, which came on %d paths; none of them shows it", match,
			             is_orig ? c$id$orig_h : c$id$resp_h, |paths|),
			    $sub=join_string_vec(sort(string_vec_of(paths), strcmp), " ")));

		# It is found once.
		data = data[place - 1 + |match|:];
		began += place - 1 + |match|;
		}

	way$tail = |data| > split_length ? data[|data| - split_length:] : data;
	way$tail_at = began + |data| - |way$tail|;
	}

event connection_state_remove(c: connection)
	{
	delete turned[c$uid];
	delete subflow_of[c$uid];
	}

event mptcp_finished(c: connection, totals: MPTCP::Totals)
	{
	delete ways[c$uid, T];
	delete ways[c$uid, F];
	if ( totals?$orig_token )
		delete tokens[totals$orig_token];
	}
