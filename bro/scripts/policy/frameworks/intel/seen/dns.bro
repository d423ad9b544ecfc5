##! Looks for names that DNS is asked for, and addresses it answers with, among the indicators.

@load base/frameworks/intel
@load base/protocols/dns
@load ./where-locations

event dns_request(c: connection, msg: dns_msg, query: string, qtype: count, qclass: count,
                  original_query: string) &group="Intel::DOMAIN"
	{
	Intel::seen(Intel::Seen($indicator=query, $indicator_type=Intel::DOMAIN, $conn=c, $where=DNS::IN_REQUEST));
	}

event dns_A_reply(c: connection, msg: dns_msg, ans: dns_answer, a: addr) &group="Intel::ADDR"
	{
	Intel::seen(Intel::Seen($host=a, $conn=c, $where=DNS::IN_RESPONSE));
	}

event dns_AAAA_reply(c: connection, msg: dns_msg, ans: dns_answer, a: addr) &group="Intel::ADDR"
	{
	Intel::seen(Intel::Seen($host=a, $conn=c, $where=DNS::IN_RESPONSE));
	}
