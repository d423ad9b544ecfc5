##! Stores of Broker: data by key.

@load ./data

module Broker;

export {
	## Whether a store could answer.
	type QueryStatus: enum {
		## It could.
		SUCCESS,
		## It could not, also because there is no such key.
		FAILURE,
	};

	## The answer of a store.
	type QueryResult: record {
		## Whether it could answer.
		status: Broker::QueryStatus;
		## The answer.
		result: Broker::Data;
	};

	## What keeps a store.
	type BackendType: enum {
		## Memory, to the end of the program.
		MEMORY,
		## A database.
		SQLITE,
	};

	## What becomes of a database that cannot be used.
	type SQLiteFailureMode: enum {
		## It stays as it is, and there is no store.
		SQLITE_FAILURE_MODE_FAIL,
		## It is deleted.
		SQLITE_FAILURE_MODE_DELETE,
	};

	## How carefully writes reach the disk, see SQLite's ``PRAGMA synchronous``.
	type SQLiteSynchronous: enum {
		SQLITE_SYNCHRONOUS_OFF,
		SQLITE_SYNCHRONOUS_NORMAL,
		SQLITE_SYNCHRONOUS_FULL,
		SQLITE_SYNCHRONOUS_EXTRA,
	};

	## How a database is kept whole, see SQLite's ``PRAGMA journal_mode``.
	type SQLiteJournalMode: enum {
		SQLITE_JOURNAL_MODE_DELETE,
		SQLITE_JOURNAL_MODE_WAL,
	};

	## Options of a store in a database.
	type SQLiteOptions: record {
		## The file; empty for one with the name of the store.
		path: string &default="";
		## Kept for scripts that set it.
		synchronous: SQLiteSynchronous &optional;
		## Kept for scripts that set it.
		journal_mode: SQLiteJournalMode &optional;
		## Kept for scripts that set it.
		failure_mode: SQLiteFailureMode &default=SQLITE_FAILURE_MODE_FAIL;
		## Kept for scripts that set it.
		integrity_check: bool &default=F;
	};

	## Options of what keeps a store.
	type BackendOptions: record {
		## Of a database.
		sqlite: SQLiteOptions &default=SQLiteOptions();
	};

	## Kept for scripts that set it: how often a copy of a store asks its master for what it missed.
	const default_clone_resync_interval = 10 sec &redef;

	## Kept for scripts that set it: how long a copy answers without its master.
	const default_clone_stale_interval = 5 min &redef;

	## Kept for scripts that set it: how long a copy keeps changes for a master that is away.
	const default_clone_mutation_buffer_interval = 2 min &redef;

	## Where databases of tables with ``&backend`` are.
	const table_store_db_directory: string = "." &redef;

	## Whether this node has the masters of the stores of tables with ``&backend``.
	const table_store_master: bool = T &redef;
}
