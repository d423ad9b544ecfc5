##! A controller that logs changes instead of making them, for trying things out.

@load ../main

module OpenFlow;

export {
	redef enum Plugin += {
		## Logs changes.
		OFLOG,
	};

	redef enum Log::ID += { LOG };

	global log_policy: Log::PolicyHook;

	## A controller that logs changes.
	##
	## dpid: number of the switch it stands for.
	##
	## success_event: whether it says that the changes were made.
	global log_new: function(dpid: count, success_event: bool &default=T): OpenFlow::Controller;

	redef record ControllerState += {
		## Number of the switch.
		log_dpid: count &optional;
		## Whether to say that changes were made.
		log_success_event: bool &optional;
	};

	## A row of openflow.log: a change.
	type Info: record {
		## When.
		ts: time &log;
		## Number of the switch.
		dpid: count &log;
		## Packets that it is about.
		match: ofp_match &log;
		## The change.
		flow_mod: ofp_flow_mod &log;
	};

	## Raised with every row of openflow.log.
	global log_openflow: event(rec: Info);
}

event zeek_init() &priority=5
	{
	Log::create_stream(OpenFlow::LOG, Log::Stream($columns=Info, $ev=log_openflow, $path="openflow",
	                                              $policy=log_policy));
	}

function log_flow_mod(state: ControllerState, match: ofp_match, flow_mod: OpenFlow::ofp_flow_mod): bool
	{
	Log::write(OpenFlow::LOG, Info($ts=network_time(), $dpid=state$log_dpid, $match=match, $flow_mod=flow_mod));
	if ( state$log_success_event )
		event OpenFlow::flow_mod_success(state$_name, match, flow_mod);
	return T;
	}

function log_describe(state: ControllerState): string
	{
	return fmt("Log-%d", state$log_dpid);
	}

function log_new(dpid: count, success_event: bool): OpenFlow::Controller
	{
	local c = OpenFlow::Controller($state=OpenFlow::ControllerState($log_dpid=dpid, $log_success_event=success_event),
	                               $flow_mod=log_flow_mod, $describe=log_describe, $supports_flow_removed=F);
	register_controller(OpenFlow::OFLOG, cat(dpid), c);
	return c;
	}
