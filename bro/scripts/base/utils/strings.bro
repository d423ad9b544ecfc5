##! Strings: what the built-in functions leave.

## Tells whether a string looks like binary data: at least a quarter of its bytes is above 127.
##
## s: the string.
##
## Returns: T if it does; an empty string does not.
function is_string_binary(s: string): bool
	{
	return |s| > 0 && |gsub(s, /[\x00-\x7f]+/, "")| * 100 / |s| >= 25;
	}

## Puts a backslash before characters.
##
## s: the string.
##
## chars: the characters; a backslash gets one in any case.
##
## Returns: the string with backslashes.
function string_escape(s: string, chars: string): string
	{
	local out: string_vec = vector();

	for ( c in s )
		out += (c == "\\" || c in chars) ? "\\" + c : c;

	return join_string_vec(out, "");
	}

## Cuts the end of a string off.
##
## s: the string.
##
## tail_len: how many characters to cut off.
##
## Returns: the rest, which is empty if the string is not longer than that.
function cut_tail(s: string, tail_len: count): string
	{
	return tail_len >= |s| ? "" : sub_bytes(s, 1, |s| - tail_len);
	}
