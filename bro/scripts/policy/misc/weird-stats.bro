##! Logs how often each weird was seen, also those that sampling leaves out of weird.log.

@load base/frameworks/sumstats
@load base/frameworks/notice/weird

module WeirdStats;

export {
	redef enum Log::ID += { LOG };

	global log_policy: Log::PolicyHook;

	## How often.
	const weird_stat_interval = 15 min &redef;

	## A row of weird_stats.log.
	type Info: record {
		## When.
		ts: time &log;
		## Name of the weird.
		name: string &log;
		## How often it was seen since the row before.
		num_seen: count &log;
	};

	## Raised with every row of weird_stats.log.
	global log_weird_stats: event(rec: Info);
}

function weird_epoch_results(ts: time, key: SumStats::Key, result: SumStats::Result)
	{
	if ( "weirds.encountered" in result )
		Log::write(LOG, Info($ts=ts, $name=key$str, $num_seen=double_to_count(result["weirds.encountered"]$sum)));
	}

# Nothing is left to be told of when all names were.
function weird_epoch_finished(ts: time)
	{
	}

module SumStats;

export {
	## Observes how often each weird was seen since the last look.
	global observe_weird_stats: function();
}

# What was counted at the last look, as the engine counts from the start.  There are as many names as the engine knows.
# lint: ignore B301
global weirds_before: table[string] of count = table() &default=0;

function observe_weird_stats()
	{
	local seen = get_reporter_stats()$weirds_by_type;
	for ( name, n in seen )
		{
		local grown = n >= weirds_before[name] ? n - weirds_before[name] : n;
		weirds_before[name] = n;
		if ( grown > 0 )
			SumStats::observe("weirds.encountered", SumStats::Key($str=name), SumStats::Observation($num=grown));
		}
	}

module WeirdStats;

global look: event();

event WeirdStats::look()
	{
	SumStats::observe_weird_stats();
	SumStats::next_epoch("weirds.statistics");
	schedule weird_stat_interval { WeirdStats::look() };
	}

event zeek_init() &priority=5
	{
	Log::create_stream(WeirdStats::LOG, Log::Stream($columns=Info, $ev=log_weird_stats, $path="weird_stats",
	                                                $policy=log_policy));
	SumStats::create(SumStats::SumStat($name="weirds.statistics", $epoch=0 sec,
	                                   $reducers=set(SumStats::Reducer($stream="weirds.encountered",
	                                                                   $apply=set(SumStats::SUM))),
	                                   $epoch_result=weird_epoch_results, $epoch_finished=weird_epoch_finished));
	}

event network_time_init()
	{
	schedule weird_stat_interval { WeirdStats::look() };
	}
