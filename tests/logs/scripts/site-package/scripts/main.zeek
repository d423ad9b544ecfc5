##! A package as they are published: a log, a function to be replaced, an option, ports.

module Talk;

@ifdef ( SSL::Info )
const encrypted = T;
@else
const encrypted = F;
@endif

@if ( Version::at_least("4.0.0") && ! Cluster::is_enabled() )
const alone = T;
@else
const alone = F;
@endif

export {
	redef enum Log::ID += { LOG };

	## What is logged of a conversation.
	type Info: record {
		ts: time &log &default=network_time();
		uid: string &log;
		id: conn_id &log;
		proto: transport_proto &log &optional;
		len: count &log &default=0;
		kind: string &log &optional;
	};

	type Level: enum { LOW = 1, HIGH = 10 };

	const ports = { 8000/tcp, 8080/tcp } &redef;
	option level: Level = LOW;
	global log_policy: Log::PolicyHook;
	global finalize_talk: Conn::RemovalHook;
	global classify: function(c: connection): string &redef;
}

redef record connection += {
	talk: Info &optional;
};

redef likely_server_ports += { ports };

function classify(c: connection): string
	{
	return "unknown";
	}

event zeek_init() &priority=5
	{
	Log::create_stream(Talk::LOG, [$columns=Info, $path="talk", $policy=log_policy]);
	Analyzer::register_for_ports(Analyzer::ANALYZER_HTTP, ports);
	print encrypted, alone, level, enum_to_int(level), Version::info$major >= 4;
	}

hook set_session(c: connection)
	{
	if ( c?$talk )
		return;
	c$talk = Info($uid=c$uid, $id=c$id);
	Conn::register_removal_hook(c, finalize_talk);
	}

@if ( Version::number >= 20600 )
event connection_established(c: connection) &priority=1
@else
event connection_established(c: connection)
@endif
	{
	hook set_session(c);
	c$talk$proto = get_port_transport_proto(c$id$resp_p);
	}

hook finalize_talk(c: connection)
	{
	c$talk$len = c$resp$size;
	c$talk$kind = classify(c);
	Log::write(LOG, c$talk);
	delete c$talk;
	}
