##! Any number of thresholds on a connection's bytes, packets and duration.  The engine itself has one of each.

module ConnThreshold;

export {
	## What a threshold is on.
	type threshold_type: enum {
		## Payload of a side.
		BYTES,
		## Packets of a side.
		PACKETS,
		## The connection's duration.
		DURATION
	};

	## The thresholds of a connection that were not crossed yet.
	type Thresholds: record {
		## On the originator's bytes.
		orig_byte: set[count] &default=set();
		## On the responder's bytes.
		resp_byte: set[count] &default=set();
		## On the originator's packets.
		orig_packet: set[count] &default=set();
		## On the responder's packets.
		resp_packet: set[count] &default=set();
		## On the duration.
		duration: set[interval] &default=set();
	};

	## Sets a threshold on the payload of a side.
	##
	## c: the connection.
	##
	## threshold: the number of bytes.
	##
	## is_orig: whether it is that of the originator.
	##
	## Returns: false if it could not be set.
	global set_bytes_threshold: function(c: connection, threshold: count, is_orig: bool): bool;

	## Sets a threshold on the packets of a side.
	global set_packets_threshold: function(c: connection, threshold: count, is_orig: bool): bool;

	## Sets a threshold on the duration.
	global set_duration_threshold: function(c: connection, threshold: interval): bool;

	## Takes back a threshold on the payload of a side.
	##
	## Returns: false if there was none.
	global delete_bytes_threshold: function(c: connection, threshold: count, is_orig: bool): bool;

	## Takes back a threshold on the packets of a side.
	global delete_packets_threshold: function(c: connection, threshold: count, is_orig: bool): bool;

	## Takes back a threshold on the duration.
	global delete_duration_threshold: function(c: connection, threshold: interval): bool;

	## A side sent that many bytes.
	##
	## c: the connection.
	##
	## threshold: the number of bytes.
	##
	## is_orig: whether it was the originator.
	global bytes_threshold_crossed: event(c: connection, threshold: count, is_orig: bool);

	## A side sent that many packets.
	global packets_threshold_crossed: event(c: connection, threshold: count, is_orig: bool);

	## The connection lasted that long.
	global duration_threshold_crossed: event(c: connection, threshold: interval, is_orig: bool);
}

redef record connection += {
	## Its thresholds that were not crossed yet.
	thresholds: ConnThreshold::Thresholds &optional;
};

# The smallest of some counts; 0 if there is none.
function find_min_threshold(t: set[count]): count
	{
	local smallest = 0;
	for ( threshold in t )
		if ( smallest == 0 || threshold < smallest )
			smallest = threshold;
	return smallest;
	}

# The shortest of some intervals; 0 if there is none.
function find_min_duration_threshold(t: set[interval]): interval
	{
	local shortest = 0 secs;
	for ( threshold in t )
		if ( shortest == 0 secs || threshold < shortest )
			shortest = threshold;
	return shortest;
	}

function set_conn(c: connection)
	{
	if ( ! c?$thresholds )
		c$thresholds = Thresholds();
	}

# Tells the engine the next threshold of a kind; 0 takes back the one it has.
function set_current_threshold(c: connection, ttype: threshold_type, is_orig: bool): bool
	{
	local t = c$thresholds;

	if ( ttype == BYTES )
		return set_current_conn_bytes_threshold(c$id, find_min_threshold(is_orig ? t$orig_byte : t$resp_byte), is_orig);

	if ( ttype == PACKETS )
		return set_current_conn_packets_threshold(c$id, find_min_threshold(is_orig ? t$orig_packet : t$resp_packet),
		                                          is_orig);

	return set_current_conn_duration_threshold(c$id, find_min_duration_threshold(t$duration));
	}

function set_bytes_threshold(c: connection, threshold: count, is_orig: bool): bool
	{
	set_conn(c);

	if ( threshold == 0 )
		return F;

	if ( is_orig )
		add c$thresholds$orig_byte[threshold];
	else
		add c$thresholds$resp_byte[threshold];

	return set_current_threshold(c, BYTES, is_orig);
	}

function set_packets_threshold(c: connection, threshold: count, is_orig: bool): bool
	{
	set_conn(c);

	if ( threshold == 0 )
		return F;

	if ( is_orig )
		add c$thresholds$orig_packet[threshold];
	else
		add c$thresholds$resp_packet[threshold];

	return set_current_threshold(c, PACKETS, is_orig);
	}

function set_duration_threshold(c: connection, threshold: interval): bool
	{
	set_conn(c);

	if ( threshold == 0 secs )
		return F;

	add c$thresholds$duration[threshold];
	return set_current_threshold(c, DURATION, T);
	}

function delete_bytes_threshold(c: connection, threshold: count, is_orig: bool): bool
	{
	set_conn(c);
	local thresholds = is_orig ? c$thresholds$orig_byte : c$thresholds$resp_byte;

	if ( threshold !in thresholds )
		return F;

	delete thresholds[threshold];
	set_current_threshold(c, BYTES, is_orig);
	return T;
	}

function delete_packets_threshold(c: connection, threshold: count, is_orig: bool): bool
	{
	set_conn(c);
	local thresholds = is_orig ? c$thresholds$orig_packet : c$thresholds$resp_packet;

	if ( threshold !in thresholds )
		return F;

	delete thresholds[threshold];
	set_current_threshold(c, PACKETS, is_orig);
	return T;
	}

function delete_duration_threshold(c: connection, threshold: interval): bool
	{
	set_conn(c);

	if ( threshold !in c$thresholds$duration )
		return F;

	delete c$thresholds$duration[threshold];
	set_current_threshold(c, DURATION, T);
	return T;
	}

event conn_bytes_threshold_crossed(c: connection, threshold: count, is_orig: bool) &priority=5
	{
	# What other scripts asked the engine for directly is none of ours.
	if ( ! c?$thresholds )
		return;

	local thresholds = is_orig ? c$thresholds$orig_byte : c$thresholds$resp_byte;
	if ( threshold !in thresholds )
		return;

	delete thresholds[threshold];
	event ConnThreshold::bytes_threshold_crossed(c, threshold, is_orig);
	set_current_threshold(c, BYTES, is_orig);
	}

event conn_packets_threshold_crossed(c: connection, threshold: count, is_orig: bool) &priority=5
	{
	if ( ! c?$thresholds )
		return;

	local thresholds = is_orig ? c$thresholds$orig_packet : c$thresholds$resp_packet;
	if ( threshold !in thresholds )
		return;

	delete thresholds[threshold];
	event ConnThreshold::packets_threshold_crossed(c, threshold, is_orig);
	set_current_threshold(c, PACKETS, is_orig);
	}

event conn_duration_threshold_crossed(c: connection, threshold: interval, is_orig: bool) &priority=5
	{
	if ( ! c?$thresholds || threshold !in c$thresholds$duration )
		return;

	delete c$thresholds$duration[threshold];
	event ConnThreshold::duration_threshold_crossed(c, threshold, is_orig);
	set_current_threshold(c, DURATION, is_orig);
	}
