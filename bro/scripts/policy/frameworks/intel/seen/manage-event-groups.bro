##! Switches the handlers of this folder off while there are no indicators of their type.

@load base/frameworks/intel

module Intel;

export {
	## Whether handlers are switched off; to be set before the start.
	const manage_seen_event_groups = T &redef;
}

# Indicators by type.
global indicators: table[Intel::Type] of count = table() &default=0;

# Addresses are looked for in the same places as subnets.
function group_type(t: Intel::Type): Intel::Type
	{
	return t == Intel::SUBNET ? Intel::ADDR : t;
	}

event zeek_init() &priority=-100
	{
	if ( ! manage_seen_event_groups )
		return;

	for ( name in enum_names(Intel::Type) )
		{
		local t = lookup_ID(name) as Intel::Type;
		if ( has_event_group(name) && indicators[group_type(t)] == 0 )
			disable_event_group(name);
		}
	}

hook Intel::indicator_inserted(indicator: string, indiator_type: Intel::Type)
	{
	if ( ! manage_seen_event_groups )
		return;

	local t = group_type(indiator_type);
	++indicators[t];
	if ( indicators[t] == 1 && has_event_group(cat(t)) )
		enable_event_group(cat(t));
	}

hook Intel::indicator_removed(indicator: string, indiator_type: Intel::Type)
	{
	if ( ! manage_seen_event_groups )
		return;

	local t = group_type(indiator_type);
	if ( indicators[t] > 0 )
		--indicators[t];
	if ( indicators[t] == 0 && has_event_group(cat(t)) )
		disable_event_group(cat(t));
	}
