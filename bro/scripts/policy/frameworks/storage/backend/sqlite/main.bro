##! Storage in a table of an SQLite database.

@load base/frameworks/storage/main

module Storage::Backend::SQLite;

export {
	## Options of such storage.
	type Options: record {
		## The database.
		database_path: string;
		## The table.
		table_name: string;
		## How long to wait while somebody else uses the database.
		busy_timeout: interval &default=5 secs;
		## Settings of SQLite, by the names of its pragmas.
		pragma_commands: table[string] of string &default=table(
			["quick_check"] = "",
			["journal_mode"] = "WAL",
			["synchronous"] = "normal",
			["temp_store"] = "memory"
		) &ordered;
		## Kept for scripts that set it: how long to try to make these settings.
		pragma_timeout: interval &default=500 msecs;
		## Kept for scripts that set it: how long to wait between two tries.
		pragma_wait_on_busy: interval &default=5 msecs;
	};
}

redef record Storage::BackendOptions += {
	## Options of storage in an SQLite database.
	sqlite: Storage::Backend::SQLite::Options &optional;
};
