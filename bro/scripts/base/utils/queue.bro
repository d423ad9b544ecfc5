##! A queue: what goes in first comes out first.

module Queue;

export {
	## How a queue behaves.
	type Settings: record {
		## With more elements than this, the oldest ones go.
		max_len: count &optional;
	};

	## A queue.  Its fields are for the functions here alone.
	type Queue: record {};

	## Makes a queue.
	##
	## s: how it behaves.
	##
	## Returns: an empty queue.
	global init: function(s: Settings &default=[]): Queue;

	## Puts a value in.
	##
	## q: the queue.
	##
	## val: the value.
	global put: function(q: Queue, val: any);

	## Takes the oldest value out.
	##
	## q: the queue, which must have a value.
	##
	## Returns: the value.
	global get: function(q: Queue): any;

	## Looks at the oldest value and leaves it there.
	##
	## q: the queue, which must have a value.
	##
	## Returns: the value.
	global peek: function(q: Queue): any;

	## Makes one queue of two; the values of the second come behind those of the first.
	##
	## q1: the one queue, which also says how the new one behaves.
	##
	## q2: the other queue.
	##
	## Returns: a new queue; the others stay as they are.
	global merge: function(q1: Queue, q2: Queue): Queue;

	## Counts the values.
	##
	## q: the queue.
	##
	## Returns: how many there are.
	global len: function(q: Queue): count;

	## Copies the values to a vector.
	##
	## q: the queue, which stays as it is.
	##
	## ret: a vector that gets the values at its end, the oldest first.
	global get_vector: function(q: Queue, ret: vector of any);
}

redef record Queue += {
	## Made by :bro:id:`Queue::init`.
	initialized: bool &default=F;
	## The values by their number, which goes up by one for each.
	vals: table[count] of any &optional;
	settings: Settings &optional;
	## Number of the next value to go in.
	top: count &default=0;
	## Number of the next value to come out.
	bottom: count &default=0;
	## How many values there are.
	size: count &default=0;
};

function init(s: Settings): Queue
	{
	local q: Queue;
	q$vals = table();
	q$settings = copy(s);
	q$initialized = T;
	return q;
	}

function put(q: Queue, val: any)
	{
	q$vals[q$top] = val;
	++q$top;
	++q$size;

	if ( q$settings?$max_len && q$size > q$settings$max_len )
		get(q);
	}

function peek(q: Queue): any
	{
	return q$vals[q$bottom];
	}

function get(q: Queue): any
	{
	local oldest = q$vals[q$bottom];
	delete q$vals[q$bottom];
	++q$bottom;
	--q$size;
	return oldest;
	}

function len(q: Queue): count
	{
	return q$size;
	}

function merge(q1: Queue, q2: Queue): Queue
	{
	local both = init(q1$settings);
	local values: vector of any = vector();
	get_vector(q1, values);
	get_vector(q2, values);

	for ( _, val in values )
		put(both, val);

	return both;
	}

function get_vector(q: Queue, ret: vector of any)
	{
	local i = q$bottom;

	while ( i < q$top )
		{
		ret += q$vals[i];
		++i;
		}
	}
