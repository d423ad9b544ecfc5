##! The names of hosts in mails about notices.

@load base/frameworks/notice

module Notice;

# Adds a host's name to the mail about a notice, which waits for it.
function add_host_name(n: Notice::Info, host: addr, what: string)
	{
	local token = fmt("hostname of the %s", what);
	if ( ! n?$email_delay_tokens )
		n$email_delay_tokens = set();
	if ( ! n?$email_body_sections )
		n$email_body_sections = vector();
	add n$email_delay_tokens[token];

	when [n, host, what, token] ( local name = lookup_addr(host) )
		{
		n$email_body_sections += fmt("The %s, %s, is %s", what, host, name);
		delete n$email_delay_tokens[token];
		}
	}

# Comes before the mail is sent.
hook notice(n: Notice::Info) &priority=10
	{
	if ( ACTION_EMAIL !in n$actions && ACTION_EMAIL_ADMIN !in n$actions )
		return;

	if ( n?$src )
		add_host_name(n, n$src, "source");
	if ( n?$dst )
		add_host_name(n, n$dst, "destination");
	}
