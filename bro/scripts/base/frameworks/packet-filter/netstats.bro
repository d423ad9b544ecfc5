##! Notices about packets that the capture lost.

@load base/frameworks/notice

module PacketFilter;

export {
	redef enum Notice::Type += {
		## The capture lost packets.
		Dropped_Packets
	};

	## How often to look.
	const stats_collection_interval = 5 min &redef;
}

## Raised when it is time to look.
event net_stats_update(last_stat: NetStats)
	{
	local now = get_net_stats();
	local lost = now$pkts_dropped - last_stat$pkts_dropped;

	if ( lost > 0 )
		{
		local received = now$pkts_recvd - last_stat$pkts_recvd;
		local on_link = now$pkts_link == 0 ? "" : fmt(", %d on link", now$pkts_link - last_stat$pkts_link);
		NOTICE([$note=Dropped_Packets,
		        $msg=fmt("%d packets dropped after filtering, %d received%s", lost, received, on_link)]);
		}

	schedule stats_collection_interval { net_stats_update(now) };
	}

event zeek_init()
	{
	# A capture file loses nothing.
	if ( reading_live_traffic() )
		schedule stats_collection_interval { net_stats_update(NetStats($pkts_recvd=0, $pkts_dropped=0, $pkts_link=0)) };
	}
