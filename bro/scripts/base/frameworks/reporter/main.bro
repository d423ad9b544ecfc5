##! The log of messages about the program itself: reporter.log.  Whether they also go to standard error is decided by
##! :bro:id:`Reporter::info_to_stderr` and its kin.

@load base/frameworks/logging

module Reporter;

export {
	redef enum Log::ID += {
		## The log of messages.
		LOG
	};

	## Decides which rows go into that log.
	global log_policy: Log::PolicyHook;

	## A row of reporter.log.
	type Info: record {
		## When it was reported, in packet time if there is one.
		ts: time &log;
		## How serious it is.
		level: Level &log;
		## What it says.
		message: string &log;
		## The place in a script, if it came from one.
		location: string &log &optional;
	};
}

event zeek_init() &priority=5
	{
	Log::create_stream(Reporter::LOG, Log::Stream($columns=Info, $path="reporter", $policy=log_policy));
	}

event reporter_info(t: time, msg: string, location: string) &priority=-5
	{
	Log::write(Reporter::LOG, Info($ts=t, $level=INFO, $message=msg, $location=location));
	}

event reporter_warning(t: time, msg: string, location: string) &priority=-5
	{
	Log::write(Reporter::LOG, Info($ts=t, $level=WARNING, $message=msg, $location=location));
	}

event reporter_error(t: time, msg: string, location: string) &priority=-5
	{
	Log::write(Reporter::LOG, Info($ts=t, $level=ERROR, $message=msg, $location=location));
	}
