##! Notices about requests of Finger: for users who are of interest to attackers, too long ones, ones to be passed on, and
##! more than one on a connection.

@load base/frameworks/notice
@load base/protocols/finger

module Finger;

export {
	redef enum Notice::Type += {
		## It is asked about a user of :bro:id:`Finger::sensitive_users`.
		Sensitive_User,
		## A request is longer than :bro:id:`Finger::excessive_length`, as to overflow a buffer.
		Excessive_Request,
		## The host is to ask another one.
		Forwarded_Request,
		## There is another request on a connection that can have one.
		Several_Requests
	};

	## Users that nobody else has to ask about.
	option sensitive_users: set[string] = { "root", "lp", "uucp", "sys", "toor", "admin" };

	## Bytes of a request that nobody types.
	option excessive_length = 80;
}

redef record connection += {
	## Requests of Finger so far.
	finger_requests: count &default=0;
};

event finger_request(c: connection, full: bool, username: string, hostname: string)
	{
	++c$finger_requests;
	local shown = hostname == "" ? username : fmt("%s@%s", username, hostname);
	local ends = fmt("%s asks %s", c$id$orig_h, c$id$resp_h);

	if ( |shown| > excessive_length )
		NOTICE([$note=Excessive_Request, $conn=c, $n=|shown|, $msg=fmt("%s with %d bytes", ends, |shown|),
		        $sub=shown[0:excessive_length], $identifier=c$uid]);

	# Daemons ask about each word, and those written in C do not look beyond a NUL.
	for ( _, name in split_string(username, /[[:blank:]\x00]+/) )
		if ( name in sensitive_users )
			NOTICE([$note=Sensitive_User, $conn=c, $msg=fmt("%s about %s", ends, name), $sub=shown,
			        $identifier=fmt("%s %s %s", c$id$orig_h, c$id$resp_h, name)]);

	if ( hostname != "" )
		NOTICE([$note=Forwarded_Request, $conn=c, $msg=fmt("%s to ask %s", ends, hostname), $sub=shown,
		        $identifier=fmt("%s %s", c$id$orig_h, c$id$resp_h)]);

	if ( c$finger_requests == 2 )
		NOTICE([$note=Several_Requests, $conn=c, $msg=fmt("%s more than once on a connection", ends), $sub=shown,
		        $identifier=c$uid]);
	}
