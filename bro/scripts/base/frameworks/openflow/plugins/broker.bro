##! A controller in another program that is reached by Broker.

@load ../main
@load base/frameworks/broker

module OpenFlow;

export {
	redef enum Plugin += {
		## By Broker.
		BROKER,
	};

	## A controller that has another program make the changes.
	##
	## name: its name.
	##
	## host: where the program is.
	##
	## host_port: its port.
	##
	## topic: topic that changes are published under.
	##
	## dpid: number of the switch.
	global broker_new: function(name: string, host: addr, host_port: port, topic: string,
	                            dpid: count): OpenFlow::Controller;

	redef record ControllerState += {
		## Where the program is.
		broker_host: addr &optional;
		## Its port.
		broker_port: port &optional;
		## Number of the switch.
		broker_dpid: count &optional;
		## Topic that changes are published under.
		broker_topic: string &optional;
	};

	## Asks the program for a change.
	global broker_flow_mod: event(name: string, dpid: count, match: ofp_match, flow_mod: ofp_flow_mod);

	## Asks it to delete all rules.
	global broker_flow_clear: event(name: string, dpid: count);
}

# Controllers by where their program is.
global broker_peers: table[port, string] of Controller = table();

function broker_describe(state: ControllerState): string
	{
	return fmt("Broker-%s", state$broker_topic);
	}

function broker_flow_mod_fun(state: ControllerState, match: ofp_match, flow_mod: ofp_flow_mod): bool
	{
	Broker::publish(state$broker_topic, Broker::make_event(broker_flow_mod, state$_name, state$broker_dpid, match,
	                                                       flow_mod));
	return T;
	}

function broker_flow_clear_fun(state: ControllerState): bool
	{
	Broker::publish(state$broker_topic, Broker::make_event(broker_flow_clear, state$_name, state$broker_dpid));
	return T;
	}

function broker_init(state: ControllerState)
	{
	Broker::subscribe(state$broker_topic);
	Broker::peer(cat(state$broker_host), state$broker_port);
	}

event Broker::peer_added(endpoint: Broker::EndpointInfo, msg: string)
	{
	if ( ! endpoint?$network )
		return;

	local key_port = endpoint$network$bound_port;
	local key_address = endpoint$network$address;
	if ( [key_port, key_address] in broker_peers )
		OpenFlow::controller_init_done(broker_peers[key_port, key_address]);
	}

function broker_new(name: string, host: addr, host_port: port, topic: string, dpid: count): OpenFlow::Controller
	{
	local c = OpenFlow::Controller($state=OpenFlow::ControllerState($broker_host=host, $broker_port=host_port,
	                                                                $broker_dpid=dpid, $broker_topic=topic),
	                               $flow_mod=broker_flow_mod_fun, $flow_clear=broker_flow_clear_fun,
	                               $describe=broker_describe, $supports_flow_removed=T, $init=broker_init);

	if ( [host_port, cat(host)] in broker_peers )
		{
		Reporter::error(fmt("OpenFlow: %s:%s is used by another controller already", host, host_port));
		return c;
		}

	broker_peers[host_port, cat(host)] = c;
	register_controller(OpenFlow::BROKER, name, c);
	return c;
	}
