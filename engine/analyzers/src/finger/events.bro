##! Events of Finger.

module GLOBAL;

## Bytes of a line of Finger.  A longer one is cut there, and the event comes at once; the rest of the line is passed over.
option Finger::max_line_length: count = 1024;

## A client asks about a user, or about everybody.
##
## A line that ends with the stream, or is longer than :bro:see:`Finger::max_line_length`, is a request as well: it is what
## an attack on the daemon looks like.  Several requests on a connection are an event each.
##
## c: The connection.
## full: Whether it asks for the long form of the answer (``/W``).
## username: Whom it asks about; empty for everybody who is logged in.
## hostname: To whom the question is to be passed on, further hosts behind an ``@`` each; empty if to nobody.
event finger_request(c: connection, full: bool, username: string, hostname: string);

## A line of an answer.
##
## c: The connection.
## reply_line: Its text without the end of line.
event finger_reply(c: connection, reply_line: string);
