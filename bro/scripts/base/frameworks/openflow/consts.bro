##! Numbers of OpenFlow, Ethernet and IP, as rules for switches use them.

module OpenFlow;

export {
	## Ethernet type: IPv4.
	const ETH_IPv4: count = 2048;
	## Ethernet type: Address resolution.
	const ETH_ARP: count = 2054;
	## Ethernet type: Wake-on-LAN.
	const ETH_WOL: count = 2114;
	## Ethernet type: Reverse address resolution.
	const ETH_RARP: count = 32821;
	## Ethernet type: AppleTalk.
	const ETH_APPLETALK: count = 32923;
	## Ethernet type: Address resolution of AppleTalk.
	const ETH_APPLETALK_ARP: count = 33011;
	## Ethernet type: 802.1Q.
	const ETH_VLAN: count = 33024;
	## Ethernet type: IPX, the older number.
	const ETH_IPX_OLD: count = 33079;
	## Ethernet type: IPX.
	const ETH_IPX: count = 33080;
	## Ethernet type: IPv6.
	const ETH_IPv6: count = 34525;
	## Ethernet type: Flow control.
	const ETH_ETHER_FLOW_CONTROL: count = 34824;
	## Ethernet type: MPLS, unicast.
	const ETH_MPLS_UNICAST: count = 34887;
	## Ethernet type: MPLS, multicast.
	const ETH_MPLS_MULTICAST: count = 34888;
	## Ethernet type: PPPoE, discovery.
	const ETH_PPPOE_DISCOVERY: count = 34915;
	## Ethernet type: PPPoE, session.
	const ETH_PPPOE_SESSION: count = 34916;
	## Ethernet type: Jumbo frames.
	const ETH_JUMBO_FRAMES: count = 34928;
	## Ethernet type: 802.1X.
	const ETH_EAP_OVER_LAN: count = 34958;
	## Ethernet type: 802.1ad.
	const ETH_PROVIDER_BRIDING: count = 34984;
	## Ethernet type: 802.1AE.
	const ETH_MAC_SECURITY: count = 35045;
	## Ethernet type: 802.1Q in 802.1Q.
	const ETH_QINQ: count = 37120;
	## Protocol number: hop-by-hop options.
	const IP_HOPOPT: count = 0;
	## Protocol number: ICMP.
	const IP_ICMP: count = 1;
	## Protocol number: IGMP.
	const IP_IGMP: count = 2;
	## Protocol number: GGP.
	const IP_GGP: count = 3;
	## Protocol number: IP in IP.
	const IP_IPIP: count = 4;
	## Protocol number: ST.
	const IP_ST: count = 5;
	## Protocol number: TCP.
	const IP_TCP: count = 6;
	## Protocol number: CBT.
	const IP_CBT: count = 7;
	## Protocol number: EGP.
	const IP_EGP: count = 8;
	## Protocol number: IGP.
	const IP_IGP: count = 9;
	## Protocol number: UDP.
	const IP_UDP: count = 17;
	## Protocol number: RDP.
	const IP_RDP: count = 27;
	## Protocol number: IPv6 in IP.
	const IP_IPv6: count = 41;
	## Protocol number: RSVP.
	const IP_RSVP: count = 46;
	## Protocol number: GRE.
	const IP_GRE: count = 47;
	## Protocol number: OSPF.
	const IP_OSPF: count = 89;
	## Protocol number: MTP.
	const IP_MTP: count = 92;
	## Protocol number: EtherIP.
	const IP_ETHERIP: count = 97;
	## Protocol number: L2TP.
	const IP_L2TP: count = 115;
	## Protocol number: IS-IS.
	const IP_ISIS: count = 124;
	## Protocol number: Fibre Channel.
	const IP_FC: count = 133;
	## Protocol number: MPLS in IP.
	const IP_MPLS: count = 137;
	## Stands for no cookie.
	const INVALID_COOKIE: count = 9223372036854775807;
	## Port: the one a packet came in by.
	const OFPP_IN_PORT: count = 4294967288;
	## Port: to the table of flows.
	const OFPP_TABLE: count = 4294967289;
	## Port: as a switch without rules does.
	const OFPP_NORMAL: count = 4294967290;
	## Port: all of the spanning tree.
	const OFPP_FLOOD: count = 4294967291;
	## Port: all but the one it came in by.
	const OFPP_ALL: count = 4294967292;
	## Port: to the controller.
	const OFPP_CONTROLLER: count = 4294967293;
	## Port: the switch itself.
	const OFPP_LOCAL: count = 4294967294;
	## Port: any.
	const OFPP_ANY: count = 4294967295;
	## Buffer: none.
	const OFP_NO_BUFFER: count = 4294967295;
	## Flag: tell when the rule is removed.
	const OFPFF_SEND_FLOW_REM: count = 1;
	## Flag: refuse rules that overlap.
	const OFPFF_CHECK_OVERLAP: count = 2;
	## Flag: for when there is no controller.
	const OFPFF_EMERG: count = 4;
	## Table: all.
	const OFPTT_ALL: count = 255;
	## How many owners cookies can tell apart.
	const COOKIE_BID_SIZE: count = 16777216;
	## What an owner's number is multiplied by.
	const COOKIE_BID_START: count = 1099511627776;
	## The owner's number of this program.
	const ZEEK_COOKIE_ID: count = 4;
	## How many groups cookies can tell apart.
	const COOKIE_GID_SIZE: count = 256;
	## What a group's number is multiplied by.
	const COOKIE_GID_START: count = 4294967296;
	## How many rules cookies can tell apart.
	const COOKIE_UID_SIZE: count = 4294967296;
	## What a rule's number is multiplied by, or rather begins at.
	const COOKIE_UID_START: count = 0;

	## What a rule does with packets.
	type ofp_action_type: enum {
		## Sends them out by a port.
		OFPAT_OUTPUT = 0x0000,
		## Sets the number of the VLAN.
		OFPAT_SET_VLAN_VID = 0x0001,
		## Sets the priority of the VLAN.
		OFPAT_SET_VLAN_PCP = 0x0002,
		## Takes the header of the VLAN away.
		OFPAT_STRIP_VLAN = 0x0003,
		## Sets the hardware address they come from.
		OFPAT_SET_DL_SRC = 0x0004,
		## Sets the hardware address they go to.
		OFPAT_SET_DL_DST = 0x0005,
		## Sets the address they come from.
		OFPAT_SET_NW_SRC = 0x0006,
		## Sets the address they go to.
		OFPAT_SET_NW_DST = 0x0007,
		## Sets the type of service.
		OFPAT_SET_NW_TOS = 0x0008,
		## Sets the port they come from.
		OFPAT_SET_TP_SRC = 0x0009,
		## Sets the port they go to.
		OFPAT_SET_TP_DST = 0x000a,
		## Puts them into a queue.
		OFPAT_ENQUEUE = 0x000b,
		## Something of a vendor's own.
		OFPAT_VENDOR = 0xffff,
	};

	## What is done to the table of flows.
	type ofp_flow_mod_command: enum {
		## A rule is added.
		OFPFC_ADD = 0,
		## Rules that fit are changed.
		OFPFC_MODIFY = 1,
		## The one rule that is the same is changed.
		OFPFC_MODIFY_STRICT = 2,
		## Rules that fit are deleted.
		OFPFC_DELETE = 3,
		## The one rule that is the same is deleted.
		OFPFC_DELETE_STRICT = 4,
	};

	## What a switch does with fragments.
	type ofp_config_flags: enum {
		## Nothing special.
		OFPC_FRAG_NORMAL = 0,
		## It drops them.
		OFPC_FRAG_DROP = 1,
		## It puts them together.
		OFPC_FRAG_REASM = 2,
		## Stands for all of these.
		OFPC_FRAG_MASK = 3,
	};
}
