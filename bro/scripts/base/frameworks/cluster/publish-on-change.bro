##! Changes of tables told from node to node: the whole of a table by :bro:see:`Cluster::publish_table`, and what other
##! nodes tell, which is put into the table of the same name here.  A node by itself tells nobody, so the attribute
##! ``&publish_on_change`` has no effect; changes that are received, or raised by a script, are carried out.

@load ./pools

module Cluster;

export {
	## What the attribute ``&publish_on_change`` of a table takes.
	type PublishOnChangeAttr: record {
		## The changes that are told.
		changes: set[TableChange];
		## The topic they are published to: a string, or a function that gives one.
		topic: any &optional;
		## How many of them are told together.
		max_batch_size: count &default=Cluster::default_table_publish_on_change_max_batch_size;
		## How long one waits for others.
		max_batch_delay: interval &default=Cluster::default_table_publish_on_change_max_batch_delay;
	};

	## Where changes come from.
	type TableChangeHeader: record {
		## Name of the table, with its module.
		id: string;
		## The node that tells of them.
		node_id: string;
		## When it did.
		ts: time;
	};

	## A change of a table.
	type TableChangeInfo: record {
		## What happened.
		change: TableChange;
		## When.
		ts: time;
		## The index, of one value or several.
		index: vector of any;
		## The value from now on; none in sets, or where the element is gone.
		value: any &optional;
		## The value before; none in sets, or where the element is new.
		previous_value: any &optional;
	};

	## Changes of one table, in their order.
	type TableChangeInfos: vector of TableChangeInfo;

	## Publishes all elements of a table, some at a time, by events :bro:see:`Cluster::table_change_infos`.
	##
	## topic: where to.
	##
	## table_val: the table or set, which has to be a global one.
	##
	## batch_size: elements of one event.
	##
	## Returns: whether somebody could be told of all of them; false on a node by itself.
	global publish_table: function(topic: string, table_val: any,
	                               batch_size: count &default=default_publish_table_batch_size): bool;

	## Raised by other nodes: a table has changed there.  It is changed here as well, see
	## :bro:see:`Cluster::apply_table_change_infos`.
	##
	## tcheader: which table.
	##
	## tcinfos: what has changed.
	global table_change_infos: event(tcheader: TableChangeHeader, tcinfos: TableChangeInfos);

	## The same, to be passed on once it is carried out.
	##
	## tcheader: which table.
	##
	## tcinfos: what has changed.
	##
	## to_topic: where to pass it on to.
	global forward_table_change_infos: event(tcheader: TableChangeHeader, tcinfos: TableChangeInfos, to_topic: string);

	## Decides whether changes of a table are carried out: with ``break`` they are not.
	##
	## tcheader: which table.
	##
	## tcinfos: what has changed.
	global apply_table_change_infos_policy: hook(tcheader: TableChangeHeader, tcinfos: TableChangeInfos);
}

function publish_table(topic: string, table_val: any, batch_size: count): bool
	{
	return Cluster::__publish_table(topic, table_val, batch_size);
	}

event Cluster::table_change_infos(tcheader: TableChangeHeader, tcinfos: TableChangeInfos)
	{
	Cluster::apply_table_change_infos(tcheader, tcinfos);
	}

event Cluster::forward_table_change_infos(tcheader: TableChangeHeader, tcinfos: TableChangeInfos, to_topic: string)
	{
	if ( Cluster::apply_table_change_infos(tcheader, tcinfos) )
		Cluster::publish(to_topic, Cluster::table_change_infos, tcheader, tcinfos);
	}
