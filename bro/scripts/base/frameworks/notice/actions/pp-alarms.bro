##! Alarms in a form for people: what came since the last mail, with the names of hosts, in one mail from time to time.

@load ../main
@load ../mail

module Notice;

export {
	## Whether alarms are mailed in this form rather than as rows of their log.
	const pretty_print_alarms = T &redef;

	## Whom they are mailed to.  Empty: :bro:id:`Notice::mail_dest`.
	const mail_dest_pretty_printed = "" &redef;

	## The file they are collected in.
	const pp_alarms_name = "alarm-mail.txt" &redef;

	## Networks whose hosts are of interest: alarms about them are marked with ``>``.
	global flag_nets: set[subnet] &redef;

	## Whether alarms are collected in the file also from captures and without anybody to mail them to.  The file then
	## stays.
	global force_email_summaries = F &redef;

	## Writes an alarm in this form.  A site may put another function in its place.
	##
	## out: the file to write to.
	##
	## n: the alarm.
	global pretty_print_alarm: function(out: file, n: Notice::Info) &redef;
}

# What is being written, if it is open.
global pp_alarms: file;
global pp_alarms_open = F;

# How long names of hosts are waited for.
const name_timeout = 5 secs;

# Whom alarms in this form go to.
function pp_dest(): string
	{
	return mail_dest_pretty_printed != "" ? mail_dest_pretty_printed : mail_dest;
	}

# Whether alarms are collected in this form.
function want_pp(): bool
	{
	if ( force_email_summaries )
		return T;

	return pretty_print_alarms && ! reading_traces() && pp_dest() != "";
	}

# Opens the file unless it is.
function pp_open()
	{
	if ( pp_alarms_open )
		return;

	pp_alarms = open(pp_alarms_name);
	pp_alarms_open = T;
	}

# Closes the file and mails what is in it.
function pp_send(rinfo: Log::RotationInfo)
	{
	if ( ! pp_alarms_open )
		return;

	write_file(pp_alarms, "\n--\n[Automatically generated]\n\n");
	close(pp_alarms);
	pp_alarms_open = F;

	if ( reading_traces() || pp_dest() == "" )
		return;

	local from = strftime("%Y-%m-%d %H:%M:%S", rinfo$open);
	local to = strftime("%Y-%m-%d %H:%M:%S", rinfo$close);
	local head_name = pp_alarms_name + ".head";
	local head = open(head_name);
	write_file(head, email_headers(fmt("Alarms from %s to %s", from, to), pp_dest()) + "\n");
	close(head);

	local both = fmt("%s %s", safe_shell_quote(head_name), safe_shell_quote(pp_alarms_name));
	system(fmt("cat %s | %s && rm -f %s", both, mail_command(), both));
	}

# Runs when the log of alarms is rotated.
function pp_postprocessor(info: Log::RotationInfo): bool
	{
	if ( want_pp() )
		pp_send(info);

	return T;
	}

event zeek_init() &priority=4
	{
	# Nothing is written here, but there are rotations.
	if ( want_pp() )
		Log::add_filter(Notice::ALARM_LOG, Log::Filter($name="alarm-mail", $path="alarm-mail", $writer=Log::WRITER_NONE,
		                                               $interv=24 hrs, $postprocessor=pp_postprocessor));
	}

hook notice(n: Notice::Info) &priority=-5
	{
	if ( ACTION_ALARM !in n$actions || ! want_pp() )
		return;

	pp_open();
	pretty_print_alarm(pp_alarms, n);
	}

# Writes the lines of an alarm, empty ones left out.
# The parameters have the names that callers may give.  # lint: ignore B404
function do_msg(out: file, n: Notice::Info, line1: string, line2: string, line3: string, host1: addr, name1: string,
                host2: addr, name2: string)
	{
	# The file may have been mailed while names were waited for.
	if ( ! active_file(out) )
		{
		pp_open();
		out = pp_alarms;
		}

	local text = fmt("%s\n", line1);
	for ( _, l in vector(line2, line3) )
		if ( l != "" )
			text += fmt("      %s\n", l);
	if ( name1 != "" )
		text += fmt("      %s is %s\n", host1, name1);
	if ( name2 != "" )
		text += fmt("      %s is %s\n", host2, name2);
	write_file(out, text + "\n");
	}

function pretty_print_alarm(out: file, n: Notice::Info)
	{
	local hosts: vector of addr;
	local who = "";
	if ( n?$id )
		{
		hosts = vector(n$id$orig_h, n$id$resp_h);
		who = fmt("%s:%s -> %s:%s", n$id$orig_h, port_to_count(n$id$orig_p), n$id$resp_h, n$id$resp_p);
		}
	else if ( n?$src && n?$dst )
		{
		hosts = vector(n$src, n$dst);
		who = fmt("%s -> %s%s", n$src, n$dst, n?$p ? fmt(":%s", n$p) : "");
		}
	else if ( n?$src )
		{
		hosts = vector(n$src);
		who = fmt("%s%s", n$src, n?$p ? fmt(" (port %s)", n$p) : "");
		}

	if ( n?$uid )
		who += fmt(" (uid %s)", n$uid);

	local mark = " ";
	for ( _, host in hosts )
		if ( host in flag_nets )
			mark = ">";

	local line1 = fmt("%s %s %s %s", mark, strftime("%Y-%m-%d %H:%M:%S", n$ts), n$note, who);
	local line2 = n?$msg ? clean(n$msg) : "";
	local line3 = n?$sub ? clean(n$sub) : "";

	if ( |hosts| == 0 || reading_traces() )
		{
		do_msg(out, n, line1, line2, line3, 0.0.0.0, "", 0.0.0.0, "");
		return;
		}

	local h1 = hosts[0];
	if ( |hosts| == 1 )
		{
		when [out, n, line1, line2, line3, h1] ( local name = lookup_addr(h1) )
			{
			do_msg(out, n, line1, line2, line3, h1, name, 0.0.0.0, "");
			}
		timeout name_timeout
			{
			do_msg(out, n, line1, line2, line3, h1, "", 0.0.0.0, "");
			}
		return;
		}

	local h2 = hosts[1];
	when [out, n, line1, line2, line3, h1, h2] ( local name1 = lookup_addr(h1) )
		{
		when [out, n, line1, line2, line3, h1, h2, name1] ( local name2 = lookup_addr(h2) )
			{
			do_msg(out, n, line1, line2, line3, h1, name1, h2, name2);
			}
		timeout name_timeout
			{
			do_msg(out, n, line1, line2, line3, h1, name1, h2, "");
			}
		}
	timeout name_timeout
		{
		do_msg(out, n, line1, line2, line3, h1, "", h2, "");
		}
	}
