##! Operations of storage that return when they are done.

@load ./main

module Storage::Sync;

export {
	## Opens a backend.
	##
	## btype: its kind.
	##
	## options: its options.
	##
	## key_type: type of the keys.
	##
	## val_type: type of the values.
	##
	## Returns: what came of it; its value is the handle of the backend.
	global open_backend: function(btype: Storage::Backend, options: Storage::BackendOptions, key_type: any,
	                              val_type: any): Storage::OperationResult;

	## Closes a backend.
	global close_backend: function(backend: opaque of Storage::BackendHandle): Storage::OperationResult;

	## Keeps a value.
	global put: function(backend: opaque of Storage::BackendHandle, args: Storage::PutArgs): Storage::OperationResult;

	## Looks up a value.
	##
	## Returns: what came of it; its value is what was kept.
	global get: function(backend: opaque of Storage::BackendHandle, key: any): Storage::OperationResult;

	## Forgets a value.
	global erase: function(backend: opaque of Storage::BackendHandle, key: any): Storage::OperationResult;
}

function open_backend(btype: Storage::Backend, options: Storage::BackendOptions, key_type: any,
                      val_type: any): Storage::OperationResult
	{
	return Storage::Sync::__open_backend(btype, options, key_type, val_type);
	}

function close_backend(backend: opaque of Storage::BackendHandle): Storage::OperationResult
	{
	return Storage::Sync::__close_backend(backend);
	}

function put(backend: opaque of Storage::BackendHandle, args: Storage::PutArgs): Storage::OperationResult
	{
	return Storage::Sync::__put(backend, args$key, args$value, args$overwrite, args$expire_time);
	}

function get(backend: opaque of Storage::BackendHandle, key: any): Storage::OperationResult
	{
	return Storage::Sync::__get(backend, key);
	}

function erase(backend: opaque of Storage::BackendHandle, key: any): Storage::OperationResult
	{
	return Storage::Sync::__erase(backend, key);
	}
