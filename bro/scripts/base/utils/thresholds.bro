##! Counters that say when they cross a threshold, once for each.

## A counter.
type TrackCount: record {
	## What is counted.
	n: count &default=0;
	## Position of the next threshold to cross.
	index: count &default=0;
};

## The thresholds of :bro:id:`default_check_threshold`.
const default_notice_thresholds: vector of count = {
	30, 100, 1000, 10000, 100000, 1000000, 10000000,
} &redef;

## Makes a counter at zero.
##
## Returns: the counter.
function new_track_count(): TrackCount
	{
	return TrackCount();
	}

## Tells whether a counter has reached the next threshold, and if so, goes on to the one behind it.
##
## v: the thresholds, rising.
##
## tracker: the counter.
##
## Returns: T the first time it is asked after the threshold was reached.
function check_threshold(v: vector of count, tracker: TrackCount): bool
	{
	if ( tracker$index >= |v| || tracker$n < v[tracker$index] )
		return F;

	++tracker$index;
	return T;
	}

## Like :bro:id:`check_threshold` with the thresholds of :bro:id:`default_notice_thresholds`.
##
## tracker: the counter.
##
## Returns: T the first time it is asked after the threshold was reached.
function default_check_threshold(tracker: TrackCount): bool
	{
	return check_threshold(default_notice_thresholds, tracker);
	}
