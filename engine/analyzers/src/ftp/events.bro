## A command of an FTP client.  Telnet options and NULs in it are taken out.
##
## c: The control connection.
## command: The command in upper case, such as ``RETR``; ``<missing>`` if the line is empty.
## arg: What it is about; empty if nothing follows the command.
event ftp_request(c: connection, command: string, arg: string);

## A line of an FTP server's reply.
##
## c: The control connection.
## code: The reply's code, such as 226.
## msg: The text of the line, without the code.
## cont_resp: Whether the reply goes on in the next line.
event ftp_reply(c: connection, code: count, msg: string, cont_resp: bool);

## The server accepted ``AUTH TLS`` (RFC 4217).  What follows on the connection is TLS, so no event of FTP comes any more.
##
## c: The control connection.
event ftp_starttls(c: connection);
