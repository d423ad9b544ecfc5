##! Headers of packets, as events hand them to policy.

module GLOBAL;

export {
## What the outermost link layer is.
type link_encap: enum {
	LINK_ETHERNET,	##< Ethernet
	LINK_UNKNOWN	##< anything else
};

## What a frame carries.
type layer3_proto: enum {
	L3_IPV4,	##< IPv4
	L3_IPV6,	##< IPv6
	L3_ARP,	##< ARP
	L3_UNKNOWN	##< anything else
};

## A packet as it was captured.
type pcap_packet: record {
	ts_sec: count;	##< seconds of its time
	ts_usec: count;	##< microseconds of its time
	caplen: count;	##< bytes captured
	len: count;	##< bytes on the wire
	data: string;	##< what was captured
	link_type: link_encap;	##< its link layer
};

## A link-layer header.
type l2_hdr: record {
	encap: link_encap;	##< link layer
	len: count;	##< length of the frame
	cap_len: count;	##< how much of it was captured
	src: string &optional;	##< source address
	dst: string &optional;	##< destination address
	vlan: count &optional;	##< outer VLAN id
	vlan_pcp: count &optional;	##< its priority
	vlan_dei: bool &optional;	##< its frames may be dropped first
	inner_vlan: count &optional;	##< inner VLAN id
	inner_vlan_pcp: count &optional;	##< its priority
	inner_vlan_dei: bool &optional;	##< its frames may be dropped first
	eth_type: count &optional;	##< EtherType
	proto: layer3_proto;	##< what the frame carries
};

## An IPv4 header.
type ip4_hdr: record {
	hl: count;	##< length of the header in bytes
	tos: count;	##< type of service
	len: count;	##< total length
	id: count;	##< identification
	DF: bool;	##< don't fragment
	MF: bool;	##< more fragments
	offset: count;	##< fragment offset in bytes
	ttl: count;	##< time to live
	p: count;	##< protocol
	sum: count;	##< checksum
	src: addr;	##< source
	dst: addr;	##< destination
};

## An option of an IPv6 extension header.
type ip6_option: record {
	otype: count;	##< type
	len: count;	##< length of its data
	data: string;	##< its data
};

## Options of an IPv6 extension header.
type ip6_options: vector of ip6_option;

## A hop-by-hop header.
type ip6_hopopts: record {
	nxt: count;	##< protocol of what follows
	len: count;	##< length in units of 8 bytes, the first not counted
	options: vector of ip6_option;	##< its options
};

## A destination options header.
type ip6_dstopts: record {
	nxt: count;	##< protocol of what follows
	len: count;	##< length in units of 8 bytes, the first not counted
	options: vector of ip6_option;	##< its options
};

## A routing header.
type ip6_routing: record {
	nxt: count;	##< protocol of what follows
	len: count;	##< length in units of 8 bytes, the first not counted
	rtype: count;	##< type
	segleft: count;	##< nodes still to be visited
	data: string;	##< data of that type
};

## A fragment header.
type ip6_fragment: record {
	nxt: count;	##< protocol of what follows
	rsv1: count;	##< reserved
	offset: count;	##< offset in units of 8 bytes
	rsv2: count;	##< reserved
	more: bool;	##< more fragments follow
	id: count;	##< identification
};

## An authentication header.
type ip6_ah: record {
	nxt: count;	##< protocol of what follows
	len: count;	##< length in units of 4 bytes, the first two not counted
	rsv: count;	##< reserved
	spi: count;	##< security parameters index
	seq: count &optional;	##< sequence number
	data: string &optional;	##< authentication data
};

## A header of an encapsulating security payload.
type ip6_esp: record {
	spi: count;	##< security parameters index
	seq: count;	##< sequence number
};

## Mobile IPv6: binding refresh request.
type ip6_mobility_brr: record {
	rsv: count;	##< reserved
	options: vector of ip6_option;	##< its options
};

## Mobile IPv6: home test init.
type ip6_mobility_hoti: record {
	rsv: count;	##< reserved
	cookie: count;	##< home init cookie
	options: vector of ip6_option;	##< its options
};

## Mobile IPv6: care-of test init.
type ip6_mobility_coti: record {
	rsv: count;	##< reserved
	cookie: count;	##< care-of init cookie
	options: vector of ip6_option;	##< its options
};

## Mobile IPv6: home test.
type ip6_mobility_hot: record {
	nonce_idx: count;	##< home nonce index
	cookie: count;	##< home init cookie
	token: count;	##< home keygen token
	options: vector of ip6_option;	##< its options
};

## Mobile IPv6: care-of test.
type ip6_mobility_cot: record {
	nonce_idx: count;	##< care-of nonce index
	cookie: count;	##< care-of init cookie
	token: count;	##< care-of keygen token
	options: vector of ip6_option;	##< its options
};

## Mobile IPv6: binding update.
type ip6_mobility_bu: record {
	seq: count;	##< sequence number
	a: bool;	##< acknowledge
	h: bool;	##< home registration
	l: bool;	##< link-local address compatibility
	k: bool;	##< key management mobility capability
	life: count;	##< lifetime
	options: vector of ip6_option;	##< its options
};

## Mobile IPv6: binding acknowledgement.
type ip6_mobility_back: record {
	status: count;	##< status
	k: bool;	##< key management mobility capability
	seq: count;	##< sequence number
	life: count;	##< lifetime
	options: vector of ip6_option;	##< its options
};

## Mobile IPv6: binding error.
type ip6_mobility_be: record {
	status: count;	##< status
	hoa: addr;	##< home address
	options: vector of ip6_option;	##< its options
};

## A Mobile IPv6 message: the field of its type is set.
type ip6_mobility_msg: record {
	id: count;	##< type
	brr: ip6_mobility_brr &optional;	##< type 0
	hoti: ip6_mobility_hoti &optional;	##< type 1
	coti: ip6_mobility_coti &optional;	##< type 2
	hot: ip6_mobility_hot &optional;	##< type 3
	cot: ip6_mobility_cot &optional;	##< type 4
	bu: ip6_mobility_bu &optional;	##< type 5
	back: ip6_mobility_back &optional;	##< type 6
	be: ip6_mobility_be &optional;	##< type 7
};

## A Mobile IPv6 header.
type ip6_mobility_hdr: record {
	nxt: count;	##< protocol of what follows
	len: count;	##< length in units of 8 bytes, the first not counted
	mh_type: count;	##< type of the message
	rsv: count;	##< reserved
	chksum: count;	##< checksum
	msg: ip6_mobility_msg;	##< the message
};

## An IPv6 extension header: the field of its kind is set.
type ip6_ext_hdr: record {
	id: count;	##< protocol number of this header
	hopopts: ip6_hopopts &optional;	##< hop-by-hop options
	dstopts: ip6_dstopts &optional;	##< destination options
	routing: ip6_routing &optional;	##< routing
	fragment: ip6_fragment &optional;	##< fragment
	ah: ip6_ah &optional;	##< authentication
	esp: ip6_esp &optional;	##< encapsulating security payload
	mobility: ip6_mobility_hdr &optional;	##< Mobile IPv6
};

## All extension headers of a packet.
type ip6_ext_hdr_chain: vector of ip6_ext_hdr;

## An IPv6 header.
type ip6_hdr: record {
	class: count;	##< traffic class
	flow: count;	##< flow label
	len: count;	##< payload length
	hlim: count;	##< hop limit
	nxt: count;	##< protocol of what follows
	src: addr;	##< source
	dst: addr;	##< destination
	exts: vector of ip6_ext_hdr;	##< extension headers
};

## A TCP header.
type tcp_hdr: record {
	sport: port;	##< source port
	dport: port;	##< destination port
	seq: count;	##< sequence number
	ack: count;	##< acknowledgement number
	hl: count;	##< length of the header in bytes
	dl: count;	##< length of the payload
	reserved: count;	##< the bits between length and flags
	flags: count;	##< flags
	win: count;	##< window
};

## A UDP header.
type udp_hdr: record {
	sport: port;	##< source port
	dport: port;	##< destination port
	ulen: count;	##< length of header and payload
};

## An ICMP header.
type icmp_hdr: record {
	icmp_type: count;	##< type of the message
};

## The headers of a packet: those it has are set.
type pkt_hdr: record {
	ip: ip4_hdr &optional;	##< IPv4
	ip6: ip6_hdr &optional;	##< IPv6
	tcp: tcp_hdr &optional;	##< TCP
	udp: udp_hdr &optional;	##< UDP
	icmp: icmp_hdr &optional;	##< ICMP
};

## The headers of a packet with its link layer.
type raw_pkt_hdr: record {
	l2: l2_hdr;	##< link layer
	ip: ip4_hdr &optional;	##< IPv4
	ip6: ip6_hdr &optional;	##< IPv6
	tcp: tcp_hdr &optional;	##< TCP
	udp: udp_hdr &optional;	##< UDP
	icmp: icmp_hdr &optional;	##< ICMP
};

## Bits of :bro:see:`tcp_hdr` ``flags``.
const TH_FIN = 1;	##< FIN
const TH_SYN = 2;	##< SYN
const TH_RST = 4;	##< RST
const TH_PUSH = 8;	##< PUSH
const TH_ACK = 16;	##< ACK
const TH_URG = 32;	##< URG
const TH_FLAGS = 63;	##< all of them
}
