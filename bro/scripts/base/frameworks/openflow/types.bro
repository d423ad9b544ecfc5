##! Rules for switches, and the controllers that give them.

@load ./consts

module OpenFlow;

export {
	## Kinds of controllers; each plugin adds its own.
	type Plugin: enum {
		## None.
		INVALID,
	};

	## A controller at work.
	type ControllerState: record {
		## Its kind.
		_plugin: Plugin &optional;
		## Its name.
		_name: string &optional;
		## Whether it is ready.
		_activated: bool &default=F;
	};

	## Packets that a rule is about; what is not set fits all.
	type ofp_match: record {
		## Port of the switch they come in by.
		in_port: count &optional;
		## Hardware address they come from.
		dl_src: string &optional;
		## Hardware address they go to.
		dl_dst: string &optional;
		## Number of the VLAN.
		dl_vlan: count &optional;
		## Priority of the VLAN.
		dl_vlan_pcp: count &optional;
		## Type of Ethernet.
		dl_type: count &optional;
		## Type of service.
		nw_tos: count &optional;
		## Protocol of IP.
		nw_proto: count &optional;
		## Addresses they come from.
		nw_src: subnet &optional;
		## Addresses they go to.
		nw_dst: subnet &optional;
		## Port they come from.
		tp_src: count &optional;
		## Port they go to.
		tp_dst: count &optional;
	} &log;

	## What is done with packets; without anything, they are dropped.
	type ofp_flow_action: record {
		## Ports they are sent out by.
		out_ports: vector of count &default=vector();
		## Number of the VLAN they get.
		vlan_vid: count &optional;
		## Priority of the VLAN they get.
		vlan_pcp: count &optional;
		## Whether the header of the VLAN is taken away.
		vlan_strip: bool &default=F;
		## Hardware address they then come from.
		dl_src: string &optional;
		## Hardware address they then go to.
		dl_dst: string &optional;
		## Type of service they get.
		nw_tos: count &optional;
		## Address they then come from.
		nw_src: addr &optional;
		## Address they then go to.
		nw_dst: addr &optional;
		## Port they then come from.
		tp_src: count &optional;
		## Port they then go to.
		tp_dst: count &optional;
	} &log;

	## A change of a switch's table.
	type ofp_flow_mod: record {
		## Who made the rule, and which it is, see :bro:see:`OpenFlow::generate_cookie`.
		cookie: count;
		## The table.
		table_id: count &optional;
		## What is done to it.
		command: ofp_flow_mod_command;
		## Seconds without packets after which the rule ends; 0 for never.
		idle_timeout: count &default=0;
		## Seconds after which it ends; 0 for never.
		hard_timeout: count &default=0;
		## Which of several rules holds: that of the highest priority.
		priority: count &default=0;
		## Of deleting: only rules with this port.
		out_port: count &optional;
		## Of deleting: only rules with this group.
		out_group: count &optional;
		## Flags such as :bro:see:`OpenFlow::OFPFF_SEND_FLOW_REM`.
		flags: count &default=0;
		## What is done with packets.
		actions: ofp_flow_action &default=ofp_flow_action();
	} &log;

	## A controller.
	type Controller: record {
		## What it works with.
		state: ControllerState;
		## Whether it tells when rules are removed.
		supports_flow_removed: bool;
		## Says in words what it is.
		describe: function(state: ControllerState): string;
		## Sets it up; one that has this says by :bro:see:`OpenFlow::controller_init_done` when it is ready.
		init: function(state: ControllerState) &optional;
		## Lets go of what it uses.
		destroy: function(state: ControllerState) &optional;
		## Changes the table of its switch.
		flow_mod: function(state: ControllerState, match: ofp_match, flow_mod: ofp_flow_mod): bool &optional;
		## Deletes all rules of its switch.
		flow_clear: function(state: ControllerState): bool &optional;
	};
}
