##! Rules: how they come, are found, are carried out by plugins, and go.

@load ./main

## A rule is to end at a plugin that does not end it by itself.
##
## r: the rule.
##
## p: the plugin.
global rule_expire: event(r: NetControl::Rule, p: NetControl::PluginState);

module NetControl;

function add_one_subnet_entry(s: subnet, r: Rule)
	{
	if ( ! check_subnet(s, rules_by_subnets) )
		rules_by_subnets[s] = set(r$id);
	else
		add rules_by_subnets[s][r$id];
	}

function remove_one_subnet_entry(s: subnet, r: Rule)
	{
	if ( ! check_subnet(s, rules_by_subnets) )
		return;

	delete rules_by_subnets[s][r$id];
	if ( |rules_by_subnets[s]| == 0 )
		delete rules_by_subnets[s];
	}

# The subnets that a rule is about.
function subnets_of(e: Entity): vector of subnet
	{
	local found: vector of subnet = vector();

	switch ( e$ty )
		{
		case ADDRESS:
			found += e$ip;
			break;
		case CONNECTION:
			found += addr_to_subnet(e$conn$orig_h);
			found += addr_to_subnet(e$conn$resp_h);
			break;
		case FLOW:
			if ( e$flow?$src_h )
				found += e$flow$src_h;
			if ( e$flow?$dst_h )
				found += e$flow$dst_h;
			break;
		default:
			break;
		}

	return found;
	}

function add_subnet_entry(rule: Rule)
	{
	local nets = subnets_of(rule$entity);
	for ( i in nets )
		add_one_subnet_entry(nets[i], rule);
	}

function remove_subnet_entry(rule: Rule)
	{
	local nets = subnets_of(rule$entity);
	for ( i in nets )
		remove_one_subnet_entry(nets[i], rule);
	}

function find_rules_subnet(sn: subnet): vector of Rule
	{
	local found: vector of Rule = vector();
	local nets = matching_subnets(sn, rules_by_subnets);

	for ( i in nets )
		for ( id in rules_by_subnets[nets[i]] )
			if ( id in rules )
				found += rules[id];

	return found;
	}

function find_rules_addr(ip: addr): vector of Rule
	{
	return find_rules_subnet(addr_to_subnet(ip));
	}

function add_rule_impl(rule: Rule): string
	{
	if ( ! plugins_active )
		{
		log_rule_no_plugin(rule, FAILED, "plugins not initialized yet");
		return "";
		}

	rule$cid = ++rule_counter;
	if ( rule$id == "" )
		rule$id = cat(rule$cid);

	if ( ! hook NetControl::rule_policy(rule) )
		return "";

	if ( [rule$entity, rule$ty] in rule_entities )
		{
		log_rule_no_plugin(rule, FAILED, "discarded duplicate insertion");
		return "";
		}

	local accepted = F;
	for ( i in plugins )
		{
		local p = plugins[i];
		if ( ! p$plugin?$add_rule )
			next;

		# Only one that takes the rule on is asked to remove it.
		local take_on = p$plugin$add_rule;
		add rule$_plugin_ids[p$_id];
		if ( take_on(p, rule) )
			{
			accepted = T;
			log_rule(rule, "ADD", REQUESTED, p);
			}
		else
			delete rule$_plugin_ids[p$_id];
		}

	if ( ! accepted )
		{
		log_rule_no_plugin(rule, FAILED, "not supported");
		return "";
		}

	rules[rule$id] = rule;
	rule_entities[rule$entity, rule$ty] = rule;
	add_subnet_entry(rule);
	event NetControl::rule_new(rule);
	return rule$id;
	}

function add_rule(r: Rule): string
	{
	return add_rule_impl(r);
	}

# Takes a rule out of the tables.
function forget_rule(r: Rule)
	{
	remove_subnet_entry(r);
	delete rule_entities[r$entity, r$ty];
	delete rules[r$id];
	event NetControl::rule_destroyed(r);
	}

function rule_cleanup(r: Rule)
	{
	if ( |r$_active_plugin_ids| == 0 && r$id in rules )
		forget_rule(r);
	}

function delete_rule_impl(id: string, reason: string): bool
	{
	if ( id !in rules )
		{
		Reporter::error(fmt("NetControl: there is no rule %s to delete", id));
		return F;
		}

	local rule = rules[id];
	local message = reason == "" ? "deleted" : reason;
	rule$_active_plugin_ids = set();
	forget_rule(rule);
	log_rule_no_plugin(rule, REMOVED, message);
	return T;
	}

function delete_rule(id: string, reason: string): bool
	{
	return delete_rule_impl(id, reason);
	}

function remove_rule_plugin(r: Rule, p: PluginState, reason: string &default=""): bool
	{
	if ( ! p$plugin?$remove_rule )
		return F;

	local take_away = p$plugin$remove_rule;
	if ( ! take_away(p, r, reason) )
		return F;

	log_rule(r, "REMOVE", REQUESTED, p, reason);
	return T;
	}

function remove_rule_impl(id: string, reason: string): bool
	{
	if ( id !in rules )
		{
		Reporter::error(fmt("NetControl: there is no rule %s to remove", id));
		return F;
		}

	local rule = rules[id];
	for ( plugin_id in copy(rule$_active_plugin_ids) )
		remove_rule_plugin(rule, plugin_ids[plugin_id], reason);
	return T;
	}

function remove_rule(id: string, reason: string): bool
	{
	return remove_rule_impl(id, reason);
	}

function clear()
	{
	local ids: vector of string = vector();
	for ( id in rules )
		ids += id;

	for ( i in ids )
		remove_rule(ids[i], "all rules are removed");
	}

# ---- what plugins say

function rule_added_impl(r: Rule, p: PluginState, exists: bool, msg: string &default="")
	{
	if ( r$id !in rules )
		{
		log_rule_error(r, "the rule that was added is not known (any more)", p);
		return;
		}

	local rule = rules[r$id];
	if ( ! hook NetControl::rule_added_policy(rule, p, exists, msg) )
		return;

	log_rule(rule, "ADD", exists ? EXISTS : SUCCEEDED, p, msg);
	add rule$_active_plugin_ids[p$_id];
	rule$_added = T;

	if ( rule?$expire && rule$expire > 0 sec && ! p$plugin$can_expire )
		{
		add rule$_no_expire_plugins[p$_id];
		schedule rule$expire { rule_expire(rule, p) };
		}
	}

function rule_removed_impl(r: Rule, p: PluginState, msg: string &default="")
	{
	if ( r$id !in rules )
		{
		log_rule_error(r, "the rule that was removed is not known (any more)", p);
		return;
		}

	local rule = rules[r$id];
	delete rule$_active_plugin_ids[p$_id];
	log_rule(rule, "REMOVE", SUCCEEDED, p, msg);
	rule_cleanup(rule);
	}

function rule_timeout_impl(r: Rule, i: FlowInfo, p: PluginState)
	{
	if ( r$id !in rules )
		{
		log_rule_error(r, "the rule that has expired is not known (any more)", p);
		return;
		}

	local rule = rules[r$id];
	local parts: vector of string = vector();
	if ( i?$packet_count )
		parts += fmt("Packets: %d", i$packet_count);
	if ( i?$byte_count )
		parts += fmt("Bytes: %d", i$byte_count);

	delete rule$_active_plugin_ids[p$_id];
	log_rule(rule, "EXPIRE", TIMEOUT, p, join_string_vec(parts, " "));
	rule_cleanup(rule);
	}

function rule_error_impl(r: Rule, p: PluginState, msg: string &default="")
	{
	log_rule_error(r, msg, p);

	if ( r$id !in rules )
		return;

	local rule = rules[r$id];
	delete rule$_active_plugin_ids[p$_id];
	delete rule$_plugin_ids[p$_id];

	# A rule that no plugin has any more is not there.
	if ( |rule$_active_plugin_ids| == 0 && (rule$_added || |rule$_plugin_ids| == 0) )
		rule_cleanup(rule);
	}

# Ends a rule at a plugin that does not do that by itself; it may be gone already.
function rule_expire_impl(r: Rule, p: PluginState)
	{
	if ( r$id !in rules )
		return;

	local rule = rules[r$id];
	if ( p$_id !in rule$_active_plugin_ids )
		return;

	# What the plugin says of the removal comes too late to matter.
	remove_rule_plugin(rule, p, "expired");
	}

event rule_expire(r: Rule, p: PluginState)
	{
	rule_expire_impl(r, p);
	}

event NetControl::rule_added(r: Rule, p: PluginState, msg: string)
	{
	rule_added_impl(r, p, F, msg);
	}

event NetControl::rule_exists(r: Rule, p: PluginState, msg: string)
	{
	rule_added_impl(r, p, T, msg);
	}

event NetControl::rule_removed(r: Rule, p: PluginState, msg: string)
	{
	rule_removed_impl(r, p, msg);
	}

event NetControl::rule_timeout(r: Rule, i: FlowInfo, p: PluginState)
	{
	rule_timeout_impl(r, i, p);
	}

event NetControl::rule_error(r: Rule, p: PluginState, msg: string)
	{
	rule_error_impl(r, p, msg);
	}
