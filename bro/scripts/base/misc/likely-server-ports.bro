##! Ports at which servers listen.  A connection whose first packet seen comes from one of them, and does not go to
##! another of them, was opened by the other side: see :bro:id:`likely_server_ports`.
##!
##! Scripts of a protocol add its ports themselves; here are those of protocols that have no script of their own.

redef likely_server_ports += {
	21/tcp, 22/tcp, 25/tcp, 67/udp, 79/tcp, 88/tcp, 88/udp, 123/udp, 135/tcp, 139/tcp, 143/tcp, 161/udp, 162/udp,
	389/tcp, 389/udp, 443/tcp, 443/udp, 445/tcp, 465/tcp, 502/tcp, 514/udp, 563/tcp, 585/tcp, 587/tcp, 614/tcp, 636/tcp,
	989/tcp, 990/tcp, 992/tcp, 993/tcp, 995/tcp, 1434/tcp, 1812/udp, 1883/tcp, 2811/tcp, 3268/tcp, 3306/tcp, 3389/tcp,
	3389/udp, 4011/udp, 5060/udp, 5222/tcp, 5223/tcp, 5269/tcp, 5432/tcp, 6379/tcp, 6666/tcp, 6667/tcp, 6668/tcp, 6669/tcp,
	20000/tcp, 20000/udp,
};
