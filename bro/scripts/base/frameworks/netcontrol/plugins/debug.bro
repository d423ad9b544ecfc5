##! A plugin that prints what it is asked to do, for trying things out.

@load ../main

module NetControl;

export {
	## A plugin that prints what it is asked to do.
	##
	## do_something: whether it takes rules on; otherwise it refuses all of them.
	##
	## name: told in what it prints.
	global create_debug: function(do_something: bool, name: string &default=""): PluginState;

	## A plugin that says of all rules that something went wrong.
	global create_debug_error: function(name: string): PluginState;

	## A plugin that says of all rules that they were there already.
	global create_debug_exists: function(name: string): PluginState;
}

function do_something(p: PluginState): bool
	{
	return p$config["all"] == "1";
	}

function debug_name(p: PluginState): string
	{
	local name = "name" in p$config ? p$config["name"] : "";
	if ( name != "" )
		return fmt("Debug-%s", name);

	return fmt("Debug-%s", do_something(p) ? "All" : "None");
	}

function debug_log(p: PluginState, msg: string)
	{
	print fmt("netcontrol debug (%s): %s", debug_name(p), msg);
	}

function debug_init(p: PluginState)
	{
	debug_log(p, "init");
	plugin_activated(p);
	}

function debug_done(p: PluginState)
	{
	debug_log(p, "done");
	}

# A rule without what the framework notes in it.
function debug_rule(r: Rule): string
	{
	local shown = copy(r);
	shown$_plugin_ids = set();
	shown$_active_plugin_ids = set();
	shown$_no_expire_plugins = set();
	shown$_added = F;
	return cat(shown);
	}

function debug_add_rule(p: PluginState, r: Rule): bool
	{
	debug_log(p, fmt("add_rule: %s", debug_rule(r)));

	if ( ! do_something(p) )
		return F;

	event NetControl::rule_added(r, p);
	return T;
	}

function debug_remove_rule(p: PluginState, r: Rule, reason: string): bool
	{
	debug_log(p, fmt("remove_rule (%s): %s", reason, debug_rule(r)));
	event NetControl::rule_removed(r, p);
	return T;
	}

function debug_add_rule_error(p: PluginState, r: Rule): bool
	{
	debug_log(p, fmt("add_rule_error: %s", debug_rule(r)));
	event NetControl::rule_error(r, p);
	return T;
	}

function debug_add_rule_exists(p: PluginState, r: Rule): bool
	{
	debug_log(p, fmt("add_rule_exists: %s", debug_rule(r)));
	event NetControl::rule_exists(r, p);
	return T;
	}

# A plugin at work, with one way or another to add rules.
function debug_plugin(all: string, name: string, adds: function(state: PluginState, r: Rule): bool): PluginState
	{
	return PluginState($plugin=Plugin($name=debug_name, $can_expire=F, $init=debug_init, $done=debug_done,
	                                  $add_rule=adds, $remove_rule=debug_remove_rule),
	                   $config=table(["all"] = all, ["name"] = name));
	}

function create_debug(do_something: bool, name: string): PluginState
	{
	return debug_plugin(do_something ? "1" : "0", name, debug_add_rule);
	}

function create_debug_error(name: string): PluginState
	{
	return debug_plugin("1", name, debug_add_rule_error);
	}

function create_debug_exists(name: string): PluginState
	{
	return debug_plugin("1", name, debug_add_rule_exists);
	}
