## Something strange about a connection that is no attack and no error of the monitor by itself.
##
## name: which oddity, such as ``data_before_established``.
## c: the connection.
## addl: more about it; may be empty.
## source: the analyzer that saw it; may be empty.
global conn_weird: event(name: string, c: connection, addl: string, source: string);

## Something strange about a connection whose state is gone already.
##
## id: its endpoints.
## uid: its unique id.
global expired_conn_weird: event(name: string, id: conn_id, uid: string, addl: string, source: string);

## Something strange between two hosts that belongs to no connection.
##
## src: who sent it.
## dst: for whom it was.
global flow_weird: event(name: string, src: addr, dst: addr, addl: string, source: string);

## Something strange about a file under analysis.
##
## f: the file.
global file_weird: event(name: string, f: fa_file, addl: string, source: string);

## Something strange on the network that belongs to no pair of hosts.
global net_weird: event(name: string, addl: string, source: string);
