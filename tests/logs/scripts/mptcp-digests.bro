# Prints what an MPTCP connection has carried, as its bytes came out in the order of data sequence numbers: for both sides
# how many, their digest, and what was missed.

type Side: record {
	bytes: count &default=0;
	missed: count &default=0;
	digest: opaque of sha256;
};

global sides: table[string, bool] of Side;

function side(c: connection, is_orig: bool): Side
	{
	if ( [c$uid, is_orig] !in sides )
		sides[c$uid, is_orig] = Side($digest=sha256_hash_init());
	return sides[c$uid, is_orig];
	}

event mptcp_contents(c: connection, is_orig: bool, offset: count, contents: string)
	{
	local now = side(c, is_orig);
	if ( offset != now$bytes + now$missed )
		print fmt("bytes at %d, after %d", offset, now$bytes + now$missed);
	now$bytes += |contents|;
	sha256_hash_update(now$digest, contents);
	}

event mptcp_content_gap(c: connection, is_orig: bool, offset: count, length: count)
	{
	side(c, is_orig)$missed += length;
	}

event mptcp_finished(c: connection, totals: MPTCP::Totals) &priority=-10
	{
	for ( _, is_orig in vector(T, F) )
		{
		local now = side(c, is_orig);
		print fmt("%s %d %d %s", is_orig ? "->" : "<-", now$bytes, now$missed, sha256_hash_finish(now$digest));
		}
	print fmt("%s, %d subflows, %d joined, %d refused, %d conflicting", totals$ended, |totals$subflows|, totals$joined,
	          totals$refused, totals$conflicting_bytes);
	}
