##! What rules, and the plugins that carry them out, are.

module NetControl;

export {
	## Priority of rules that name none.
	option default_priority: int = +0;

	## Priority of rules that let traffic pass which others would stop.
	const whitelist_priority: int = +5 &redef;

	## What a rule is about.
	type EntityType: enum {
		## An address or subnet.
		ADDRESS,
		## A connection, both directions of it.
		CONNECTION,
		## Packets that fit, in one direction.
		FLOW,
		## A hardware address.
		MAC,
	};

	## Packets by what they have; what is not set fits all.
	type Flow: record {
		## Where they come from.
		src_h: subnet &optional;
		## The port they come from.
		src_p: port &optional;
		## Where they go.
		dst_h: subnet &optional;
		## The port they go to.
		dst_p: port &optional;
		## The hardware address they come from.
		src_m: string &optional;
		## The hardware address they go to.
		dst_m: string &optional;
	};

	## What a rule is about.
	type Entity: record {
		## Which of the fields says what it is.
		ty: EntityType;
		## The connection.
		conn: conn_id &optional;
		## The packets.
		flow: Flow &optional;
		## The address or subnet.
		ip: subnet &optional;
		## The hardware address.
		mac: string &optional;
	};

	## Which traffic a rule acts on.
	type TargetType: enum {
		## What the network carries.
		FORWARD,
		## What this program gets to see.
		MONITOR,
	};

	## What a rule does.
	type RuleType: enum {
		## Stops traffic.
		DROP,
		## Changes packets.
		MODIFY,
		## Sends packets somewhere else.
		REDIRECT,
		## Lets traffic pass, whatever other rules say.
		WHITELIST,
	};

	## What packets are to have after they were changed.
	type FlowMod: record {
		## Where they come from.
		src_h: addr &optional;
		## The port they come from.
		src_p: count &optional;
		## Where they go.
		dst_h: addr &optional;
		## The port they go to.
		dst_p: count &optional;
		## The hardware address they come from.
		src_m: string &optional;
		## The hardware address they go to.
		dst_m: string &optional;
		## The port of the switch they leave by.
		redirect_port: count &optional;
	};

	## A rule.
	type Rule: record {
		## What it does.
		ty: RuleType;
		## Which traffic it acts on.
		target: TargetType;
		## What it is about.
		entity: Entity;
		## How long it lasts; for ever without.
		expire: interval &optional;
		## Which of several rules holds: that of the highest priority.
		priority: int &default=default_priority;
		## Why it is there, for people.
		location: string &optional;

		## Of rules that redirect, the port of the switch.
		out_port: count &default=0;
		## Of rules that change packets, what they are to have.
		mod: FlowMod &optional;

		## Its id; it gets one when it is added.
		id: string &default="";
		## The same as a number.
		cid: count &default=0;

		## Plugins that took it on.
		_plugin_ids: set[count] &default=set();
		## Plugins that carried it out.
		_active_plugin_ids: set[count] &default=set();
		## Plugins that do not end it by themselves.
		_no_expire_plugins: set[count] &default=set();
		## Whether some plugin has carried it out.
		_added: bool &default=F;
	};

	## What was counted about a rule.
	type FlowInfo: record {
		## How long it lasted.
		duration: interval &optional;
		## Packets that it acted on.
		packet_count: count &optional;
		## Their bytes.
		byte_count: count &optional;
	};

	## A plugin at work.
	type PluginState: record {
		## What its author keeps in it.
		config: table[string] of string &default=table();
		## Its number; it gets one when it is activated.
		_id: count &optional;
		## Its priority: rules are given to plugins of higher priority first.
		_priority: int &default=+0;
		## Whether it has said that it is ready.
		_activated: bool &default=F;
	};

	## What carries rules out.
	type Plugin: record {
		## Gives a name to a plugin at work.
		name: function(state: PluginState): string;
		## Whether it ends rules by itself when they have expired.
		can_expire: bool;
		## Sets it up; a plugin that has this says by :bro:see:`NetControl::plugin_activated` when it is ready.
		init: function(state: PluginState) &optional;
		## Called at the end.
		done: function(state: PluginState) &optional;
		## Adds a rule; T if it takes it on, and says later by an event what came of it.
		add_rule: function(state: PluginState, r: Rule): bool &optional;
		## Removes a rule; T if it can.
		remove_rule: function(state: PluginState, r: Rule, reason: string): bool &optional;
	};

	redef record PluginState += {
		## What carries the rules out.
		plugin: Plugin &optional;
	};
}
