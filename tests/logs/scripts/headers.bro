# Extension headers of IPv6, and options of TCP.

event ipv6_ext_headers(c: connection, p: pkt_hdr)
	{
	for ( i, header in p$ip6$exts )
		print header$id;
	print p$ip6$exts[2]$routing, p$ip6$exts[3]$fragment, p$udp;
	}

event tcp_options(c: connection, is_orig: bool, options: TCP::OptionList)
	{
	for ( i, option_ in options )
		print option_$kind, option_$length;
	print options[0]$mss, options[2]$send_timestamp, options[4]$window_scale;
	}
