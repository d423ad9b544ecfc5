##! Estimates how much of the traffic is not seen, by acknowledgements of what was not.

@load base/frameworks/notice

module CaptureLoss;

export {
	redef enum Log::ID += { LOG };

	global log_policy: Log::PolicyHook;

	redef enum Notice::Type += {
		## More is not seen than may be.
		Too_Much_Loss,
		## There is so little traffic that something may be wrong with what is seen.
		Too_Little_Traffic,
	};

	## A row of capture_loss.log.
	type Info: record {
		## When.
		ts: time &log;
		## Since when.
		ts_delta: interval &log;
		## This node.
		peer: string &log;
		## Acknowledgements of what was not seen.
		gaps: count &log;
		## All acknowledgements.
		acks: count &log;
		## The share of the first in the second, in percent.
		percent_lost: double &log;
	};

	## How often to look.
	option watch_interval = 15 mins;

	## When to look first.
	option initial_watch_interval = 1 min;

	## The share that may be lost.
	option too_much_loss: double = 0.1;

	## Acknowledgements that there should at least be.
	option minimum_acks: count = 1;
}

global CaptureLoss::take_measurement: event(last_ts: time, last_acks: count, last_gaps: count);

event CaptureLoss::take_measurement(last_ts: time, last_acks: count, last_gaps: count)
	{
	local now = network_time();
	local stats = get_gap_stats();
	local acks = stats$ack_events >= last_acks ? stats$ack_events - last_acks : stats$ack_events;
	local gaps = stats$gap_events >= last_gaps ? stats$gap_events - last_gaps : stats$gap_events;
	local lost = acks == 0 ? 0.0 : 100.0 * (gaps + 0.0) / (acks + 0.0);
	local info = Info($ts=now, $ts_delta=now - last_ts, $peer=peer_description, $gaps=gaps, $acks=acks,
	                  $percent_lost=lost);

	if ( lost >= too_much_loss * 100.0 )
		NOTICE(Notice::Info($note=Too_Much_Loss, $identifier=peer_description,
		                    $msg=fmt("The capture loss script detected an estimated loss rate above %.3f%%", lost)));
	if ( acks < minimum_acks )
		NOTICE(Notice::Info($note=Too_Little_Traffic, $identifier=peer_description,
		                    $msg=fmt("Only observed %d TCP ACKs and was expecting at least %d.", acks,
		                             minimum_acks)));

	Log::write(CaptureLoss::LOG, info);
	schedule watch_interval { CaptureLoss::take_measurement(now, stats$ack_events, stats$gap_events) };
	}

event zeek_init() &priority=5
	{
	Log::create_stream(CaptureLoss::LOG, Log::Stream($columns=Info, $path="capture_loss", $policy=log_policy));
	}

event network_time_init()
	{
	schedule initial_watch_interval { CaptureLoss::take_measurement(network_time(), 0, 0) };
	}
