# Options that change, and scripts that were written for clusters.
module Visits;
export {
	option most: count = 5;
	option nets: set[subnet] = { 10.0.0.0/8 };
	option names: vector of string = vector("a");
	option word: pattern = /x/;
	option span: interval = 5min;
	option ends: set[addr, port] = {};
	global seen: event(h: addr);
}

function doubled(ID: string, value: count): count { return 2 * value; }
event Config::log_config(rec: Config::Info) { print rec$id, rec$new_value; }

event zeek_init()
	{
	Option::set_change_handler("Visits::most", doubled);
	print Config::set_value("Visits::most", 7, "a script"), most;
	print Config::set_value("Visits::nets", set(1.0.0.0/8, 2.0.0.0/8)), nets;
	print Config::set_value("Visits::names", vector("x", "y")), names;
	print Config::set_value("Visits::word", /y/), Config::set_value("Visits::span", 1sec);
	print Config::set_value("Visits::ends", set([1.2.3.4, 80/tcp])), ends;
	}
event network_time_init()  # errors in zeek_init end the run
	{
	print Config::set_value("Visits::most", "many"), Config::set_value("Visits::least", 5), most;
	}

@if ( ! Cluster::is_enabled() || Cluster::local_node_type() == Cluster::WORKER )
event new_connection(c: connection)
	{
	if ( ! Cluster::publish(Cluster::manager_topic, Visits::seen, c$id$orig_h) )
		event Visits::seen(c$id$orig_h);
	}
@endif

@if ( ! Cluster::is_enabled() || Cluster::local_node_type() == Cluster::MANAGER )
event Visits::seen(h: addr) { print "seen", h; }
@endif
