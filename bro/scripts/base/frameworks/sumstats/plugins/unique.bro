##! The number of different observations, exactly.

@load ../main

module SumStats;

export {
	redef enum Calculation += {
		## The number of different observations.
		UNIQUE
	};

	redef record Reducer += {
		## The most that are kept apart; what comes beyond does not count.
		unique_max: count &optional;
	};

	redef record ResultVal += {
		## The number.
		unique: count &default=0;
	};
}

redef record ResultVal += {
	# The most to keep apart.
	unique_max: count &optional;
	# The observations; none of them are there before the first.
	unique_vals: set[Observation] &optional;
};

hook register_observe_plugins()
	{
	register_observe_plugin(UNIQUE, function(r: Reducer, val: double, obs: Observation, rv: ResultVal)
		{
		if ( ! rv?$unique_vals )
			rv$unique_vals = set();
		if ( r?$unique_max )
			rv$unique_max = r$unique_max;

		if ( ! rv?$unique_max || |rv$unique_vals| < rv$unique_max )
			add rv$unique_vals[obs];
		rv$unique = |rv$unique_vals|;
		});
	}

hook compose_resultvals_hook(result: ResultVal, rv1: ResultVal, rv2: ResultVal)
	{
	if ( ! rv1?$unique_vals && ! rv2?$unique_vals )
		return;

	if ( rv1?$unique_max )
		result$unique_max = rv1$unique_max;
	else if ( rv2?$unique_max )
		result$unique_max = rv2$unique_max;

	result$unique_vals = rv1?$unique_vals ? copy(rv1$unique_vals) : set();
	if ( rv2?$unique_vals )
		for ( obs in rv2$unique_vals )
			if ( ! result?$unique_max || |result$unique_vals| < result$unique_max )
				add result$unique_vals[obs];
	result$unique = |result$unique_vals|;
	}
