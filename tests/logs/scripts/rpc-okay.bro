# What one host may ask another for; the rest is told.

@load policy/protocols/rpc

redef RPC::RPC_okay += { [192.0.2.10, 192.0.2.80, "200000"] };
redef RPC::RPC_okay_nets += { [192.0.2.0/24, 192.0.2.0/24, "nfs"] };
redef RPC::RPC_dump_okay += { [192.0.2.10, 192.0.2.80] };
