##! The action of mailing a notice to a pager.

@load ../main
@load ../mail

module Notice;

export {
	redef enum Action += {
		## It is mailed to :bro:id:`Notice::mail_page_dest`.
		ACTION_PAGE
	};

	## Mail address of the pager.
	option mail_page_dest = "";
}

hook notice(n: Notice::Info)
	{
	if ( ACTION_PAGE in n$actions )
		email_notice_to(n, mail_page_dest, F);
	}
