##! Looks for what headers of HTTP name among the indicators.

@load base/frameworks/intel
@load base/protocols/http/utils
@load ./where-locations

event http_header(c: connection, is_orig: bool, name: string, value: string) &group="Intel::ADDR"
	{
	if ( ! is_orig )
		return;

	if ( name == "HOST" )
		{
		# Without the port; addresses of IPv6 are in brackets.
		local host = gsub(gsub(value, /:[0-9]+$/, ""), /[\[\]]/, "");
		if ( is_valid_ip(host) )
			Intel::seen(Intel::Seen($host=to_addr(host), $conn=c, $where=HTTP::IN_HOST_HEADER));
		}
	else if ( name == "X-FORWARDED-FOR" && is_valid_ip(strip(value)) )
		Intel::seen(Intel::Seen($host=to_addr(strip(value)), $conn=c, $where=HTTP::IN_X_FORWARDED_FOR_HEADER));
	else if ( name == "X-FORWARDED-FOR" )
		{
		local addresses = extract_ip_addresses(value, T);
		for ( i in addresses )
			Intel::seen(Intel::Seen($host=to_addr(addresses[i]), $conn=c, $where=HTTP::IN_X_FORWARDED_FOR_HEADER));
		}
	}

event http_header(c: connection, is_orig: bool, name: string, value: string) &group="Intel::DOMAIN"
	{
	if ( is_orig && name == "HOST" )
		{
		local host = gsub(value, /:[0-9]+$/, "");
		if ( ! is_valid_ip(gsub(host, /[\[\]]/, "")) )
			Intel::seen(Intel::Seen($indicator=host, $indicator_type=Intel::DOMAIN, $conn=c,
			                        $where=HTTP::IN_HOST_HEADER));
		}
	}

event http_header(c: connection, is_orig: bool, name: string, value: string) &group="Intel::URL"
	{
	if ( is_orig && name == "REFERER" )
		Intel::seen(Intel::Seen($indicator=sub(value, /^.*:\/\//, ""), $indicator_type=Intel::URL, $conn=c,
		                        $where=HTTP::IN_REFERRER_HEADER));
	}

event http_header(c: connection, is_orig: bool, name: string, value: string) &group="Intel::SOFTWARE"
	{
	if ( is_orig && name == "USER-AGENT" )
		Intel::seen(Intel::Seen($indicator=value, $indicator_type=Intel::SOFTWARE, $conn=c,
		                        $where=HTTP::IN_USER_AGENT_HEADER));
	}
