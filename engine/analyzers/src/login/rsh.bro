## A command for a remote shell, or a line for that command to read.
##
## c: The connection.
## client_user: The user's name on the client.
## server_user: As whom the command is to run on the server.
## line: The command or the line.
## new_session: Whether it is the command.
event rsh_request(c: connection, client_user: string, server_user: string, line: string, new_session: bool);

## A line that a command of a remote shell printed, or the server's refusal.
##
## c: The connection.
## client_user: The user's name on the client.
## server_user: As whom the command runs on the server.
## line: The line.
event rsh_reply(c: connection, client_user: string, server_user: string, line: string);
