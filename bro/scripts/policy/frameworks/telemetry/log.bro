##! Logs metrics from time to time.

@load base/frameworks/telemetry

module Telemetry;

export {
	redef enum Log::ID += { LOG, LOG_HISTOGRAM };

	global log_policy: Log::PolicyHook;

	global log_policy_histogram: Log::PolicyHook;

	## How often.
	option log_interval = 60 sec;

	## Prefixes of metrics that are logged.
	option log_prefixes: set[string] = { "process", "zeek" };

	## A row of telemetry.log: a counter or gauge.
	type Info: record {
		## When.
		ts: time &log;
		## This node.
		peer: string &log;
		## Kind of the metric.
		metric_type: string &log;
		## Its name.
		name: string &log;
		## Names of its labels.
		labels: vector of string &log;
		## Their values.
		label_values: vector of string &log;
		## What it is at.
		value: double &log;
	};

	## A row of telemetry_histogram.log.
	type HistogramInfo: record {
		## When.
		ts: time &log;
		## This node.
		peer: string &log;
		## Name of the metric.
		name: string &log;
		## Names of its labels.
		labels: vector of string &log;
		## Their values.
		label_values: vector of string &log;
		## The largest observations of each bin.
		bounds: vector of double &log;
		## How many observations each bin has.
		values: vector of double &log;
		## Sum of all observations.
		sum: double &log;
		## How many there were.
		observations: double &log;
	};

	## Raised with every row of telemetry.log.
	global log_telemetry: event(rec: Info);

	## Raised with every row of telemetry_histogram.log.
	global log_telemetry_histogram: event(rec: HistogramInfo);
}

function do_log()
	{
	local ts = network_time();

	for ( prefix in log_prefixes )
		{
		local metrics = Telemetry::collect_metrics(prefix, "*");
		for ( i in metrics )
			{
			local m = metrics[i];
			Log::write(LOG, Info($ts=ts, $peer=peer_description, $name=m$opts$name, $labels=m$label_names,
			                     $metric_type=to_lower(gsub(cat(m$opts$metric_type), /^Telemetry::/, "")),
			                     $label_values=m$label_values, $value=m$value));
			}

		local histograms = Telemetry::collect_histogram_metrics(prefix, "*");
		for ( j in histograms )
			{
			local h = histograms[j];
			Log::write(LOG_HISTOGRAM, HistogramInfo($ts=ts, $peer=peer_description, $name=h$opts$name,
			                                        $labels=h$label_names, $label_values=h$label_values,
			                                        $bounds=h$opts$bounds, $values=h$values, $sum=h$sum,
			                                        $observations=h$observations));
			}
		}
	}

global log: event();

event Telemetry::log()
	{
	do_log();
	schedule log_interval { Telemetry::log() };
	}

event zeek_init() &priority=5
	{
	Log::create_stream(LOG, Log::Stream($columns=Info, $ev=log_telemetry, $path="telemetry", $policy=log_policy));
	Log::create_stream(LOG_HISTOGRAM, Log::Stream($columns=HistogramInfo, $ev=log_telemetry_histogram,
	                                              $path="telemetry_histogram", $policy=log_policy_histogram));
	}

event network_time_init()
	{
	schedule log_interval { Telemetry::log() };
	}

event zeek_done()
	{
	do_log();
	}
