##! Acting on the network: rules that stop, change or redirect traffic, given to plugins that carry them out.
##!
##! Plugins are activated in the event :bro:see:`NetControl::init`.  A rule is added by :bro:see:`NetControl::add_rule` or
##! one of the functions for the usual cases, such as :bro:see:`NetControl::drop_address`.

@load ./types

module NetControl;

export {
	redef enum Log::ID += { LOG };

	global log_policy: Log::PolicyHook;

	# ---- plugins

	## Lets a plugin carry out rules.
	##
	## p: the plugin at work.
	##
	## priority: rules are given to plugins of higher priority first.
	global activate: function(p: PluginState, priority: int);

	## Called by plugins that have an `init` when they are ready.
	global plugin_activated: function(p: PluginState);

	## Raised at the start, for plugins to be activated.
	global NetControl::init: event();

	## Raised when all plugins are ready.
	global NetControl::init_done: event();

	# ---- the usual rules

	## Stops a connection.
	##
	## c: its ends.
	##
	## t: for how long; 0 for ever.
	##
	## location: why, for people.
	##
	## Returns: id of the rule; empty if there is none.
	global drop_connection: function(c: conn_id, t: interval, location: string &default=""): string;

	## Stops all traffic of an address.
	##
	## a: the address.
	##
	## t: for how long; 0 for ever.
	##
	## location: why, for people.
	##
	## Returns: id of the rule; empty if there is none.
	global drop_address: function(a: addr, t: interval, location: string &default=""): string;

	## Lets all traffic of an address pass, whatever other rules say.
	##
	## a: the address.
	##
	## t: for how long; 0 for ever.
	##
	## location: why, for people.
	##
	## Returns: id of the rule; empty if there is none.
	global whitelist_address: function(a: addr, t: interval, location: string &default=""): string;

	## Lets all traffic of a subnet pass, whatever other rules say.
	##
	## s: the subnet.
	##
	## t: for how long; 0 for ever.
	##
	## location: why, for people.
	##
	## Returns: id of the rule; empty if there is none.
	global whitelist_subnet: function(s: subnet, t: interval, location: string &default=""): string;

	## Keeps packets of a flow from this program; the network still carries them.
	##
	## f: the flow.
	##
	## t: for how long; 0 for ever.
	##
	## location: why, for people.
	##
	## Returns: id of the rule; empty if there is none.
	global shunt_flow: function(f: flow_id, t: interval, location: string &default=""): string;

	## Sends packets of a flow out by another port of the switch.
	##
	## f: the flow.
	##
	## out_port: the port.
	##
	## t: for how long; 0 for ever.
	##
	## location: why, for people.
	##
	## Returns: id of the rule; empty if there is none.
	global redirect_flow: function(f: flow_id, out_port: count, t: interval, location: string &default=""): string;

	## Keeps a host apart: it may ask one name server, whose answers come from a host that takes care of it.
	##
	## infected: the host.
	##
	## dns: the name server it asks.
	##
	## quarantine: the host that takes care of it.
	##
	## t: for how long; 0 for ever.
	##
	## location: why, for people.
	##
	## Returns: ids of the rules.
	global quarantine_host: function(infected: addr, dns: addr, quarantine: addr, t: interval,
	                                 location: string &default=""): vector of string;

	## Removes all rules.
	global clear: function();

	# ---- rules

	## Adds a rule.
	##
	## Returns: its id; empty if no plugin takes it on, or :bro:see:`NetControl::rule_policy` does not want it.
	global add_rule: function(r: Rule): string;

	## Removes a rule.
	##
	## id: its id.
	##
	## reason: why, for people.
	##
	## Returns: whether there is such a rule.
	global remove_rule: function(id: string, reason: string &default=""): bool;

	## Forgets a rule, which its plugins are not told of.
	##
	## id: its id.
	##
	## reason: why, for people.
	##
	## Returns: whether there is such a rule.
	global delete_rule: function(id: string, reason: string &default=""): bool;

	## The rules that are about an address, or a subnet it is in.
	global find_rules_addr: function(ip: addr): vector of Rule;

	## The rules that are about a subnet, or one around it.
	global find_rules_subnet: function(sn: subnet): vector of Rule;

	## Looks at rules before they are added; ``break`` keeps one out, and fields may be changed.
	global NetControl::rule_policy: hook(r: Rule);

	## Looks at what came of a rule before it is noted.
	global NetControl::rule_added_policy: hook(r: Rule, p: PluginState, exists: bool, msg: string);

	## A rule was accepted by a plugin, which has yet to carry it out.
	global NetControl::rule_new: event(r: Rule);

	## A plugin has carried a rule out.
	##
	## r: the rule.
	##
	## p: the plugin.
	##
	## msg: more about it.
	global NetControl::rule_added: event(r: Rule, p: PluginState, msg: string &default="");

	## A rule was there already when a plugin was to carry it out.
	global NetControl::rule_exists: event(r: Rule, p: PluginState, msg: string &default="");

	## A plugin has removed a rule.
	global NetControl::rule_removed: event(r: Rule, p: PluginState, msg: string &default="");

	## A rule has expired at a plugin.
	##
	## i: what was counted about it.
	global NetControl::rule_timeout: event(r: Rule, i: FlowInfo, p: PluginState);

	## A plugin could not do something with a rule.
	global NetControl::rule_error: event(r: Rule, p: PluginState, msg: string &default="");

	## A rule is not there any more.
	global NetControl::rule_destroyed: event(r: Rule);

	# ---- log

	## What a row of netcontrol.log is about.
	type InfoCategory: enum {
		## Something else.
		MESSAGE,
		## An error.
		ERROR,
		## A rule.
		RULE,
	};

	## What came of a request.
	type InfoState: enum {
		## Nothing yet.
		REQUESTED,
		## It was done.
		SUCCEEDED,
		## The rule was there already.
		EXISTS,
		## It could not be done.
		FAILED,
		## The rule was removed.
		REMOVED,
		## The rule has expired.
		TIMEOUT,
	};

	## A row of netcontrol.log.
	type Info: record {
		## When.
		ts: time &log;
		## Id of the rule.
		rule_id: string &log &optional;
		## What the row is about.
		category: InfoCategory &log &optional;
		## What was requested: ADD, REMOVE or EXPIRE.
		cmd: string &log &optional;
		## What came of it.
		state: InfoState &log &optional;
		## What the rule does.
		action: string &log &optional;
		## Which traffic it acts on.
		target: TargetType &log &optional;
		## Kind of what it is about.
		entity_type: string &log &optional;
		## What it is about.
		entity: string &log &optional;
		## How packets are changed.
		mod: string &log &optional;
		## A message.
		msg: string &log &optional;
		## The rule's priority.
		priority: int &log &optional;
		## How long it lasts.
		expire: interval &log &optional;
		## Why it is there.
		location: string &log &optional;
		## The plugin.
		plugin: string &log &optional;
	};

	## Raised with every row of netcontrol.log.
	global log_netcontrol: event(rec: Info);
}

# Plugins by priority, the highest first, and by number.
global plugins: vector of PluginState;
global plugin_ids: table[count] of PluginState;

# Numbers of plugins and rules that were given out.
global plugin_counter: count = 1;
global rule_counter: count = 1;

# Whether all plugins have said that they are ready.
global plugins_active = F;

# Whether all of them have been activated, and can be waited for.
global plugins_begun = F;

# Rules by id, and by what they are about and do.
global rules: table[string] of Rule;
global rule_entities: table[Entity, RuleType] of Rule;

# Rules about subnets, by the subnets in them.
global rules_by_subnets: table[subnet] of set[string];

event zeek_init() &priority=5
	{
	Log::create_stream(NetControl::LOG, Log::Stream($columns=Info, $ev=log_netcontrol, $path="netcontrol",
	                                                $policy=log_policy));
	}

event zeek_init() &priority=-20
	{
	event NetControl::init();
	}

event NetControl::init() &priority=-20
	{
	plugins_begun = T;
	check_plugins();
	}

# ---- log

function port_text(there: bool, p: port): string
	{
	return there ? cat(port_to_count(p)) : "*";
	}

# Says what a rule is about.
function entity_to_info(info: Info, e: Entity)
	{
	info$entity_type = cat(e$ty);

	switch ( e$ty )
		{
		case ADDRESS:
			info$entity = cat(e$ip);
			break;
		case CONNECTION:
			if ( e?$conn )
				info$entity = fmt("%s/%d<->%s/%d", e$conn$orig_h, port_to_count(e$conn$orig_p), e$conn$resp_h,
				                  port_to_count(e$conn$resp_p));
			else
				info$entity = "connection without its ends";
			break;
		case FLOW:
			if ( ! e?$flow )
				{
				info$entity = "flow without packets";
				break;
				}
			local f = e$flow;
			local ips = fmt("%s/%s->%s/%s", f?$src_h ? cat(f$src_h) : "*",
			                f?$src_p ? port_text(T, f$src_p) : "*",
			                f?$dst_h ? cat(f$dst_h) : "*",
			                f?$dst_p ? port_text(T, f$dst_p) : "*");
			local macs = fmt("%s->%s", f?$src_m ? f$src_m : "*", f?$dst_m ? f$dst_m : "*");
			local has_ip = f?$src_h || f?$src_p || f?$dst_h || f?$dst_p;
			if ( f?$src_m || f?$dst_m )
				info$entity = has_ip ? fmt("%s (%s)", ips, macs) : macs;
			else
				info$entity = ips;
			break;
		case MAC:
			info$entity = e$mac;
			break;
		}
	}

# Says what a rule is.
function rule_to_info(info: Info, r: Rule)
	{
	info$action = cat(r$ty);
	info$target = r$target;
	info$rule_id = r$id;
	info$priority = r$priority;

	if ( r?$expire )
		info$expire = r$expire;
	if ( r?$location && r$location != "" )
		info$location = r$location;

	if ( r$ty == REDIRECT )
		info$mod = fmt("-> %d", r$out_port);
	else if ( r$ty == MODIFY && r?$mod )
		{
		local m = r$mod;
		info$mod = fmt("Src: %s/%s (%s) Dst: %s/%s (%s) -> %s",
		               m?$src_h ? cat(m$src_h) : "_", m?$src_p ? cat(m$src_p) : "_", m?$src_m ? m$src_m : "_",
		               m?$dst_h ? cat(m$dst_h) : "_", m?$dst_p ? cat(m$dst_p) : "_", m?$dst_m ? m$dst_m : "_",
		               m?$redirect_port ? cat(m$redirect_port) : "_");
		}

	entity_to_info(info, r$entity);
	}

function plugin_name(p: PluginState): string
	{
	local name = p$plugin$name;
	return name(p);
	}

function log_msg(msg: string, p: PluginState)
	{
	Log::write(LOG, Info($ts=network_time(), $category=MESSAGE, $msg=msg, $plugin=plugin_name(p)));
	}

function log_error(msg: string, p: PluginState)
	{
	Log::write(LOG, Info($ts=network_time(), $category=ERROR, $msg=msg, $plugin=plugin_name(p)));
	}

function log_msg_no_plugin(msg: string)
	{
	Log::write(LOG, Info($ts=network_time(), $category=MESSAGE, $msg=msg));
	}

function log_rule(r: Rule, cmd: string, state: InfoState, p: PluginState, msg: string &default="")
	{
	local info = Info($ts=network_time(), $category=RULE, $cmd=cmd, $state=state, $plugin=plugin_name(p));
	if ( msg != "" )
		info$msg = msg;

	rule_to_info(info, r);
	Log::write(LOG, info);
	}

function log_rule_error(r: Rule, msg: string, p: PluginState)
	{
	local info = Info($ts=network_time(), $category=ERROR, $msg=msg, $plugin=plugin_name(p));
	rule_to_info(info, r);
	Log::write(LOG, info);
	}

function log_rule_no_plugin(r: Rule, state: InfoState, msg: string)
	{
	local info = Info($ts=network_time(), $category=RULE, $state=state, $msg=msg);
	rule_to_info(info, r);
	Log::write(LOG, info);
	}

# ---- the usual rules

# A rule that lasts for a while; for ever if that is 0.
function lasting(r: Rule, t: interval): Rule
	{
	if ( t > 0 sec )
		r$expire = t;
	return r;
	}

function whitelist_address(a: addr, t: interval, location: string): string
	{
	return whitelist_subnet(addr_to_subnet(a), t, location);
	}

function whitelist_subnet(s: subnet, t: interval, location: string): string
	{
	return add_rule(lasting(Rule($ty=WHITELIST, $priority=whitelist_priority, $target=FORWARD,
	                             $entity=Entity($ty=ADDRESS, $ip=s), $location=location), t));
	}

function flow_entity(f: flow_id): Entity
	{
	return Entity($ty=FLOW, $flow=Flow($src_h=addr_to_subnet(f$src_h), $src_p=f$src_p,
	                                   $dst_h=addr_to_subnet(f$dst_h), $dst_p=f$dst_p));
	}

function redirect_flow(f: flow_id, out_port: count, t: interval, location: string): string
	{
	return add_rule(lasting(Rule($ty=REDIRECT, $target=FORWARD, $entity=flow_entity(f), $location=location,
	                             $out_port=out_port), t));
	}

function quarantine_host(infected: addr, dns: addr, quarantine: addr, t: interval,
                         location: string): vector of string
	{
	local ids: vector of string = vector();
	local host = addr_to_subnet(infected);

	# Everything to and from it is stopped, but for what follows.
	local out = Entity($ty=FLOW, $flow=Flow($src_h=host));
	local inward = Entity($ty=FLOW, $flow=Flow($dst_h=host));

	# What it asks goes to the host that takes care of it, and comes back as if from the name server.
	local asks = Entity($ty=FLOW, $flow=Flow($src_h=host, $dst_h=addr_to_subnet(dns), $dst_p=53/udp));
	local told = Entity($ty=FLOW, $flow=Flow($src_h=addr_to_subnet(quarantine), $src_p=53/udp, $dst_h=host));
	local cared_for = Entity($ty=FLOW, $flow=Flow($src_h=host, $dst_h=addr_to_subnet(quarantine)));

	ids += add_rule(lasting(Rule($ty=DROP, $target=FORWARD, $entity=out, $location=location), t));
	ids += add_rule(lasting(Rule($ty=DROP, $target=FORWARD, $entity=inward, $location=location), t));
	ids += add_rule(lasting(Rule($ty=MODIFY, $target=FORWARD, $entity=asks, $priority=+5, $location=location,
	                             $mod=FlowMod($dst_h=quarantine)), t));
	ids += add_rule(lasting(Rule($ty=MODIFY, $target=FORWARD, $entity=told, $priority=+5, $location=location,
	                             $mod=FlowMod($src_h=dns)), t));
	ids += add_rule(lasting(Rule($ty=WHITELIST, $target=FORWARD, $entity=cared_for, $priority=+5,
	                             $location=location), t));
	return ids;
	}

# ---- plugins

# Whether all plugins are ready, which is said once.
function check_plugins()
	{
	if ( plugins_active )
		return;

	for ( i in plugins )
		if ( ! plugins[i]$_activated )
			return;

	plugins_active = T;

	# Plugins may also have none at all to wait for.
	event NetControl::init_done();
	if ( |plugins| > 0 )
		log_msg_no_plugin("plugin initialization done");
	}

function plugin_activated(p: PluginState)
	{
	if ( p$_id !in plugin_ids )
		{
		log_error("an unknown plugin said that it is ready", p);
		return;
		}

	# What is known of the plugin may be a copy.
	plugin_ids[p$_id]$_activated = T;
	log_msg("activation finished", p);

	if ( plugins_begun )
		check_plugins();
	}

function activate_impl(p: PluginState, priority: int)
	{
	p$_priority = priority;
	p$_id = plugin_counter;
	++plugin_counter;

	plugins += p;
	sort(plugins, function(a: PluginState, b: PluginState): int
		{
		return b$_priority - a$_priority;
		});
	plugin_ids[p$_id] = p;

	log_msg(fmt("activating plugin with priority %d", priority), p);

	if ( p$plugin?$init )
		{
		local set_up = p$plugin$init;
		set_up(p);
		}
	else
		plugin_activated(p);
	}

function activate(p: PluginState, priority: int)
	{
	activate_impl(p, priority);
	}

event zeek_done()
	{
	for ( i in plugins )
		{
		if ( plugins[i]$plugin?$done )
			{
			local done = plugins[i]$plugin$done;
			done(plugins[i]);
			}
		}
	}
