##! The variance of numbers, by Welford's method.

@load ./average

module SumStats;

export {
	redef enum Calculation += {
		## The variance of the sample.
		VARIANCE
	};

	redef record ResultVal += {
		## The variance.
		variance: double &optional;
	};
}

redef record ResultVal += {
	# The mean before the last observation.
	prev_avg: double &optional;
	# Sum of the squared differences from the mean.
	var_s: double &default=0.0;
};

function calc_variance(rv: ResultVal)
	{
	rv$variance = rv$num > 1 ? rv$var_s / (rv$num - 1) : 0.0;
	}

hook register_observe_plugins()
	{
	register_observe_plugin(VARIANCE, function(r: Reducer, val: double, obs: Observation, rv: ResultVal)
		{
		if ( rv?$prev_avg )
			rv$var_s += (val - rv$prev_avg) * (val - rv$average);

		calc_variance(rv);
		rv$prev_avg = rv$average;
		});
	add_observe_plugin_dependency(VARIANCE, AVERAGE);
	}

# The means of both are not touched here, so that it does not matter which plugin composes first.
hook compose_resultvals_hook(result: ResultVal, rv1: ResultVal, rv2: ResultVal) &priority=-5
	{
	if ( rv1?$prev_avg && rv2?$prev_avg )
		{
		local apart = rv1$prev_avg - rv2$prev_avg;
		local total = rv1$num + rv2$num;
		result$var_s = rv1$var_s + rv2$var_s + apart * apart * rv1$num * rv2$num / total;
		result$prev_avg = (rv1$prev_avg * rv1$num + rv2$prev_avg * rv2$num) / total;
		}
	else if ( rv1?$prev_avg )
		{
		result$var_s = rv1$var_s;
		result$prev_avg = rv1$prev_avg;
		}
	else if ( rv2?$prev_avg )
		{
		result$var_s = rv2$var_s;
		result$prev_avg = rv2$prev_avg;
		}
	else
		return;

	calc_variance(result);
	}
