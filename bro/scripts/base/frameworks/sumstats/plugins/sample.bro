##! A sample of observations, each with the same chance to be in it (reservoir sampling).

@load ../main

module SumStats;

export {
	redef enum Calculation += {
		## A uniform sample.
		SAMPLE
	};

	redef record Reducer += {
		## How many observations to keep; 0 for none.
		num_samples: count &default=0;
	};

	redef record ResultVal += {
		## The sample.
		samples: vector of Observation &default=vector();
		## How many observations it was taken of.
		sample_elements: count &default=0;
	};
}

redef record ResultVal += {
	# How many observations to keep.
	num_samples: count &default=0;
};

hook init_resultval_hook(r: Reducer, rv: ResultVal)
	{
	if ( SAMPLE in r$apply )
		rv$num_samples = r$num_samples;
	}

function sample_add_sample(obs: Observation, rv: ResultVal)
	{
	++rv$sample_elements;

	if ( |rv$samples| < rv$num_samples )
		{
		rv$samples += obs;
		return;
		}

	local place = rand(rv$sample_elements);
	if ( place < rv$num_samples )
		rv$samples[place] = obs;
	}

hook register_observe_plugins()
	{
	register_observe_plugin(SAMPLE, function(r: Reducer, val: double, obs: Observation, rv: ResultVal)
		{
		if ( rv$num_samples > 0 )
			sample_add_sample(obs, rv);
		});
	}

# Each place is filled from one of the two samples, by the number of observations they stand for.
hook compose_resultvals_hook(result: ResultVal, rv1: ResultVal, rv2: ResultVal)
	{
	result$num_samples = rv1$num_samples > rv2$num_samples ? rv1$num_samples : rv2$num_samples;
	result$sample_elements = rv1$sample_elements + rv2$sample_elements;

	local first = copy(rv1$samples);
	local second = copy(rv2$samples);
	local first_stands_for = rv1$sample_elements;
	local second_stands_for = rv2$sample_elements;

	while ( |result$samples| < result$num_samples && |first| + |second| > 0 )
		{
		local take_first = |second| == 0 ||
		                   (|first| > 0 && rand(first_stands_for + second_stands_for) < first_stands_for);
		local from = take_first ? first : second;
		local place = rand(|from|);
		result$samples += from[place];
		from[place] = from[|from| - 1];
		resize(from, |from| - 1);

		if ( take_first )
			{
			if ( first_stands_for > 1 )
				--first_stands_for;
			}
		else if ( second_stands_for > 1 )
			--second_stands_for;
		}
	}
