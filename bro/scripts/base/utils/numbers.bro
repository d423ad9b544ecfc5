##! Numbers in text.

## Finds a number in a text.
##
## s: the text.
##
## get_first: whether to take the first number or the last one.
##
## Returns: the number, 0 if there is none.
function extract_count(s: string, get_first: bool &default=T): count
	{
	local digits = get_first ? find_first(s, /[0-9]+/) : "";

	if ( ! get_first )
		for ( _, found in find_all_ordered(s, /[0-9]+/) )
			digits = found;

	return digits == "" ? 0 : to_count(digits);
	}
