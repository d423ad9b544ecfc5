##! A plugin for acld, a program that changes access lists of routers, reached by Broker.

@load ../main
@load base/frameworks/broker

module NetControl;

export {
	## What acld is asked for.
	type AclRule: record {
		## The command.
		command: string;
		## Number of the rule.
		cookie: count;
		## Its arguments.
		arg: string;
		## Why, for people.
		comment: string &optional;
	};

	## What a plugin for acld does and does not.
	type AcldConfig: record {
		## Topic that rules are published under.
		acld_topic: string;
		## Where acld is.
		acld_host: addr;
		## Its port.
		acld_port: port;
		## Whether it takes on rules with target MONITOR.
		monitor: bool &default=F;
		## Whether it takes on rules with target FORWARD.
		forward: bool &default=T;

		## Says whether it takes a rule on.
		check_pred: function(p: PluginState, r: Rule): bool &optional;
	};

	redef record PluginState += {
		## What the plugin does and does not.
		acld_config: AcldConfig &optional;
		## Number of the plugin among those for acld.
		acld_id: count &optional;
	};

	## Looks at what acld is asked for; ``break`` keeps it from that, and fields may be changed.
	global NetControl::acld_rule_policy: hook(p: PluginState, r: Rule, ar: AclRule);

	## A plugin for acld.
	global create_acld: function(config: AcldConfig): PluginState;

	## Asks acld to carry a rule out.
	global acld_add_rule: event(id: count, r: Rule, ar: AclRule);

	## Asks it to remove a rule.
	global acld_remove_rule: event(id: count, r: Rule, ar: AclRule);

	## It has carried a rule out.
	global acld_rule_added: event(id: count, r: Rule, msg: string);

	## The rule was there already.
	global acld_rule_exists: event(id: count, r: Rule, msg: string);

	## It has removed a rule.
	global acld_rule_removed: event(id: count, r: Rule, msg: string);

	## It could not do something with a rule.
	global acld_rule_error: event(id: count, r: Rule, msg: string);
}

# Plugins by number, and by where their acld is.
global netcontrol_acld_current_id: count = 0;
global netcontrol_acld_id: table[count] of PluginState = table();
global netcontrol_acld_peers: table[port, string] of PluginState = table();

# Commands that add, with those that remove again.
const acld_add_to_remove: table[string] of string = {
	["drop"] = "restore",
	["addwhitelist"] = "remwhitelist",
	["blockhosthost"] = "restorehosthost",
	["droptcpport"] = "restoretcpport",
	["dropudpport"] = "restoreudpport",
	["droptcpdsthostport"] = "restoretcpdsthostport",
	["dropudpdsthostport"] = "restoreudpdsthostport",
	["permittcpdsthostport"] = "unpermittcpdsthostport",
	["permitudpdsthostport"] = "unpermitudpdsthostport",
	["nullzero"] = "nonullzero",
	["filter"] = "nofilter",
};

event NetControl::acld_rule_added(id: count, r: Rule, msg: string)
	{
	if ( id in netcontrol_acld_id )
		event NetControl::rule_added(r, netcontrol_acld_id[id], msg);
	else
		Reporter::error(fmt("NetControl: there is no plugin %d for acld", id));
	}

event NetControl::acld_rule_exists(id: count, r: Rule, msg: string)
	{
	if ( id in netcontrol_acld_id )
		event NetControl::rule_exists(r, netcontrol_acld_id[id], msg);
	else
		Reporter::error(fmt("NetControl: there is no plugin %d for acld", id));
	}

event NetControl::acld_rule_removed(id: count, r: Rule, msg: string)
	{
	if ( id in netcontrol_acld_id )
		event NetControl::rule_removed(r, netcontrol_acld_id[id], msg);
	else
		Reporter::error(fmt("NetControl: there is no plugin %d for acld", id));
	}

event NetControl::acld_rule_error(id: count, r: Rule, msg: string)
	{
	if ( id in netcontrol_acld_id )
		event NetControl::rule_error(r, netcontrol_acld_id[id], msg);
	else
		Reporter::error(fmt("NetControl: there is no plugin %d for acld", id));
	}

# Whether a subnet is a single host.
function check_sn(sn: subnet): bool
	{
	return subnet_width(sn) == (is_v4_subnet(sn) ? 32 : 128);
	}

function acld_name(p: PluginState): string
	{
	return fmt("Acld-%s", p$acld_config$acld_topic);
	}

# Whether acld has a command for a rule.
function acld_check_rule(p: PluginState, r: Rule): bool
	{
	local c = p$acld_config;

	if ( p$acld_config?$check_pred )
		{
		local wants = c$check_pred;
		return wants(p, r);
		}

	if ( r$ty != DROP && r$ty != WHITELIST )
		return F;
	if ( ! ((r$target == MONITOR && c$monitor) || (r$target == FORWARD && c$forward)) )
		return F;
	if ( r$entity$ty == MAC )
		return F;

	return rule_to_acl_rule(p, r)$command != "";
	}

# The command of acld for a rule; an empty one if there is none.
# The parameters have the names that callers may give.  # lint: ignore B404
function rule_to_acl_rule(p: PluginState, r: Rule): AclRule
	{
	local e = r$entity;
	local command = "";
	local arg = "";

	switch ( e$ty )
		{
		case ADDRESS:
			local whole = check_sn(e$ip);
			if ( r$ty == DROP )
				command = whole ? "drop" : "nullzero";
			else
				command = "addwhitelist";
			arg = whole ? cat(subnet_to_addr(e$ip)) : cat(e$ip);
			break;
		case FLOW:
			local f = e$flow;
			local tcp_port = f?$dst_p && is_tcp_port(f$dst_p);
			local udp_port = f?$dst_p && is_udp_port(f$dst_p);
			if ( f?$src_p || f?$src_m || f?$dst_m )
				break;
			if ( f?$dst_h && ! f?$src_h && (tcp_port || udp_port) )
				{
				command = fmt("%s%sdsthostport", r$ty == DROP ? "drop" : "permit", tcp_port ? "tcp" : "udp");
				arg = fmt("%s %d", subnet_to_addr(f$dst_h), port_to_count(f$dst_p));
				}
			else if ( r$ty == DROP && f?$src_h && f?$dst_h && ! f?$dst_p )
				{
				command = "blockhosthost";
				arg = fmt("%s %s", subnet_to_addr(f$src_h), subnet_to_addr(f$dst_h));
				}
			else if ( r$ty == DROP && ! f?$src_h && ! f?$dst_h && (tcp_port || udp_port) )
				{
				command = tcp_port ? "droptcpport" : "dropudpport";
				arg = fmt("%d", port_to_count(f$dst_p));
				}
			break;
		case CONNECTION:
			if ( r$ty == DROP )
				{
				command = "blockhosthost";
				arg = fmt("%s %s", e$conn$orig_h, e$conn$resp_h);
				}
			break;
		default:
			break;
		}

	local ar = AclRule($command=command, $cookie=r$cid, $arg=arg);
	if ( r?$location )
		ar$comment = r$location;
	return ar;
	}

function acld_add_rule_fun(p: PluginState, r: Rule): bool
	{
	if ( ! acld_check_rule(p, r) )
		return F;

	local ar = rule_to_acl_rule(p, r);
	if ( ! hook NetControl::acld_rule_policy(p, r, ar) )
		return F;

	Broker::publish(p$acld_config$acld_topic, Broker::make_event(NetControl::acld_add_rule, p$acld_id, r, ar));
	return T;
	}

function acld_remove_rule_fun(p: PluginState, r: Rule, reason: string): bool
	{
	if ( ! acld_check_rule(p, r) )
		return F;

	local ar = rule_to_acl_rule(p, r);
	if ( ar$command !in acld_add_to_remove )
		return F;

	ar$command = acld_add_to_remove[ar$command];
	if ( reason != "" )
		ar$comment = ar?$comment && ar$comment != "" ? fmt("%s (%s)", reason, ar$comment) : reason;

	Broker::publish(p$acld_config$acld_topic, Broker::make_event(NetControl::acld_remove_rule, p$acld_id, r, ar));
	return T;
	}

function acld_init(p: PluginState)
	{
	Broker::subscribe(p$acld_config$acld_topic);
	Broker::peer(cat(p$acld_config$acld_host), p$acld_config$acld_port);
	}

event Broker::peer_added(endpoint: Broker::EndpointInfo, msg: string)
	{
	if ( ! endpoint?$network )
		return;

	local key_port = endpoint$network$bound_port;
	local key_address = endpoint$network$address;
	if ( [key_port, key_address] in netcontrol_acld_peers )
		plugin_activated(netcontrol_acld_peers[key_port, key_address]);
	}

function create_acld(config: AcldConfig): PluginState
	{
	local p = PluginState($plugin=Plugin($name=acld_name, $can_expire=F, $init=acld_init,
	                                     $add_rule=acld_add_rule_fun, $remove_rule=acld_remove_rule_fun),
	                      $acld_config=config, $acld_id=netcontrol_acld_current_id);

	if ( [config$acld_port, cat(config$acld_host)] in netcontrol_acld_peers )
		Reporter::warning(fmt("NetControl: %s:%s is used by another plugin already", config$acld_host,
		                      config$acld_port));
	else
		netcontrol_acld_peers[config$acld_port, cat(config$acld_host)] = p;

	netcontrol_acld_id[netcontrol_acld_current_id] = p;
	++netcontrol_acld_current_id;
	return p;
	}
