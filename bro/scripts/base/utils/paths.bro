##! Paths of files.

## An absolute path, with a drive letter or without.
const absolute_path_pat = /(\/|[A-Za-z]:[\\\/]).*/;

## Finds the first absolute path in a text, up to a character that ends words or quotes.
##
## input: the text.
##
## Returns: the path, or an empty string if there is none.
function extract_path(input: string): string
	{
	# A path begins with a slash that does not follow a character of a word, so that "and/or" is none.
	local parts = split_string_n(input, /(^|[[:blank:]\"'`(<=:])\/[^[:blank:]\"'`()<>:;,]*/, T, 1);
	return |parts| < 3 ? "" : find_first(parts[1], /\/.*/);
	}

## Puts a directory and the name of a file together.
##
## dir: the directory; may be empty.
##
## file_name: the name.
##
## Returns: the path, or the name alone if it is an absolute path.
function build_path(dir: string, file_name: string): string
	{
	return absolute_path_pat == file_name || dir == "" ? file_name : cat(dir, "/", file_name);
	}

## Puts a directory and the name of a file together, and takes out what is superfluous.
##
## dir: the directory; may be empty.
##
## file_name: the name.
##
## Returns: what :bro:id:`compress_path` makes of the result of :bro:id:`build_path`.
function build_path_compressed(dir: string, file_name: string): string
	{
	return compress_path(build_path(dir, file_name));
	}
