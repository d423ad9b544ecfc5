##! Summary statistics: numbers about streams of observations, for each key and epoch, with thresholds.
##!
##! A script feeds observations into a stream by :bro:see:`SumStats::observe`.  Reducers take them out of streams, and
##! calculate; a summary statistic brings reducers together, and tells at the end of each epoch what came of every key.

@load base/utils/queue

module SumStats;

export {
	## What can be calculated; each plugin adds what it does.
	type Calculation: enum {
		## Stands for nothing.
		PLACEHOLDER
	};

	## What observations are kept apart by.
	type Key: record {
		## A string.
		str: string &optional;
		## A host.
		host: addr &optional;
	};

	## Something observed.
	type Observation: record {
		## A whole number.
		num: count &optional;
		## Any number.
		dbl: double &optional;
		## A string.
		str: string &optional;
	};

	## Takes observations out of a stream, and calculates.
	type Reducer: record {
		## The stream.
		stream: string;
		## What to calculate.
		apply: set[SumStats::Calculation];
		## Says which observations count.
		pred: function(key: SumStats::Key, obs: SumStats::Observation): bool &optional;
		## Makes the key that observations are kept apart by.
		normalize_key: function(key: SumStats::Key): Key &optional;
	};

	## What was calculated for one key by one reducer.
	type ResultVal: record {
		## When the first observation came.
		begin: time;
		## When the last one came.
		end: time;
		## How many came.
		num: count &default=0;
	};

	## What was calculated for one key, by stream.
	type Result: table[string] of ResultVal;

	## What was calculated, by key.
	type ResultTable: table[Key] of Result;

	## A summary statistic.
	type SumStat: record {
		## Its name, which no other has.
		name: string;
		## How long an epoch is; 0 for epochs that end by :bro:see:`SumStats::next_epoch` alone.
		epoch: interval;
		## Its reducers.
		reducers: set[SumStats::Reducer];
		## Gives the number that thresholds are about.
		threshold_val: function(key: SumStats::Key, result: SumStats::Result): double &optional;
		## A threshold.
		threshold: double &optional;
		## Several thresholds, in rising order.
		threshold_series: vector of double &optional;
		## Called when a key has reached a threshold: once for each of them in an epoch.
		threshold_crossed: function(key: SumStats::Key, result: SumStats::Result) &optional;
		## Called at the end of an epoch with each key and what was calculated for it.
		epoch_result: function(ts: time, key: SumStats::Key, result: SumStats::Result) &optional;
		## Called at the end of an epoch, when all keys are done.
		epoch_finished: function(ts: time) &optional;
	};

	## Makes a summary statistic, and begins its first epoch.
	global create: function(ss: SumStats::SumStat);

	## Puts an observation into a stream.
	##
	## id: the stream.
	##
	## orig_key: what it is about.
	##
	## obs: the observation.
	global observe: function(id: string, orig_key: SumStats::Key, obs: SumStats::Observation);

	## Says what was calculated for a key so far; may wait, so it belongs into ``when``.
	##
	## ss_name: name of the summary statistic.
	##
	## key: the key.
	##
	## Returns: what was calculated, by stream; nothing for a key that was not observed.
	global request_key: function(ss_name: string, key: Key): Result;

	## Ends an epoch.
	##
	## ss_name: name of a summary statistic whose `epoch` is 0.
	##
	## Returns: false if there is none of this name, or its epochs end by themselves.
	global next_epoch: function(ss_name: string): bool;

	## A key as text.
	global key2str: function(key: SumStats::Key): string;
}

# The rest is for plugins, and for what runs statistics on one node or many.

## What a plugin does with an observation.
type ObserveFunc: function(r: Reducer, val: double, data: Observation, rv: ResultVal);

redef record Reducer += {
	# Name of the statistic it belongs to.
	ssname: string &optional;
	# What to calculate, what others need first.
	calc_funcs: vector of Calculation &optional;
};

# The thresholds a key has reached.
type Thresholding: record {
	is_threshold_crossed: bool &default=F;
	threshold_series_index: count &default=0;
};

# By the names of the statistics, of which there are as many as scripts create.
# lint: ignore B301
global threshold_tracker: table[string] of table[Key] of Thresholding = table() &default=table();

# Statistics by name.
global stats_store: table[string] of SumStat = table();

# Reducers by stream.
global reducer_store: table[string] of set[Reducer] = table();

# What was calculated in this epoch, by the name of the statistic.
# lint: ignore B301
global result_store: table[string] of ResultTable = table();

# What plugins do, and what they need.
global calc_store: table[Calculation] of ObserveFunc = table();
global calc_deps: table[Calculation] of vector of Calculation = table();

## Plugins register in this hook what they do.
global register_observe_plugins: hook();

## Prepares a result for a plugin.
global init_resultval_hook: hook(r: Reducer, rv: ResultVal);

## Puts two results of a plugin together.
global compose_resultvals_hook: hook(result: ResultVal, rv1: ResultVal, rv2: ResultVal);

## Ends an epoch, and begins the next.
global finish_epoch: event(ss: SumStat);

## Called after each observation, to see whether a threshold was reached.
global data_added: function(ss: SumStat, key: Key, result: Result);

function key2str(key: Key): string
	{
	local parts: vector of string = vector();
	if ( key?$host )
		parts += fmt("host=%s", key$host);
	if ( key?$str )
		parts += fmt("str=%s", key$str);

	return fmt("sumstats_key(%s)", join_string_vec(parts, ", "));
	}

function register_observe_plugin(calc: Calculation, func: ObserveFunc)
	{
	calc_store[calc] = func;
	}

function add_observe_plugin_dependency(calc: Calculation, depends_on: Calculation)
	{
	if ( calc !in calc_deps )
		calc_deps[calc] = vector();
	calc_deps[calc] += depends_on;
	}

event zeek_init() &priority=100000
	{
	hook register_observe_plugins();
	}

function init_resultval(r: Reducer): ResultVal
	{
	local rv = ResultVal($begin=network_time(), $end=network_time());
	hook init_resultval_hook(r, rv);
	return rv;
	}

function compose_resultvals(rv1: ResultVal, rv2: ResultVal): ResultVal
	{
	local result = ResultVal($begin=rv1$begin < rv2$begin ? rv1$begin : rv2$begin,
	                         $end=rv1$end > rv2$end ? rv1$end : rv2$end, $num=rv1$num + rv2$num);
	hook compose_resultvals_hook(result, rv1, rv2);
	return result;
	}

function compose_results(r1: Result, r2: Result): Result
	{
	local result: Result = table();

	for ( id, rv1 in r1 )
		result[id] = id in r2 ? compose_resultvals(rv1, r2[id]) : rv1;
	for ( id2, rv2 in r2 )
		if ( id2 !in r1 )
			result[id2] = rv2;

	return result;
	}

function reset(ss: SumStat)
	{
	result_store[ss$name] = table();

	if ( ss?$threshold || ss?$threshold_series )
		threshold_tracker[ss$name] = table();
	}

# Puts what a calculation needs, and then itself, behind those that are there.
function add_calc_deps(calcs: vector of Calculation, c: Calculation)
	{
	if ( c in calc_deps )
		for ( i in calc_deps[c] )
			add_calc_deps(calcs, calc_deps[c][i]);

	for ( j in calcs )
		if ( calcs[j] == c )
			return;
	calcs += c;
	}

function create(ss: SumStat)
	{
	if ( (ss?$threshold || ss?$threshold_series) && ! ss?$threshold_val )
		Reporter::error(fmt("the summary statistic %s has a threshold, but no $threshold_val", ss$name));

	stats_store[ss$name] = ss;

	for ( reducer in ss$reducers )
		{
		local calcs: vector of Calculation = vector();
		for ( c in reducer$apply )
			{
			if ( c !in calc_store )
				Reporter::error(fmt("%s: nothing calculates %s", ss$name, c));
			else
				add_calc_deps(calcs, c);
			}

		# The set has a copy of its own.
		local kept = copy(reducer);
		kept$ssname = ss$name;
		kept$calc_funcs = calcs;

		if ( kept$stream !in reducer_store )
			reducer_store[kept$stream] = set();
		add reducer_store[kept$stream][kept];
		}

	reset(ss);

	if ( ss$epoch > 0 sec )
		schedule ss$epoch { SumStats::finish_epoch(ss) };
	}

function observe(id: string, orig_key: Key, obs: Observation)
	{
	if ( id !in reducer_store )
		return;

	local val = obs?$dbl ? obs$dbl : (obs?$num ? obs$num + 0.0 : 1.0);

	for ( r in reducer_store[id] )
		{
		local key = r?$normalize_key ? r$normalize_key(copy(orig_key)) : orig_key;

		if ( r?$pred && ! r$pred(key, obs) )
			next;

		local ss = stats_store[r$ssname];
		local results = result_store[ss$name];
		if ( key !in results )
			results[key] = table();

		local result = results[key];
		if ( id !in result )
			result[id] = init_resultval(r);

		local rv = result[id];
		++rv$num;
		rv$end = network_time();
		for ( i in r$calc_funcs )
			{
			local calculate = calc_store[r$calc_funcs[i]];
			calculate(r, val, obs, rv);
			}

		data_added(ss, key, result);
		}
	}

# Whether a key has reached a threshold that it had not reached before.
#
# modify_pct: the share of the whole that this node sees, 1.0 for all of it.
function check_thresholds(ss: SumStat, key: Key, result: Result, modify_pct: double): bool
	{
	if ( ! ss?$threshold_val || ! (ss?$threshold || ss?$threshold_series) )
		return F;

	local watch = ss$threshold_val(key, result);
	if ( modify_pct < 1.0 && modify_pct > 0.0 )
		watch = watch / modify_pct;

	local trackers = threshold_tracker[ss$name];
	if ( key !in trackers )
		trackers[key] = Thresholding();
	local tt = trackers[key];

	if ( ss?$threshold && ! tt$is_threshold_crossed && watch >= ss$threshold )
		return T;

	return ss?$threshold_series && tt$threshold_series_index < |ss$threshold_series| &&
	       watch >= ss$threshold_series[tt$threshold_series_index];
	}

function get_threshold_index(ss_name: string, key: Key): count
	{
	if ( ss_name !in threshold_tracker || key !in threshold_tracker[ss_name] )
		return 0;

	return threshold_tracker[ss_name][key]$threshold_series_index;
	}

function increment_threshold_tracker(ss_name: string, key: Key)
	{
	if ( ss_name !in threshold_tracker )
		threshold_tracker[ss_name] = table();
	if ( key !in threshold_tracker[ss_name] )
		threshold_tracker[ss_name][key] = Thresholding();

	local tt = threshold_tracker[ss_name][key];
	tt$is_threshold_crossed = T;
	++tt$threshold_series_index;
	}

function threshold_crossed(ss: SumStat, key: Key, result: Result)
	{
	increment_threshold_tracker(ss$name, key);

	if ( ss?$threshold_crossed )
		ss$threshold_crossed(key, result);
	}
