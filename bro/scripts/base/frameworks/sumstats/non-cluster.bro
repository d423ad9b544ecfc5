##! Summary statistics on one node: everything is observed here.

@load ./main

module SumStats;

# Keys that are told of in one go, so that large epochs do not keep packets waiting.
const keys_at_once = 50;

## The keys of an epoch that are still to be told of.
global process_epoch_result: event(ss: SumStat, now: time, data: ResultTable);

event SumStats::process_epoch_result(ss: SumStat, now: time, data: ResultTable)
	{
	local done: vector of Key = vector();
	for ( key, result in data )
		{
		ss$epoch_result(now, key, result);
		done += key;
		if ( |done| == keys_at_once )
			break;
		}

	for ( i in done )
		delete data[done[i]];

	if ( |data| > 0 )
		event SumStats::process_epoch_result(ss, now, data);
	else if ( ss?$epoch_finished )
		ss$epoch_finished(now);
	}

function do_finish_epoch(ss: SumStat)
	{
	if ( ss$name in result_store )
		{
		local data = result_store[ss$name];
		if ( ss?$epoch_result && |data| > 0 )
			event SumStats::process_epoch_result(ss, network_time(), data);
		else if ( ss?$epoch_finished )
			ss$epoch_finished(network_time());
		}

	reset(ss);
	}

event SumStats::finish_epoch(ss: SumStat)
	{
	do_finish_epoch(ss);

	if ( ss$epoch > 0 sec )
		schedule ss$epoch { SumStats::finish_epoch(ss) };
	}

function next_epoch(ss_name: string): bool
	{
	if ( ss_name !in stats_store || stats_store[ss_name]$epoch != 0 sec )
		return F;

	do_finish_epoch(stats_store[ss_name]);
	return T;
	}

function data_added(ss: SumStat, key: Key, result: Result)
	{
	if ( check_thresholds(ss, key, result, 1.0) )
		threshold_crossed(ss, key, result);
	}

function request_key(ss_name: string, key: Key): Result
	{
	if ( ss_name in result_store && key in result_store[ss_name] )
		return result_store[ss_name][key];

	return table();
	}
