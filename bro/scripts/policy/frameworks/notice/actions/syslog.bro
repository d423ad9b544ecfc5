##! The action of telling a notice in real time, by the statement ``log``: to syslog, or to a file where there is none.

@load base/frameworks/notice

module Notice;

export {
	redef enum Action += {
		## It goes to syslog.
		ACTION_SYSLOG
	};

	## Kinds of notices that go to syslog.
	option syslogged_types: set[Notice::Type] = {};
}

hook policy(n: Notice::Info) &priority=5
	{
	if ( n$note in syslogged_types )
		add n$actions[ACTION_SYSLOG];
	}

hook notice(n: Notice::Info) &priority=-5
	{
	if ( ACTION_SYSLOG !in n$actions )
		return;

	local text = fmt("%s", n$note);
	if ( n?$id )
		text += fmt(" %s", id_string(n$id));
	else if ( n?$src )
		text += fmt(" %s", n$src);
	if ( n?$msg )
		text += fmt(": %s", n$msg);
	if ( n?$sub )
		text += fmt(" (%s)", n$sub);
	log text;
	}
