##! Patterns: making them of strings, and what they match.

module GLOBAL;

## Makes a pattern of a set of strings, each standing for itself.
##
## ss: the strings.
##
## pat: the pattern around them; two tildes stand for the strings.  ``"~~"`` is any of them alone, and
##      ``"\\.(~~)$"`` any of them behind a dot at the end.
##
## Returns: the pattern.
function set_to_regex(ss: set[string], pat: string): pattern
	{
	local alternatives: string_vec = vector();

	for ( s in ss )
		alternatives += convert_for_pattern(s);

	# Put in by cutting rather than by replacing: a string may contain tildes itself.
	return string_to_pattern(join_string_vec(split_string(pat, /~~/), join_string_vec(alternatives, "|")), F);
	}

## What :bro:id:`match_pattern` finds.
type PatternMatchResult: record {
	## T if there is a match.
	matched: bool;
	## What matches, the leftmost and then longest; empty without a match.
	str: string;
	## Where it begins; the first character is 1, and 0 means no match.
	off: count;
};

## Looks for a pattern in a text.
##
## s: the text.
##
## p: the pattern.
##
## Returns: what matches, and where.
function match_pattern(s: string, p: pattern): PatternMatchResult
	{
	local parts = split_string_n(s, p, T, 1);

	if ( |parts| == 1 )
		return [$matched=F, $str="", $off=0];

	return [$matched=T, $str=parts[1], $off=|parts[0]| + 1];
	}
