##! Data of Broker: values with their kind beside them, as nodes and other programs exchange them.

module Broker;

export {
	## What kind of data.
	type DataType: enum {
		NONE = 0,
		BOOL = 1,
		INT = 2,
		COUNT = 3,
		DOUBLE = 4,
		STRING = 5,
		ADDR = 6,
		SUBNET = 7,
		PORT = 8,
		TIME = 9,
		INTERVAL = 10,
		ENUM = 11,
		SET = 12,
		TABLE = 13,
		VECTOR = 14,
	};

	## Data: ``data as string`` gives the value, ``data is string`` tells whether there is such a value.
	type Data: record {
		data: opaque of Broker::Data &optional;
	};

	## Some data.
	type DataVector: vector of Broker::Data;

	## An event with its arguments, as :bro:see:`Broker::make_event` makes it.
	type Event: record {
		## Name of the event; none if the arguments were not those of the event.
		name: string &optional;
		## Its arguments.
		args: DataVector;
	};

	## An element of a table.
	type TableItem: record {
		## Its key.
		key: Broker::Data;
		## Its value.
		val: Broker::Data;
	};
}
