##! The version of the program in parts, for scripts that have to know it.

module Version;

export {
	## A version in parts.
	type VersionDescription: record {
		## Major, minor and patch number in one, for comparing: 8.2.1 is 80201.
		version_number: count;
		## First number.
		major: count;
		## Second number.
		minor: count;
		## Third number, 0 if there is none.
		patch: count;
		## Number of changes since the release, 0 for a release.
		commit: count;
		## Whether it is one to try before a release.
		beta: bool;
		## Whether it was built for finding faults.
		debug: bool;
		## What was added to the version by those who built it.
		localversion: string;
		## The version as it is written.
		version_string: string;
	};

	## Takes a version apart.
	##
	## version_string: the version, such as ``8.2.1``, ``8.0.0-rc1``, ``8.1.0-dev.123`` or ``7.0-12-local-debug``.
	##
	## Returns: its parts; all numbers are 0 if it is none.
	global parse: function(version_string: string): VersionDescription;

	## Tells whether this program is of a version or a later one.
	##
	## version_string: the version, as for :bro:id:`Version::parse`.
	##
	## Returns: T if it is.
	global at_least: function(version_string: string): bool;
}

function parse(version_string: string): VersionDescription
	{
	local v = VersionDescription($version_number=0, $major=0, $minor=0, $patch=0, $commit=0, $beta=F, $debug=F,
	                             $localversion="", $version_string=version_string);

	if ( /[0-9]{1,4}\.[0-9]{1,2}(\.[0-9]{1,2})?(-.*)?/ != version_string )
		{
		Reporter::error(fmt("\"%s\" is not a version", version_string));
		return v;
		}

	local parts = split_string1(version_string, /-/);
	local numbers = split_string(parts[0], /\./);
	v$major = to_count(numbers[0]);
	v$minor = to_count(numbers[1]);

	if ( |numbers| > 2 )
		v$patch = to_count(numbers[2]);

	v$version_number = v$major * 10000 + v$minor * 100 + v$patch;

	if ( |parts| == 1 )
		return v;

	local rest = parts[1];

	if ( /(^|-)debug$/ in rest )
		{
		v$debug = T;
		rest = sub(rest, /-?debug$/, "");
		}

	if ( /^(rc|beta|alpha)/ in rest )
		v$beta = T;

	# What says how far from the release it is comes first: rc1, beta2, dev, then the number of changes.
	rest = sub(rest, /^(rc[0-9]*|beta[0-9]*|alpha[0-9]*|dev)[\.-]?/, "");

	if ( /^[0-9]+([\.-]|$)/ in rest )
		{
		v$commit = to_count(find_first(rest, /[0-9]+/));
		rest = sub(rest, /^[0-9]+[\.-]?/, "");
		}

	v$localversion = rest;
	return v;
	}

export {
	## The version of this program, in parts.
	const info = Version::parse(zeek_version());

	## The version of this program as a number; see :bro:see:`Version::VersionDescription`.
	const number = info$version_number;
}

function at_least(version_string: string): bool
	{
	return number >= Version::parse(version_string)$version_number;
	}
