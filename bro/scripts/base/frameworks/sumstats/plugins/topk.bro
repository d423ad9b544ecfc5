##! The most frequent observations.

@load ../main

module SumStats;

export {
	redef enum Calculation += {
		## The most frequent observations, see :bro:see:`topk_get_top`.
		TOPK
	};

	redef record Reducer += {
		## How many observations to count.
		topk_size: count &default=500;
	};

	redef record ResultVal += {
		## The summary of the most frequent observations.
		topk: opaque of topk &optional;
	};
}

hook init_resultval_hook(r: Reducer, rv: ResultVal)
	{
	if ( TOPK in r$apply )
		rv$topk = topk_init(r$topk_size);
	}

hook register_observe_plugins()
	{
	register_observe_plugin(TOPK, function(r: Reducer, val: double, obs: Observation, rv: ResultVal)
		{
		topk_add(rv$topk, obs);
		});
	}

hook compose_resultvals_hook(result: ResultVal, rv1: ResultVal, rv2: ResultVal)
	{
	if ( rv1?$topk )
		{
		result$topk = topk_init(topk_size(rv1$topk));
		topk_merge(result$topk, rv1$topk);
		if ( rv2?$topk )
			topk_merge(result$topk, rv2$topk);
		}
	else if ( rv2?$topk )
		result$topk = copy(rv2$topk);
	}
