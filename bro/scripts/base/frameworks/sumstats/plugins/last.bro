##! The latest observations.

@load ../main
@load base/utils/queue

module SumStats;

export {
	redef enum Calculation += {
		## The latest observations.
		LAST
	};

	redef record Reducer += {
		## How many to keep; 0 for none.
		num_last_elements: count &default=0;
	};

	redef record ResultVal += {
		## The observations, see :bro:see:`SumStats::get_last`.
		last_elements: Queue::Queue &optional;
	};

	## The latest observations, the oldest of them first.
	global get_last: function(rv: ResultVal): vector of Observation;
}

function get_last(rv: ResultVal): vector of Observation
	{
	local found: vector of any = vector();
	local observations: vector of Observation = vector();

	if ( rv?$last_elements )
		Queue::get_vector(rv$last_elements, found);
	for ( i in found )
		observations += found[i] as Observation;

	return observations;
	}

hook register_observe_plugins()
	{
	register_observe_plugin(LAST, function(r: Reducer, val: double, obs: Observation, rv: ResultVal)
		{
		if ( r$num_last_elements == 0 )
			return;

		if ( ! rv?$last_elements )
			rv$last_elements = Queue::init(Queue::Settings($max_len=r$num_last_elements));
		Queue::put(rv$last_elements, obs);
		});
	}

hook compose_resultvals_hook(result: ResultVal, rv1: ResultVal, rv2: ResultVal)
	{
	if ( rv1?$last_elements && rv2?$last_elements )
		result$last_elements = Queue::merge(rv1$last_elements, rv2$last_elements);
	else if ( rv1?$last_elements )
		result$last_elements = rv1$last_elements;
	else if ( rv2?$last_elements )
		result$last_elements = rv2$last_elements;
	}
