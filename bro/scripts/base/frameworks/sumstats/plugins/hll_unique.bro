##! The number of different observations, estimated in little memory by HyperLogLog.

@load ../main

module SumStats;

export {
	redef enum Calculation += {
		## The number of different observations, estimated.
		HLL_UNIQUE
	};

	redef record Reducer += {
		## How far the estimate may be off.
		hll_error_margin: double &default=0.01;
		## How likely it is not to be off further.
		hll_confidence: double &default=0.95;
	};

	redef record ResultVal += {
		## The estimate.
		hll_unique: count &default=0;
	};
}

redef record ResultVal += {
	card: opaque of cardinality &optional;
	hll_error_margin: double &optional;
	hll_confidence: double &optional;
};

hook init_resultval_hook(r: Reducer, rv: ResultVal)
	{
	if ( HLL_UNIQUE !in r$apply )
		return;

	rv$hll_error_margin = r$hll_error_margin;
	rv$hll_confidence = r$hll_confidence;
	rv$card = hll_cardinality_init(r$hll_error_margin, r$hll_confidence);
	}

hook register_observe_plugins()
	{
	register_observe_plugin(HLL_UNIQUE, function(r: Reducer, val: double, obs: Observation, rv: ResultVal)
		{
		hll_cardinality_add(rv$card, obs);
		rv$hll_unique = double_to_count(hll_cardinality_estimate(rv$card));
		});
	}

hook compose_resultvals_hook(result: ResultVal, rv1: ResultVal, rv2: ResultVal)
	{
	if ( ! rv1?$card && ! rv2?$card )
		return;

	local first = rv1?$card ? rv1 : rv2;
	result$hll_error_margin = first$hll_error_margin;
	result$hll_confidence = first$hll_confidence;
	result$card = hll_cardinality_copy(first$card);
	if ( rv1?$card && rv2?$card )
		hll_cardinality_merge_into(result$card, rv2$card);
	result$hll_unique = double_to_count(hll_cardinality_estimate(result$card));
	}
