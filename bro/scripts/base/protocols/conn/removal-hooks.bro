##! Hooks that a connection carries and that run when it ends, for scripts that keep state on some connections only:
##! handling :bro:id:`connection_state_remove` would cost time on all of them.

module Conn;

export {
	## Runs when a connection ends.
	##
	## c: the connection.
	type RemovalHook: hook(c: connection);

	## Lets a hook run when a connection ends.
	##
	## c: the connection.
	##
	## hk: the hook.
	##
	## Returns: false if the connection carries it already.
	global register_removal_hook: function(c: connection, hk: RemovalHook): bool;

	## No longer lets a hook run when a connection ends.
	##
	## c: the connection.
	##
	## hk: the hook.
	##
	## Returns: false if the connection does not carry it.
	global unregister_removal_hook: function(c: connection, hk: RemovalHook): bool;
}

redef record connection += {
	## Hooks that run when it ends.
	removal_hooks: set[Conn::RemovalHook] &optional;
};

function register_removal_hook(c: connection, hk: RemovalHook): bool
	{
	if ( ! c?$removal_hooks )
		{
		c$removal_hooks = set(hk);
		return T;
		}

	if ( hk in c$removal_hooks )
		return F;

	add c$removal_hooks[hk];
	return T;
	}

function unregister_removal_hook(c: connection, hk: RemovalHook): bool
	{
	if ( ! c?$removal_hooks || hk !in c$removal_hooks )
		return F;

	delete c$removal_hooks[hk];
	return T;
	}

# Before anything else sees the end, so that what the hooks log comes before the connection's own row.
event connection_state_remove(c: connection) &priority=10
	{
	if ( ! c?$removal_hooks )
		return;

	for ( hk in c$removal_hooks )
		hook hk(c);

	delete c$removal_hooks;
	}
