# The events of the paper, and those of lines.
@load policy/protocols/login/paper-events

event telnet_logged_in(c: connection, user: string) { print "logged in", user; }
event telnet_failure(c: connection, user: string) { print "failure", user; }
event telnet_confused(c: connection, msg: string) { print "confused", msg; }
event login_terminal(c: connection, terminal: string) { print "terminal", terminal; }
event login_input_line(c: connection, line: string) { print ">", line; }
event login_output_line(c: connection, line: string) { print "<", line; }

event login_success(c: connection, user: string, client_user: string, password: string, line: string)
	{
	print get_login_state(c$id) == LOGIN_STATE_LOGGED_IN;

	# No more lines of the first session.
	if ( "echo" in line )
		print set_login_state(c$id, LOGIN_STATE_SKIP);
	}
