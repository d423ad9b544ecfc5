##! Names for types that are used everywhere: collections of simple values, and records that built-in functions take or
##! return.

## Strings by number.
type string_array: table[count] of string;

## A set of strings.
type string_set: set[string];

## A set of addresses.
type addr_set: set[addr];

## A set of counts.
type count_set: set[count];

## A set of intervals.
type interval_set: set[interval];

## A set of subnets.
type subnet_set: set[subnet];

## A vector of counts, often of indices.
type index_vec: vector of count;

## A vector of integers.
type int_vec: vector of int;

## A vector of doubles.
type double_vec: vector of double;

## A vector of strings.
type string_vec: vector of string;

## A vector of addresses.
type addr_vec: vector of addr;

## A vector of subnets.
type subnet_vec: vector of subnet;

## A vector of anything.
type any_vec: vector of any;

## Anything by string.
type string_any_table: table[string] of any;

## Strings by string.
type table_string_of_string: table[string] of string;

## Counts by string.
type table_string_of_count: table[string] of count;

## Turns one string into another.
type string_mapper: function(s: string): string;

## A hook on a table and a string that says what about.
type string_any_table_hook: hook(s: string, t: any);

## A hook on a file and a string that says what about.
type string_any_file_hook: hook(f: fa_file, e: any, str: string);

## What happened to an element of a table, as told to functions of the attribute ``&on_change``.
type TableChange: enum {
	## It was put in.
	TABLE_ELEMENT_NEW,
	## Its value was replaced.
	TABLE_ELEMENT_CHANGED,
	## It was taken out.
	TABLE_ELEMENT_REMOVED,
	## It expired.
	TABLE_ELEMENT_EXPIRED
};

## An address and port out of a command or reply of FTP.
type ftp_port: record {
	## The address.
	h: addr;
	## The port.
	p: port;
	## Whether the text had the right form.
	valid: bool;
};

## A place on earth.
type geo_location: record {
	## Two letters for the country.
	country_code: string &log &optional;
	## The region within the country.
	region: string &log &optional;
	## The city.
	city: string &log &optional;
	## Degrees north.
	latitude: double &log &optional;
	## Degrees east.
	longitude: double &log &optional;
};

## Who announces a network.
type geo_autonomous_system: record {
	## Number of the autonomous system.
	number: count &log &optional;
	## Whom it belongs to.
	organization: string &log &optional;
};

## Parameters of :bro:see:`str_smith_waterman`.
type sw_params: record {
	## Shortest common part worth mentioning.
	min_strlen: count &default=3;
	## 0: the best alignment; 1: all parts in common.
	sw_variant: count &default=0;
};

## Where a common part is in one of the strings.
type sw_align: record {
	## The string.
	str: string;
	## Where the part begins.
	index: count;
};

## Where a common part is in each string.
type sw_align_vec: vector of sw_align;

## A part that two strings have in common.
type sw_substring: record {
	## The part.
	str: string;
	## Where it is.
	aligns: sw_align_vec;
	## Whether it begins a new alignment.
	new: bool;
};

## Parts that two strings have in common.
type sw_substring_vec: vector of sw_substring;

## What packets are read from.
type PacketSource: record {
	## Whether it is an interface.
	live: bool;
	## Name of the interface or file.
	path: string;
	## libpcap's number for the kind of link.
	link_type: int;
	## Netmask, for filters that need it.
	netmask: count;
};

## What :bro:see:`from_json` made of a text.
type from_json_result: record {
	## The value, if the text was valid.
	v: any &optional;
	## Whether it was.
	valid: bool;
	## What was wrong with it.
	err: string &optional;
};

## Old and new name of a file that was rotated.
type rotate_info: record {
	## Name before.
	old_name: string;
	## Name now.
	new_name: string;
	## When it was opened.
	open: time;
	## When it was closed.
	close: time;
};

## A name or address looked up, for the events about changes of such mappings.
type dns_mapping: record {
	## When it was looked up.
	creation_time: time;
	## The name asked for, if it was one.
	req_host: string;
	## The address asked for, if it was one.
	req_addr: addr;
	## Whether there was an answer.
	valid: bool;
	## The name.
	hostname: string;
	## The addresses.
	addrs: addr_set;
};

## How addresses are anonymized.
type IPAddrAnonymization: enum {
	## Leave addresses as they are.
	KEEP_ORIG_ADDR,
	## Number them in the order they come.
	SEQUENTIALLY_NUMBERED,
	## Replace them by a keyed MD5.
	RANDOM_MD5,
	## Keep common prefixes, as tcpdpriv's A50 does.
	PREFIX_PRESERVING_A50,
	## Keep common prefixes, by a keyed MD5.
	PREFIX_PRESERVING_MD5,
	## Replace them by a keyed SHA-256.
	RANDOM_SHA256,
	## Keep common prefixes, by a keyed SHA-256.
	PREFIX_PRESERVING_SHA256
};

## Whose addresses are anonymized.
type IPAddrAnonymizationClass: enum {
	## The originators'.
	ORIG_ADDR,
	## The responders'.
	RESP_ADDR,
	## All others.
	OTHER_ADDR
};

## An argument of a call.
type call_argument: record {
	## Name of the parameter.
	name: string;
	## Its type.
	type_name: string;
	## Its default, if it has one.
	default_val: any &optional;
	## What was passed, if something was.
	value: any &optional;
};

## The arguments of a call.
type call_argument_vector: vector of call_argument;

## A call on the stack.
type BacktraceElement: record {
	## The function, event or hook.
	function_name: string;
	## Its arguments.
	function_args: call_argument_vector;
	## The script it was called from.
	file_location: string &optional;
	## The line there.
	line_location: count &optional;
};

## The calls on the stack, the innermost first.
type Backtrace: vector of BacktraceElement;

## Called for every `assert` that is run, with its result. Keeping account of asserts is its purpose; where handlers exist
## every assert costs a call of them. With `break` a failure is not reported.
##
## result: whether the condition held
## cond: the text of the condition
## msg: the message of the assert, empty if it has none
## bt: the calls that led to it
global assertion_result: hook(result: bool, cond: string, msg: string, bt: Backtrace);

## Called when an `assert` fails, before that is reported as an error. With `break` it is not reported.
##
## cond: the text of the condition
## msg: the message of the assert, empty if it has none
## bt: the calls that led to it
global assertion_failure: hook(cond: string, msg: string, bt: Backtrace);
