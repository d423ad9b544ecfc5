##! Finds data connections that go elsewhere than between the two hosts of a session: a client that has the server connect
##! to a third host (FTP bounce), a server that sends its client to one, and a third host that uses a port meant for the
##! client.

@load base/frameworks/notice
@load base/protocols/ftp

module FTP;

export {
	redef enum Notice::Type += {
		## A client told a server to open a data connection to a third host (``PORT``, ``EPRT``).
		Bounce,
		## A server told its client to open a data connection to a third host (``PASV``, ``EPSV``).
		Passive_Redirection,
		## A data connection was opened by another host than the one it was meant for.
		Third_Party_Data,
		## A client told a server to open a data connection to a port that services have (below 1024).
		Privileged_Data_Port,
	};

	## Hosts in the same subnet of this width are taken for one with several addresses.
	option multihomed_v4_bits = 24;

	## The same for IPv6.
	option multihomed_v6_bits = 64;

	## Hosts that may have data connections with others than they have sessions with, such as those behind a balancer.
	option data_relays: set[subnet] = {};

	## Whether two addresses are taken for the same host.
	##
	## a: the one.
	##
	## b: the other.
	global is_same_host: function(a: addr, b: addr): bool;
}

function is_same_host(a: addr, b: addr): bool
	{
	if ( a == b )
		return T;

	if ( is_v4_addr(a) != is_v4_addr(b) )
		# Possibly one that has both, which nothing tells.
		return F;

	local bits = is_v4_addr(a) ? multihomed_v4_bits : multihomed_v6_bits;
	return mask_addr(a, bits) == mask_addr(b, bits);
	}

event ftp_request(c: connection, command: string, arg: string) &priority=3
	{
	if ( command != "PORT" && command != "EPRT" )
		return;

	local data = command == "PORT" ? parse_ftp_port(arg) : parse_eftp_port(arg);

	if ( ! data$valid )
		return;

	if ( ! is_same_host(data$h, c$id$orig_h) && data$h !in data_relays )
		NOTICE(Notice::Info($note=Bounce, $conn=c, $src=c$id$orig_h, $dst=data$h, $p=data$p,
		              $msg=fmt("%s has the FTP server %s connect to %s port %s", c$id$orig_h, c$id$resp_h, data$h, data$p),
		              $sub=fmt("%s %s", command, arg), $identifier=cat(c$id$orig_h, data$h)));

	if ( data$p < 1024/tcp )
		NOTICE(Notice::Info($note=Privileged_Data_Port, $conn=c, $src=c$id$orig_h, $dst=data$h, $p=data$p,
		              $msg=fmt("%s has the FTP server %s connect to port %s of %s", c$id$orig_h, c$id$resp_h, data$p, data$h),
		              $sub=fmt("%s %s", command, arg), $identifier=cat(c$id$orig_h, data$h, data$p)));
	}

event ftp_reply(c: connection, code: count, msg: string, cont_resp: bool) &priority=3
	{
	if ( cont_resp || ( code != 227 && code != 229 ) )
		return;

	local data = code == 227 ? parse_ftp_pasv(msg) : parse_ftp_epsv(msg);

	if ( ! data$valid || data$h == [::] || is_same_host(data$h, c$id$resp_h) || data$h in data_relays )
		return;

	NOTICE(Notice::Info($note=Passive_Redirection, $conn=c, $src=c$id$resp_h, $dst=data$h, $p=data$p,
	              $msg=fmt("the FTP server %s sends its client %s to %s port %s", c$id$resp_h, c$id$orig_h, data$h, data$p),
	              $sub=fmt("%s %s", code, msg), $identifier=cat(c$id$resp_h, data$h)));
	}

event scheduled_analyzer_applied(c: connection, a: Analyzer::Tag) &priority=3
	{
	if ( a != Analyzer::ANALYZER_FTP_DATA || [c$id$resp_h, c$id$resp_p] !in ftp_data_expected )
		return;

	local session = ftp_data_expected[c$id$resp_h, c$id$resp_p];
	local meant = session$passive ? session$id$orig_h : session$id$resp_h;

	if ( is_same_host(c$id$orig_h, meant) || c$id$orig_h in data_relays )
		return;

	NOTICE(Notice::Info($note=Third_Party_Data, $conn=c,
	              $msg=fmt("%s opened a data connection that %s was to open (session %s)", c$id$orig_h, meant, session$uid),
	              $identifier=cat(c$id$orig_h, c$id$resp_h, meant)));
	}
