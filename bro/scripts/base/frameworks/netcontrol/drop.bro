##! Rules that stop the traffic of a connection or an address.

@load ./main

module NetControl;

export {
	redef enum Log::ID += { DROP_LOG };

	global log_policy_drop: Log::PolicyHook;

	## A row of netcontrol_drop.log: traffic is stopped.
	type DropInfo: record {
		## When.
		ts: time &log;
		## Id of the rule.
		rule_id: string &log;
		## The address, or the originator of the connection.
		orig_h: addr &log;
		## The originator's port.
		orig_p: port &log &optional;
		## The responder.
		resp_h: addr &log &optional;
		## The responder's port.
		resp_p: port &log &optional;
		## For how long.
		expire: interval &log;
		## Why.
		location: string &log &optional;
	};

	## Looks at rules that stop traffic before they are added; ``break`` keeps one out.
	global NetControl::drop_rule_policy: hook(r: Rule);

	## Raised with every row of netcontrol_drop.log.
	global log_netcontrol_drop: event(rec: DropInfo);
}

event zeek_init() &priority=5
	{
	Log::create_stream(NetControl::DROP_LOG, Log::Stream($columns=DropInfo, $ev=log_netcontrol_drop,
	                                                     $path="netcontrol_drop", $policy=log_policy_drop));
	}

# Adds a rule that stops traffic, and logs it.
function drop_entity(e: Entity, t: interval, location: string, row: DropInfo): string
	{
	local r = lasting(Rule($ty=DROP, $target=FORWARD, $entity=e, $location=location), t);

	if ( ! hook NetControl::drop_rule_policy(r) )
		return "";

	local id = add_rule(r);
	if ( id == "" )
		return "";

	row$rule_id = id;
	if ( location != "" )
		row$location = location;
	Log::write(DROP_LOG, row);
	return id;
	}

function drop_connection(c: conn_id, t: interval, location: string): string
	{
	return drop_entity(Entity($ty=CONNECTION, $conn=c), t, location,
	                   DropInfo($ts=network_time(), $rule_id="", $orig_h=c$orig_h, $orig_p=c$orig_p,
	                            $resp_h=c$resp_h, $resp_p=c$resp_p, $expire=t));
	}

function drop_address(a: addr, t: interval, location: string): string
	{
	return drop_entity(Entity($ty=ADDRESS, $ip=addr_to_subnet(a)), t, location,
	                   DropInfo($ts=network_time(), $rule_id="", $orig_h=a, $expire=t));
	}
