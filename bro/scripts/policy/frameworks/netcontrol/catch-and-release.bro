##! Stops addresses for a while, and for longer each time they come back.

@load base/frameworks/netcontrol

module NetControl;

export {
	redef enum Log::ID += { CATCH_RELEASE };

	global log_policy_catch_release: Log::PolicyHook;

	## What is known of an address that was stopped.
	type BlockInfo: record {
		## Until when it is stopped; not set while that is not known.
		block_until: time &optional;
		## Until when its coming back counts.
		watch_until: time;
		## How often it came back.
		num_reblocked: count &default=0;
		## Which of :bro:see:`NetControl::catch_release_intervals` holds now.
		current_interval: count;
		## Id of the rule.
		current_block_id: string;
		## Why.
		location: string &optional;
	};

	## What happened to an address.
	type CatchReleaseActions: enum {
		## Something else.
		INFO,
		## It was stopped before, and is watched now.
		ADDED,
		## It is to be stopped.
		DROP_REQUESTED,
		## It is stopped.
		DROPPED,
		## It is let go, because somebody asked for that.
		UNBLOCK,
		## It did not come back in time.
		FORGOTTEN,
		## It came back.
		SEEN_AGAIN,
	};

	## A row of netcontrol_catch_release.log.
	type CatchReleaseInfo: record {
		## When.
		ts: time &log;
		## Id of the rule.
		rule_id: string &log &optional;
		## The address.
		ip: addr &log;
		## What happened.
		action: CatchReleaseActions &log;
		## For how long it is stopped.
		block_interval: interval &log &optional;
		## For how long its coming back counts.
		watch_interval: interval &log &optional;
		## Until when it is stopped.
		blocked_until: time &log &optional;
		## Until when its coming back counts.
		watched_until: time &log &optional;
		## How often it came back.
		num_blocked: count &log &optional;
		## Why.
		location: string &log &optional;
		## More about it.
		message: string &log &optional;
		## The plugin.
		plugin: string &log &optional;
	};

	## Stops an address for a while, or for longer if it was stopped before.
	##
	## a: the address.
	##
	## location: why, for people.
	##
	## Returns: what is known of it then.
	global drop_address_catch_release: function(a: addr, location: string &default=""): BlockInfo;

	## Lets an address go.
	##
	## a: the address.
	##
	## reason: why, for people.
	##
	## Returns: whether it was stopped or watched.
	global unblock_address_catch_release: function(a: addr, reason: string &default=""): bool;

	## Tells that an address was seen, which counts if it is watched.
	global catch_release_seen: function(a: addr);

	## What is known of an address; an id of "" if nothing is.
	global get_catch_release_info: function(a: addr): BlockInfo;

	## Raised when an address that was stopped did not come back in time.
	global catch_release_forgotten: event(a: addr, bi: BlockInfo);

	## Whether originators of connections count as seen.
	const watch_connections = T &redef;

	## Whether to log addresses that are seen although they are stopped.
	option catch_release_warn_blocked_ip_encountered = F;

	## For how long addresses are stopped the first time, the second, and so on.
	const catch_release_intervals: vector of interval = vector(10 min, 1 hr, 24 hrs, 7 days) &redef;

	## Raised with every row of netcontrol_catch_release.log.
	global log_netcontrol_catch_release: event(rec: CatchReleaseInfo);

	# What nodes of a cluster tell each other.
	global catch_release_block_new: event(a: addr, b: BlockInfo); ##< An address is being stopped.
	global catch_release_block_delete: event(a: addr); ##< An address is free again.
	global catch_release_add: event(a: addr, location: string); ##< The manager is to stop an address.
	global catch_release_delete: event(a: addr, reason: string); ##< The manager is to let an address go.
	global catch_release_encountered: event(a: addr); ##< An address that was stopped shows up.
}

global per_block_interval: function(t: table[addr] of BlockInfo, idx: addr): interval;

# Addresses that are stopped or watched.
global blocks: table[addr] of BlockInfo = table() &create_expire=1 sec &expire_func=per_block_interval;

# Times at which drops were asked for, to tell which rules are ours.
global catch_release_recently_new: table[string] of addr = table() &create_expire=1 hr;

event zeek_init() &priority=5
	{
	Log::create_stream(NetControl::CATCH_RELEASE, Log::Stream($columns=CatchReleaseInfo,
	                                                          $ev=log_netcontrol_catch_release,
	                                                          $path="netcontrol_catch_release",
	                                                          $policy=log_policy_catch_release));
	}

# For how long coming back counts: as long as the address would be stopped then.
function get_watch_interval(current_interval: count): interval
	{
	local last = |catch_release_intervals| - 1;
	return catch_release_intervals[current_interval + 1 <= last ? current_interval + 1 : last];
	}

function populate_log_record(ip: addr, bi: BlockInfo, action: CatchReleaseActions): CatchReleaseInfo
	{
	local row = CatchReleaseInfo($ts=network_time(), $ip=ip, $action=action,
	                             $block_interval=catch_release_intervals[bi$current_interval],
	                             $watch_interval=get_watch_interval(bi$current_interval),
	                             $watched_until=bi$watch_until, $num_blocked=bi$num_reblocked + 1);
	if ( bi?$block_until )
		row$blocked_until = bi$block_until;
	if ( bi$current_block_id != "" )
		row$rule_id = bi$current_block_id;
	if ( bi?$location )
		row$location = bi$location;
	return row;
	}

function per_block_interval(t: table[addr] of BlockInfo, idx: addr): interval
	{
	local left = t[idx]$watch_until - network_time();
	if ( left > 0 sec )
		return left;

	Log::write(CATCH_RELEASE, populate_log_record(idx, t[idx], FORGOTTEN));
	event NetControl::catch_release_forgotten(idx, t[idx]);
	return 0 sec;
	}

# Whether a rule stops an address for this script.
function cr_check_rule(r: Rule): bool
	{
	return r$ty == DROP && r$entity$ty == ADDRESS && r$id in catch_release_recently_new;
	}

event NetControl::rule_added(r: Rule, p: PluginState, msg: string)
	{
	if ( ! cr_check_rule(r) )
		return;

	local ip = subnet_to_addr(r$entity$ip);
	if ( ip !in blocks )
		return;

	local row = populate_log_record(ip, blocks[ip], DROPPED);
	row$plugin = plugin_name(p);
	Log::write(CATCH_RELEASE, row);
	}

# Stops an address as long as its number of times says.
function stop_address(a: addr, bi: BlockInfo)
	{
	local t = catch_release_intervals[bi$current_interval];
	bi$current_block_id = drop_address(a, t, bi?$location ? bi$location : "");
	if ( bi$current_block_id == "" )
		{
		# Somebody else's rule may stop it already.
		local row = populate_log_record(a, bi, INFO);
		row$message = "the address could not be stopped, or is stopped by another rule";
		Log::write(CATCH_RELEASE, row);
		return;
		}

	bi$block_until = network_time() + t;
	bi$watch_until = network_time() + get_watch_interval(bi$current_interval);
	catch_release_recently_new[bi$current_block_id] = a;
	Log::write(CATCH_RELEASE, populate_log_record(a, bi, DROP_REQUESTED));
	}

function get_catch_release_info(a: addr): BlockInfo
	{
	if ( a in blocks )
		return blocks[a];

	return BlockInfo($watch_until=double_to_time(0.0), $current_interval=0, $current_block_id="");
	}

# Stops an address for longer than the time before.
function stop_again(a: addr, bi: BlockInfo)
	{
	if ( bi$current_interval + 1 < |catch_release_intervals| )
		++bi$current_interval;
	++bi$num_reblocked;
	stop_address(a, bi);
	# Times of expiry begin anew.
	blocks[a] = bi;
	}

function drop_address_catch_release(a: addr, location: string): BlockInfo
	{
	if ( a in blocks )
		{
		local known = blocks[a];
		if ( known?$block_until && known$block_until > network_time() )
			{
			local row = populate_log_record(a, known, INFO);
			row$message = "the address is stopped already";
			Log::write(CATCH_RELEASE, row);
			return known;
			}

		stop_again(a, known);
		return known;
		}

	local bi = BlockInfo($watch_until=network_time() + get_watch_interval(0), $current_interval=0,
	                     $current_block_id="");
	if ( location != "" )
		bi$location = location;
	blocks[a] = bi;
	stop_address(a, bi);
	event NetControl::catch_release_block_new(a, bi);
	return bi;
	}

function unblock_address_catch_release(a: addr, reason: string): bool
	{
	if ( a !in blocks )
		return F;

	local bi = blocks[a];
	local row = populate_log_record(a, bi, UNBLOCK);
	if ( reason != "" )
		row$message = reason;
	Log::write(CATCH_RELEASE, row);

	if ( bi?$block_until && bi$block_until > network_time() && bi$current_block_id in rules )
		remove_rule(bi$current_block_id, reason);

	delete blocks[a];
	event NetControl::catch_release_block_delete(a);
	return T;
	}

function catch_release_seen(a: addr)
	{
	if ( a !in blocks )
		return;

	local bi = blocks[a];
	if ( bi?$block_until && bi$block_until > network_time() )
		{
		if ( catch_release_warn_blocked_ip_encountered )
			{
			local row = populate_log_record(a, bi, INFO);
			row$message = "the address is seen although it is stopped";
			Log::write(CATCH_RELEASE, row);
			}
		return;
		}

	if ( network_time() > bi$watch_until )
		return; # it expires soon

	Log::write(CATCH_RELEASE, populate_log_record(a, bi, SEEN_AGAIN));
	event NetControl::catch_release_encountered(a);
	stop_again(a, bi);
	}

event new_connection(c: connection)
	{
	if ( watch_connections )
		catch_release_seen(c$id$orig_h);
	}
