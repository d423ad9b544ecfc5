# What is asked and answered by ARP.

event arp_request(mac_src: string, mac_dst: string, SPA: addr, SHA: string, TPA: addr, THA: string)
	{
	print "request", mac_src, mac_dst, SPA, SHA, TPA, THA;
	}

event arp_reply(mac_src: string, mac_dst: string, SPA: addr, SHA: string, TPA: addr, THA: string)
	{
	print "reply", mac_src, mac_dst, SPA, SHA, TPA, THA;
	}
