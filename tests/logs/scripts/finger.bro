# What the analyzer of Finger tells, as it tells it.

event finger_request(c: connection, full: bool, username: string, hostname: string)
	{
	local shown = |username| > 60 ? fmt("%s... (%d bytes)", username[0:60], |username|) : username;
	print fmt("%s %s asks %s at %s%s", network_time(), c$id$orig_p, shown, hostname, full ? " in full" : "");
	}

event finger_reply(c: connection, reply_line: string)
	{
	print fmt("%s %s is told %s", network_time(), c$id$orig_p, |reply_line| > 60 ? reply_line[0:60] : reply_line);
	}
