##! Rules that keep packets of a flow from this program.

@load ./main

module NetControl;

export {
	redef enum Log::ID += { SHUNT };

	global log_policy_shunt: Log::PolicyHook;

	## A row of netcontrol_shunt.log: a flow is not looked at any more.
	type ShuntInfo: record {
		## When.
		ts: time &log;
		## Id of the rule.
		rule_id: string &log;
		## The flow.
		f: flow_id &log;
		## For how long.
		expire: interval &log;
		## Why.
		location: string &log &optional;
	};

	## Raised with every row of netcontrol_shunt.log.
	global log_netcontrol_shunt: event(rec: ShuntInfo);
}

event zeek_init() &priority=5
	{
	Log::create_stream(NetControl::SHUNT, Log::Stream($columns=ShuntInfo, $ev=log_netcontrol_shunt,
	                                                  $path="netcontrol_shunt", $policy=log_policy_shunt));
	}

function shunt_flow(f: flow_id, t: interval, location: string): string
	{
	local id = add_rule(lasting(Rule($ty=DROP, $target=MONITOR, $entity=flow_entity(f), $location=location), t));
	if ( id == "" )
		return "";

	local row = ShuntInfo($ts=network_time(), $rule_id=id, $f=f, $expire=t);
	if ( location != "" )
		row$location = location;
	Log::write(SHUNT, row);
	return id;
	}
