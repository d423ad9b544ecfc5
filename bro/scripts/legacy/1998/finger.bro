##! The event of Finger as it was: what is asked for is one string.

@load base/protocols/finger

module GLOBAL;

export {
	## A request of Finger.  Scripts handle and raise it by the name of :bro:see:`finger_request`: with these parameters
	## this one is meant.
	##
	## c: the connection.
	##
	## request: whom it asks about, with the hosts to pass it on to behind an ``@`` each.
	##
	## full: whether it asks for the long form of the answer.
	global finger_request_1998: event(c: connection, request: string, full: bool);
}

event finger_request(c: connection, full: bool, username: string, hostname: string)
	{
	event finger_request_1998(c, hostname == "" ? username : fmt("%s@%s", username, hostname), full);
	}
