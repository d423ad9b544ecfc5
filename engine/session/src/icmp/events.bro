##! ICMP and ICMPv6: types and events.

module GLOBAL;

export {
## An ICMP message.
type icmp_info: record {
	v6: bool;	##< ICMPv6
	itype: count;	##< type
	icode: count;	##< code
	len: count;	##< bytes behind the header
	ttl: count;	##< time to live, or hop limit
};

## The packet that an ICMP error message quotes.
type icmp_context: record {
	id: conn_id;	##< whom it was between
	len: count;	##< its length by its header
	proto: count;	##< its protocol
	frag_offset: count;	##< its fragment offset in bytes
	bad_hdr_len: bool;	##< too little of it is quoted
	bad_checksum: bool;	##< the checksum of its IP header is wrong
	MF: bool;	##< more fragments follow
	DF: bool;	##< it must not be fragmented
};

## A prefix, as routers advertise it.
type icmp6_nd_prefix_info: record {
	prefix_len: count;	##< its length
	L_flag: bool;	##< it is on this link
	A_flag: bool;	##< it serves to make addresses
	valid_lifetime: interval;	##< how long it is valid
	preferred_lifetime: interval;	##< how long addresses made of it are preferred
	prefix: addr;	##< the prefix
};

## An option of neighbor discovery.
type icmp6_nd_option: record {
	otype: count;	##< type
	len: count;	##< length in units of 8 bytes
	link_address: string &optional;	##< types 1 and 2: link-layer address
	prefix: icmp6_nd_prefix_info &optional;	##< type 3
	redirect: icmp_context &optional;	##< type 4: the packet that caused the message
	mtu: count &optional;	##< type 5
	payload: string &optional;	##< data of any other type
};

## All options of a message.
type icmp6_nd_options: vector of icmp6_nd_option;

## An ICMP message that has no event of its own.
global icmp_sent: event(c: connection, info: icmp_info);

## The same with its payload.
global icmp_sent_payload: event(c: connection, info: icmp_info, payload: string);

## An echo request.
global icmp_echo_request: event(c: connection, info: icmp_info, id: count, seq: count, payload: string);

## An echo reply.
global icmp_echo_reply: event(c: connection, info: icmp_info, id: count, seq: count, payload: string);

## An ICMPv6 error message that has no event of its own.
global icmp_error_message: event(c: connection, info: icmp_info, code: count, context: icmp_context);

## A destination cannot be reached.
global icmp_unreachable: event(c: connection, info: icmp_info, code: count, context: icmp_context);

## A packet was too big for a link (ICMPv6).
global icmp_packet_too_big: event(c: connection, info: icmp_info, code: count, context: icmp_context);

## A packet has travelled too far, or fragments were missing.
global icmp_time_exceeded: event(c: connection, info: icmp_info, code: count, context: icmp_context);

## A header could not be processed.
global icmp_parameter_problem: event(c: connection, info: icmp_info, code: count, context: icmp_context);

## A host looks for routers (ICMPv6).
global icmp_router_solicitation: event(c: connection, info: icmp_info, options: icmp6_nd_options);

## A router shows itself (ICMPv6).
global icmp_router_advertisement: event(c: connection, info: icmp_info, cur_hop_limit: count, managed: bool, other: bool, home_agent: bool, pref: count, proxy: bool, rsv: count, router_lifetime: interval, reachable_time: interval, retrans_timer: interval, options: icmp6_nd_options);

## A host asks for the link-layer address of another (ICMPv6).
global icmp_neighbor_solicitation: event(c: connection, info: icmp_info, tgt: addr, options: icmp6_nd_options);

## A host tells its link-layer address (ICMPv6).
global icmp_neighbor_advertisement: event(c: connection, info: icmp_info, router: bool, solicited: bool, override: bool, tgt: addr, options: icmp6_nd_options);

## A router tells of a better one. For IPv4, `dest` is the destination in the quoted packet.
global icmp_redirect: event(c: connection, info: icmp_info, tgt: addr, dest: addr, options: icmp6_nd_options);
}
