##! The log of DNS: a row for every query with what was answered to it, in dns.log.
##!
##! Queries and replies are matched by their transaction.  What stays alone is logged when its connection ends.

@load base/frameworks/analyzer
@load base/frameworks/logging
@load base/protocols/conn/removal-hooks
@load base/utils/queue
@load ./consts

module DNS;

export {
	redef enum Log::ID += {
		## The log of DNS.
		LOG
	};

	## Decides which rows go into that log.
	global log_policy: Log::PolicyHook;

	## A row of dns.log.
	type Info: record {
		## When the query was seen, or the reply if there was no query.
		ts: time &log;
		## Unique id of the connection.
		uid: string &log;
		## Endpoints of the connection.
		id: conn_id &log;
		## What it was transported by.
		proto: transport_proto &log;
		## Number that the client gave the transaction.
		trans_id: count &log &optional;
		## Time from the query to the first reply with an answer.
		rtt: interval &log &optional;
		## What was asked for.
		query: string &log &optional;
		## Class that was asked for.
		qclass: count &log &optional;
		## Its name.
		qclass_name: string &log &optional;
		## Type of records that was asked for.
		qtype: count &log &optional;
		## Its name.
		qtype_name: string &log &optional;
		## Result of the query.
		rcode: count &log &optional;
		## Its name.
		rcode_name: string &log &optional;
		## Whether the answer is the authority's own.
		AA: bool &log &default=F;
		## Whether the message was cut to fit the transport.
		TC: bool &log &default=F;
		## Whether recursion was asked for.
		RD: bool &log &default=F;
		## Whether the server offers recursion.
		RA: bool &log &default=F;
		## The three bits of the query's header behind these: one reserved, and AD and CD of DNSSEC.
		Z: count &log &default=0;
		## The answers.
		answers: vector of string &log &optional;
		## How long each of them may be cached.
		TTLs: vector of interval &log &optional;
		## Whether the reply had no record of any kind.
		rejected: bool &log &default=F;
		## What the message was for.
		opcode: count &log &optional;
		## Its name.
		opcode_name: string &log &optional;

		## Records in the answer section of the reply.
		total_answers: count &optional;
		## Records in all sections of the reply.
		total_replies: count &optional;
		## Whether the query was seen.
		saw_query: bool &default=F;
		## Whether a reply was seen.
		saw_reply: bool &default=F;
	};

	## Raised with every row of dns.log.
	global log_dns: event(rec: DNS::Info);

	## Takes a record out of a reply: what is to be logged of it.  A ``break`` leaves it out.
	##
	## c: the connection.
	##
	## msg: the message's header.
	##
	## ans: what all records have; only those of the answer section are logged.
	##
	## reply: the record's data as text; empty if there is nothing to be said of it.
	global do_reply: hook(c: connection, msg: dns_msg, ans: dns_answer, reply: string);

	## Finds out what a message belongs to, and sets ``c$dns`` to that.
	##
	## c: the connection.
	##
	## msg: the message's header.
	##
	## is_query: whether it is a query rather than a reply.
	global set_session: hook(c: connection, msg: dns_msg, is_query: bool);

	## Messages that wait for their counterpart, by transaction and in order.
	type PendingMessages: table[count] of Queue::Queue;

	## Queries and replies of one transaction that wait for their counterpart at most.  With more, all of them are
	## logged as they are.
	option max_pending_msgs = 50;

	## Transactions of a connection that wait for their counterpart at most.  With more, all of them are logged as they
	## are.
	option max_pending_query_ids = 50;

	## What is open on a connection.
	type State: record {
		## The query that waits while it is the only one: the usual case, without a queue.
		pending_query: Info &optional;
		## Further queries without a reply.
		pending_queries: PendingMessages &optional;
		## Replies without a query.
		pending_replies: PendingMessages &optional;
	};

	## Logs what is open when a connection ends.
	global finalize_dns: Conn::RemovalHook;
}

redef record connection += {
	## What the current message belongs to.
	dns: Info &optional;
	## What else is open.
	dns_state: State &optional;
};

export {
	## Where DNS is expected.
	const ports = { 53/udp, 53/tcp, 137/udp, 5353/udp, 5355/udp } &redef;
}

redef likely_server_ports += { ports };

event zeek_init() &priority=5
	{
	Log::create_stream(DNS::LOG, Log::Stream($columns=Info, $ev=log_dns, $path="dns", $policy=log_policy));
	Analyzer::register_for_ports(Analyzer::ANALYZER_DNS, ports);
	}

## Begins a row.
##
## c: the connection.
##
## trans_id: the transaction.
##
## Returns: the row.
function new_session(c: connection, trans_id: count): Info
	{
	return Info($ts=network_time(), $uid=c$uid, $id=c$id, $proto=get_port_transport_proto(c$id$resp_p),
	            $trans_id=trans_id);
	}

## Logs all messages of one transaction.
##
## q: the messages.
function log_unmatched_msgs_queue(q: Queue::Queue)
	{
	while ( Queue::len(q) > 0 )
		Log::write(DNS::LOG, Queue::get(q) as Info);
	}

## Logs messages that no counterpart came for.
##
## msgs: the messages; none is left there.
function log_unmatched_msgs(msgs: PendingMessages)
	{
	for ( _, q in msgs )
		log_unmatched_msgs_queue(q);

	clear_table(msgs);
	}

## Lets a message wait for its counterpart.
##
## msgs: where it waits.
##
## id: the transaction.
##
## msg: its row.
function enqueue_new_msg(msgs: PendingMessages, id: count, msg: Info)
	{
	if ( id !in msgs )
		{
		if ( |msgs| > max_pending_query_ids )
			{
			event conn_weird("dns_unmatched_query_id_quantity", lookup_connection(msg$id), "", "");
			log_unmatched_msgs(msgs);
			}

		msgs[id] = Queue::init();
		}
	else if ( Queue::len(msgs[id]) > max_pending_msgs )
		{
		event conn_weird("dns_unmatched_msg_quantity", lookup_connection(msg$id), "", "");
		log_unmatched_msgs_queue(msgs[id]);
		}

	Queue::put(msgs[id], msg);
	}

## Takes out the message that waits longest in a transaction.
##
## msgs: where it waits.
##
## id: the transaction, which must be there.
##
## Returns: its row.
function pop_msg(msgs: PendingMessages, id: count): Info
	{
	local msg = Queue::get(msgs[id]) as Info;

	if ( Queue::len(msgs[id]) == 0 )
		delete msgs[id];

	return msg;
	}

# Logs the row of a transaction that both sides of were seen.
function log_matched(c: connection)
	{
	if ( ! c?$dns || ! c$dns$saw_query || ! c$dns$saw_reply )
		return;

	Log::write(DNS::LOG, c$dns);
	delete c$dns;
	}

# Finds the row a query belongs to.
function query_session(c: connection, state: State, id: count)
	{
	# The reply may have been captured before its query.
	if ( state?$pending_replies && id in state$pending_replies )
		{
		c$dns = pop_msg(state$pending_replies, id);
		return;
		}

	c$dns = new_session(c, id);

	# Queries of a transaction are answered in their order: none overtakes those that queue.
	if ( ! state?$pending_query && ( ! state?$pending_queries || id !in state$pending_queries ) )
		{
		state$pending_query = c$dns;
		return;
		}

	if ( ! state?$pending_queries )
		state$pending_queries = table();

	enqueue_new_msg(state$pending_queries, id, c$dns);
	}

# Finds the row a reply belongs to.
function reply_session(c: connection, state: State, id: count)
	{
	if ( state?$pending_query && state$pending_query$trans_id == id )
		{
		c$dns = state$pending_query;
		delete state$pending_query;
		return;
		}

	if ( state?$pending_queries && id in state$pending_queries )
		{
		c$dns = pop_msg(state$pending_queries, id);
		return;
		}

	c$dns = new_session(c, id);

	if ( ! state?$pending_replies )
		state$pending_replies = table();

	enqueue_new_msg(state$pending_replies, id, c$dns);
	}

hook set_session(c: connection, msg: dns_msg, is_query: bool) &priority=5
	{
	# A message that could not be read to its end.
	log_matched(c);

	if ( ! c?$dns_state )
		{
		c$dns_state = State();
		Conn::register_removal_hook(c, finalize_dns);
		}

	if ( is_query )
		query_session(c, c$dns_state, msg$id);
	else
		reply_session(c, c$dns_state, msg$id);

	local info = c$dns;

	if ( ! info?$opcode )
		{
		info$opcode = msg$opcode;
		info$opcode_name = msg$is_netbios ? netbios_opcodes[msg$opcode] : opcodes[msg$opcode];
		}

	if ( is_query )
		{
		info$saw_query = T;
		return;
		}

	info$saw_reply = T;
	info$rcode = msg$rcode;
	info$rcode_name = base_errors[msg$rcode];
	info$total_answers = msg$num_answers;
	info$total_replies = msg$num_answers + msg$num_auth + msg$num_addl;
	}

event dns_message(c: connection, is_orig: bool, msg: dns_msg, len: count) &priority=5
	{
	hook set_session(c, msg, ! msg$QR);
	}

hook DNS::do_reply(c: connection, msg: dns_msg, ans: dns_answer, reply: string) &priority=5
	{
	if ( ! c?$dns || ! msg$QR || ans$answer_type != DNS_ANS )
		return;

	local info = c$dns;
	info$AA = msg$AA;
	info$RA = msg$RA;

	if ( ! info?$rtt && info$saw_query )
		{
		local rtt = network_time() - info$ts;
		if ( rtt > 0 secs )
			info$rtt = rtt;
		}

	# A reply repeats the question, but need not (multicast DNS does not).
	if ( ! info?$query )
		info$query = ans$query;

	if ( reply == "" )
		return;

	if ( ! info?$answers )
		{
		info$answers = vector();
		info$TTLs = vector();
		}

	info$answers += reply;
	info$TTLs += ans$TTL;
	}

event dns_end(c: connection, msg: dns_msg) &priority=-5
	{
	log_matched(c);
	}

event dns_request(c: connection, msg: dns_msg, query: string, qtype: count, qclass: count, original_query: string)
	&priority=5
	{
	if ( ! c?$dns )
		return;

	local info = c$dns;
	info$RD = msg$RD;
	info$TC = msg$TC;
	info$Z = msg$Z;
	info$qclass = qclass;
	info$qclass_name = classes[qclass];
	info$qtype = qtype;
	info$qtype_name = query_types[qtype];

	# Names of NetBIOS are encoded in letters, two for each of their 16 bytes, of which the last tells their kind.
	if ( c$id$resp_p == 137/udp )
		query = decode_netbios_name(query);

	info$query = query;
	}

event dns_rejected(c: connection, msg: dns_msg, query: string, qtype: count, qclass: count, original_query: string)
	&priority=5
	{
	if ( c?$dns )
		c$dns$rejected = T;
	}

event dns_unknown_reply(c: connection, msg: dns_msg, ans: dns_answer) &priority=5
	{
	hook DNS::do_reply(c, msg, ans, fmt("<unknown type=%s>", ans$qtype));
	}

event dns_A_reply(c: connection, msg: dns_msg, ans: dns_answer, a: addr) &priority=5
	{
	hook DNS::do_reply(c, msg, ans, cat(a));
	}

event dns_AAAA_reply(c: connection, msg: dns_msg, ans: dns_answer, a: addr) &priority=5
	{
	hook DNS::do_reply(c, msg, ans, cat(a));
	}

event dns_A6_reply(c: connection, msg: dns_msg, ans: dns_answer, a: addr) &priority=5
	{
	hook DNS::do_reply(c, msg, ans, cat(a));
	}

event dns_NS_reply(c: connection, msg: dns_msg, ans: dns_answer, name: string) &priority=5
	{
	hook DNS::do_reply(c, msg, ans, name);
	}

event dns_CNAME_reply(c: connection, msg: dns_msg, ans: dns_answer, name: string) &priority=5
	{
	hook DNS::do_reply(c, msg, ans, name);
	}

event dns_PTR_reply(c: connection, msg: dns_msg, ans: dns_answer, name: string) &priority=5
	{
	hook DNS::do_reply(c, msg, ans, name);
	}

event dns_MX_reply(c: connection, msg: dns_msg, ans: dns_answer, name: string, preference: count) &priority=5
	{
	hook DNS::do_reply(c, msg, ans, name);
	}

event dns_SOA_reply(c: connection, msg: dns_msg, ans: dns_answer, soa: dns_soa) &priority=5
	{
	hook DNS::do_reply(c, msg, ans, soa$mname);
	}

event dns_WKS_reply(c: connection, msg: dns_msg, ans: dns_answer) &priority=5
	{
	hook DNS::do_reply(c, msg, ans, "");
	}

event dns_SRV_reply(c: connection, msg: dns_msg, ans: dns_answer, target: string, priority: count, weight: count,
                    p: count) &priority=5
	{
	hook DNS::do_reply(c, msg, ans, target);
	}

# Every string of a text with its length, so that where one ends can be told.
function describe_strings(kind: string, strs: string_vec): string
	{
	local text = "";

	for ( _, str in strs )
		text += fmt("%s%s %d %s", text == "" ? "" : " ", kind, |str|, str);

	return text;
	}

event dns_TXT_reply(c: connection, msg: dns_msg, ans: dns_answer, strs: string_vec) &priority=5
	{
	hook DNS::do_reply(c, msg, ans, describe_strings("TXT", strs));
	}

event dns_SPF_reply(c: connection, msg: dns_msg, ans: dns_answer, strs: string_vec) &priority=5
	{
	hook DNS::do_reply(c, msg, ans, describe_strings("SPF", strs));
	}

event dns_NAPTR_reply(c: connection, msg: dns_msg, ans: dns_answer, naptr: dns_naptr_rr) &priority=5
	{
	local text = fmt("NAPTR %d %d", naptr$order, naptr$preference);

	for ( _, part in vector(naptr$flags, naptr$service, naptr$regexp, naptr$replacement) )
		if ( part != "" )
			text += " " + part;

	hook DNS::do_reply(c, msg, ans, text);
	}

event dns_RRSIG(c: connection, msg: dns_msg, ans: dns_answer, rrsig: dns_rrsig_rr) &priority=5
	{
	local signer = rrsig$signer_name == "" ? "<Root>" : rrsig$signer_name;
	hook DNS::do_reply(c, msg, ans, fmt("RRSIG %d %s", rrsig$type_covered, signer));
	}

event dns_DNSKEY(c: connection, msg: dns_msg, ans: dns_answer, dnskey: dns_dnskey_rr) &priority=5
	{
	hook DNS::do_reply(c, msg, ans, fmt("DNSKEY %d", dnskey$algorithm));
	}

event dns_NSEC(c: connection, msg: dns_msg, ans: dns_answer, next_name: string, bitmaps: string_vec) &priority=5
	{
	hook DNS::do_reply(c, msg, ans, fmt("NSEC %s %s", ans$query, next_name));
	}

event dns_NSEC3(c: connection, msg: dns_msg, ans: dns_answer, nsec3: dns_nsec3_rr) &priority=5
	{
	hook DNS::do_reply(c, msg, ans, "NSEC3");
	}

event dns_NSEC3PARAM(c: connection, msg: dns_msg, ans: dns_answer, nsec3param: dns_nsec3param_rr) &priority=5
	{
	hook DNS::do_reply(c, msg, ans, "NSEC3PARAM");
	}

event dns_DS(c: connection, msg: dns_msg, ans: dns_answer, ds: dns_ds_rr) &priority=5
	{
	hook DNS::do_reply(c, msg, ans, fmt("DS %d %d", ds$algorithm, ds$digest_type));
	}

event dns_BINDS(c: connection, msg: dns_msg, ans: dns_answer, binds: dns_binds_rr) &priority=5
	{
	hook DNS::do_reply(c, msg, ans, "BIND9 signing signal");
	}

event dns_SSHFP(c: connection, msg: dns_msg, ans: dns_answer, algo: count, fptype: count, fingerprint: string)
	&priority=5
	{
	hook DNS::do_reply(c, msg, ans, fmt("SSHFP: %s", bytestring_to_hexstr(fingerprint)));
	}

event dns_LOC(c: connection, msg: dns_msg, ans: dns_answer, loc: dns_loc_rr) &priority=5
	{
	hook DNS::do_reply(c, msg, ans, fmt("LOC:  %d %d %d", loc$size, loc$horiz_pre, loc$vert_pre));
	}

hook finalize_dns(c: connection)
	{
	if ( ! c?$dns_state )
		return;

	log_matched(c);
	local state = c$dns_state;

	if ( state?$pending_query )
		{
		Log::write(DNS::LOG, state$pending_query);
		delete state$pending_query;
		}

	if ( state?$pending_queries )
		log_unmatched_msgs(state$pending_queries);

	if ( state?$pending_replies )
		log_unmatched_msgs(state$pending_replies);

	delete c$dns;
	}
