##! The log of what TCP servers say before their clients have spoken: banners.log, with whether that is certain.

@load base/frameworks/logging

module Banners;

export {
	redef enum Log::ID += {
		## The log of banners.
		LOG
	};

	## Decides which rows go into that log.
	global log_policy: Log::PolicyHook;

	## A row of banners.log.
	type Info: record {
		## When it was complete: when the client spoke, or the server ended.
		ts: time &log;
		## Unique id of the connection.
		uid: string &log;
		## Endpoints of the connection.
		id: conn_id &log;
		## What the server said, at most :bro:id:`tcp_banner_size` bytes.
		banner: string &log;
		## Whether it is certain that the server began with this, and had heard nothing of the client: the handshake
		## was seen, no byte before or within the banner was missed, and the server's packets acknowledge none of the
		## client's data.
		certain: bool &log;
	};

	## Whether banners are logged that are not certain.
	option log_uncertain = T;

	## Raised with every row of banners.log.
	global log_banner: event(rec: Info);
}

event zeek_init() &priority=5
	{
	Log::create_stream(LOG, Log::Stream($columns=Info, $ev=log_banner, $path="banners", $policy=log_policy));
	}

event tcp_banner(c: connection, is_orig: bool, contents: string, first: bool, certain: bool)
	{
	if ( is_orig || ! first || ! (certain || log_uncertain) )
		return;

	Log::write(LOG, Info($ts=network_time(), $uid=c$uid, $id=c$id, $banner=contents, $certain=certain));
	}
