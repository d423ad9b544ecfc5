##! Connections and what they consist of, as policy sees them.

module GLOBAL;

## The protocol a port belongs to.
type transport_proto: enum {
	unknown_transport,	##< none of the others
	tcp,	##< TCP
	udp,	##< UDP
	icmp	##< ICMP and ICMPv6, where a port holds a message type or code
};

## What sets two connections with the same addresses and ports apart, if anything does; see :bro:id:`ConnKey::factory`.
## Scripts may add fields.
type conn_id_ctx: record {
};

## Who talks with whom.  The side that opened the connection is the originator.
type conn_id: record {
	orig_h: addr &log;	##< originator's address
	orig_p: port &log;	##< originator's port; for ICMP the message type
	resp_h: addr &log;	##< responder's address
	resp_p: port &log;	##< responder's port; for ICMP the type of the answer, or the code
	proto: count &default=65535 &optional;	##< IP protocol number
	ctx: conn_id_ctx &log &default=conn_id_ctx() &optional;	##< what else belongs to the identity of the connection
};

## A flow in one direction.
type flow_id: record {
	src_h: addr &log;	##< sender's address
	src_p: port &log;	##< sender's port
	dst_h: addr &log;	##< receiver's address
	dst_p: port &log;	##< receiver's port
};

## One end of a connection.
type endpoint: record {
	size: count;	##< payload bytes sent; for TCP by sequence numbers
	state: count;	##< one of the constants ``TCP_*`` or ``UDP_*``
	num_pkts: count &optional;	##< packets sent
	num_bytes_ip: count &optional;	##< IP bytes sent, headers included
	flow_label: count;	##< IPv6 flow label of the latest packet
	l2_addr: string &optional;	##< link-layer address in the first packet
};

module ConnKey;

export {
	## What packets are assigned to connections by.
	type Tag: enum {
		## Addresses, ports and IP protocol.
		CONNKEY_FIVETUPLE,
		## These and the numbers of the outer and the inner VLAN: for sites with the same addresses in several of them.  The
		## fields ``vlan`` and ``inner_vlan`` of :bro:type:`conn_id_ctx` have to be there; load
		## ``policy/frameworks/conn_key/vlan_fivetuple``.
		CONNKEY_VLAN_FIVETUPLE
	};

	## What packets are assigned to connections by.
	const factory = ConnKey::CONNKEY_FIVETUPLE &redef;
}

module Tunnel;

export {
	## Kinds of encapsulation.
	type Type: enum {
		NONE,	##< none
		IP,	##< IP in IP
		AYIYA,	##< AYIYA
		TEREDO,	##< Teredo
		SOCKS,	##< SOCKS
		GTPv1,	##< GTP, version 1
		HTTP,	##< HTTP ``CONNECT``
		GRE,	##< GRE
		VXLAN,	##< VXLAN
		GENEVE	##< Geneve
	};

	## One layer of encapsulation.
	type EncapsulatingConn: record {
		cid: conn_id &log;	##< the outer flow; its ports are 0 where the tunnel has none
		tunnel_type: Tunnel::Type &log;	##< its kind
		uid: string &optional &log;	##< id of the outer connection, or of the tunnel where there is none
	};
}

module GLOBAL;

## All layers around a packet, the outermost first.
type EncapsulatingConnVector: vector of Tunnel::EncapsulatingConn;

## A connection.  Scripts add fields to it and keep their state there.
type connection: record {
	id: conn_id;	##< who talks with whom
	orig: endpoint;	##< what the originator has sent
	resp: endpoint;	##< what the responder has sent
	start_time: time;	##< time of the first packet
	duration: interval;	##< time from the first packet to the latest
	service: set[string];	##< protocols that analyzers have confirmed, in lower case
	## What happened, a letter for each: upper case for the originator, lower case for the responder.  ``s`` SYN, ``h``
	## SYN-ACK, ``a`` pure ACK, ``d`` data, ``f`` FIN, ``r`` RST, ``c`` wrong checksum, ``g`` gap, ``t`` retransmission,
	## ``w`` window of zero, ``i`` inconsistent flags, ``q`` several flags at once, ``^`` roles exchanged, ``X`` content no
	## longer analyzed.  ``c``, ``g``, ``t`` and ``w`` come again at the 10th, 100th … time.
	history: string;
	uid: string;	##< unique id, as in logs
	tunnel: EncapsulatingConnVector &optional;	##< encapsulation, if there is any
	vlan: int &optional;	##< outer VLAN id
	inner_vlan: int &optional;	##< inner VLAN id
};

## Counts about one end of a TCP connection, see :bro:see:`conn_stats`.
type endpoint_stats: record {
	num_pkts: count;	##< packets
	num_rxmit: count;	##< packets retransmitted
	num_rxmit_bytes: count;	##< bytes retransmitted
	num_in_order: count;	##< packets in order
	num_OO: count;	##< packets out of order
	num_repl: count;	##< packets that the network delivered twice
	endian_type: count;	##< byte order of the IP identification: 0 not known, 1 big, 2 little, 3 both seen
};

## What a signature knows when it matches.
type signature_state: record {
	sig_id: string;	##< the signature
	conn: connection;	##< the connection
	is_orig: bool;	##< whether the originator sent what matched
	payload_size: count;	##< size of the first payload in that direction
};

const UDP_INACTIVE = 0;	##< has sent nothing
const UDP_ACTIVE = 1;	##< has sent a datagram
const TCP_INACTIVE = 0;	##< has sent nothing
const TCP_SYN_SENT = 1;	##< has sent a SYN
const TCP_SYN_ACK_SENT = 2;	##< has sent a SYN-ACK
const TCP_PARTIAL = 3;	##< sends, but its beginning was not seen
const TCP_ESTABLISHED = 4;	##< takes part in an open connection
const TCP_CLOSED = 5;	##< has sent a FIN
const TCP_RESET = 6;	##< has sent a RST
