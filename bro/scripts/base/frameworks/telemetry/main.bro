##! Metrics of scripts: counters, gauges and histograms.
##!
##! A family of metrics is registered once; a metric is one of its members, which the values of labels tell apart.

module Telemetry;

export {
	## Values of labels, in the order of the labels' names.
	type labels_vector: vector of string;

	## What kind of metric.
	type MetricType: enum {
		## Only grows.
		COUNTER,
		## Goes up and down.
		GAUGE,
		## Counts observations by their size.
		HISTOGRAM,
	};

	## What describes a family of metrics.
	type MetricOpts: record {
		## Beginning of its name: whose metrics they are.
		prefix: string;
		## The rest of its name.
		name: string;
		## What the numbers are, such as "bytes"; part of the name.
		unit: string &optional;
		## What the metrics mean.
		help_text: string &optional;
		## Names of labels.
		label_names: vector of string &default=vector();
		## Whether counters sum up.
		is_total: bool &optional;
		## Of histograms, the largest observations that go into each bin.
		bounds: vector of double &optional;
		## The kind; set in what is collected.
		metric_type: MetricType &optional;
	};

	## A family of counters.
	type CounterFamily: record {
		__family: opaque of counter_metric_family;
		__labels: vector of string;
	};

	## A counter.
	type Counter: record {
		__metric: opaque of counter_metric;
	};

	## A family of gauges.
	type GaugeFamily: record {
		__family: opaque of gauge_metric_family;
		__labels: vector of string;
	};

	## A gauge.
	type Gauge: record {
		__metric: opaque of gauge_metric;
	};

	## A family of histograms.
	type HistogramFamily: record {
		__family: opaque of histogram_metric_family;
		__labels: vector of string;
	};

	## A histogram.
	type Histogram: record {
		__metric: opaque of histogram_metric;
	};

	## A counter or gauge that was collected.
	type Metric: record {
		## What its family is.
		opts: MetricOpts;
		## Names of its labels.
		label_names: vector of string &default=vector();
		## Their values.
		label_values: vector of string &optional;
		## The number.
		value: double &optional;
	};

	## A histogram that was collected.
	type HistogramMetric: record {
		## What its family is.
		opts: MetricOpts;
		## Names of its labels.
		label_names: vector of string &default=vector();
		## Their values.
		label_values: vector of string &optional;
		## How many observations each bin has.
		values: vector of double;
		## How many there were.
		observations: double;
		## Their sum.
		sum: double;
	};

	## Metrics that were collected.
	type MetricVector: vector of Metric;

	## Histograms that were collected.
	type HistogramMetricVector: vector of HistogramMetric;

	## Registers a family of counters; registering it again gives the same.
	global register_counter_family: function(opts: MetricOpts): CounterFamily;

	## The counter with these values of the labels.
	global counter_with: function(cf: CounterFamily, label_values: labels_vector &default=vector()): Counter;

	## Adds to a counter.
	global counter_inc: function(c: Counter, amount: double &default=1.0): bool;

	## Sets a counter, which cannot go down.
	global counter_set: function(c: Counter, value: double): bool;

	## Adds to the counter with these values of the labels.
	global counter_family_inc: function(cf: CounterFamily, label_values: labels_vector &default=vector(),
	                                    amount: double &default=1.0): bool;

	## Sets the counter with these values of the labels.
	global counter_family_set: function(cf: CounterFamily, label_values: labels_vector, value: double): bool;

	## Registers a family of gauges; registering it again gives the same.
	global register_gauge_family: function(opts: MetricOpts): GaugeFamily;

	## The gauge with these values of the labels.
	global gauge_with: function(gf: GaugeFamily, label_values: labels_vector &default=vector()): Gauge;

	## Adds to a gauge.
	global gauge_inc: function(g: Gauge, amount: double &default=1.0): bool;

	## Takes from a gauge.
	global gauge_dec: function(g: Gauge, amount: double &default=1.0): bool;

	## Sets a gauge.
	global gauge_set: function(g: Gauge, value: double): bool;

	## Adds to the gauge with these values of the labels.
	global gauge_family_inc: function(gf: GaugeFamily, label_values: labels_vector &default=vector(),
	                                  value: double &default=1.0): bool;

	## Takes from the gauge with these values of the labels.
	global gauge_family_dec: function(gf: GaugeFamily, label_values: labels_vector &default=vector(),
	                                  value: double &default=1.0): bool;

	## Sets the gauge with these values of the labels.
	global gauge_family_set: function(gf: GaugeFamily, label_values: labels_vector, value: double): bool;

	## Registers a family of histograms; registering it again gives the same.
	global register_histogram_family: function(opts: MetricOpts): HistogramFamily;

	## The histogram with these values of the labels.
	global histogram_with: function(hf: HistogramFamily, label_values: labels_vector &default=vector()): Histogram;

	## Counts an observation in a histogram.
	global histogram_observe: function(h: Histogram, measurement: double): bool;

	## Counts an observation in the histogram with these values of the labels.
	global histogram_family_observe: function(hf: HistogramFamily, label_values: labels_vector,
	                                          measurement: double): bool;

	## Collects counters and gauges.
	##
	## prefix: prefix of their families; ``*`` stands for anything.
	##
	## name: name of their families; ``*`` stands for anything.
	global collect_metrics: function(prefix: string &default="*", name: string &default="*"): vector of Metric;

	## Collects histograms.
	##
	## prefix: prefix of their families; ``*`` stands for anything.
	##
	## name: name of their families; ``*`` stands for anything.
	global collect_histogram_metrics: function(prefix: string &default="*",
	                                           name: string &default="*"): vector of HistogramMetric;

	## Run before metrics are collected, to bring them up to date.
	global sync: hook();
}

# Brings names and values of labels together; an empty table, after a report, if there are more of one.
function make_labels(keys: vector of string, values: labels_vector): table[string] of string
	{
	local labels: table[string] of string;

	if ( |keys| != |values| )
		{
		Reporter::error(fmt("Telemetry: there are %d labels, and %d values for them", |keys|, |values|));
		return labels;
		}

	for ( i in keys )
		labels[keys[i]] = values[i];

	return labels;
	}

function register_counter_family(opts: MetricOpts): CounterFamily
	{
	local family = Telemetry::__counter_family(opts$prefix, opts$name, opts$label_names,
	                                           opts?$help_text ? opts$help_text : "Zeek Script Metric",
	                                           opts?$unit ? opts$unit : "");
	return CounterFamily($__family=family, $__labels=opts$label_names);
	}

function counter_with(cf: CounterFamily, label_values: labels_vector): Counter
	{
	return Counter($__metric=Telemetry::__counter_metric_get_or_add(cf$__family,
	                                                                make_labels(cf$__labels, label_values)));
	}

function counter_inc(c: Counter, amount: double): bool
	{
	return Telemetry::__counter_inc(c$__metric, amount);
	}

function counter_set(c: Counter, value: double): bool
	{
	return Telemetry::__counter_inc(c$__metric, value - Telemetry::__counter_value(c$__metric));
	}

function counter_family_inc(cf: CounterFamily, label_values: labels_vector, amount: double): bool
	{
	return |cf$__labels| == |label_values| ? counter_inc(counter_with(cf, label_values), amount)
	                                       : |make_labels(cf$__labels, label_values)| > 0;
	}

function counter_family_set(cf: CounterFamily, label_values: labels_vector, value: double): bool
	{
	return |cf$__labels| == |label_values| ? counter_set(counter_with(cf, label_values), value)
	                                       : |make_labels(cf$__labels, label_values)| > 0;
	}

function register_gauge_family(opts: MetricOpts): GaugeFamily
	{
	local family = Telemetry::__gauge_family(opts$prefix, opts$name, opts$label_names,
	                                         opts?$help_text ? opts$help_text : "Zeek Script Metric",
	                                         opts?$unit ? opts$unit : "");
	return GaugeFamily($__family=family, $__labels=opts$label_names);
	}

function gauge_with(gf: GaugeFamily, label_values: labels_vector): Gauge
	{
	return Gauge($__metric=Telemetry::__gauge_metric_get_or_add(gf$__family,
	                                                            make_labels(gf$__labels, label_values)));
	}

function gauge_inc(g: Gauge, amount: double): bool
	{
	return Telemetry::__gauge_inc(g$__metric, amount);
	}

function gauge_dec(g: Gauge, amount: double): bool
	{
	return Telemetry::__gauge_dec(g$__metric, amount);
	}

function gauge_set(g: Gauge, value: double): bool
	{
	return Telemetry::__gauge_inc(g$__metric, value - Telemetry::__gauge_value(g$__metric));
	}

function gauge_family_inc(gf: GaugeFamily, label_values: labels_vector, value: double): bool
	{
	return |gf$__labels| == |label_values| ? gauge_inc(gauge_with(gf, label_values), value)
	                                       : |make_labels(gf$__labels, label_values)| > 0;
	}

function gauge_family_dec(gf: GaugeFamily, label_values: labels_vector, value: double): bool
	{
	return |gf$__labels| == |label_values| ? gauge_dec(gauge_with(gf, label_values), value)
	                                       : |make_labels(gf$__labels, label_values)| > 0;
	}

function gauge_family_set(gf: GaugeFamily, label_values: labels_vector, value: double): bool
	{
	return |gf$__labels| == |label_values| ? gauge_set(gauge_with(gf, label_values), value)
	                                       : |make_labels(gf$__labels, label_values)| > 0;
	}

function register_histogram_family(opts: MetricOpts): HistogramFamily
	{
	if ( ! opts?$bounds )
		Reporter::error(fmt("Telemetry: the histograms %s_%s have no bounds", opts$prefix, opts$name));

	local bounds: vector of double = opts?$bounds ? opts$bounds : vector();
	local family = Telemetry::__histogram_family(opts$prefix, opts$name, opts$label_names, bounds,
	                                             opts?$help_text ? opts$help_text : "Zeek Script Metric",
	                                             opts?$unit ? opts$unit : "");
	return HistogramFamily($__family=family, $__labels=opts$label_names);
	}

function histogram_with(hf: HistogramFamily, label_values: labels_vector): Histogram
	{
	return Histogram($__metric=Telemetry::__histogram_metric_get_or_add(hf$__family,
	                                                                    make_labels(hf$__labels, label_values)));
	}

function histogram_observe(h: Histogram, measurement: double): bool
	{
	return Telemetry::__histogram_observe(h$__metric, measurement);
	}

function histogram_family_observe(hf: HistogramFamily, label_values: labels_vector, measurement: double): bool
	{
	return |hf$__labels| == |label_values| ? histogram_observe(histogram_with(hf, label_values), measurement)
	                                       : |make_labels(hf$__labels, label_values)| > 0;
	}

function collect_metrics(prefix: string, name: string): vector of Metric
	{
	hook Telemetry::sync();

	local found: vector of Metric = vector();
	local collected = Telemetry::__collect_metrics(prefix, name);
	for ( i in collected )
		found += collected[i] as Metric;
	return found;
	}

function collect_histogram_metrics(prefix: string, name: string): vector of HistogramMetric
	{
	hook Telemetry::sync();

	local found: vector of HistogramMetric = vector();
	local collected = Telemetry::__collect_histogram_metrics(prefix, name);
	for ( i in collected )
		found += collected[i] as HistogramMetric;
	return found;
	}
