##! Raises a notice when a host has another version of software whose changes matter.

@load base/frameworks/notice
@load base/frameworks/software

module Software;

export {
	redef enum Notice::Type += {
		## Software has another version than before.
		Software_Version_Change,
	};

	## Names of the software.
	option interesting_version_changes: set[string] = {};
}

event Software::version_change(old: Software::Info, new: Software::Info)
	{
	if ( old$name !in interesting_version_changes )
		return;

	NOTICE(Notice::Info($note=Software_Version_Change, $src=new$host,
	                    $msg=fmt("%.6f %s '%s' version changed from %s to %s", network_time(), new$software_type,
	                             new$name, software_fmt_version(old$version), software_fmt(new)),
	                    $sub=software_fmt(new), $identifier=cat(new$host, new$name)));
	}
