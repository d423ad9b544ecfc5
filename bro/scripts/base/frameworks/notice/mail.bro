##! Mailing notices.

@load ./main

## A mail that had to wait is to be sent, or to wait on.
##
## n: the notice.
##
## dest: whom to.
##
## extend: whether to add what scripts wanted to.
global delay_sending_email: event(n: Notice::Info, dest: string, extend: bool);

module Notice;

export {
	## The program that takes mail on its standard input and sends it.
	option sendmail = "/usr/sbin/sendmail";

	## Whom notices are mailed to.  Empty: nobody.
	const mail_dest = "" &redef;

	## Whom notices are mailed from.
	option mail_from = "Zeek <zeek@localhost>";

	## Whom answers go to.  Empty: whom they are from.
	option reply_to = "";

	## Begins the subject.
	option mail_subject_prefix = "[Zeek]";

	## How long a mail waits for what scripts want to add, see ``email_delay_tokens``.
	const max_email_delay = 15 secs &redef;

	## Returns the header of a mail.
	##
	## subject_desc: the subject, without the prefix.
	##
	## dest: whom it goes to.
	global email_headers: function(subject_desc: string, dest: string): string;

	## Mails a notice.
	##
	## n: the notice.
	##
	## dest: whom to.
	##
	## extend: whether to wait for what scripts want to add, and add it.
	global email_notice_to: function(n: Notice::Info, dest: string, extend: bool);

	## Mails a log that was rotated, and deletes it.  A postprocessor for filters of logs.
	##
	## info: the log.
	##
	## Returns: whether it was mailed.
	global log_mailing_postprocessor: function(info: Log::RotationInfo): bool;
}

# Whether there is a program that sends mail; the lack of it is told once.
global sendmail_is_there = T;

# The shell command that sends the mail on its standard input.
function mail_command(): string
	{
	if ( sendmail_is_there && file_size(sendmail) < 0 )
		{
		sendmail_is_there = F;
		Reporter::error(fmt("mail cannot be sent: there is no %s; set Notice::sendmail to the program that sends it",
		                    sendmail));
		}

	return fmt("%s -t -oi", safe_shell_quote(sendmail));
	}

# Behind the creation of the log.
event zeek_init() &priority=4
	{
	if ( mail_dest == "" || reading_traces() )
		return;

	mail_command();

	# Alarms are collected in a log of their own that is mailed when it is rotated.
	if ( ! want_pp() )
		Log::add_filter(Notice::ALARM_LOG, Log::Filter($name="alarm-mail", $path="alarm-mail", $writer=Log::WRITER_ASCII,
		                                               $interv=24 hrs, $postprocessor=log_mailing_postprocessor));
	}

function log_mailing_postprocessor(info: Log::RotationInfo): bool
	{
	if ( reading_traces() || mail_dest == "" )
		return F;

	local head = info$fname + ".mail";
	local out = open(head);
	write_file(out, email_headers(fmt("Contents of %s", info$fname), mail_dest) + "\n");
	close(out);

	head = safe_shell_quote(head);
	local content = safe_shell_quote(info$fname);
	return system(fmt("cat %s %s | %s && rm -f %s %s", head, content, mail_command(), head, content)) == 0;
	}

function email_headers(subject_desc: string, dest: string): string
	{
	local answers = reply_to == "" ? "" : fmt("Reply-To: %s\n", reply_to);
	return cat("From: ", mail_from, "\n",
	           "Subject: ", mail_subject_prefix, " ", subject_desc, "\n",
	           "To: ", dest, "\n", answers, "User-Agent: Bro/", zeek_version(), "\n");
	}

# A line with a name and a value.
function line(name: string, value: any): string
	{
	return fmt("%s: %s\n", name, value);
	}

# The mail about a notice.
function mail_text(n: Notice::Info, dest: string, extend: bool): string
	{
	# The subject is one line whatever the message has in it.
	local text = email_headers(fmt("%s", n$note), dest) + "\n";

	text += line("Message", n?$msg ? clean(n$msg) : "");
	if ( n?$sub )
		text += line("Sub-message", clean(n$sub));
	text += "\n";
	if ( n?$id )
		text += line("Connection", id_string(n$id));
	if ( n?$uid )
		text += line("Connection uid", n$uid);
	else if ( n?$src )
		text += line("Address", n$src);
	if ( n?$file_desc )
		text += line("File", clean(n$file_desc));
	text += line("Time", strftime("%Y-%m-%d %H:%M:%S", n$ts));

	if ( extend && n?$email_body_sections )
		for ( _, section in n$email_body_sections )
			text += "\n" + section + "\n";

	return text + "\n--\n[Automatically generated]\n\n";
	}

function email_notice_to(n: Notice::Info, dest: string, extend: bool)
	{
	# A capture that is looked at later alarms nobody.
	if ( reading_traces() || dest == "" )
		return;

	if ( extend && n?$email_delay_tokens && |n$email_delay_tokens| > 0 )
		{
		when [n, dest] ( |n$email_delay_tokens| == 0 )
			{
			event delay_sending_email(n, dest, T);
			}
		timeout max_email_delay
			{
			n$email_delay_tokens = set();
			event delay_sending_email(n, dest, T);
			}
		return;
		}

	# Packets do not wait for the mail to be sent.
	piped_exec(fmt("{ %s <&3 3<&- & } 3<&0", mail_command()), mail_text(n, dest, extend));
	}

event delay_sending_email(n: Notice::Info, dest: string, extend: bool)
	{
	email_notice_to(n, dest, extend);
	}

hook Notice::policy(n: Notice::Info) &priority=-10
	{
	if ( ACTION_EMAIL in n$actions && |n$email_dest| == 0 && mail_dest != "" )
		add n$email_dest[mail_dest];
	}

hook Notice::notice(n: Notice::Info) &priority=-5
	{
	if ( ACTION_EMAIL in n$actions )
		for ( dest in n$email_dest )
			email_notice_to(n, dest, T);
	}
