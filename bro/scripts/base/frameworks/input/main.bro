##! Input from outside while the program runs: tables and sets kept as a file is, an event for each row, files given to
##! analysis.
##!
##! A stream is described by a record and has a name; its reader says what the source is.  Rows come after the events that
##! are being handled, and before the next packet.

module Input;

export {
	## What happened to an element of a table.
	type Event: enum {
		## It is new.
		EVENT_NEW,
		## It has another value.
		EVENT_CHANGED,
		## It is gone.
		EVENT_REMOVED,
	};

	## How often a source is read.
	type Mode: enum {
		## Once, and whenever :bro:see:`Input::force_update` is called.
		MANUAL,
		## Again in whole whenever it has changed.
		REREAD,
		## Once, and then what is added to it.
		STREAM,
	};

	## What reads sources, one value for each kind of source.
	type Reader: enum {
		## Tables in text files, see :bro:see:`InputAscii::separator`.
		READER_ASCII,
		## Lines of a file or of the output of a command.
		READER_RAW,
		## Random values.
		READER_BENCHMARK,
		## Files in pieces.
		READER_BINARY,
		## Values of options.
		READER_CONFIG,
		## Results of a query to a database of SQLite.
		READER_SQLITE,
	};

	## The reader of streams that name none.
	option default_reader = READER_ASCII;

	## The mode of streams that have none.
	option default_mode = MANUAL;

	## Separates columns, where the reader has columns in text.
	const separator = "\t" &redef;

	## Separates the elements of sets and vectors.
	const set_separator = "," &redef;

	## Stands for an empty string, set or vector.
	const empty_field = "(empty)" &redef;

	## Stands for a field without value.
	const unset_field = "-" &redef;

	## Whether fields of types that no reader can read are left without value; otherwise a stream with such fields is an
	## error.
	const accept_unsupported_types = F &redef;

	## A stream that keeps a table or set as its source is.
	type TableDescription: record {
		## What to read; what that means depends on the reader.
		source: string;
		## The reader.
		reader: Reader &default=default_reader;
		## How often to read.
		mode: Mode &default=default_mode;
		## Name of the stream.
		name: string;
		## The table or set.
		destination: any;
		## Type of a record with the index: one field for each part of it.
		idx: any;
		## Type of a record with the value; none for sets.
		val: any &optional;
		## Whether the record is the value; otherwise it has one field, and that is.
		want_record: bool &default=T;
		## Event for each change: it gets this description, what happened, the index as a record, and the value unless it
		## is a set; for a changed element the value it had.
		ev: any &optional;
		## Asked before each change, with what is to happen, the index as a record, and the value unless it is a set; if
		## it says F, the table stays as it is.
		pred: function(typ: Input::Event, left: any, right: any): bool &optional;
		## Event for what goes wrong: it gets this description, a message, and a level.
		error_ev: any &optional;
		## Options for the reader.
		config: table[string] of string &default=table();
	};

	## A stream that raises an event for each row of its source.
	type EventDescription: record {
		## What to read; what that means depends on the reader.
		source: string;
		## The reader.
		reader: Reader &default=default_reader;
		## How often to read.
		mode: Mode &default=default_mode;
		## Name of the stream.
		name: string;
		## Type of a record with the fields of a row.
		fields: any;
		## Whether the event gets the record; otherwise its fields one by one.
		want_record: bool &default=T;
		## The event: it gets this description, an :bro:type:`Input::Event` that is always EVENT_NEW, and the row.
		ev: any;
		## Event for what goes wrong: it gets this description, a message, and a level.
		error_ev: any &optional;
		## Options for the reader.
		config: table[string] of string &default=table();
	};

	## A stream whose content is analyzed like a file of the traffic.
	type AnalysisDescription: record {
		## What to read; what that means depends on the reader.
		source: string;
		## The reader.
		reader: Reader &default=Input::READER_BINARY;
		## How often to read.
		mode: Mode &default=default_mode;
		## Name of the stream.
		name: string;
		## Options for the reader.
		config: table[string] of string &default=table();
	};

	## Makes a table stream.
	##
	## Returns: false, after a report, if it cannot be.
	global add_table: function(description: Input::TableDescription): bool;

	## Makes an event stream.
	##
	## Returns: false, after a report, if it cannot be.
	global add_event: function(description: Input::EventDescription): bool;

	## Makes a stream for file analysis.
	##
	## Returns: false, after a report, if it cannot be.
	global add_analysis: function(description: Input::AnalysisDescription): bool;

	## Ends a stream; what it put into a table stays there.
	##
	## id: its name.
	##
	## Returns: false, after a report, if there is none of this name.
	global remove: function(id: string): bool;

	## Reads the source of a stream now.
	##
	## id: the stream's name.
	##
	## Returns: false, after a report, if there is none of this name.
	global force_update: function(id: string): bool;

	## All that a source had has been read, and the events for it have been raised.
	##
	## name: the stream's name.
	##
	## source: its source.
	global end_of_data: event(name: string, source: string);
}

function add_table(description: Input::TableDescription): bool
	{
	return Input::__create_table_stream(description);
	}

function add_event(description: Input::EventDescription): bool
	{
	return Input::__create_event_stream(description);
	}

function add_analysis(description: Input::AnalysisDescription): bool
	{
	return Input::__create_analysis_stream(description);
	}

function remove(id: string): bool
	{
	return Input::__remove_stream(id);
	}

function force_update(id: string): bool
	{
	return Input::__force_update(id);
	}
