##! A plugin that has another program carry rules out, which is reached by Broker.

@load ../main
@load base/frameworks/broker

module NetControl;

export {
	## What a plugin for Broker does and does not.
	type BrokerConfig: record {
		## Topic that rules are published under.
		topic: string &optional;
		## Where the program is.
		host: addr &optional;
		## Its port.
		bport: port &optional;

		## Whether it takes on rules with target MONITOR.
		monitor: bool &default=T;
		## Whether it takes on rules with target FORWARD.
		forward: bool &default=T;

		## Says whether it takes a rule on.
		check_pred: function(p: PluginState, r: Rule): bool &optional;
	};

	redef record PluginState += {
		## What the plugin does and does not.
		broker_config: BrokerConfig &optional;
		## Number of the plugin among those for Broker.
		broker_id: count &optional;
	};

	## A plugin for a program that is reached by Broker.
	##
	## can_expire: whether the program ends rules by itself.
	global create_broker: function(config: BrokerConfig, can_expire: bool): PluginState;

	## Asks the program to carry a rule out.
	global broker_add_rule: event(id: count, r: Rule);

	## Asks it to remove a rule.
	global broker_remove_rule: event(id: count, r: Rule, reason: string);

	## The program has carried a rule out.
	global broker_rule_added: event(id: count, r: Rule, msg: string);

	## The rule was there already.
	global broker_rule_exists: event(id: count, r: Rule, msg: string);

	## The program has removed a rule.
	global broker_rule_removed: event(id: count, r: Rule, msg: string);

	## The program could not do something with a rule.
	global broker_rule_error: event(id: count, r: Rule, msg: string);

	## A rule has expired there.
	global broker_rule_timeout: event(id: count, r: Rule, i: FlowInfo);
}

# Plugins by number, and by where their program is.
global netcontrol_broker_current_id: count = 0;
global netcontrol_broker_id: table[count] of PluginState = table();
global netcontrol_broker_peers: table[port, string] of PluginState = table();

event NetControl::broker_rule_added(id: count, r: Rule, msg: string)
	{
	if ( id in netcontrol_broker_id )
		event NetControl::rule_added(r, netcontrol_broker_id[id], msg);
	else
		Reporter::error(fmt("NetControl: there is no plugin %d for Broker", id));
	}

event NetControl::broker_rule_exists(id: count, r: Rule, msg: string)
	{
	if ( id in netcontrol_broker_id )
		event NetControl::rule_exists(r, netcontrol_broker_id[id], msg);
	else
		Reporter::error(fmt("NetControl: there is no plugin %d for Broker", id));
	}

event NetControl::broker_rule_removed(id: count, r: Rule, msg: string)
	{
	if ( id in netcontrol_broker_id )
		event NetControl::rule_removed(r, netcontrol_broker_id[id], msg);
	else
		Reporter::error(fmt("NetControl: there is no plugin %d for Broker", id));
	}

event NetControl::broker_rule_error(id: count, r: Rule, msg: string)
	{
	if ( id in netcontrol_broker_id )
		event NetControl::rule_error(r, netcontrol_broker_id[id], msg);
	else
		Reporter::error(fmt("NetControl: there is no plugin %d for Broker", id));
	}

event NetControl::broker_rule_timeout(id: count, r: Rule, i: FlowInfo)
	{
	if ( id in netcontrol_broker_id )
		event NetControl::rule_timeout(r, i, netcontrol_broker_id[id]);
	else
		Reporter::error(fmt("NetControl: there is no plugin %d for Broker", id));
	}

function broker_name(p: PluginState): string
	{
	return fmt("Broker-%s", p$broker_config$topic);
	}

function broker_check_rule(p: PluginState, r: Rule): bool
	{
	local c = p$broker_config;

	if ( p$broker_config?$check_pred )
		{
		local wants = c$check_pred;
		return wants(p, r);
		}

	return (r$target == MONITOR && c$monitor) || (r$target == FORWARD && c$forward);
	}

function broker_add_rule_fun(p: PluginState, r: Rule): bool
	{
	if ( ! broker_check_rule(p, r) )
		return F;

	Broker::publish(p$broker_config$topic, Broker::make_event(NetControl::broker_add_rule, p$broker_id, r));
	return T;
	}

function broker_remove_rule_fun(p: PluginState, r: Rule, reason: string): bool
	{
	if ( ! broker_check_rule(p, r) )
		return F;

	Broker::publish(p$broker_config$topic, Broker::make_event(NetControl::broker_remove_rule, p$broker_id, r,
	                                                          reason));
	return T;
	}

function broker_init(p: PluginState)
	{
	Broker::subscribe(p$broker_config$topic);
	Broker::peer(cat(p$broker_config$host), p$broker_config$bport);
	}

event Broker::peer_added(endpoint: Broker::EndpointInfo, msg: string)
	{
	if ( ! endpoint?$network )
		return;

	local key_port = endpoint$network$bound_port;
	local key_address = endpoint$network$address;
	if ( [key_port, key_address] in netcontrol_broker_peers )
		plugin_activated(netcontrol_broker_peers[key_port, key_address]);
	}

function create_broker(config: BrokerConfig, can_expire: bool): PluginState
	{
	local p = PluginState($plugin=Plugin($name=broker_name, $can_expire=can_expire, $init=broker_init,
	                                     $add_rule=broker_add_rule_fun, $remove_rule=broker_remove_rule_fun),
	                      $broker_id=netcontrol_broker_current_id, $broker_config=config);

	if ( [config$bport, cat(config$host)] in netcontrol_broker_peers )
		Reporter::warning(fmt("NetControl: %s:%s is used by another plugin already", config$host, config$bport));
	else
		netcontrol_broker_peers[config$bport, cat(config$host)] = p;

	netcontrol_broker_id[netcontrol_broker_current_id] = p;
	++netcontrol_broker_current_id;
	return p;
	}
