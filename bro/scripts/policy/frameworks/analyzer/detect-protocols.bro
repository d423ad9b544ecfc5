##! Notices for protocols on ports where they are not expected, and for the servers behind them.
##!
##! A connection is looked at once it has gone on for a while, or ends: what was confirmed of it only by mistake is known by
##! then.

@load base/frameworks/analyzer
@load base/frameworks/notice
@load base/protocols/conn/removal-hooks
@load base/utils/conn-ids
@load base/utils/directions-and-hosts
@load base/utils/site

module ProtocolDetector;

export {
	redef enum Notice::Type += {
		## A connection speaks a protocol that is not usual on its port.
		Protocol_Found,
		## A host serves a protocol on a port where that is not usual; once for each.
		Server_Found
	};

	## Seconds after which a connection is looked at, and between two looks.
	const check_interval = 5 secs &redef;

	## A connection that lasts longer is told of.
	option minimum_duration = 30 secs;

	## One that carries more bytes is told of as well.
	option minimum_volume = 4e3;

	## Where a server is, seen from the site.
	type dir: enum {
		## Nowhere.
		NONE,
		## Connections come in.
		INCOMING,
		## Connections go out.
		OUTGOING,
		## Either.
		BOTH
	};

	## Protocols that are right on a server's port, and in which direction; the address 0.0.0.0 stands for any.
	option valids: table[AllAnalyzers::Tag, addr, port] of dir = {};

	## Protocols whose servers, once they were found, are not told of for each connection.
	option suppress_servers: set[AllAnalyzers::Tag] = {};

	## The servers that were found: address, port and protocol, with what was found in the protocol.
	global servers: table[addr, port, string] of set[string] &read_expire=14 days;

	## Looks at a connection when it ends.
	global finalize_protocol_detection: Conn::RemovalHook;

	## Lets other scripts say what was found within a protocol, such as a kind of file sharing in HTTP.
	global found_protocol: function(c: connection, atype: AllAnalyzers::Tag, protocol: string);
}

# What a connection speaks: the analyzers that were confirmed.
global conns: table[conn_id] of set[AllAnalyzers::Tag] &create_expire=1 day;

# What was found within the protocols of a connection.
global protocols: table[conn_id, AllAnalyzers::Tag] of set[string] &create_expire=1 day;

global check_connection: event(c: connection);

# A protocol with what was found in it.
type protocol: record {
	a: string;	# the analyzer's name
	sub: string;	# what was found in it
};

function get_protocol(c: connection, a: AllAnalyzers::Tag): protocol
	{
	local sub = [c$id, a] in protocols ? join_string_set(protocols[c$id, a], ",") : "";
	return protocol($a=Analyzer::name(a), $sub=sub);
	}

function fmt_protocol(p: protocol): string
	{
	return p$sub == "" ? p$a : fmt("%s (via %s)", p$sub, p$a);
	}

# Whether a protocol is right where it was found.
function is_valid(c: connection, a: AllAnalyzers::Tag, d: dir): bool
	{
	local resp_p = c$id$resp_p;

	for ( host in set(c$id$resp_h, 0.0.0.0) )
		if ( [a, host, resp_p] in valids )
			{
			local allowed = valids[a, host, resp_p];
			if ( allowed == BOTH || allowed == d )
				return T;
			}

	return F;
	}

# The parameters have the names that callers may give.  # lint: ignore B404
function do_notice(c: connection, a: AllAnalyzers::Tag, d: dir)
	{
	local p = get_protocol(c, a);
	local host = c$id$resp_h;
	local resp_p = c$id$resp_p;
	local name = fmt_protocol(p);

	if ( [host, resp_p, p$a] in servers && p$sub in servers[host, resp_p, p$a] )
		{
		if ( a in suppress_servers )
			return;
		}
	else
		{
		if ( [host, resp_p, p$a] !in servers )
			servers[host, resp_p, p$a] = set();
		add servers[host, resp_p, p$a][p$sub];

		local msg = fmt("%s: %s server on port %s", host, name, resp_p);
		NOTICE(Notice::Info($note=Server_Found, $msg=msg, $conn=c, $sub=p$sub,
		                    $identifier=cat(host, resp_p, p$a, p$sub)));
		}

	NOTICE(Notice::Info($note=Protocol_Found, $msg=fmt("%s %s on port %s", id_string(c$id), name, c$id$resp_p),
	                    $sub=name, $conn=c, $identifier=cat(c$uid, p$a, p$sub)));
	}

function report_protocols(c: connection)
	{
	if ( c$id !in conns )
		return;

	# A connection that carried hardly anything says little.
	if ( c$duration < minimum_duration && c$orig$size + c$resp$size < double_to_count(minimum_volume) )
		return;

	local d = NONE;
	if ( Site::is_local_addr(c$id$resp_h) )
		d = INCOMING;
	else if ( Site::is_local_addr(c$id$orig_h) )
		d = OUTGOING;

	for ( a in conns[c$id] )
		{
		if ( ! is_valid(c, a, d) )
			do_notice(c, a, d);

		if ( [c$id, a] in protocols )
			delete protocols[c$id, a];
		}

	delete conns[c$id];
	}

event ProtocolDetector::check_connection(c: connection)
	{
	if ( c$id !in conns )
		return;

	report_protocols(c);

	if ( c$id in conns && connection_exists(c$id) )
		schedule check_interval { ProtocolDetector::check_connection(c) };
	}

hook finalize_protocol_detection(c: connection)
	{
	report_protocols(c);
	delete conns[c$id];
	}

# Whether the analyzer was registered for the connection's port.
function is_usual(c: connection, a: AllAnalyzers::Tag): bool
	{
	return c$id$resp_p in Analyzer::registered_ports(a);
	}

event analyzer_confirmation_info(atype: AllAnalyzers::Tag, info: AnalyzerConfirmationInfo)
	{
	if ( ! info?$c || ! is_protocol_analyzer(atype) || is_usual(info$c, atype) )
		return;

	local c = info$c;
	if ( c$id !in conns )
		{
		conns[c$id] = set();
		Conn::register_removal_hook(c, finalize_protocol_detection);
		schedule check_interval { ProtocolDetector::check_connection(c) };
		}

	add conns[c$id][atype];
	}

event analyzer_violation_info(atype: AllAnalyzers::Tag, info: AnalyzerViolationInfo)
	{
	if ( info?$c && info$c$id in conns )
		delete conns[info$c$id][atype];
	}

function found_protocol(c: connection, atype: AllAnalyzers::Tag, protocol: string)
	{
	if ( [c$id, atype] !in protocols )
		protocols[c$id, atype] = set();

	add protocols[c$id, atype][protocol];
	}
