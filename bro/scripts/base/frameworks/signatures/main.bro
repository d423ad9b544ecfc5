##! What is done about matches of signatures: rows of signatures.log, notices, and counts over many matches.
##!
##! Signatures that raise an event of their own (``event NAME "text"``) are none of this framework's business; it takes
##! those that raise :bro:see:`signature_match`.

@load base/frameworks/logging
@load base/frameworks/notice

## It is time to tell how often a signature matched.
##
## orig: the host whose traffic it matched in.
##
## id: the signature.
##
## msg: what the signature says.
global sig_summary: event(orig: addr, id: string, msg: string);

module Signatures;

export {
	redef enum Log::ID += {
		## The log of matches.
		LOG
	};

	redef enum Notice::Type += {
		## A signature matched that is worth a notice.
		Sensitive_Signature,
		## A host matched many signatures with one other host; see :bro:id:`Signatures::vert_scan_thresholds`.
		Multiple_Signatures,
		## A host matched one signature with many other hosts; see :bro:id:`Signatures::horiz_scan_thresholds`.
		Multiple_Sig_Responders,
		## A signature matched often for one responder; see :bro:id:`Signatures::count_thresholds`.
		Count_Signature,
		## How often a signature matched for an originator, told from time to time.
		Signature_Summary
	};

	## Decides which rows go into signatures.log.
	global log_policy: Log::PolicyHook;

	## What can be done about a match.
	type Action: enum {
		## Nothing at all, and it does not count for others either.
		SIG_IGNORE,
		## It only counts: neither a row nor a notice of its own.
		SIG_QUIET,
		## A row and a notice.
		SIG_LOG,
		## A row and a notice, but it does not count for scans.
		SIG_FILE_BUT_NO_SCAN,
		## A row and a notice that is an alarm.
		SIG_ALARM,
		## A row, and an alarm at the first match of an originator.
		SIG_ALARM_PER_ORIG,
		## A row, and an alarm at the very first match.
		SIG_ALARM_ONCE,
		## Matches are counted by responder; a row and a notice at each of :bro:id:`Signatures::count_thresholds`.
		SIG_COUNT_PER_RESP,
		## A row; how often it matched for an originator is told in each :bro:id:`Signatures::summary_interval`.
		SIG_SUMMARY
	};

	## A row of signatures.log.
	type Info: record {
		## When it matched.
		ts: time &log;
		## Unique id of the connection.
		uid: string &log &optional;
		## Who sent what matched.
		src_addr: addr &log &optional;
		## The sender's port.
		src_port: port &log &optional;
		## To whom.
		dst_addr: addr &log &optional;
		## The receiver's port.
		dst_port: port &log &optional;
		## The notice that goes with it.
		note: Notice::Type &log;
		## The signature.
		sig_id: string &log &optional;
		## What happened, for people.
		event_msg: string &log &optional;
		## What matched, or more about it.
		sub_msg: string &log &optional;
		## How many signatures, or matches.
		sig_count: count &log &optional;
		## How many hosts.
		host_count: count &log &optional;
	};

	## What is done about each signature, by its id.
	const actions: table[string] of Action = {
		["unspecified"] = SIG_IGNORE,
	} &redef &default=SIG_ALARM;

	## Signatures that never match as far as this framework is concerned.
	option ignored_ids = /NO_DEFAULT_MATCHES/;

	## Numbers of hosts at which a signature that matches for more and more of them is told of.
	const horiz_scan_thresholds: set[count] = { 5, 10, 50, 100, 500, 1000 };

	## Numbers of signatures at which two hosts that match more and more of them are told of.
	const vert_scan_thresholds: set[count] = { 5, 10, 50, 100, 500, 1000 };

	## Numbers of matches at which ``SIG_COUNT_PER_RESP`` tells of them.
	const count_thresholds: set[count] = { 5, 10, 50, 100, 500, 1000, 10000, 1000000 };

	## Time between two summaries.
	option summary_interval = 1 day;

	## Raised with every row of signatures.log.
	global log_signature: event(rec: Info);
}

# Bytes of the data that are kept with a match.
const data_shown = 140;

# Hosts a signature matched for, by sender and signature; forgotten a day after the first.
global horiz_table: table[addr, string] of set[addr] &create_expire=1 day;

# The threshold of it that was told last.
global last_hthresh: table[addr, string] of count &create_expire=1 day;

# Signatures that matched, by sender and receiver.
global vert_table: table[addr, addr] of set[string] &create_expire=1 day;
global last_vthresh: table[addr, addr] of count &create_expire=1 day;

# Matches by receiver and signature.
global count_per_resp: table[addr, string] of count &default=0 &create_expire=1 day;

# Alarms that were raised: once for all, and by sender.
global alarmed: set[string]; # no more than there are signatures  # lint: ignore B301
global alarmed_per_orig: set[addr, string] &create_expire=1 day;

# Matches by sender and signature since the last summary.
global count_per_orig: table[addr, string] of count &default=0 &create_expire=summary_interval + 1 hr;

# Tells of a sender's matches.

event zeek_init() &priority=5
	{
	Log::create_stream(LOG, Log::Stream($columns=Info, $ev=log_signature, $path="signatures", $policy=log_policy));
	}

# Tells of a sender that matches the same signature with more and more hosts, and of two hosts that match more and more
# signatures.
function count_scans(state: signature_state, src: addr, dst: addr, msg: string, _data: string)
	{
	local id = state$sig_id;

	if ( [src, id] !in horiz_table )
		horiz_table[src, id] = set();
	add horiz_table[src, id][dst];

	if ( [src, dst] !in vert_table )
		vert_table[src, dst] = set();
	add vert_table[src, dst][id];

	local hosts = |horiz_table[src, id]|;
	if ( hosts in horiz_scan_thresholds && ([src, id] !in last_hthresh || last_hthresh[src, id] < hosts) )
		{
		last_hthresh[src, id] = hosts;
		local h_msg = fmt("%s has triggered signature %s on %d hosts", src, id, hosts);
		Log::write(LOG, Info($ts=network_time(), $note=Multiple_Sig_Responders, $src_addr=src, $sig_id=id,
		                     $event_msg=msg, $host_count=hosts, $sub_msg=h_msg));
		NOTICE(Notice::Info($note=Multiple_Sig_Responders, $src=src, $msg=msg, $n=hosts, $sub=h_msg,
		                    $identifier=cat(src, id, hosts)));
		}

	local sigs = |vert_table[src, dst]|;
	if ( sigs in vert_scan_thresholds && ([src, dst] !in last_vthresh || last_vthresh[src, dst] < sigs) )
		{
		last_vthresh[src, dst] = sigs;
		local v_msg = fmt("%s has triggered %d different signatures on host %s", src, sigs, dst);
		Log::write(LOG, Info($ts=network_time(), $note=Multiple_Signatures, $src_addr=src, $dst_addr=dst, $sig_id=id,
		                     $sig_count=sigs, $event_msg=fmt("%s different signatures triggered", sigs),
		                     $sub_msg=v_msg));
		NOTICE(Notice::Info($note=Multiple_Signatures, $src=src, $dst=dst, $msg=v_msg, $n=sigs,
		                    $identifier=cat(src, dst, sigs)));
		}
	}

event signature_match(state: signature_state, msg: string, data: string)
	{
	local id = state$sig_id;
	local action = actions[id];

	if ( action == SIG_IGNORE || ignored_ids in id )
		return;

	local cid = state$conn$id;
	local src = state$is_orig ? cid$orig_h : cid$resp_h;
	local src_p = state$is_orig ? cid$orig_p : cid$resp_p;
	local dst = state$is_orig ? cid$resp_h : cid$orig_h;
	local dst_p = state$is_orig ? cid$resp_p : cid$orig_p;

	if ( |data| > data_shown )
		data = fmt("%s...", sub_bytes(data, 1, data_shown));

	local what = fmt("%s: %s", src, msg);
	local info = Info($ts=network_time(), $note=Sensitive_Signature, $uid=state$conn$uid, $src_addr=src,
	                  $src_port=src_p, $dst_addr=dst, $dst_port=dst_p, $sig_id=id, $event_msg=what, $sub_msg=data);
	local notice = F;
	local alarm = F;

	if ( action == SIG_COUNT_PER_RESP )
		{
		local matches = ++count_per_resp[dst, id];
		if ( matches in count_thresholds )
			{
			info$note = Count_Signature;
			info$sig_count = matches;
			info$sub_msg = fmt("%s: %d matches of signature %s", dst, matches, id);
			Log::write(LOG, info);
			NOTICE(Notice::Info($note=Count_Signature, $conn=state$conn, $msg=msg, $n=matches, $sub=info$sub_msg,
			                    $identifier=cat(dst, id, matches)));
			}
		}
	else if ( action != SIG_QUIET )
		Log::write(LOG, info);

	if ( action == SIG_LOG || action == SIG_FILE_BUT_NO_SCAN )
		notice = T;
	else if ( action == SIG_ALARM )
		alarm = T;
	else if ( action == SIG_ALARM_ONCE && id !in alarmed )
		{
		add alarmed[id];
		alarm = T;
		}
	else if ( action == SIG_ALARM_PER_ORIG && [src, id] !in alarmed_per_orig )
		{
		add alarmed_per_orig[src, id];
		alarm = T;
		}
	else if ( action == SIG_SUMMARY && ++count_per_orig[src, id] == 1 )
		schedule summary_interval { sig_summary(src, id, msg) };

	if ( notice || alarm )
		{
		local n = Notice::Info($note=Sensitive_Signature, $conn=state$conn, $src=src, $dst=dst, $msg=what, $sub=data);
		if ( alarm )
			add n$actions[Notice::ACTION_ALARM];
		NOTICE(n);
		}

	if ( action != SIG_FILE_BUT_NO_SCAN )
		count_scans(state, src, dst, msg, data);
	}

event sig_summary(orig: addr, id: string, msg: string)
	{
	local matches = count_per_orig[orig, id];
	if ( matches == 0 )
		return;

	# One match was told of by its row already.
	if ( matches > 1 )
		{
		local text = fmt("%s: %s", orig, msg);
		NOTICE(Notice::Info($note=Signature_Summary, $src=orig, $msg=text, $n=matches,
		                    $sub=fmt("%d times", matches)));
		}

	delete count_per_orig[orig, id];
	}
