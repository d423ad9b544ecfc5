module GLOBAL;

## A MIME type that a file's content suggests.
type mime_match: record {
	## How sure the signature is; the largest wins.
	strength: int;
	## The type, such as ``image/png``.
	mime: string;
};

## All types that a file's content suggests, the likeliest first.
type mime_matches: vector of mime_match;

## What the beginning of a file tells.
type fa_metadata: record {
	## The likeliest MIME type.
	mime_type: string &optional;
	## All that match, the likeliest first.
	mime_types: mime_matches &optional;
	## Whether the type was found by looking at the content, rather than said by the protocol.
	inferred: bool &default = T;
};

## How random some bytes are.
type entropy_test_result: record {
	## Information density, bits a byte.
	entropy: double;
	## Chi-square of the distribution of byte values.
	chi_square: double;
	## Arithmetic mean of the bytes; 127.5 for random ones.
	mean: double;
	## Pi as estimated from the bytes as coordinates.
	monte_carlo_pi: double;
	## How much a byte depends on the one before it; near 0 for random ones.
	serial_correlation: double;
};

export {
	## How much of a file's beginning is kept to recognise it, bytes.
	option default_file_bof_buffer_size: count = 4096;

	## How long a file may go without new content before it is given up.
	option default_file_timeout_interval: interval = 2 mins;
}

## A file that content was carried over the network of.  Fields that analyzers and scripts add belong to them.
type fa_file: record {
	## Unique id of the file.
	id: string;
	## Id of the file that this one was taken out of.
	parent_id: string &optional;
	## Where the file was seen: the name of the protocol's analyzer.
	source: string;
	## Whether the originator of the connection sent it.
	is_orig: bool &optional;
	## The connections its content came over.
	conns: table[conn_id] of connection &optional;
	## When content came last.
	last_active: time;
	## Bytes given to file analysis so far.
	seen_bytes: count &default = 0;
	## Size as the protocol announced it.
	total_bytes: count &optional;
	## Bytes that were lost to the monitor.
	missing_bytes: count &default = 0;
	## Bytes that came but were not analyzed: twice the same, or too far out of order.
	overflow_bytes: count &default = 0;
	## How long it may go without new content.
	timeout_interval: interval &default = default_file_timeout_interval;
	## How much of the beginning is kept.
	bof_buffer_size: count &default = default_file_bof_buffer_size;
	## The beginning of the file, once that much (or all of it) was seen.
	bof_buffer: string &optional;
} &redef;

module Files;

export {
	## Arguments of a file analyzer.
	type AnalyzerArgs: record {
		## For DATA_EVENT: an event that gets every piece with its offset.
		chunk_event: event(f: fa_file, data: string, off: count) &optional;
		## For DATA_EVENT: an event that gets the content in order.
		stream_event: event(f: fa_file, data: string) &optional;
		## For EXTRACT: name of the file to write.
		extract_filename: string &optional;
		## For EXTRACT: bytes to write at most; 0: no limit.
		extract_limit: count &optional;
		## For EXTRACT: whether missing bytes count against the limit.
		extract_limit_includes_missing: bool &optional;
	} &redef;

	## The kinds of file analyzers there are.
	type Files::Tag: enum {
		## Hands content to events of one's own.
		ANALYZER_DATA_EVENT,
		## Tests how random the content is.
		ANALYZER_ENTROPY,
		## Writes the content to disk.
		ANALYZER_EXTRACT,
		## MD5 digest.
		ANALYZER_MD5,
		## SHA-1 digest.
		ANALYZER_SHA1,
		## SHA-224 digest.
		ANALYZER_SHA224,
		## SHA-256 digest.
		ANALYZER_SHA256,
		## SHA-384 digest.
		ANALYZER_SHA384,
		## SHA-512 digest.
		ANALYZER_SHA512,
	};

	## Bytes of content out of order that are kept for a file.
	const reassembly_buffer_size: count = 524288 &redef;

	## Whether content out of order is put in order.
	option enable_reassembler = T;
}

module GLOBAL;

## Which file does the content belong to that an analyzer is about to hand over?  A handler answers by
## :bro:see:`set_file_handle`; content with the same handle is the same file, and with an empty one is not analyzed.  If none
## answers, the analyzer does.
##
## tag: the analyzer.
## c: the connection.
## is_orig: whether the originator sends the content.
global get_file_handle: event(tag: Analyzer::Tag, c: connection, is_orig: bool);

## A file was seen for the first time; nothing is known of its content yet.
global file_new: event(f: fa_file);

## Content of a file comes over a connection that carried none of it before.
##
## is_orig: whether the connection's originator sends it.
global file_over_new_connection: event(f: fa_file, c: connection, is_orig: bool);

## The beginning of a file was looked at.  Raised once, also when nothing was recognised.
##
## meta: what was found.
global file_sniff: event(f: fa_file, meta: fa_metadata);

## No content came for a file for its timeout interval.  Setting a new interval keeps it alive.
global file_timeout: event(f: fa_file);

## A part of a file was lost to the monitor.
##
## offset: where it begins.
## len: its length in bytes.
global file_gap: event(f: fa_file, offset: count, len: count);

## More content is out of order than is kept; a hole is given up.
##
## offset: where content goes on.
## skipped: bytes that were given up.
global file_reassembly_overflow: event(f: fa_file, offset: count, skipped: count);

## A file has ended: all was seen, or it timed out, or its connection is gone.
global file_state_remove: event(f: fa_file);

## A digest of a file that was seen whole.
##
## kind: ``md5``, ``sha1``, ``sha256`` and so on.
## hash: the digest in hexadecimal digits.
global file_hash: event(f: fa_file, kind: string, hash: string);

## How random a file's content is.
global file_entropy: event(f: fa_file, ent: entropy_test_result);

## A file is larger than may be extracted; what is beyond is not written unless a handler raises the limit.
##
## args: the extraction.
## limit: its limit in bytes.
## len: bytes that are about to be written.
global file_extraction_limit: event(f: fa_file, args: Files::AnalyzerArgs, limit: count, len: count);
