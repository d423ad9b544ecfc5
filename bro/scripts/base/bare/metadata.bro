##! What events carry besides their arguments.

module EventMetadata;

export {
	## Kinds of metadata; scripts add theirs, and register them with :bro:see:`EventMetadata::register`.
	type ID: enum {
		## When the event was raised.
		NETWORK_TIMESTAMP = 1,
	};

	## Whether events carry the time at which they were raised.
	const add_network_timestamp: bool = F &redef;

	## Whether events of other nodes get a time where they came without.
	const add_missing_remote_network_timestamp: bool = F &redef;

	## One piece of metadata.
	type Entry: record {
		## What it is.
		id: EventMetadata::ID;
		## Its value.
		val: any;
	};
}

module GLOBAL;

## The metadata of an event.
type event_metadata_vec: vector of EventMetadata::Entry;

## What of a node's messages waits for a peer, as far as nodes talk to each other.
type BrokerPeeringStats: record {
	## Messages that wait now.
	num_queued: count;
	## The most that waited lately.
	max_queued_recently: count;
	## How often there were too many.
	num_overflows: count;
};

## The same for each peer, by name.
type BrokerPeeringStatsTable: table[string] of BrokerPeeringStats;

## A part of the program that can be exchanged, such as an analyzer.
type PluginComponent: record {
	## Its name.
	name: string;
	## Its name as part of enum values.
	canonical_name: string;
	## The enum value that stands for it; empty if none does.
	tag: string;
	## Whether it is used.
	enabled: bool;
};

## Such parts.
type plugin_component_vec: vector of PluginComponent;
