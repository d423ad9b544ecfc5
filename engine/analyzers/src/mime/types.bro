module MIME;

export {
	## Levels of parts within parts; what is nested deeper is not looked at.
	const max_depth: count = 100 &redef;

	## Bytes of the header fields of a message or part; those behind them are not looked at.
	const max_header_bytes: count = 65536 &redef;
}

module GLOBAL;

## A header field of a MIME message.
type mime_header_rec: record {
	original_name: string;	##< The field's name as spelled in the message.
	name: string;		##< The name in upper case.
	value: string;		##< The value, unfolded, without white space around it.
};

## The header fields of a message by number, from 1.
type mime_header_list: table[count] of mime_header_rec;

