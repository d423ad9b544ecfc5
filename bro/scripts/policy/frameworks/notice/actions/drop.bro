##! Carries out the action of cutting off the host that a notice is about, by the packet filter: see
##! :bro:id:`Response::enabled`, without which nothing is blocked.

@load base/frameworks/notice
@load policy/frameworks/response

module Notice;

export {
	redef record Info += {
		## Whether its source was blocked, or would have been with :bro:id:`Response::dry_run`.
		dropped: bool &log &default=F;
	};
}

# Comes before the notice is logged.
hook notice(n: Notice::Info) &priority=5
	{
	if ( ACTION_DROP in n$actions && n?$src )
		n$dropped = Response::block_host(n$src, Response::notice_duration, fmt("%s", n$note));
	}
