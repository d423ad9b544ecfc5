##! Responses to traffic: connections are ended or slowed down by packets of the monitor's own making, hosts and flows are
##! blocked by a packet filter.
##!
##! Loading this does nothing, and nothing is sent until :bro:id:`Response::enabled` is set.  Each action is logged in
##! response.log, those that were not taken as well, with the reason.  With :bro:id:`Response::dry_run` the log tells what
##! would be done.

@load base/frameworks/logging

module Response;

export {
	redef enum Log::ID += {
		## The log of actions.
		LOG
	};

	## Decides which rows go into that log.
	global log_policy: Log::PolicyHook;

	## What is done.
	type Action: enum {
		## A TCP connection is ended by resets at both ends.
		RESET,
		## An MPTCP connection is ended by MP_FASTCLOSE at both ends of one of its subflows.
		FASTCLOSE,
		## The ends of a TCP connection are told that there is no room for their data.
		ZERO_WINDOW,
		## They are told that there is room again.
		RELEASE,
		## A host is blocked.
		BLOCK_HOST,
		## A flow is blocked.
		BLOCK_FLOW,
		## MPTCP is blocked from and to a network.
		BLOCK_MPTCP,
		## A block is taken back.
		UNBLOCK
	};

	## What became of it.
	type Outcome: enum {
		## It was done.
		DONE,
		## It would have been done, see :bro:id:`Response::dry_run`.
		DRY_RUN,
		## It was not done because responses are off.
		OFF,
		## It was not done because it is about somebody in :bro:id:`Response::exempt`.
		EXEMPT,
		## It was not done because there were too many actions lately.
		LIMITED,
		## It could not be done.
		FAILED
	};

	## Whether anything is done at all.
	option enabled = F;

	## Tell in the log what would be done, and do nothing.
	option dry_run = F;

	## Hosts that nothing is done about, whatever scripts ask.
	option exempt: set[subnet] = {};

	## So many actions are taken within :bro:id:`Response::limit_interval`.
	option max_actions: count = 10;

	## The time in which actions are counted.
	option limit_interval = 1min;

	## So many packets are sent a second, by all actions together.
	option max_packet_rate: count = 100;

	## The interface that packets leave by.  If it is empty, the routing table of this machine decides.
	const interface = "" &redef;

	## Resets and MP_FASTCLOSE are repeated after that time as long as the connection goes on, with the numbers that it
	## has then.
	const repeat_interval = 100msec &redef;

	## They are sent so often in all.
	const max_repeats = 4 &redef;

	## So many connections are being stopped at once: each costs a socket, and an answer to each acknowledgement.
	option max_tarpits: count = 20;

	## What a built-in function has done.
	type Result: record {
		## Whether it worked.
		ok: bool;
		## How many packets were sent.
		packets: count;
		## What was done, or why not.
		detail: string;
	};

	## A row of response.log.
	type Info: record {
		## When it was asked for.
		ts: time &log;
		## Unique id of the connection it is about.
		uid: string &log &optional;
		## Endpoints of the connection.
		id: conn_id &log &optional;
		## What was asked for.
		action: Action &log;
		## Whom it is about, where that is no connection.
		target: string &log &optional;
		## How long it lasts.
		duration: interval &log &optional;
		## What became of it.
		outcome: Outcome &log;
		## Packets that were sent at once.
		packets: count &log &default=0;
		## What was done, or why not.
		detail: string &log &optional;
		## Why it was asked for, in the words of who did.
		reason: string &log &optional;
	};

	## Raised with every row of response.log.
	global log_response: event(rec: Info);

	## May forbid an action, by a ``break``, or do something beside it.  What is forbidden is not logged.
	global policy: hook(rec: Info);

	## Ends a TCP connection: both ends get resets in each other's name.  For MPTCP, which goes on with its other
	## subflows then, there is :bro:id:`Response::terminate_mptcp`.
	##
	## c: the connection.
	##
	## reason: why, for the log.
	##
	## Returns: whether it was done, or would have been.
	global terminate_connection: function(c: connection, reason: string &default=""): bool;

	## Stops a TCP connection without ending it: both ends, or one of them, are told that the other has no room for their
	## data, again and again.  Of MPTCP it stops one subflow.
	##
	## c: the connection.
	##
	## duration: for how long.
	##
	## reason: why, for the log.
	##
	## stop_orig: whether the originator is stopped.
	##
	## stop_resp: whether the responder is stopped.
	##
	## Returns: whether it was begun, or would have been.
	global tarpit: function(c: connection, duration: interval, reason: string &default="", stop_orig: bool &default=T,
	                        stop_resp: bool &default=T): bool;

	## Lets a connection go that is being stopped.
	##
	## c: the connection.
	global release: function(c: connection);

	## Begins an action: tells whether it may be taken, and logs it if not.  For scripts that add actions.
	##
	## rec: the row of the log, to which the outcome is added.
	##
	## hosts: whom it is about.
	global begin_action: function(rec: Info, hosts: vector of addr): bool;

	## Ends an action: logs what came of it.
	##
	## rec: the row of the log.
	##
	## result: what the built-in function has returned.
	global end_action: function(rec: Info, result: Result): bool;
}

# When the latest actions were taken, at most max_actions of them.
global taken: vector of time = vector();

# Connections that are being ended, so that it is not begun again for each reason.
global ending: set[string, Action] &create_expire=5sec;

# A connection that is being stopped, and when it is let go.
type Stopped: record {
	cid: conn_id;
	until: time;
};

# Those by their unique ids.  Each has a timer, which takes it out.
global stopped: table[string] of Stopped = {};

event zeek_init() &priority=5
	{
	Log::create_stream(Response::LOG, Log::Stream($columns=Info, $ev=log_response, $path="response",
	                                              $policy=log_policy));
	}

# Whether there were fewer actions lately than there may be.
function within_limit(): bool
	{
	local recent: vector of time = vector();
	for ( _, at in taken )
		if ( network_time() - at < limit_interval )
			recent += at;
	taken = recent;
	return |taken| < max_actions;
	}

function begin_action(rec: Info, hosts: vector of addr): bool
	{
	rec$outcome = DONE;

	if ( ! enabled )
		{
		rec$outcome = OFF;
		rec$detail = "responses are off; set Response::enabled";
		}

	for ( _, host in hosts )
		if ( host in exempt )
			{
			rec$outcome = EXEMPT;
			rec$detail = fmt("%s is exempt", host);
			}

	if ( rec$outcome == DONE && ! within_limit() )
		{
		rec$outcome = LIMITED;
		rec$detail = fmt("%d actions in %s", |taken|, limit_interval);
		}

	if ( rec$outcome != DONE )
		{
		Log::write(LOG, rec);
		return F;
		}

	return hook policy(rec);
	}

function end_action(rec: Info, result: Result): bool
	{
	rec$packets = result$packets;
	rec$detail = result$detail;

	if ( ! result$ok )
		rec$outcome = FAILED;
	else if ( dry_run )
		rec$outcome = DRY_RUN;

	if ( result$ok )
		taken += network_time();

	Log::write(LOG, rec);
	return result$ok;
	}

# The row of an action about a connection.
function about(c: connection, action: Action, reason: string): Info
	{
	return Info($ts=network_time(), $uid=c$uid, $id=c$id, $action=action, $outcome=DONE, $reason=reason);
	}

# Sends resets again, as long as the connection goes on.
event Response::repeat_resets(cid: conn_id, uid: string, left: count)
	{
	if ( left == 0 || ! enabled || ! connection_exists(cid) || lookup_connection(cid)$uid != uid )
		return;

	Response::__reset(cid);
	schedule repeat_interval { Response::repeat_resets(cid, uid, left - 1) };
	}

function terminate_connection(c: connection, reason: string &default=""): bool
	{
	if ( [c$uid, RESET] in ending )
		return T;

	local rec = about(c, RESET, reason);

	if ( ! begin_action(rec, vector(c$id$orig_h, c$id$resp_h)) )
		return F;

	local ok = end_action(rec, Response::__reset(c$id));

	if ( ok )
		add ending[c$uid, RESET];

	if ( ok && ! dry_run )
		schedule repeat_interval { Response::repeat_resets(c$id, c$uid, max_repeats - 1) };

	return ok;
	}

# Lets a connection go.
function let_go(uid: string, why: string)
	{
	local held = stopped[uid];
	delete stopped[uid];
	local result = Response::__release(held$cid);
	Log::write(LOG, Info($ts=network_time(), $uid=uid, $id=held$cid, $action=RELEASE, $packets=result$packets,
	                     $outcome=result$ok ? DONE : FAILED, $detail=result$detail, $reason=why));
	}

# Looks from time to time whether it is time for that.
event Response::end_tarpit(cid: conn_id, uid: string)
	{
	if ( uid !in stopped )
		return;

	local exists = connection_exists(cid) && lookup_connection(cid)$uid == uid;

	if ( enabled && exists && network_time() < stopped[uid]$until )
		{
		schedule 250msec { Response::end_tarpit(cid, uid) };
		return;
		}

	let_go(uid, exists ? "the time is over" : "the connection has ended");
	}

function tarpit(c: connection, duration: interval, reason: string &default="", stop_orig: bool &default=T,
                stop_resp: bool &default=T): bool
	{
	if ( c$uid in stopped )
		{
		stopped[c$uid]$until = network_time() + duration;
		return T;
		}

	local rec = about(c, ZERO_WINDOW, reason);
	rec$duration = duration;

	if ( ! begin_action(rec, vector(c$id$orig_h, c$id$resp_h)) )
		return F;

	if ( |stopped| >= max_tarpits )
		{
		rec$outcome = LIMITED;
		rec$detail = fmt("%d connections are being stopped", |stopped|);
		Log::write(LOG, rec);
		return F;
		}

	local ok = end_action(rec, Response::__hold(c$id, stop_orig, stop_resp));

	if ( ok && ! dry_run )
		{
		stopped[c$uid] = Stopped($cid=c$id, $until=network_time() + duration);
		schedule 250msec { Response::end_tarpit(c$id, c$uid) };
		}

	return ok;
	}

function release(c: connection)
	{
	if ( c$uid in stopped )
		let_go(c$uid, "it was asked for");
	}

# Nobody would open their windows again.
event zeek_done()
	{
	local uids: vector of string = vector();
	for ( uid in stopped )
		uids += uid;
	for ( _, held in uids )
		let_go(held, "the monitor ends");
	}
