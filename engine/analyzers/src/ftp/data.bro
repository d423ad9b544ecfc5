##! Events of FTP's data connections.

module GLOBAL;

## A connection carries a file, such as FTP's data connections do.  Raised once a connection: when enough of the content was
## seen to recognise it, or when the connection ends.
##
## c: The connection.
## prefix: The beginning of the content, 1024 bytes at most.
## descr: Empty: no text describes it.  See :bro:see:`identify_data` and the file's own events.
## mime_type: The MIME type that the content suggests; empty if none.
event file_transferred(c: connection, prefix: string, descr: string, mime_type: string);
