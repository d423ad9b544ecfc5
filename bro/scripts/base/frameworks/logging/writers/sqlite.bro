##! Options of the writer of SQLite databases.
##!
##! The filter's path is the name of the database without ``.sqlite``, and of the table unless its ``config`` has another
##! under ``tablename``.  ``dbpath`` there names another database.

module LogSQLite;

export {
	## How a database is kept whole, see SQLite's ``PRAGMA journal_mode``.
	type SQLiteJournalMode: enum {
		## As SQLite has it by itself.
		SQLITE_JOURNAL_MODE_DEFAULT,
		## The journal is deleted after each transaction.
		SQLITE_JOURNAL_MODE_DELETE,
		## It is kept in memory.
		SQLITE_JOURNAL_MODE_MEMORY,
		## There is none.
		SQLITE_JOURNAL_MODE_OFF,
		## It is overwritten.
		SQLITE_JOURNAL_MODE_PERSIST,
		## It is cut to nothing.
		SQLITE_JOURNAL_MODE_TRUNCATE,
		## It is written ahead of the database.
		SQLITE_JOURNAL_MODE_WAL
	};

	## How carefully writes reach the disk, see SQLite's ``PRAGMA synchronous``.
	type SQLiteSynchronous: enum {
		## As SQLite has it by itself.
		SQLITE_SYNCHRONOUS_DEFAULT,
		## Never waits.
		SQLITE_SYNCHRONOUS_OFF,
		## Waits at the most critical moments.
		SQLITE_SYNCHRONOUS_NORMAL,
		## Waits for every transaction.
		SQLITE_SYNCHRONOUS_FULL,
		## Also waits for the directory.
		SQLITE_SYNCHRONOUS_EXTRA
	};

	## How databases are kept whole.
	const journal_mode = SQLITE_JOURNAL_MODE_DEFAULT &redef;

	## How carefully writes reach the disk.
	const synchronous = SQLITE_SYNCHRONOUS_DEFAULT &redef;

	## Separates the elements of sets and vectors.
	const set_separator = Log::set_separator &redef;

	## Stands for an empty string, set or vector.
	const empty_field = Log::empty_field &redef;

	## Stands for elements of sets and vectors that have no value.
	const unset_field = Log::unset_field &redef;
}
