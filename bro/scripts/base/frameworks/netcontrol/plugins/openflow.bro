##! A plugin that carries rules out by a switch that speaks OpenFlow.

@load ../main
@load base/frameworks/openflow

module NetControl;

export {
	## What a plugin for OpenFlow does and does not.
	type OfConfig: record {
		## Whether it takes on rules with target MONITOR.
		monitor: bool &default=T;
		## Whether it takes on rules with target FORWARD.
		forward: bool &default=T;
		## Seconds without packets after which rules end; 0 for never.
		idle_timeout: count &default=0;
		## Table of the switch.
		table_id: count &optional;
		## Added to the priority of all rules.
		priority_offset: int &default=+0;

		## Says whether it takes a rule on.
		check_pred: function(p: PluginState, r: Rule): bool &optional;
		## Changes which packets rules are about.
		match_pred: function(p: PluginState, e: Entity, m: vector of OpenFlow::ofp_match): vector of OpenFlow::ofp_match &optional;
		## Changes what is asked of the switch.
		flow_mod_pred: function(p: PluginState, r: Rule, m: OpenFlow::ofp_flow_mod): OpenFlow::ofp_flow_mod &optional;
	};

	redef record PluginState += {
		## The controller.
		of_controller: OpenFlow::Controller &optional;
		## What the plugin does and does not.
		of_config: OfConfig &optional;
	};

	## What is known of a rule at the switch.
	type OfTable: record {
		## The plugin.
		p: PluginState;
		## The rule.
		r: Rule;
		## Answers of the switch that have come.
		c: count &default=0;
		## Packets that the rule acted on.
		packet_count: count &default=0;
		## Their bytes.
		byte_count: count &default=0;
		## How long it lasted, in seconds.
		duration_sec: double &default=0.0;
	};

	## How long to wait for an answer of the switch.
	const openflow_message_timeout = 20 secs &redef;

	## How long to remember rules at the switch.
	const openflow_flow_timeout = 24 hrs &redef;

	## A plugin for a controller of OpenFlow.
	global create_openflow: function(controller: OpenFlow::Controller, config: OfConfig &default=[]): PluginState;
}

# Rules that the switch was asked for, by number and what was asked; and those it has.
global of_messages: table[count, OpenFlow::ofp_flow_mod_command] of OfTable = table()
	&create_expire=openflow_message_timeout
	&expire_func=function(t: table[count, OpenFlow::ofp_flow_mod_command] of OfTable, idx: count,
	                      command: OpenFlow::ofp_flow_mod_command): interval
		{
		local asked = t[idx, command];
		event NetControl::rule_error(asked$r, asked$p, "the switch did not answer in time");
		return 0 secs;
		};

global of_flows: table[count] of OfTable = table() &create_expire=openflow_flow_timeout;

function openflow_name(p: PluginState): string
	{
	local describe = p$of_controller$describe;
	return fmt("Openflow-%s", describe(p$of_controller$state));
	}

function openflow_check_rule(p: PluginState, r: Rule): bool
	{
	local c = p$of_config;

	if ( p$of_config?$check_pred )
		{
		local wants = c$check_pred;
		return wants(p, r);
		}

	return (r$target == MONITOR && c$monitor) || (r$target == FORWARD && c$forward);
	}

function openflow_match_pred(p: PluginState, e: Entity,
                             m: vector of OpenFlow::ofp_match): vector of OpenFlow::ofp_match
	{
	if ( p$of_config?$match_pred )
		{
		local change = p$of_config$match_pred;
		return change(p, e, m);
		}

	return m;
	}

function openflow_flow_mod_pred(p: PluginState, r: Rule, m: OpenFlow::ofp_flow_mod): OpenFlow::ofp_flow_mod
	{
	if ( p$of_config?$flow_mod_pred )
		{
		local change = p$of_config$flow_mod_pred;
		return change(p, r, m);
		}

	return m;
	}

# The type of Ethernet that addresses of a subnet come with.
function determine_dl_type(s: subnet): count
	{
	return is_v6_subnet(s) ? OpenFlow::ETH_IPv6 : OpenFlow::ETH_IPv4;
	}

# The protocol of IP that ports belong to.
function determine_proto(p: port): count
	{
	if ( is_udp_port(p) )
		return OpenFlow::IP_UDP;
	return is_icmp_port(p) ? OpenFlow::IP_ICMP : OpenFlow::IP_TCP;
	}

# The packets that a rule is about.
function entity_to_match(p: PluginState, e: Entity): vector of OpenFlow::ofp_match
	{
	local found: vector of OpenFlow::ofp_match = vector();

	switch ( e$ty )
		{
		case CONNECTION:
			found += OpenFlow::match_conn(e$conn);
			found += OpenFlow::match_conn(e$conn, T);
			break;
		case MAC:
			found += OpenFlow::ofp_match($dl_src=e$mac);
			found += OpenFlow::ofp_match($dl_dst=e$mac);
			break;
		case ADDRESS:
			local dl_type = determine_dl_type(e$ip);
			found += OpenFlow::ofp_match($dl_type=dl_type, $nw_src=e$ip);
			found += OpenFlow::ofp_match($dl_type=dl_type, $nw_dst=e$ip);
			break;
		case FLOW:
			local m = OpenFlow::ofp_match();
			local f = e$flow;
			if ( f?$src_m )
				m$dl_src = f$src_m;
			if ( f?$dst_m )
				m$dl_dst = f$dst_m;
			if ( f?$src_h )
				{
				m$dl_type = determine_dl_type(f$src_h);
				m$nw_src = f$src_h;
				}
			if ( f?$dst_h )
				{
				m$dl_type = determine_dl_type(f$dst_h);
				m$nw_dst = f$dst_h;
				}
			if ( f?$src_p )
				{
				m$nw_proto = determine_proto(f$src_p);
				m$tp_src = port_to_count(f$src_p);
				}
			if ( f?$dst_p )
				{
				m$nw_proto = determine_proto(f$dst_p);
				m$tp_dst = port_to_count(f$dst_p);
				}
			found += m;
			break;
		}

	return openflow_match_pred(p, e, found);
	}

# What is asked of the switch for a rule.
function openflow_rule_to_flow_mod(p: PluginState, r: Rule): OpenFlow::ofp_flow_mod
	{
	local c = p$of_config;
	local priority = r$priority + c$priority_offset;
	local m = OpenFlow::ofp_flow_mod($cookie=OpenFlow::generate_cookie(r$cid * 2), $command=OpenFlow::OFPFC_ADD,
	                                 $idle_timeout=c$idle_timeout,
	                                 $priority=priority > 0 ? int_to_count(priority) : 0,
	                                 $flags=OpenFlow::OFPFF_SEND_FLOW_REM);

	if ( r?$expire && r$expire > 0 sec )
		m$hard_timeout = double_to_count(interval_to_double(r$expire));
	if ( c?$table_id )
		m$table_id = c$table_id;

	switch ( r$ty )
		{
		case DROP:
			# A rule without actions drops.
			break;
		case WHITELIST:
			m$actions$out_ports = vector(OpenFlow::OFPP_NORMAL);
			break;
		case MODIFY:
			local mod = r$mod;
			if ( mod?$redirect_port )
				m$actions$out_ports = vector(mod$redirect_port);
			else
				m$actions$out_ports = vector(OpenFlow::OFPP_NORMAL);
			if ( mod?$src_h )
				m$actions$nw_src = mod$src_h;
			if ( mod?$dst_h )
				m$actions$nw_dst = mod$dst_h;
			if ( mod?$src_m )
				m$actions$dl_src = mod$src_m;
			if ( mod?$dst_m )
				m$actions$dl_dst = mod$dst_m;
			if ( mod?$src_p )
				m$actions$tp_src = mod$src_p;
			if ( mod?$dst_p )
				m$actions$tp_dst = mod$dst_p;
			break;
		case REDIRECT:
			m$actions$out_ports = vector(r$out_port);
			break;
		}

	return openflow_flow_mod_pred(p, r, m);
	}

function openflow_add_rule(p: PluginState, r: Rule): bool
	{
	if ( ! openflow_check_rule(p, r) )
		return F;

	local change = openflow_rule_to_flow_mod(p, r);
	local matches = entity_to_match(p, r$entity);

	for ( i in matches )
		{
		# Each direction has a cookie of its own.
		local one = copy(change);
		one$cookie = OpenFlow::generate_cookie(r$cid * 2 + i);
		if ( ! OpenFlow::flow_mod(p$of_controller, matches[i], one) )
			{
			event NetControl::rule_error(r, p, "the switch could not be asked");
			return T;
			}
		of_messages[r$cid * 2 + i, one$command] = OfTable($p=p, $r=r);
		}

	return T;
	}

function openflow_remove_rule(p: PluginState, r: Rule, reason: string): bool
	{
	if ( ! openflow_check_rule(p, r) )
		return F;

	local matches = entity_to_match(p, r$entity);
	for ( i in matches )
		{
		local change = OpenFlow::ofp_flow_mod($cookie=OpenFlow::generate_cookie(r$cid * 2 + i),
		                                      $command=OpenFlow::OFPFC_DELETE);
		if ( p$of_config?$table_id )
			change$table_id = p$of_config$table_id;
		if ( OpenFlow::flow_mod(p$of_controller, matches[i], change) )
			of_messages[r$cid * 2 + i, change$command] = OfTable($p=p, $r=r);
		else
			event NetControl::rule_error(r, p, "the switch could not be asked to remove it");
		}

	return T;
	}

# Whether all that was asked for a rule has been answered: both directions of some are asked for apart.
function all_answered(r: Rule, command: OpenFlow::ofp_flow_mod_command): bool
	{
	return [r$cid * 2, command] !in of_messages && [r$cid * 2 + 1, command] !in of_messages;
	}

event OpenFlow::flow_mod_success(name: string, match: OpenFlow::ofp_match, flow_mod: OpenFlow::ofp_flow_mod,
                                 msg: string) &priority=3
	{
	local id = OpenFlow::get_cookie_uid(flow_mod$cookie);
	if ( [id, flow_mod$command] !in of_messages )
		return;

	local asked = of_messages[id, flow_mod$command];
	delete of_messages[id, flow_mod$command];
	if ( ! all_answered(asked$r, flow_mod$command) )
		return;

	if ( flow_mod$command == OpenFlow::OFPFC_ADD )
		{
		of_flows[asked$r$cid] = asked;
		event NetControl::rule_added(asked$r, asked$p, msg);
		}
	else if ( flow_mod$command == OpenFlow::OFPFC_DELETE || flow_mod$command == OpenFlow::OFPFC_DELETE_STRICT )
		{
		delete of_flows[asked$r$cid];
		event NetControl::rule_removed(asked$r, asked$p, msg);
		}
	}

event OpenFlow::flow_mod_failure(name: string, match: OpenFlow::ofp_match, flow_mod: OpenFlow::ofp_flow_mod,
                                 msg: string) &priority=3
	{
	local id = OpenFlow::get_cookie_uid(flow_mod$cookie);
	if ( [id, flow_mod$command] !in of_messages )
		return;

	local asked = of_messages[id, flow_mod$command];
	delete of_messages[id, flow_mod$command];
	event NetControl::rule_error(asked$r, asked$p, msg);
	}

event OpenFlow::flow_removed(name: string, match: OpenFlow::ofp_match, cookie: count, priority: count,
                             reason: count, duration_sec: count, idle_timeout: count, packet_count: count,
                             byte_count: count)
	{
	local cid = OpenFlow::get_cookie_uid(cookie) / 2;
	if ( cid !in of_flows )
		return;

	local flow = of_flows[cid];
	local p = flow$p;
	flow$packet_count += packet_count;
	flow$byte_count += byte_count;
	flow$duration_sec = duration_sec + 0.0;

	# Of rules with two directions the second one counts.
	local directions = |entity_to_match(p, flow$r$entity)|;
	if ( ++flow$c < directions )
		return;

	delete of_flows[cid];
	event NetControl::rule_timeout(flow$r, FlowInfo($duration=double_to_interval(flow$duration_sec),
	                                                $packet_count=flow$packet_count, $byte_count=flow$byte_count),
	                               p);
	}

function openflow_init(p: PluginState)
	{
	local name = p$of_controller$state$_name;

	# The controller may have been ready before.
	if ( p$of_controller$state$_activated )
		plugin_activated(p);
	else
		waiting_for_controller[name] = p;
	}

# Plugins whose controllers are not ready.
global waiting_for_controller: table[string] of PluginState = table();

event OpenFlow::controller_activated(name: string, controller: OpenFlow::Controller)
	{
	if ( name in waiting_for_controller )
		{
		plugin_activated(waiting_for_controller[name]);
		delete waiting_for_controller[name];
		}
	}

function create_openflow(controller: OpenFlow::Controller, config: OfConfig): PluginState
	{
	return PluginState($plugin=Plugin($name=openflow_name, $can_expire=T, $init=openflow_init,
	                                  $add_rule=openflow_add_rule, $remove_rule=openflow_remove_rule),
	                   $of_controller=controller, $of_config=config);
	}
