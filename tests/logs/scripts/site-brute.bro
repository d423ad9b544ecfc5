##! Guessing of passwords found by summary statistics: samples, a series of thresholds, keys made alike.

@load base/frameworks/sumstats

module Brute;

export {
	redef enum Notice::Type += { Guessing };
	const period = 15 mins &redef;
}

event zeek_init()
	{
	local r = SumStats::Reducer($stream="ftp.reply",
	                            $apply=set(SumStats::SUM, SumStats::SAMPLE, SumStats::TOPK, SumStats::HLL_UNIQUE),
	                            $num_samples=2,
	                            $pred(key: SumStats::Key, obs: SumStats::Observation) = { return obs$str != "220"; },
	                            $normalize_key(key: SumStats::Key) = {
	                            	return SumStats::Key($host=key$host, $str="ftp");
	                            });
	SumStats::create(SumStats::SumStat($name="brute", $epoch=period, $reducers=set(r),
	                                   $threshold_val(key: SumStats::Key, result: SumStats::Result) = { return result["ftp.reply"]$sum; },
	                                   $threshold_series=vector(2.0, 5.0),
	                                   $threshold_crossed(key: SumStats::Key, result: SumStats::Result) = {
	                                   	local seen = result["ftp.reply"];
	                                   	print "crossed", key, seen$num, |seen$samples|, seen$hll_unique;
	                                   	local top = topk_get_top(seen$topk, 1);
	                                   	print (top[0] as SumStats::Observation)$str;
	                                   	NOTICE([$note=Guessing, $src=key$host, $msg=fmt("%s had %d replies", key$host, seen$num),
	                                   	        $identifier=cat(key$host)]);
	                                   },
	                                   $epoch_result(ts: time, key: SumStats::Key, result: SumStats::Result) = {
	                                   	print "epoch", key$host, result["ftp.reply"]$sum;
	                                   }));
	}

event ftp_reply(c: connection, code: count, msg: string, cont_resp: bool)
	{
	SumStats::observe("ftp.reply", [$host=c$id$orig_h], [$num=1, $str=cat(code)]);
	}
