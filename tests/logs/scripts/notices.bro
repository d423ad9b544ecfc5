# A stream of its own, fields added to others, notices with suppression, the weird log's actions and sampling.
redef enum Log::ID += { TALKERS };
redef enum Notice::Type += { Talks, Again };
redef record connection += { visits: count &default=0; };
redef record Conn::Info += { visits: count &optional &log; marks: set[string] &log &default=set(); nets: vector of subnet &log &optional; };
redef record HTTP::Info += { seen: string &log &optional; };

type Part: record { n: count &log; hidden: string; host: addr &log &optional; };
type Talker: record {
	ts: time &log; id: conn_id &log; part: Part &log; note: Notice::Type &log; old: bool &log &default=F;
	ports: set[port] &log &optional; ago: interval &log &optional; what: pattern &log &optional;
};
global log_talker: event(rec: Talker);
global talkers_policy: Log::PolicyHook;
global n = 0;

redef Weird::sampling_threshold = 2;
redef Weird::sampling_rate = 5;
redef Weird::sampling_whitelist += { "always" };
redef Weird::actions += {
	["odd"] = Weird::ACTION_NOTICE, ["ignored"] = Weird::ACTION_IGNORE, ["per_orig"] = Weird::ACTION_NOTICE_PER_ORIG,
	["once"] = Weird::ACTION_LOG_ONCE, ["per_conn"] = Weird::ACTION_LOG_PER_CONN,
};

event zeek_init() { Log::create_stream(TALKERS, [$columns=Talker, $path="talkers", $ev=log_talker, $policy=talkers_policy]); }
hook talkers_policy(rec: Talker, id: Log::ID, filter: Log::Filter) { if ( rec$part$n == 3 ) break; }
event log_talker(rec: Talker) { print "talker", rec$part; }

event connection_state_remove(c: connection) &priority=3
	{
	++n;
	c$visits += 2;
	c$conn$visits = c$visits;
	add c$conn$marks["a,b"];
	add c$conn$marks["\xff\t"];
	c$conn$nets = vector(10.0.0.0/8, [2001:db8::]/32);
	Log::write(TALKERS, [$ts=network_time(), $id=c$id, $part=[$n=n, $hidden="x", $host=c$id$orig_h], $note=Talks,
	                     $ports=set(80/tcp, 53/udp), $ago=1.5min, $what=/a|b/]);
	}

event http_reply(c: connection, version: string, code: count, reason: string)
	{
	c$http$seen = fmt("%d\t%s", code, reason);
	NOTICE([$note=Talks, $msg=fmt("%s asks", c$id$orig_h), $sub=c$http$uri, $conn=c, $identifier=cat(c$id$orig_h), $suppress_for=1hr, $n=3]);
	NOTICE([$note=Again, $msg="each time", $src=c$id$orig_h]);
	}

event Notice::suppressed(n: Notice::Info) { print "suppressed", n$note, n$sub; }
event Notice::begin_suppression(ts: time, suppress_for: interval, note: Notice::Type, identifier: string) { print "begin", suppress_for, note, identifier; }
hook Notice::policy(n: Notice::Info) { if ( n$note == Again ) add n$actions[Notice::ACTION_ALARM]; }

event conn_weird(name: string, c: connection, addl: string, source: string) { print "conn_weird", name, addl, source; }
event tcp_packet(c: connection, is_orig: bool, flags: string, seq: count, ack: count, len: count, payload: string)
	{
	for ( i in vector("odd", "ignored", "per_orig", "once", "per_conn", "always") )
		Reporter::conn_weird(vector("odd", "ignored", "per_orig", "once", "per_conn", "always")[i], c, flags, "script");
	Reporter::flow_weird("flow", c$id$orig_h, c$id$resp_h);
	Reporter::net_weird("net");
	}
event zeek_done() { print Reporter::get_weird_sampling_threshold(), Reporter::get_weird_sampling_rate(); }
