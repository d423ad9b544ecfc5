##! Storage that outlives a run: values by key, in a backend such as a database.

module Storage;

export {
	## What keeps the values.
	type Backend: enum {
		## A dictionary of this program, which ends with it.
		STORAGE_BACKEND_MEMORY,
		## A table of an SQLite database; load ``policy/frameworks/storage/backend/sqlite`` for its options.
		STORAGE_BACKEND_SQLITE,
		## A Redis server; load ``policy/frameworks/storage/backend/redis`` for its options.
		STORAGE_BACKEND_REDIS,
	};

	## How values become text.
	type Serializer: enum {
		## As JSON.
		STORAGE_SERIALIZER_JSON,
	};

	## What came of an operation.
	type ReturnCode: enum {
		## It was done.
		SUCCESS,
		## The value is of another type than the backend was opened for.
		VAL_TYPE_MISMATCH,
		## The key is of another type than the backend was opened for.
		KEY_TYPE_MISMATCH,
		## The backend is not open.
		NOT_CONNECTED,
		## It took too long.
		TIMEOUT,
		## The connection was lost.
		CONNECTION_LOST,
		## The backend could not do it.
		OPERATION_FAILED,
		## There is no value of this key.
		KEY_NOT_FOUND,
		## There is a value of this key already.
		KEY_EXISTS,
		## There is no connection to what is behind the backend.
		CONNECTION_FAILED,
		## The backend could not be closed.
		DISCONNECTION_FAILED,
		## The backend could not be set up.
		INITIALIZATION_FAILED,
		## It has only begun.
		IN_PROGRESS,
	};

	## What came of an operation.
	type OperationResult: record {
		## Whether it was done, or why not.
		code: ReturnCode;
		## The same in words.
		error_str: string &optional;
		## What was asked for: a value, or the handle of a backend.
		value: any &optional;
	};

	## Whether backends are used by functions of Storage::Sync alone, unless their options say otherwise.
	const default_forced_sync: bool = F &redef;

	## How often backends look for values that have expired.
	const expire_interval: interval = 15 sec &redef;

	## Kept for scripts that set it: bounds of the histogram of how long operations take, in seconds.
	const latency_metric_bounds: vector of double = vector(0.001, 0.01, 0.1, 1.0) &redef;

	## Options of a backend; each kind of backend adds a field with its own.
	type BackendOptions: record {
		## How values become text.
		serializer: Storage::Serializer &default=Storage::STORAGE_SERIALIZER_JSON;
		## Whether only functions of Storage::Sync may be used.
		forced_sync: bool &default=Storage::default_forced_sync;
	};

	## A value to be kept.
	type PutArgs: record {
		## Its key.
		key: any;
		## The value.
		value: any;
		## Whether it may replace another one.
		overwrite: bool &default=T;
		## How long to keep it; 0 for ever.
		expire_time: interval &default=0 sec;
	};
}

## A backend was opened.
##
## tag: its kind.
##
## options: its options.
global Storage::backend_opened: event(tag: Storage::Backend, options: any);

## A backend cannot be reached any more.
##
## tag: its kind.
##
## options: its options.
##
## reason: why.
global Storage::backend_lost: event(tag: Storage::Backend, options: any, reason: string);
