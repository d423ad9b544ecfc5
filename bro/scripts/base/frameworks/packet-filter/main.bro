##! The capture filter: put together from what the site and scripts want to see and what they do not, and installed.
##!
##! A packet is looked at if it matches one of :bro:id:`capture_filters` (all packets if there are none) and all of
##! :bro:id:`restrict_filters`, and none of the filters that :bro:see:`PacketFilter::exclude` was called with.  A filter
##! given on the command line is used instead of all of them.

@load base/frameworks/notice
@load base/frameworks/logging
@load ./utils

## It is time to look whether the filter is still what it should be: tables of filters may have changed.
global filter_change_tracking: event();

module PacketFilter;

export {
	redef enum Log::ID += {
		## The log of filters.
		LOG
	};

	## Decides which rows go into that log.
	global log_policy: Log::PolicyHook;

	redef enum Notice::Type += {
		## A filter is wrong.
		Compile_Failure,

		## A filter cannot be installed.
		Install_Failure,

		## A filter took long to compile, so that packets may have been lost.
		Too_Long_To_Compile_Filter
	};

	redef enum PcapFilterID += {
		## The filter that is in force.
		DefaultPcapFilter,
		## A filter that is tried out.
		FilterTester
	};

	## A row of packet_filter.log.
	type Info: record {
		## When the filter was installed.
		ts: time &log;
		## The node of the cluster, if there is one.
		node: string &log &optional;
		## The filter.
		filter: string &log;
		## Whether it was installed at the start of the program.
		init: bool &log &default=F;
		## Whether it was installed.
		success: bool &log &default=T;
		## Why it was not.
		failure_reason: string &log &optional;
	};

	## The filter where nobody asks for anything in particular: all packets.
	const default_capture_filter = "ip or not ip" &redef;

	## A filter that is installed instead of all others.
	const unrestricted_filter = "" &redef;

	## A filter that every packet has to match as well.
	const restricted_filter = "" &redef;

	## Longest time that compiling a filter may take without notice.
	const max_filter_compile_time = 100 msec &redef;

	## Whether only the ports of analyzers are captured.
	const enable_auto_protocol_capture_filters = F &redef;

	## Something that has filters of its own.
	type FilterPlugin: record {
		## Called when the filter is put together; it changes :bro:id:`capture_filters` and
		## :bro:id:`restrict_filters`.
		func: function();
	};

	## Adds such a thing.
	global register_filter_plugin: function(fp: FilterPlugin);

	## The filter that is in force.
	global current_filter = "";

	## Excludes packets from now on.
	##
	## filter_id: a name, to undo it by.
	##
	## filter: the packets.
	##
	## Returns: false if the filter is wrong.
	global exclude: function(filter_id: string, filter: string): bool;

	## Excludes packets for some time.
	##
	## filter_id: a name, to undo it by.
	##
	## filter: the packets.
	##
	## span: how long.
	##
	## Returns: false if the filter is wrong.
	global exclude_for: function(filter_id: string, filter: string, span: interval): bool;

	## No longer excludes packets.
	##
	## filter_id: the name they were excluded under.
	##
	## Returns: false if there is none of that name.
	global remove_exclude: function(filter_id: string): bool;

	## Tells whether a filter is right.
	global test_filter: function(filter: string): bool;

	## Puts the filter together and installs it.
	##
	## Returns: whether that went well.
	global install: function(): bool;
}

global plugins: vector of FilterPlugin = vector();
global exclude_filters: table[string] of string;
global installed_before = F;

## A filter that was excluded for some time is to come back.
event remove_dynamic_filter(filter_id: string)
	{
	remove_exclude(filter_id);
	}

function test_filter(filter: string): bool
	{
	if ( Pcap::precompile_pcap_filter(FilterTester, filter) )
		return T;

	NOTICE([$note=Compile_Failure, $msg="Compiling packet filter failed", $sub=filter]);
	return F;
	}

function register_filter_plugin(fp: FilterPlugin)
	{
	plugins += fp;
	}

function exclude(filter_id: string, filter: string): bool
	{
	if ( ! test_filter(filter) )
		return F;

	exclude_filters[filter_id] = filter;
	return install();
	}

function exclude_for(filter_id: string, filter: string, span: interval): bool
	{
	if ( ! exclude(filter_id, filter) )
		return F;

	schedule span { remove_dynamic_filter(filter_id) };
	return T;
	}

function remove_exclude(filter_id: string): bool
	{
	if ( filter_id !in exclude_filters )
		return F;

	delete exclude_filters[filter_id];
	return install();
	}

# Puts the filter together.
function build(): string
	{
	if ( cmd_line_bpf_filter != "" )
		return cmd_line_bpf_filter;

	if ( unrestricted_filter != "" )
		return unrestricted_filter;

	for ( _, plugin in plugins )
		plugin$func();

	local wanted = "";
	for ( _, capture in capture_filters )
		wanted = combine_filters(wanted, "or", capture);

	if ( enable_auto_protocol_capture_filters )
		wanted = combine_filters(wanted, "or", Analyzer::get_bpf());

	if ( wanted == "" )
		wanted = default_capture_filter;

	local rest = restricted_filter;
	for ( _, restrict in restrict_filters )
		rest = combine_filters(rest, "and", restrict);

	local unwanted = "";
	for ( _, excluded in exclude_filters )
		unwanted = combine_filters(unwanted, "or", excluded);

	if ( unwanted != "" )
		rest = combine_filters(rest, "and", fmt("not (%s)", unwanted));

	return rest == "" ? wanted : combine_filters(wanted, "and", rest);
	}

function install(): bool
	{
	local filter = build();
	if ( installed_before && filter == current_filter )
		return T;

	local row = Info($ts=network_time(), $filter=filter, $init=! installed_before);
	installed_before = T;
	current_filter = filter;

	# The default takes all packets, as does no filter at all.
	if ( filter != default_capture_filter )
		{
		local begin = current_time();
		row$success = Pcap::precompile_pcap_filter(DefaultPcapFilter, filter);
		local took = current_time() - begin;

		if ( took > max_filter_compile_time )
			NOTICE([$note=Too_Long_To_Compile_Filter,
			        $msg=fmt("A packet filter took longer than %s to compile", max_filter_compile_time)]);

		if ( ! row$success )
			{
			row$failure_reason = "compilation failure";
			NOTICE([$note=Compile_Failure, $msg="Compiling packet filter failed", $sub=filter]);
			}
		else if ( ! Pcap::install_pcap_filter(DefaultPcapFilter) )
			{
			row$success = F;
			row$failure_reason = "installation failure";
			NOTICE([$note=Install_Failure, $msg="Installing packet filter failed", $sub=filter]);
			}
		}

	Log::write(LOG, row);
	return row$success;
	}

event zeek_init() &priority=10
	{
	Log::create_stream(LOG, Log::Stream($columns=Info, $path="packet_filter", $policy=log_policy));
	}

event zeek_init() &priority=-10
	{
	install();
	}

# How often to look whether the filter is still what it should be.
const tracking_interval = 5 min;

event filter_change_tracking()
	{
	install();

	if ( ! zeek_is_terminating() )
		schedule tracking_interval { filter_change_tracking() };
	}

event zeek_init() &priority=-11
	{
	if ( reading_live_traffic() )
		schedule tracking_interval { filter_change_tracking() };
	}
