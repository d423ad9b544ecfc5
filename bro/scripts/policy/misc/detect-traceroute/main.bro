##! Recognizes traceroute: packets with a low time to live from a host, and routers that say it was exceeded.

@load base/frameworks/notice
@load base/frameworks/sumstats

module Traceroute;

export {
	redef enum Log::ID += { LOG };

	global log_policy: Log::PolicyHook;

	redef enum Notice::Type += {
		## A host traced the route to another.
		Detected
	};

	## Whether packets with a low time to live have to be seen; otherwise answers of routers will do.
	const require_low_ttl_packets = T &redef;

	## How many routers have to answer.
	const icmp_time_exceeded_threshold: double = 3 &redef;

	## Within which time.
	const icmp_time_exceeded_interval = 3 min &redef;

	## A row of traceroute.log.
	type Info: record {
		## When.
		ts: time &log;
		## The host that traced.
		src: addr &log;
		## The host at the end of the route.
		dst: addr &log;
		## The protocol of its packets.
		proto: string &log;
	};

	## Raised with every row of traceroute.log.
	global log_traceroute: event(rec: Info);
}

# Packets with a lower time to live than this are for tracing.
const low_ttl = 10;

event zeek_init() &priority=5
	{
	Log::create_stream(Traceroute::LOG, Log::Stream($columns=Info, $ev=log_traceroute, $path="traceroute",
	                                                $policy=log_policy));

	local answers = SumStats::Reducer($stream="traceroute.time_exceeded", $apply=set(SumStats::UNIQUE));
	local packets = SumStats::Reducer($stream="traceroute.low_ttl_packet", $apply=set(SumStats::SUM));

	SumStats::create(SumStats::SumStat($name="traceroute-detection", $epoch=icmp_time_exceeded_interval,
		$reducers=set(answers, packets),
		$threshold_val(key: SumStats::Key, result: SumStats::Result) =
			{
			# Without packets that are for tracing, the answers are to something else.
			if ( require_low_ttl_packets && "traceroute.low_ttl_packet" !in result )
				return 0.0;
			if ( "traceroute.time_exceeded" !in result )
				return 0.0;
			return result["traceroute.time_exceeded"]$unique + 0.0;
			},
		$threshold=icmp_time_exceeded_threshold,
		$threshold_crossed(key: SumStats::Key, result: SumStats::Result) =
			{
			local parts = split_string_n(key$str, /-/, F, 1);
			local dst = to_addr(parts[0]);
			local proto = parts[1];
			Log::write(LOG, Info($ts=network_time(), $src=key$host, $dst=dst, $proto=proto));
			NOTICE(Notice::Info($note=Traceroute::Detected, $src=key$host, $dst=dst, $identifier=cat(key$host),
			                    $msg=fmt("%s seems to be running traceroute using %s", key$host, proto)));
			}));
	}

event new_connection(c: connection)
	{
	local p = get_current_packet_header();
	local low = p?$ip ? p$ip$ttl < low_ttl : (p?$ip6 ? p$ip6$hlim < low_ttl : F);
	if ( low && require_low_ttl_packets )
		SumStats::observe("traceroute.low_ttl_packet",
		                  SumStats::Key($host=c$id$orig_h, $str=fmt("%s-%s", c$id$resp_h,
		                                                            get_port_transport_proto(c$id$resp_p))),
		                  SumStats::Observation($num=1));
	}

event icmp_time_exceeded(c: connection, info: icmp_info, code: count, context: icmp_context)
	{
	SumStats::observe("traceroute.time_exceeded",
	                  SumStats::Key($host=context$id$orig_h,
	                                $str=fmt("%s-%s", context$id$resp_h,
	                                         get_port_transport_proto(context$id$resp_p))),
	                  SumStats::Observation($str=cat(c$id$orig_h)));
	}
