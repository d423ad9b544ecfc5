## A program at a port.
type pm_mapping: record {
	program: count;	##< Its number.
	version: count;	##< Its version.
	p: port;	##< The port.
};

## Programs at ports, numbered from 1.
type pm_mappings: table[count] of pm_mapping;

## A program whose port is asked for.
type pm_port_request: record {
	program: count;	##< Its number.
	version: count;	##< Its version.
	is_tcp: bool;	##< Whether it is to speak TCP, or else UDP.
};

## A program that the portmapper is to call.
type pm_callit_request: record {
	program: count;	##< Its number.
	version: count;	##< Its version.
	proc: count;	##< The procedure.
	arg_size: count;	##< Bytes of the arguments.
};

## The portmapper answered a call that asks for nothing.
##
## r: The connection.
event pm_request_null(r: connection);

## A program asked to be listed.
##
## r: The connection.
## m: The program.
## success: Whether it is.
event pm_request_set(r: connection, m: pm_mapping, success: bool);

## A program asked to be listed no more.
##
## r: The connection.
## m: The program.
## success: Whether it was.
event pm_request_unset(r: connection, m: pm_mapping, success: bool);

## Somebody asked for the port of a program.
##
## r: The connection.
## pr: The program.
## p: The port; 0 if the program is not there.
event pm_request_getport(r: connection, pr: pm_port_request, p: port);

## Somebody asked for all programs.
##
## r: The connection.
## m: The programs, 1000 at most.
event pm_request_dump(r: connection, m: pm_mappings);

## Somebody had the portmapper call a program, which then sees the portmapper as its caller.
##
## r: The connection.
## call: What was called.
## p: The program's port.
event pm_request_callit(r: connection, call: pm_callit_request, p: port);

## A call that asks for nothing failed.
##
## r: The connection.
## status: How.
event pm_attempt_null(r: connection, status: rpc_status);

## A program asked in vain to be listed.
##
## r: The connection.
## status: Why that failed.
## m: The program.
event pm_attempt_set(r: connection, status: rpc_status, m: pm_mapping);

## A program asked in vain to be listed no more.
##
## r: The connection.
## status: Why that failed.
## m: The program.
event pm_attempt_unset(r: connection, status: rpc_status, m: pm_mapping);

## Somebody asked in vain for the port of a program.
##
## r: The connection.
## status: Why that failed.
## pr: The program.
event pm_attempt_getport(r: connection, status: rpc_status, pr: pm_port_request);

## Somebody asked in vain for all programs.
##
## r: The connection.
## status: Why that failed.
event pm_attempt_dump(r: connection, status: rpc_status);

## Somebody asked the portmapper in vain to call a program.
##
## r: The connection.
## status: Why that failed.
## call: What was to be called.
event pm_attempt_callit(r: connection, status: rpc_status, call: pm_callit_request);

## A number beyond 65535 where a port should be.
##
## r: The connection.
## bad_p: The number.
event pm_bad_port(r: connection, bad_p: count);
