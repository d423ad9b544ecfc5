"""Names that older versions of the language had, and what took their place: for hints."""

from __future__ import annotations

_FROM_0 = "whose parts count from 0, not from 1"

#: By the former name, what to tell whoever uses it.
_HINTS = {
    "Broker::auto_publish": "events are published where they are raised, by Cluster::publish()",
    "Broker::auto_unpublish": "events are published where they are raised, by Cluster::publish()",
    "Broker::publish_and_relay": "write Cluster::publish() where the event is to go on",
    "Broker::relay": "write Cluster::publish() where the event is to go on",
    "cat_string_array": "write join_string_vec()",
    "decode_base64_custom": "write decode_base64(), which takes the alphabet as its second argument",
    "encode_base64_custom": "write encode_base64(), which takes the alphabet as its second argument",
    "join_string_array": "write join_string_vec()",
    "sort_string_array": "write sort(), for a vector of string",
    "split": f"write split_string(), {_FROM_0}",
    "split1": f"write split_string1(), {_FROM_0}",
    "split_all": f"write split_string_all(), {_FROM_0}",
    "split_n": f"write split_string_n(), {_FROM_0}",
    "str_split": f"write str_split_indices(), {_FROM_0}",
    "dpd_config": "ports are given by Analyzer::register_for_ports() in zeek_init",
    "Communication::nodes": "write Cluster::nodes, or Broker::peer()",
    "Communication::listen_port": "write Broker::listen()",
    "enable_communication": "write Broker::listen() or Broker::peer()",
    "terminate_communication": "the cluster framework does that",
    "find_ip_addresses": "write extract_ip_addresses(), which gives a vector",
    "global_sizes": "write global_container_footprints(), which counts elements",
    "listen": "write Broker::listen()",
    "send_id": "write Broker::publish_id()",
    "checkpoint_state": 'tables are kept by "&backend", or by the storage framework',
    "analyzer_confirmation": "the event is analyzer_confirmation_info(atype, info)",
    "analyzer_violation": "the event is analyzer_violation_info(atype, info)",
    "protocol_confirmation": "the event is analyzer_confirmation_info(atype, info)",
    "protocol_violation": "the event is analyzer_violation_info(atype, info)",
    "remote_connection_established": "the event is Broker::peer_added",
    "remote_connection_closed": "the event is Broker::peer_lost",
    "dhcp_msg": "write DHCP::Msg",
    "DHCP::dhcp_ack": "the event is dhcp_message",
    "log_file_name": "logs are named by the $path of their stream or filter",
    "lookup_asn": "write lookup_autonomous_system(), which gives a record",
    "net_stats": "write get_net_stats(), which gives a record",
    "ntp_msg": "write NTP::Message",
    "open_log_file": 'write open(fmt("%s.log", tag))',
    "resource_usage": "write get_proc_stats(), which gives a record",
    "val_size": "what a single value takes is not measured; |x| is how many elements it has",
}

#: The same for fields, by the record that had them.
_FIELDS = {
    "Cluster::Node": {"interface": "a node is given its interface where it is started"},
    "Files::Info": {
        "conn_uids": "write $uid: a file is of one connection",
        "rx_hosts": "write $id, and $is_orig, which tells the side that sent the file",
        "tx_hosts": "write $id, and $is_orig, which tells the side that sent the file",
    },
    "HTTP::Info": {
        "filename": "write $orig_filenames or $resp_filenames",
        "mime_type": "write $orig_mime_types or $resp_mime_types",
    },
    "fa_file": {"mime_type": "the event file_sniff() has it in its second parameter"},
}

_NOWHERE = "it has nothing in its place; leave it out"

#: Scripts that older versions came with, and what to do instead: the script that took its place, or advice.
_SCRIPTS = {
    "base/frameworks/communication": "nodes find each other by the cluster framework; leave it out",
    "base/frameworks/communication/main": "nodes find each other by the cluster framework; leave it out",
    "base/utils/hash_hrw": "it belongs to base/frameworks/cluster; leave it out",
    "frameworks/communication/listen": "write Broker::listen() in zeek_init",
    "frameworks/dpd/detect-protocols": "@policy/frameworks/analyzer/detect-protocols",
    "frameworks/dpd/packet-segment-logging": "@policy/frameworks/analyzer/packet-segment-logging",
    "integration/barnyard2": _NOWHERE,
    "misc/app-stats": _NOWHERE,
    "misc/scan": "packages detect scans; leave it out, or install one",
    "tuning/logs-to-elasticsearch": "write what the logs hold as JSON, by tuning/json-logs",
}


#: Names that were only changed: by the former one.
_RENAMED = {
    "bro_is_terminating": "zeek_is_terminating",
    "icmp_conn": "icmp_info",
}


def renamed(name: str) -> str:
    """What a name was changed to, so that scripts can go on using it; "" where it was not."""
    return _RENAMED.get(name.removeprefix("GLOBAL::"), "")


def hint(name: str) -> str:
    """What took the place of a name that is not known; "" where it never was one."""
    return _HINTS.get(name.removeprefix("GLOBAL::"), "")


def field_hint(record: str, name: str) -> str:
    """What took the place of a field that a record had; "" where it never had one."""
    return _FIELDS.get(record, {}).get(name, "")


def script(name: str) -> tuple[str, str]:
    """What to load for a script that is not there any more, "" for nothing, and what to tell about it.

    Both are empty where there never was such a script.
    """
    plain = name.removesuffix(".bro").removesuffix(".zeek").removesuffix("/__load__").removeprefix("policy/")
    advice = _SCRIPTS.get(plain, "")
    if advice.startswith("@"):
        return advice[1:], f"write {advice[1:]}"
    return "", advice
