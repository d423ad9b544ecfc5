##! The action of mailing those who look after the addresses a notice is about.

@load ../main
@load ../mail
@load base/utils/site

module Notice;

export {
	redef enum Action += {
		## It is mailed to those who look after the addresses, by :bro:id:`Site::local_admins`.
		ACTION_EMAIL_ADMIN
	};
}

hook notice(n: Notice::Info)
	{
	if ( ACTION_EMAIL_ADMIN !in n$actions )
		return;

	local admins = "";
	if ( n?$src )
		admins = Site::get_emails(n$src);
	if ( n?$dst )
		admins = cat(admins, admins == "" ? "" : ", ", Site::get_emails(n$dst));

	if ( admins != "" )
		email_notice_to(n, admins, T);
	}
