# Events of DNS.
event dns_message(c: connection, is_orig: bool, msg: dns_msg, len: count) { print is_orig, len, msg; }
event dns_request(c: connection, msg: dns_msg, query: string, qtype: count, qclass: count, original_query: string) { print "  request", query, DNS::query_types[qtype], DNS::classes[qclass], original_query; }
event dns_query_reply(c: connection, msg: dns_msg, query: string, qtype: count, qclass: count, original_query: string) { print "  query", query; }
event dns_A_reply(c: connection, msg: dns_msg, ans: dns_answer, a: addr) { print "  A", ans, a; }
event dns_AAAA_reply(c: connection, msg: dns_msg, ans: dns_answer, a: addr) { print "  AAAA", ans$query, a; }
event dns_CNAME_reply(c: connection, msg: dns_msg, ans: dns_answer, name: string) { print "  CNAME", ans$query, name; }
event dns_PTR_reply(c: connection, msg: dns_msg, ans: dns_answer, name: string) { print "  PTR", ans$query, name; }
event dns_MX_reply(c: connection, msg: dns_msg, ans: dns_answer, name: string, preference: count) { print "  MX", ans$query, name, preference; }
event dns_SRV_reply(c: connection, msg: dns_msg, ans: dns_answer, target: string, priority: count, weight: count, p: count) { print "  SRV", target, priority, weight, p; }
event dns_SOA_reply(c: connection, msg: dns_msg, ans: dns_answer, soa: dns_soa) { print "  SOA", soa; }
event dns_TXT_reply(c: connection, msg: dns_msg, ans: dns_answer, strs: string_vec) { print "  TXT", strs; }
event dns_CAA_reply(c: connection, msg: dns_msg, ans: dns_answer, flags: count, tag: string, value: string) { print "  CAA", flags, tag, value; }
event dns_EDNS_addl(c: connection, msg: dns_msg, ans: dns_edns_additional) { print "  EDNS", ans; }
event dns_rejected(c: connection, msg: dns_msg, query: string, qtype: count, qclass: count, original_query: string) { print "  rejected", query; }
event dns_end(c: connection, msg: dns_msg) { print "  end"; }
