//! Numbers from the registries: EtherTypes (IEEE 802), IP protocols (IANA) and capture link types.

/// EtherTypes, as in the type field of an Ethernet frame.
pub mod ethertype {
    /// Values up to this one are lengths of an IEEE 802.3 frame, not types (IEEE 802.3, 3.2.6).
    pub const MAX_LENGTH: u16 = 1500;
    /// IPv4
    pub const IPV4: u16 = 0x0800;
    /// ARP
    pub const ARP: u16 = 0x0806;
    /// Reverse ARP
    pub const RARP: u16 = 0x8035;
    /// Transparent Ethernet bridging: an Ethernet frame inside GRE or Geneve
    pub const TEB: u16 = 0x6558;
    /// IEEE 802.1Q customer tag
    pub const VLAN: u16 = 0x8100;
    /// IPv6
    pub const IPV6: u16 = 0x86dd;
    /// Point-to-point protocol, in GRE
    pub const PPP: u16 = 0x880b;
    /// MPLS, unicast
    pub const MPLS: u16 = 0x8847;
    /// MPLS, multicast
    pub const MPLS_MULTICAST: u16 = 0x8848;
    /// PPPoE, session stage
    pub const PPPOE_SESSION: u16 = 0x8864;
    /// IEEE 802.1ad service tag
    pub const QINQ: u16 = 0x88a8;
    /// ERSPAN type I and II, in GRE
    pub const ERSPAN: u16 = 0x88be;
    /// ERSPAN type III, in GRE
    pub const ERSPAN_III: u16 = 0x22eb;
    /// IEEE 802.1ah backbone service instance tag
    pub const PBB: u16 = 0x88e7;
    /// Cisco FabricPath: a whole Ethernet frame behind 16 bytes
    pub const FABRIC_PATH: u16 = 0x8903;
    /// IEEE 802.1BR / Cisco VN-Tag
    pub const VNTAG: u16 = 0x8926;
    /// Service tag of before IEEE 802.1ad
    pub const QINQ_OLD: u16 = 0x9100;
}

/// IP protocol numbers and IPv6 extension headers.
pub mod ip {
    /// IPv6 hop-by-hop options
    pub const HOPOPTS: u8 = 0;
    /// ICMP
    pub const ICMP: u8 = 1;
    /// IGMP
    pub const IGMP: u8 = 2;
    /// IPv4 in IP
    pub const IPIP: u8 = 4;
    /// TCP
    pub const TCP: u8 = 6;
    /// UDP
    pub const UDP: u8 = 17;
    /// IPv6 in IP
    pub const IPV6: u8 = 41;
    /// IPv6 routing header
    pub const ROUTING: u8 = 43;
    /// IPv6 fragment header
    pub const FRAGMENT: u8 = 44;
    /// GRE
    pub const GRE: u8 = 47;
    /// Encapsulating security payload
    pub const ESP: u8 = 50;
    /// Authentication header
    pub const AH: u8 = 51;
    /// ICMPv6
    pub const ICMPV6: u8 = 58;
    /// IPv6: nothing follows
    pub const NO_NEXT: u8 = 59;
    /// IPv6 destination options
    pub const DSTOPTS: u8 = 60;
    /// Mobile IPv6
    pub const MOBILITY: u8 = 135;
}

/// Link types of captures, as libpcap numbers them (`DLT_` and `LINKTYPE_` values).
pub mod dlt {
    /// BSD loopback, address family in the byte order of the host
    pub const NULL: u32 = 0;
    /// Ethernet
    pub const EN10MB: u32 = 1;
    /// PPP
    pub const PPP: u32 = 9;
    /// FDDI
    pub const FDDI: u32 = 10;
    /// Raw IP (most systems)
    pub const RAW: u32 = 12;
    /// Raw IP (OpenBSD)
    pub const RAW_OPENBSD: u32 = 14;
    /// PPP in HDLC-like framing, or Cisco HDLC
    pub const PPP_SERIAL: u32 = 50;
    /// PPPoE session packets
    pub const PPP_ETHER: u32 = 51;
    /// Raw IP (as written into capture files)
    pub const LINKTYPE_RAW: u32 = 101;
    /// Cisco HDLC
    pub const C_HDLC: u32 = 104;
    /// IEEE 802.11
    pub const IEEE802_11: u32 = 105;
    /// OpenBSD loopback, address family in network byte order
    pub const LOOP: u32 = 108;
    /// Linux cooked capture
    pub const LINUX_SLL: u32 = 113;
    /// IEEE 802.11 behind a Prism header
    pub const PRISM_HEADER: u32 = 119;
    /// IEEE 802.11 behind a radiotap header
    pub const IEEE802_11_RADIO: u32 = 127;
    /// IEEE 802.11 behind an AVS header
    pub const IEEE802_11_RADIO_AVS: u32 = 163;
    /// Per-packet information
    pub const PPI: u32 = 192;
    /// IPv4
    pub const IPV4: u32 = 228;
    /// IPv6
    pub const IPV6: u32 = 229;
    /// Linux netfilter log
    pub const NFLOG: u32 = 239;
    /// Linux cooked capture, version 2
    pub const LINUX_SLL2: u32 = 276;
}
