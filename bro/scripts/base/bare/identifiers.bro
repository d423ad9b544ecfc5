##! What scripts can learn about themselves: their globals, and the fields of records.

## A global.
type script_id: record {
	## Its type.
	type_name: string;
	## Whether other modules may use it.
	exported: bool;
	## Whether it cannot be assigned.
	constant: bool;
	## Whether it is a value of an enumeration.
	enum_constant: bool;
	## Whether it is an option that can be changed while the program runs.
	option_value: bool;
	## Whether it can be redefined.
	redefinable: bool;
	## Whether it is a table that is shared among the nodes of a cluster.
	broker_backend: bool;
	## Its value, if it has one.
	value: any &optional;
};

## Globals by name.
type id_table: table[string] of script_id;

## A field of a record.
type record_field: record {
	## Its type.
	type_name: string;
	## Whether it is logged.
	log: bool;
	## Its value, for a record that has one.
	value: any &optional;
	## Its default, if it has one.
	default_val: any &optional;
	## Whether it may be without a value.
	optional: bool;
};

## Fields by name.
type record_field_table: table[string] of record_field;
