##! How one instance is controlled by another: the events that ask and answer.  What answers is in
##! ``frameworks/control/controllee``.

## It is time to end, for those who want to end the program later: they schedule this event.
global terminate_event: event();

module Control;

export {
	## Topic that requests and responses are published under.
	const topic_prefix = "zeek/control" &redef;

	## Whether an instance that is controlled waits for whoever controls it.
	const controllee_listen = T &redef;

	## Where the instance to be controlled is.
	const host = 0.0.0.0 &redef;

	## Its port.
	const host_port = 0/tcp &redef;

	## The zone of its address, if that is of a link.
	const zone_id = "" &redef;

	## What to ask it for, one of :bro:see:`Control::commands`.
	const cmd = "" &redef;

	## An argument of that.
	const arg = "" &redef;

	## What can be asked for.
	const commands: set[string] = {
		"id_value",
		"peer_status",
		"net_stats",
		"configuration_update",
		"shutdown",
	} &redef;

	## Globals that a new configuration does not change.
	const ignore_ids: set[string] = {} &redef;

	## Asks for the value of a global.
	##
	## id: its name.
	global Control::id_value_request: event(id: string);

	## Has the value of a global.
	##
	## id: its name.
	##
	## val: its value.
	global Control::id_value_response: event(id: string, val: string);

	## Asks for the state of the peers.
	global Control::peer_status_request: event();

	## Has the state of the peers.
	global Control::peer_status_response: event(s: string);

	## Asks for statistics of packets.
	global Control::net_stats_request: event();

	## Has statistics of packets.
	global Control::net_stats_response: event(s: string);

	## Asks for values of options to be taken over.
	global Control::configuration_update_request: event();

	## Values of options have been taken over, so what depends on them can be done again.
	global Control::configuration_update: event();

	## Values of options have been taken over.
	global Control::configuration_update_response: event();

	## Asks for the end.
	global Control::shutdown_request: event();

	## The end is near.
	global Control::shutdown_response: event();
}

event terminate_event()
	{
	terminate();
	}
