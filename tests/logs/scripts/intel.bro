# Indicators for what the captures of HTTP have.

@load policy/frameworks/intel/seen
@load policy/frameworks/intel/do_notice
@load policy/frameworks/intel/whitelist
@load base/files/hash
@load policy/frameworks/files/hash-all-files

function known(indicator: string, kind: Intel::Type, do_notice: bool)
	{
	Intel::insert(Intel::Item($indicator=indicator, $indicator_type=kind,
	                          $meta=Intel::MetaData($source="test", $desc="known", $do_notice=do_notice)));
	}

event zeek_init()
	{
	known("192.0.2.80", Intel::ADDR, T);
	known("2001:db8::/32", Intel::SUBNET, F);
	known("192.0.2.80/pixel.png", Intel::URL, F);
	known("curl/7.88.1", Intel::SOFTWARE, F);
	known("192.0.2.10", Intel::ADDR, F);
	Intel::insert(Intel::Item($indicator="192.0.2.10", $indicator_type=Intel::ADDR,
	                          $meta=Intel::MetaData($source="us", $whitelist=T)));
	}
