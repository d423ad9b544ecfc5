##! Asks Team Cymru's registry of malware about the files that are transferred, by way of DNS: the name asked for is
##! the file's hash, the answer when it was last seen and how many of the detectors there know it.
##!
##! Files are told of whose kind :bro:see:`TeamCymruMalwareHashRegistry::match_file_types` has. The hash leaves the
##! site.

@load base/frameworks/files
@load base/frameworks/notice
@load frameworks/files/hash-all-files

module TeamCymruMalwareHashRegistry;

export {
	redef enum Notice::Type += {
		## The registry knows a file that was transferred.
		Match,
	};

	## The MIME types that are asked about.
	option match_file_types = /application\/x-dosexec/ | /application\/vnd\.ms-cab-compressed/ |
	                          /application\/pdf/ | /application\/x-shockwave-flash/ |
	                          /application\/x-java-applet/ | /application\/jar/ | /video\/mp4/;

	## Where a person finds more about a hash.
	option match_sub_url = "https://www.virustotal.com/gui/search/%s";

	## The percentage of detectors from which on a file is told of.
	option notice_threshold = 10;
}

function do_mhr_lookup(hash: string, fi: Notice::FileInfo)
	{
	local name = fmt("%s.malware.hash.cymru.com", hash);

	when [hash, fi, name] ( local answer = lookup_hostname_txt(name) )
		{
		# The time of the last sighting, a space, the percentage.
		local parts = split_string1(answer, / /);

		if ( |parts| == 2 && parts[0] == /[0-9]+/ && parts[1] == /[0-9]+/ )
			{
			local rate = to_count(parts[1]);

			if ( rate >= notice_threshold )
				{
				local seen = strftime("%Y-%m-%d %H:%M:%S", double_to_time(to_double(parts[0])));
				local n = Notice::Info($note=Match,
				                       $msg=fmt("Malware Hash Registry Detection rate: %d%%  Last seen: %s", rate, seen),
				                       $sub=fmt(match_sub_url, hash));
				Notice::populate_file_info2(fi, n);
				NOTICE(n);
				}
			}
		}
	}

event file_hash(f: fa_file, kind: string, hash: string)
	{
	if ( kind == "sha1" && f?$info && f$info?$mime_type && match_file_types == f$info$mime_type )
		do_mhr_lookup(hash, Notice::create_file_info(f));
	}
