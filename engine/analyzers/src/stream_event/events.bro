##! Events about the content of streams, whatever their protocol.

module GLOBAL;

## The next bytes of a stream that the analyzer ``STREAM_EVENT`` looks at, in order.  Raised for every piece, which is
## costly.
##
## c: The connection.
## is_orig: Whether the originator sent them.
## data: The bytes.
event stream_deliver(c: connection, is_orig: bool, data: string);

## Bytes of such a stream were lost to the monitor.
##
## c: The connection.
## is_orig: Whether the originator sent them.
## seq: Where they begin; the first byte of a stream is at 1.
## len: How many they are.
event stream_undelivered(c: connection, is_orig: bool, seq: count, len: count);
