##! Who may ask a portmapper for what (Paxson 1998, section 6.3).

@load base/frameworks/notice
@load base/utils/site
@load ./main

module RPC;

export {
	redef enum Notice::Type += {
		## A host asked for a program that it has no business with.
		Portmapper_Request,
		## A host listed all programs.
		Portmapper_Dump,
		## A host had a portmapper call a program, which then believes it was called from its own host.
		Portmapper_Call,
		## A host set or removed a mapping from afar.
		Portmapper_Change,
		## A portmapper told of a port that is none.
		Portmapper_Bad_Port,
	};

	## Programs that anybody may ask for.
	option any_RPC_okay: set[string] = { "portmapper", "status", "rusers" };

	## Which host may ask which for a program, for instance ``[10.0.0.1, 10.0.0.2, "nfs"]``.
	option RPC_okay: set[addr, addr, string] = {};

	## Which networks may ask which for a program.
	option RPC_okay_nets: set[subnet, subnet, string] = {};

	## Hosts that may list all programs of any host.
	option RPC_dump_okay: set[addr, addr] = {};

	## Programs for which a notice is raised even if the portmapper refused or did not answer.
	option hot_programs: set[string] = {
		"nfs", "mount", "ypserv", "ypbind", "yppasswd", "ypupdated", "wall", "sadmind", "tooltalk", "amd", "pcnfs"
	};
}

function is_okay(c: connection, program: string): bool
	{
	if ( program in any_RPC_okay || [c$id$orig_h, c$id$resp_h, program] in RPC_okay )
		return T;

	for ( [from, to, name] in RPC_okay_nets )
		if ( name == program && c$id$orig_h in from && c$id$resp_h in to )
			return T;

	return F;
	}

function request(c: connection, kind: Notice::Type, what: string, outcome: string)
	{
	NOTICE(Notice::Info($note=kind, $conn=c, $msg=fmt("%s %s: %s", c$id$orig_h, what, outcome), $sub=outcome,
	                    $identifier=cat(c$id$orig_h, c$id$resp_h, what)));
	}

event pm_request_getport(r: connection, pr: pm_port_request, p: port)
	{
	local program = programs[pr$program];

	if ( ! is_okay(r, program) )
		request(r, Portmapper_Request, fmt("asked %s for %s", r$id$resp_h, program),
		        p == 0/tcp || p == 0/udp ? "not there" : fmt("at %s", p));
	}

event pm_attempt_getport(r: connection, status: rpc_status, pr: pm_port_request)
	{
	local program = programs[pr$program];

	if ( program in hot_programs && ! is_okay(r, program) )
		request(r, Portmapper_Request, fmt("asked %s for %s", r$id$resp_h, program), RPC_status[status]);
	}

event pm_request_dump(r: connection, m: pm_mappings)
	{
	if ( [r$id$orig_h, r$id$resp_h] !in RPC_dump_okay )
		request(r, Portmapper_Dump, fmt("listed the programs of %s", r$id$resp_h), fmt("%d", |m|));
	}

event pm_attempt_dump(r: connection, status: rpc_status)
	{
	if ( [r$id$orig_h, r$id$resp_h] !in RPC_dump_okay )
		request(r, Portmapper_Dump, fmt("listed the programs of %s", r$id$resp_h), RPC_status[status]);
	}

event pm_request_callit(r: connection, call: pm_callit_request, p: port)
	{
	local program = programs[call$program];

	if ( ! is_okay(r, program) )
		request(r, Portmapper_Call, fmt("had %s call %s", r$id$resp_h, program), fmt("at %s", p));
	}

event pm_attempt_callit(r: connection, status: rpc_status, call: pm_callit_request)
	{
	local program = programs[call$program];

	if ( ! is_okay(r, program) )
		request(r, Portmapper_Call, fmt("had %s call %s", r$id$resp_h, program), RPC_status[status]);
	}

event pm_request_set(r: connection, m: pm_mapping, success: bool)
	{
	request(r, Portmapper_Change, fmt("set %s at %s", programs[m$program], m$p), success ? "done" : "refused");
	}

event pm_request_unset(r: connection, m: pm_mapping, success: bool)
	{
	request(r, Portmapper_Change, fmt("removed %s", programs[m$program]), success ? "done" : "refused");
	}

event pm_attempt_set(r: connection, status: rpc_status, m: pm_mapping)
	{
	request(r, Portmapper_Change, fmt("set %s at %s", programs[m$program], m$p), RPC_status[status]);
	}

event pm_attempt_unset(r: connection, status: rpc_status, m: pm_mapping)
	{
	request(r, Portmapper_Change, fmt("removed %s", programs[m$program]), RPC_status[status]);
	}

event pm_bad_port(r: connection, bad_p: count)
	{
	NOTICE(Notice::Info($note=Portmapper_Bad_Port, $conn=r, $msg=fmt("%d is no port", bad_p), $n=bad_p,
	                    $identifier=r$uid));
	}
