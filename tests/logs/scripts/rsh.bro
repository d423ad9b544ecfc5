event rsh_reply(c: connection, client_user: string, server_user: string, line: string)
	{
	print fmt("%s as %s: %s", client_user, server_user, line);
	}
