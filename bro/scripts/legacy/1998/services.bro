##! Ports by the names of their services (RFC 1700 and the registry after it).  A name that TCP and UDP share stands for
##! both of its ports: good among the elements of a set, and no port by itself.

module GLOBAL;

export {
	const echo: set[port] = { 7/tcp, 7/udp };
	const discard: set[port] = { 9/tcp, 9/udp };
	const systat = 11/tcp;
	const daytime: set[port] = { 13/tcp, 13/udp };
	const netstat = 15/tcp;
	const qotd = 17/tcp;
	const chargen: set[port] = { 19/tcp, 19/udp };
	const ftp = 21/tcp;
	const ssh = 22/tcp;
	const telnet = 23/tcp;
	const smtp = 25/tcp;
	const whois = 43/tcp;
	const domain: set[port] = { 53/tcp, 53/udp };
	const bootps = 67/udp;
	const bootpc = 68/udp;
	const tftp = 69/udp;
	const gopher = 70/tcp;
	const finger = 79/tcp;
	const http = 80/tcp;
	const www = 80/tcp;
	const kerberos: set[port] = { 88/tcp, 88/udp };
	const pop2 = 109/tcp;
	const pop3 = 110/tcp;
	const sunrpc: set[port] = { 111/tcp, 111/udp };
	const portmapper: set[port] = { 111/tcp, 111/udp };
	const auth = 113/tcp;
	const ident = 113/tcp;
	const nntp = 119/tcp;
	const ntp = 123/udp;
	const imap = 143/tcp;
	const snmp = 161/udp;
	const bgp = 179/tcp;
	const irc = 194/tcp;
	const https = 443/tcp;
	const biff = 512/udp;
	const login = 513/tcp;
	const who = 513/udp;
	const shell = 514/tcp;
	const printer = 515/tcp;
	const talk = 517/udp;
	const ntalk = 518/udp;
	const route = 520/udp;
	const uucp = 540/tcp;
	const nfs: set[port] = { 2049/tcp, 2049/udp };
	const x11 = 6000/tcp;
}
