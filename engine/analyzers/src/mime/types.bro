## A header field of a MIME message.
type mime_header_rec: record {
	original_name: string;	##< The field's name as spelled in the message.
	name: string;		##< The name in upper case.
	value: string;		##< The value, unfolded, without white space around it.
};

## The header fields of a message by number, from 1.
type mime_header_list: table[count] of mime_header_rec;

