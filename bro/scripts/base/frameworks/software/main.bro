##! The software that hosts run, as the traffic shows it.
##!
##! Scripts that see a name with a version call :bro:see:`Software::found`; what is new or has changed goes to software.log.

@load base/utils/directions-and-hosts
@load base/utils/numbers

module Software;

export {
	redef enum Log::ID += { LOG };

	global log_policy: Log::PolicyHook;

	## What software is for; scripts that find some add what they find.
	type Type: enum {
		## It could not be told.
		UNKNOWN,
	};

	## A version taken apart.
	type Version: record {
		## The first number.
		major: count &optional;
		## The second.
		minor: count &optional;
		## The third.
		minor2: count &optional;
		## The fourth.
		minor3: count &optional;
		## What stands behind them, such as a patch level.
		addl: string &optional;
	} &log;

	## A row of software.log: software on a host.
	type Info: record {
		## When it was seen.
		ts: time &log &optional;
		## The host.
		host: addr &log;
		## The port, of a server.
		host_p: port &log &optional;
		## What it is for.
		software_type: Type &log &default=UNKNOWN;
		## Its name.
		name: string &log &optional;
		## Its version.
		version: Version &log &optional;
		## All of it as the traffic had it.
		unparsed_version: string &log &optional;
		## Logs it although nothing is new.
		force_log: bool &default=F;
	};

	## Hosts whose software is noted.
	option asset_tracking = LOCAL_HOSTS;

	## Tells that software was seen.
	##
	## id: ends of the connection.
	##
	## info: the software; name and version are taken out of `unparsed_version` if they are not there.
	##
	## Returns: whether it is one that is noted.
	global found: function(id: conn_id, info: Info): bool;

	## Compares versions.
	##
	## Returns: -1, 0 or 1, as the first is lower, the same or higher.
	global cmp_versions: function(v1: Version, v2: Version): int;

	## Software by name.
	type SoftwareSet: table[string] of Info;

	## The software of each host, for a day after it was found first.
	global tracked: table[addr] of SoftwareSet = table() &create_expire=1 day;

	## Raised with every row of software.log.
	global log_software: event(rec: Info);

	## Raised when a version is another than before.
	##
	## old: what it was.
	##
	## new: what it is.
	global version_change: event(old: Info, new: Info);

	## Raised when software is noted, to put it among the others.
	global register: event(info: Info);

	## Software of a host that was not known before.
	global Software::new: event(info: Info);

	## What text tells of a version.
	type Description: record {
		## Name of the software.
		name: string;
		## Its version.
		version: Version;
		## The text.
		unparsed_version: string;
	};

	## Reads a version.
	global parse: function(unparsed_version: string): Description;

	## Reads what browsers say.
	global parse_mozilla: function(unparsed_version: string): Description;

	#

	## A version as text.
	global software_fmt_version: function(v: Version): string;

	## Software with its version as text.
	global software_fmt: function(i: Info): string;
}

# Names that mean others.
global alternate_names: table[string] of string = {
	["Flash Player"] = "Flash",
} &default=function(name: string): string { return name; };

# What was read before: the same few texts come again and again.
global parse_cache: table[string] of Description = table() &read_expire=1 day;

event zeek_init() &priority=5
	{
	Log::create_stream(LOG, Log::Stream($columns=Info, $ev=log_software, $path="software", $policy=log_policy));
	}

# Name and numbers: the name ends where a version begins, a number behind a separator.
const version_start = /[\/\-_ \(]+[vV]?[0-9]|[vV][0-9]/;
const numbers_of_version = /[0-9]+([\.,_\-][0-9]+)*/;
const dressing = /^[\/\-_, \(\)\[\];]+|[\/\-_, \(\)\[\];]+$/;

# Takes numbers with separators between them apart.
function read_numbers(text: string): Version
	{
	local parts = split_string(text, /[\.,_\-]/);
	local version = Version();

	if ( |parts| > 0 )
		version$major = extract_count(parts[0]);
	if ( |parts| > 1 )
		version$minor = extract_count(parts[1]);
	if ( |parts| > 2 )
		version$minor2 = extract_count(parts[2]);
	if ( |parts| > 3 )
		version$minor3 = extract_count(parts[3]);

	return version;
	}

# What stands behind the numbers: what is stuck to them, else what follows in parentheses, else a word.
function read_rest(rest: string): string
	{
	local stuck = find_all_ordered(rest, /^[\-_\.]?[A-Za-z][A-Za-z0-9\.\-_+~]*/);
	if ( |stuck| > 0 )
		return gsub(stuck[0], /^[\-_\.]+/, "");

	local inside = find_all_ordered(rest, /^[ \t]*\([^\)]*\)?/);
	if ( |inside| > 0 )
		return gsub(gsub(inside[0], /^[ \t]*\(/, ""), /\)$/, "");

	local word = find_all_ordered(rest, /^[ \t]+[A-Za-z][A-Za-z0-9\.\-_+~]*/);
	if ( |word| > 0 )
		return strip(word[0]);

	return "";
	}

function parse(unparsed_version: string): Description
	{
	if ( /^(Mozilla|Opera)\/[0-9]+\./ in unparsed_version )
		return parse_mozilla(unparsed_version);

	# Escapes of URLs, as mobile applications have them in their names.
	local text = "%" in unparsed_version ? unescape_URI(unparsed_version) : unparsed_version;
	local name = text;
	local version = Version();

	local start = find_all_ordered(text, version_start);
	if ( |start| > 0 )
		{
		local at = find_str(text, start[0]);
		name = at > 0 ? text[:at] : text;
		local rest = text[at:];
		local numbers = find_all_ordered(rest, numbers_of_version);
		if ( |numbers| > 0 )
			{
			version = read_numbers(numbers[0]);
			local addl = read_rest(rest[find_str(rest, numbers[0]) + |numbers[0]|:]);
			if ( addl != "" )
				version$addl = addl;
			}
		}

	name = gsub(name, dressing, "");
	if ( name == "" )
		name = text;

	return Description($name=alternate_names[name], $version=version, $unparsed_version=unparsed_version);
	}

# Browsers that say who they are beside many who they are not, with what their name stands before; the first that fits.
const browsers: vector of string = vector("OPR/", "Edg/", "Edge/", "SamsungBrowser/", "Vivaldi/", "YaBrowser/",
                                          "CriOS/", "FxiOS/", "Chromium/", "Chrome/", "Firefox/", "SeaMonkey/",
                                          "Thunderbird/", "MSIE ", "Opera Mini/", "Opera/");

const browser_names: table[string] of string = {
	["OPR/"] = "Opera",
	["Edg/"] = "Edge",
	["CriOS/"] = "Chrome",
	["FxiOS/"] = "Firefox",
} &default=function(name: string): string { return gsub(name, /[\/ ]$/, ""); };

# The version that stands behind a name in a text.
function version_behind(text: string, name: string): Version
	{
	local rest = text[find_str(text, name) + |name|:];
	local numbers = find_all_ordered(rest, /^[0-9]+([\._][0-9]+)*/);
	if ( |numbers| == 0 )
		return Version();

	local version = read_numbers(numbers[0]);
	local stuck = find_all_ordered(rest[|numbers[0]|:], /^[a-z][a-z0-9]*/);
	if ( |stuck| > 0 )
		version$addl = stuck[0];
	return version;
	}

function parse_mozilla(unparsed_version: string): Description
	{
	local name = "<unknown browser>";
	local version = Version();
	local text = unparsed_version;

	for ( i in browsers )
		{
		if ( browsers[i] in text )
			{
			name = browser_names[browsers[i]];
			# Later Operas say their version behind that of the Mozilla they claim to be.
			version = version_behind(text, browsers[i] == "Opera/" && "Version/" in text ? "Version/" : browsers[i]);
			break;
			}
		}

	if ( name == "<unknown browser>" )
		{
		if ( /Trident\/.*rv:/ in text )
			{
			name = "MSIE";
			version = version_behind(text, "rv:");
			}
		else if ( "Version/" in text && "Safari/" in text )
			{
			name = "Safari";
			version = version_behind(text, "Version/");
			}
		else if ( "Safari/" in text )
			{
			name = "Safari";
			version = version_behind(text, "Safari/");
			}
		else if ( "AppleWebKit/" in text )
			{
			name = "Unspecified WebKit";
			version = version_behind(text, "AppleWebKit/");
			}
		else if ( /rv:.*Gecko\// in text )
			{
			name = "Gecko";
			version = version_behind(text, "rv:");
			}
		}

	if ( / Mobile[\/ ]/ in text && ! version?$addl )
		version$addl = "Mobile";

	return Description($name=name, $version=version, $unparsed_version=unparsed_version);
	}

function parse_with_cache(unparsed_version: string): Description
	{
	if ( unparsed_version !in parse_cache )
		parse_cache[unparsed_version] = parse(unparsed_version);

	return parse_cache[unparsed_version];
	}

# Compares a part that either may lack: having it is more than not having it.
function cmp_part(first_there: bool, first: count, second_there: bool, second: count): int
	{
	if ( first_there && second_there )
		return first < second ? -1 : (first > second ? +1 : +0);

	return first_there ? +1 : (second_there ? -1 : +0);
	}

function cmp_versions(v1: Version, v2: Version): int
	{
	local order = cmp_part(v1?$major, v1?$major ? v1$major : 0, v2?$major, v2?$major ? v2$major : 0);
	if ( order == 0 )
		order = cmp_part(v1?$minor, v1?$minor ? v1$minor : 0, v2?$minor, v2?$minor ? v2$minor : 0);
	if ( order == 0 )
		order = cmp_part(v1?$minor2, v1?$minor2 ? v1$minor2 : 0, v2?$minor2, v2?$minor2 ? v2$minor2 : 0);
	if ( order == 0 )
		order = cmp_part(v1?$minor3, v1?$minor3 ? v1$minor3 : 0, v2?$minor3, v2?$minor3 ? v2$minor3 : 0);
	if ( order != 0 )
		return order;

	if ( v1?$addl && v2?$addl )
		return strcmp(v1$addl, v2$addl);

	return v1?$addl ? +1 : (v2?$addl ? -1 : +0);
	}

function software_fmt_version(v: Version): string
	{
	return fmt("%s%s%s%s%s",
	           v?$major ? fmt("%d", v$major) : "0",
	           v?$minor ? fmt(".%d", v$minor) : "",
	           v?$minor2 ? fmt(".%d", v$minor2) : "",
	           v?$minor3 ? fmt(".%d", v$minor3) : "",
	           v?$addl ? fmt("-%s", v$addl) : "");
	}

function software_fmt(i: Info): string
	{
	return fmt("%s %s", i$name, software_fmt_version(i$version));
	}

event Software::register(info: Info)
	{
	local is_new = info$host !in tracked || info$name !in tracked[info$host];
	local changed = F;

	if ( info$host !in tracked )
		tracked[info$host] = table();
	local known = tracked[info$host];

	if ( is_new )
		event Software::new(info);
	else
		{
		local old = known[info$name];
		changed = cmp_versions(old$version, info$version) != 0;
		if ( changed )
			event Software::version_change(old, info);
		}

	known[info$name] = info;
	if ( is_new || changed || info$force_log )
		Log::write(LOG, info);
	}

function found(id: conn_id, info: Info): bool
	{
	if ( ! info$force_log && ! addr_matches_host(info$host, asset_tracking) )
		return F;

	if ( ! info?$ts )
		info$ts = network_time();

	if ( ! info?$version )
		{
		if ( ! info?$unparsed_version )
			{
			Reporter::error("Software::found needs a version, parsed or not");
			return F;
			}

		local read = parse_with_cache(info$unparsed_version);
		if ( ! info?$name )
			info$name = read$name;
		info$version = copy(read$version);
		}
	else if ( ! info?$name )
		{
		Reporter::error("Software::found needs a name where the version is parsed already");
		return F;
		}

	event Software::register(info);
	return T;
	}
