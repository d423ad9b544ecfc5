## How a call of ONC RPC ended.
type rpc_status: enum {
	RPC_SUCCESS,	##< It was carried out.
	RPC_PROG_UNAVAIL,	##< There is no such program.
	RPC_PROG_MISMATCH,	##< There is another version of the program only.
	RPC_PROC_UNAVAIL,	##< The program has no such procedure.
	RPC_GARBAGE_ARGS,	##< The arguments made no sense.
	RPC_SYSTEM_ERR,	##< The server failed.
	RPC_TIMEOUT,	##< Nobody answered within :bro:id:`rpc_timeout`.
	RPC_VERS_MISMATCH,	##< The server speaks another version of RPC.
	RPC_AUTH_ERROR,	##< The server did not believe the credentials.
	RPC_UNKNOWN_ERROR	##< Something else.
};

## How long a reply is waited for.
const rpc_timeout = 24 secs &redef;

## Calls of a connection that may wait for replies; with one more, all are forgotten.
const rpc_max_pending_calls = 1000 &redef;

## A call of ONC RPC.
##
## c: The connection.
## xid: The number that the reply will have as well.
## prog: The program.
## ver: Its version.
## proc: The procedure.
## call_len: Bytes of the call.
event rpc_call(c: connection, xid: count, prog: count, ver: count, proc: count, call_len: count);

## A reply of ONC RPC.
##
## c: The connection.
## xid: The number of the call.
## status: What became of it.
## reply_len: Bytes of the reply.
event rpc_reply(c: connection, xid: count, status: rpc_status, reply_len: count);

## A call of ONC RPC together with its reply, or with none if nobody waits for one any more.
##
## c: The connection.
## prog: The program.
## ver: Its version.
## proc: The procedure.
## status: What became of it.
## start_time: When the call was made.
## call_len: Bytes of the call.
## reply_len: Bytes of the reply.
event rpc_dialogue(c: connection, prog: count, ver: count, proc: count, status: rpc_status, start_time: time, call_len: count, reply_len: count);

## More calls than :bro:id:`rpc_max_pending_calls` waited for replies; they were forgotten.
##
## c: The connection.
event rpc_discarded_pending_calls(c: connection);

