##! Raises a notice when software is seen in a version that is known to be vulnerable.

@load base/frameworks/notice
@load base/frameworks/software

## Asks the name server for a vulnerable version.
##
## i: its number; once it has come, the next one is asked for.
global grab_vulnerable_versions: event(i: count);

module Software;

export {
	redef enum Notice::Type += {
		## A version that is known to be vulnerable.
		Vulnerable_Version,
	};

	## Versions from one to another.
	type VulnerableVersionRange: record {
		## The lowest; all up to the highest without.
		min: Software::Version &optional;
		## The highest.
		max: Software::Version;
	};

	## Vulnerable versions by the software's name.
	const vulnerable_versions: table[string] of set[VulnerableVersionRange] = table() &redef;

	## How often versions are asked for at the name server.
	option vulnerable_versions_update_interval = 1 hr;

	## Domain below which the name server has vulnerable versions, as text records of ``1.`` and so on; empty not to
	## ask.  A record has ``software=``, ``max=`` and perhaps ``min=``, separated by commas.
	option vulnerable_versions_update_endpoint = "";
}

# Versions that hold: those given here, and those of the name server.
global internal_vulnerable_versions: table[string] of set[VulnerableVersionRange] = table();

# Reads a record of the name server.
function decode_vulnerable_version_range(vuln_sw: string): VulnerableVersionRange
	{
	local range = VulnerableVersionRange($max=Version());
	local parts = split_string(vuln_sw, /[ \t]*,[ \t]*/);

	for ( i in parts )
		{
		local pair = split_string1(parts[i], /[ \t]*=[ \t]*/);
		if ( |pair| != 2 )
			next;
		if ( pair[0] == "min" )
			range$min = parse(fmt("x/%s", pair[1]))$version;
		else if ( pair[0] == "max" )
			range$max = parse(fmt("x/%s", pair[1]))$version;
		}

	return range;
	}

event grab_vulnerable_versions(i: count)
	{
	when [i] ( local text = lookup_hostname_txt(cat(i, ".", vulnerable_versions_update_endpoint)) )
		{
		local name = find_all_ordered(text, /software=[^,]*/);
		if ( |name| > 0 )
			{
			local software = sub(name[0], /^software=/, "");
			if ( software !in internal_vulnerable_versions )
				internal_vulnerable_versions[software] = set();
			add internal_vulnerable_versions[software][decode_vulnerable_version_range(text)];
			event grab_vulnerable_versions(i + 1);
			}
		}
	timeout 5 sec
		{
		Reporter::warning(fmt("the name server does not answer about vulnerable versions, number %d", i));
		}
	}

function update_vulnerable_sw()
	{
	internal_vulnerable_versions = copy(vulnerable_versions);
	if ( vulnerable_versions_update_endpoint != "" )
		event grab_vulnerable_versions(1);
	}

global update_versions: event();

event Software::update_versions()
	{
	update_vulnerable_sw();
	if ( vulnerable_versions_update_endpoint != "" )
		schedule vulnerable_versions_update_interval { Software::update_versions() };
	}

event zeek_init() &priority=3
	{
	event Software::update_versions();
	}

event Software::log_software(rec: Info)
	{
	if ( ! rec?$name || ! rec?$version || rec$name !in internal_vulnerable_versions )
		return;

	for ( range in internal_vulnerable_versions[rec$name] )
		{
		if ( cmp_versions(rec$version, range$max) > 0 )
			next;
		if ( range?$min && cmp_versions(rec$version, range$min) < 0 )
			next;

		NOTICE(Notice::Info($note=Vulnerable_Version, $src=rec$host, $identifier=cat(rec$host, rec$name),
		                    $msg=fmt("%s is running %s which is vulnerable.", rec$host, software_fmt(rec)),
		                    $sub=software_fmt(rec)));
		break;
		}
	}
