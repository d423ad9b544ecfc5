##! The events of 1998 about Telnet (Paxson 1998, section 6.4) for policies that handle those.

@load ./main

## A user was let in.
##
## c: The connection.
## user: Who.
global telnet_logged_in: event(c: connection, user: string);

## A user was refused.
##
## c: The connection.
## user: Who.
global telnet_failure: event(c: connection, user: string);

## The dialog cannot be followed.
##
## c: The connection.
## msg: Why.
global telnet_confused: event(c: connection, msg: string);

event login_success(c: connection, user: string, client_user: string, password: string, line: string)
	{
	event telnet_logged_in(c, user);
	}

event login_failure(c: connection, user: string, client_user: string, password: string, line: string)
	{
	event telnet_failure(c, user);
	}

event login_confused(c: connection, msg: string, line: string)
	{
	if ( msg != "possible_login_ploy" )
		event telnet_confused(c, msg);
	}
