##! Mail addresses in header lines (RFC 5322, section 3.4).

# One address: no white space, commas, brackets or quotes on either side of the sign.
global email_addr_regex = /[^[:blank:]<>,:;\"()@]+@[^[:blank:]<>,:;\"()@]+/;

## Finds mail addresses in a text such as ``Jane <jane@example.com>, joe@example.com``.
##
## str: the text.
##
## Returns: the addresses alone, from left to right; repeated ones again.
function extract_email_addrs_vec(str: string): string_vec
	{
	return find_all_ordered(str, email_addr_regex);
	}

## Finds mail addresses in a text, like :bro:id:`extract_email_addrs_vec`.
##
## str: the text.
##
## Returns: the different addresses.
function extract_email_addrs_set(str: string): set[string]
	{
	return find_all(str, email_addr_regex);
	}

## Finds the first mail address in a text.
##
## str: the text.
##
## Returns: the address, or an empty string if there is none.
function extract_first_email_addr(str: string): string
	{
	return find_first(str, email_addr_regex);
	}

## Takes a list of mail addresses apart, as it stands in a header line.
##
## Commas in quotes do not end an address.  Groups of addresses are not known: their name stays with the first address.
##
## line: the value of the header.
##
## Returns: the addresses with the names that were given with them.
function split_mime_email_addresses(line: string): set[string]
	{
	local found: set[string] = set();

	for ( _, part in find_all_ordered(line, /(\"[^\"]*\"|[^\",]+|\")+/) )
		{
		local address = strip(part);

		if ( address != "" )
			add found[address];
		}

	return found;
	}
