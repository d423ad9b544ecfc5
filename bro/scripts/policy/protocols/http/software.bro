##! Notes the software that clients and servers of HTTP name.

@load base/frameworks/software

module HTTP;

export {
	redef enum Software::Type += {
		## A server.
		SERVER,
		## What runs behind it.
		APPSERVER,
		## A browser, or another client.
		BROWSER,
	};

	## Clients that are not noted.
	option ignored_user_agents = /NO_DEFAULT/;
}

event http_header(c: connection, is_orig: bool, name: string, value: string) &priority=2
	{
	if ( is_orig )
		{
		if ( name == "USER-AGENT" && ignored_user_agents !in value )
			Software::found(c$id, Software::Info($unparsed_version=value, $host=c$id$orig_h,
			                                     $software_type=BROWSER));
		return;
		}

	if ( name == "SERVER" )
		Software::found(c$id, Software::Info($unparsed_version=value, $host=c$id$resp_h, $host_p=c$id$resp_p,
		                                     $software_type=SERVER));
	else if ( name == "X-POWERED-BY" )
		Software::found(c$id, Software::Info($unparsed_version=value, $host=c$id$resp_h, $host_p=c$id$resp_p,
		                                     $software_type=APPSERVER));
	}
