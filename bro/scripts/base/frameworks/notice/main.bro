##! Notices: what scripts find worth a person's attention, and what the site does about it.
##!
##! A script raises a notice with :bro:see:`NOTICE`.  The hook :bro:see:`Notice::policy` decides which actions are taken.  A
##! notice with an identifier is raised once within its suppression interval.

@load base/frameworks/logging
@load base/utils/conn-ids
@load base/frameworks/cluster

## The time is up that suppressions wait for others, see :bro:id:`Notice::suppression_batch_period`.
global suppression_batch_timer: event();

module Notice;

export {
	redef enum Log::ID += {
		## The log of notices.
		LOG,
		## The log of those that are alarms.
		ALARM_LOG
	};

	## Decides which rows go into the log of notices.
	global log_policy: Log::PolicyHook;

	## Decides which rows go into the log of alarms.
	global log_policy_alarm: Log::PolicyHook;

	## The kinds of notices there are; scripts that raise some extend it.
	type Type: enum {
		## A count of notices that were not told one by one.
		Tally
	};

	## What can be done about a notice.
	type Action: enum {
		## Nothing.
		ACTION_NONE,
		## It is logged.
		ACTION_LOG,
		## It is mailed to :bro:id:`Notice::mail_dest`.
		ACTION_EMAIL,
		## It is logged as an alarm, which is mailed with others from time to time.
		ACTION_ALARM
	};

	## Things that are done about a notice.
	type ActionSet: set[Notice::Action];

	## Kinds of notices that are ignored.
	option ignored_types: set[Notice::Type] = {};

	## Kinds of notices that are mailed.
	option emailed_types: set[Notice::Type] = {};

	## Kinds of notices that are alarms.
	option alarmed_types: set[Notice::Type] = {};

	## Kinds of notices that are never suppressed.
	option not_suppressed_types: set[Notice::Type] = {};

	## How many suppressions that begin are told to the other nodes of a cluster together.
	option suppression_batch_max_size: count = 50;

	## How long one of them waits for others.
	option suppression_batch_period = 10 msec;

	## Suppression intervals of some kinds of notices.
	const type_suppression_intervals: table[Notice::Type] of interval = {} &redef;

	## Suppression interval of the others.
	option default_suppression_interval = 1 hr;

	## A notice.
	type Info: record {
		## When it was raised.
		ts: time &log &optional;
		## Unique id of the connection it is about.
		uid: string &log &optional;
		## Endpoints of the connection.
		id: conn_id &log &optional;
		## The connection; fills the fields about it.
		conn: connection &optional;
		## The file it is about; fills the fields about it.
		f: fa_file &optional;
		## Unique id of the file.
		fuid: string &log &optional;
		## MIME type of the file.
		file_mime_type: string &log &optional;
		## The file in a few words.
		file_desc: string &log &optional;
		## Transport of the connection.
		proto: transport_proto &log &optional;
		## Kind of notice.
		note: Type &log;
		## What happened, for people.
		msg: string &log &optional;
		## More about it.
		sub: string &log &optional;
		## Who did it.
		src: addr &log &optional;
		## To whom.
		dst: addr &log &optional;
		## The port it is about.
		p: port &log &optional;
		## A number it is about.
		n: count &log &optional;
		## The node of a cluster that raised it.
		peer_name: string &optional;
		## The same for people.
		peer_descr: string &log &optional;
		## What is done about it.
		actions: ActionSet &log &default=ActionSet();
		## Whom it is mailed to.
		email_dest: set[string] &log &default=set();
		## Parts of the mail that scripts add.
		email_body_sections: vector of string &optional;
		## Names of those who want the mail to wait for what they find out.
		email_delay_tokens: set[string] &optional;
		## What makes it the same as others of its kind.  Without one it is never suppressed.
		identifier: string &optional;
		## How long others that are the same are suppressed.
		suppress_for: interval &log &default=default_suppression_interval;
	};

	## Decides what is done about a notice, by changing its ``actions``, ``email_dest`` and ``suppress_for``.  A ``break``
	## ends the decision.
	global policy: hook(n: Notice::Info);

	## Raised for each notice once it is decided what is done about it.
	global notice: hook(n: Info);

	## A notice will be suppressed from now on.
	##
	## ts: when that begins.
	##
	## suppress_for: how long it lasts.
	##
	## note: its kind.
	##
	## identifier: what makes it the same.
	global begin_suppression: event(ts: time, suppress_for: interval, note: Type, identifier: string);

	## A notice was suppressed.
	global suppressed: event(n: Notice::Info);

	## Raised with every row of notice.log.
	global log_notice: event(rec: Info);

	## Decides what is done about a notice and fills in what can be told from its connection or file.
	global apply_policy: function(n: Notice::Info);

	## Tells whether a notice is the same as one that was raised lately.
	global is_being_suppressed: function(n: Notice::Info): bool;

	## What makes notices the same, and for how long.
	type SuppressionInfo: record {
		## When the first of them was raised.
		ts: time;
		## How long others are suppressed.
		suppress_for: interval;
		## Their kind.
		note: Type;
		## What makes them the same.
		identifier: string;
	};

	## Suppressions that begin, as nodes of a cluster tell each other of them.
	type SuppressionBatch: record {
		## When the first of them was put in.
		ts: time &default=network_time();
		## The suppressions.
		infos: vector of SuppressionInfo;
		## Whether a timer runs that will have them sent.
		timer_pending: bool &default=F;
	};

	## Raised by another node: suppressions that begin there, which begin here as well.
	##
	## batch: the suppressions.
	global suppression_batch_internal: event(batch: SuppressionBatch);

	## Returns that of a notice, which has to have an identifier.
	global suppression_info: function(n: Notice::Info): SuppressionInfo;

	## What a notice needs to know of a file.
	type FileInfo: record {
		## Its unique id.
		fuid: string;
		## The file in a few words.
		desc: string;
		## Its MIME type.
		mime: string &optional;
		## The connection it came over, if that was a single one.
		cid: conn_id &optional;
		## Unique id of that connection.
		cuid: string &optional;
	};

	## Returns that of a file, which then need not be kept.
	global create_file_info: function(f: fa_file): Notice::FileInfo;

	## Fills the fields about a file.
	global populate_file_info: function(f: fa_file, n: Notice::Info);

	## The same, with what :bro:see:`Notice::create_file_info` returned.
	global populate_file_info2: function(fi: Notice::FileInfo, n: Notice::Info);
}

# How long a notice is still suppressed.
global per_notice_suppression_interval: function(t: table[Notice::Type, string] of time, idx: any): interval;

# When the suppression of notices ends, by their kind and identifier.
global suppressing: table[Type, string] of time = {} &create_expire=0 secs &expire_func=per_notice_suppression_interval;

function per_notice_suppression_interval(t: table[Notice::Type, string] of time, idx: any): interval
	{
	local note: Notice::Type;
	local identifier: string;
	[note, identifier] = idx;
	local left = t[note, identifier] - network_time();
	return left > 0 secs ? left : 0 secs;
	}

event zeek_init() &priority=5
	{
	Log::create_stream(Notice::LOG, Log::Stream($columns=Info, $ev=log_notice, $path="notice", $policy=log_policy));
	Log::create_stream(Notice::ALARM_LOG,
	                   Log::Stream($columns=Notice::Info, $path="notice_alarm", $policy=log_policy_alarm));

	# Who watches these files wants to know of the packet at hand, not of the ones before it.
	Log::set_buf(Notice::LOG, F);
	Log::set_buf(Notice::ALARM_LOG, F);
	}

function is_being_suppressed(n: Notice::Info): bool
	{
	# What has ended may stay in the table for a while.
	return n?$identifier && [n$note, n$identifier] in suppressing && suppressing[n$note, n$identifier] > network_time();
	}

function suppression_info(n: Notice::Info): SuppressionInfo
	{
	return SuppressionInfo($ts=n$ts, $suppress_for=n$suppress_for, $note=n$note, $identifier=n$identifier);
	}

event Notice::begin_suppression(ts: time, suppress_for: interval, note: Type, identifier: string)
	{
	suppressing[note, identifier] = ts + suppress_for;
	}

# What the other nodes of the cluster are to be told of.
global gbatch: SuppressionBatch = SuppressionBatch($ts=double_to_time(0.0), $infos=vector());

# Tells the other nodes of it, and begins anew.
function gbatch_send_and_reset()
	{
	if ( |gbatch$infos| > 0 )
		Cluster::publish(Cluster::local_node_type() == Cluster::MANAGER ? Cluster::worker_topic : Cluster::manager_topic,
		                 Notice::suppression_batch_internal, gbatch);

	local pending = gbatch$timer_pending;
	gbatch = SuppressionBatch($infos=vector(), $timer_pending=pending);
	}

event suppression_batch_timer()
	{
	gbatch$timer_pending = F;
	gbatch_send_and_reset();
	}

event Notice::begin_suppression(ts: time, suppress_for: interval, note: Type, identifier: string) &priority=-5
	{
	if ( ! Cluster::is_enabled() )
		return;

	gbatch$infos += SuppressionInfo($ts=ts, $suppress_for=suppress_for, $note=note, $identifier=identifier);

	if ( |gbatch$infos| >= suppression_batch_max_size )
		gbatch_send_and_reset();
	else if ( ! gbatch$timer_pending )
		{
		gbatch$timer_pending = T;
		schedule suppression_batch_period { suppression_batch_timer() };
		}
	}

event Notice::suppression_batch_internal(batch: SuppressionBatch)
	{
	for ( _, info in batch$infos )
		suppressing[info$note, info$identifier] = info$ts + info$suppress_for;
	}

hook Notice::policy(n: Notice::Info) &priority=10
	{
	if ( n$note in ignored_types )
		break;

	if ( n$note in not_suppressed_types )
		n$suppress_for = 0 secs;

	if ( n$note in type_suppression_intervals )
		n$suppress_for = type_suppression_intervals[n$note];

	if ( n$note in alarmed_types )
		add n$actions[ACTION_ALARM];

	if ( n$note in emailed_types )
		add n$actions[ACTION_EMAIL];

	add n$actions[ACTION_LOG];
	}

hook Notice::notice(n: Notice::Info) &priority=-5
	{
	if ( ACTION_LOG in n$actions )
		Log::write(Notice::LOG, n);

	if ( ACTION_ALARM in n$actions )
		Log::write(Notice::ALARM_LOG, n);

	# Only what was acted on is worth suppressing.
	if ( n?$identifier && ! is_being_suppressed(n) && n$suppress_for > 0 secs )
		event Notice::begin_suppression(n$ts, n$suppress_for, n$note, n$identifier);
	}

function create_file_info(f: fa_file): Notice::FileInfo
	{
	local info = Notice::FileInfo($fuid=f$id, $desc=Files::describe(f));

	if ( f?$info && f$info?$mime_type )
		info$mime = f$info$mime_type;

	if ( f?$conns && |f$conns| == 1 )
		for ( id, c in f$conns )
			{
			info$cid = id;
			info$cuid = c$uid;
			}

	return info;
	}

function populate_file_info(f: fa_file, n: Notice::Info)
	{
	populate_file_info2(create_file_info(f), n);
	}

function populate_file_info2(fi: Notice::FileInfo, n: Notice::Info)
	{
	if ( ! n?$fuid )
		n$fuid = fi$fuid;

	if ( ! n?$file_mime_type && fi?$mime )
		n$file_mime_type = fi$mime;

	n$file_desc = fi$desc;

	if ( ! n?$id && fi?$cid )
		n$id = fi$cid;

	if ( ! n?$uid && fi?$cuid )
		n$uid = fi$cuid;
	}

function apply_policy(n: Notice::Info)
	{
	if ( ! n?$ts )
		n$ts = network_time();

	if ( n?$f )
		populate_file_info(n$f, n);

	if ( n?$conn )
		{
		if ( ! n?$id )
			n$id = n$conn$id;
		if ( ! n?$uid )
			n$uid = n$conn$uid;
		}

	if ( n?$id )
		{
		if ( ! n?$src )
			n$src = n$id$orig_h;
		if ( ! n?$dst )
			n$dst = n$id$resp_h;
		if ( ! n?$p )
			n$p = n$id$resp_p;
		}

	if ( n?$p )
		n$proto = get_port_transport_proto(n$p);

	# Handlers of the hook add to them.
	if ( ! n?$email_body_sections )
		n$email_body_sections = vector();
	if ( ! n?$email_delay_tokens )
		n$email_delay_tokens = set();

	hook Notice::policy(n);

	# The records may be large and live as long as the notice.
	if ( n?$conn )
		delete n$conn;
	if ( n?$f )
		delete n$f;
	}

module GLOBAL;

## Raises a notice, unless it is the same as one that was raised lately.
##
## n: the notice.
function NOTICE(n: Notice::Info)
	{
	if ( Notice::is_being_suppressed(n) )
		{
		event Notice::suppressed(n);
		return;
		}

	Notice::apply_policy(n);
	hook Notice::notice(n);
	}
