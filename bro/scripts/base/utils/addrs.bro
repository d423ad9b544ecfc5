##! Addresses in text: patterns that match them, functions that find and rewrite them.
##!
##! The patterns follow the textual forms of RFC 4291, section 2.2, written out case by case, because a pattern cannot
##! count: an IPv6 address with ``::`` in it has at most seven other groups, wherever the gap is.

## One number of a dotted quad.
const ipv4_decim = /[0-9]{1}|[0-9]{2}|0[0-9]{2}|1[0-9]{2}|2[0-4][0-9]|25[0-5]/;

## An IPv4 address.
const ipv4_addr_regex = ipv4_decim & /\./ & ipv4_decim & /\./ & ipv4_decim & /\./ & ipv4_decim;

## One group of an IPv6 address.
const ipv6_hextet = /[0-9A-Fa-f]{1,4}/;

## An IPv6 address with all eight groups.
const ipv6_8hex_regex = /([0-9A-Fa-f]{1,4}:){7}/ & ipv6_hextet;

## An IPv6 address with six groups and an IPv4 address.
const ipv6_hex4dec_regex = /([0-9A-Fa-f]{1,4}:){6}/ & ipv4_addr_regex;

## An IPv6 address with a gap at the front.
const ipv6_compressed_lead_hextets0 = /::([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){0,6})?/;
## An IPv6 address with one group before the gap.
const ipv6_compressed_lead_hextets1 = /[0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){0}::([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){0,5})?/;
## An IPv6 address with two groups before the gap.
const ipv6_compressed_lead_hextets2 = /[0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){1}::([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){0,4})?/;
## An IPv6 address with three groups before the gap.
const ipv6_compressed_lead_hextets3 = /[0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){2}::([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){0,3})?/;
## An IPv6 address with four groups before the gap.
const ipv6_compressed_lead_hextets4 = /[0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){3}::([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){0,2})?/;
## An IPv6 address with five groups before the gap.
const ipv6_compressed_lead_hextets5 = /[0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){4}::([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){0,1})?/;
## An IPv6 address with six groups before the gap.
const ipv6_compressed_lead_hextets6 = /[0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){5}::([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){0,0})?/;
## An IPv6 address with seven groups before the gap.
const ipv6_compressed_lead_hextets7 = /[0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){6}::/;

## An IPv6 address of groups with a gap.
const ipv6_compressed_hex_regex = ipv6_compressed_lead_hextets0 |
	ipv6_compressed_lead_hextets1 |
	ipv6_compressed_lead_hextets2 |
	ipv6_compressed_lead_hextets3 |
	ipv6_compressed_lead_hextets4 |
	ipv6_compressed_lead_hextets5 |
	ipv6_compressed_lead_hextets6 |
	ipv6_compressed_lead_hextets7;

## A gap at the front, and an IPv4 address at the end.
const ipv6_compressed_hext4dec_lead_hextets0 = /::([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){0,4})?/ & ipv4_addr_regex;
## One group before the gap, and an IPv4 address at the end.
const ipv6_compressed_hext4dec_lead_hextets1 = /[0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){0}::([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){0,3})?/ & ipv4_addr_regex;
## Two groups before the gap, and an IPv4 address at the end.
const ipv6_compressed_hext4dec_lead_hextets2 = /[0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){1}::([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){0,2})?/ & ipv4_addr_regex;
## Three groups before the gap, and an IPv4 address at the end.
const ipv6_compressed_hext4dec_lead_hextets3 = /[0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){2}::([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){0,1})?/ & ipv4_addr_regex;
## Four groups before the gap, and an IPv4 address at the end.
const ipv6_compressed_hext4dec_lead_hextets4 = /[0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){3}::([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){0,0})?/ & ipv4_addr_regex;
## Five groups before the gap, and an IPv4 address at the end.
const ipv6_compressed_hext4dec_lead_hextets5 = /[0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){4}::/ & ipv4_addr_regex;

## An IPv6 address with a gap, and an IPv4 address at the end.
const ipv6_compressed_hex4dec_regex = ipv6_compressed_hext4dec_lead_hextets0 |
	ipv6_compressed_hext4dec_lead_hextets1 |
	ipv6_compressed_hext4dec_lead_hextets2 |
	ipv6_compressed_hext4dec_lead_hextets3 |
	ipv6_compressed_hext4dec_lead_hextets4 |
	ipv6_compressed_hext4dec_lead_hextets5;

## An IPv6 address.
const ipv6_addr_regex = ipv6_8hex_regex |
	ipv6_compressed_hex_regex |
	ipv6_hex4dec_regex |
	ipv6_compressed_hex4dec_regex;

## An address.
const ip_addr_regex = ipv4_addr_regex | ipv6_addr_regex;

## Tells whether the parts of a dotted quad are numbers that a byte holds.
##
## octets: the parts, without the dots.
##
## Returns: T if there are four of them, each from 0 to 255.
function has_valid_octets(octets: string_vec): bool
	{
	if ( |octets| != 4 )
		return F;

	for ( i, octet in octets )
		if ( /[0-9]{1,3}/ != octet || to_count(octet) > 255 )
			return F;

	return T;
	}

## Finds the addresses in a text.
##
## input: the text.
##
## check_wrapping: only take addresses that stand between parentheses, brackets or braces that belong together.
##
## Returns: the addresses as they are written, from left to right.
function extract_ip_addresses(input: string, check_wrapping: bool &default=F): string_vec
	{
	local found: string_vec = vector();
	# Matches are at odd positions, what lies between them at even ones.
	local parts = split_string_all(input, ip_addr_regex);

	for ( i, part in parts )
		{
		if ( i % 2 == 0 || ! is_valid_ip(part) )
			next;

		if ( check_wrapping )
			{
			local before = parts[i - 1];
			local after = i + 1 < |parts| ? parts[i + 1] : "";

			if ( before == "" || after == "" )
				next;

			local pair = before[-1:] + after[0];

			if ( pair != "[]" && pair != "()" && pair != "{}" )
				next;
			}

		found += part;
		}

	return found;
	}

## Writes an address the way it stands in a URI: IPv6 ones in brackets.
##
## a: the address.
##
## Returns: its text.
function addr_to_uri(a: addr): string
	{
	return is_v4_addr(a) ? cat(a) : fmt("[%s]", a);
	}

## Brings a link-layer address into one form, ``00:a0:32:d7:81:8f``.
##
## a: a text with 12 or 16 hexadecimal digits; everything else in it is passed over.
##
## Returns: the digits in lower case with a colon after every second one, or an empty string if there are more or fewer.
function normalize_mac(a: string): string
	{
	local digits = to_lower(gsub(a, /[^A-Fa-f0-9]+/, ""));

	if ( |digits| != 12 && |digits| != 16 )
		return "";

	local pairs: string_vec = vector();
	local i = 0;

	while ( i < |digits| )
		{
		pairs += digits[i:i + 2];
		i += 2;
		}

	return join_string_vec(pairs, ":");
	}
