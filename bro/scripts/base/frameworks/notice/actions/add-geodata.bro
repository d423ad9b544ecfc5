##! The action of saying where the other side of a notice is.

@load ../main
@load base/utils/site

module Notice;

export {
	redef enum Action += {
		## The place of the remote host is added.
		ACTION_ADD_GEODATA
	};

	redef record Info += {
		## Where the remote host is.
		remote_location: geo_location &log &optional;
	};

	## Kinds of notices it is added to.
	option lookup_location_types: set[Notice::Type] = {};
}

hook policy(n: Notice::Info) &priority=10
	{
	if ( n$note in Notice::lookup_location_types )
		add n$actions[ACTION_ADD_GEODATA];
	}

# Comes before the notice is logged.
hook notice(n: Notice::Info) &priority=10
	{
	if ( ACTION_ADD_GEODATA !in n$actions )
		return;

	if ( n?$src && ! Site::is_local_addr(n$src) )
		n$remote_location = lookup_location(n$src);
	else if ( n?$dst && ! Site::is_local_addr(n$dst) )
		n$remote_location = lookup_location(n$dst);
	}
