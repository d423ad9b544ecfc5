##! Operations of storage for the conditions of ``when``: others go on while they are under way.

@load ./main

module Storage::Async;

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

# Of a backend that was opened for synchronous use alone.
function forced_sync(): Storage::OperationResult
	{
	return Storage::OperationResult($code=Storage::OPERATION_FAILED,
	                                $error_str="the backend was opened for synchronous use");
	}

function open_backend(btype: Storage::Backend, options: Storage::BackendOptions, key_type: any,
                      val_type: any): Storage::OperationResult
	{
	if ( options$forced_sync )
		return forced_sync();

	return when [btype, options, key_type, val_type]
	            ( local r = Storage::Async::__open_backend(btype, options, key_type, val_type) )
		{
		return r;
		}
	}

function close_backend(backend: opaque of Storage::BackendHandle): Storage::OperationResult
	{
	if ( Storage::is_forced_sync(backend) )
		return forced_sync();

	return when [backend] ( local r = Storage::Async::__close_backend(backend) )
		{
		return r;
		}
	}

function put(backend: opaque of Storage::BackendHandle, args: Storage::PutArgs): Storage::OperationResult
	{
	if ( Storage::is_forced_sync(backend) )
		return forced_sync();

	return when [backend, args] ( local r = Storage::Async::__put(backend, args$key, args$value, args$overwrite,
	                                                              args$expire_time) )
		{
		return r;
		}
	}

function get(backend: opaque of Storage::BackendHandle, key: any): Storage::OperationResult
	{
	if ( Storage::is_forced_sync(backend) )
		return forced_sync();

	return when [backend, key] ( local r = Storage::Async::__get(backend, key) )
		{
		return r;
		}
	}

function erase(backend: opaque of Storage::BackendHandle, key: any): Storage::OperationResult
	{
	if ( Storage::is_forced_sync(backend) )
		return forced_sync();

	return when [backend, key] ( local r = Storage::Async::__erase(backend, key) )
		{
		return r;
		}
	}
