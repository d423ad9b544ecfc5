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
    "listen": "write Broker::listen()",
    "send_id": "write Broker::publish_id()",
    "checkpoint_state": 'tables are kept by "&backend", or by the storage framework',
    "analyzer_confirmation": "the event is analyzer_confirmation_info(atype, info)",
    "analyzer_violation": "the event is analyzer_violation_info(atype, info)",
    "protocol_confirmation": "the event is analyzer_confirmation_info(atype, info)",
    "protocol_violation": "the event is analyzer_violation_info(atype, info)",
    "remote_connection_established": "the event is Broker::peer_added",
    "remote_connection_closed": "the event is Broker::peer_lost",
}


def hint(name: str) -> str:
    """What took the place of a name that is not known; "" where it never was one."""
    return _HINTS.get(name.removeprefix("GLOBAL::"), "")
