##! Weirds: what is strange in traffic and neither an attack nor an error of the monitor.  They are logged in weird.log, or
##! raise notices, as :bro:id:`Weird::actions` says.

@load base/frameworks/notice/main
@load base/utils/conn-ids

module Weird;

export {
	redef enum Log::ID += {
		## The log of weirds.
		LOG
	};

	## Decides which rows go into that log.
	global log_policy: Log::PolicyHook;

	redef enum Notice::Type += {
		## Something strange that is worth a notice.
		Activity
	};

	## A row of weird.log.
	type Info: record {
		## When it happened.
		ts: time &log;
		## Unique id of the connection, if it was on one.
		uid: string &log &optional;
		## Endpoints of that connection, or two hosts with ports of 0.
		id: conn_id &log &optional;
		## The connection.
		conn: connection &optional;
		## Its name.
		name: string &log;
		## More about it.
		addl: string &log &optional;
		## Whether it became a notice.
		notice: bool &log &default=F;
		## The instance that saw it.
		peer: string &log &optional &default=peer_description;
		## The analyzer that saw it.
		source: string &log &optional;
		## What makes it the same as another one of its name, such as the connection's endpoints.
		identifier: string &optional;
	};

	## What happens with a weird.
	type Action: enum {
		## Nothing was said of it.
		ACTION_UNSPECIFIED,
		## Nothing.
		ACTION_IGNORE,
		## It is logged each time.
		ACTION_LOG,
		## It is logged once.
		ACTION_LOG_ONCE,
		## It is logged once a connection.
		ACTION_LOG_PER_CONN,
		## It is logged once an originator.
		ACTION_LOG_PER_ORIG,
		## It is a notice each time.
		ACTION_NOTICE,
		## It is a notice once.
		ACTION_NOTICE_ONCE,
		## It is a notice once a connection.
		ACTION_NOTICE_PER_CONN,
		## It is a notice once an originator.
		ACTION_NOTICE_PER_ORIG
	};

	## What happens with each weird, by its name.
	const actions: table[string] of Action = {
		["above_hole_data_without_any_acks"] = ACTION_LOG,
		["active_connection_reuse"] = ACTION_LOG,
		["bad_HTTP_reply"] = ACTION_LOG,
		["bad_HTTP_version"] = ACTION_LOG,
		["bad_ICMP_checksum"] = ACTION_LOG_PER_ORIG,
		["bad_ident_port"] = ACTION_LOG,
		["bad_ident_reply"] = ACTION_LOG,
		["bad_ident_request"] = ACTION_LOG,
		["bad_IP_checksum"] = ACTION_LOG_PER_ORIG,
		["bad_rlogin_prolog"] = ACTION_LOG,
		["bad_RPC"] = ACTION_LOG_PER_ORIG,
		["bad_RPC_program"] = ACTION_LOG,
		["bad_rsh_prolog"] = ACTION_LOG,
		["bad_SYN_ack"] = ACTION_LOG,
		["bad_TCP_checksum"] = ACTION_LOG_PER_ORIG,
		["bad_TCP_header_len"] = ACTION_LOG,
		["bad_UDP_checksum"] = ACTION_LOG_PER_ORIG,
		["baroque_SYN"] = ACTION_LOG,
		["base64_illegal_encoding"] = ACTION_LOG,
		["connection_originator_SYN_ack"] = ACTION_LOG_PER_ORIG,
		["contentline_size_exceeded"] = ACTION_LOG,
		["crud_trailing_HTTP_request"] = ACTION_LOG,
		["data_after_reset"] = ACTION_LOG,
		["data_before_established"] = ACTION_LOG,
		["deficit_netbios_hdr_len"] = ACTION_LOG,
		["DNS_AAAA_neg_length"] = ACTION_LOG,
		["DNS_Conn_count_too_large"] = ACTION_LOG,
		["DNS_label_forward_compress_offset"] = ACTION_LOG_PER_ORIG,
		["DNS_label_len_gt_name_len"] = ACTION_LOG_PER_ORIG,
		["DNS_label_len_gt_pkt"] = ACTION_LOG_PER_ORIG,
		["DNS_label_too_long"] = ACTION_LOG_PER_ORIG,
		["DNS_NAME_too_long"] = ACTION_LOG,
		["DNS_RR_bad_length"] = ACTION_LOG,
		["DNS_RR_length_mismatch"] = ACTION_LOG,
		["DNS_RR_unknown_type"] = ACTION_LOG,
		["DNS_truncated_ans_too_short"] = ACTION_LOG,
		["DNS_truncated_len_lt_hdr_len"] = ACTION_LOG,
		["DNS_truncated_quest_too_short"] = ACTION_LOG,
		["DNS_truncated_RR_rdlength_lt_len"] = ACTION_LOG,
		["double_%_in_URI"] = ACTION_LOG,
		["excess_netbios_hdr_len"] = ACTION_LOG,
		["excess_RPC"] = ACTION_LOG_PER_ORIG,
		["excessive_data_without_further_acks"] = ACTION_LOG,
		["excessively_large_fragment"] = ACTION_LOG,
		["excessively_small_fragment"] = ACTION_LOG_PER_ORIG,
		["FIN_advanced_last_seq"] = ACTION_LOG,
		["FIN_after_reset"] = ACTION_IGNORE,
		["FIN_storm"] = ACTION_NOTICE_PER_ORIG,
		["fragment_inconsistency"] = ACTION_LOG_PER_ORIG,
		["fragment_overlap"] = ACTION_LOG_PER_ORIG,
		["fragment_protocol_inconsistency"] = ACTION_LOG,
		["fragment_size_inconsistency"] = ACTION_LOG_PER_ORIG,
		["fragment_with_DF"] = ACTION_LOG,
		["FTP_arg_too_long"] = ACTION_LOG_PER_CONN,
		["FTP_max_command_length_exceeded"] = ACTION_LOG_PER_CONN,
		["FTP_password_too_long"] = ACTION_LOG_PER_CONN,
		["FTP_reply_msg_too_long"] = ACTION_LOG_PER_CONN,
		["FTP_too_many_pending_commands"] = ACTION_LOG_PER_CONN,
		["FTP_user_too_long"] = ACTION_LOG_PER_CONN,
		["HTTP_bad_chunk_size"] = ACTION_LOG,
		["HTTP_chunked_transfer_for_multipart_message"] = ACTION_LOG,
		["HTTP_excessive_pipelining"] = ACTION_LOG,
		["HTTP_overlapping_messages"] = ACTION_LOG,
		["HTTP_response_before_request"] = ACTION_LOG,
		["HTTP_version_mismatch"] = ACTION_LOG,
		["ident_request_addendum"] = ACTION_LOG,
		["illegal_%_at_end_of_URI"] = ACTION_LOG,
		["inappropriate_FIN"] = ACTION_LOG,
		["incompletely_captured_fragment"] = ACTION_LOG,
		["inflate_failed"] = ACTION_LOG,
		["internally_truncated_header"] = ACTION_LOG,
		["invalid_irc_global_users_reply"] = ACTION_LOG,
		["irc_invalid_command"] = ACTION_LOG,
		["irc_invalid_dcc_message_format"] = ACTION_LOG,
		["irc_invalid_invite_message_format"] = ACTION_LOG,
		["irc_invalid_join_line"] = ACTION_LOG,
		["irc_invalid_kick_message_format"] = ACTION_LOG,
		["irc_invalid_line"] = ACTION_LOG,
		["irc_invalid_mode_message_format"] = ACTION_LOG,
		["irc_invalid_names_line"] = ACTION_LOG,
		["irc_invalid_njoin_line"] = ACTION_LOG,
		["irc_invalid_notice_message_format"] = ACTION_LOG,
		["irc_invalid_oper_message_format"] = ACTION_LOG,
		["irc_invalid_privmsg_message_format"] = ACTION_LOG,
		["irc_invalid_reply_number"] = ACTION_LOG,
		["irc_invalid_squery_message_format"] = ACTION_LOG,
		["irc_invalid_topic_reply"] = ACTION_LOG,
		["irc_invalid_who_line"] = ACTION_LOG,
		["irc_invalid_who_message_format"] = ACTION_LOG,
		["irc_invalid_whois_channel_line"] = ACTION_LOG,
		["irc_invalid_whois_message_format"] = ACTION_LOG,
		["irc_invalid_whois_operator_line"] = ACTION_LOG,
		["irc_invalid_whois_user_line"] = ACTION_LOG,
		["irc_line_size_exceeded"] = ACTION_LOG,
		["irc_line_too_short"] = ACTION_LOG,
		["irc_too_many_invalid"] = ACTION_LOG,
		["line_terminated_with_single_CR"] = ACTION_LOG,
		["line_terminated_with_single_LF"] = ACTION_LOG,
		["malformed_ssh_identification"] = ACTION_LOG,
		["malformed_ssh_version"] = ACTION_LOG,
		["multiple_HTTP_request_elements"] = ACTION_LOG,
		["netbios_client_session_reply"] = ACTION_LOG,
		["netbios_raw_session_msg"] = ACTION_LOG,
		["netbios_server_session_request"] = ACTION_LOG,
		["no_smb_session_using_parsesambamsg"] = ACTION_LOG,
		["NUL_in_line"] = ACTION_LOG,
		["originator_RPC_reply"] = ACTION_LOG_PER_ORIG,
		["partial_finger_request"] = ACTION_LOG,
		["partial_ftp_request"] = ACTION_LOG,
		["partial_ident_request"] = ACTION_LOG,
		["partial_RPC"] = ACTION_LOG_PER_ORIG,
		["pending_data_when_closed"] = ACTION_LOG,
		["pop3_bad_base64_encoding"] = ACTION_LOG,
		["pop3_client_command_unknown"] = ACTION_LOG,
		["pop3_client_sending_server_commands"] = ACTION_LOG,
		["pop3_malformed_auth_plain"] = ACTION_LOG,
		["pop3_server_command_unknown"] = ACTION_LOG,
		["pop3_server_sending_client_commands"] = ACTION_LOG,
		["possible_split_routing"] = ACTION_LOG,
		["premature_connection_reuse"] = ACTION_LOG,
		["repeated_SYN_reply_wo_ack"] = ACTION_LOG,
		["repeated_SYN_with_ack"] = ACTION_LOG,
		["responder_RPC_call"] = ACTION_LOG_PER_ORIG,
		["rlogin_text_after_rejected"] = ACTION_LOG,
		["RPC_pending_calls_discarded"] = ACTION_LOG,
		["RPC_rexmit_inconsistency"] = ACTION_LOG,
		["RPC_underflow"] = ACTION_LOG,
		["rsh_text_after_rejected"] = ACTION_LOG,
		["RST_storm"] = ACTION_LOG,
		["RST_with_data"] = ACTION_LOG,
		["simultaneous_open"] = ACTION_LOG_PER_CONN,
		["smb_andx_command_failed_to_parse"] = ACTION_LOG,
		["SMB_discarded_dce_rpc_analyzers"] = ACTION_LOG,
		["SMB_discarded_messages_state"] = ACTION_LOG,
		["SMB_parsing_error"] = ACTION_LOG,
		["smb_tree_connect_andx_response_without_tree"] = ACTION_LOG_PER_CONN,
		["smtp_excessive_invalid_mail_transactions"] = ACTION_LOG_PER_CONN,
		["smtp_mail_transaction_invalid"] = ACTION_LOG_PER_CONN,
		["spontaneous_FIN"] = ACTION_IGNORE,
		["spontaneous_RST"] = ACTION_IGNORE,
		["SSH_max_packet_length_exceeded"] = ACTION_LOG_PER_ORIG,
		["SSH_max_string_length_exceeded"] = ACTION_LOG_PER_ORIG,
		["SSL_many_server_names"] = ACTION_LOG,
		["successful_RPC_reply_to_invalid_request"] = ACTION_NOTICE_PER_ORIG,
		["SYN_after_close"] = ACTION_LOG,
		["SYN_after_partial"] = ACTION_NOTICE_PER_ORIG,
		["SYN_after_reset"] = ACTION_LOG,
		["SYN_inside_connection"] = ACTION_LOG,
		["SYN_seq_jump"] = ACTION_LOG,
		["SYN_with_data"] = ACTION_LOG_PER_ORIG,
		["TCP_christmas"] = ACTION_LOG,
		["TCP_scale_range"] = ACTION_LOG,
		["transaction_subcmd_missing"] = ACTION_LOG,
		["truncated_ARP"] = ACTION_LOG,
		["truncated_header"] = ACTION_LOG,
		["truncated_IP"] = ACTION_LOG,
		["truncated_NTP"] = ACTION_LOG,
		["UDP_datagram_length_mismatch"] = ACTION_LOG_PER_ORIG,
		["unescaped_%_in_URI"] = ACTION_LOG,
		["unescaped_special_URI_char"] = ACTION_LOG,
		["unexpected_client_HTTP_data"] = ACTION_LOG,
		["unexpected_multiple_HTTP_requests"] = ACTION_LOG,
		["unexpected_server_HTTP_data"] = ACTION_LOG,
		["unknown_HTTP_method"] = ACTION_LOG,
		["unknown_netbios_type"] = ACTION_LOG,
		["unmatched_HTTP_reply"] = ACTION_LOG,
		["unpaired_RPC_response"] = ACTION_LOG,
		["unsolicited_SYN_response"] = ACTION_IGNORE,
		["window_recision"] = ACTION_LOG,
	} &default=ACTION_LOG &redef;

	## Hosts that weirds are ignored for, together with the names of these.
	option ignore_hosts: set[addr, string] = {};

	## Weirds that are not ignored when they come again soon.
	option weird_do_not_ignore_repeats: set[string] = {
		"bad_IP_checksum", "bad_TCP_checksum", "bad_UDP_checksum", "bad_ICMP_checksum",
	};

	## Weirds, by name and identifier, that were seen lately and are ignored for a while.
	global weird_ignore: set[string, string] &create_expire=10 min &redef;

	## Weirds, by name and identifier, that became a notice and do so once only.
	global did_notice: set[string, string] &create_expire=1 day &redef;

	## Weirds, by name and identifier, that were logged and are so once only.
	global did_log: set[string, string] &create_expire=1 day &redef;

	## Weirds whose occurrences are counted over all connections together when they are sampled.
	option sampling_global_list: set[string] = {};

	## Weirds that are never sampled.
	option sampling_whitelist: set[string] = {};

	## How often a weird occurs, on a connection or between two hosts, before only a sample is passed on.
	option sampling_threshold: count = 25;

	## The sample: one in this many.  0: none.
	option sampling_rate: count = 1000;

	## How long a weird's occurrences are counted together.
	option sampling_duration = 10 min;

	## Handles a weird as :bro:id:`Weird::actions` says.
	##
	## w: the weird.
	global weird: function(w: Weird::Info);

	## Raised with every row of weird.log.
	global log_weird: event(rec: Info);
}

# Actions that are taken once.
const limiting_actions: set[Action] = {
	ACTION_LOG_ONCE, ACTION_LOG_PER_CONN, ACTION_LOG_PER_ORIG,
	ACTION_NOTICE_ONCE, ACTION_NOTICE_PER_CONN, ACTION_NOTICE_PER_ORIG,
};

# Actions that are notices.
const notice_actions: set[Action] = {
	ACTION_NOTICE, ACTION_NOTICE_ONCE, ACTION_NOTICE_PER_CONN, ACTION_NOTICE_PER_ORIG,
};

event zeek_init() &priority=5
	{
	Log::create_stream(Weird::LOG, Log::Stream($columns=Info, $ev=log_weird, $path="weird", $policy=log_policy));
	}

# Two hosts as an identifier.
function flow_id_string(src: addr, dst: addr): string
	{
	return fmt("%s -> %s", src, dst);
	}

# What an action that is taken once goes by.
function once_by(w: Weird::Info, action: Action): string
	{
	if ( action == ACTION_LOG_ONCE || action == ACTION_NOTICE_ONCE || ! w?$id )
		return "";

	if ( action == ACTION_LOG_PER_ORIG || action == ACTION_NOTICE_PER_ORIG )
		return fmt("%s", w$id$orig_h);

	return id_string(w$id);
	}

function weird(w: Weird::Info)
	{
	local action = actions[w$name];
	if ( action == ACTION_IGNORE )
		return;

	if ( w?$id && ([w$id$orig_h, w$name] in ignore_hosts || [w$id$resp_h, w$name] in ignore_hosts) )
		return;

	local identifier = w?$identifier ? w$identifier : "";
	if ( w$name !in weird_do_not_ignore_repeats )
		{
		if ( [w$name, identifier] in weird_ignore )
			return;
		add weird_ignore[w$name, identifier];
		}

	do_weird(w);
	}

# Takes the action of a weird that is not ignored.
function do_weird(w: Weird::Info)
	{
	local action = actions[w$name];

	if ( action in limiting_actions )
		{
		local key = once_by(w, action);
		local is_notice = action in notice_actions;
		if ( [w$name, key] in (is_notice ? did_notice : did_log) )
			return;
		if ( is_notice )
			add did_notice[w$name, key];
		else
			add did_log[w$name, key];
		}

	if ( action in notice_actions )
		{
		w$notice = T;
		local n = Notice::Info($note=Activity, $msg=w$name);
		if ( w?$conn )
			n$conn = w$conn;
		else
			{
			if ( w?$uid )
				n$uid = w$uid;
			if ( w?$id )
				n$id = w$id;
			}
		if ( w?$addl )
			n$sub = w$addl;
		NOTICE(n);
		}

	Log::write(Weird::LOG, w);
	}

# A weird with what all of them have.
function new_weird(name: string, identifier: string, addl: string, source: string): Info
	{
	local w = Info($ts=network_time(), $name=name, $identifier=identifier);
	if ( addl != "" )
		w$addl = addl;
	if ( source != "" )
		w$source = source;
	return w;
	}

event conn_weird(name: string, c: connection, addl: string, source: string)
	{
	local w = new_weird(name, id_string(c$id), addl, source);
	w$conn = c;
	w$uid = c$uid;
	w$id = c$id;
	weird(w);
	}

event expired_conn_weird(name: string, id: conn_id, uid: string, addl: string, source: string)
	{
	local w = new_weird(name, id_string(id), addl, source);
	w$uid = uid;
	w$id = id;
	weird(w);
	}

event flow_weird(name: string, src: addr, dst: addr, addl: string, source: string)
	{
	local w = new_weird(name, flow_id_string(src, dst), addl, source);
	w$id = conn_id($orig_h=src, $orig_p=count_to_port(0, unknown_transport),
	               $resp_h=dst, $resp_p=count_to_port(0, unknown_transport));
	weird(w);
	}

event net_weird(name: string, addl: string, source: string)
	{
	weird(new_weird(name, "", addl, source));
	}

event file_weird(name: string, f: fa_file, addl: string, source: string)
	{
	weird(new_weird(name, f$id, addl == "" ? f$id : fmt("%s: %s", f$id, addl), source));
	}
