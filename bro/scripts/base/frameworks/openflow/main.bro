##! Changing the tables of switches that speak OpenFlow, by controllers.

@load ./consts
@load ./types

module OpenFlow;

export {
	## Changes the table of a controller's switch.
	##
	## controller: the controller.
	##
	## match: packets that it is about.
	##
	## flow_mod: the change.
	##
	## Returns: false if that is not possible; otherwise an event says what came of it.
	global flow_mod: function(controller: Controller, match: ofp_match, flow_mod: ofp_flow_mod): bool;

	## Deletes all rules of a controller's switch.
	global flow_clear: function(controller: Controller): bool;

	## The packets of a connection.
	##
	## id: its ends.
	##
	## reverse: those of the responder instead of those of the originator.
	global match_conn: function(id: conn_id, reverse: bool &default=F): ofp_match;

	## A cookie of this program.
	##
	## cookie: number of the rule.
	global generate_cookie: function(cookie: count &default=0): count;

	## The number of the rule in a cookie; :bro:see:`OpenFlow::INVALID_COOKIE` for those of others.
	global get_cookie_uid: function(cookie: count): count;

	## The number of the group in a cookie; :bro:see:`OpenFlow::INVALID_COOKIE` for those of others.
	global get_cookie_gid: function(cookie: count): count;

	## Registers a controller; for plugins.
	##
	## tpe: its kind.
	##
	## name: its name.
	global register_controller: function(tpe: OpenFlow::Plugin, name: string, controller: Controller);

	## Removes a controller.
	global unregister_controller: function(controller: Controller);

	## Called by plugins that have an `init` when their controller is ready.
	global controller_init_done: function(controller: Controller);

	## The controllers of a name.
	global lookup_controller: function(name: string): vector of Controller;

	## A rule has ended.
	##
	## name: the controller's name.
	##
	## match: packets that it was about.
	##
	## cookie: its cookie.
	##
	## priority: its priority.
	##
	## reason: why, by OpenFlow's numbers.
	##
	## duration_sec: how long it lasted.
	##
	## idle_timeout: its limit of time without packets.
	##
	## packet_count: packets it acted on.
	##
	## byte_count: their bytes.
	global OpenFlow::flow_removed: event(name: string, match: ofp_match, cookie: count, priority: count,
	                                     reason: count, duration_sec: count, idle_timeout: count,
	                                     packet_count: count, byte_count: count);

	## A change was made.
	global OpenFlow::flow_mod_success: event(name: string, match: ofp_match, flow_mod: ofp_flow_mod,
	                                         msg: string &default="");

	## A change could not be made.
	global OpenFlow::flow_mod_failure: event(name: string, match: ofp_match, flow_mod: ofp_flow_mod,
	                                         msg: string &default="");

	## A controller is ready.
	global OpenFlow::controller_activated: event(name: string, controller: Controller);
}

# Controllers by name.
global name_to_controller: table[string] of Controller = table();

function match_conn(id: conn_id, reverse: bool): ofp_match
	{
	local dl_type = is_v6_addr(id$orig_h) ? ETH_IPv6 : ETH_IPv4;
	local nw_proto = IP_TCP;
	if ( is_udp_port(id$orig_p) )
		nw_proto = IP_UDP;
	else if ( is_icmp_port(id$orig_p) )
		nw_proto = IP_ICMP;

	local orig = addr_to_subnet(id$orig_h);
	local resp = addr_to_subnet(id$resp_h);
	local orig_p = port_to_count(id$orig_p);
	local resp_p = port_to_count(id$resp_p);

	return ofp_match($dl_type=dl_type, $nw_proto=nw_proto,
	                 $nw_src=reverse ? resp : orig, $tp_src=reverse ? resp_p : orig_p,
	                 $nw_dst=reverse ? orig : resp, $tp_dst=reverse ? orig_p : resp_p);
	}

function generate_cookie(cookie: count): count
	{
	local own = ZEEK_COOKIE_ID * COOKIE_BID_START;

	if ( cookie >= COOKIE_UID_SIZE )
		{
		Reporter::warning(fmt("OpenFlow: %d is too large for the number of a rule", cookie));
		return own;
		}

	return own + cookie;
	}

# Whether a cookie is one of this program.
function is_valid_cookie(cookie: count): bool
	{
	if ( cookie / COOKIE_BID_START == ZEEK_COOKIE_ID )
		return T;

	Reporter::warning(fmt("OpenFlow: the cookie %d is not one of this program", cookie));
	return F;
	}

function get_cookie_uid(cookie: count): count
	{
	return is_valid_cookie(cookie) ? cookie % COOKIE_GID_START : INVALID_COOKIE;
	}

function get_cookie_gid(cookie: count): count
	{
	return is_valid_cookie(cookie) ? (cookie % COOKIE_BID_START) / COOKIE_GID_START : INVALID_COOKIE;
	}

function controller_init_done(controller: Controller)
	{
	local name = controller$state$_name;
	if ( name !in name_to_controller )
		{
		Reporter::error(fmt("OpenFlow: a controller %s that nobody knows said that it is ready", name));
		return;
		}

	# What is known of the controller may be a copy.
	name_to_controller[name]$state$_activated = T;
	controller$state$_activated = T;
	event OpenFlow::controller_activated(name, name_to_controller[name]);
	}

# Registers a controller on this node.
function register_controller_impl(tpe: OpenFlow::Plugin, name: string, controller: Controller)
	{
	if ( controller$state?$_name && controller$state$_name in name_to_controller )
		{
		Reporter::error(fmt("OpenFlow: there is a controller %s already", name));
		return;
		}

	controller$state$_name = cat(tpe, name);
	controller$state$_plugin = tpe;

	if ( controller$state$_name in name_to_controller )
		{
		Reporter::error(fmt("OpenFlow: there is a controller %s already", name));
		return;
		}

	name_to_controller[controller$state$_name] = controller;

	if ( controller?$init )
		{
		local set_up = controller$init;
		set_up(controller$state);
		}
	else
		controller_init_done(controller);
	}

# Removes a controller on this node.
function unregister_controller_impl(controller: Controller)
	{
	local name = controller$state$_name;
	if ( name !in name_to_controller )
		{
		Reporter::error("OpenFlow: there is no such controller to remove");
		return;
		}

	if ( controller?$destroy )
		{
		local let_go = controller$destroy;
		let_go(controller$state);
		}
	delete name_to_controller[name];
	}

# Looks controllers up on this node.
function lookup_controller_impl(name: string): vector of Controller
	{
	local found: vector of Controller = vector();
	if ( name in name_to_controller )
		found += name_to_controller[name];
	return found;
	}
