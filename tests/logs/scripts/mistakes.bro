# Run-time errors say where they are, end their handler, and nothing else.
type Link: record { n: count &optional; next: Link &optional; };
global counts: table[string] of count;
global numbers: vector of count;

event unset() { local l: Link; print l$n; print "not this"; }
event unset_inside() { local l: Link; print l$next$n; }
event missing() { print counts["x"]; }
event outside() { print numbers[3]; }
event by_zero() { print 5 / |counts|; }
event below_zero() { local a: count = 3; print a - 5; }
event never_set() { local s: string; print s; }
event wrong_type() { local a: any = "x"; print a as count; }
event no_number() { print to_count("abc"); }
event unfounded() { assert |counts| == 2, "there are none"; }
event said() { Reporter::warning("a warning"); Reporter::error("an error"); Reporter::info("an info"); }

event new_connection(c: connection)
	{
	if ( c$id$resp_p == 80/tcp )
		print c$http$uri;
	}
event new_connection(c: connection) &priority=-1 { print "the next handler", c$id$resp_p; }

event network_time_init()  # those of zeek_init end the run
	{
	event unset(); event unset_inside(); event missing(); event outside(); event by_zero(); event below_zero();
	event never_set(); event wrong_type(); event no_number(); event unfounded(); event said();
	}
event zeek_done() { print "the end"; }
