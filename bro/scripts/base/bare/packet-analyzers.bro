##! Packet analyzers: which of them gets what another carries.
##!
##! The analyzers know what the standards say of that.  A site that numbers protocols otherwise says so by
##! :bro:see:`PacketAnalyzer::register_packet_analyzer`, or by the defaults here, which take what nothing else is known for.

@load ./tags

module PacketAnalyzer;

export {
	## Link headers that a packet may have; one with more is given up.
	const max_depth: count = 25 &redef;

	## Has a packet analyzer take what is sent to some ports.
	##
	## parent: the transport, ``PacketAnalyzer::ANALYZER_UDP``.
	##
	## child: what takes it, such as ``PacketAnalyzer::ANALYZER_VXLAN``.
	##
	## server_ports: the ports.  Scripts also add them to :bro:id:`likely_server_ports`, for flows whose beginning was not seen.
	##
	## non_server_ports: further ports, which say nothing of who opened a flow.
	##
	## Returns: whether that can be for all of them.
	global register_for_ports: function(parent: PacketAnalyzer::Tag, child: PacketAnalyzer::Tag, server_ports: set[port],
	                                    non_server_ports: set[port] &default=set()): bool;
}

function register_for_ports(parent: PacketAnalyzer::Tag, child: PacketAnalyzer::Tag, server_ports: set[port],
                            non_server_ports: set[port] &default=set()): bool
	{
	local all_can = T;

	for ( p in server_ports | non_server_ports )
		if ( ! register_for_port(parent, child, p) )
			all_can = F;

	return all_can;
	}

module PacketAnalyzer::ROOT;

export {
	## What gets packets of link types that are not known.
	const default_analyzer: PacketAnalyzer::Tag = PacketAnalyzer::ANALYZER_IP &redef;

	## Link type of Ethernet.
	const DLT_EN10MB: count = 1;
	## Link type of FDDI.
	const DLT_FDDI: count = 10;
	## Link type of Wi-Fi.
	const DLT_IEEE802_11: count = 105;
	## Link type of Wi-Fi with a radiotap header.
	const DLT_IEEE802_11_RADIO: count = 127;
	## Link type of Linux's cooked capture.
	const DLT_LINUX_SLL: count = 113;
	## Link type of its version 2.
	const DLT_LINUX_SLL2: count = 276;
	## Link type of Linux's netfilter log.
	const DLT_NFLOG: count = 239;
}

module PacketAnalyzer::ETHERNET;

export {
	## Stands among the EtherTypes for SNAP; they are all above 1500.
	const SNAP_FORWARDING_KEY: count = 1;
	## Stands among them for Novell's raw IEEE 802.3.
	const NOVELL_FORWARDING_KEY: count = 2;
	## Stands among them for IEEE 802.2 LLC.
	const LLC_FORWARDING_KEY: count = 3;
}

module PacketAnalyzer::VLAN;

export {
	## Stands among the EtherTypes for SNAP; they are all above 1500.
	const SNAP_FORWARDING_KEY: count = 1;
	## Stands among them for Novell's raw IEEE 802.3.
	const NOVELL_FORWARDING_KEY: count = 2;
	## Stands among them for IEEE 802.2 LLC.
	const LLC_FORWARDING_KEY: count = 3;
}

module PacketAnalyzer::NULL;

export {
	## Link type of BSD loopback.
	const DLT_NULL: count = 0;
}

module PacketAnalyzer::PPP;

export {
	## Link type of PPP.
	const DLT_PPP: count = 9;
}

module PacketAnalyzer::PPP_SERIAL;

export {
	## Link type of PPP on serial lines.
	const DLT_PPP_SERIAL: count = 50;
}

module PacketAnalyzer::IEEE802_11_RADIO;

export {
	## Link type of what a radiotap header is before.
	const DLT_IEEE802_11: count = 105;
}

module PacketAnalyzer::NFLOG;

export {
	## Address family of IPv4.
	const AF_INET: count = 2;
	## Address family of IPv6, as Linux has it.
	const AF_INET6: count = 10;
}

module PacketAnalyzer::AYIYA;

export {
	## Number of IPv4 in AYIYA.
	const IPPROTO_IPV4: count = 4;
	## Number of IPv6 in AYIYA.
	const IPPROTO_IPV6: count = 41;
}

module PacketAnalyzer::FDDI;

export {
	## What gets what FDDI carries and nothing else is known for.
	const default_analyzer: PacketAnalyzer::Tag = PacketAnalyzer::ANALYZER_IP &redef;
}

module PacketAnalyzer::MPLS;

export {
	## What gets what is behind the labels.  The analyzer of IP tells its versions apart; frames need another.
	const default_analyzer: PacketAnalyzer::Tag = PacketAnalyzer::ANALYZER_IP &redef;
}

module PacketAnalyzer::PBB;

export {
	## What gets the customer's frame.
	const default_analyzer: PacketAnalyzer::Tag = PacketAnalyzer::ANALYZER_ETHERNET &redef;
}

module PacketAnalyzer::SKIP;

export {
	## What gets what is behind the bytes that are skipped.
	const default_analyzer: PacketAnalyzer::Tag = PacketAnalyzer::ANALYZER_IP &redef;

	## How many bytes are skipped.
	const skip_bytes: count = 0 &redef;
}

module PacketAnalyzer::IP;

export {
	## What gets packets of IP protocols that are not known.
	const default_analyzer: PacketAnalyzer::Tag = PacketAnalyzer::ANALYZER_UNKNOWN_IP_TRANSPORT &redef;

	## IP protocol of ICMP.
	const IPPROTO_ICMP: count = 1;
	## IP protocol of IPv4 in IP.
	const IPPROTO_IPIP: count = 4;
	## IP protocol of TCP.
	const IPPROTO_TCP: count = 6;
	## IP protocol of UDP.
	const IPPROTO_UDP: count = 17;
	## IP protocol of IPv6 in IP.
	const IPPROTO_IPV6: count = 41;
	## IP protocol of GRE.
	const IPPROTO_GRE: count = 47;
	## IP protocol of ICMPv6.
	const IPPROTO_ICMP6: count = 58;
}

module PacketAnalyzer::IPTUNNEL;

export {
	## What gets the packet in a tunnel directly on IP.
	const default_analyzer: PacketAnalyzer::Tag = PacketAnalyzer::ANALYZER_IP &redef;
}

module PacketAnalyzer::GRE;

export {
	## What gets what GRE carries and nothing else is known for.
	const default_analyzer: PacketAnalyzer::Tag = PacketAnalyzer::ANALYZER_IPTUNNEL &redef;
}

module PacketAnalyzer::VXLAN;

export {
	## What gets the frame in a VXLAN tunnel.
	const default_analyzer: PacketAnalyzer::Tag = PacketAnalyzer::ANALYZER_ETHERNET &redef;
}

module PacketAnalyzer::TEREDO;

export {
	## What gets the packet in a Teredo tunnel.
	const default_analyzer: PacketAnalyzer::Tag = PacketAnalyzer::ANALYZER_IP &redef;
}

module PacketAnalyzer::GTPV1;

export {
	## What gets the packet in a GTP tunnel.
	const default_analyzer: PacketAnalyzer::Tag = PacketAnalyzer::ANALYZER_IP &redef;
}
