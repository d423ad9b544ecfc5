##! Answers the requests of those who control this instance, see :bro:see:`Control::commands`.

@load base/frameworks/control

module Control;

event Control::id_value_request(id: string)
	{
	event Control::id_value_response(id, fmt("%s", lookup_ID(id)));
	}

event Control::peer_status_request()
	{
	event Control::peer_status_response("");
	}

event Control::net_stats_request()
	{
	local stats = get_net_stats();
	event Control::net_stats_response(fmt("%.6f recvd=%d dropped=%d link=%d\n", network_time(), stats$pkts_recvd,
	                                      stats$pkts_dropped, stats$pkts_link));
	}

event Control::configuration_update_request()
	{
	# Scripts redo what depends on options.
	event Control::configuration_update();
	event Control::configuration_update_response();
	}

event Control::shutdown_request()
	{
	event Control::shutdown_response();
	# Behind the response.
	event terminate_event();
	}
