##! Looks at a connection again and again for as long as it lives.

module ConnPolling;

export {
	## Calls a function for a connection, as often as it asks for.
	##
	## c: the connection.
	##
	## callback: the function; ``cnt`` is how often it was called before.  It returns the time until the next call; a
	##           negative one ends the calls.
	##
	## cnt: what the count begins with.
	##
	## i: the time until the first call.
	global watch: function(c: connection, callback: function(c: connection, cnt: count): interval,
	                       cnt: count, i: interval);
}

## It is time to look at a connection.
global check: event(id: conn_id, callback: function(c: connection, cnt: count): interval, cnt: count);

event ConnPolling::check(id: conn_id, callback: function(c: connection, cnt: count): interval, cnt: count)
	{
	if ( ! connection_exists(id) )
		return;

	local c = lookup_connection(id);
	watch(c, callback, cnt + 1, callback(c, cnt));
	}

function watch(c: connection, callback: function(c: connection, cnt: count): interval, cnt: count, i: interval)
	{
	if ( i >= 0 secs )
		schedule i { ConnPolling::check(c$id, callback, cnt) };
	}
