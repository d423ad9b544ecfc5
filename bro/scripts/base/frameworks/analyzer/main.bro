##! Analyzers: which there are, which are switched on, and which ports they are used for without further evidence.
##!
##! Analyzers are named by tags such as ``Analyzer::ANALYZER_HTTP``.

@load base/frameworks/packet-filter/utils

module Analyzer;

export {
	## Whether all analyzers of protocols start switched off, but those of
	## :bro:id:`Analyzer::requested_analyzers`.
	global disable_all = F &redef;

	## Switches an analyzer on.
	##
	## tag: its tag.
	##
	## Returns: false if there is no such analyzer.
	global enable_analyzer: function(tag: AllAnalyzers::Tag): bool;

	## Switches an analyzer off, for connections that begin from now on.
	##
	## tag: its tag.
	##
	## Returns: false if there is no such analyzer.
	global disable_analyzer: function(tag: AllAnalyzers::Tag): bool;

	## Uses an analyzer for connections to some ports, whatever they carry.  What is set of ports for an analyzer may be
	## in addition to others before.
	##
	## tag: its tag.
	##
	## server_ports: the ports.  Scripts also add them to :bro:id:`likely_server_ports`, for connections whose beginning
	##               does not tell who opened them.
	##
	## non_server_ports: ports that are not.
	##
	## Returns: false if one of them could not be registered.
	global register_for_ports: function(tag: Analyzer::Tag, server_ports: set[port],
	                                    non_server_ports: set[port] &default=set()): bool;

	## Uses an analyzer for connections to a port, whatever they carry.
	##
	## tag: its tag.
	##
	## p: the port.
	##
	## Returns: false if it could not be registered.
	global register_for_port: function(tag: Analyzer::Tag, p: port): bool;

	## Returns the ports an analyzer is used for.
	##
	## tag: its tag.
	global registered_ports: function(tag: AllAnalyzers::Tag): set[port];

	## Returns all ports by the analyzers they were registered for.
	global all_registered_ports: function(): table[AllAnalyzers::Tag] of set[port];

	## Uses an analyzer for a connection that is expected.
	##
	## orig: who will open it; 0.0.0.0 for anybody.
	##
	## resp: whom to.
	##
	## resp_p: port there.
	##
	## analyzer: the analyzer's tag.
	##
	## tout: how long it is expected.
	##
	## Returns: true if that was taken note of.
	global schedule_analyzer: function(orig: addr, resp: addr, resp_p: port, analyzer: Analyzer::Tag,
	                                   tout: interval): bool;

	## Returns a filter for the packets of the ports an analyzer is used for.
	##
	## tag: its tag.
	global analyzer_to_bpf: function(tag: Analyzer::Tag): string;

	## Returns a filter for the packets of all ports that analyzers are used for.
	global get_bpf: function(): string;

	## Analyzers that start switched off.
	global disabled_analyzers: set[AllAnalyzers::Tag] = {
		ANALYZER_TCPSTATS,	# costs time on every connection for an event that hardly anybody handles
	} &redef;

	## Analyzers that start switched on, for scripts that cannot do without.
	global requested_analyzers: set[AllAnalyzers::Tag] = {} &redef;

	## The ports by the analyzers they were registered for.  Changing it has no effect.
	global ports: table[AllAnalyzers::Tag] of set[port];

	## An analyzer is about to be removed from a connection; a ``break`` keeps it.
	##
	## c: the connection.
	##
	## atype: the analyzer's tag.
	##
	## aid: its number.
	global disabling_analyzer: hook(c: connection, atype: AllAnalyzers::Tag, aid: count);
}

function enable_analyzer(tag: AllAnalyzers::Tag): bool
	{
	return Analyzer::__switch(tag, T);
	}

function disable_analyzer(tag: AllAnalyzers::Tag): bool
	{
	return Analyzer::__switch(tag, F);
	}

function register_for_port(tag: Analyzer::Tag, p: port): bool
	{
	if ( ! Analyzer::__register_for_port(tag, p) )
		return F;

	if ( tag !in ports )
		ports[tag] = set();

	add ports[tag][p];
	return T;
	}

function register_for_ports(tag: Analyzer::Tag, server_ports: set[port], non_server_ports: set[port]): bool
	{
	local all_registered = T;

	for ( p in server_ports )
		if ( ! register_for_port(tag, p) )
			all_registered = F;

	for ( p in non_server_ports )
		if ( ! register_for_port(tag, p) )
			all_registered = F;

	return all_registered;
	}

function registered_ports(tag: AllAnalyzers::Tag): set[port]
	{
	return tag in ports ? ports[tag] : set();
	}

function all_registered_ports(): table[AllAnalyzers::Tag] of set[port]
	{
	return ports;
	}

function schedule_analyzer(orig: addr, resp: addr, resp_p: port, analyzer: Analyzer::Tag, tout: interval): bool
	{
	return Analyzer::__schedule_analyzer(orig, resp, resp_p, analyzer, tout);
	}

function analyzer_to_bpf(tag: Analyzer::Tag): string
	{
	# An analyzer without ports is found by what connections carry, so that only all packets will do.
	if ( tag !in ports )
		return "";

	local filter = "";
	for ( p in ports[tag] )
		filter = PacketFilter::combine_filters(filter, "or", PacketFilter::port_to_bpf(p));
	return filter;
	}

function get_bpf(): string
	{
	local filter = "";
	for ( tag, _ in ports )
		for ( p in ports[tag] )
			filter = PacketFilter::combine_filters(filter, "or", PacketFilter::port_to_bpf(p));
	return filter;
	}

event zeek_init() &priority=5
	{
	if ( disable_all )
		Analyzer::__disable_all_analyzers();

	for ( tag in disabled_analyzers )
		disable_analyzer(tag);

	for ( tag in requested_analyzers )
		enable_analyzer(tag);
	}
