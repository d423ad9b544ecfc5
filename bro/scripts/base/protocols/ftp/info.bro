##! What is known of an FTP session, and the columns of ftp.log.

@load ./utils-commands

module FTP;

export {
	## A data connection that is expected.
	type ExpectedDataChannel: record {
		## Whether the server waits for it (PASV, EPSV) or the client (PORT, EPRT).
		passive: bool &log;
		## Who opens it.
		orig_h: addr &log;
		## Who waits for it.
		resp_h: addr &log;
		## At which port.
		resp_p: port &log;
	};

	## Names by which servers let anybody in; the passwords that go with them are no secrets.
	option guest_ids = { "anonymous", "ftp", "ftpuser", "guest" };

	## Whether passwords of others are kept, and logged.
	option default_capture_password = F;

	## A session of FTP; those of its fields that are logged describe a command in ftp.log.
	type Info: record {
		## When the command was sent.
		ts: time &log;
		## Unique id of the control connection.
		uid: string &log;
		## Its endpoints.
		id: conn_id &log;
		## Who the client says it is.
		user: string &log &default="<unknown>";
		## The password to that, if it is a guest's, or if passwords are kept; otherwise ``<hidden>``.
		password: string &log &optional;
		## The command.
		command: string &log &optional;
		## What it is about; for files their URL.
		arg: string &log &optional;
		## MIME type of the file that was transferred.
		mime_type: string &log &optional;
		## Size of that file, as the server gives it.
		file_size: count &log &optional;
		## Code of the reply.
		reply_code: count &log &optional;
		## Text of the reply.
		reply_msg: string &log &optional;
		## The data connection that the command or its reply announces.
		data_channel: ExpectedDataChannel &log &optional;

		## The directory in which the client is; ``.`` as long as that is not known.
		cwd: string &default=".";
		## The command that the reply was to.
		cmdarg: CmdArg &optional;
		## Commands with their replies outstanding.
		pending_commands: PendingCmds;
		## Commands so far.
		command_seq: count &default=0;
		## Whether data connections are opened by the client.
		passive: bool &default=F;
		## Whether the password is kept.
		capture_password: bool &default=default_capture_password;
		## Unique id of the file that was transferred.
		fuid: string &optional &log;
		## The mechanism of authentication that was asked for last.
		last_auth_requested: string &optional;
	};
}
