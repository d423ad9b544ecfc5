##! Events about connections of any transport.

module GLOBAL;

export {
## The engine has made a connection for a packet that belonged to none. Raised for every flow of every transport;
## the packet itself is not taken into account yet.
global new_connection: event(c: connection);

## The engine is about to forget a connection: it has ended, timed out, or the input has ended. The last event
## about it.
global connection_state_remove: event(c: connection);

## A connection is given up: it was silent for the time after which its protocol is taken to be inactive, or, if TCP and
## half closed or with a responder that never spoke, for :bro:id:`tcp_connection_linger`.
global connection_timeout: event(c: connection);

## A connection is still there.  Raised every :bro:id:`connection_status_update_interval`, counted from its beginning.
global connection_status_update: event(c: connection);

## A connection was silent for the time after which it is given up, see :bro:see:`connection_timeout`.  A handler that
## ends by ``break`` keeps it until as much time has passed once more.
##
## c: the connection.
global connection_timing_out: hook(c: connection);

## A new connection begins between ports of one that the engine still knew. The old one is removed.
global connection_reused: event(c: connection);

## Originator and responder of a connection were exchanged, because it turned out who had opened it.
global connection_flipped: event(c: connection);

## The IPv6 flow label of a side differs from that of its packet before.
global connection_flow_label_changed: event(c: connection, is_orig: bool, old_label: count, new_label: count);

## A side has sent as many IP bytes as policy asked to be told of. The threshold is gone with it.
global conn_bytes_threshold_crossed: event(c: connection, threshold: count, is_orig: bool);

## A side has sent as many packets as policy asked to be told of. The threshold is gone with it.
global conn_packets_threshold_crossed: event(c: connection, threshold: count, is_orig: bool);

## A connection has lasted as long as policy asked to be told of. The threshold is gone with it.
global conn_duration_threshold_crossed: event(c: connection, threshold: interval, is_orig: bool);

## A connection has reached a number of packets that is watched for on all, see
## :bro:id:`ConnThreshold::generic_packet_thresholds`.
global conn_generic_packet_threshold_crossed: event(c: connection, threshold: count);

## What a side sends cannot be written to the file that policy asked for. Writing has ended.
global contents_file_write_failure: event(c: connection, is_orig: bool, msg: string);

## A signature with the action ``event`` has matched.
global signature_match: event(state: signature_state, msg: string, data: string, end_of_match: count);
}
