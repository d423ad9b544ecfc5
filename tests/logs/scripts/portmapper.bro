event rpc_call(c: connection, xid: count, prog: count, ver: count, proc: count, call_len: count) { print "call", prog, ver, proc, call_len; }
event rpc_reply(c: connection, xid: count, status: rpc_status, reply_len: count) { print "reply", status, reply_len; }
event pm_request_null(r: connection) { print "null"; }
event pm_request_dump(r: connection, m: pm_mappings) { for ( n in m ) print "dump", n, m[n]; }
event pm_request_getport(r: connection, pr: pm_port_request, p: port) { print "getport", pr, p; }
event pm_attempt_set(r: connection, status: rpc_status, m: pm_mapping) { print "set", status, m; }
event pm_attempt_unset(r: connection, status: rpc_status, m: pm_mapping) { print "unset", status, m; }
event pm_attempt_callit(r: connection, status: rpc_status, call: pm_callit_request) { print "callit", status, call; }
