##! A plugin that keeps packets from this program; it takes on rules that drop, with target MONITOR.

@load ../main

module NetControl;

export {
	## A plugin that keeps packets from this program.
	global create_packetfilter: function(): PluginState;
}

# Only what filters can tell apart: addresses and subnets, not ports.
function packetfilter_check_rule(r: Rule): bool
	{
	if ( r$ty != DROP || r$target != MONITOR )
		return F;

	local e = r$entity;
	if ( e$ty == ADDRESS )
		return T;
	if ( e$ty != FLOW )
		return F;

	local f = e$flow;
	if ( f?$src_p || f?$dst_p || f?$src_m || f?$dst_m )
		return F;

	# Packets that have to fit both ends are beyond these filters.
	return (f?$src_h && ! f?$dst_h) || (f?$dst_h && ! f?$src_h);
	}

function packetfilter_add_rule(p: PluginState, r: Rule): bool
	{
	if ( ! packetfilter_check_rule(r) )
		return F;

	local e = r$entity;
	if ( e$ty == ADDRESS )
		{
		install_src_net_filter(e$ip, 0, 1.0);
		install_dst_net_filter(e$ip, 0, 1.0);
		}
	else if ( e$flow?$src_h )
		install_src_net_filter(e$flow$src_h, 0, 1.0);
	else
		install_dst_net_filter(e$flow$dst_h, 0, 1.0);

	event NetControl::rule_added(r, p);
	return T;
	}

function packetfilter_remove_rule(p: PluginState, r: Rule, reason: string): bool
	{
	if ( ! packetfilter_check_rule(r) )
		return F;

	local e = r$entity;
	if ( e$ty == ADDRESS )
		{
		uninstall_src_net_filter(e$ip);
		uninstall_dst_net_filter(e$ip);
		}
	else if ( e$flow?$src_h )
		uninstall_src_net_filter(e$flow$src_h);
	else
		uninstall_dst_net_filter(e$flow$dst_h);

	event NetControl::rule_removed(r, p);
	return T;
	}

function packetfilter_name(p: PluginState): string
	{
	return "Packetfilter";
	}

function create_packetfilter(): PluginState
	{
	return PluginState($plugin=Plugin($name=packetfilter_name, $can_expire=F, $add_rule=packetfilter_add_rule,
	                                  $remove_rule=packetfilter_remove_rule));
	}
