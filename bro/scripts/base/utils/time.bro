##! Times and intervals.

## Writes an interval in minutes and seconds, like ``3m34s``.
##
## dur: the interval.
##
## Returns: its text; parts of seconds are rounded.
function duration_to_mins_secs(dur: interval): string
	{
	local seconds = double_to_count(interval_to_double(dur));
	return fmt("%dm%ds", seconds / 60, seconds % 60);
	}
