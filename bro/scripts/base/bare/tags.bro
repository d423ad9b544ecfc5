##! Tags: what analyzers go by in scripts.

module Analyzer;

export {
	## Analyzers of protocols, one a connection and protocol.
	type Tag: enum {
		## BitTorrent between peers.
		ANALYZER_BITTORRENT,
		## BitTorrent with a tracker, over HTTP.
		ANALYZER_BITTORRENTTRACKER,
		## Counting of packets and bytes.
		ANALYZER_CONNSIZE,
		## Lines of text, for other analyzers.
		ANALYZER_CONTENTLINE,
		## Delivery of contents to scripts or files.
		ANALYZER_CONTENTS,
		## Messages of DNS over TCP, for its analyzer.
		ANALYZER_CONTENTS_DNS,
		## Messages of NCP, for its analyzer.
		ANALYZER_CONTENTS_NCP,
		## Messages of NetBIOS sessions, for their analyzer.
		ANALYZER_CONTENTS_NETBIOSSSN,
		## Messages of NFS over TCP, for its analyzer.
		ANALYZER_CONTENTS_NFS,
		## Lines of rlogin, for its analyzer.
		ANALYZER_CONTENTS_RLOGIN,
		## Messages of ONC RPC over TCP, for its analyzers.
		ANALYZER_CONTENTS_RPC,
		## Lines of rsh, for its analyzer.
		ANALYZER_CONTENTS_RSH,
		## Messages of SMB, for its analyzer.
		ANALYZER_CONTENTS_SMB,
		## DCE/RPC.
		ANALYZER_DCE_RPC,
		## DHCP.
		ANALYZER_DHCP,
		## DNP3 over TCP.
		ANALYZER_DNP3_TCP,
		## DNP3 over UDP.
		ANALYZER_DNP3_UDP,
		## DNS.
		ANALYZER_DNS,
		## DTLS.
		ANALYZER_DTLS,
		## Finger.
		ANALYZER_FINGER,
		## FTP, the control connection.
		ANALYZER_FTP,
		## Security data of FTP (RFC 2228).
		ANALYZER_FTP_ADAT,
		## FTP, the data connections.
		ANALYZER_FTP_DATA,
		## Gnutella.
		ANALYZER_GNUTELLA,
		## GSSAPI.
		ANALYZER_GSSAPI,
		## HTTP.
		ANALYZER_HTTP,
		## ICMP.
		ANALYZER_ICMP,
		## Ident.
		ANALYZER_IDENT,
		## IMAP.
		ANALYZER_IMAP,
		## IRC.
		ANALYZER_IRC,
		## IRC, direct connections between clients.
		ANALYZER_IRC_DATA,
		## Kerberos over UDP.
		ANALYZER_KRB,
		## Kerberos over TCP.
		ANALYZER_KRB_TCP,
		## LDAP over TCP.
		ANALYZER_LDAP_TCP,
		## LDAP over UDP.
		ANALYZER_LDAP_UDP,
		## Interactive logins.
		ANALYZER_LOGIN,
		## Modbus.
		ANALYZER_MODBUS,
		## The mount protocol of NFS.
		ANALYZER_MOUNT,
		## MQTT.
		ANALYZER_MQTT,
		## MySQL.
		ANALYZER_MYSQL,
		## NetWare Core Protocol.
		ANALYZER_NCP,
		## NetBIOS sessions.
		ANALYZER_NETBIOSSSN,
		## NFS.
		ANALYZER_NFS,
		## NTLM.
		ANALYZER_NTLM,
		## NTP.
		ANALYZER_NTP,
		## The network virtual terminal of Telnet, for other analyzers.
		ANALYZER_NVT,
		## Detection of what a TCP connection speaks.
		ANALYZER_PIA_TCP,
		## Detection of what a UDP flow speaks.
		ANALYZER_PIA_UDP,
		## POP3.
		ANALYZER_POP3,
		## The portmapper of ONC RPC.
		ANALYZER_PORTMAPPER,
		## PostgreSQL.
		ANALYZER_POSTGRESQL,
		## QUIC.
		ANALYZER_QUIC,
		## RADIUS.
		ANALYZER_RADIUS,
		## RDP.
		ANALYZER_RDP,
		## RDP over UDP.
		ANALYZER_RDPEUDP,
		## Redis.
		ANALYZER_REDIS,
		## RFB, the protocol of VNC.
		ANALYZER_RFB,
		## Rlogin.
		ANALYZER_RLOGIN,
		## Rsh.
		ANALYZER_RSH,
		## SIP.
		ANALYZER_SIP,
		## SMB.
		ANALYZER_SMB,
		## SMTP.
		ANALYZER_SMTP,
		## Chunks of mail in SMTP (RFC 3030).
		ANALYZER_SMTP_BDAT,
		## SNMP.
		ANALYZER_SNMP,
		## SOCKS.
		ANALYZER_SOCKS,
		## Frames of WebSocket, for its analyzer.
		ANALYZER_SPICY_WEBSOCKET,
		## SSH.
		ANALYZER_SSH,
		## TLS and SSL.
		ANALYZER_SSL,
		## Delivery of a stream to an event.
		ANALYZER_STREAM_EVENT,
		## Syslog.
		ANALYZER_SYSLOG,
		## TCP.
		ANALYZER_TCP,
		## Statistics of TCP connections.
		ANALYZER_TCPSTATS,
		## Telnet.
		ANALYZER_TELNET,
		## UDP.
		ANALYZER_UDP,
		## Flows of other IP protocols.
		ANALYZER_UNKNOWN_IP_TRANSPORT,
		## WebSocket.
		ANALYZER_WEBSOCKET,
		## XMPP.
		ANALYZER_XMPP,
		## Decompression, for other analyzers.
		ANALYZER_ZIP
	};
}

module PacketAnalyzer;

export {
	## Analyzers of packets, from the link up to the transport.
	type Tag: enum {
		## ARP.
		ANALYZER_ARP,
		## AYIYA tunnels.
		ANALYZER_AYIYA,
		## Ethernet.
		ANALYZER_ETHERNET,
		## FDDI.
		ANALYZER_FDDI,
		## Geneve tunnels.
		ANALYZER_GENEVE,
		## GRE tunnels.
		ANALYZER_GRE,
		## GTP version 1 tunnels.
		ANALYZER_GTPV1,
		## ICMP.
		ANALYZER_ICMP,
		## Wi-Fi.
		ANALYZER_IEEE802_11,
		## Wi-Fi with a radiotap header.
		ANALYZER_IEEE802_11_RADIO,
		## IGMP.
		ANALYZER_IGMP,
		## IP.
		ANALYZER_IP,
		## IP in IP.
		ANALYZER_IPTUNNEL,
		## Linux's cooked capture.
		ANALYZER_LINUXSLL,
		## Linux's cooked capture, version 2.
		ANALYZER_LINUXSLL2,
		## IEEE 802.2 LLC.
		ANALYZER_LLC,
		## MPLS.
		ANALYZER_MPLS,
		## Linux's netfilter log.
		ANALYZER_NFLOG,
		## Novell's raw IEEE 802.3.
		ANALYZER_NOVELL_802_3,
		## BSD loopback.
		ANALYZER_NULL,
		## Provider backbone bridges (IEEE 802.1ah).
		ANALYZER_PBB,
		## PPP.
		ANALYZER_PPP,
		## PPP over Ethernet.
		ANALYZER_PPPOE,
		## PPP on serial lines.
		ANALYZER_PPPSERIAL,
		## The beginning of every packet.
		ANALYZER_ROOT,
		## Skipping of a fixed number of bytes.
		ANALYZER_SKIP,
		## IEEE 802 SNAP.
		ANALYZER_SNAP,
		## TCP.
		ANALYZER_TCP,
		## Teredo tunnels.
		ANALYZER_TEREDO,
		## UDP.
		ANALYZER_UDP,
		## Other IP protocols.
		ANALYZER_UNKNOWN_IP_TRANSPORT,
		## VLAN tags (IEEE 802.1Q).
		ANALYZER_VLAN,
		## VN tags (IEEE 802.1BR).
		ANALYZER_VNTAG,
		## VXLAN tunnels.
		ANALYZER_VXLAN
	};
}
module AllAnalyzers;

export {
	## Analyzers of every kind: a value of this type is a tag of a protocol's, a packet's or a file's analyzer.
	type Tag: enum {
		## No analyzer; what :bro:see:`Analyzer::get_tag` returns for a name that none has.
		ANALYZER_NONE
	};
}

module Files;

export {
	redef enum Files::Tag += {
		## Responses of OCSP.
		ANALYZER_OCSP_REPLY,
		## Requests of OCSP.
		ANALYZER_OCSP_REQUEST,
		## Windows executables.
		ANALYZER_PE,
		## Certificates.
		ANALYZER_X509
	};
}

module GLOBAL;

## Some analyzers of files.
type files_tag_set: set[Files::Tag];
