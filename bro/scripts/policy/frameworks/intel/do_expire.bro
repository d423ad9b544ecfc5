##! Lets indicators expire that are not inserted again.

@load base/frameworks/intel

module Intel;

redef Intel::item_expiration = 10 min;

hook Intel::item_expired(indicator: string, indicator_type: Type, metas: set[MetaData]) &priority=-10
	{
	# Out with it.
	break;
	}
