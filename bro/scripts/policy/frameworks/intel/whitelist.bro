##! Leaves indicators out of intel.log that some source says are harmless, in a column ``meta.whitelist``.

@load base/frameworks/intel

module Intel;

export {
	redef record Intel::MetaData += {
		## Whether it is harmless.
		whitelist: bool &default=F;
	};
}

# Whether some source says that an indicator is harmless.
function harmless(items: set[Item]): bool
	{
	for ( item in items )
		if ( item$meta$whitelist )
			return T;

	return F;
	}

hook Intel::extend_match(info: Info, s: Seen, items: set[Item]) &priority=9
	{
	if ( harmless(items) )
		break;
	}
